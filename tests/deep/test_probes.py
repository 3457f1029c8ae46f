"""What one more step would do, against central differences and closed forms; measurements of a run."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from coursepkg.deep.probes import ROWS, Run, trial_steps, update_ratios
from coursepkg.deep.seeding import seed_everything


@pytest.fixture
def rng():
    generator = seed_everything(0)
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("float64")  # a test that ran before may have fixed another one
    yield generator
    keras.config.set_dtype_policy(before)


@pytest.fixture
def task(rng):
    X = rng.normal(size=(300, 4))
    return X, (X[:, 0] > 0.4).astype(int) + (X[:, 1] > 0)


def dense_model(*, rate=0.1, optimizer=None):
    layers = [keras.layers.Dense(8, activation="tanh", name="hidden"), keras.layers.Dense(3, "softmax", name="last")]
    model = keras.Sequential([keras.Input((4,)), *layers])
    model.compile(loss="sparse_categorical_crossentropy", optimizer=optimizer or keras.optimizers.SGD(rate))
    return model


def test_ratios_against_central_differences_and_nothing_changes(task):
    X, y = task[0][:16], task[1][:16]
    model = dense_model(rate=0.2)
    before = [variable.numpy() for variable in model.variables]
    ratios = update_ratios(model, X, y, batch_size=16)
    assert list(ratios.index) == ["hidden/kernel", "last/kernel"]
    kernel = model.layers[1].kernel
    base, gradient = kernel.numpy(), np.zeros((8, 3))

    def loss(change, place):
        moved = base.copy()
        moved[place] += change
        kernel.assign(moved)
        p = model(X).numpy()
        return -np.log(p[np.arange(len(y)), y]).mean()

    for place in np.ndindex(8, 3):
        gradient[place] = (loss(1e-5, place) - loss(-1e-5, place)) / 2e-5
    kernel.assign(base)
    expected = 0.2 * np.linalg.norm(gradient) / np.linalg.norm(base)
    assert ratios["last/kernel"] == pytest.approx(expected, rel=1e-6)
    for old, variable in zip(before, model.variables, strict=True):
        np.testing.assert_array_equal(old, variable.numpy())
    assert model.optimizer.iterations.numpy() == 0


def test_the_first_step_of_adam_moves_each_weight_by_the_rate(task):
    model = dense_model(optimizer=keras.optimizers.Adam(0.01))
    found = update_ratios(model, *task)["hidden/kernel"]
    assert found == pytest.approx(0.01 * np.sqrt(32) / np.linalg.norm(model.layers[0].kernel.numpy()), rel=1e-3)


def test_a_model_without_trainable_weights_has_no_ratio(task):
    model = dense_model()
    model.trainable = False
    model.compile(loss="sparse_categorical_crossentropy")
    assert len(update_ratios(model, *task)) == 0


# ---- longer and shorter steps ----------------------------------------------------------------------------------------


def line(rate, optimizer=keras.optimizers.SGD):
    """A model of one weight w = 3 with the loss (w x)², so that a step of SGD on x = 1 makes w (1 − 2 rate)."""
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False)])
    model.layers[0].set_weights([np.array([[3.0]])])
    model.compile(loss="mse", optimizer=optimizer(rate))
    return model


@pytest.mark.parametrize("rate", [0.01, 0.5, 0.9, 1.5])
def test_the_effect_of_steps_of_several_lengths(rng, rate):
    X, y = np.ones((50, 1)), np.zeros((50, 1))
    found = trial_steps(line(rate), X, y, factors=(0.1, 1, 3), batch_size=8)
    expected = [(1 - 2 * factor * rate) ** 2 - 1 for factor in (0.1, 1, 3)]
    np.testing.assert_allclose(found["change"], expected, rtol=1e-9)
    np.testing.assert_allclose(found["jump"], np.abs(expected), rtol=1e-9)
    assert list(found.index) == [0.1, 1, 3]


def test_each_batch_makes_a_step_of_its_own_and_all_rows_judge_it(rng):
    X = np.array([[1.0], [1.0], [2.0], [2.0]])  # batches of two rows: w becomes w (1 − 0.2) or w (1 − 0.8)
    found = trial_steps(line(0.1), X, np.zeros((4, 1)), factors=(1,), batch_size=2, batches=2)
    assert found.loc[1, "change"] == pytest.approx((0.8**2 - 1 + 0.2**2 - 1) / 2)


def test_trial_steps_use_the_state_of_the_optimizer_and_change_nothing(task):
    model = dense_model(optimizer=keras.optimizers.Adam(0.01))
    model.fit(*task, epochs=2, verbose=0)
    before = [variable.numpy() for variable in [*model.variables, *model.optimizer.variables]]
    trial_steps(model, *task)
    for old, variable in zip(before, [*model.variables, *model.optimizer.variables], strict=True):
        np.testing.assert_array_equal(old, variable.numpy())


def test_nothing_trainable_changes_no_loss(task):
    model = dense_model()
    model.trainable = False
    model.compile(loss="sparse_categorical_crossentropy")
    assert (trial_steps(model, *task)["change"] == 0).all()
    with pytest.raises(ValueError, match="batches must be"):
        trial_steps(model, *task, batches=0)


# ---- measurements of a run -------------------------------------------------------------------------------------------


def test_curves_end_before_the_first_loss_that_is_not_finite():
    run = Run({"loss": [3.0, 2.0, np.inf, 1.0], "val_loss": [4.0, 3.0, np.nan, 1.0], "val_accuracy": [0.1] * 4})
    assert (run.lost, run.last, list(run.loss), list(run.val_loss)) == (3, 1.0, [3.0, 2.0], [4.0, 3.0])
    assert len(run.accuracy) == 0
    assert len(Run({"loss": [1.0, 0.5], "val_loss": [np.nan, 1.0]}).val_loss) == 0


def test_measurements_of_the_data(rng):
    X = rng.normal(size=(2 * ROWS, 3))
    y = (X[:, 1] > 0).astype(int)
    run = Run({"loss": [1.0]}, data=((X, y), (np.concatenate([X[:30], 2 * X[30:60] + 1]), y[:60])))
    assert len(run.X) == len(run.y) == ROWS
    assert run.copied == 0.5
    assert run.twin[0] == 1
    assert run.twin[1] == pytest.approx(np.corrcoef(run.X[:, 1], run.y)[0, 1])
    assert run.guess == max(np.mean(run.y), 1 - np.mean(run.y))
    assert run.neighbors > 0.9
    np.testing.assert_allclose(run.column_sizes, 1, atol=0.1)
    moved = Run({"loss": [1.0]}, data=((X, y), (3 * X + 2, y)))
    assert moved.shift == pytest.approx((3, 2), abs=0.2)
    assert Run({"loss": [1.0]}, data=(np.where(X > 2.5, np.inf, X), y)).not_finite == ("X", (X > 2.5).sum())


def test_measurements_of_the_model(task):
    X, y = task
    model = dense_model(optimizer=keras.optimizers.Adam(0.05))
    model.fit(X, y, epochs=10, verbose=0)
    run = Run({"loss": [1.0]}, model=model, data=((X[:200], y[:200]), (X[200:], y[200:])))
    assert run.score == pytest.approx(np.mean(model.predict(X[:200], verbose=0).argmax(axis=1) == y[:200]))
    assert run.gain == pytest.approx((run.score - run.guess) / (1 - run.guess))
    assert run.valid_gain > 0.5
    assert (run.activation, run.loss_name, run.labels_fit) == ("softmax", "sparsecategoricalcrossentropy", True)
    use, again, learning = run.in_use
    assert use == again == pytest.approx(learning)
    assert list(run.gradients) == ["hidden/kernel", "last/kernel"]
    assert not Run({"loss": [1.0]}, model=model, data=(X, y + 1)).labels_fit
