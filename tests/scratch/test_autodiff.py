import math

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from coursepkg.scratch.autodiff import Value
from coursepkg.scratch.gradcheck import numerical_gradient

UNARY = {
    "exp": tf.exp,
    "log": tf.math.log,
    "tanh": tf.tanh,
    "relu": tf.nn.relu,
    "sigmoid": tf.sigmoid,
    "negative": lambda x: -x,
    "square": lambda x: x**2,
    "cube root": lambda x: x ** (1 / 3),
    "inverse": lambda x: 2 / x,
    "shift": lambda x: 1.5 - x,
}
BINARY = {
    "+": lambda x, y: x + y,
    "-": lambda x, y: x - y,
    "*": lambda x, y: x * y,
    "/": lambda x, y: x / y,
}


def unary(name, x):
    return getattr(x, name)() if name in ("exp", "log", "tanh", "relu", "sigmoid") else UNARY[name](x)


def run(program, inputs, apply_unary):
    """Run a list of (operation, operand, operand): every result may be used by all later operations."""
    values = list(inputs)
    for name, i, j in program:
        x, y = values[i % len(values)], values[j % len(values)]
        values.append(BINARY[name](x, y) if name in BINARY else apply_unary(name, x))
    return values[-1]


OPERATION = st.tuples(st.sampled_from([*UNARY, *BINARY]), st.integers(0, 20), st.integers(0, 20))


@settings(deadline=None, max_examples=150)
@given(st.lists(OPERATION, min_size=1, max_size=12), st.lists(st.floats(0.1, 3), min_size=2, max_size=4))
def test_random_expressions_equal_tensorflows_tape(program, numbers):
    inputs = [Value(x) for x in numbers]
    try:
        result = run(program, inputs, unary)
    except (ValueError, OverflowError, ZeroDivisionError):
        assume(False)
    result.backward()
    variables = [tf.constant(x, tf.float64) for x in numbers]
    with tf.GradientTape() as tape:
        tape.watch(variables)
        expected = run(program, variables, lambda name, x: UNARY[name](x))
    gradients = tape.gradient(expected, variables, unconnected_gradients="zero")
    assume(all(np.isfinite(gradients)) and max(map(abs, gradients)) < 1e12)
    assert result.data == pytest.approx(float(expected), rel=1e-9, abs=1e-9)
    # An intermediate result near a kink, a pole or a cancellation amplifies rounding: compare relative to the largest.
    scale = max(1.0, *map(abs, np.asarray(gradients)))
    np.testing.assert_allclose([x.grad for x in inputs], gradients, rtol=1e-6, atol=1e-9 * scale)


@pytest.mark.parametrize("name", UNARY)
def test_every_operation_equals_central_differences(name):
    for number in (0.3, 1.7):
        x = Value(number)
        unary(name, x).backward()
        slope = numerical_gradient(lambda t, name=name: unary(name, Value(float(t[0]))).data, [number])
        assert x.grad == pytest.approx(slope[0], rel=1e-8)


@pytest.mark.parametrize("name", BINARY)
@pytest.mark.parametrize("constant", ["left", "right"])
def test_constants_on_either_side(name, constant):
    x = Value(0.7)
    y = BINARY[name](3.0, x) if constant == "left" else BINARY[name](x, 3.0)
    y.backward()
    slope = numerical_gradient(
        lambda t: float(BINARY[name](3.0, t[0]) if constant == "left" else BINARY[name](t[0], 3.0)), [0.7]
    )
    assert x.grad == pytest.approx(slope[0], rel=1e-8)


def test_a_value_used_twice_adds_up_both_paths():
    x = Value(3.0)
    (x * x + x).backward()
    assert x.grad == 7
    x = Value(3.0)
    (x + x).backward()
    assert x.grad == 2
    a = Value(2.0)  # a diamond: both paths meet again in a product
    b, c = a * 3, a + 1
    (b * c).backward()
    assert (a.grad, b.grad, c.grad) == (15, 3, 6)


def test_backward_twice_gives_the_same():
    x, y = Value(2.0), Value(5.0)
    z = (x * y).tanh() * x
    z.backward()
    first = x.grad, y.grad
    z.backward()
    assert (x.grad, y.grad) == first


def test_gradients_of_intermediate_values():
    x = Value(0.5)
    y = x * 2
    (y * y).backward()
    assert (y.grad, x.grad) == (2.0, 4.0)


def test_a_chain_deeper_than_the_recursion_limit():
    x = Value(1.0)
    y = x
    for _ in range(20_000):
        y = y + x
    y.backward()
    assert x.grad == 20_001


def test_cost_grows_with_the_edges_not_with_the_paths():
    x = Value(1.0)
    y = x
    for _ in range(60):  # 2^60 paths
        y = (y + y) * 0.5
    y.backward()
    assert x.grad == 1


def test_a_neuron_equals_the_layer_formulas():
    w, x, b = [Value(0.2), Value(-0.4)], [Value(1.0), Value(0.5)], Value(0.1)
    loss = ((w[0] * x[0] + w[1] * x[1] + b).sigmoid() - 1.0) ** 2 / 2
    loss.backward()
    s = 1 / (1 + math.exp(-(0.2 - 0.2 + 0.1)))
    delta = (s - 1) * s * (1 - s)
    assert [v.grad for v in w] == pytest.approx([delta, 0.5 * delta], rel=1e-14)
    assert b.grad == pytest.approx(delta, rel=1e-14)


def test_sigmoid_and_tanh_saturate_without_overflow():
    for number, limit in ((-1000.0, 0.0), (1000.0, 1.0)):
        x = Value(number)
        y = x.sigmoid()
        y.backward()
        assert (y.data, x.grad) == (limit, 0.0)
        assert x.tanh().data == 2 * limit - 1


def test_powers():
    x = Value(0.0)
    (x**2).backward()
    assert x.grad == 0
    (x**0).backward()
    assert x.grad == 0
    x = Value(-2.0)
    (x**3).backward()
    assert x.grad == 12
    (x**-1).backward()
    assert x.grad == -0.25


def test_relu_at_its_kink_has_slope_zero():
    x = Value(0.0)
    x.relu().backward()
    assert x.grad == 0


def test_errors_name_the_number():
    with pytest.raises(ValueError, match="log needs a number > 0; got -1.0"):
        Value(-1.0).log()
    with pytest.raises(ValueError, match=r"the base of a fractional power must be >= 0; got -8.0 \*\* 0.5"):
        Value(-8.0) ** 0.5
    with pytest.raises(TypeError, match="exponent must be a number; got Value"):
        Value(2.0) ** Value(3.0)
    with pytest.raises(TypeError, match="data must be a number; got 'x'"):
        Value(1.0) + "x"
    with pytest.raises(ZeroDivisionError):
        Value(1.0) / 0.0


def test_repr_and_numpy_numbers():
    assert repr(Value(0.5)) == "Value(0.5, grad=0)"
    x = Value(2.0)
    y = np.float64(3.0) * x + np.float64(1.0)
    assert isinstance(y, Value)
    y.backward()
    assert (y.data, x.grad) == (7.0, 3.0)
