"""What the exercises on callbacks say about Keras is what Keras does: which hooks it calls, and when training stops."""

from __future__ import annotations

import numpy as np
import pytest

from coursepkg.exercises import find
from coursepkg.exercises.answers.callbacks import epochs_trained, simulate_calls
from coursepkg.exercises.cases.callbacks import train

keras = pytest.importorskip("keras")


def small_model():
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.compile(loss="mse", optimizer=keras.optimizers.SGD(0.01))
    return model


@pytest.mark.parametrize(("n", "n_valid", "size", "epochs"), [(40, 16, 8, 3), (41, 15, 8, 2), (5, 5, 8, 1)])
def test_keras_calls_the_hooks_as_often_as_the_exercise_says(n, n_valid, size, epochs):
    expected = simulate_calls(n, n_valid, size, epochs)
    counts = dict.fromkeys(expected, 0)

    class Counter(keras.callbacks.Callback):
        pass

    for name in expected:
        setattr(Counter, name, lambda self, *a, name=name, **k: counts.update({name: counts[name] + 1}))
    x, y = np.zeros((n, 3)), np.zeros(n)
    valid = (np.zeros((n_valid, 3)), np.zeros(n_valid))
    small_model().fit(x, y, batch_size=size, epochs=epochs, validation_data=valid, callbacks=[Counter()], verbose=0)
    assert counts == expected


@pytest.mark.parametrize("validation", [0.5, 0.0])
def test_the_stand_in_stops_where_keras_does(validation):
    StopAtGap = find("callbacks/stop-at-gap").model_answer()
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(16, 3)), rng.normal(size=16)
    logs = []
    record = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, log: logs.append(dict(log)))
    options = {"validation_split": validation, "epochs": 30, "verbose": 0}
    model = small_model()
    weights = model.get_weights()
    model.fit(x, y, callbacks=[record], **options)
    gaps = [log["val_loss"] / log["loss"] for log in logs if "val_loss" in log]
    gap = float(np.median(gaps)) if gaps else 1.0
    model = small_model()
    model.set_weights(weights)
    trained = len(model.fit(x, y, callbacks=[StopAtGap(gap, 3)], **options).epoch)
    assert trained == epochs_trained(logs, gap, 3) == train(StopAtGap(gap, 3), logs)
    assert (trained < 30) == bool(gaps)
