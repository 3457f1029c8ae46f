"""Successive halving and Hyperband: give every configuration a little, and the best of them more."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from coursepkg._validation import as_int, one_of, shorten
from coursepkg.search.space import as_space
from coursepkg.search.trials import Trial, evaluate


@dataclass(frozen=True)
class Rung:
    """One round of a bracket: how many configurations are trained until which budget.

    Examples
    --------
    >>> Rung(n_configs=27, budget=3)
    Rung(n_configs=27, budget=3)
    """

    n_configs: int
    budget: int


def halving_rungs(n_configs, *, min_budget, max_budget, eta=3):
    """Return the rounds of successive halving: each multiplies the budget by η and keeps one configuration in η.

    Parameters
    ----------
    n_configs : int >= 1
        Configurations in the first round.
    min_budget, max_budget : int >= 1, keyword-only
        Budget of the first round, and the most that a configuration may get.
    eta : int >= 2
        The reduction factor η; 2 halves, 3 keeps a third.

    Returns
    -------
    list of Rung

    Notes
    -----
    Source: K. Jamieson and A. Talwalkar (2016), there with η = 2.

    Examples
    --------
    >>> [(rung.n_configs, rung.budget) for rung in halving_rungs(27, min_budget=1, max_budget=9, eta=3)]
    [(27, 1), (9, 3), (3, 9)]
    """
    n, eta = as_int(n_configs, "n_configs", low=1), as_int(eta, "eta", low=2)
    max_budget = as_int(max_budget, "max_budget", low=1)
    budget = as_int(min_budget, "min_budget", low=1, high=max_budget)
    rungs = []
    while n >= 1 and budget <= max_budget:
        rungs.append(Rung(n, budget))
        n, budget = n // eta, budget * eta
    return rungs


def hyperband_brackets(max_budget, eta=3, *, rule="paper"):
    """Return the brackets of one run of Hyperband, from the boldest to plain random search.

    Bracket s starts n = ⌈(s_max + 1) η^s / (s + 1)⌉ configurations with the budget R / η^s, so that all brackets spend
    about the same; s_max is the largest s with η^s <= R.

    Parameters
    ----------
    max_budget : int >= 1
        R, the most that one configuration may get, for instance in epochs.
    eta : int >= 2
        The reduction factor η.
    rule : {"paper", "keras_tuner"}, keyword-only
        How fractions are rounded. The paper's round i keeps ⌊n / η^i⌋; KerasTuner rounds (s_max + 1) η^(s-i) / (s + 1)
        up, and its s_max + 1 in this formula too, which is larger if R is not a power of η. Budgets are rounded up.

    Returns
    -------
    list of list of Rung
        One list for each s = s_max … 0.

    Notes
    -----
    Source: L. Li and others (2018), algorithm 1.

    Examples
    --------
    >>> for bracket in hyperband_brackets(9):
    ...     print([(rung.n_configs, rung.budget) for rung in bracket])
    [(9, 1), (3, 3), (1, 9)]
    [(5, 3), (1, 9)]
    [(3, 9)]
    """
    R, eta = as_int(max_budget, "max_budget", low=1), as_int(eta, "eta", low=2)
    one_of(rule, "rule", ("paper", "keras_tuner"))
    s_max = 0
    while eta ** (s_max + 1) <= R:  # a floating-point logarithm would say 4.999… for R = 243, η = 3
        s_max += 1
    share = s_max + 1
    if rule == "keras_tuner" and eta**s_max < R:
        share += 1
    brackets = []
    for s in range(s_max, -1, -1):
        n = _divide_up(share * eta**s, s + 1)
        rounds = range(s + 1)
        if rule == "paper":
            sizes = [n // eta**i for i in rounds]
        else:
            sizes = [_divide_up(share * eta ** (s - i), s + 1) for i in rounds]
        budgets = [_divide_up(R, eta ** (s - i)) for i in rounds]
        brackets.append([Rung(size, budget) for size, budget in zip(sizes, budgets, strict=True)])
    return brackets


def total_budget(brackets, *, resume):
    """Return what brackets spend in all.

    Parameters
    ----------
    brackets : list of list of Rung
    resume : bool, keyword-only
        Whether a configuration that is kept continues its training, or begins it anew in each round.

    Returns
    -------
    int

    Examples
    --------
    >>> brackets = hyperband_brackets(81)
    >>> total_budget(brackets, resume=False), total_budget(brackets, resume=True)
    (1902, 1581)
    """
    brackets = [list(bracket) for bracket in brackets]
    if not brackets:
        raise ValueError("brackets is empty: expected at least one list of Rung")
    spent = 0
    for bracket in brackets:
        before = 0
        for rung in bracket:
            if not isinstance(rung, Rung):
                raise TypeError(f"a bracket is a list of Rung; got {shorten(rung)}")
            spent += rung.n_configs * (rung.budget - before)
            before = rung.budget if resume else 0
    return spent


def successive_halving(objective, configs, rungs, *, resume=True):
    """Train configurations round by round; after each, only the best go on.

    Parameters
    ----------
    objective : callable
        With ``resume`` it takes a configuration (dict), a budget and a state, and returns the loss after training with
        this budget in all, and the new state, from which the next round goes on: for instance the model. The first
        state is None. Without ``resume`` it takes a configuration and a budget, trains anew, and returns the loss.
    configs : sequence of dict
        As many as the first rung asks for. Two equal ones are two trials.
    rungs : sequence of Rung
        From :func:`halving_rungs`, or one of :func:`hyperband_brackets`.
    resume : bool, keyword-only
        Whether a configuration that is kept continues its training, so that a round costs only what is added.

    Returns
    -------
    list of Trial
        In the order in which they ran; a configuration occurs once for each round that it reached. One that failed
        never goes on, so a round can have fewer than its rung says.

    Examples
    --------
    >>> def curve(config, budget, epochs_before):
    ...     return config["x"] + 1 / budget, budget
    >>> rungs = halving_rungs(4, min_budget=1, max_budget=4, eta=2)
    >>> trials = successive_halving(curve, [{"x": x} for x in (0.3, 0.1, 0.4, 0.2)], rungs)
    >>> [(trial.config["x"], trial.budget) for trial in trials]
    [(0.3, 1), (0.1, 1), (0.4, 1), (0.2, 1), (0.1, 2), (0.2, 2), (0.1, 4)]
    """
    configs, rungs = list(configs), list(rungs)
    if not rungs or len(configs) != rungs[0].n_configs:
        wanted = f"{rungs[0].n_configs} configurations, as its first rung says" if rungs else "at least one rung"
        raise ValueError(f"expected {wanted}; got {len(configs)} configurations and {len(rungs)} rungs")
    trials, losses, states, before = [], [0.0] * len(configs), [None] * len(configs), 0
    for rung in rungs:
        alive = np.flatnonzero(np.isfinite(losses))
        # Equal losses keep their order.
        order = alive[np.argsort(np.array(losses)[alive], kind="stable")][: rung.n_configs]
        configs, states = [configs[i] for i in order], [states[i] for i in order]
        losses, cost = [], rung.budget - before
        for i, config in enumerate(configs):
            if resume:
                loss, states[i] = _resumed(objective, config, rung.budget, states[i])
            else:
                loss = evaluate(objective, config, rung.budget)
            losses.append(loss)
            trials.append(Trial(config, loss, rung.budget, cost))
        before = rung.budget if resume else 0
    return trials


def hyperband(objective, space, *, max_budget, eta=3, seed, resume=True):
    """Run successive halving in brackets of different boldness, each on fresh random configurations.

    Parameters
    ----------
    objective : callable
        As in :func:`successive_halving`.
    space : Space
    max_budget : int >= 1, keyword-only
        The most that one configuration may get.
    eta : int >= 2
        The reduction factor.
    seed : int or sequence of int
    resume : bool
        As in :func:`successive_halving`.

    Returns
    -------
    list of Trial

    Notes
    -----
    Source: L. Li and others (2018), algorithm 1.

    Examples
    --------
    >>> from coursepkg.search.trials import best_trial
    >>> from coursepkg.search.space import Float, Space
    >>> def curve(config, budget):
    ...     return config["x"] + 1 / budget
    >>> trials = hyperband(curve, Space([Float("x", 0, 1)]), max_budget=9, seed=0, resume=False)
    >>> len(trials), best_trial(trials).budget
    (22, 9)
    """
    space, rng = as_space(space), np.random.default_rng(seed)
    trials = []
    for rungs in hyperband_brackets(max_budget, eta):
        configs = [space.sample(rng) for _ in range(rungs[0].n_configs)]
        trials += successive_halving(objective, configs, rungs, resume=resume)
    return trials


def _resumed(objective, config, budget, state):
    """Return the loss and the new state of an objective that goes on from a state."""
    kept = []

    def loss_alone(config):
        result = objective(config, budget, state)
        if not (isinstance(result, tuple) and len(result) == 2):
            raise TypeError(
                "with resume=True the objective must return the loss and the state from which it goes on; "
                f"got {shorten(result)}"
            )
        kept.append(result[1])
        return result[0]

    return evaluate(loss_alone, config), kept[0]


def _divide_up(a, b):
    """Return a / b, rounded up, in whole numbers."""
    return -(-a // b)
