"""Cases of the exercises on regularization. What calls Keras here are the methods of the student's model."""

from __future__ import annotations

import numpy as np

from coursepkg.exercises.cases import Case, function_case

SHAPES = [(8, 30), (30,), (30, 30), (30,), (30, 1), (1,)]


def max_norm(rng):
    for max_value in (1.0, 2.5):
        weights = [rng.normal(size=shape) for shape in SHAPES]
        for kernel in weights[::2]:  # some units lie well below the limit, others well above
            kernel *= np.linspace(0.05, 3.0, kernel.shape[1]) * max_value / np.linalg.norm(kernel, axis=0)
        weights[4] *= 10 * max_value / np.linalg.norm(weights[4])
        for name, layers in (("hidden layers", (0, 1)), ("output layer, and all biases", (2,))):
            yield Case(
                f"build_model({max_value}): the {name} after a training step",
                lambda f, m=max_value, w=weights: _after_a_step(f(m), w),
                facts={"max_value": max_value, "weights": weights, "layers": layers},
            )


def _after_a_step(model, weights):
    """Return the shapes of a model's weights and, if these are right, the weights after a step that changes nothing.

    Each layer applies its own constraints, as the optimizer does after a step.
    """
    shapes = [np.shape(weight) for weight in model.get_weights()]
    if shapes != SHAPES:
        return shapes, None, False
    model.set_weights(weights)
    for layer in model.layers:
        for variable in layer.trainable_variables:
            if variable.constraint is not None:
                variable.assign(variable.constraint(variable.value))
    penalized = any(getattr(layer, "kernel_regularizer", None) is not None for layer in model.layers)
    return shapes, [np.asarray(weight, dtype=float) for weight in model.get_weights()], penalized


def alpha_dropout(rng):
    X = rng.normal(size=(400, 50))
    yield Case("the layers", _chains, "layers")
    yield Case(
        'build_model("alpha", 0.2): outputs when nothing is dropped',
        lambda f: _predict(f("alpha", 0.2), X),
        "outputs",
        facts={"X": X},
    )
    for kind in ("plain", "alpha"):
        yield Case(
            f'build_model("{kind}", 0.2): mean and deviation of the outputs during training',
            lambda f, kind=kind: _moments(f(kind, 0.2), X),
            "moments",
            facts={"kind": kind},
        )


def _chains(build_model):
    """Return for each kind the layers as (class, rate or None)."""
    return {
        kind: [(type(layer).__name__, getattr(layer, "rate", None)) for layer in build_model(kind, rate).layers]
        for kind, rate in (("plain", 0.1), ("alpha", 0.3))
    }


def _predict(model, X):
    return [np.asarray(weight, dtype=float) for weight in model.get_weights()], np.asarray(model(X), dtype=float)


def _moments(model, X):
    outputs = np.asarray(model(X, training=True), dtype=float)
    return outputs.mean(), outputs.std()


def repair_dropout(rng):
    for n, d, rate, training in ((1, 8, 0.25, True), (5, 6, 0.6, True), (4, 3, 0.3, False)):
        H, G = rng.normal(size=(2, n, d))
        U = rng.random((n, d))
        U[0, :2] = rate / 2, (1 + rate) / 2  # at least one is dropped, and one kept
        call = f"dropout_layer(H, G, U, {rate}, {training}) with H of shape [{n}, {d}]"
        yield function_case(call, (H, G, U, rate, training))
