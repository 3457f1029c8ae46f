"""Threshold logic units: a layer φ(XW + b) and the perceptron with its learning rule."""

from __future__ import annotations

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from coursepkg._validation import as_array, as_float, as_int
from coursepkg.scratch.activations import heaviside


def layer(X, W, b, activation=heaviside):
    """Return the outputs φ(XW + b) of a layer of neurons for a batch of instances.

    ``X`` has shape [n_samples, n_inputs], an instance a row; ``W`` [n_inputs, n_neurons], a neuron a column; ``b``
    [n_neurons]; the result [n_samples, n_neurons]. ``activation`` is φ, applied to each number on its own.

    Examples
    --------
    The logical AND and OR of two bits, side by side in one layer:

    >>> bits = [[0, 0], [0, 1], [1, 0], [1, 1]]
    >>> layer(bits, W=[[1, 1], [1, 1]], b=[-1.5, -0.5])
    array([[0., 0.],
           [0., 1.],
           [0., 1.],
           [1., 1.]])
    """
    if not callable(activation):
        raise TypeError(f"activation must be a function, such as heaviside; got {activation!r}")
    X = as_array(X, "X", ndim=2)
    W = as_array(W, "W", ndim=2, length=X.shape[1])
    b = as_array(b, "b", ndim=1, length=W.shape[1])
    return activation(X @ W + b)


class Perceptron(ClassifierMixin, BaseEstimator):
    """Classifier made of threshold logic units, trained by the perceptron learning rule.

    Two classes need one unit; K > 2 classes get one unit each, trained to tell its class from all others, and the
    unit with the largest weighted sum gives the class. Training presents the instances in their order, and an
    instance on the boundary counts as a mistake, as in scikit-learn's ``Perceptron(shuffle=False)``.

    Parameters
    ----------
    learning_rate : float > 0
        Step η of each correction. Starting from zero weights it scales the weights and changes no prediction.
    max_epochs : int >= 1
        Passes over the training set at most; training stops after the first pass without a mistake.

    Attributes
    ----------
    classes_ : ndarray, shape [n_classes]
        The labels, sorted.
    weights_ : ndarray, shape [n_features, n_units]
    biases_ : ndarray, shape [n_units]
    mistakes_ : ndarray of int, shape [n_epochs, n_units]
        Corrections made in each epoch.
    weight_history_ : ndarray, shape [n_epochs + 1, n_features, n_units]
        Weights before the first and after each epoch.
    bias_history_ : ndarray, shape [n_epochs + 1, n_units]
    n_epochs_ : int
        Epochs run.

    Raises
    ------
    TypeError, ValueError
        By ``fit``: if a parameter is impossible, the data are empty, not numeric or not finite, or hold one class.
    sklearn.exceptions.NotFittedError
        By ``predict`` and ``decision_function`` before ``fit``.

    Notes
    -----
    Source: F. Rosenblatt, "The perceptron" (1958); the bound on the mistakes is A. Novikoff's (1962).

    Examples
    --------
    >>> model = Perceptron().fit([[0, 0], [0, 1], [1, 0], [1, 1]], [0, 0, 0, 1])
    >>> model.predict([[1, 1], [0, 1]])
    array([1, 0])
    >>> model.mistakes_.sum(axis=1)
    array([2, 3, 3, 2, 2, 3, 2, 1, 0])
    """

    def __init__(self, learning_rate=1.0, max_epochs=1000):
        self.learning_rate = learning_rate
        self.max_epochs = max_epochs

    def fit(self, X, y):
        """Train from zero weights on ``X``, [n_samples, n_features], and labels ``y`` of any kind; return itself."""
        eta = as_float(self.learning_rate, "learning_rate", low=0, open_low=True)
        max_epochs = as_int(self.max_epochs, "max_epochs", low=1)
        X, y = validate_data(self, X, y, dtype=np.float64)
        check_classification_targets(y)
        self.classes_, labels = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(f"y must hold at least two classes; got one class only: {self.classes_[0]}")
        # Column k of the targets is +1 for the instances that unit k must fire for and -1 for all others.
        positive = [1] if len(self.classes_) == 2 else range(len(self.classes_))
        targets = np.where(labels[:, None] == np.array(positive), 1.0, -1.0)

        weights, biases = np.zeros((X.shape[1], len(positive))), np.zeros(len(positive))
        weight_history, bias_history, mistakes = [weights.copy()], [biases.copy()], []
        for _ in range(max_epochs):
            counts = np.zeros(len(positive), dtype=int)
            for unit in range(len(positive)):
                biases[unit], counts[unit] = _present_all(X, targets[:, unit], weights[:, unit], biases[unit], eta)
            mistakes.append(counts)
            weight_history.append(weights.copy())
            bias_history.append(biases.copy())
            if not counts.any():
                break
        self.weights_, self.biases_, self.mistakes_ = weights, biases, np.array(mistakes)
        self.weight_history_, self.bias_history_ = np.array(weight_history), np.array(bias_history)
        self.n_epochs_ = len(mistakes)
        return self

    def decision_function(self, X):
        """Return the weighted sums: shape [n_samples] for two classes, [n_samples, n_classes] for more."""
        check_is_fitted(self)
        X = validate_data(self, X, dtype=np.float64, reset=False)
        sums = X @ self.weights_ + self.biases_
        return sums[:, 0] if len(self.classes_) == 2 else sums

    def predict(self, X):
        """Return the predicted labels, shape [n_samples]."""
        sums = self.decision_function(X)
        if sums.ndim == 1:
            return self.classes_[(sums >= 0).astype(int)]
        return self.classes_[sums.argmax(axis=1)]


