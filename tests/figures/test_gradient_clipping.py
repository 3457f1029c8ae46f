"""What the picture of vectors shows."""

from __future__ import annotations

import pytest

from coursepkg.figures.gradient_clipping import arrows


def test_every_arrow_has_its_end_within_the_picture():
    axis = arrows({"a": [3.0, -4.0], "b": [0.1, 0.2]}, axis_labels=("x", "y")).axes[0]
    quivers = [item for item in axis.collections if hasattr(item, "U")]
    assert [(q.U[0], q.V[0]) for q in quivers] == [(3.0, -4.0), (0.1, 0.2)]
    low, high = axis.get_ylim()
    assert low < -4 < 3 < high
    assert axis.get_aspect() == 1
    assert [text.get_text() for text in axis.get_legend().get_texts()] == ["a", "b"]


@pytest.mark.parametrize(
    ("vectors", "message"),
    [({}, "at least one vector; got {}"), ({"a": [1, 2, 3]}, r"vectors\['a'\]"), ({"a": [1, float("nan")]}, "vectors")],
)
def test_bad_input(vectors, message):
    with pytest.raises(ValueError, match=message):
        arrows(vectors, axis_labels=("x", "y"))
