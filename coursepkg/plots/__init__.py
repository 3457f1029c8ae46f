"""One function for each kind of picture: it takes arrays, returns a matplotlib Figure and never shows it itself."""

from coursepkg.plots.amounts import bars
from coursepkg.plots.arrows import arrows
from coursepkg.plots.curves import curves, learning_curves
from coursepkg.plots.images import colored_points, histogram, image_grid
from coursepkg.plots.layers import layer_diagram
from coursepkg.plots.models import boundaries_over_training, calibration, confusion_matrix, hidden_units, residuals
from coursepkg.plots.network import network_diagram
from coursepkg.plots.paths import Moving, descent_animation, descent_paths
from coursepkg.plots.planes import Line, Plane, decision_boundary, planes
from coursepkg.plots.predictions import prediction_grid
from coursepkg.plots.rates import rate_curves
from coursepkg.plots.ridges import ridges
from coursepkg.plots.search import Belief, aligned, beliefs, search_planes, search_progress, stopped_curves
from coursepkg.plots.signals import computation_graph
from coursepkg.plots.sizes import bands_by_size
from coursepkg.plots.spreads import bands, dots
from coursepkg.plots.strata import strata
from coursepkg.plots.style import COLORS, MARKERS
from coursepkg.plots.timeline import hook_timeline
from coursepkg.plots.trials import call_sequence, importance_bars, parallel_coordinates

__all__ = [
    "Belief",
    "COLORS",
    "Line",
    "MARKERS",
    "Moving",
    "Plane",
    "aligned",
    "arrows",
    "bands",
    "bands_by_size",
    "bars",
    "beliefs",
    "boundaries_over_training",
    "calibration",
    "call_sequence",
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
    "hook_timeline",
    "image_grid",
    "importance_bars",
    "layer_diagram",
    "learning_curves",
    "network_diagram",
    "parallel_coordinates",
    "planes",
    "prediction_grid",
    "rate_curves",
    "residuals",
    "ridges",
    "search_planes",
    "search_progress",
    "stopped_curves",
    "strata",
]
