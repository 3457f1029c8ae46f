"""Every optimizer against Keras's, step by step, and against what its paper promises."""

from __future__ import annotations

import numpy as np
import pytest

from coursepkg.scratch.optimizers import OPTIMIZERS, SGD, Adam, AdamW, Optimizer

# Keras rounds some hyperparameters to float32. Sums of powers of two are the same there; 0.9 is not.
EXACT = [
    ("SGD", {}),
    ("SGD", {"momentum": 0.875}),
    ("SGD", {"momentum": 0.875, "nesterov": True}),
    ("SGD", {"momentum": 0.5, "weight_decay": 0.125}),
    ("Adagrad", {"epsilon": 0.5}),
    ("RMSprop", {"rho": 0.75, "epsilon": 0.5}),
    ("Adam", {"beta_1": 0.5, "beta_2": 0.875, "epsilon": 0.5}),
    ("Adam", {"beta_1": 0.875, "beta_2": 0.9375, "epsilon": 2.0**-20}),
    ("AdamW", {"beta_1": 0.5, "beta_2": 0.875, "weight_decay": 0.25, "epsilon": 0.125}),
    ("Adamax", {"beta_1": 0.75, "beta_2": 0.875, "epsilon": 0.5, "weight_decay": 0.125}),
    ("Nadam", {"beta_1": 0.5, "beta_2": 0.875, "epsilon": 0.5}),
    ("Lion", {"beta_1": 0.75, "beta_2": 0.875, "weight_decay": 0.125}),
]
CONSTANTS = {"Adagrad": 1e-8, "Nadam": 1e-6}  # hold 0.1, or 0.96 and its powers, in float32
DEFAULTS = [(name, {}) for name in OPTIMIZERS]


@pytest.mark.parametrize(
    ("name", "options", "tolerance"),
    [(*variant, CONSTANTS.get(variant[0], 1e-12)) for variant in EXACT] + [(*variant, 1e-4) for variant in DEFAULTS],
    ids=str,
)
def test_the_weights_of_keras_for_fifty_steps(name, options, tolerance):
    import keras

    keras.config.set_floatx("float64")
    rng = np.random.default_rng(0)
    ours = [rng.normal(size=(3, 2)), rng.normal(size=2)]
    theirs = [keras.Variable(array) for array in ours]
    optimizer, reference = OPTIMIZERS[name](0.0625, **options), getattr(keras.optimizers, name)(0.0625, **options)
    for step in range(50):
        gradients = [rng.normal(size=array.shape) * 10.0 ** rng.integers(-3, 2) for array in ours]
        optimizer.step(ours, gradients)
        reference.apply_gradients(zip([keras.ops.convert_to_tensor(g) for g in gradients], theirs, strict=True))
        for expected, got in zip(theirs, ours, strict=True):
            np.testing.assert_allclose(got, expected.numpy(), rtol=tolerance, atol=tolerance / 10, err_msg=f"{step}")


@pytest.mark.parametrize("name", sorted(OPTIMIZERS))
def test_defaults_are_those_of_keras(name):
    import keras

    theirs = getattr(keras.optimizers, name)().get_config()
    ours = vars(OPTIMIZERS[name]())
    shared = set(ours) & set(theirs) - {"learning_rate", "weight_decay"}
    assert {key: ours[key] for key in shared} == {key: theirs[key] for key in shared}
    assert ours["learning_rate"] == pytest.approx(theirs["learning_rate"])
    assert ours["weight_decay"] == (theirs["weight_decay"] or 0.0)


@pytest.mark.parametrize("name", sorted(OPTIMIZERS))
def test_each_finds_the_bottom_of_a_bowl(name):
    theta = np.array([1.0, -2.0])
    optimizer = OPTIMIZERS[name](lambda t: 0.5 / (1 + 0.05 * t))
    for _ in range(2000):
        optimizer.step([theta], [theta * [1.0, 3.0]])
    assert np.abs(theta).max() < 0.05


def test_terminal_velocity():
    theta, optimizer = np.zeros(1), SGD(0.1, momentum=0.9)
    for _ in range(300):
        before = theta.copy()
        optimizer.step([theta], [[1.0]])
    np.testing.assert_allclose(theta - before, -0.1 / (1 - 0.9))


def test_nesterov_looks_ahead():
    """In Keras's form θ is the point looked ahead to: it equals Sutskever's φ + βv on the same function."""
    beta, eta, phi, v = 0.9, 0.05, 2.0, 0.0
    theta, optimizer = np.array([2.0]), SGD(eta, momentum=beta, nesterov=True)
    for _ in range(20):
        v = beta * v - eta * 3 * (phi + beta * v)
        phi += v
        optimizer.step([theta], [3 * theta])
        np.testing.assert_allclose(theta, phi + beta * v)


def test_the_schedule_is_asked_for_each_step():
    asked = []
    theta = np.zeros(1)
    optimizer = SGD(lambda t: asked.append(t) or 1.0)
    for _ in range(3):
        optimizer.step([theta], [[1.0]])
    assert asked == [0, 1, 2]
    assert theta == -3


def test_weight_decay_is_not_l2_under_adam():
    """L2 enters the gradient and is divided by its size; decoupled decay is not: large gradients hide only L2."""
    l2, decoupled = np.array([1.0, 1.0]), np.array([1.0, 1.0])
    g = np.array([100.0, 0.01])
    adam, adamw = Adam(0.01), AdamW(0.01, weight_decay=0.1)
    for _ in range(100):
        adam.step([l2], [g + 0.1 * l2])
        adamw.step([decoupled], [g])
    plain = np.array([1.0, 1.0])
    adam = Adam(0.01)
    for _ in range(100):
        adam.step([plain], [g])
    np.testing.assert_allclose(decoupled[0] - plain[0], decoupled[1] - plain[1], rtol=1e-3)
    assert abs(l2[0] - plain[0]) < 1e-3 < abs(decoupled[0] - plain[0])


def test_parameters_without_elements_are_allowed():
    optimizer = Adam()
    optimizer.step([np.zeros((0, 3))], [np.zeros((0, 3))])
    assert optimizer.iterations == 1


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: SGD(0), ValueError, "learning_rate must be .*; got 0"),
        (lambda: SGD(0.1, momentum=1), ValueError, "momentum must be .*; got 1"),
        (lambda: Adam(0.1, beta_2=-0.1), ValueError, "beta_2 must be .*; got -0.1"),
        (lambda: Adam(0.1, weight_decay=-1), ValueError, "weight_decay must be .*; got -1"),
        (lambda: SGD().step([1.0], [1.0]), TypeError, r"parameters\[0\] .* array of floats; got float"),
        (lambda: SGD().step([np.arange(3)], [np.ones(3)]), TypeError, "array of floats; got int64"),
        (lambda: SGD().step([np.ones(3)], [np.ones(2)]), ValueError, r"\[\(3,\)\]; got \[\(2,\)\]"),
        (lambda: SGD().step([np.ones(3)], []), ValueError, r"got \[\]"),
        (lambda: SGD().step([np.ones(1)], [[np.nan]]), ValueError, r"gradients\[0\]"),
    ],
)
def test_bad_input(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_other_parameters_than_at_the_first_step():
    optimizer = Adam()
    optimizer.step([np.ones(3)], [np.ones(3)])
    with pytest.raises(ValueError, match="began with parameters of the shapes"):
        optimizer.step([np.ones(2)], [np.ones(2)])


def test_the_base_class_takes_no_step():
    with pytest.raises(TypeError, match="abstract method '?change"):
        Optimizer()
