import keras
import numpy as np
import pytest
import scipy.stats
import sklearn.metrics
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from coursepkg.scratch.activations import get_activation, sigmoid, softmax
from coursepkg.scratch.gradcheck import numerical_gradient, relative_error
from coursepkg.scratch.losses import (
    LOSSES,
    BinaryCrossentropy,
    BinaryFocalCrossentropy,
    CategoricalCrossentropy,
    HalfSquaredError,
    Huber,
    LogCosh,
    MeanAbsoluteError,
    MeanSquaredError,
    Pinball,
    SparseCategoricalCrossentropy,
    get_loss,
)

RNG = np.random.default_rng(0)
Y, Y_HAT = RNG.normal(size=(6, 3)), 2 * RNG.normal(size=(6, 3))
LABELS = RNG.integers(0, 3, 6)
ONE_HOT = np.eye(3)[LABELS]
P = softmax(RNG.normal(size=(6, 3)))
LOGITS = 3 * RNG.normal(size=(6, 3))

# loss, its counterpart in Keras, targets, predictions
CASES = {
    "mse": (MeanSquaredError(), keras.losses.MeanSquaredError, {}, Y, Y_HAT),
    "mae": (MeanAbsoluteError(), keras.losses.MeanAbsoluteError, {}, Y, Y_HAT),
    "huber": (Huber(), keras.losses.Huber, {}, Y, Y_HAT),
    "huber 0.3": (Huber(0.3), keras.losses.Huber, {"delta": 0.3}, Y, Y_HAT),
    "log-cosh": (LogCosh(), keras.losses.LogCosh, {}, Y, Y_HAT),
    "bce": (BinaryCrossentropy(), keras.losses.BinaryCrossentropy, {}, ONE_HOT, P),
    "bce logits": (
        BinaryCrossentropy(from_logits=True),
        keras.losses.BinaryCrossentropy,
        {"from_logits": True},
        ONE_HOT,
        LOGITS,
    ),
    "focal": (BinaryFocalCrossentropy(2.0), keras.losses.BinaryFocalCrossentropy, {"gamma": 2.0}, ONE_HOT, P),
    "focal weighted": (
        BinaryFocalCrossentropy(0.7, alpha=0.25),
        keras.losses.BinaryFocalCrossentropy,
        {"gamma": 0.7, "alpha": 0.25, "apply_class_balancing": True},
        ONE_HOT,
        P,
    ),
    "focal logits": (
        BinaryFocalCrossentropy(3.0, alpha=0.9, from_logits=True),
        keras.losses.BinaryFocalCrossentropy,
        {"gamma": 3.0, "alpha": 0.9, "apply_class_balancing": True, "from_logits": True},
        ONE_HOT,
        LOGITS,
    ),
    "cce": (CategoricalCrossentropy(), keras.losses.CategoricalCrossentropy, {}, ONE_HOT, P),
    "cce logits": (
        CategoricalCrossentropy(from_logits=True),
        keras.losses.CategoricalCrossentropy,
        {"from_logits": True},
        ONE_HOT,
        LOGITS,
    ),
    "sparse": (SparseCategoricalCrossentropy(), keras.losses.SparseCategoricalCrossentropy, {}, LABELS, P),
    "sparse logits": (
        SparseCategoricalCrossentropy(from_logits=True),
        keras.losses.SparseCategoricalCrossentropy,
        {"from_logits": True},
        LABELS,
        LOGITS,
    ),
}


def keras_value_and_gradient(loss, y_true, y_pred):
    y_pred = tf.constant(y_pred)
    with tf.GradientTape() as tape:
        tape.watch(y_pred)
        value = loss(y_true, y_pred)
    return float(value), tape.gradient(value, y_pred).numpy()


