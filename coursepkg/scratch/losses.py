"""Loss functions: value and gradient with respect to the prediction.

A loss is an object: ``loss(y_true, y_pred)`` is its value, a float, and ``loss.gradient(y_true, y_pred)`` the gradient,
an array of the shape of ``y_pred``. Both average, as in Keras, over the batch and the outputs, or over the batch alone
for the categorical losses, whose terms are rows. The gradient therefore holds the factor 1/(number of terms).

==========================  ===============================================  ===========================
loss                        term (y target, ŷ prediction, e = ŷ − y)         ∂term/∂ŷ
==========================  ===============================================  ===========================
`HalfSquaredError`          e²/2                                             e
`MeanSquaredError`          e²                                               2e
`MeanAbsoluteError`         abs(e)                                           sign(e)
`Huber`                     e²/2 if abs(e) ≤ δ, else δ(abs(e) − δ/2)         e cut off at ±δ
`LogCosh`                   ln cosh e                                        tanh e
`Pinball`                   (1 − q)e if e ≥ 0, else −qe                      1 − q if e > 0, −q if e < 0
`BinaryCrossentropy`        −y ln ŷ − (1 − y) ln(1 − ŷ)                      (ŷ − y) / (ŷ(1 − ŷ))
`CategoricalCrossentropy`   −Σ_k y_k ln ŷ_k                                  −y_k / ŷ_k
==========================  ===============================================  ===========================

Three output activations have a matching loss, with which ∂term/∂(pre-activation) is just ŷ − y: identity with
`HalfSquaredError` (without the ½ it is 2(ŷ − y)), sigmoid with `BinaryCrossentropy`, softmax with
`CategoricalCrossentropy`. With ``from_logits=True``, these two take the pre-activations (logits) in place of ŷ.
"""

from __future__ import annotations

import numpy as np

from coursepkg._validation import as_array, as_float, one_of, shorten, within_0_and_1
from coursepkg.scratch.activations import as_floats, sigmoid, softmax


