"""fit_fast against fit, tables against what Keras itself says."""

from __future__ import annotations

import keras
import numpy as np
import pandas as pd
import pytest

from coursepkg.deep import fit_fast, history_frame, param_table, seed_everything, training

import tensorflow as tf  # isort: skip (after coursepkg.deep, which keeps its notices out)


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


@pytest.fixture
def ways(monkeypatch):
    """A list of what fit_fast did, call by call: whether whole epochs were one call each."""
    seen, by_epochs = [], training._fit_by_epochs
    monkeypatch.setattr(training, "_fit_by_epochs", lambda *a, **o: seen.append("epochs") or by_epochs(*a, **o))
    monkeypatch.setattr(keras.Model, "fit", wrapped(keras.Model.fit, seen))
    return seen


def wrapped(fit, seen):
    def recording(model, x, y=None, **options):
        if not isinstance(x, tf.data.Dataset):
            seen.append("fit")
        return fit(model, x, y, **options)

    return recording


def both_ways(data, build=classifier, *, rtol=1e-9, **options):
    """Train the same model twice, with fit and with fit_fast, and compare; the last batch of the 70 is smaller.

    Callbacks are a function that makes them, since they have a state of their own.
    """
    make, histories, models = options.pop("callbacks", list), [], []
    options = {"epochs": 4, "batch_size": 32} | options
    for train in (lambda model, *a, **o: model.fit(*a, verbose=0, **o), fit_fast):
        models.append(build())
        histories.append(train(models[-1], *data, callbacks=make(), **options).history)
    expected, got = histories
    assert list(got) == list(expected)
    for name, values in expected.items():
        np.testing.assert_allclose(got[name], values, rtol=rtol, err_msg=name)
    # Optimizers, too: their counters, momenta and averages.
    for one, other in zip(*([*model.variables, *model.optimizer.variables] for model in models), strict=True):
        np.testing.assert_allclose(other.numpy(), one.numpy(), rtol=rtol, atol=1e-14, err_msg=one.path)
    return expected, models


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"validation_split": 0.3},
        {"initial_epoch": 2},
        {"shuffle": False},
        {"sample_weight": np.linspace(0.1, 2, 70)},
        {"sample_weight": np.linspace(0.1, 2, 70), "validation_split": 0.3},
        {"batch_size": 35},
        {"batch_size": 100},
        {"validation_split": 0.3, "validation_freq": 2, "validation_batch_size": 10},
    ],
    ids=str,
)
def test_whole_epochs_give_the_losses_and_weights_of_fit(data, ways, options):
    both_ways(data, **options)
    assert ways == ["fit", "epochs"]


@pytest.mark.parametrize(
    "options",
    [
        {"class_weight": {0: 1.0, 1: 3.0}},
        {"steps_per_epoch": 2},
        {"validation_split": 0.3, "steps_per_epoch": 1},
        {"validation_split": 0.5, "validation_steps": 1, "validation_batch_size": 10},
        {"shuffle": "batch"},
    ],
    ids=str,
)
def test_what_needs_single_batches_is_left_to_fit(data, ways, options):
    both_ways(data, **options)
    assert ways == ["fit", "fit"]


def test_data_other_than_arrays_of_numbers_are_left_to_fit(data, ways):
    x, y = data
    both_ways((pd.DataFrame(x), pd.Series(y)))
    both_ways(data, validation_data=tf.data.Dataset.from_tensor_slices(data).batch(10))
    both_ways(data, validation_data=(pd.DataFrame(x), y))
    both_ways(data, lambda: classifier(run_eagerly=True), epochs=1)
    assert ways == ["fit"] * 8
    with pytest.raises(ValueError, match="cardinality"):
        fit_fast(classifier(), x, y[:-1])
    with pytest.raises(ValueError, match="not sufficient to split"):
        fit_fast(classifier(), x, y, validation_split=1.0)


