"""Schedules against those of Keras, step by step."""

from __future__ import annotations

import numpy as np
import pytest

from coursepkg.scratch.optimizers import SGD
from coursepkg.scratch.schedules import (
    Performance,
    cosine,
    exponential,
    one_cycle,
    one_cycle_momentum,
    piecewise_constant,
    power,
)

STEPS = np.arange(60)


def keras_schedules():
    import keras.optimizers.schedules as k

    return {
        "power": (power(0.1, steps=7), k.InverseTimeDecay(0.1, decay_steps=7, decay_rate=1)),
        "exponential": (exponential(0.1, steps=20), k.ExponentialDecay(0.1, decay_steps=20, decay_rate=0.1)),
        "piecewise": (
            piecewise_constant([5, 15], [0.01, 0.005, 0.001]),
            k.PiecewiseConstantDecay([5, 15], [0.01, 0.005, 0.001]),
        ),
        "cosine": (cosine(0.1, steps=40, final=0.01), k.CosineDecay(0.1, decay_steps=40, alpha=0.1)),
        "cosine with warm-up": (
            cosine(0.1, steps=40, warmup=10),
            k.CosineDecay(0.0, decay_steps=40, warmup_target=0.1, warmup_steps=10),
        ),
    }


@pytest.mark.parametrize("name", ["power", "exponential", "piecewise", "cosine", "cosine with warm-up"])
def test_equals_keras(name):
    ours, theirs = keras_schedules()[name]
    expected = [float(theirs(t)) for t in STEPS]
    np.testing.assert_allclose(ours(STEPS), expected, rtol=1e-5, atol=1e-8)  # Keras computes them in float32
    np.testing.assert_allclose([ours(t) for t in STEPS], ours(STEPS))  # one by one as all at once


@pytest.mark.parametrize("steps", [4, 5, 21, 100, 1001])
def test_one_cycle(steps):
    rates, t = one_cycle(0.4, steps=steps)(np.arange(steps)), np.arange(steps)
    assert rates.max() == 0.4
    assert rates[0] == pytest.approx(0.04)
    assert rates[-1] == pytest.approx(0.04 / 1000)
    turn = rates.argmax()
    assert rates[2 * turn] == pytest.approx(0.04)
    np.testing.assert_allclose(np.diff(rates[: turn + 1], n=2), 0, atol=1e-12)  # straight
    np.testing.assert_allclose(rates[turn : 2 * turn + 1], rates[: turn + 1][::-1])  # and back the same way
    momenta = one_cycle_momentum(steps=steps)(t)
    assert momenta.argmin() == turn
    np.testing.assert_allclose(momenta[: 2 * turn + 1], 0.95 - 0.1 * (rates[: 2 * turn + 1] - 0.04) / 0.36)
    assert (momenta[2 * turn :] == 0.95).all()


def test_after_its_end_one_cycle_keeps_the_last_rate():
    schedule = one_cycle(1.0, steps=10, initial=0.5, final=0.25)
    assert schedule(9) == schedule(1000) == 0.25


def test_performance_is_reduce_lr_on_plateau():
    import keras

    rng = np.random.default_rng(3)
    losses = np.linspace(1, 0.5, 40) + rng.normal(0, 0.2, 40)
    losses[7] = np.nan
    ours = Performance(0.5, factor=0.5, patience=3)
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(optimizer=keras.optimizers.SGD(0.5))
    theirs = keras.callbacks.ReduceLROnPlateau(monitor="loss", factor=0.5, patience=3, min_delta=0)
    theirs.set_model(model)
    theirs.on_train_begin()
    for epoch, loss in enumerate(losses):
        theirs.on_epoch_end(epoch, {"loss": loss})
        assert ours.update(loss) == pytest.approx(float(model.optimizer.learning_rate))
    assert ours(0) < 0.1


def test_an_optimizer_takes_a_schedule():
    theta, optimizer = np.zeros(1), SGD(piecewise_constant([1], [1.0, 0.5]))
    for _ in range(4):
        optimizer.step([theta], [[1.0]])
    assert theta == -(1 + 1 + 0.5 + 0.5)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: power(0, steps=3), "initial must be .*; got 0"),
        (lambda: exponential(0.1, steps=-1), "steps must be .*; got -1"),
        (lambda: piecewise_constant([5, 5], [1, 2, 3]), r"rise strictly; got \[5, 5\]"),
        (lambda: piecewise_constant([5], [1]), "1 boundaries need 2 values; got 1"),
        (lambda: cosine(0.1, steps=5, final=0.2), "final must be .*; got 0.2"),
        (lambda: one_cycle(0.1, steps=3), "steps must be .*; got 3"),
        (lambda: one_cycle_momentum(steps=9, low=0.99), "low must be .*; got 0.99"),
        (lambda: Performance(0.1, factor=1), "factor must be .*; got 1"),
        (lambda: power(0.1, steps=3)(-1), "counted from 0; got -1"),
    ],
)
def test_bad_input(call, message):
    with pytest.raises(ValueError, match=message):
        call()
