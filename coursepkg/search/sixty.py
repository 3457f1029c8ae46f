"""The task of the project on tuning: a small network for a greenhouse, and sixty trainings to find a good one.

The network has one hidden layer and is trained by SGD with momentum, in a loop that is short and fast, so that a
training takes a few milliseconds.
"""

from __future__ import annotations

import math

import numpy as np

from coursepkg._validation import as_int, shorten
from coursepkg.data.greenhouse import generate_greenhouse
from coursepkg.search.space import Choice, Float, Int, Space
from coursepkg.search.trials import Trial

FULL = 27  # epochs of a training
SIXTY_SPACE = Space(
    [
        Float("learning_rate", 1e-3, 1, log=True),
        Float("momentum", 0, 0.99),
        Int("batch_size", 16, 128, log=True),
        Int("units", 2, 64, log=True),
        Float("weight_decay", 1e-6, 0.1, log=True),
        Float("init_scale", 0.1, 10, log=True),
        Float("final_rate", 1e-3, 1, log=True),
        Choice("activation", ["relu", "tanh"]),
    ]
)


class BudgetSpentError(RuntimeError):
    """A search asked for a training that it cannot pay.

    >>> raise BudgetSpentError("spent")
    Traceback (most recent call last):
        ...
    coursepkg.search.sixty.BudgetSpentError: spent
    """


class TuningTask:
    """A greenhouse, and a budget of trainings to find a network that foretells the growth of its plant.

    Parameters
    ----------
    seed : int >= 0
        Of `generate_greenhouse`, and of all trainings: the first training of two searches draws the same weights and
        batches, and so do the second ones, and so on.
    trainings : int >= 1, keyword-only
        The budget, in full trainings of 27 epochs.

    Attributes
    ----------
    space : Space
        Eight hyperparameters: ``learning_rate`` η and ``momentum`` of SGD; ``batch_size``; ``units`` of the hidden
        layer; ``weight_decay`` λ, which adds λ times each weight to its gradient; ``init_scale``, the standard
        deviation of the first weights times the square root of the number of inputs; ``final_rate``, the share of η
        that is left at the end (the rate falls by the same factor at each step); ``activation``.
    trials : list of Trial
        All trainings in their order: the validation loss, and the epochs as budget and cost.
    refused : int
        How often a training was asked for that could not be paid.

    Examples
    --------
    >>> task = TuningTask(0, trainings=2)
    >>> loss = task.train(task.space.decode([0.7, 0.9, 0.3, 0.6, 0.5, 0.6, 0.7, 0.9]))
    >>> task.left, loss < 1, loss == task.trials[0].loss
    (1.0, True, True)
    """

    def __init__(self, seed=0, *, trainings=60):
        self.seed = as_int(seed, "seed", low=0)
        self.trainings = as_int(trainings, "trainings", low=1)
        self.space, self.trials, self.refused = SIXTY_SPACE, [], 0
        self._data = generate_greenhouse(self.seed)
        self._best = (math.inf, None)

    @property
    def left(self):
        """What is left of the budget, in full trainings."""
        return self.trainings - sum(trial.cost for trial in self.trials) / FULL

    def train(self, config, epochs=FULL):
        """Train a new network, and return its mean squared error on the validation days, infinite if it diverged.

        Parameters
        ----------
        config : dict
            A value for each parameter of the space.
        epochs : int in [1, 27], optional
            A shorter training costs less, epochs / 27 of a full one; its rate falls within its own epochs.

        Raises
        ------
        BudgetSpentError
            If less is left than this training costs.
        ValueError
            If the configuration does not lie in the space.
        """
        epochs = as_int(epochs, "epochs", low=1, high=FULL)
        self.space.encode(config)  # refuses names and values that are not in the space
        if unknown := set(config) - set(self.space.parameters):
            raise ValueError(f"the space has no {sorted(unknown)}; got {shorten(config)}")
        if self.left < epochs / FULL - 1e-9:
            self.refused += 1
            raise BudgetSpentError(
                f"{self.left:.2f} of {self.trainings} trainings are left; {epochs} epochs cost {epochs / FULL:.2f}"
            )
        loss, network = self._trained(config, epochs)
        self.trials.append(Trial(dict(config), loss, epochs, epochs))
        if loss < self._best[0]:
            self._best = loss, network
        return loss

    def _trained(self, config, epochs):
        """Return the validation loss and the network of a training; what costs nothing puts something else here."""
        network = fit_network(*self._data["train"], config, epochs=epochs, seed=[self.seed, len(self.trials)])
        return squared_error(network, *self._data["valid"]), network

    @property
    def best_loss(self):
        """The lowest validation loss of all trainings so far, whatever their epochs; infinite if there is none."""
        return self._best[0]

    @property
    def best_network(self):
        """The network of that training, as `fit_network` returns it; None if there is none."""
        return self._best[1]

    def test(self):
        """Return the mean squared error of the best network on the test days; infinite if there is none."""
        return squared_error(self.best_network, *self._data["test"]) if self.best_network else math.inf


