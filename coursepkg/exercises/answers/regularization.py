"""Answers to the exercises on regularization."""

from __future__ import annotations

import numpy as np

from coursepkg.exercises.answers import Answers, patches

# --- regularization/max-norm ----------------------------------------------------------------------------------------


def _norms(kernel, axis=0):
    return np.linalg.norm(kernel, axis=axis, keepdims=True)


def _judge_norms(got, *, max_value, weights, layers):
    shapes, after, penalized = got
    if after is None:
        wanted = [weight.shape for weight in weights]
        return f"expected weights of the shapes {wanted}; got {shapes}\nhint: leave the layers as they are"
    for layer in layers:
        before, kernel = weights[2 * layer], after[2 * layer]
        wanted = before * np.minimum(1, max_value / _norms(before)) if layer < 2 else before
        if not np.allclose(kernel, wanted, rtol=1e-4, atol=1e-5):
            return _judge_kernel(layer, before, kernel, max_value, penalized)
        if layer == 2 and not all(np.allclose(a, b) for a, b in zip(after[1::2], weights[1::2], strict=True)):
            return "the biases were changed; hint: constrain the kernels only"
    return None


def _judge_kernel(layer, before, kernel, max_value, penalized):
    if layer == 2:
        return "the weights of the output layer were changed; hint: constrain the hidden layers only"
    problem = f"hidden layer {layer + 1}: the longest weight vector of a unit has the norm {_norms(kernel).max():.3g}"
    if np.allclose(kernel, before, rtol=1e-5):
        if penalized:
            return f"{problem}\nhint: a regularizer adds to the loss; max-norm is a constraint: kernel_constraint"
        return f"{problem}\nhint: the kernel has no constraint (or a limit that none reaches)"
    for factor, hint in (
        (max_value / _norms(before), "all norms were changed; shorten only those that are too long"),
        (1 / _norms(before), "all norms are 1; max-norm shortens only those longer than max_value"),
        (np.minimum(1, 1 / _norms(before)), "the limit is 1 in place of max_value"),
        (np.minimum(1, 2 / _norms(before)), "the limit is 2, Keras's default, in place of max_value"),
        (
            np.minimum(1, max_value / _norms(before, axis=1)),
            "the rows were limited; the weights into one unit are a *column* of the kernel (axis 0, the default)",
        ),
    ):
        if np.allclose(kernel, before * factor, rtol=1e-4, atol=1e-5):
            return f"{problem}\nhint: {hint}"
    return f"{problem}; expected: each column scaled to at most {max_value:g}, all others unchanged"


max_norm = Answers(
    judge=_judge_norms,
    mistakes=patches(
        """
        rows: the rows were limited
        - MaxNorm(max_value)
        + MaxNorm(max_value, axis=1)
        unit norm: all norms are 1
        - MaxNorm(max_value)
        + UnitNorm()
        Keras's default: the limit is 2, Keras's default
        - MaxNorm(max_value)
        + MaxNorm()
        a regularizer: a regularizer adds to the
        - "kernel_constraint": constraint
        + "kernel_regularizer": "l2"
        no constraint: the kernel has no constraint
        - , "kernel_constraint": constraint
        the output layer as well: constrain the hidden layers only
        - Dense(1)
        + Dense(1, kernel_constraint=constraint)
        the biases as well: constrain the kernels only
        - "kernel_constraint": constraint
        + "kernel_constraint": constraint, "bias_constraint": constraint
        """
    ),
)

# --- regularization/alpha-dropout -----------------------------------------------------------------------------------

N_HIDDEN, N_UNITS, N_INPUTS = 5, 100, 50
SELU_SCALE, SELU_ALPHA = 1.0507009873554805, 1.6732632423543772


def _judge_chains(got):
    for (kind, chain), name, rate in zip(got.items(), ("Dropout", "AlphaDropout"), (0.1, 0.3), strict=True):
        names = [layer for layer, _ in chain if layer != "InputLayer"]
        wrong = {"Dropout": "AlphaDropout", "AlphaDropout": "Dropout"}[name]
        if wrong in names:
            return f'"{kind}" holds the layer {wrong}; hint: "plain" means Dropout, "alpha" AlphaDropout'
        if names == [name, "Dense"] * N_HIDDEN:
            return f"hint: {name} stands before each Dense layer; it must follow it, and leave the inputs whole"
        if names != ["Dense", name] * N_HIDDEN:
            return f"expected {N_HIDDEN} times Dense, {name}; got {', '.join(names)}"
        rates = {rate for layer, rate in chain if layer == name}
        if rates != {rate}:
            return f"build_model({kind!r}, {rate}) has the rates {sorted(rates)}; hint: hand `rate` to the layers"
    return None


