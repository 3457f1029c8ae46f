"""What many predictions for one image say: how sure, why unsure, and whether stated probabilities come true.

Samples are probabilities of shape (n_samples, n, n_classes): n instances, each predicted n_samples times, with dropout
masks drawn anew, or by the members of an ensemble.
"""

from __future__ import annotations

import numpy as np

from coursepkg._validation import as_array, as_int, rounding_of, within_0_and_1


def entropy(probabilities):
    """Return −Σ p ln p over the classes, in nats: 0 for a sure answer, ln(n_classes) if all are equally likely.

    Parameters
    ----------
    probabilities : array_like, shape (…, n_classes)
        In [0, 1]; the last axis sums to 1.

    Returns
    -------
    numpy.ndarray, shape (…)

    Examples
    --------
    >>> entropy([[0.5, 0.5], [1.0, 0.0]]).round(3)
    array([0.693, 0.   ])
    """
    p = _probabilities(probabilities, "probabilities")
    return 0.0 - (p * np.log(np.where(p > 0, p, 1))).sum(axis=-1)  # 0 ln 0 is 0, its limit


def mutual_information(samples):
    """Return the part of the entropy that stems from samples which disagree, in nats.

    The entropy of the mean prediction is the mean entropy of the samples plus this part. If each sample is unsure by
    itself and all agree, it is 0; if each is sure but of another class, it is all of the entropy.

    Parameters
    ----------
    samples : array_like, shape (n_samples, n, n_classes)
        Probabilities.

    Returns
    -------
    numpy.ndarray, shape (n,)
        From 0 to ln(n_classes).

    Notes
    -----
    Houlsby and others (2011), Bayesian active learning for classification and preference learning, equation 2.

    Examples
    --------
    >>> agree, differ = [[0.5, 0.5], [0.5, 0.5]], [[1.0, 0.0], [0.0, 1.0]]
    >>> mutual_information(np.stack([agree, differ], axis=1)).round(3)
    array([0.   , 0.693])
    """
    samples = _probabilities(samples, "samples", ndim=3)
    # Rounding can make the difference of two equal entropies slightly negative.
    return np.maximum(entropy(samples.mean(axis=0)) - entropy(samples).mean(axis=0), 0)


def reliability_curve(y_true, probabilities, *, n_bins=15):
    """Sort answers by their confidence into bins of equal width; compare stated with achieved accuracy.

    The answer is the class with the highest probability, the confidence that probability.

    Parameters
    ----------
    y_true : array_like of int, shape (n,)
        Labels from 0 to n_classes − 1.
    probabilities : array_like, shape (n, n_classes)
    n_bins : int >= 1, keyword-only
        Intervals from 0 to 1; a confidence on an edge belongs to the bin below it.

    Returns
    -------
    confidence, accuracy : numpy.ndarray, shape (n_filled_bins,)
        Means over the instances of each bin that holds any.
    count : numpy.ndarray of int, shape (n_filled_bins,)

    Notes
    -----
    Guo and others (2017), On calibration of modern neural networks, equations 1 and 2. scikit-learn's
    ``calibration_curve`` does the same without counts, for two classes.

    Examples
    --------
    >>> P = [[0.9, 0.1], [0.9, 0.1], [0.4, 0.6]]
    >>> reliability_curve([0, 1, 1], P, n_bins=2)
    (array([0.8]), array([0.66666667]), array([3]))
    """
    p = _probabilities(probabilities, "probabilities", ndim=2)
    labels = as_array(y_true, "y_true", ndim=1, length=len(p))
    if not np.isin(labels, np.arange(p.shape[1])).all():
        found = f"found values from {labels.min():g} to {labels.max():g}"
        raise ValueError(f"y_true must hold labels from 0 to {p.shape[1] - 1}; {found}")
    n_bins = as_int(n_bins, "n_bins", low=1)
    confidence, right = p.max(axis=1), p.argmax(axis=1) == labels
    bins = np.searchsorted(np.linspace(0, 1, n_bins + 1)[1:-1], confidence)
    counts = np.bincount(bins, minlength=n_bins)
    filled = counts > 0
    stated, achieved = (np.bincount(bins, values, n_bins)[filled] / counts[filled] for values in (confidence, right))
    return stated, achieved, counts[filled]


def expected_calibration_error(y_true, probabilities, *, n_bins=15):
    """Return the mean distance between stated and achieved accuracy, each bin weighted by how many it holds.

    Arguments and errors as in `reliability_curve`.

    Returns
    -------
    float
        From 0, calibrated, to 1. It depends on ``n_bins``, and is not 0 for a calibrated model with few instances.

    Notes
    -----
    Guo and others (2017), equation 3.

    Examples
    --------
    >>> round(expected_calibration_error([0, 1, 1], [[0.9, 0.1], [0.9, 0.1], [0.4, 0.6]], n_bins=2), 3)
    0.133
    """
    stated, achieved, counts = reliability_curve(y_true, probabilities, n_bins=n_bins)
    return float(np.abs(stated - achieved) @ counts / counts.sum())


def _probabilities(values, name, *, ndim=None):
    p = as_array(values, name, ndim=ndim)
    if not p.ndim:
        raise ValueError(f"{name} must have an axis of classes; got a single number")
    p = within_0_and_1(p, name, rounding=rounding_of(values, 1e-5))
    sums, tolerance = p.sum(axis=-1), rounding_of(values, 1e-4)  # a softmax in float32 sums to 1 within about 1e-6
    worst = np.unravel_index(np.abs(sums - 1).argmax(), sums.shape)
    if abs(sums[worst] - 1) > tolerance:
        where = f"row {tuple(int(i) for i in worst)}"
        raise ValueError(f"{name} must sum to 1 over the last axis; {where} sums to {sums[worst]:g} (shape {p.shape})")
    return p if tolerance == 1e-4 else p / sums[..., np.newaxis]
