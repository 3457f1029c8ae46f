"""A training that is cut off and started again, against one that nothing disturbs."""

from __future__ import annotations

import json

import keras
import numpy as np
import pytest

from coursepkg.deep import Backup, fit_fast, seed_everything

X = np.random.default_rng(0).normal(size=(40, 3))
y = X.sum(axis=1) + 0.1 * np.random.default_rng(1).normal(size=40)
EPOCHS = 8


class Cut(keras.callbacks.Callback):
    """A power cut in one epoch: at its beginning, after some batches, or when all other callbacks have ended it."""

    def __init__(self, epoch, moment):
        super().__init__()
        self.at, self.moment, self.epoch = epoch, moment, None

    def _at(self, moment):
        if (self.epoch, moment) == (self.at, self.moment):
            raise KeyboardInterrupt

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch
        self._at("begin")

    def on_train_batch_end(self, batch, logs=None):
        if batch == 2:
            self._at("middle")

    def on_epoch_end(self, epoch, logs=None):
        self._at("end")


def network(optimizer=lambda: "adam", *, eagerly=True):
    seed_everything(3)
    layers = [keras.layers.Dense(4, activation="relu"), keras.layers.Dropout(0.3), keras.layers.BatchNormalization()]
    model = keras.Sequential([keras.Input((3,)), *layers, keras.layers.Dense(1)])
    model.compile(loss="mse", optimizer=optimizer(), metrics=["mae"], run_eagerly=eagerly)
    return model


def trained(path=None, cut=None, *, optimizer=lambda: "adam", kept=True, fit=keras.Model.fit, epochs=EPOCHS):
    stop = keras.callbacks.EarlyStopping(monitor="val_loss", patience=3, min_delta=1e-3, restore_best_weights=True)
    slower = keras.callbacks.ReduceLROnPlateau(monitor="val_loss", patience=1, factor=0.3, min_delta=1e-3)
    backup = [] if path is None else [Backup(path, also=[stop, slower] if kept else ())]
    callbacks = [*backup, stop, slower, *([cut] if cut else [])]
    model = network(optimizer, eagerly=fit is not fit_fast)  # which takes less time than compiling a step
    options = {"epochs": epochs, "batch_size": 8, "validation_data": (X[:10], y[:10]), "verbose": 0}
    return model, fit(model, X, y, callbacks=callbacks, **options)


def assert_same(one, other):
    assert one[1].epoch == other[1].epoch
    assert one[1].history == other[1].history
    for variable, expected in zip(one[0].variables, other[0].variables, strict=True):
        np.testing.assert_array_equal(variable.numpy(), expected.numpy())
    for variable, expected in zip(one[0].optimizer.variables, other[0].optimizer.variables, strict=True):
        np.testing.assert_array_equal(variable.numpy(), expected.numpy())


def test_a_training_that_is_cut_off_again_and_again_ends_as_one_that_is_not(tmp_path):
    whole = trained()
    assert len(whole[1].epoch) > 4
    path = tmp_path / "a folder [1]" / "training.npz"
    for epoch, moment in ((0, "middle"), (2, "begin"), (2, "end"), (4, "middle")):
        with pytest.raises(KeyboardInterrupt):
            trained(path, Cut(epoch, moment))
        assert path.exists() == (epoch > 0)
    resumed = trained(path)
    assert_same(resumed, whole)
    assert not any(path.parent.iterdir())
    assert resumed[0].fit(X, y, epochs=2, verbose=0).epoch == [0, 1]  # a next one begins at its own beginning


@pytest.mark.parametrize(
    ("optimizer", "fit"),
    [
        (
            lambda: keras.optimizers.SGD(
                0.01, momentum=0.9, use_ema=True, ema_overwrite_frequency=3, gradient_accumulation_steps=3
            ),
            keras.Model.fit,
        ),
        (
            lambda: keras.optimizers.LossScaleOptimizer(keras.optimizers.Adam(0.01), dynamic_growth_steps=4),
            fit_fast,
        ),
    ],
    ids=["averages, accumulated gradients", "scaled losses, fit_fast"],
)
def test_whatever_state_an_optimizer_has(tmp_path, optimizer, fit):
    options = {"optimizer": optimizer, "fit": fit}
    whole = trained(**options)
    cut = Cut(3, "end")
    cut.on_train_batch_end = keras.callbacks.Callback.on_train_batch_end.__get__(cut)  # else fit_fast is not fast
    with pytest.raises(KeyboardInterrupt):
        trained(tmp_path / "b", cut, **options)
    assert_same(trained(tmp_path / "b", **options), whole)


def test_a_training_that_had_ended_but_could_not_say_so_trains_nothing_more(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        trained(tmp_path / "b", Cut(2, "begin"))
    assert trained(tmp_path / "b", epochs=2)[1].epoch == [0, 1]
    assert not (tmp_path / "b").exists()


def test_numbers_that_numpy_does_not_know(tmp_path):
    keras.config.set_dtype_policy("bfloat16")
    try:
        model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
        model.compile(loss="mse", optimizer="adam")
        with pytest.raises(KeyboardInterrupt):
            model.fit(X, y, epochs=4, verbose=0, callbacks=[Backup(tmp_path / "b"), Cut(2, "begin")])
        before = [weight.astype(float) for weight in model.get_weights()]
        model.set_weights([0 * weight for weight in model.get_weights()])
        model.fit(X, y, epochs=2, verbose=0, callbacks=[Backup(tmp_path / "b")])
        for weight, expected in zip(model.get_weights(), before, strict=True):
            np.testing.assert_array_equal(weight.astype(float), expected)
    finally:
        keras.config.set_dtype_policy("float64")


def test_what_cannot_be_brought_back_is_refused(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        trained(tmp_path / "b", Cut(3, "end"))
    whole = (tmp_path / "b").read_bytes()
    other = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    other.compile(loss="mse", optimizer="sgd")
    with pytest.raises(ValueError, match=r"'.*b' is the backup of another training: .*delete the file to begin anew"):
        other.fit(X, y, verbose=0, callbacks=[Backup(tmp_path / "b")])
    with pytest.raises(ValueError, match="holds .* and 2 callback.s., .* also names 0"):
        trained(tmp_path / "b", kept=False)
    for damage in (b"", whole[: len(whole) // 2], json.dumps([1]).encode()):
        (tmp_path / "b").write_bytes(damage)
        with pytest.raises(ValueError, match=r"'.*b' is no backup, or damaged, .*; delete it to begin anew"):
            trained(tmp_path / "b")
        assert (tmp_path / "b").read_bytes() == damage
    with pytest.raises(TypeError, match="also takes EarlyStopping, .*ModelCheckpoint, whose states are known; got <"):
        Backup(tmp_path / "c", also=[keras.callbacks.CSVLogger("log.csv")])
