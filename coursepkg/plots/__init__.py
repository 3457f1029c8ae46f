"""One function for each kind of picture: it takes arrays, returns a matplotlib Figure and never shows it itself."""

from coursepkg.plots.curves import curves, learning_curves
from coursepkg.plots.images import colored_points, histogram, image_grid
from coursepkg.plots.models import boundaries_over_training, calibration, confusion_matrix, hidden_units, residuals
from coursepkg.plots.network import network_diagram
from coursepkg.plots.paths import Moving, descent_animation, descent_paths
from coursepkg.plots.planes import Line, Plane, decision_boundary, planes
from coursepkg.plots.signals import computation_graph
from coursepkg.plots.spreads import bands, dots
from coursepkg.plots.style import COLORS, MARKERS

__all__ = [
    "COLORS",
    "Line",
    "MARKERS",
    "Moving",
    "Plane",
    "bands",
    "boundaries_over_training",
    "calibration",
    "colored_points",
    "computation_graph",
    "confusion_matrix",
    "curves",
    "decision_boundary",
    "descent_animation",
    "descent_paths",
    "dots",
    "hidden_units",
    "histogram",
    "image_grid",
    "learning_curves",
    "network_diagram",
    "planes",
    "residuals",
]
