"""A Gaussian process: a guess of a function from a few of its values, with the uncertainty of the guess everywhere."""

from __future__ import annotations

import numpy as np
from scipy.linalg import cho_solve, solve_triangular

from coursepkg._validation import as_array, as_float, one_of

# What `fit` tries where it is free to choose; inputs are expected to lie in the unit cube.
LENGTH_SCALES = np.geomspace(0.05, 5.0, 14)
NOISES = np.array([1e-6, 1e-3, 1e-2, 1e-1, 1.0])
_ROUNDS = 20  # a limit that is hardly ever reached: the search for scales ends when no change helps


def squared_distances(A, B):
    """Return the squared distances between the rows of two arrays, [n, d] and [m, d], as an array [n, m].

    Examples
    --------
    >>> squared_distances([[0.0, 0.0]], [[3.0, 4.0], [0.0, 0.0]])
    array([[25.,  0.]])
    """
    A, B = as_array(A, "A", ndim=2), as_array(B, "B", ndim=2)
    if A.shape[1] != B.shape[1]:
        raise ValueError(f"A and B must have the same number of columns; got shapes {A.shape} and {B.shape}")
    return ((A[:, None, :] - B[None, :, :]) ** 2).sum(axis=2)


def rbf(squared, length_scale):
    """Return the RBF correlation exp(-r² / 2ℓ²) for squared distances r² of any shape: very smooth functions.

    Source: C. Rasmussen and C. Williams (2006), equation 4.9.

    Examples
    --------
    >>> rbf(np.array([0.0, 1.0]), 1.0).round(4)
    array([1.    , 0.6065])
    """
    return np.exp(-squared / (2 * length_scale**2))


def matern52(squared, length_scale):
    """Return the Matérn correlation with ν = 5/2 for squared distances r² of any shape: twice differentiable functions.

    With s = √5 r / ℓ it is (1 + s + s²/3) exp(-s).
    Source: C. Rasmussen and C. Williams (2006), equation 4.17.

    Examples
    --------
    >>> matern52(np.array([0.0, 1.0]), 1.0).round(4)
    array([1.   , 0.524])
    """
    s = np.sqrt(5 * squared) / length_scale
    return (1 + s + s**2 / 3) * np.exp(-s)


KERNELS = {"rbf": rbf, "matern52": matern52}


