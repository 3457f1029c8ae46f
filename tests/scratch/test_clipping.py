"""Clipping against Keras's optimizers."""

from __future__ import annotations

import numpy as np
import pytest

from coursepkg.scratch.clipping import clip_global_norm, clip_norm, clip_value, global_norm

GRADIENTS = [np.array([[0.9, 100.0], [-3.0, 0.0]]), np.array([0.5, -0.1]), np.zeros(3)]
WAYS = [(clip_value, "clipvalue"), (clip_norm, "clipnorm"), (clip_global_norm, "global_clipnorm")]


@pytest.mark.parametrize("limit", [0.25, 1.0, 200.0])
@pytest.mark.parametrize(("ours", "option"), WAYS)
def test_the_same_as_in_a_step_of_keras(ours, option, limit):
    import keras

    keras.config.set_floatx("float64")
    variables = [keras.Variable(np.zeros_like(g)) for g in GRADIENTS]
    keras.optimizers.SGD(1.0, **{option: limit}).apply([keras.ops.convert_to_tensor(g) for g in GRADIENTS], variables)
    for expected, got in zip(variables, ours(GRADIENTS, limit), strict=True):
        np.testing.assert_allclose(got, -expected.numpy(), rtol=1e-6, atol=1e-9)


def test_only_the_global_norm_keeps_the_direction():
    def cosine(clipped):
        a, b = (np.concatenate([g.ravel() for g in gradients]) for gradients in (GRADIENTS, clipped))
        return a @ b / np.linalg.norm(a) / np.linalg.norm(b)

    assert cosine(clip_global_norm(GRADIENTS, 1.0)) == pytest.approx(1)
    assert cosine(clip_norm(GRADIENTS, 1.0)) < 0.95
    assert cosine(clip_value(GRADIENTS, 1.0)) < 0.7


def test_short_gradients_stay_as_they_are():
    for ours, _ in WAYS:
        for before, after in zip(GRADIENTS, ours(GRADIENTS, 1e3), strict=True):
            np.testing.assert_array_equal(before, after)


def test_the_norm_afterwards_is_the_limit():
    assert global_norm(clip_global_norm(GRADIENTS, 0.5)) == pytest.approx(0.5)


@pytest.mark.parametrize("ours", [ours for ours, _ in WAYS])
def test_bad_input(ours):
    with pytest.raises(ValueError, match="limit must be .*; got 0"):
        ours(GRADIENTS, 0)
    with pytest.raises(ValueError, match=r"gradients\[1\]"):
        ours([[1.0], [np.nan]], 1.0)
