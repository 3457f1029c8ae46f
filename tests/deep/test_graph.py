"""The graph of a model against how it was put together, and against what Keras writes into its configuration."""

from __future__ import annotations

import keras
import pytest

from coursepkg.deep import seed_everything
from coursepkg.deep.graph import layer_graph

Dense = keras.layers.Dense


def named_edges(graph):
    names = [node["name"] for node in graph["nodes"]]
    return {(names[start], names[end]) for start, end in graph["edges"]}


def node(graph, name):
    (found,) = (node for node in graph["nodes"] if node["name"] == name)
    return found


def wide_and_deep():
    wide, deep = keras.Input((5,), name="wide"), keras.Input((6,), name="deep")
    hidden = Dense(30, name="hidden")(deep)
    both = keras.layers.Concatenate(name="both")([wide, hidden])
    outputs = {"price": Dense(1, name="price")(both), "aux": Dense(1, name="aux")(hidden)}
    return keras.Model({"wide": wide, "deep": deep}, outputs)


def edges_of_config(model):
    """Return the edges that stand in the configuration with which Keras saves a model."""

    def sources(value):
        if isinstance(value, dict):
            if value.get("class_name") == "__keras_tensor__":
                yield value["config"]["keras_history"][0]
            else:
                for inner in value.values():
                    yield from sources(inner)
        elif isinstance(value, (list, tuple)):
            for inner in value:
                yield from sources(inner)

    layers = model.get_config()["layers"]
    return {(source, layer["name"]) for layer in layers for source in sources(layer["inbound_nodes"])}


def skipping():
    x = keras.Input((4,), name="x")
    return keras.Model(x, keras.layers.Add(name="sum")([x, Dense(4, name="a")(Dense(7, name="b")(x))]))


def with_operations():
    x, y = keras.Input((4,), name="x"), keras.Input((4,), name="y")
    return keras.Model([x, y], keras.ops.abs(x - y) * 2)


@pytest.mark.parametrize("build", [wide_and_deep, skipping, with_operations])
def test_the_edges_are_those_of_the_configuration_that_keras_saves(build):
    model = build()
    graph = layer_graph(model)
    assert named_edges(graph) == edges_of_config(model)
    assert {node["name"] for node in graph["nodes"]} == {layer["name"] for layer in model.get_config()["layers"]}


def test_nodes_follow_those_they_need():
    for build in (wide_and_deep, skipping, with_operations):
        assert all(start < end for start, end in layer_graph(build())["edges"])


def test_names_types_shapes_and_kinds():
    graph = layer_graph(wide_and_deep())
    assert node(graph, "both") == {
        "name": "both",
        "type": "Concatenate",
        "outputs": [(None, 35)],
        "call": 1,
        "calls": 1,
        "kind": "hidden",
    }
    kinds = {node["name"]: node["kind"] for node in graph["nodes"]}
    assert kinds == {
        "wide": "input",
        "deep": "input",
        "hidden": "hidden",
        "both": "hidden",
        "price": "output",
        "aux": "output",
    }


def test_a_sequential_model_is_a_chain_from_its_input():
    model = keras.Sequential([keras.Input((28, 28), name="image"), keras.layers.Flatten(), Dense(3), Dense(2)])
    graph = layer_graph(model)
    assert [node["outputs"] for node in graph["nodes"]] == [[(None, 28, 28)], [(None, 784)], [(None, 3)], [(None, 2)]]
    assert graph["edges"] == [(0, 1), (1, 2), (2, 3)]
    assert [node["kind"] for node in graph["nodes"]] == ["input", "hidden", "hidden", "output"]


def test_a_sequential_model_that_was_built_by_its_first_batch():
    seed_everything(0)
    model = keras.Sequential([Dense(3, name="only")])
    model(keras.ops.ones((2, 5)))
    assert [node["outputs"] for node in layer_graph(model)["nodes"]] == [[(2, 5)], [(2, 3)]]


def test_a_shared_layer_is_one_node_a_call():
    shared = Dense(4, name="shared")
    a, b = keras.Input((3,), name="a"), keras.Input((3,), name="b")
    graph = layer_graph(keras.Model([a, b], keras.layers.Add(name="sum")([shared(a), shared(b)])))
    calls = [(node["call"], node["calls"]) for node in graph["nodes"] if node["name"] == "shared"]
    assert calls == [(1, 2), (2, 2)]
    assert len(graph["edges"]) == 4
    assert named_edges(graph) == {("a", "shared"), ("b", "shared"), ("shared", "sum")}


def test_a_layer_called_on_its_own_output_makes_no_circle():
    step, x = Dense(3, name="step"), keras.Input((3,))
    graph = layer_graph(keras.Model(x, step(step(step(x)))))
    assert graph["edges"] == [(0, 1), (1, 2), (2, 3)]


def test_calls_in_another_model_are_not_counted():
    layers = [Dense(4, name="first"), Dense(1)]
    keras.Sequential([keras.Input((3,)), *layers])
    graph = layer_graph(keras.Sequential([keras.Input((3,)), layers[0]]))
    assert [(node["call"], node["calls"]) for node in graph["nodes"]] == [(1, 1), (1, 1)]


def test_a_model_inside_is_one_node_and_has_a_graph_of_its_own():
    inner = keras.Sequential([keras.Input((3,)), Dense(5), Dense(2)], name="inner")
    x = keras.Input((3,))
    model = keras.Model(x, Dense(1)(inner(x)))
    assert [(node["type"], node["kind"]) for node in layer_graph(model)["nodes"]] == [
        ("InputLayer", "input"),
        ("Sequential", "model"),
        ("Dense", "output"),
    ]
    assert len(layer_graph(model.get_layer("inner"))["nodes"]) == 3


def test_a_layer_with_several_outputs_names_each_shape():
    x = keras.Input((6, 2))
    sequence, *state = keras.layers.LSTM(4, return_state=True, name="lstm")(x)
    graph = layer_graph(keras.Model(x, [sequence, *state]))
    assert node(graph, "lstm")["outputs"] == [(None, 4)] * 3
    assert graph["edges"] == [(0, 1)]


def test_a_model_cut_out_of_another_has_its_part_of_the_graph():
    whole = wide_and_deep()
    part = keras.Model(whole.inputs, whole.get_layer("both").output)
    graph = layer_graph(part)
    assert {node["name"] for node in graph["nodes"]} == {"wide", "deep", "hidden", "both"}
    assert node(graph, "both")["kind"] == "output"


def test_an_input_that_leads_nowhere_is_there():
    used, unused = keras.Input((2,), name="used"), keras.Input((2,), name="unused")
    graph = layer_graph(keras.Model([used, unused], Dense(1)(used)))
    assert len(graph["nodes"]) == 3
    assert graph["edges"] == [(0, 2)]


class Written(keras.Model):
    def call(self, inputs):
        return inputs


@pytest.mark.parametrize(
    ("model", "error", "message"),
    [
        (lambda: Dense(3), TypeError, "model must be a keras.Model; got Dense"),
        (lambda: keras.Sequential([Dense(3)], name="late"), ValueError, "the model 'late' is not built"),
        (lambda: Written(name="own"), ValueError, "layers of the model 'own' are connected by code in Written.call"),
    ],
)
def test_what_has_no_graph_is_named(model, error, message):
    with pytest.raises(error, match=message):
        layer_graph(model())