def _selu(A):
    return SELU_SCALE * np.where(A > 0, A, SELU_ALPHA * np.expm1(np.minimum(A, 0)))


def _judge_outputs(got, *, X):
    weights, outputs = got
    shapes = [weight.shape for weight in weights]
    wanted = [s for i in range(N_HIDDEN) for s in ((N_UNITS if i else N_INPUTS, N_UNITS), (N_UNITS,))]
    if shapes != wanted:
        return f"expected {N_HIDDEN} Dense layers of {N_UNITS} units on {N_INPUTS} inputs; got the shapes {shapes}"
    values = X
    for W, b in zip(weights[::2], weights[1::2], strict=True):
        values = _selu(values @ W + b)
    if not np.allclose(outputs, values, rtol=1e-3, atol=1e-3):
        return 'the outputs are not those of SELU units; hint: activation="selu" in each Dense layer'
    spreads = [W.std() * np.sqrt(len(W)) for W in weights[::2]]
    spread = max(spreads, key=lambda value: abs(value - 1))
    if abs(spread - 1) > 0.07:  # with 5000 weights or more in a layer, chance moves it by 0.01
        hint = 'SELU keeps mean 0 and deviation 1 only with kernel_initializer="lecun_normal"'
        return f"the initial weights deviate by {spread:.2f}/√fan_in, not by 1/√fan_in\nhint: {hint}"
    return None


def _judge_moments(got, *, kind):
    """Measured on 200 models each: plain has the deviation 1.37 to 1.50, alpha 0.98 to 1.02; means below 0.13."""
    mean, deviation = got
    low, high = {"plain": (1.2, 1.7), "alpha": (0.9, 1.1)}[kind]
    if low < deviation < high and abs(mean) < 0.3:
        return None
    return (
        f"the outputs have the mean {mean:.2f} and the deviation {deviation:.2f}; expected a mean near 0 and a "
        f"deviation of {low} to {high}\nhint: standardized inputs, SELU, LeCun's weights, {kind} dropout"
    )


alpha_dropout = Answers(
    judge={"layers": _judge_chains, "outputs": _judge_outputs, "moments": _judge_moments},
    mistakes=patches(
        """
        plain dropout for both: "alpha" holds the layer Dropout
        - AlphaDropout
        + Dropout
        ReLU: the outputs are not those of SELU units
        - "selu"
        + "relu"
        Glorot's weights: only with kernel_initializer
        - lecun_normal
        + glorot_uniform
        He's weights: only with kernel_initializer
        - lecun_normal
        + he_normal
        a rate of its own: hand `rate` to the layers
        - (rate)
        + (0.5)
        four layers: expected 5 times Dense, Dropout
        - range(5)
        + range(4)
        before the Dense layer: stands before each Dense layer
        -         model.add(layers[kind](rate))
        -
        +
        -         model.add(k
        +         model.add(layers[kind](rate))
        +         model.add(k
        """
    ),
)

# --- regularization/repair-dropout ----------------------------------------------------------------------------------


def _unit_by_unit(H, G, U, rate, training):
    """Decide for each entry alone, without a mask."""
    kept = [1.0 if not training else 0.0 if u < rate else 1 / (1 - rate) for u in U.ravel()]
    factors = np.reshape(kept, H.shape)
    return factors * H, factors * G


repair_dropout = Answers(
    reference=_unit_by_unit,
    mistakes=patches(
        """
        the others are dropped: a number of U below rate means that the output is dropped
        - U >= rate
        + U < rate
        no scaling: divide what is kept by 1 - rate in training, so that the expectation stays
        -  / (1 - rate)
        scaled at inference too: with inverted scaling inference changes nothing
        - return H, G
        + return H * (1 - rate), G
        dropped at inference: with training=False nothing is dropped
        - if not training:
        + if not training and False:
        the gradient is not masked: no gradient passes through a dropped output: multiply it by the same mask
        - G * mask
        + G / (1 - rate)
        the gradient is left alone: the gradient must be multiplied by the mask as well
        - G * mask
        + G
        divided by the rate: 1 - rate is the share that is kept, rate the share that is dropped
        - / (1 - rate)
        + / rate
        """
    ),
)
