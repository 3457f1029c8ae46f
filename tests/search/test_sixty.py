"""The task of the project: its training against Keras's formulas written another way, its budget, its seeds."""

from __future__ import annotations

import math

import numpy as np
import pytest

from coursepkg.data import generate_greenhouse
from coursepkg.search import SIXTY_SPACE, BudgetSpentError, TuningTask, fit_network, predict_growth, squared_error

CONFIG = SIXTY_SPACE.decode([0.7, 0.9, 0.3, 0.6, 0.5, 0.6, 0.7, 0.9])


@pytest.mark.parametrize("activation", ["relu", "tanh"])
@pytest.mark.parametrize("batch_size", [16, 30])
def test_the_training_is_momentum_sgd_on_the_penalized_loss(activation, batch_size):
    """The same steps from gradients by central differences, of a loss that is written out."""
    X, y = generate_greenhouse(n=48)["train"]
    config = CONFIG | {"activation": activation, "batch_size": batch_size, "units": 3, "weight_decay": 0.01}
    W, v, _ = fit_network(X, y, config, epochs=2, seed=5)

    rng = np.random.default_rng(5)
    theta = np.concatenate([rng.normal(0, config["init_scale"] / math.sqrt(3), (4, 3)).ravel(), np.zeros(4)])
    step, n_steps, t = np.zeros_like(theta), 2 * math.ceil(48 / batch_size), 0

    def loss(theta, rows):
        network = theta[:12].reshape(4, 3), theta[12:], activation
        return np.mean((predict_growth(network, X[rows]) - y[rows]) ** 2) + 0.005 * (theta**2).sum()

    for _ in range(2):
        order = rng.permutation(48)
        for rows in np.split(order, np.arange(batch_size, 48, batch_size)):
            gradient = [(loss(theta + e, rows) - loss(theta - e, rows)) / 2e-6 for e in 1e-6 * np.eye(16)]
            rate = config["learning_rate"] * config["final_rate"] ** (t / (n_steps - 1))
            step, t = config["momentum"] * step - rate * np.array(gradient), t + 1
            theta = theta + step
    np.testing.assert_allclose(np.concatenate([W.ravel(), v]), theta, atol=1e-6)


def test_sixty_trainings_and_not_one_more():
    task = TuningTask(3, trainings=2)
    assert task.test() == task.best_loss == math.inf
    losses = [task.train(CONFIG, 9) for _ in range(3)]
    assert len(set(losses)) == 3, "each training has its own first weights and batches"
    assert task.left == pytest.approx(1)
    with pytest.raises(ValueError, match="epochs"):
        task.train(CONFIG, 28)
    losses.append(task.train(CONFIG))
    with pytest.raises(BudgetSpentError, match=r"0.00 of 2 trainings are left; 1 epochs cost 0.04"):
        task.train(CONFIG, 1)
    assert task.refused == 1
    assert [trial.loss for trial in task.trials] == losses
    assert task.best_loss == min(losses)
    assert task.test() == squared_error(task.best_network, *generate_greenhouse(3)["test"])


def test_the_same_training_of_the_same_task_gives_the_same_network():
    first, second = TuningTask(4), TuningTask(4)
    other = CONFIG | {"units": 5}
    assert first.train(CONFIG) == second.train(CONFIG)
    first.train(other)
    second.train(CONFIG)
    assert first.train(CONFIG) == second.train(CONFIG), "the third training does not depend on the second"
    assert TuningTask(5).train(CONFIG) != first.trials[0].loss


def test_a_training_that_diverges_is_infinite_and_never_the_best():
    task = TuningTask(0)
    wild = SIXTY_SPACE.decode([1, 1, 0, 1, 0, 1, 1, 0.2])
    assert task.train(wild) == math.inf
    assert task.best_network is None


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({k: v for k, v in CONFIG.items() if k != "units"}, "lacks"),
        (CONFIG | {"units": 65}, "units"),
        (CONFIG | {"depth": 2}, "depth"),
    ],
)
def test_a_configuration_outside_of_the_space_is_refused_and_costs_nothing(config, message):
    task = TuningTask(0)
    with pytest.raises(ValueError, match=message):
        task.train(config)
    assert task.left == 60
