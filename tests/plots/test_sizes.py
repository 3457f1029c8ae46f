import numpy as np
import pytest

from coursepkg.plots.sizes import bands_by_size

LABELS = {"x_label": "parameters", "y_label": "error"}


def test_each_method_has_its_own_sizes_and_the_band_spans_its_runs():
    results = {"flat": ([5], [[1.0], [3.0]]), "deep": ([10, 20, 40], [[3, 2, 1], [5, 4, 0.5], [4, 9, 2]])}
    axis = bands_by_size(results, **LABELS, levels={"noise": 0.4}).axes[0]
    flat, deep, level = axis.get_lines()
    assert (flat.get_xdata().tolist(), flat.get_ydata().tolist()) == ([5], [2])
    assert (deep.get_xdata().tolist(), deep.get_ydata().tolist()) == ([10, 20, 40], [4, 4, 1])
    assert set(level.get_ydata()) == {0.4}
    bar, band = axis.collections
    np.testing.assert_allclose(bar.get_segments()[0][:, 1], [1, 3])
    outline = band.get_paths()[0].vertices
    assert [outline[outline[:, 0] == x][:, 1].max() for x in (10, 20, 40)] == [5, 9, 2]
    assert [outline[outline[:, 0] == x][:, 1].min() for x in (10, 20, 40)] == [3, 2, 0.5]
    assert axis.get_xscale() == "log"


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [([150, 2500], ["200", "500", "1,000", "2,000"]), ([2e3, 2e6], ["10,000", "100,000", "1,000,000"])],
)
def test_sizes_are_labeled_with_round_numbers(sizes, expected):
    figure = bands_by_size({"deep": (sizes, [[1, 2]])}, **LABELS)
    figure.draw_without_rendering()
    axis = figure.axes[0]
    low, high = axis.get_xlim()
    shown = zip(axis.get_xticks(), axis.get_xticklabels(), strict=True)
    assert [label.get_text() for place, label in shown if low <= place <= high] == expected


@pytest.mark.parametrize(
    ("results", "options", "message"),
    [
        ({}, {}, "at least one method"),
        ({"deep": ([1, 2], [[1, 2, 3]])}, {}, r"runs of 'deep' must have 2 column\(s\); got shape \(1, 3\)"),
        ({"deep": ([1], [[1]])}, {"x_scale": "cubic"}, "x_scale must be one of 'linear', 'log'; got 'cubic'"),
    ],
)
def test_bad_input_is_named(results, options, message):
    with pytest.raises(ValueError, match=message):
        bands_by_size(results, **LABELS, **options)
