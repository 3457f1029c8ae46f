"""Bayesian optimization: let a Gaussian process guess where the next trial is worth most."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr

from coursepkg._validation import as_array, as_float, as_int, one_of, shorten
from coursepkg.search.gaussian_process import GaussianProcess
from coursepkg.search.space import as_space
from coursepkg.search.trials import Trial, evaluate

_RANDOM_CANDIDATES, _NEAR_CANDIDATES, _NEAR_STD = 500, 200, 0.05


def expected_improvement(mean, std, *, best):
    """Return by how much a trial is expected to lower the best loss, where only improvements count.

    With z = (best - mean) / std it is (best - mean) Φ(z) + std φ(z).

    Parameters
    ----------
    mean, std : array_like, shape [n]
        What a Gaussian process predicts.
    best : float, keyword-only
        The lowest loss so far.

    Returns
    -------
    numpy.ndarray, shape [n], >= 0

    Notes
    -----
    Source: D. Jones, M. Schonlau and W. Welch (1998), equation 15.

    Examples
    --------
    >>> expected_improvement([1.0, 0.5], [1.0, 0.0], best=1.0).round(4)
    array([0.3989, 0.5   ])
    """
    mean, std = _prediction(mean, std)
    gain = as_float(best, "best") - mean
    z = gain / np.where(std > 0, std, 1.0)
    density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    # Far below zero the two terms cancel, and rounding may leave a negative speck.
    return np.where(std > 0, np.maximum(gain * ndtr(z) + std * density, 0.0), np.maximum(gain, 0.0))


def lower_confidence_bound(mean, std, *, beta=2.0):
    """Return mean - β std: the loss that we may hope for. The next trial is where it is lowest.

    For a score that is to be maximized, mean + β std, the *upper* confidence bound (UCB), is the same thing.

    Parameters
    ----------
    mean, std : array_like, shape [n]
        What a Gaussian process predicts.
    beta : float >= 0, keyword-only
        0 trusts the mean alone (exploitation); the larger, the more uncertain points attract (exploration).

    Returns
    -------
    numpy.ndarray, shape [n]

    Notes
    -----
    Source: N. Srinivas and others (2010), equation 6, whose β is the square of ours.

    Examples
    --------
    >>> lower_confidence_bound([1.0, 0.5], [1.0, 0.0], beta=2.0)
    array([-1. ,  0.5])
    """
    mean, std = _prediction(mean, std)
    return mean - as_float(beta, "beta", low=0) * std


def bayesian_search(
    objective,
    space,
    *,
    n_trials,
    seed,
    n_initial=5,
    acquisition="ei",
    beta=2.0,
    kernel="matern52",
    noise=None,
    budget=1.0,
):
    """Search with a Gaussian process: random trials first, then always where the acquisition function is best.

    Parameters
    ----------
    objective : callable
        Takes a configuration (dict), returns its loss. A trial that fails (NaN) counts as the worst one so far.
    space : Space
    n_trials : int >= 1, keyword-only
        All trials, the initial ones included.
    seed : int or sequence of int, keyword-only
    n_initial : int >= 1
        Random trials before the process takes over.
    acquisition : {"ei", "lcb"}
        Expected improvement or lower confidence bound.
    beta : float >= 0
        For "lcb".
    kernel : {"matern52", "rbf"}
    noise : float >= 0, optional
        As in :class:`~coursepkg.search.gaussian_process.GaussianProcess`.
    budget : float > 0
        What one trial costs, for instance epochs; it is noted in the trials.

    Returns
    -------
    list of Trial

    Notes
    -----
    The process sees a choice as one column a value, see :meth:`~coursepkg.search.space.Space.features`. A loss is
    noisy, so improvements are counted from the lowest *mean* at the trials, not from the lowest loss. The best of
    random candidates, some of them near that trial, stands in for an exact maximum of the acquisition function.

    Source: J. Snoek, H. Larochelle and R. Adams (2012).

    Examples
    --------
    >>> from coursepkg.search.trials import best_trial
    >>> from coursepkg.search.space import Float, Space
    >>> space = Space([Float("x", -2, 2), Float("y", -2, 2)])
    >>> trials = bayesian_search(lambda c: c["x"] ** 2 + (c["y"] - 1) ** 2, space, n_trials=20, seed=0)
    >>> best_trial(trials).loss < 0.01
    True
    """
    space, rng = as_space(space), np.random.default_rng(seed)
    n_trials = as_int(n_trials, "n_trials", low=1)
    n_initial = as_int(n_initial, "n_initial", low=1)
    one_of(acquisition, "acquisition", ("ei", "lcb"))
    process = GaussianProcess(kernel, noise=noise)
    as_float(beta, "beta", low=0)
    budget = as_float(budget, "budget", low=0, open_low=True)
    trials, points = [], []
    while len(trials) < n_trials:
        if len(trials) < n_initial:
            u = rng.random(len(space))
        else:
            losses = finite_losses([trial.loss for trial in trials])
            process.fit(space.features(points), losses)
            ranked = _ranked_candidates(process, space, np.array(points), acquisition, beta, rng)
            # A repetition would teach nothing new; with whole numbers and choices, candidates can coincide.
            tried = [trial.config for trial in trials]
            u = next((u for u in ranked if space.decode(u) not in tried), ranked[0])
        config = space.decode(u)
        points.append(space.encode(config))  # whole numbers and choices snap to their marks
        trials.append(Trial(config, evaluate(objective, config), budget, budget))
    return trials


def finite_losses(losses):
    """Return the losses with the failed (infinite) ones replaced by the worst of the others, or by 0 if all failed.

    A Gaussian process needs finite numbers, and should learn to stay away from where trials fail.

    Examples
    --------
    >>> finite_losses([0.5, float("inf"), 2.0])
    array([0.5, 2. , 2. ])
    """
    losses = as_array(losses, "losses", ndim=1, finite=False)
    finite = np.isfinite(losses)
    return np.where(finite, losses, losses[finite].max() if finite.any() else 0.0)


def _ranked_candidates(process, space, points, acquisition, beta, rng):
    """Return random points of the unit cube, some of them near the best trial, the most promising first."""
    d = points.shape[1]
    means, _ = process.predict(process.X_)
    anywhere = rng.random((_RANDOM_CANDIDATES, d))
    near_best = points[means.argmin()] + rng.normal(0, _NEAR_STD, (_NEAR_CANDIDATES, d))
    candidates = np.concatenate([anywhere, np.clip(near_best, 0, 1)])
    mean, std = process.predict(space.features(candidates))
    if acquisition == "ei":
        order = np.argsort(-expected_improvement(mean, std, best=means.min()), kind="stable")
    else:
        order = np.argsort(lower_confidence_bound(mean, std, beta=beta), kind="stable")
    return candidates[order]


def _prediction(mean, std):
    mean, std = as_array(mean, "mean", ndim=1), as_array(std, "std", ndim=1)
    if mean.shape != std.shape:
        raise ValueError(f"mean and std must have the same shape; got {mean.shape} and {std.shape}")
    if std.min() < 0:
        raise ValueError(f"std must be >= 0; got {shorten(std.min())}")
    return mean, std
