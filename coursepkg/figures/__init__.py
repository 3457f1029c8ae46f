"""Pictures that one chapter draws, each in the module of its chapter; `coursepkg.plots` has what several draw."""
