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


def test_early_stopping_does_with_the_table_what_the_question_says():
    losses = [0.90, 0.70, 0.62, 0.64, 0.60, 0.61, 0.63, 0.66, 0.58]
    early = keras.callbacks.EarlyStopping(patience=3, restore_best_weights=True)
    model = small_model()
    early.set_model(model)
    early.on_train_begin({})
    for epoch, loss in enumerate(losses):
        model.set_weights([np.full(weight.shape, epoch) for weight in model.get_weights()])
        early.on_epoch_end(epoch, {"val_loss": loss})
        if model.stop_training:
            break
    early.on_train_end({})
    assert [epoch + 1, int(model.get_weights()[0].mean())] == [8, 4]


def test_the_repaired_keeper_gives_back_what_early_stopping_would():
    rng = np.random.default_rng(0)
    X, y, X_valid, y_valid = rng.normal(size=(20, 3)), rng.normal(size=20), rng.normal(size=(9, 3)), rng.normal(size=9)
    found = []
    for callback in (
        find("callbacks/repair-keep-best").model_answer()(),
        keras.callbacks.EarlyStopping(patience=99, restore_best_weights=True),
    ):
        keras.utils.set_random_seed(1)
        model = small_model()
        options = {"epochs": 8, "validation_data": (X_valid, y_valid), "callbacks": [callback], "verbose": 0}
        model.fit(X, y, **options)
        found.append(model.get_weights()[0])
    np.testing.assert_array_equal(*found)