class Loss:
    """What all losses share: checks and averages. A loss adds ``terms(y, ŷ)`` and ``slopes(y, ŷ)`` = ∂terms/∂ŷ.

    ``y_true`` and ``y_pred`` have the same shape, usually (n_samples, n_outputs). Another shape, or a value out of
    range, raises ``ValueError``. NaN in ``y_pred`` passes and gives NaN, for the training loop to report.

    Examples
    --------
    A loss of one's own, e⁴:

    >>> class FourthPower(Loss):
    ...     def terms(self, y, y_hat):
    ...         return (y_hat - y) ** 4
    ...
    ...     def slopes(self, y, y_hat):
    ...         return 4 * (y_hat - y) ** 3
    >>> loss = FourthPower()
    >>> loss([0.0, 1.0], [2.0, 1.0]), loss.gradient([0.0, 1.0], [2.0, 1.0])
    (8.0, array([16.,  0.]))
    """

    matched_activation = None  # the output activation with which ∂term/∂(pre-activation) is ŷ − y
    term_is_row = False

    def __call__(self, y_true, y_pred):
        """Return the mean of the terms, a float."""
        y_pred = as_floats(y_pred, "y_pred")
        return self.mean(self.targets(y_true, y_pred.shape, dtype=y_pred.dtype), y_pred)

    def gradient(self, y_true, y_pred):
        """Return the gradient of the mean with respect to ``y_pred``, an array of its shape."""
        y_pred = as_floats(y_pred, "y_pred")
        return self.mean_slopes(self.targets(y_true, y_pred.shape, dtype=y_pred.dtype), y_pred)

    def mean(self, y, y_hat):
        """Return the loss for ``y`` as `targets` returned it: for loops that check once and compute often."""
        return float(self.terms(y, y_hat).mean())

    def mean_slopes(self, y, y_hat):
        """Return the gradient of `mean`."""
        return self.averaged(self.slopes(y, y_hat))

    def averaged(self, slopes):
        """Return the gradient of the mean from that of the terms."""
        return slopes / (slopes.size // slopes.shape[-1] if self.term_is_row else slopes.size)

    def targets(self, y_true, shape, *, dtype="float64"):
        """Return ``y_true`` as an array of that shape and dtype, or raise an error that says what is wrong."""
        y_true = as_array(y_true, "y_true")
        if y_true.shape != tuple(shape):  # (n,) against (n, 1) would silently broadcast to (n, n)
            raise ValueError(f"y_true must have the shape of the predictions, {tuple(shape)}; got shape {y_true.shape}")
        return y_true.astype(dtype, copy=False)


class HalfSquaredError(Loss):
    """½(ŷ − y)²: the ½ makes the gradient ŷ − y. The best constant prediction is the mean.

    Examples
    --------
    >>> loss = HalfSquaredError()
    >>> loss([1.0, 2.0], [3.0, 2.0]), loss.gradient([1.0, 2.0], [3.0, 2.0])
    (1.0, array([1., 0.]))
    """

    matched_activation = "identity"

    def terms(self, y, y_hat):
        return (y_hat - y) ** 2 / 2

    def slopes(self, y, y_hat):
        return y_hat - y


class MeanSquaredError(Loss):
    """(ŷ − y)², twice `HalfSquaredError`: the number that is usually reported.

    Examples
    --------
    >>> MeanSquaredError()([1.0, 2.0], [3.0, 2.0]), MeanAbsoluteError()([1.0, 2.0], [3.0, 2.0])
    (2.0, 1.0)
    """

    def terms(self, y, y_hat):
        return (y_hat - y) ** 2

    def slopes(self, y, y_hat):
        return 2 * (y_hat - y)


class MeanAbsoluteError(Loss):
    """|ŷ − y|: an outlier pulls no harder than any other point. The best constant prediction is the median."""

    def terms(self, y, y_hat):
        return np.abs(y_hat - y)

    def slopes(self, y, y_hat):
        return np.sign(y_hat - y)


class Huber(Loss):
    """Squared up to an error of ``delta`` > 0, straight beyond it with the same slope (Huber, 1964).

    Examples
    --------
    >>> Huber(delta=1.0)([0.0, 0.0], [0.5, 3.0])  # (0.125 + 2.5) / 2
    1.3125
    """

    def __init__(self, delta=1.0):
        self.delta = as_float(delta, "delta", low=0, open_low=True)

    def terms(self, y, y_hat):
        e = np.abs(y_hat - y)
        return np.where(e <= self.delta, e**2 / 2, self.delta * (e - self.delta / 2))

    def slopes(self, y, y_hat):
        return np.clip(y_hat - y, -self.delta, self.delta)


class LogCosh(Loss):
    """ln cosh(ŷ − y), a smooth `Huber`. Written as |e| + ln(1 + e^(−2|e|)) − ln 2, since cosh overflows.

    Examples
    --------
    >>> round(LogCosh()([0.0], [1000.0]), 6)
    999.306853
    """

    def terms(self, y, y_hat):
        e = np.abs(y_hat - y)
        return e + np.log1p(np.exp(-2 * e)) - float(np.log(2))

    def slopes(self, y, y_hat):
        return np.tanh(y_hat - y)


class Pinball(Loss):
    """Quantile loss (Koenker and Bassett, 1978). The best constant prediction is the quantile of that level.

    Parameters
    ----------
    level : float or array_like of float in (0, 1), shape (n_outputs,)
        One level for all outputs, or one for each.

    Examples
    --------
    A prediction that is too low by 2 costs nine times as much as one that is too high by 2:

    >>> loss = Pinball(0.9)
    >>> round(loss([2.0], [0.0]), 6), round(loss([0.0], [2.0]), 6)
    (1.8, 0.2)
    """

    def __init__(self, level=0.5):
        self.level = as_array(level, "level", ndim=(0, 1))
        if not ((self.level > 0) & (self.level < 1)).all():
            raise ValueError(f"level must lie between 0 and 1; got {shorten(level)}")

    def terms(self, y, y_hat):
        e = y_hat - y
        return np.maximum((1 - self.level) * e, -self.level * e).astype(e.dtype, copy=False)

    def slopes(self, y, y_hat):
        e = y_hat - y
        return (np.where(e > 0, 1 - self.level, -self.level) * (e != 0)).astype(e.dtype, copy=False)


class BinaryCrossentropy(Loss):
    """Negative log-likelihood of independent yes-or-no outputs; targets in [0, 1].

    Examples
    --------
    >>> round(BinaryCrossentropy()([1.0], [0.5]), 6), BinaryCrossentropy(from_logits=True)([0.0], [1000.0])
    (0.693147, 1000.0)
    """

    matched_activation = "sigmoid"

    def __init__(self, *, from_logits=False):
        self.from_logits = one_of(from_logits, "from_logits", (False, True))

    def targets(self, y_true, shape, *, dtype="float64"):
        return within_0_and_1(super().targets(y_true, shape, dtype=dtype), "y_true")

    def labels(self, values, *, logits=False):
        """Return 0 or 1 for each probability (or logit), of the shape of ``values``."""
        return (values > (0 if logits else 0.5)).astype(int)

    def terms(self, y, y_hat):
        if self.from_logits:  # ln(1 + e^z) − yz, without overflow
            return np.maximum(y_hat, 0) - y * y_hat + np.log1p(np.exp(-np.abs(y_hat)))
        p = _inside(y_hat)
        return -y * np.log(p) - (1 - y) * np.log(1 - p)

    def slopes(self, y, y_hat):
        if self.from_logits:
            return sigmoid(y_hat) - y
        p = _inside(y_hat)
        return (p - y) / (p * (1 - p))


class BinaryFocalCrossentropy(BinaryCrossentropy):
    """Cross-entropy in which an answer counts the less the better it is already (Lin and others, 2017).

    With p the stated probability of the true class, a term is −w(1 − p)^γ ln p. Unlike in Keras, ``alpha`` alone says
    whether classes are weighted.

    Parameters
    ----------
    gamma : float >= 0
        0 gives `BinaryCrossentropy`.
    alpha : float in (0, 1), keyword-only, optional
        Weight w of class 1; class 0 gets 1 − alpha. By default both get 1.

    Examples
    --------
    >>> round(BinaryFocalCrossentropy(2.0)([1.0], [0.5]), 6)  # a quarter of ln 2
    0.173287
    """

    matched_activation = None

    def __init__(self, gamma=2.0, *, alpha=None, from_logits=False):
        super().__init__(from_logits=from_logits)
        self.gamma = as_float(gamma, "gamma", low=0)
        self.alpha = None if alpha is None else as_float(alpha, "alpha", low=0, high=1)

    def terms(self, y, y_hat):
        w, p, miss = self._parts(y, y_hat)
        return w * miss**self.gamma * super().terms(y, y_hat)

    def slopes(self, y, y_hat):
        w, p, miss = self._parts(y, y_hat)
        slopes = w * miss**self.gamma * super().slopes(y, y_hat)
        if self.gamma:
            inner = p * (1 - p) if self.from_logits else 1  # ∂p/∂ŷ
            slopes -= w * self.gamma * miss ** (self.gamma - 1) * (2 * y - 1) * inner * super().terms(y, y_hat)
        return slopes

    def _parts(self, y, y_hat):
        """Return the weights, the probabilities of class 1, and what the true class lacks to 1."""
        p = _inside(sigmoid(y_hat) if self.from_logits else y_hat)
        w = 1 if self.alpha is None else y * self.alpha + (1 - y) * (1 - self.alpha)
        return w, p, y * (1 - p) + (1 - y) * p


class CategoricalCrossentropy(Loss):
    """Negative log-likelihood of one class out of n_classes; targets are one-hot rows, or rows that sum to 1.

    Examples
    --------
    >>> loss = CategoricalCrossentropy(from_logits=True)
    >>> round(loss([[1, 0]], [[0.0, 0.0]]), 6), loss.gradient([[1, 0]], [[0.0, 0.0]])
    (0.693147, array([[-0.5,  0.5]]))
    """

    matched_activation = "softmax"
    term_is_row = True

    def __init__(self, *, from_logits=False):
        self.from_logits = one_of(from_logits, "from_logits", (False, True))

    def targets(self, y_true, shape, *, dtype="float64"):
        y_true = within_0_and_1(super().targets(y_true, shape, dtype=dtype), "y_true")
        sums = y_true.sum(axis=-1)
        if np.abs(sums - 1).max() > 1e-5:
            raise ValueError(f"y_true must hold rows that sum to 1; got the sums {shorten(sums)}")
        return y_true

    def labels(self, values, *, logits=False):
        """Return the class of the largest probability (or logit) of each row."""
        return values.argmax(axis=-1)

    def terms(self, y, y_hat):
        if not self.from_logits:
            return -(y * np.log(_inside(y_hat))).sum(axis=-1)
        z = y_hat - y_hat.max(axis=-1, keepdims=True)  # softmax(z) is the same, and e^z cannot overflow
        return np.log(np.exp(z).sum(axis=-1)) - (y * z).sum(axis=-1)

    def slopes(self, y, y_hat):
        return softmax(y_hat) - y if self.from_logits else -y / _inside(y_hat)


class SparseCategoricalCrossentropy(CategoricalCrossentropy):
    """`CategoricalCrossentropy` whose targets are integers 0 … n_classes − 1, of shape (n_samples,).

    Examples
    --------
    >>> round(SparseCategoricalCrossentropy()([1], [[0.75, 0.25]]), 6)  # ln 4
    1.386294
    """

    def targets(self, y_true, shape, *, dtype="float64"):
        labels, n_classes = as_array(y_true, "y_true"), shape[-1]
        classes = np.clip(labels.astype(int), 0, n_classes - 1)
        if labels.shape != tuple(shape[:-1]) or (labels != classes).any():
            wanted = f"integers from 0 to {n_classes - 1}, shape {tuple(shape[:-1])}"
            raise ValueError(f"y_true must hold {wanted}; got shape {labels.shape}: {shorten(y_true)}")
        return np.eye(n_classes, dtype=dtype)[classes]


def _inside(p):
    """Keep probabilities one rounding unit away from 0 and 1, where the logarithm is infinite."""
    epsilon = np.finfo(p.dtype).eps
    return np.clip(within_0_and_1(p, "y_pred"), epsilon, 1 - epsilon)


LOSSES = {
    "half_squared_error": HalfSquaredError,
    "mean_squared_error": MeanSquaredError,
    "mean_absolute_error": MeanAbsoluteError,
    "huber": Huber,
    "log_cosh": LogCosh,
    "binary_crossentropy": BinaryCrossentropy,
    "categorical_crossentropy": CategoricalCrossentropy,
    "sparse_categorical_crossentropy": SparseCategoricalCrossentropy,
}


def get_loss(name):
    """Return the loss of that name; a `Loss` passes through. Other values raise ``ValueError``.

    Examples
    --------
    >>> get_loss("mean_absolute_error")([1.0, 2.0], [3.0, 2.0])
    1.0
    """
    return name if isinstance(name, Loss) else LOSSES[one_of(name, "loss", LOSSES)]()
