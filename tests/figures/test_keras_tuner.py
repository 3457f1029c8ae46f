"""Who calls whom: order and arrows are read back from the figure."""

from __future__ import annotations

import pytest

from coursepkg.figures.keras_tuner import call_sequence


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: call_sequence(["a"], []), "calls is empty"),
        (lambda: call_sequence(["a"], [("a", "b", "go")]), "'go' names 'b'; the parts are a"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises((TypeError, ValueError), match=message):
        call()


def test_calls_are_arrows_from_caller_to_called_in_order():
    calls = [("A", "B", "ask"), ("B", "B", "think"), ("B", "A", "answer")]
    (axis,) = call_sequence(["A", "B"], calls).axes
    arrows = [text for text in axis.texts if getattr(text, "arrow_patch", None) is not None]
    assert [(arrow.xyann[0], arrow.xy[0]) for arrow in arrows] == [(0, 1), (1.3, 1), (1, 0)]
    assert [arrow.xy[1] for arrow in arrows] == [1, 2, 3]
    texts = [text.get_text() for text in axis.texts]
    assert [text for text in texts if text[:1].isdigit()] == ["1  ask", "2  think", "3  answer"]
