"""One function for each kind of picture: it takes arrays, returns a matplotlib Figure and never shows it itself."""

from coursepkg.plots.curves import curves, learning_curves
from coursepkg.plots.images import colored_points, histogram, image_grid
from coursepkg.plots.network import network_diagram
from coursepkg.plots.planes import Line, Plane, decision_boundary, planes
from coursepkg.plots.style import COLORS, MARKERS

__all__ = [
    "COLORS",
    "MARKERS",
    "Line",
    "Plane",
    "colored_points",
    "curves",
    "decision_boundary",
    "histogram",
    "image_grid",
    "learning_curves",
    "network_diagram",
    "planes",
]
