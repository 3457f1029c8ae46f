"""Companion package of the course: data, NumPy from scratch, Keras helpers, plots and exercise checks.

Importing the package itself loads nothing heavy; import the room that you need, for example
``from coursepkg.scratch import Perceptron``.
"""

__version__ = "0.1.0"
