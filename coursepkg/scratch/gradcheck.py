"""Numerical differentiation, and the gradient check that it allows.

Two evaluations of a function next to each other give its slope. That needs at least one evaluation a parameter, where
backpropagation needs one for all of them; but it knows nothing about layers, so it tells whether they are right.
"""

from __future__ import annotations

import numpy as np

from coursepkg._validation import as_array, as_float, one_of

_DEFAULT_EPS = {"central": np.finfo(float).eps ** (1 / 3), "one-sided": np.finfo(float).eps ** (1 / 2)}


def numerical_gradient(f, x, *, method="central", eps=None):
    """Return the gradient of ``f`` at ``x``, from differences of function values.

    Parameters
    ----------
    f : callable
        Takes an array of the shape of ``x``, returns a number.
    x : array_like, any shape; not changed
    method : {"central", "one-sided"}
        ``(f(x + eps) − f(x − eps)) / 2eps`` with an error of order eps² (two calls of ``f`` a parameter), or
        ``(f(x + eps) − f(x)) / eps`` with an error of order eps (one call a parameter, and one more).
    eps : float > 0, optional
        The step. Default: the cube root (central, 6.1e-6) or the square root (one-sided, 1.5e-8) of the rounding
        unit 2.2e-16, which balances the error of the formula against that of the subtraction.

    >>> numerical_gradient(lambda x: x[0] ** 2 * x[1], [3.0, 2.0]).round(6)
    array([12.,  9.])
    """
    x = as_array(x, "x").copy()
    default = _DEFAULT_EPS[one_of(method, "method", _DEFAULT_EPS)]
    eps = default if eps is None else as_float(eps, "eps", low=0, open_low=True)

    def f_with(index, value):
        shifted = x.copy()
        shifted[index] = value
        return as_float(f(shifted), "f(x)")

    gradient = np.empty_like(x)
    f_x = as_float(f(x.copy()), "f(x)") if method == "one-sided" else None
    for index in np.ndindex(x.shape):
        right, left = x[index] + eps, x[index] - eps
        if method == "one-sided":
            gradient[index] = (f_with(index, right) - f_x) / (right - x[index])
        else:
            gradient[index] = (f_with(index, right) - f_with(index, left)) / (right - left)
    return gradient


def relative_error(a, b):
    """Return ‖a − b‖ / (‖a‖ + ‖b‖), from 0 (equal) to 1 (opposite); 0 where both are zero.

    >>> relative_error([1.0, 0.0], [1.0, 0.0]), relative_error([1.0], [-1.0])
    (0.0, 1.0)
    """
    a, b = as_array(a, "a"), as_array(b, "b")
    if a.shape != b.shape:
        raise ValueError(f"a and b must have the same shape; got {a.shape} and {b.shape}")
    size = np.linalg.norm(a) + np.linalg.norm(b)
    return float(np.linalg.norm(a - b) / size) if size else 0.0


def check_gradients(model, X, y, *, eps=None):
    """Compare the gradients of backpropagation with central differences, array by array.

    Parameters
    ----------
    model : Sequential
        With parameters in float64; they are the same afterwards. A ReLU whose input lies within ``eps`` of its kink
        makes the difference quotient wrong, not the gradient: try another seed.
    X, y : array_like, as the model wants them
    eps : float > 0, as in `numerical_gradient`

    Returns
    -------
    dict of str to float
        Relative error of "W_0", "b_0", "W_1", …; below 1e-7 means that they agree.

    Raises
    ------
    TypeError
        If the model is in float32, whose rounding would hide any mistake below 1e-3.
    ValueError
        If ``X`` or ``y`` do not fit the model.

    >>> from coursepkg.scratch.mlp import MLP
    >>> report = check_gradients(MLP([2, 3, 1], hidden_activation="tanh", seed=1), [[1.0, 0.0]], [1.0])
    >>> list(report), max(report.values()) < 1e-7
    (['W_0', 'b_0', 'W_1', 'b_1'], True)
    """
    if model.dtype != np.float64:
        raise TypeError(f"model must have float64 parameters; got {model.dtype}")
    _, gradients = model.loss_and_gradients(X, y)
    report = {}
    learning = [layer for layer in model.layers if layer.learned]
    names = [f"{name}_{i}" for i, layer in enumerate(learning) for name in layer.learned]
    for name, parameter, gradient in zip(names, model.parameters, gradients, strict=True):
        while name in report:  # a layer made of layers may hold several arrays of one name
            name += "'"

        def loss_at(value, parameter=parameter):
            parameter[...] = value
            return model.evaluate(X, y)["loss"]

        original = parameter.copy()
        try:
            numerical = numerical_gradient(loss_at, original, eps=eps)
        finally:
            parameter[...] = original
        report[name] = relative_error(gradient, numerical)
    return report