@pytest.mark.parametrize("case", CASES)
def test_values_and_gradients_equal_those_of_keras(case):
    loss, keras_loss, options, y_true, y_pred = CASES[case]
    value, gradient = keras_value_and_gradient(keras_loss(dtype="float64", **options), y_true, y_pred)
    # Keras rounds the ln 2 of log-cosh to float32.
    assert loss(y_true, y_pred) == pytest.approx(value, rel=1e-12, abs=1e-8 if case == "log-cosh" else 0)
    if case in ("cce", "sparse"):
        # Keras divides the probabilities by their sum first, which adds 1/n to every component; the part of the
        # gradient that lies along the simplex, all that a softmax passes on, is the same.
        gradient = gradient - 1 / len(y_pred)
    np.testing.assert_allclose(loss.gradient(y_true, y_pred), gradient, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("case", [*CASES, "half"])
def test_gradients_equal_central_differences(case):
    loss, _, _, y_true, y_pred = CASES[case] if case != "half" else (HalfSquaredError(), None, None, Y, Y_HAT)
    numerical = numerical_gradient(lambda y_pred: loss(y_true, y_pred), y_pred)
    assert relative_error(loss.gradient(y_true, y_pred), numerical) < 1e-8


def test_log_cosh_equals_its_definition():
    assert LogCosh()(Y, Y_HAT) == pytest.approx(np.log(np.cosh(Y_HAT - Y)).mean(), rel=1e-13)


def test_pinball_loss_equals_that_of_scikit_learn():
    for level in (0.05, 0.5, 0.9):
        expected = sklearn.metrics.mean_pinball_loss(Y, Y_HAT, alpha=level)
        assert Pinball(level)(Y, Y_HAT) == pytest.approx(expected, rel=1e-14)
        numerical = numerical_gradient(lambda y_hat, level=level: Pinball(level)(Y, y_hat), Y_HAT)
        assert relative_error(Pinball(level).gradient(Y, Y_HAT), numerical) < 1e-8
    assert Pinball()(Y, Y_HAT) == pytest.approx(MeanAbsoluteError()(Y, Y_HAT) / 2, rel=1e-14)
    assert (Pinball().gradient(Y, Y) == 0).all()


def test_pinball_loss_takes_a_level_for_each_output():
    levels = np.array([0.1, 0.5, 0.9])
    each = [sklearn.metrics.mean_pinball_loss(Y[:, k], Y_HAT[:, k], alpha=level) for k, level in enumerate(levels)]
    assert Pinball(levels)(Y, Y_HAT) == pytest.approx(np.mean(each), rel=1e-14)
    for level in (0, 1, [0.5, 1.5]):
        with pytest.raises(ValueError, match="level must lie between 0 and 1; got"):
            Pinball(level)


def test_focal_loss_without_focus_is_the_cross_entropy():
    for logits, values in ((False, P), (True, LOGITS)):
        plain = BinaryCrossentropy(from_logits=logits)
        focal = BinaryFocalCrossentropy(0, from_logits=logits)
        assert focal(ONE_HOT, values) == pytest.approx(plain(ONE_HOT, values), rel=1e-14)
        np.testing.assert_allclose(focal.gradient(ONE_HOT, values), plain.gradient(ONE_HOT, values), rtol=1e-13)
        half = BinaryFocalCrossentropy(0, alpha=0.5, from_logits=logits)
        assert half(ONE_HOT, values) == pytest.approx(plain(ONE_HOT, values) / 2, rel=1e-14)


@pytest.mark.parametrize("logits", [False, True])
def test_focal_loss_of_a_certain_answer_is_finite(logits):
    with np.errstate(all="raise", under="ignore"):
        for gamma in (0.5, 2.0):
            loss = BinaryFocalCrossentropy(gamma, from_logits=logits)
            certain = np.array([[800.0, -800.0]]) if logits else np.array([[1.0, 0.0]])
            for y in ([[1.0, 0.0]], [[0.0, 1.0]]):
                assert np.isfinite(loss(y, certain))
                assert np.isfinite(loss.gradient(y, certain)).all()


def test_half_squared_error_is_half_of_the_mean_squared_error():
    assert 2 * HalfSquaredError()(Y, Y_HAT) == pytest.approx(sklearn.metrics.mean_squared_error(Y, Y_HAT), rel=1e-14)
    np.testing.assert_allclose(2 * HalfSquaredError().gradient(Y, Y_HAT), MeanSquaredError().gradient(Y, Y_HAT))


@pytest.mark.parametrize(
    ("loss", "y_true", "terms"),
    [
        (HalfSquaredError(), Y, Y.size),
        (BinaryCrossentropy(), ONE_HOT, ONE_HOT.size),
        (CategoricalCrossentropy(), ONE_HOT, len(ONE_HOT)),
        (SparseCategoricalCrossentropy(), LABELS, len(LABELS)),
    ],
)
def test_matched_pairs_give_prediction_minus_target(loss, y_true, terms):
    activation = get_activation(loss.matched_activation)
    prediction = activation.value(LOGITS)
    dense = Y if loss.matched_activation == "identity" else ONE_HOT
    through_the_activation = activation.backward(LOGITS, loss.gradient(y_true, prediction))
    np.testing.assert_allclose(through_the_activation, (prediction - dense) / terms, rtol=1e-9, atol=1e-12)
    if loss.matched_activation != "identity":
        at_logits = type(loss)(from_logits=True)
        np.testing.assert_allclose(at_logits.gradient(y_true, LOGITS), (prediction - dense) / terms, rtol=1e-13)
        assert at_logits(y_true, LOGITS) == pytest.approx(loss(y_true, prediction), rel=1e-12)


def test_cross_entropies_equal_those_of_scikit_learn_and_scipy():
    expected = sklearn.metrics.log_loss(LABELS, P)
    assert CategoricalCrossentropy()(ONE_HOT, P) == pytest.approx(expected, rel=1e-12)
    likelihood = scipy.stats.bernoulli.logpmf(ONE_HOT.astype(int), P).mean()
    assert BinaryCrossentropy()(ONE_HOT, P) == pytest.approx(-likelihood, rel=1e-12)


def test_certain_and_wrong_is_large_but_finite():
    p = np.array([[0.0, 1.0]])
    expected = sklearn.metrics.log_loss([0], p, labels=[0, 1])  # clips at the same distance from 0
    assert CategoricalCrossentropy()([[1, 0]], p) == pytest.approx(expected, rel=1e-12)
    assert BinaryCrossentropy()([1.0], [0.0]) == pytest.approx(expected, rel=1e-12)
    assert np.isfinite(BinaryCrossentropy().gradient([1.0], [0.0])).all()
    assert np.isfinite(CategoricalCrossentropy().gradient([[1, 0]], p)).all()


@pytest.mark.parametrize("size", [1e3, 1e300])
def test_logits_and_log_cosh_do_not_overflow(size):
    with np.errstate(all="raise", under="ignore"):
        assert BinaryCrossentropy(from_logits=True)([0.0], [size]) == size
        assert BinaryCrossentropy(from_logits=True)([1.0], [size]) == 0
        assert CategoricalCrossentropy(from_logits=True)([[0, 1]], [[size, 0.0]]) == size
        assert LogCosh()([0.0], [size]) == pytest.approx(size - np.log(2), rel=1e-15)
        assert LogCosh().gradient([0.0], [size]) == 1


@given(arrays(np.float64, (4, 2), elements=st.floats(-100, 100)), st.floats(0.01, 50))
def test_huber_lies_between_its_two_parts(e, delta):
    zero = np.zeros_like(e)
    huber = Huber(delta)(zero, e)
    assert huber <= HalfSquaredError()(zero, e) * (1 + 1e-12)
    assert huber <= delta * MeanAbsoluteError()(zero, e) * (1 + 1e-12)
    assert np.abs(Huber(delta).gradient(zero, e)).max() <= delta / e.size


@given(arrays(np.float64, (3, 4), elements=st.floats(-30, 30)), arrays(np.int64, 3, elements=st.integers(0, 3)))
def test_cross_entropy_properties(z, labels):
    loss = SparseCategoricalCrossentropy(from_logits=True)
    assert loss(labels, z) >= 0
    assert loss(labels, z + 7) == pytest.approx(loss(labels, z), abs=1e-12)
    np.testing.assert_allclose(loss.gradient(labels, z).sum(axis=1), 0, atol=1e-15)
    one_hot = CategoricalCrossentropy(from_logits=True)(np.eye(4)[labels], z)
    assert one_hot == pytest.approx(loss(labels, z), abs=1e-12)


@pytest.mark.parametrize("case", CASES)
def test_float32_stays_float32_and_is_close(case):
    loss, _, _, y_true, y_pred = CASES[case]
    small = y_pred.astype(np.float32)
    assert loss.gradient(y_true, small).dtype == np.float32
    assert loss(y_true, small) == pytest.approx(loss(y_true, y_pred), rel=1e-5)


def test_nan_predictions_give_nan():
    for name, loss in LOSSES.items():
        y_true = [0] if name.startswith("sparse") else [[1.0, 0.0]]
        assert np.isnan(loss()(y_true, [[np.nan, np.nan]])), name


def test_a_column_against_a_row_is_refused():
    with pytest.raises(ValueError, match=r"y_true must have the shape of the predictions, \(2, 1\); got shape \(2,\)"):
        MeanSquaredError()([1.0, 2.0], [[1.0], [2.0]])


@pytest.mark.parametrize(
    ("loss", "y_true", "y_pred", "message"),
    [
        (BinaryCrossentropy(), [-1.0, 1.0], [0.5, 0.5], r"y_true must lie in \[0, 1\]; found values from -1 to 1"),
        (BinaryCrossentropy(), [0.0, 1.0], [0.5, 1.5], r"y_pred must lie in \[0, 1\]; found values from 0.5 to 1.5"),
        (CategoricalCrossentropy(), [[1, 1]], [[0.5, 0.5]], "rows that sum to 1; got the sums"),
        (SparseCategoricalCrossentropy(), [2], [[0.5, 0.5]], r"integers from 0 to 1, shape \(1,\); got .*\[2\]"),
        (SparseCategoricalCrossentropy(), [-1], [[0.5, 0.5]], "integers from 0 to 1"),
        (SparseCategoricalCrossentropy(), [0.5], [[0.5, 0.5]], "integers from 0 to 1"),
        (SparseCategoricalCrossentropy(), [[1, 0]], [[0.5, 0.5]], r"shape \(1,\); got shape \(1, 2\)"),
        (HalfSquaredError(), [np.nan], [0.0], "y_true must be finite; found nan"),
    ],
)
def test_wrong_values_are_named(loss, y_true, y_pred, message):
    with pytest.raises(ValueError, match=message):
        loss(y_true, y_pred)
    with pytest.raises(ValueError, match=message):
        loss.gradient(y_true, y_pred)


def test_options_are_checked():
    with pytest.raises(ValueError, match="delta must be a finite number > 0; got 0.0"):
        Huber(0)
    with pytest.raises(ValueError, match="from_logits must be one of False, True; got 'yes'"):
        BinaryCrossentropy(from_logits="yes")


def test_registry():
    for name, loss in LOSSES.items():
        assert type(get_loss(name)) is loss
    huber = Huber(2.0)
    assert get_loss(huber) is huber
    with pytest.raises(ValueError, match="loss must be one of 'half_squared_error', .*; got 'mse'"):
        get_loss("mse")


def test_sigmoid_output_with_bce_on_logits_matches_sigmoid_values():
    z = np.linspace(-30, 30, 7)
    y = (z > 5).astype(float)
    assert BinaryCrossentropy(from_logits=True)(y, z) == pytest.approx(BinaryCrossentropy()(y, sigmoid(z)), rel=1e-3)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_probabilities_that_rounding_moved_are_accepted(dtype):
    above = np.array([[np.nextafter(np.float32(1), np.float32(2)), 0.0]], dtype)
    assert above.max() > 1
    for loss, y in ((BinaryCrossentropy(), [[1.0, 0.0]]), (CategoricalCrossentropy(), [[1.0, 0.0]])):
        assert loss(y, above) == pytest.approx(0, abs=1e-6)
        assert np.isfinite(loss.gradient(y, above)).all()
        assert loss(above, above) == pytest.approx(0, abs=1e-6)
