import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy.special import ndtr
from scipy.stats import norm

from coursepkg.scratch import activations as modern
from coursepkg.scratch.activations import ACTIVATIONS, SELU_ALPHA, SELU_SCALE, get_activation, relu
from coursepkg.scratch.gradcheck import numerical_gradient, relative_error
from coursepkg.scratch.mlp import MLP
from coursepkg.scratch.moments import gaussian_moments, selu_constants

KERAS = {
    "leaky_relu": keras.activations.leaky_relu,
    "elu": keras.activations.elu,
    "selu": keras.activations.selu,
    "gelu": lambda z: keras.activations.gelu(z, approximate=False),
    "gelu_tanh": lambda z: keras.activations.gelu(z, approximate=True),
    "gelu_sigmoid": lambda z: tf.nn.silu(z, beta=1.702),
    "swish": keras.activations.swish,
    "mish": keras.activations.mish,
}
# TensorFlow keeps the constants of these in float32 (√2, 0.044715, the slope), even where it computes in float64.
ROUNDED = ("leaky_relu", "gelu", "gelu_tanh", "gelu_sigmoid")
# The far values test the stable forms; at the kink 0 the conventions differ.
Z = np.concatenate([np.linspace(-6, 6, 24), [-700.0, -40.0, 40.0, 700.0]])


@pytest.mark.parametrize("name", KERAS)
def test_values_and_derivatives_equal_those_of_keras(name):
    z = tf.constant(Z)
    with tf.GradientTape() as tape:
        tape.watch(z)
        value = KERAS[name](z)
    activation = ACTIVATIONS[name]
    near = {"rtol": 1e-6, "atol": 1e-8} if name in ROUNDED else {"rtol": 1e-11, "atol": 1e-13}
    np.testing.assert_allclose(activation.value(Z), value, **near)
    np.testing.assert_allclose(activation.derivative(Z), tape.gradient(value, z), **near)


@pytest.mark.parametrize("name", KERAS)
def test_derivatives_equal_central_differences(name):
    z = np.random.default_rng(1).normal(size=(3, 4)) * 2
    activation = ACTIVATIONS[name]
    numerical = numerical_gradient(lambda z: float(activation.value(z).sum()), z)
    assert relative_error(activation.derivative(z), numerical) < 1e-8


