"""fit_fast against fit, tables against what Keras itself says."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from coursepkg.deep import fit_fast, history_frame, param_table, seed_everything


@pytest.fixture
def data():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(70, 4))
    return x, (x.sum(axis=1) > 0).astype(float)


def classifier(**options):
    seed_everything(42)
    model = keras.Sequential(
        [keras.Input((4,)), keras.layers.Dense(8, activation="relu"), keras.layers.Dense(1, activation="sigmoid")]
    )
    model.compile(loss="binary_crossentropy", optimizer=keras.optimizers.Adam(0.01), metrics=["accuracy"], **options)
    return model


def both_ways(data, **options):
    """Train the same model twice, with fit and with fit_fast; the last batch is smaller than the others."""
    histories, models = [], []
    for train in (lambda model, **o: model.fit(*data, verbose=0, **o), lambda model, **o: fit_fast(model, *data, **o)):
        models.append(classifier())
        histories.append(train(models[-1], epochs=4, batch_size=32, **options).history)
    return histories, models


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"validation_split": 0.3},
        {"class_weight": {0: 1.0, 1: 3.0}},
        {"initial_epoch": 2},
        {"shuffle": False},
        {"steps_per_epoch": 2},
        {"validation_split": 0.3, "steps_per_epoch": 1},
        {"validation_split": 0.5, "validation_steps": 1, "validation_batch_size": 10},
    ],
    ids=str,
)
def test_the_same_losses_and_weights_as_fit(data, options):
    histories, models = both_ways(data, **options)
    assert histories[0].keys() == histories[1].keys()
    for name, values in histories[0].items():
        np.testing.assert_allclose(histories[1][name], values, rtol=1e-9, err_msg=name)
    for expected, got in zip(*(model.get_weights() for model in models), strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-9)


def test_the_same_validation_losses_with_weighted_rows(data):
    x, y = data
    weights = np.linspace(0.1, 2, len(x))
    histories, _ = both_ways(data, validation_data=(x[::-1], y[::-1], weights))
    np.testing.assert_allclose(histories[1]["val_loss"], histories[0]["val_loss"], rtol=1e-9)


def test_inputs_by_name():
    seed_everything(0)
    a, b = keras.Input((2,), name="a"), keras.Input((1,), name="b")
    model = keras.Model({"a": a, "b": b}, keras.layers.Dense(1)(keras.layers.Concatenate()([a, b])))
    model.compile(loss="mse", optimizer="sgd")
    x = {"a": np.ones((10, 2)), "b": np.zeros((10, 1))}
    assert len(fit_fast(model, x, np.ones(10), epochs=3, batch_size=4).epoch) == 3


def test_the_model_keeps_its_own_steps_and_its_optimizer_goes_on(data):
    model = classifier(steps_per_execution=2)
    model.fit(*data, verbose=0)
    fit_fast(model, *data, epochs=2)
    assert model.steps_per_execution == 2
    assert int(model.optimizer.iterations) == 9
    model.fit(*data, verbose=0)
    assert int(model.optimizer.iterations) == 12


def test_the_model_is_as_before_when_training_fails(data):
    class Stop(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            raise KeyError("stop")

    model = classifier()
    with pytest.raises(KeyError):
        fit_fast(model, *data, epochs=2, callbacks=[Stop()])
    assert model.steps_per_execution == 1


class Counts(keras.callbacks.Callback):
    def __init__(self):
        super().__init__()
        self.batches = 0

    def on_train_batch_end(self, batch, logs=None):
        self.batches += 1


def test_callbacks_that_watch_batches_see_each_of_them(data):
    counts, counted = Counts(), []
    by_lambda = keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: counted.append(batch))
    fit_fast(classifier(), *data, epochs=2, callbacks=[counts])
    fit_fast(classifier(), *data, epochs=2, callbacks=[by_lambda])
    assert counts.batches == 6
    assert counted == [0, 1, 2, 0, 1, 2]


class Reporting(keras.Model):
    """A train_step of one's own that reports the loss of the batch, no mean over the batches before it."""

    def train_step(self, batch):
        loss = super().train_step(batch) and self.compute_loss(x=batch[0], y=batch[1], y_pred=self(batch[0]))
        return {"loss": loss, "answer": keras.ops.ones(())}


def test_a_train_step_of_ones_own_is_used_and_its_logs_are_kept(data):
    histories = []
    for train in (lambda model, *a, **o: model.fit(*a, verbose=0, **o), fit_fast):
        base = classifier()
        model = Reporting(base.inputs, base.outputs)
        model.compile(loss="binary_crossentropy", optimizer=keras.optimizers.Adam(0.01))
        histories.append(train(model, *data, epochs=3, batch_size=32).history)
    assert histories[0].keys() == histories[1].keys()
    for name, values in histories[0].items():
        np.testing.assert_allclose(histories[1][name], values, rtol=1e-9)