def fit_network(X, y, config, *, epochs, seed):
    """Train one network by SGD with momentum and return it.

    Parameters
    ----------
    X : numpy.ndarray, shape (n, d)
    y : numpy.ndarray, shape (n,)
    config : dict
        See `TuningTask`.
    epochs : int >= 1, keyword-only
    seed : int or sequence of int, keyword-only
        Of the first weights and of the order of the batches.

    Returns
    -------
    tuple of (W, v, activation)
        ``W``, shape (d + 1, units), the last row the biases; ``v``, shape (units + 1,), the last one the bias.

    Examples
    --------
    >>> X, y = generate_greenhouse(n=50)["train"]
    >>> W, v, activation = fit_network(X, y, SIXTY_SPACE.decode([0.5] * 8), epochs=2, seed=0)
    >>> W.shape, v.shape, activation
    ((4, 10), (11,), 'tanh')
    """
    rng = np.random.default_rng(seed)
    (n, d), units, size = X.shape, config["units"], config["batch_size"]
    is_tanh, momentum, decay = config["activation"] == "tanh", config["momentum"], config["weight_decay"]
    W = rng.normal(0, config["init_scale"] / math.sqrt(d), (d + 1, units))
    v = np.zeros(units + 1)
    W_step, v_step = np.zeros_like(W), np.zeros_like(v)
    X = np.column_stack([X, np.ones(n)])
    H = np.ones((min(size, n), units + 1))
    rates = config["learning_rate"] * np.geomspace(1, config["final_rate"], epochs * -(-n // size))
    rates = iter(rates.tolist())
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(epochs):
            order = rng.permutation(n)
            for start in range(0, n, size):
                rows = order[start : start + size]
                X_batch, H_batch, rate = X[rows], H[: len(rows)], next(rates)
                Z = X_batch @ W
                H_batch[:, :-1] = np.tanh(Z) if is_tanh else np.maximum(Z, 0)
                error = (H_batch @ v - y[rows]) * (2 / len(rows))
                slope = 1 - H_batch[:, :-1] ** 2 if is_tanh else Z > 0
                W_step *= momentum
                W_step -= rate * (X_batch.T @ (error[:, None] * v[:-1] * slope) + decay * W)
                v_step *= momentum
                v_step -= rate * (error @ H_batch + decay * v)
                W += W_step
                v += v_step
    return W, v, config["activation"]


def squared_error(network, X, y):
    """Return the mean squared error of a network of `fit_network`; infinite if it diverged.

    Examples
    --------
    >>> squared_error((np.zeros((4, 2)), np.array([0.0, 0.0, 3.0]), "tanh"), np.zeros((2, 3)), np.array([1.0, 3.0]))
    2.0
    """
    with np.errstate(over="ignore", invalid="ignore"):
        loss = float(np.mean((predict_growth(network, X) - y) ** 2))
    return loss if math.isfinite(loss) else math.inf


def predict_growth(network, X):
    """Return what a network of `fit_network` predicts, shape (n,), for inputs of shape (n, d).

    Examples
    --------
    >>> predict_growth((np.zeros((4, 2)), np.array([0.0, 0.0, 3.0]), "tanh"), np.zeros((2, 3)))
    array([3., 3.])
    """
    W, v, activation = network
    with np.errstate(over="ignore", invalid="ignore"):
        Z = X @ W[:-1] + W[-1]
        return (np.tanh(Z) if activation == "tanh" else np.maximum(Z, 0)) @ v[:-1] + v[-1]