@pytest.mark.parametrize(
    "optimizer",
    [
        lambda: keras.optimizers.SGD(0.1, momentum=0.9, clipnorm=0.5),
        lambda: keras.optimizers.Adam(0.01, gradient_accumulation_steps=2),
        lambda: keras.optimizers.Adam(0.01, use_ema=True, ema_momentum=0.9),
        lambda: keras.optimizers.SGD(0.1, use_ema=True, ema_overwrite_frequency=3),
        lambda: keras.optimizers.SGD(keras.optimizers.schedules.ExponentialDecay(0.1, 3, 0.5)),
        lambda: keras.optimizers.LossScaleOptimizer(
            keras.optimizers.SGD(0.1), initial_scale=4.0, dynamic_growth_steps=3
        ),
    ],
    ids=["clipping", "accumulation", "average", "overwriting average", "schedule", "loss scale"],
)
def test_optimizers_do_the_same(data, ways, optimizer):
    def build():
        model = classifier()
        model.compile(loss="binary_crossentropy", optimizer=optimizer())
        return model

    both_ways(data, build)
    assert ways == ["fit", "epochs"]


def network(*stack, **options):
    """Return a function that builds a network of these layers, each a function, too."""

    def build():
        seed_everything(42)
        model = keras.Sequential([keras.Input((4,)), *(layer() for layer in stack)])
        model.compile(loss="mse", optimizer="sgd", **options)
        return model

    return build


@pytest.mark.parametrize(
    "build",
    [
        network(
            lambda: keras.layers.Dropout(0.3),
            lambda: keras.layers.Dense(8),
            lambda: keras.layers.BatchNormalization(),
            lambda: keras.layers.GaussianNoise(0.1),
            lambda: keras.layers.Dense(1, kernel_regularizer="l2"),
        ),
        network(lambda: keras.layers.Dense(3), lambda: keras.layers.Dense(1), steps_per_execution=2),
    ],
    ids=["random and moving", "two steps a call"],
)
def test_models_of_other_kinds(data, ways, build):
    both_ways(data, build, validation_split=0.3)
    assert ways == ["fit", "epochs"]


def test_mixed_precision(data):
    dense = [lambda: keras.layers.Dense(8, dtype="mixed_float16"), lambda: keras.layers.Dense(1, dtype="float32")]
    both_ways(data, network(*dense), rtol=1e-3)


def test_a_model_that_is_not_built_with_two_targets_and_lists(data, ways):
    class Two(keras.Model):
        def __init__(self):
            super().__init__()
            self.one, self.two = keras.layers.Dense(1), keras.layers.Dense(1)

        def call(self, inputs):
            a, b = inputs
            return {"one": self.one(a), "two": self.two(b)}

    def build():
        seed_everything(42)
        model = Two()
        model.compile(loss={"one": "mse", "two": "mae"}, optimizer="sgd", loss_weights={"one": 1.0, "two": 0.5})
        return model

    x, y = data
    both_ways(([x[:, :2], tf.constant(x[:, 2:])], {"one": y, "two": 1 - y}), build)
    assert ways == ["fit", "epochs"]


def test_integers_stay_integers_and_floats_take_the_precision_of_keras(ways):
    def build():
        seed_everything(42)
        words = keras.layers.Embedding(5, 2)
        model = keras.Sequential(
            [keras.Input((3,), dtype="int64"), words, keras.layers.Flatten(), keras.layers.Dense(1)]
        )
        model.compile(loss="mse", optimizer="sgd")
        return model

    both_ways((np.arange(60).reshape(20, 3) % 5, np.linspace(0, 1, 20, dtype="float32")), build, batch_size=6)
    assert ways == ["fit", "epochs"]