def test_callbacks_come_alone_or_in_keras_own_list(data):
    counts = Counts()
    fit_fast(classifier(), *data, callbacks=counts)
    assert counts.batches == 3
    model = classifier()
    together = keras.callbacks.CallbackList([counts], add_history=True, model=model, epochs=1, verbose=0)
    fit_fast(model, *data, callbacks=together)
    assert counts.batches == 6


def test_early_stopping_works(data):
    stop = keras.callbacks.EarlyStopping(monitor="loss", patience=0, min_delta=10)
    assert len(fit_fast(classifier(), *data, epochs=9, callbacks=[stop]).epoch) == 2


def test_bad_arguments_of_fit_fast(data):
    with pytest.raises(TypeError, match="must be a keras.Model; got str"):
        fit_fast("model", *data)
    with pytest.raises(ValueError, match="is not compiled"):
        fit_fast(keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)]), *data)
    with pytest.raises(ValueError, match="epochs must be .*; got 0"):
        fit_fast(classifier(), *data, epochs=0)
    with pytest.raises(TypeError, match="x must be an array.*got 3.0"):
        fit_fast(classifier(), 3.0, data[1])


def test_history_frame_of_two_fits(data):
    model = classifier()
    first, second = fit_fast(model, *data, epochs=2), fit_fast(model, *data, epochs=3)
    frame = history_frame(first, second)
    assert list(frame.index) == [1, 2, 3, 4, 5]
    assert list(frame["loss"]) == first.history["loss"] + second.history["loss"]


@pytest.mark.parametrize(
    ("histories", "error", "message"),
    [
        ((), ValueError, "at least one history"),
        (([0.3],), TypeError, "got list"),
        (({"loss": [1], "val_loss": [1, 2]},), ValueError, "same length; got {'loss': 1, 'val_loss': 2}"),
    ],
)
def test_bad_histories(histories, error, message):
    with pytest.raises(error, match=message):
        history_frame(*histories)


def test_param_table_counts_what_keras_counts():
    inner = keras.Sequential([keras.Input((6,)), keras.layers.Dense(5), keras.layers.BatchNormalization()], name="in")
    model = keras.Sequential([keras.Input((2, 3)), keras.layers.Flatten(), inner, keras.layers.Dense(1, name="out")])
    table = param_table(model)
    assert table[["trainable", "non-trainable"]].to_numpy().sum() == model.count_params()
    assert table["non-trainable"].sum() == 10
    assert list(table["type"]) == ["Flatten", "Dense", "BatchNormalization", "Dense"]
    assert table.loc["out", "weights"] == "(5, 1) (1)"
    assert table.loc["out", "output"] == "(n, 1)"


def test_param_table_of_a_subclassed_model():
    class Net(keras.Model):
        def __init__(self):
            super().__init__()
            self.out = keras.layers.Dense(2, name="out")

        def call(self, inputs):
            return self.out(inputs)

    model = Net()
    with pytest.raises(ValueError, match="is not built"):
        param_table(model)
    model(np.ones((1, 3)))
    assert param_table(model).loc["out", "trainable"] == 8
    with pytest.raises(TypeError, match="got int"):
        param_table(3)


def test_without_a_size_of_batches_they_are_as_large_as_those_of_fit(data):
    for options in ({}, {"steps_per_epoch": 2}, {"steps_per_epoch": 1, "epochs": 3}):
        expected = classifier().fit(*data, verbose=0, **options).history
        got = fit_fast(classifier(), *data, **options).history
        np.testing.assert_allclose(got["loss"], expected["loss"], rtol=1e-9)


def test_what_fit_fast_cannot_train_on_is_said(data):
    x, y = data
    with pytest.raises(ValueError, match=r"x must hold at least one instance; got an array of shape \(0, 4\)"):
        fit_fast(classifier(), x[:0], y[:0])
    with pytest.raises(TypeError, match="x must be an array.*; numpy.asarray makes one of lists"):
        fit_fast(classifier(), x.tolist(), y)


def test_a_table_of_histories_is_a_history_too(data):
    history = fit_fast(classifier(), *data, epochs=2)
    table = history_frame(history, history)
    assert history_frame(table).equals(table)
    assert len(history_frame(table, history)) == 6


def test_epochs_without_validation_are_named():
    with pytest.raises(ValueError, match="same length; got .*; with validation_freq, write NaN where nothing"):
        history_frame({"loss": [1, 2], "val_loss": [1]})
    for wrong in ("loss", None, 3, [{"loss": [1]}], np.ones(3)):
        with pytest.raises(TypeError, match="must be a History, its table or its dict of lists; expected one"):
            history_frame(wrong)
    with pytest.raises(TypeError, match=r"history\['loss'\] must hold one number an epoch; got 1.0"):
        history_frame({"loss": 1.0})
