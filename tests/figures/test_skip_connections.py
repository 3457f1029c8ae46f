"""Blocks: boxes and ways are read back from the figure."""

from __future__ import annotations

import matplotlib.pyplot as plt
import pytest

from coursepkg.figures.skip_connections import blocks

CHAINS = {"plain": ["W", "ReLU"], "residual": ["W", "ReLU", "+"]}


def test_each_block_shows_its_boxes_from_the_bottom_and_its_ways():
    figure = blocks(CHAINS, skips={"residual": [(0, 3)]})
    assert plt.get_fignums() == []
    assert [axis.get_title() for axis in figure.axes] == list(CHAINS)
    for axis, boxes in zip(figure.axes, CHAINS.values(), strict=True):
        texts = sorted((text.get_position()[1], text.get_text()) for text in axis.texts if text.get_text())
        assert [text for _, text in texts] == boxes
    plain, residual = figure.axes
    assert plain.get_lines() == []
    (way,) = residual.get_lines()
    assert way.get_ydata().tolist() == [0.5, 0.5, 3]  # from below the first box to the height of the third
    assert max(way.get_xdata()) > 0.6  # outside of the boxes


@pytest.mark.parametrize(
    ("chains", "skips", "said"),
    [
        ({}, {}, "chains is empty"),
        (CHAINS, {"plain": [(0, 3)]}, r"skips\['plain'\] leads from 0 to 3"),
        (CHAINS, {"plain": [(1, 1)]}, "leads from 1 to 1"),
        (CHAINS, {"dense": [(0, 1)]}, r"skips\['dense'\]"),
    ],
)
def test_what_cannot_be_drawn_is_named(chains, skips, said):
    with pytest.raises(ValueError, match=said):
        blocks(chains, skips=skips)
