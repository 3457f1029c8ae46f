"""Networks in the plane: what is drawn is read back from the figure."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from scipy.interpolate import RegularGridInterpolator

from coursepkg.figures.playground import boundaries_over_training, hidden_units
from coursepkg.scratch.playground import explore


@pytest.fixture(scope="module")
def run():
    return explore("xor", hidden=(3, 2), epochs=4, n_snapshots=3, resolution=30)


@pytest.fixture(scope="module")
def short_run():
    return explore("gauss", hidden=(), epochs=2, n_snapshots=1, resolution=12)


def test_every_picture_is_a_closed_figure_in_the_course_style(run):
    figures = [boundaries_over_training({"a": run}), hidden_units(run)]
    assert all(isinstance(figure, Figure) and figure.get_dpi() == 130 for figure in figures)
    assert plt.get_fignums() == []


PROBABILITIES = np.array([0, 0.05, 0.25, 0.5, 0.75, 0.95, 1])


def shades(axis, run, values, levels):
    """Return which shades are painted, and which should be, where no point, line or edge of a shade is near."""
    canvas = FigureCanvasAgg(axis.figure)
    canvas.draw()
    pixels = np.asarray(canvas.buffer_rgba())[::-1, :, :3].astype(int)
    colors = (255 * axis.collections[0].get_facecolor()[:, :3]).round()
    painted, expected = [], []
    for i, j in np.ndindex(values.shape):
        place = run.grid[[j, i]]
        is_inside = np.abs(place).max() < 5.5
        is_free = np.linalg.norm(run.X_train - place, axis=1).min() > 0.4
        if is_inside and is_free and np.abs(values[i, j] - levels).min() > 0.05:
            column, row = axis.transData.transform(place).astype(int)
            painted.append(int(np.abs(colors - pixels[row, column]).sum(axis=1).argmin()))
            expected.append(int(np.searchsorted(levels, values[i, j])) - 1)
    assert len(expected) > 10
    return painted, expected


def test_boundaries_show_each_snapshot_of_each_run(run):
    figure = boundaries_over_training({"a": run, "b": run})
    titles = [axis.get_title() for axis in figure.axes]
    assert titles == [*(f"epoch {epoch}" for epoch in run.epochs), "", "", ""]
    assert [axis.get_ylabel() for axis in figure.axes[::3]] == ["a\n$x_2$", "b\n$x_2$"]
    for snapshot in range(3):
        axis, values = figure.axes[3 + snapshot], run.boundaries[snapshot]
        painted, expected = shades(axis, run, values, PROBABILITIES)
        assert painted == expected
        line = axis.collections[1].get_paths()[0].vertices
        at_the_line = RegularGridInterpolator((run.grid, run.grid), values)(line[:, ::-1])
        np.testing.assert_allclose(at_the_line, 0.5, atol=0.05)


def test_an_undecided_network_and_one_of_a_single_answer_can_be_drawn(run):
    from dataclasses import replace

    same = replace(run, boundaries=np.full_like(run.boundaries, 0.5), hidden_units=[np.zeros((3, 2, 30, 30))])
    assert len(boundaries_over_training({"a": same}).axes) == 3
    assert len(hidden_units(same).axes) == 4


def test_columns_show_the_last_snapshot_of_each_run(run, short_run):
    figure = boundaries_over_training({"a": run, "b": short_run, "c": run}, columns=2)
    assert [axis.get_title() for axis in figure.axes] == ["a", "b", "c", ""]
    painted, expected = shades(figure.axes[2], run, run.boundaries[-1], PROBABILITIES)
    assert painted == expected


def test_hidden_units_show_every_unit_and_the_output(run):
    figure = hidden_units(run, snapshot=1)
    drawn = [axis for axis in figure.axes if axis.get_title()]
    assert len(drawn) == 3 + 2 + 1
    answers = run.hidden_units[1][1, 1]
    levels = np.linspace(answers.min(), answers.max(), 7)
    painted, expected = shades(drawn[4], run, answers, levels)
    assert painted == expected


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: boundaries_over_training({}), "runs must hold runs with the same number of snapshots"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises((TypeError, ValueError), match=message):
        call()


def test_runs_and_snapshots_that_do_not_fit_are_named(run, short_run):
    with pytest.raises(ValueError, match=r"same number of snapshots, at least one; got \{'a': 3, 'b': 1\}"):
        boundaries_over_training({"a": run, "b": short_run})
    with pytest.raises(ValueError, match=r"snapshot must be an integer in \[-3, 2\]; got 3"):
        hidden_units(run, snapshot=3)
