"""Trials along each axis: what is drawn is read back from the figure."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from coursepkg.figures.workflow import axis_plots

TRIALS = pd.DataFrame({"rate": [0.1, 0.01, 1.0, 0.3], "units": [8, 16, 32, 64], "loss": [0.5, 0.9, np.nan, 0.4]})
COLUMNS = {"rate": "learning rate", "units": "units"}
ALL = {"axis_plots": lambda: axis_plots(TRIALS, COLUMNS, score="loss", y_label="loss")}


@pytest.mark.parametrize("draw", ALL.values(), ids=ALL)
def test_a_picture_is_a_closed_figure_in_the_course_style(draw):
    figure = draw()
    assert isinstance(figure, Figure)
    assert plt.get_fignums() == []
    assert figure.get_dpi() == 130
    figure.canvas.draw()


def test_the_best_trials_are_marked_in_each_panel_and_one_without_a_score_is_left_out():
    figure = axis_plots(TRIALS, COLUMNS, score="loss", y_label="validation loss", best=2, log=["rate"])
    rate, units = figure.axes
    assert [[*line.get_xdata()] for line in rate.get_lines()] == [[0.01], [0.3, 0.1]]
    assert [[*line.get_ydata()] for line in units.get_lines()] == [[0.9], [0.4, 0.5]]
    assert (rate.get_xscale(), units.get_xscale()) == ("log", "linear")
    assert (rate.get_xlabel(), rate.get_ylabel()) == ("learning rate", "validation loss")


def test_a_missing_column_is_named():
    with pytest.raises(ValueError, match="trials has no column 'depth'; there are rate, units, loss"):
        axis_plots(TRIALS, {"depth": "depth"}, score="loss", y_label="loss")
