"""The timeline of traces: its marks and arrows are read back from the figure."""

from __future__ import annotations

import pytest

from coursepkg.figures.custom_training import trace_timeline

CALLS = [("a", True), ("a", False), ("b", True), ("a", False), ("a", True)]


def test_each_graph_is_a_row_with_its_calls_below_those_of_python():
    (axis,) = trace_timeline(CALLS).axes
    assert [label.get_text() for label in axis.get_yticklabels()] == ["Python records", "graph: a", "graph: b"]
    marks = [(line.get_xdata().tolist(), line.get_ydata().tolist()) for line in axis.get_lines()]
    assert marks == [([1, 3, 5], [0, 0, 0]), ([1, 2, 4, 5], [1, 1, 1, 1]), ([3], [2])]
    assert axis.yaxis_inverted()


def test_an_arrow_leads_from_each_recording_to_its_graph():
    (axis,) = trace_timeline(CALLS).axes
    assert [(text.xyann, text.xy) for text in axis.texts] == [((1, 0), (1, 1)), ((3, 0), (3, 2)), ((5, 0), (5, 1))]


@pytest.mark.parametrize(
    ("calls", "said"),
    [
        ([], "calls is empty"),
        ([("a", True), "b"], "call 2 must be a pair (signature, recorded); got 'b'"),
        ([("a", 1)], "call 1 must be a pair"),
        ([("a", True), ("b", False)], "call 2 is the first one with 'b', but it records no graph"),
    ],
)
def test_what_is_no_timeline_is_refused(calls, said):
    with pytest.raises(ValueError, match=said.replace("(", r"\(").replace(")", r"\)")):
        trace_timeline(calls)
