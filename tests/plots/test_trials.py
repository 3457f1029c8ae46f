"""Pictures of trials: heights, order and colors are read back from the figures."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from coursepkg.plots.trials import importance_bars, parallel_coordinates, slice_plot

TRIALS = pd.DataFrame(
    {
        "rate": [0.001, 0.1, 0.01, 0.01],
        "kind": ["relu", "tanh", "relu", "relu"],
        "slope": [0.2, np.nan, 0.4, 0.3],
        "accuracy": [0.7, 0.9, 0.8, np.nan],
    }
)


def test_each_scored_trial_is_a_line_at_the_heights_of_its_values():
    figure = parallel_coordinates(TRIALS, ["rate", "kind", "slope"], score="accuracy", log=["rate"])
    lines = figure.axes[0].get_lines()[-3:]
    np.testing.assert_allclose(lines[0].get_ydata(), [0, 0, 0, 0])
    np.testing.assert_allclose(lines[1].get_ydata(), [0.5, 0, 1, 0.5])
    np.testing.assert_allclose(lines[2].get_ydata(), [1, 1, -0.12, 1])  # the best is drawn last
    assert plt.get_fignums() == []
    texts = [text.get_text() for text in figure.axes[0].texts]
    assert texts[:3] == ["0.001", "0.01", "0.1"]
    assert {"relu", "tanh"} <= set(texts)


def test_low_scores_may_be_the_good_ones():
    figure = parallel_coordinates(TRIALS, ["rate"], score="accuracy", best="low")
    np.testing.assert_allclose(figure.axes[0].get_lines()[-1].get_ydata(), [0, 0])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: parallel_coordinates(TRIALS, ["units"], score="accuracy"), "no column 'units'; there are rate, kind"),
        (lambda: parallel_coordinates(TRIALS.iloc[3:], ["rate"], score="accuracy"), "no trial has a score"),
        (lambda: parallel_coordinates(TRIALS, ["rate"], score="accuracy", best="top"), "best must be .*'top'"),
        (lambda: importance_bars(pd.DataFrame({"mean": [1]})), "columns mean and std; got mean"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_a_logarithm_needs_positive_values():
    trials = pd.DataFrame({"rate": [0.0, 1.0], "accuracy": [0.5, 0.6]})
    with pytest.raises(ValueError, match="logarithmic column 'rate' must hold values > 0; got 0.0"):
        parallel_coordinates(trials, ["rate"], score="accuracy", log=["rate"])


def test_bars_have_the_lengths_and_spreads_of_the_table():
    table = pd.DataFrame({"mean": [0.5, -0.1], "std": [0.2, 0.1]}, index=["rate", "units"])
    (axis,) = importance_bars(table).axes
    assert [patch.get_width() for patch in axis.patches] == [0.5, -0.1]
    assert [label.get_text() for label in axis.get_yticklabels()] == ["rate", "units"]
    assert axis.yaxis_inverted()
    spread = axis.collections[0].get_segments()
    np.testing.assert_allclose(spread[0][:, 0], [0.3, 0.7])


def test_a_panel_has_a_dot_for_each_trial_that_has_score_and_hyperparameter():
    rate, kind, slope = slice_plot(TRIALS, ["rate", "kind", "slope"], score="accuracy", log=["rate"]).axes
    np.testing.assert_allclose(rate.get_lines()[0].get_xydata(), [[0.001, 0.7], [0.1, 0.9], [0.01, 0.8]])
    assert [label.get_text() for label in kind.get_xticklabels()] == ["relu", "tanh"]
    np.testing.assert_allclose(slope.get_lines()[0].get_xydata(), [[0.2, 0.7], [0.4, 0.8]])
    assert (rate.get_xscale(), kind.get_xscale(), slope.get_xscale()) == ("log", "linear", "linear")
    assert len({axis.get_ylim() for axis in (rate, kind, slope)}) == 1
    assert [axis.get_xlabel() for axis in (rate, kind, slope)] == ["rate", "kind", "slope"]
    assert rate.get_ylabel() == "accuracy"


@pytest.mark.parametrize(
    ("trials", "columns", "message"),
    [
        (TRIALS, ["units"], "no column 'units'; there are rate, kind"),
        (TRIALS.iloc[3:], ["rate"], "no trial has a score in 'accuracy'"),
        (TRIALS.assign(rate=[0.0, 1, 1, 1]), ["rate"], "'rate' must hold values > 0; got 0.0"),
    ],
)
def test_panels_refuse_what_they_cannot_show(trials, columns, message):
    with pytest.raises(ValueError, match=message):
        slice_plot(trials, columns, score="accuracy", log=["rate"])


def test_the_lowest_scores_are_diamonds_in_each_panel_where_they_have_a_dot():
    trials = pd.DataFrame({"rate": [0.1, 0.01, 1.0, 0.3], "units": [8, 16, 32, 64], "loss": [0.5, 0.9, np.nan, 0.4]})
    columns = {"rate": "learning rate", "units": "units"}
    options = {"y_label": "validation loss", "y_scale": "log", "best": 2, "log": ["rate"]}
    rate, units = slice_plot(trials, columns, score="loss", **options).axes
    assert [[*line.get_xdata()] for line in rate.get_lines()] == [[0.01], [0.1, 0.3]]
    assert [[*line.get_ydata()] for line in units.get_lines()] == [[0.9], [0.5, 0.4]]
    assert [line.get_marker() for line in units.get_lines()] == ["o", "D"]
    assert (rate.get_xlabel(), rate.get_ylabel()) == ("learning rate", "validation loss")
    assert {axis.get_yscale() for axis in (rate, units)} == {"log"}
    with pytest.raises(ValueError, match="y_scale"):
        slice_plot(trials, columns, score="loss", y_scale="square")