def _present_all(X, targets, weights, bias, eta):
    """Present each instance once and correct ``weights`` in place; return the new bias and the mistakes made.

    Between two mistakes the weights stand still, so whole blocks of instances are tested at once. A block doubles
    while it brings no mistake: an epoch costs one matrix product a mistake instead of one Python step an instance.
    """
    mistakes, start, block = 0, 0, 16
    while start < len(X):
        stop = start + block
        margins = targets[start:stop] * (X[start:stop] @ weights + bias)
        wrong = margins <= 0
        first = wrong.argmax()
        if not wrong[first]:
            start, block = stop, 2 * block
            continue
        i = start + first
        weights += eta * targets[i] * X[i]
        bias += eta * targets[i]
        mistakes += 1
        start, block = i + 1, 16
    return bias, mistakes


def novikoff_bound(X, y, weights, bias=0.0):
    """Return Novikoff's (1962) bound (R / γ)² on the number of mistakes, for one line that separates the data.

    Parameters
    ----------
    X : array_like, shape [n_samples, n_features]
    y : array_like, shape [n_samples], values in {-1, 1}
        The side on which each instance must lie.
    weights, bias : array_like, shape [n_features]; float
        Normal of a separating hyperplane, any one, and its bias.

    Returns
    -------
    float
        R is the largest length of an instance with a constant 1 appended for the bias, γ the smallest
        distance of such an instance from the hyperplane.

    Raises
    ------
    TypeError, ValueError
        If the data are not numeric, do not fit together, or are not separated by the hyperplane.

    Examples
    --------
    >>> round(novikoff_bound([[2.0], [-2.0]], [1, -1], weights=[1.0]), 2)
    1.25
    """
    X = as_array(X, "X", ndim=2)
    y = as_array(y, "y", ndim=1, length=len(X))
    if not np.isin(y, (-1, 1)).all():
        raise ValueError(f"y must hold only -1 and 1; got {np.unique(y)[:5]}")
    extended = np.column_stack([X, np.ones(len(X))])
    normal = np.append(as_array(weights, "weights", ndim=1, length=X.shape[1]), as_float(bias, "bias"))
    margins = y * (extended @ normal) / max(np.linalg.norm(normal), np.finfo(float).tiny)
    if margins.min() <= 0:
        raise ValueError(
            f"weights and bias must separate the data, but instance {margins.argmin()} lies on the wrong side "
            f"or on the line (signed distance {margins.min():.3g})"
        )
    return float((np.linalg.norm(extended, axis=1).max() / margins.min()) ** 2)
