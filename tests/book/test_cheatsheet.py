"""What the cheat sheet says of Keras is what the installed Keras does."""

from __future__ import annotations

import inspect
import re

import numpy as np
import pytest

from tools.chapters import ROOT

TEXT = (ROOT / "book/cheatsheet.md").read_text(encoding="utf-8")


def rows(name):
    """Return the rows of a list-table without its header, each a list of its cells."""
    table = re.search(
        rf":::\{{list-table\}}\n(?::[^\n]*\n)*:name: {name}\n\n(.*?)^:::$", TEXT, re.MULTILINE | re.DOTALL
    )
    return [
        re.findall(r"^[* ] - ?(.*)$", row, re.MULTILINE) for row in re.split(r"^(?=\* - )", table[1], flags=re.M)[2:]
    ]


LAYERS, DEFAULTS = rows("tab-cheatsheet-layers"), rows("tab-cheatsheet-defaults")
ACTIVATIONS, OUTPUTS = rows("tab-cheatsheet-activations"), rows("tab-cheatsheet-outputs")
INITIALIZERS = rows("tab-cheatsheet-initializers")


def test_the_tables_were_found():
    assert [len(table) for table in (LAYERS, DEFAULTS, ACTIVATIONS, OUTPUTS, INITIALIZERS)] == [14, 16, 8, 5, 3]


@pytest.mark.parametrize(("call", "before", "after", "parameters"), LAYERS)
def test_shapes_and_parameters_of_a_layer(call, before, after, parameters):
    keras = pytest.importorskip("keras")
    layer = eval(f"layers.{call.strip('`')}", {"layers": keras.layers})
    shape = eval(before, {"n": 2})
    assert layer(np.zeros(shape)).shape == eval(after, {"n": 2})
    assert layer.count_params() == int(parameters)


@pytest.mark.parametrize(("name", "stated"), DEFAULTS)
def test_a_default(name, stated):
    thing = pytest.importorskip("keras")
    for part in name.strip("`").split("."):
        thing = getattr(thing, part)
    defaults = inspect.signature(thing).parameters
    named = re.findall(r"`(\w+)=([^`]+)`", stated)
    assert named
    for argument, value in named:
        assert defaults[argument].default == eval(value), argument


@pytest.mark.parametrize(("name", "formula", "slope", "limits"), ACTIVATIONS)
def test_slope_at_zero_and_range_of_an_activation(name, formula, slope, limits):
    keras = pytest.importorskip("keras")
    function = keras.activations.get(name.strip("`"))
    z = np.linspace(-30, 30, 60_001)
    values = keras.ops.convert_to_numpy(function(z))
    at_zero = np.searchsorted(z, 0)
    left = (values[at_zero] - values[at_zero - 1]) / (z[1] - z[0])
    assert left == pytest.approx(float(slope.split()[0]), abs=2e-3)
    low, high = (float(end.replace("−", "-").replace("∞", "inf")) for end in limits.strip("()[]").split(", "))
    assert values.min() == pytest.approx(low, abs=0.005) if np.isfinite(low) else values.min() < -5
    assert values.max() == pytest.approx(high, abs=0.005) if np.isfinite(high) else values.max() > 29


@pytest.mark.parametrize(("task", "activation", "loss", "gradient"), OUTPUTS)
def test_gradient_at_the_last_pre_activation(task, activation, loss, gradient):
    keras = pytest.importorskip("keras")
    tf = pytest.importorskip("tensorflow")
    z = tf.Variable([[0.3, -0.2, 0.5]] if "of K" in task else [[0.7]])
    y = np.array([[0.0, 1.0, 1.0]] if "several" in task else [[0.0, 1.0, 0.0]] if "of K" in task else [[1.0]])
    with tf.GradientTape() as tape:
        y_hat = keras.activations.get(None if activation == "none" else activation)(z)
        value = keras.losses.get(loss.strip("`"))(np.array([1]) if "integer" in task else y, y_hat)
    factor = 2 if "2(" in gradient else 1
    terms = y.size if "binary" in loss else 1  # this loss is a mean over the outputs as well
    wanted = factor * (keras.ops.convert_to_numpy(y_hat) - y) / terms
    np.testing.assert_allclose(tape.gradient(value, z).numpy(), wanted, atol=1e-6)


@pytest.mark.parametrize(("name", "variance", "use"), INITIALIZERS)
def test_variance_of_an_initializer(name, variance, use):
    keras = pytest.importorskip("keras")
    d_in, d_out = 200, 100
    wanted = eval(re.sub(r"d_\\text\{(\w+)\}", r"d_\1", variance.strip("$")), {"d_in": d_in, "d_out": d_out})
    weights = keras.ops.convert_to_numpy(keras.initializers.get(name.split("`")[1])((d_in, d_out)))
    assert weights.var() == pytest.approx(wanted, rel=0.03)


def test_the_model_runs(tmp_path, monkeypatch):
    keras = pytest.importorskip("keras")
    monkeypatch.chdir(tmp_path)
    code = re.search(r"^```python\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)[1].replace("epochs=50", "epochs=1")
    rng = np.random.default_rng(0)
    X, y = rng.random((8, 784)), rng.integers(0, 10, 8)
    data = {f"{kind}_{part}": value for kind, value in (("X", X), ("y", y)) for part in ("train", "valid", "test")}
    exec(code, {"keras": keras, **data})
    assert (tmp_path / "model.keras").is_file()