@pytest.mark.parametrize(
    ("callback", "way"),
    [
        (lambda folder: keras.callbacks.EarlyStopping(patience=1, min_delta=0.05, restore_best_weights=True), "epochs"),
        (lambda folder: keras.callbacks.ReduceLROnPlateau(patience=1, min_delta=1.0), "epochs"),
        (lambda folder: keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate * 0.5), "epochs"),
        (lambda folder: keras.callbacks.ModelCheckpoint(folder / "best.keras", save_best_only=True), "epochs"),
        (lambda folder: keras.callbacks.ModelCheckpoint(folder / "batch.keras", save_freq=2), "fit"),
        (lambda folder: keras.callbacks.BackupAndRestore(folder), "epochs"),
        (lambda folder: keras.callbacks.BackupAndRestore(folder, save_freq=2), "fit"),
        (lambda folder: keras.callbacks.CSVLogger(folder / "log.csv"), "epochs"),
        (lambda folder: keras.callbacks.TerminateOnNaN(), "fit"),
        (lambda folder: keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: None), "epochs"),
    ],
)
def test_callbacks_do_the_same(data, ways, tmp_path, callback, way):
    both_ways(data, callbacks=lambda: [callback(tmp_path)], epochs=6, validation_split=0.3)
    assert ways == ["fit", way]


def test_an_interrupted_training_goes_on_where_it_was(data, tmp_path):
    class Stop(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 2:
                raise KeyError("stop")

    expected = classifier().fit(*data, epochs=4, verbose=0).history["loss"]
    with pytest.raises(KeyError):
        fit_fast(classifier(), *data, epochs=4, callbacks=[keras.callbacks.BackupAndRestore(tmp_path), Stop()])
    again = fit_fast(classifier(), *data, epochs=4, callbacks=[keras.callbacks.BackupAndRestore(tmp_path)])
    np.testing.assert_allclose(again.history["loss"], expected[2:], rtol=1e-9)


def test_callbacks_that_train_or_have_the_step_compiled_anew(data):
    class Odd(keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            self.model.make_train_function(force=True)

        def on_epoch_end(self, epoch, logs=None):
            self.model.train_on_batch(data[0][:40], data[1][:40])

    both_ways(data, callbacks=lambda: [Odd()])


def test_callbacks_are_told_how_many_batches_there_are(data, capsys):
    callback = keras.callbacks.Callback()
    fit_fast(classifier(), *data, epochs=2, callbacks=[callback], validation_split=0.3, verbose=2)
    assert callback.params == {"verbose": 2, "epochs": 2, "steps": 2}
    assert capsys.readouterr().out.count("2/2 - ") == 2


def test_further_calls_compile_nothing(data):
    class Traced(keras.Model):
        traces = 0

        def train_step(self, batch):
            type(self).traces += 1
            return super().train_step(batch)

    base = classifier()
    model = Traced(base.inputs, base.outputs)
    model.compile(loss="binary_crossentropy", optimizer="sgd")
    fit_fast(model, *data)
    step, traces = model.train_function, Traced.traces
    fit_fast(model, *data, epochs=2)
    model.fit(*data, verbose=0)
    assert model.train_function is step
    assert Traced.traces == traces
    model.compile(loss="binary_crossentropy", optimizer="sgd")
    fit_fast(model, *data)
    assert Traced.traces > traces


def test_the_same_validation_losses_with_weighted_rows(data):
    x, y = data
    expected, _ = both_ways(data, validation_data=(x[::-1], y[::-1], np.linspace(0.1, 2, len(x))))
    assert "val_loss" in expected


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

    def test_step(self, batch):
        return {"loss of the last batch": self.compute_loss(x=batch[0], y=batch[1], y_pred=self(batch[0]))}


def test_steps_of_ones_own_are_used_and_their_logs_are_kept(data, ways):
    def build():
        base = classifier()
        model = Reporting(base.inputs, base.outputs)
        model.compile(loss="binary_crossentropy", optimizer=keras.optimizers.Adam(0.01))
        return model

    both_ways(data, build, validation_data=data)
    assert ways == ["fit", "epochs"]


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
