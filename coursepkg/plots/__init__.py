"""One function for each kind of picture: it takes arrays, returns a matplotlib Figure and never shows it itself.

What only one chapter draws is in `coursepkg.figures`.
"""

from coursepkg.plots.bars import bars
from coursepkg.plots.curves import curves, learning_curves
from coursepkg.plots.descents import descents
from coursepkg.plots.dots import dots
from coursepkg.plots.images import colored_points, histogram, image_grid
from coursepkg.plots.layers import layer_diagram
from coursepkg.plots.models import calibration, confusion_matrix, residuals
from coursepkg.plots.network import network_diagram
from coursepkg.plots.planes import Line, Plane, decision_boundary, planes
from coursepkg.plots.predictions import prediction_grid
from coursepkg.plots.search import aligned, search_progress
from coursepkg.plots.style import COLORS, MARKERS
from coursepkg.plots.trials import importance_bars, parallel_coordinates, slice_plot

__all__ = [
    "COLORS",
    "Line",
    "MARKERS",
    "Plane",
    "aligned",
    "bars",
    "calibration",
    "colored_points",
    "confusion_matrix",
    "curves",
    "decision_boundary",
    "descents",
    "dots",
    "histogram",
    "image_grid",
    "importance_bars",
    "layer_diagram",
    "learning_curves",
    "network_diagram",
    "parallel_coordinates",
    "planes",
    "prediction_grid",
    "residuals",
    "search_progress",
    "slice_plot",
]
