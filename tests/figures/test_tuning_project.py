"""Axis plots: what is drawn is read back from the axes."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest

from coursepkg.figures.tuning_project import axis_plots
from coursepkg.search import Choice, Float, Int, Space

SPACE = Space([Float("rate", 0.001, 1, log=True), Int("units", 1, 9), Choice("activation", ["relu", "tanh"])])
CONFIGS = [SPACE.sample(np.random.default_rng(seed)) for seed in range(20)]
LOSSES = np.array([np.inf, *np.linspace(0.1, 2, 19)])


def test_each_parameter_has_a_panel_with_all_finite_trials():
    figure = axis_plots(CONFIGS, LOSSES, SPACE, y_label="loss", best=0.2, columns=2)
    assert plt.get_fignums() == []
    panels = [axis for axis in figure.axes if axis.get_visible()]
    assert [axis.get_xlabel() for axis in panels] == ["rate", "units", "activation"]
    assert [axis.get_xscale() for axis in panels] == ["log", "linear", "linear"]
    assert [tick.get_text() for tick in panels[0].get_xticklabels()] == ["0.001", "0.032", "1"]
    assert [tick.get_text() for tick in panels[2].get_xticklabels()] == ["relu", "tanh"]
    others, best = panels[0].get_lines()
    order = np.argsort(LOSSES)
    np.testing.assert_array_equal(best.get_ydata(), np.sort(LOSSES)[: len(best.get_ydata())])
    np.testing.assert_array_equal(best.get_xdata(), [CONFIGS[i]["rate"] for i in order[: len(best.get_xdata())]])
    assert len(best.get_ydata()) == 4
    assert len(others.get_ydata()) == 15
    assert others.get_ydata().min() > best.get_ydata().max()
    choices = np.concatenate([line.get_xdata() for line in panels[2].get_lines()])
    assert set(choices.round()) == {0, 1}


def test_bad_input_is_named():
    with pytest.raises(ValueError, match="one configuration a loss; got 20 and 2"):
        axis_plots(CONFIGS, [1, 2], SPACE, y_label="loss")
