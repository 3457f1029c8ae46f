"""The timeline of hooks: its bars are read back from the figure."""

from __future__ import annotations

import matplotlib.pyplot as plt
import pytest

from coursepkg.figures.callbacks import hook_timeline

HOOKS = [
    "on_train_begin",
    "on_epoch_begin",
    "on_train_batch_begin",
    "on_train_batch_end",
    "on_train_batch_begin",
    "on_train_batch_end",
    "on_epoch_end",
    "on_train_end",
]


def test_each_kind_is_a_row_and_each_begin_and_end_a_bar():
    (axis,) = hook_timeline(HOOKS).axes
    assert [label.get_text() for label in axis.get_yticklabels()] == ["train", "epoch", "train_batch"]
    boxes = [[path.get_extents() for path in bars.get_paths()] for bars in axis.collections]
    edges = [[(round(box.x0 + 0.35), round(box.x1 - 0.35)) for box in row] for row in boxes]
    assert edges == [[(1, 8)], [(2, 7)], [(3, 4), (5, 6)]]
    assert axis.yaxis_inverted()
    assert plt.get_fignums() == []


@pytest.mark.parametrize(
    ("hooks", "message"),
    [
        ([], "hooks is empty"),
        (["on_train_begin"], "these never end: train"),
        (["on_train_end"], "train ends at position 1 but did not begin"),
        (["on_train_begin", "on_train_begin"], "train begins at position 2 before it ended; it began at 1"),
        (["on_batch"], "a hook is called on_…_begin or on_…_end; got 'on_batch' at position 1"),
    ],
)
def test_errors(hooks, message):
    with pytest.raises(ValueError, match=message):
        hook_timeline(hooks)
