"""Diagrams of layers: what is drawn is read back from the figure, and no box or arrow runs over another box."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from coursepkg.plots.layers import layer_diagram


def graph(edges, **of_nodes):
    """Return a graph with the nodes 0, 1, … that the edges name."""
    n_nodes = 1 + max(max(edge) for edge in edges)
    nodes = [{"name": f"layer{i}", "type": "Dense", "outputs": [(None, i + 1)]} for i in range(n_nodes)]
    for name, changes in of_nodes.items():
        nodes[int(name.removeprefix("n"))] |= changes
    return {"nodes": nodes, "edges": edges}


CHAIN = [(0, 1), (1, 2), (2, 3)]
SKIP = [(0, 1), (1, 2), (2, 3), (0, 3)]
TWO_IN_TWO_OUT = [(0, 2), (2, 3), (3, 4), (1, 4), (3, 5), (4, 6)]
LADDER = [(0, 1), (0, 2), (1, 2), (2, 3), (0, 4), (3, 4), (4, 5), (0, 6), (5, 6)]
FORK = [(0, 1), (0, 2), (0, 3), (1, 4), (2, 4), (3, 4)]
ALL = [CHAIN, SKIP, TWO_IN_TWO_OUT, LADDER, FORK]


def boxes(figure):
    """Return the boxes as (left, bottom, right, top)."""
    found = [p for p in figure.axes[0].patches if isinstance(p, FancyBboxPatch)]
    return np.array([(p.get_x(), p.get_y(), p.get_x() + p.get_width(), p.get_y() + p.get_height()) for p in found])


def arrows(figure):
    return [p for p in figure.axes[0].patches if isinstance(p, FancyArrowPatch)]


def texts(figure):
    return [text.get_text() for text in figure.axes[0].texts]


def way(arrow):
    """Return points along an arrow's line, in the units of the boxes."""
    pieces = [curve for curve, _ in arrow._path_original.iter_bezier()]
    return np.concatenate([piece(np.linspace(0, 1, 40)) for piece in pieces])


@pytest.mark.parametrize("edges", ALL)
def test_it_is_a_closed_figure_with_a_box_a_node_and_an_arrow_an_edge(edges):
    figure = layer_diagram(graph(edges))
    assert isinstance(figure, Figure)
    assert plt.get_fignums() == []
    assert len(boxes(figure)) == 1 + max(max(edge) for edge in edges)
    assert len(arrows(figure)) == len(edges)


@pytest.mark.parametrize("edges", ALL)
def test_no_two_boxes_overlap_and_all_lie_inside(edges):
    figure = layer_diagram(graph(edges))
    found = boxes(figure)
    for i, a in enumerate(found):
        for b in found[i + 1 :]:
            assert a[2] < b[0] or b[2] < a[0] or a[3] < b[1] or b[3] < a[1]
    (left, right), (bottom, top) = figure.axes[0].get_xlim(), figure.axes[0].get_ylim()
    assert found[:, 0].min() >= left
    assert found[:, 2].max() <= right
    assert found[:, 1].min() >= bottom
    assert found[:, 3].max() <= top


@pytest.mark.parametrize("edges", ALL)
def test_a_layer_stands_below_those_it_needs_and_its_arrow_leads_there(edges):
    figure = layer_diagram(graph(edges))
    found = boxes(figure)
    for (start, end), arrow in zip(edges, arrows(figure), strict=True):
        assert found[start][1] > found[end][3]
        points = way(arrow)
        assert points[0] == pytest.approx([found[start][[0, 2]].mean(), found[start][1]])
        assert points[-1] == pytest.approx([found[end][[0, 2]].mean(), found[end][3]], abs=0.05)


@pytest.mark.parametrize("edges", ALL)
def test_no_arrow_runs_over_a_box(edges):
    figure = layer_diagram(graph(edges))
    for arrow in arrows(figure):
        points = way(arrow)
        for left, bottom, right, top in boxes(figure):
            inside = (points[:, 0] > left) & (points[:, 0] < right)
            inside &= (points[:, 1] > bottom + 1e-6) & (points[:, 1] < top - 1e-6)
            assert not inside.any()


def test_a_chain_is_a_straight_column_and_an_input_stands_just_above_its_use():
    found = boxes(layer_diagram(graph(CHAIN)))
    assert np.ptp(found[:, 0]) == pytest.approx(0, abs=1e-6)
    late = boxes(layer_diagram(graph(TWO_IN_TWO_OUT)))
    assert late[1][1] == pytest.approx(late[3][1])  # node 1, an input, one row above node 4, as node 3


def test_name_type_and_shape_are_written_with_n_for_the_instances():
    figure = layer_diagram(graph([(0, 1)], n1={"outputs": [(None, 28, 28), (None, 7)]}))
    assert texts(figure) == ["layer0", "Dense", "(n, 1)", "layer1", "Dense", "(n, 28, 28), (n, 7)"]


def test_a_scalar_axis_is_a_tuple_and_an_unknown_shape_a_dash():
    assert texts(layer_diagram(graph([(0, 1)], n0={"outputs": [(5,)]}, n1={"outputs": [None]})))[2::3] == ["(5,)", "–"]


def test_calls_of_a_shared_layer_share_a_color_and_are_counted():
    shared = {"name": "twin", "calls": 2}
    figure = layer_diagram(graph([(0, 1), (0, 2), (1, 3), (2, 3)], n1=shared | {"call": 1}, n2=shared | {"call": 2}))
    colors = [p.get_facecolor() for p in figure.axes[0].patches if isinstance(p, FancyBboxPatch)]
    assert colors[1] == colors[2] != colors[0]
    assert {"Dense · call 1 of 2", "Dense · call 2 of 2"} <= set(texts(figure))


def test_inputs_outputs_and_models_inside_look_different():
    kinds = {"n0": {"kind": "input"}, "n1": {"kind": "model", "type": "Functional"}, "n2": {"kind": "output"}}
    figure = layer_diagram(graph([(0, 1), (1, 2)], **kinds))
    colors = [p.get_facecolor() for p in figure.axes[0].patches if isinstance(p, FancyBboxPatch)]
    assert len(colors) == 4, "a model has two frames"
    assert len({colors[0], colors[1], colors[3]}) == 3


def test_a_long_name_gets_smaller_letters():
    name = "a_very_long_name_of_a_layer_that_somebody_gave"
    figure = layer_diagram(graph([(0, 1)], n0={"name": name}))
    sizes = {text.get_text(): text.get_fontsize() for text in figure.axes[0].texts}
    assert sizes[name] < sizes["layer1"]


NODE = {"name": "x", "type": "Dense", "outputs": [(None, 1)]}


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        ([NODE], TypeError, 'graph must be a dict with "nodes" and "edges"; got list'),
        ({"nodes": [], "edges": []}, ValueError, "graph has no nodes"),
        ({"nodes": [{"name": "x"}], "edges": []}, ValueError, r"nodes\[0\] lacks outputs, type; got \['name'\]"),
        ({"nodes": [NODE | {"kind": "odd"}], "edges": []}, ValueError, r"nodes\[0\] has the kind 'odd'"),
        ({"nodes": [NODE], "edges": [(0, 1)]}, ValueError, r"the edge \(0, 1\) leads to no node; there are 1"),
        ({"nodes": [NODE, NODE], "edges": [(0, 1), (1, 0)]}, ValueError, "the edges make a circle"),
        ({"nodes": [NODE], "edges": [(0, 0)]}, ValueError, "the edges make a circle"),
    ],
)
def test_impossible_graphs_are_named(wrong, error, message):
    with pytest.raises(error, match=message):
        layer_diagram(wrong)
