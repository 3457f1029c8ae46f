"""Every thinned network is drawn once, with the connections of the units that are there."""

from __future__ import annotations

import numpy as np
import pytest

from coursepkg.figures.regularization import thinned_networks


@pytest.mark.parametrize("n_hidden", [1, 3, 4])
def test_every_subset_of_the_units_is_drawn_once(n_hidden):
    figure = thinned_networks(n_hidden, n_inputs=3, n_outputs=2)
    assert len(figure.axes) == 2**n_hidden
    subsets = set()
    for axis in figure.axes:
        inputs, outputs, there, *gone = axis.collections
        heights = there.get_offsets()[:, 1]
        subsets.add(tuple(np.sort(heights)))
        assert len(inputs.get_offsets()) == 3
        assert len(outputs.get_offsets()) == 2
        assert sum(len(points.get_offsets()) for points in gone) == n_hidden - len(heights)
        assert len(axis.lines) == len(heights) * (3 + 2)
        ends = {float(y) for line in axis.lines for x, y in zip(*line.get_data(), strict=True) if x == 1}
        assert ends == set(heights.tolist())
        assert axis.get_title() == f"{len(heights)} of {n_hidden}"
    assert len(subsets) == 2**n_hidden
    assert len(figure.axes[0].lines) == n_hidden * 5  # the full one comes first


def test_too_many_units_are_refused():
    with pytest.raises(ValueError, match="n_hidden"):
        thinned_networks(6)