class GaussianProcess:
    """A Gaussian process with a constant mean, for inputs in the unit cube.

    The values at any points are taken for jointly normal, with mean m and covariance σ² k(x, x'), where the
    correlation k falls with the distance; each column of the inputs is measured in units of its own length scale ℓ_j,
    so that a column with a long one hardly matters. Observations carry independent noise of variance λσ². What is not
    given is chosen by ``fit`` so that the observed values are as likely as possible: first λ and one ℓ for all
    columns among `NOISES` and `LENGTH_SCALES`, then one after the other until no change helps; σ² has a formula. The
    mean m is the mean of the observations.

    Parameters
    ----------
    kernel : {"matern52", "rbf"}
    length_scale : float > 0 or array_like of shape [d], optional, keyword-only
    variance : float > 0, optional, keyword-only
        The variance σ² of the function.
    noise : float >= 0, optional, keyword-only
        The variance λ of the noise in units of σ².

    Attributes
    ----------
    length_scale_ : numpy.ndarray, shape [d]
        What was given or chosen.
    variance_, noise_ : float
        What was given or chosen.
    log_likelihood_ : float
        Logarithm of the density of the observations.

    Notes
    -----
    Source: C. Rasmussen and C. Williams, "Gaussian processes for machine learning" (2006), algorithm 2.1, and section
    5.1 for a length scale a column; the formula for σ² is in D. Jones, M. Schonlau and W. Welch (1998), equation 6,
    there with the most likely m.

    Examples
    --------
    >>> model = GaussianProcess(length_scale=0.3, noise=0.0).fit([[0.0], [1.0]], [1.0, 3.0])
    >>> mean, std = model.predict([[0.0], [0.5]])
    >>> mean.round(2), bool(std[0] < std[1])
    (array([1., 2.]), True)
    """

    def __init__(self, kernel="matern52", *, length_scale=None, variance=None, noise=None):
        one_of(kernel, "kernel", tuple(KERNELS))
        self.kernel = KERNELS[kernel]
        self.length_scale = _scales(length_scale)
        self.variance = None if variance is None else as_float(variance, "variance", low=0, open_low=True)
        self.noise = None if noise is None else as_float(noise, "noise", low=0)

    def fit(self, X, y):
        """Learn from observations; return the process itself.

        Parameters
        ----------
        X : array_like, shape [n, d]
        y : array_like, shape [n]
        """
        X = as_array(X, "X", ndim=2)
        y = as_array(y, "y", ndim=1, length=len(X))
        d = X.shape[1]
        self.X_, self.mean_ = X, y.mean()
        residual, gaps = y - self.mean_, (X[:, None, :] - X[None, :, :]) ** 2
        chosen = self._most_likely(gaps, residual, *self._starts(d))
        if self.length_scale is None and d > 1:
            for _ in range(_ROUNDS):
                before = chosen["log_likelihood"]
                for column in range(d):
                    scales = np.repeat(chosen["scales"][None], len(LENGTH_SCALES), axis=0)
                    scales[:, column] = LENGTH_SCALES
                    noises = np.full(len(scales), chosen["noise"])
                    chosen = self._most_likely(gaps, residual, scales, noises, chosen)
                if self.noise is None:
                    scales = np.repeat(chosen["scales"][None], len(NOISES), axis=0)
                    chosen = self._most_likely(gaps, residual, scales, NOISES, chosen)
                if chosen["log_likelihood"] <= before:
                    break
        self.length_scale_, self.noise_ = chosen["scales"], float(chosen["noise"])
        self.variance_, self.log_likelihood_ = float(chosen["variance"]), float(chosen["log_likelihood"])
        self._L, self._weights = chosen["L"], cho_solve((chosen["L"], True), residual)
        return self

    def predict(self, X):
        """Return mean and standard deviation of the function (without noise), shape [m] each, for X of shape [m, d]."""
        if not hasattr(self, "X_"):
            raise ValueError("this GaussianProcess has not seen any data yet: call fit first")
        X = as_array(X, "X", ndim=2, columns=self.X_.shape[1])
        scales = self.length_scale_
        correlations = self.kernel(squared_distances(X / scales, self.X_ / scales), 1.0)
        mean = self.mean_ + correlations @ self._weights
        explained = (solve_triangular(self._L, correlations.T, lower=True) ** 2).sum(axis=0)
        return mean, np.sqrt(self.variance_ * np.maximum(1 - explained, 0))

    def _starts(self, d):
        """Return what `fit` tries first, length scales [n_candidates, d] and noises [n_candidates]."""
        if self.length_scale is None:
            scales = np.repeat(LENGTH_SCALES[:, None], d, axis=1)
        elif self.length_scale.size not in (1, d):
            raise ValueError(
                f"length_scale must be one number, or one for each of {d} columns; got {self.length_scale}"
            )
        else:
            scales = np.broadcast_to(self.length_scale, (1, d))
        noises = NOISES if self.noise is None else np.array([self.noise])
        return np.repeat(scales, len(noises), axis=0), np.tile(noises, len(scales))

    def _most_likely(self, gaps, residual, scales, noises, best=None):
        """Return the candidate that makes the observations most likely, or ``best`` if none is better.

        One matrix for each candidate, shape [n_candidates, n, n], factorized all at once.
        """
        n = len(residual)
        C = self.kernel(np.tensordot(1 / scales**2, gaps, axes=(1, 2)), 1.0) + noises[:, None, None] * np.eye(n)
        try:
            L = np.linalg.cholesky(C)
        except np.linalg.LinAlgError:
            raise ValueError(
                "the covariance of X cannot be inverted: two rows are (almost) equal; raise noise, or leave it out"
            ) from None
        whitened = np.linalg.solve(L, np.broadcast_to(residual[:, None], (len(L), n, 1)))[..., 0]
        fit = (whitened**2).sum(axis=1)
        variances = np.maximum(fit / n, 1e-12) if self.variance is None else np.full(len(fit), self.variance)
        log_determinants = 2 * np.log(np.diagonal(L, axis1=1, axis2=2)).sum(axis=1)
        likelihoods = -0.5 * (fit / variances + n * np.log(2 * np.pi * variances) + log_determinants)
        k = likelihoods.argmax()
        # Rounding must not decide between two that are equally likely.
        if best is not None and likelihoods[k] <= best["log_likelihood"] + 1e-9:
            return best
        found = {"scales": scales[k], "noise": noises[k], "variance": variances[k]}
        return found | {"log_likelihood": likelihoods[k], "L": L[k]}


def draw_functions(X, *, kernel="matern52", length_scale=0.2, n_functions=3, rng):
    """Draw functions from a process with mean 0 and variance 1, before any observation.

    Parameters
    ----------
    X : array_like, shape [n, d]
        Where to evaluate them.
    kernel : {"matern52", "rbf"}, keyword-only
    length_scale : float > 0, keyword-only
    n_functions : int
    rng : numpy.random.Generator

    Returns
    -------
    numpy.ndarray, shape [n_functions, n]

    Examples
    --------
    >>> import numpy as np
    >>> draw_functions([[0.0], [0.5]], n_functions=4, rng=np.random.default_rng(0)).shape
    (4, 2)
    """
    one_of(kernel, "kernel", tuple(KERNELS))
    X = as_array(X, "X", ndim=2)
    C = KERNELS[kernel](squared_distances(X, X), as_float(length_scale, "length_scale", low=0, open_low=True))
    # Close points are so alike that rounding can make C look indefinite; a tiny diagonal prevents it.
    L = np.linalg.cholesky(C + 1e-8 * np.eye(len(X)))
    return rng.normal(size=(n_functions, len(X))) @ L.T


def _scales(value):
    """Return given length scales as an array, or None."""
    if value is None:
        return None
    scales = as_array(np.atleast_1d(value), "length_scale", ndim=1)
    if scales.min() <= 0:
        raise ValueError(f"length_scale must be > 0; got {value}")
    return scales