@pytest.mark.parametrize("name", KERAS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype_and_shape_are_kept_and_the_input_is_not_changed(name, dtype):
    z = np.linspace(-200, 200, 6, dtype=dtype).reshape(2, 3)
    before = z.copy()
    activation = ACTIVATIONS[name]
    with np.errstate(all="raise", under="ignore"):
        value, slope = activation.value(z), activation.derivative(z)
    assert value.dtype == slope.dtype == dtype
    assert value.shape == slope.shape == z.shape
    np.testing.assert_array_equal(z, before)
    assert activation.value([1, 2]).dtype == activation.derivative([1, 2]).dtype == np.float64
    assert np.shape(activation.value(1)) == np.shape(activation.derivative(1)) == ()


@pytest.mark.parametrize("name", KERAS)
@pytest.mark.parametrize("size", [1e3, 1e300, np.inf])
def test_extreme_inputs_give_the_limits_without_warnings(name, size):
    z = np.array([-size, 0.0, size])
    with np.errstate(all="raise", under="ignore"):
        value, slope = ACTIVATIONS[name].value(z), ACTIVATIONS[name].derivative(z)
    left = {"leaky_relu": -0.2 * size, "elu": -1.0, "selu": -SELU_SCALE * SELU_ALPHA}.get(name, 0.0)
    scale = SELU_SCALE if name == "selu" else 1.0
    np.testing.assert_allclose(value, [left, 0, scale * size])
    np.testing.assert_allclose(slope[[0, 2]], [0.2 if name == "leaky_relu" else 0.0, scale])


@pytest.mark.parametrize("name", KERAS)
def test_nan_stays_nan(name):
    assert np.isnan(ACTIVATIONS[name].value(np.nan))


def test_the_kinks_have_the_derivative_from_the_left():
    assert modern.leaky_relu_derivative(0.0, 0.1) == 0.1
    assert modern.selu_derivative(0.0) == SELU_SCALE * SELU_ALPHA


def test_a_prelu_has_one_slope_a_unit():
    rng = np.random.default_rng(0)
    z, slopes = rng.normal(size=(5, 3)), rng.normal(size=3) * 3
    layer = keras.layers.PReLU(dtype="float64")
    layer.build((None, 3))
    layer.set_weights([slopes])
    np.testing.assert_allclose(modern.leaky_relu(z, slopes), layer(z), rtol=1e-12)
    numerical = numerical_gradient(lambda s: float(modern.leaky_relu(z, s).sum()), slopes)
    np.testing.assert_allclose(modern.leaky_relu_by_slope(z).sum(axis=0), numerical, rtol=1e-7)


def test_the_maximum_form_holds_for_slopes_up_to_one_only():
    np.testing.assert_array_equal(modern.leaky_relu(Z, 1.0), np.maximum(Z, 1.0 * Z))
    np.testing.assert_array_equal(modern.leaky_relu(Z, 0.3), np.maximum(Z, 0.3 * Z))
    assert (modern.leaky_relu(Z, 2.0) != np.maximum(Z, 2.0 * Z)).all()


def test_rrelu_draws_a_slope_for_each_element():
    z = np.full((400, 50), -1.0)
    output, slopes = modern.rrelu(z, seed=0)
    np.testing.assert_array_equal(output, -slopes)
    assert slopes.min() > 1 / 8
    assert slopes.max() < 1 / 3
    assert slopes.mean() == pytest.approx((1 / 8 + 1 / 3) / 2, abs=1e-3)
    assert slopes.std() == pytest.approx((1 / 3 - 1 / 8) / np.sqrt(12), rel=0.02)
    np.testing.assert_array_equal(modern.rrelu(-z, seed=0)[0], -z)
    same, _ = modern.rrelu(z, seed=1, low=0.2, high=0.2)
    np.testing.assert_array_equal(same, -0.2)


def test_the_parameters_of_swish():
    rng = np.random.default_rng(2)
    z, beta = rng.normal(size=(4, 3)) * 3, np.array([-0.5, 0.0, 2.0])
    np.testing.assert_allclose(modern.swish(z, 0.0), z / 2)
    np.testing.assert_allclose(modern.swish(z, 1e6), relu(z), atol=1e-12)
    np.testing.assert_allclose(modern.swish(z, 1.5), tf.nn.silu(tf.constant(z), beta=1.5), rtol=1e-12)
    numerical = numerical_gradient(lambda b: float(modern.swish(z, b).sum()), beta)
    np.testing.assert_allclose(modern.swish_by_beta(z, beta).sum(axis=0), numerical, rtol=1e-7, atol=1e-8)
    numerical = numerical_gradient(lambda z: float(modern.swish(z, beta).sum()), z)
    assert relative_error(modern.swish_derivative(z, beta), numerical) < 1e-8
    with np.errstate(all="raise", under="ignore"):
        np.testing.assert_array_equal(modern.swish_by_beta([-1e300, 1e300]), 0)


def test_published_numbers():
    z = np.linspace(-5, 5, 1_000_001)
    minima = {name: ACTIVATIONS[name].value(z) for name in ("gelu", "swish", "mish")}
    assert minima["swish"].min() == pytest.approx(-0.27846, abs=1e-5)  # −W(1/e), with Lambert's function W
    assert z[minima["swish"].argmin()] == pytest.approx(-1.27846, abs=1e-4)
    assert minima["mish"].min() == pytest.approx(-0.31, abs=0.005)  # Misra (2020), section 2
    np.testing.assert_allclose(minima["gelu"], z * norm.cdf(z), rtol=1e-12)


def test_gaussian_moments():
    assert gaussian_moments(relu) == pytest.approx((1 / np.sqrt(2 * np.pi), 0.5 - 1 / (2 * np.pi)), rel=1e-6)
    assert gaussian_moments(np.square, 1.0, variance=2.0) == pytest.approx((3.0, 2 * 4 + 4 * 2.0), rel=1e-6)
    assert gaussian_moments(np.exp, variance=0.0) == pytest.approx((1.0, 0.0), abs=1e-12)
    draws = np.random.default_rng(0).normal(0.3, 1.2, size=1_000_000)
    sampled = modern.mish(draws).mean(), modern.mish(draws).var()
    assert gaussian_moments(modern.mish, 0.3, variance=1.44) == pytest.approx(sampled, abs=5e-3)


def test_the_constants_of_selu_solve_their_equations():
    e = np.e
    alpha = (1 / np.sqrt(2 * np.pi)) / (0.5 - np.sqrt(e) * ndtr(-1))  # the integrals in closed form
    scale = (0.5 + alpha**2 * (e**2 * ndtr(-2) - 2 * np.sqrt(e) * ndtr(-1) + 0.5)) ** -0.5
    assert pytest.approx((alpha, scale), rel=1e-12) == (SELU_ALPHA, SELU_SCALE)
    assert selu_constants() == pytest.approx((alpha, scale), rel=1e-7)
    assert gaussian_moments(modern.selu) == pytest.approx((0, 1), abs=1e-7)


def test_registry():
    assert modern.selu(1.0) == SELU_SCALE  # one definition
    assert set(KERAS) < set(ACTIVATIONS)
    for name in KERAS:
        X = np.random.default_rng(0).normal(size=(5, 3))
        by_name, by_object = (
            MLP([3, 4, 2], hidden_activation=name),
            MLP([3, 4, 2], hidden_activation=get_activation(name)),
        )
        np.testing.assert_array_equal(by_name.predict(X), by_object.predict(X))
        np.testing.assert_allclose(by_name.layers[0].forward(X), ACTIVATIONS[name].value(X @ by_name.layers[0].W))


@pytest.mark.parametrize("name", KERAS)
def test_text_is_refused(name):
    with pytest.raises(TypeError, match="z must hold real numbers; got dtype <U1"):
        ACTIVATIONS[name].value(["a"])
    with pytest.raises(TypeError, match="z must hold real numbers; got dtype <U1"):
        ACTIVATIONS[name].derivative(["a"])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: modern.leaky_relu([1.0], np.nan), "slope must be finite; found nan"),
        (lambda: modern.elu([1.0], np.inf), "alpha must be a finite number; got inf"),
        (lambda: modern.swish([1.0], [np.inf]), "beta must be finite; found inf"),
        (lambda: modern.rrelu([1.0], seed=0, low=0.5), "low must be a finite number.*0.333.*; got 0.5"),
        (lambda: gaussian_moments(relu, variance=-1.0), "variance must be a finite number >= 0; got -1.0"),
        (lambda: gaussian_moments(lambda a: a[:3]), r"function\(a\) must have length 40001; got shape \(3,\)"),
    ],
)
def test_bad_arguments(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_moments_need_a_function():
    with pytest.raises(TypeError, match="function must be callable; got 'relu'"):
        gaussian_moments("relu")
