"""The gallery of curves: what was drawn is read back from the axes."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest

from coursepkg.figures.diagnosis import gallery

RUNS = {
    "A": {"loss": [0.9, 0.5, 0.4], "val_loss": [0.8, 0.6, 0.7]},
    "B": {"loss": [0.9, np.inf, np.nan]},
    "C": {"loss": [0.1, -0.2, -0.3]},
    "D": {"loss": [np.nan, np.nan]},
}


def test_each_run_has_a_panel_with_its_losses():
    figure = gallery(RUNS, columns=3, level=2.3)
    shown = [axis for axis in figure.axes if axis.get_visible()]
    assert [axis.get_title() for axis in shown] == list(RUNS)
    lines = {line.get_label(): line for line in shown[0].get_lines()}
    np.testing.assert_array_equal(lines["training"].get_ydata(), [0.9, 0.5, 0.4])
    np.testing.assert_array_equal(lines["validation"].get_ydata(), [0.8, 0.6, 0.7])
    np.testing.assert_array_equal(lines["validation"].get_xdata(), [1, 2, 3])
    assert set(lines["a guess"].get_ydata()) == {2.3}
    np.testing.assert_array_equal(shown[1].get_lines()[0].get_ydata(), [0.9, np.nan, np.nan])
    assert [axis.get_ylim()[0] for axis in shown] == [0, 0, -0.3, 0]
    assert plt.get_fignums() == []


def test_errors():
    with pytest.raises(ValueError, match="histories is empty"):
        gallery({})
    with pytest.raises(ValueError, match="'A'.*needs \"loss\""):
        gallery({"A": {"val_loss": [1]}})
