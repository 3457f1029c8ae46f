"""Cases of the exercises on better activations. What calls Keras here are the methods of the student's model."""

from __future__ import annotations

import numpy as np
from scipy.special import expit

from coursepkg.exercises.cases import Case, function_case


def try_three(rng):
    for name in ("gelu", "swish", "prelu"):
        X = rng.normal(size=(50, 8))
        slopes = [(10,)] if name == "prelu" else []
        weights = [rng.normal(size=shape) for shape in ((8, 10), (10,), *slopes, (10, 1), (1,))]
        yield Case(
            f'build_model("{name}"): the outputs for random weights',
            lambda f, name=name, X=X, weights=weights: _outputs(f(name), X, weights),
            facts={"name": name, "X": X, "weights": weights},
        )


def _outputs(model, X, weights):
    """Return the shapes of a model's weights and, if they are those of the given ones, its outputs with these."""
    shapes = [np.shape(weight) for weight in model.get_weights()]
    if shapes != [weight.shape for weight in weights]:
        return shapes, None
    model.set_weights(weights)
    return shapes, np.asarray(model(X), dtype=float)


def prelu_backward(rng):
    for shown, shape, slope in (
        ("small slopes", (8, 5), 0.25),
        ("slopes above 1 and below 0", (7, 4), 3.0),
        ("a single instance", (1, 6), 0.5),
    ):
        Z, dH = rng.normal(size=(2, *shape))
        Z[0, :2] = -np.abs(Z[0, :2])  # each half occurs in every batch
        Z[0, 2:] = np.abs(Z[0, 2:])
        yield function_case(f"prelu_backward(Z, slopes, dH): {shown}", (Z, rng.normal(size=shape[1]) * slope, dH))


def gain(rng):
    slope, beta, size = rng.uniform(0.3, 0.6), rng.uniform(0.7, 1.4), rng.uniform(1.5, 2.5)
    for shown, function in (
        ("a leaky ReLU", lambda a: np.where(a > 0, a, slope * a)),
        ("Swish with some β", lambda a: a * expit(beta * a)),
        ("a multiple of tanh", lambda a: size * np.tanh(a)),
    ):
        yield function_case(f"gain(function): {shown}", (function,))


def repair_selu(rng):
    for shown, sizes in (
        ("one layer", (6, 9)),
        ("four layers of other widths", (5, 12, 7, 10, 4)),
        ("thirty", (8,) * 31),
    ):
        X = rng.normal(size=(30, sizes[0])) * rng.uniform(2, 9) + rng.uniform(-20, 20, sizes[0])
        draws = [rng.normal(size=pair) for pair in zip(sizes[:-1], sizes[1:], strict=True)]
        yield function_case(f"selu_outputs(X, draws): {shown}", (X, draws))
