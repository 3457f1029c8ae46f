"""Training loops: equal to those written by hand, with every optimizer and schedule; numbers of the first edition."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from coursepkg.scratch import schedules
from coursepkg.scratch.activations import softmax
from coursepkg.scratch.batchnorm import BatchNormalization
from coursepkg.scratch.layers import Activation, Dense, Dropout
from coursepkg.scratch.losses import CategoricalCrossentropy, SparseCategoricalCrossentropy
from coursepkg.scratch.mlp import MLP
from coursepkg.scratch.optimizers import OPTIMIZERS, SGD, Adam, get_optimizer
from coursepkg.scratch.sequential import Sequential

RNG = np.random.default_rng(0)
X, Y, LABELS = RNG.normal(size=(70, 5)), RNG.normal(size=(70, 3)), RNG.integers(3, size=70)
SOFTMAX = {"output_activation": "softmax", "loss": "sparse_categorical_crossentropy"}
SCHEDULES = {
    "power": schedules.power(0.1, steps=3),
    "exponential": schedules.exponential(0.1, steps=5),
    "piecewise_constant": schedules.piecewise_constant([3, 7], [0.1, 0.05, 0.01]),
    "cosine": schedules.cosine(0.1, steps=8, warmup=2),
    "one_cycle": schedules.one_cycle(0.1, steps=10),
    "a function": lambda t: 0.1 / (1 + t),
}


def network(**options):
    layers = [Dense(5, 6, use_bias=False, seed=1), BatchNormalization(6), Activation("swish"), Dropout(0.2)]
    return Sequential([*layers, Dense(6, 3, activation="softmax", seed=2)], **options)


def assert_equal(a, b, **tolerance):
    for ours, theirs in zip(a.weights, b.weights, strict=True):
        np.testing.assert_allclose(ours, theirs, **{"rtol": 1e-12, "atol": 1e-15} | tolerance)


def by_hand(model, optimizer, *, epochs, batch_size, seed):
    """The loop as one would write it, by means of the layers alone; each step is one of the public `step`."""
    orders, noise = np.random.default_rng(seed), np.random.default_rng([seed, 1])
    for _ in range(epochs):
        for batch in np.split(orders.permutation(len(X)), range(batch_size, len(X), batch_size)):
            signal = X[batch]
            for layer in model.layers:
                signal = layer.forward(signal, training=True, rng=noise)
            G = (softmax(model.layers[-1].Z) - np.eye(3)[LABELS[batch]]) / len(batch)
            G = model.layers[-1].backward(G, at_preactivation=True)
            for layer in reversed(model.layers[:-1]):
                G = layer.backward(G)
            parameters = [array for layer in model.layers for array in layer.parameters]
            optimizer.step(parameters, [g for layer in model.layers for g in layer.gradients])


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_training_equals_the_loop_by_hand_with_every_optimizer(name):
    ours, theirs = network(), network()
    run = {"epochs": 3, "batch_size": 16, "seed": 4}
    ours.fit(X, LABELS, loss="sparse_categorical_crossentropy", optimizer=OPTIMIZERS[name](0.01), **run)
    by_hand(theirs, OPTIMIZERS[name](0.01), **run)
    assert_equal(ours, theirs)
    assert not np.allclose(ours.layers[0].W, network().layers[0].W)


@pytest.mark.parametrize("name", SCHEDULES)
@pytest.mark.parametrize("optimizer", [SGD, Adam])
def test_training_equals_the_loop_by_hand_with_every_schedule(optimizer, name):
    ours, theirs = network(), network()
    run = {"epochs": 2, "batch_size": 16, "seed": 4}
    loss = "sparse_categorical_crossentropy"
    history = ours.fit(X, LABELS, loss=loss, optimizer=optimizer(), schedule=SCHEDULES[name], **run)
    by_hand(theirs, optimizer(SCHEDULES[name]), **run)
    assert_equal(ours, theirs)
    assert ours.history == history


def test_an_mlp_takes_a_schedule_for_its_learning_rate():
    ours, theirs = MLP([5, 8, 3], **SOFTMAX), MLP([5, 8, 3], **SOFTMAX)
    ours.fit(X, LABELS, learning_rate=schedules.cosine(0.1, steps=20), momentum=0.9)
    theirs.fit(X, LABELS, optimizer=SGD(schedules.cosine(0.1, steps=20), momentum=0.9))
    assert_equal(ours, theirs)
    with pytest.raises(ValueError, match="an optimizer has its own learning_rate and momentum"):
        theirs.fit(X, LABELS, optimizer=Adam(), learning_rate=0.1)
    with pytest.raises(ValueError, match="learning_rate and schedule name the same thing"):
        theirs.fit(X, LABELS, learning_rate=0.1, schedule=schedules.cosine(0.1, steps=20))


def test_a_schedule_that_watches_the_loss_is_told_it():
    for key, data in (("loss", None), ("val_loss", (X[:20], LABELS[:20]))):
        schedule, twin = (schedules.Performance(0.5, factor=0.5, patience=1) for _ in range(2))
        model = MLP([5, 8, 3], **SOFTMAX)
        history = model.fit(X, LABELS, learning_rate=schedule, epochs=40, validation_data=data)
        for loss in history[key]:
            twin.update(loss)
        assert schedule.rate == twin.rate < 0.5


def test_callbacks_see_the_model_after_each_epoch():
    seen = []
    model = MLP([5, 8, 3], **SOFTMAX)
    calls = [
        lambda epoch, model: seen.append((epoch, model.history["loss"][-1])),
        lambda epoch, model: seen.append("x"),
    ]
    history = model.fit(X, LABELS, epochs=3, callbacks=calls[:1], callback=calls[1])
    assert seen[::2] == list(enumerate(history["loss"]))
    assert seen[1::2] == ["x"] * 3


def test_early_stopping_restores_the_moving_averages_too():
    model, kept = network(loss="sparse_categorical_crossentropy"), []
    data = {"validation_data": (X[:20], LABELS[:20]), "patience": 3}
    history = model.fit(X[20:], LABELS[20:], optimizer=SGD(0.5), epochs=200, **data,
                        callbacks=[lambda epoch, model: kept.append(model.get_parameters())])  # fmt: skip
    best = int(np.argmin(history["val_loss"]))
    assert len(history["loss"]) == best + 4 < 200
    for ours, theirs in zip(model.get_parameters(), kept[best], strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert model.evaluate(*data["validation_data"])["loss"] == pytest.approx(min(history["val_loss"]), rel=1e-14)


def test_targets_of_more_axes():
    """A dense layer along the last of three axes: a prediction for every step of a series."""
    steps = RNG.normal(size=(40, 7, 5))
    model = Sequential([Dense(5, 8, activation="tanh"), Dense(8, 1)], loss="half_squared_error")
    history = model.fit(steps, np.tanh(steps[..., :1]), optimizer="Adam", schedule=lambda t: 0.01, epochs=60)
    assert history["loss"][-1] < 0.2 * history["loss"][0]
    assert model.predict(steps).shape == (40, 7, 1)
    classifier = Sequential([Dense(5, 3, activation="softmax")], loss="sparse_categorical_crossentropy")
    labels = steps[..., :3].argmax(axis=-1)
    history = classifier.fit(steps, labels, optimizer=SGD(1.0), epochs=60)
    assert history["accuracy"][-1] > 0.9
    assert (classifier.predict(steps) == labels).mean() > 0.9


def test_logits_and_probabilities_train_alike():
    """Softmax with its loss, the loss on logits, and softmax as a layer of its own: one network."""
    kinds = [
        Sequential([Dense(5, 3, activation="softmax")], loss=SparseCategoricalCrossentropy()),
        Sequential([Dense(5, 3), Activation("softmax")], loss="sparse_categorical_crossentropy"),
        Sequential([Dense(5, 3)], loss=SparseCategoricalCrossentropy(from_logits=True)),
    ]
    histories = [model.fit(X, LABELS, epochs=3, optimizer=SGD(0.1)) for model in kinds]
    for model, history in zip(kinds[1:], histories[1:], strict=True):
        assert_equal(model, kinds[0])
        assert history["loss"] == pytest.approx(histories[0]["loss"], rel=1e-12)
        assert history["accuracy"] == histories[0]["accuracy"]


def test_a_softmax_before_a_loss_on_logits_gets_the_right_gradient():
    model = Sequential([Dense(5, 3, activation="softmax", seed=1)], loss=CategoricalCrossentropy(from_logits=True))
    targets = np.eye(3)[LABELS]
    _, (grad_W, _) = model.loss_and_gradients(X, targets)
    W, step = model.layers[0].W, 1e-6
    for i in range(3):
        sides = []
        for sign in (1, -1):
            W[0, i] += sign * step
            sides.append(model.evaluate(X, targets)["loss"])
            W[0, i] -= sign * step
        assert grad_W[0, i] == pytest.approx((sides[0] - sides[1]) / (2 * step), abs=1e-8)


# What the MLP of the first edition gave: it had gradient descent built in.
FIRST_EDITION = {
    "float64": (
        [1.209137014524, 1.123754486857, 1.091284123441, 1.036281160128, 1.166337876655, 1.129222458034],
        [2.341268069651, 0.1644911498625, 2.670143487683, 0.178542698004, 1.637085761597, 0.468681611361],
    ),
    "float32": (
        [1.209137, 1.123754, 1.091284, 1.036281, 1.166338, 1.129223],
        [2.341268, 0.1644911, 2.670144, 0.1785427, 1.637086, 0.4686816],
    ),
}


@pytest.mark.parametrize("dtype", FIRST_EDITION)
def test_the_numbers_are_those_of_the_first_edition(dtype):
    model = MLP([5, 9, 7, 3], hidden_activation="tanh", seed=3, dtype=dtype, **SOFTMAX)
    history = model.fit(X[:50], LABELS[:50], epochs=3, batch_size=16, learning_rate=0.1, momentum=0.9, alpha=0.01,
                        seed=5, validation_data=(X[50:], LABELS[50:]))  # fmt: skip
    losses, norms = FIRST_EDITION[dtype]
    near = {"rel": 1e-12 if dtype == "float64" else 1e-5}
    assert [*history["loss"], *history["val_loss"]] == pytest.approx(losses, **near)
    assert [float(np.linalg.norm(array)) for array in model.parameters] == pytest.approx(norms, **near)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"loss": None}, ValueError, "the model has no loss: name one"),
        ({"loss": "mse"}, ValueError, "loss must be one of .*; got 'mse'"),
        ({"optimizer": "adam"}, ValueError, "optimizer must be one of 'SGD', .*; got 'adam'"),
        ({"schedule": 0.1}, TypeError, "schedule must be a function of the step; got 0.1"),
        ({"y": LABELS[:9]}, ValueError, r"y must have length 70; got shape \(9,\)"),
        ({"y": LABELS + 1}, ValueError, "y_true must hold integers from 0 to 2"),
        ({"patience": 3}, ValueError, "patience needs validation_data"),
        ({"X": np.full((70, 5), np.nan)}, ValueError, "X must be finite; found nan"),
    ],
)
def test_wrong_arguments_are_named_before_any_work(options, error, message):
    model = network()
    before = model.get_parameters()
    with pytest.raises(error, match=message):
        model.fit(**{"X": X, "y": LABELS, "loss": "sparse_categorical_crossentropy"} | options)
    for ours, theirs in zip(model.weights, before, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_an_optimizer_that_began_with_another_model_is_refused():
    optimizer = get_optimizer("Adam")
    MLP([5, 8, 3], **SOFTMAX).fit(X, LABELS, optimizer=optimizer, epochs=1)
    with pytest.raises(ValueError, match="this optimizer began with parameters of the shapes"):
        MLP([5, 9, 3], **SOFTMAX).fit(X, LABELS, optimizer=optimizer, epochs=1)


def test_a_table_keeps_to_the_order_of_its_columns():
    """As scikit-learn's estimators and our `Perceptron` do; a permuted table would be a different question."""
    frame = pd.DataFrame(X, columns=list("abcde"))
    model = MLP([5, 8, 3], **SOFTMAX)
    twin = MLP([5, 8, 3], **SOFTMAX)
    model.fit(frame, pd.Series(LABELS), epochs=2)
    twin.fit(X, LABELS, epochs=2)
    assert_equal(model, twin)
    np.testing.assert_array_equal(model.predict(frame), twin.predict(X))
    np.testing.assert_array_equal(model.predict(X), twin.predict(frame[list("edcba")].to_numpy()[:, ::-1]))
    permuted = frame[list("edcba")]
    message = r"X must have the columns of the training data, \['a', .*\]; got \['e', "
    for call in (model.predict, model.predict_proba, lambda X: model.evaluate(X, LABELS)):
        with pytest.raises(ValueError, match=message):
            call(permuted)
    with pytest.raises(ValueError, match=message):
        model.fit(frame, LABELS, validation_data=(permuted, LABELS))
    with pytest.raises(ValueError, match="columns of the training data"):
        model.predict(frame.rename(columns={"a": "z"}))
    model.fit(permuted, LABELS, epochs=1)  # a new training sets them anew
    model.predict(permuted)


def test_what_training_cannot_take_is_said_in_one_sentence():
    def fit(**options):
        return MLP([5, 4, 3], **SOFTMAX).fit(X, options.pop("y", LABELS), epochs=1, **options)

    fit(callbacks=None)
    for wrong in (3, [], (X, LABELS, LABELS), np.ones(2), {}):
        with pytest.raises(TypeError, match=r"validation_data must be a tuple \(X, y\); got "):
            fit(validation_data=wrong)
    for wrong in (3, [None], print, {"a": print}):
        with pytest.raises(TypeError, match="callbacks must be a list of functions of epoch and model; got "):
            fit(callbacks=wrong)
    with pytest.raises(ValueError, match="y is None: training needs targets"):
        fit(y=None)
    with pytest.raises(ValueError, match=r"y must have length .*; got shape \(\)"):
        fit(y=np.array(1.0))
    for wrong in (None, 3, "345", np.array(3)):
        with pytest.raises(TypeError, match="sizes must be a list of integers, from the inputs to the outputs; got "):
            MLP(wrong)
