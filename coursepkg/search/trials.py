"""Trials, and the two searches that plan all of them beforehand: the grid and the random search."""

from __future__ import annotations

import math
import numbers
from dataclasses import dataclass

import numpy as np

from coursepkg._validation import as_float, as_int, shorten
from coursepkg.search.space import as_space


@dataclass(frozen=True)
class Trial:
    """One evaluation of one configuration.

    Attributes
    ----------
    config : dict
    loss : float
        What the objective returned; infinite if the trial failed (NaN or infinity).
    budget : float
        What the model was trained with in all, for instance epochs.
    cost : float
        What this trial spent. It is less than ``budget`` if an earlier training was continued.

    Examples
    --------
    >>> Trial({"x": 1.0}, loss=0.5).cost
    1.0
    """

    config: dict
    loss: float
    budget: float = 1.0
    cost: float = 1.0


def evaluate(objective, config, *arguments):
    """Return the loss of a configuration as a float; a trial that diverged (NaN, infinity) counts as infinite.

    Raises ``TypeError`` if the objective is no function, or returns anything but a number.

    Examples
    --------
    >>> evaluate(lambda config: config["x"] ** 2, {"x": 3.0})
    9.0
    """
    if not callable(objective):
        raise TypeError(f"objective must be a function of a configuration; got {shorten(objective)}")
    loss = objective(dict(config), *arguments)
    loss = loss.item() if isinstance(loss, (np.ndarray, np.generic)) and np.size(loss) == 1 else loss
    if isinstance(loss, bool) or not isinstance(loss, numbers.Real):
        raise TypeError(f"objective must return one number, the loss; got {shorten(loss)} for {shorten(config)}")
    return float(loss) if math.isfinite(loss) else math.inf


def grid_search(objective, space, *, points, seed=None, budget=1.0):
    """Evaluate every point of a grid.

    Parameters
    ----------
    objective : callable
        Takes a configuration (dict), returns its loss.
    space : Space
    points : int or dict of str to int, keyword-only
        Values a parameter, as in :meth:`~coursepkg.search.space.Space.grid`.
    seed : int or sequence of int, optional
        Shuffles the order, which changes how fast the best is found, not what is found.
    budget : float > 0
        What one trial costs, for instance epochs; it is noted in the trials.

    Returns
    -------
    list of Trial

    Examples
    --------
    >>> from coursepkg.search.space import Float, Space
    >>> trials = grid_search(lambda config: (config["x"] - 0.4) ** 2, Space([Float("x", 0, 1)]), points=3)
    >>> best_trial(trials).config
    {'x': 0.5}
    """
    budget = as_float(budget, "budget", low=0, open_low=True)
    configs = as_space(space).grid(points)
    if seed is not None:
        order = np.random.default_rng(seed).permutation(len(configs))
        configs = [configs[i] for i in order]
    return [Trial(config, evaluate(objective, config), budget, budget) for config in configs]


def random_search(objective, space, *, n_trials, seed, budget=1.0):
    """Evaluate random configurations.

    Parameters
    ----------
    objective : callable
        Takes a configuration (dict), returns its loss.
    space : Space
    n_trials : int >= 1, keyword-only
    seed : int or sequence of int, keyword-only
    budget : float > 0
        What one trial costs, for instance epochs; it is noted in the trials.

    Returns
    -------
    list of Trial

    Notes
    -----
    Source: J. Bergstra and Y. Bengio, "Random search for hyper-parameter optimization" (2012).

    Examples
    --------
    >>> from coursepkg.search.space import Float, Space
    >>> trials = random_search(lambda config: config["x"], Space([Float("x", 0, 1)]), n_trials=60, seed=0)
    >>> best_trial(trials).loss < 0.05
    True
    """
    space, rng = as_space(space), np.random.default_rng(seed)
    budget = as_float(budget, "budget", low=0, open_low=True)
    configs = [space.sample(rng) for _ in range(as_int(n_trials, "n_trials", low=1))]
    return [Trial(config, evaluate(objective, config), budget, budget) for config in configs]


def best_trial(trials):
    """Return the trial with the lowest loss of those with the largest budget, the first of several equal ones.

    A loss after one epoch and one after 27 do not answer the same question, so they do not compete. If all trials
    with the largest budget failed, the next one counts.

    Raises ``ValueError`` if there is no trial, or if all of them failed.

    Examples
    --------
    >>> best_trial([Trial({"x": 1}, 0.9, budget=3), Trial({"x": 2}, 0.4), Trial({"x": 3}, 0.7, budget=3)]).config
    {'x': 3}
    """
    trials = list(trials)
    if not trials:
        raise ValueError("trials is empty: expected at least one Trial")
    finished = [trial for trial in trials if math.isfinite(trial.loss)]
    if not finished:
        raise ValueError(f"all {len(trials)} trials failed: every loss was NaN or infinite")
    return min(finished, key=lambda trial: (-trial.budget, trial.loss))


def best_so_far(trials):
    """Return what was spent after each trial, and the lowest loss until then of trials with the largest budget.

    Parameters
    ----------
    trials : sequence of Trial
        In the order in which they ran.

    Returns
    -------
    spent, best : numpy.ndarray, shape [n_trials]
        ``best`` is infinite until the first trial with the largest budget has a loss: what was given up early is no
        result yet.

    Examples
    --------
    >>> best_so_far([Trial({}, 0.9), Trial({}, 1.2), Trial({}, 0.4, budget=3, cost=2)])
    (array([1., 2., 4.]), array([inf, inf, 0.4]))
    """
    trials = list(trials)
    if not trials:
        raise ValueError("trials is empty: expected at least one Trial")
    spent = np.cumsum([float(trial.cost) for trial in trials])
    largest = max(trial.budget for trial in trials)
    return spent, np.minimum.accumulate([t.loss if t.budget == largest else math.inf for t in trials])
