import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from coursepkg.scratch import activations
from coursepkg.scratch.activations import ACTIVATIONS, ActivationFunction, get_activation, softmax, softmax_jvp
from coursepkg.scratch.gradcheck import numerical_gradient, relative_error

KERAS = {
    "identity": keras.activations.linear,
    "sign": keras.ops.sign,
    "sigmoid": keras.activations.sigmoid,
    "tanh": keras.activations.tanh,
    "relu": keras.activations.relu,
    "softplus": keras.activations.softplus,
    "softmax": keras.activations.softmax,
}
# 40 is past the point where sigmoid rounds to 1; 0 is the kink of ReLU, whose derivative Keras also sets to 0.
Z = np.concatenate([np.linspace(-6, 6, 25), [-700.0, -40.0, 0.0, 40.0, 700.0]]).reshape(5, 6)
ROWS = arrays(np.float64, st.tuples(st.integers(1, 4), st.integers(1, 5)), elements=st.floats(-50, 50))


@pytest.mark.parametrize("name", KERAS)
def test_values_and_gradients_equal_those_of_keras(name):
    upstream = np.random.default_rng(0).normal(size=Z.shape)
    z = tf.constant(Z)
    with tf.GradientTape() as tape:
        tape.watch(z)
        value = KERAS[name](z)
    gradient = tape.gradient(value, z, output_gradients=tf.constant(upstream))
    activation = get_activation(name)
    np.testing.assert_allclose(activation.value(Z), value, rtol=1e-14, atol=1e-16)
    np.testing.assert_allclose(activation.backward(Z, upstream), gradient, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_backward_equals_central_differences(name):
    rng = np.random.default_rng(1)
    z, upstream = rng.normal(size=(3, 4)), rng.normal(size=(3, 4))
    activation = get_activation(name)
    numerical = numerical_gradient(lambda z: float((upstream * activation.value(z)).sum()), z)
    assert relative_error(activation.backward(z, upstream), numerical) < 1e-9


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype_and_shape_are_kept_and_the_input_is_not_changed(name, dtype):
    z = np.linspace(-200, 200, 6, dtype=dtype).reshape(2, 3)
    before = z.copy()
    with np.errstate(all="raise", under="ignore"):
        value, delta = ACTIVATIONS[name].value(z), ACTIVATIONS[name].backward(z, np.ones_like(z))
    assert value.dtype == delta.dtype == dtype
    assert value.shape == delta.shape == z.shape
    value += 1
    np.testing.assert_array_equal(z, before)


@pytest.mark.parametrize("name", sorted(set(ACTIVATIONS) - {"softmax"}))
def test_lists_and_scalars_become_float64(name):
    activation = get_activation(name)
    assert activation.value([1, 2]).dtype == np.float64
    assert np.shape(activation.value(1)) == np.shape(activation.derivative(1)) == ()


@pytest.mark.parametrize(
    ("name", "size"),
    # Softmax of two infinities has no value; the step functions refuse what is not finite (test_threshold.py).
    [
        (name, size)
        for name in ACTIVATIONS
        for size in (1e3, 1e300, np.inf)
        if size < np.inf or name not in ("softmax", "heaviside", "sign")
    ],
)
def test_extreme_inputs_give_neither_nan_nor_warnings(name, size):
    z = np.array([[-size, 0.0, size]])
    with np.errstate(all="raise", under="ignore"):
        value = get_activation(name).value(z)
        delta = get_activation(name).backward(z, np.ones_like(z))
    assert not np.isnan(value).any()
    assert np.isfinite(delta).all()


def test_naive_forms_overflow_where_ours_do_not():
    with pytest.warns(RuntimeWarning, match="overflow"):
        assert np.isinf(np.exp(1000.0))
    assert activations.sigmoid(1000.0) == 1
    assert activations.softplus(1000.0) == 1000
    assert activations.sigmoid_derivative(40.0) == pytest.approx(np.exp(-40.0), rel=1e-12)  # s(1 − s) would give 0


@given(ROWS)
def test_tanh_is_a_stretched_sigmoid(z):
    np.testing.assert_allclose(activations.tanh(z), 2 * activations.sigmoid(2 * z) - 1, atol=1e-15)
    np.testing.assert_allclose(activations.tanh_derivative(z), 4 * activations.sigmoid_derivative(2 * z), atol=1e-15)


@given(ROWS)
def test_sigmoid_and_softplus_symmetry(z):
    np.testing.assert_allclose(activations.sigmoid(z) + activations.sigmoid(-z), 1, rtol=1e-15)
    np.testing.assert_allclose(activations.softplus(z) - activations.softplus(-z), z, atol=1e-13)


@given(ROWS, st.floats(-1e3, 1e3))
def test_softmax_rows_sum_to_one_and_a_shift_changes_nothing(z, shift):
    p = softmax(z)
    np.testing.assert_allclose(p.sum(axis=-1), 1, rtol=1e-14)
    np.testing.assert_allclose(softmax(z + shift), p, rtol=1e-11)


def test_softmax_of_two_classes_is_a_sigmoid():
    z = np.linspace(-5, 5, 11)
    np.testing.assert_allclose(softmax(np.stack([z, 0 * z], axis=-1))[:, 0], activations.sigmoid(z), rtol=1e-14)


def test_softmax_jvp_is_the_product_with_the_explicit_jacobian():
    rng = np.random.default_rng(2)
    z, v = rng.normal(size=5), rng.normal(size=5)
    p = softmax(z)
    np.testing.assert_allclose(softmax_jvp(z, v), (np.diag(p) - np.outer(p, p)) @ v, rtol=1e-13)


def test_softmax_jvp_of_the_all_ones_direction_is_zero():
    np.testing.assert_allclose(softmax_jvp(Z, np.ones_like(Z)), 0, atol=1e-15)


def test_steps():
    np.testing.assert_array_equal(activations.heaviside([-1, -0.0, 0, 1]), [0, 1, 1, 1])
    np.testing.assert_array_equal(activations.sign([-3, 0, 3]), [-1, 0, 1])
    np.testing.assert_array_equal(activations.step_derivative([-3, 0, 3]), 0)


def test_registry():
    assert get_activation("relu").value is activations.relu
    assert [activation.name for activation in ACTIVATIONS.values()] == list(ACTIVATIONS)
    other = ActivationFunction("other", lambda z: z, lambda z: z)
    assert get_activation(other) is other
    with pytest.raises(ValueError, match=r"activation must be one of 'identity', .*'softmax'; got 'rellu'"):
        get_activation("rellu")


def test_text_is_refused():
    with pytest.raises(TypeError, match="z must hold real numbers; got dtype <U1"):
        activations.sigmoid(["a"])
