"""Cases of the exercises on recipes."""

from __future__ import annotations

from coursepkg.exercises.cases import function_case


def global_mask(rng):
    for shown, sparsity in (("half of the weights", 0.5), ("nine in ten", 0.9), ("none", 0.0)):
        # The last layer has larger weights and must lose fewer of them.
        kernels = [rng.normal(size=(6, 5)), 0.3 * rng.normal(size=(5, 4)), 2 * rng.normal(size=(4, 5))]
        yield function_case(f"global_masks(kernels, {sparsity}): {shown} removed", (kernels, sparsity))


def quantize(rng):
    for shown, low, high in (("−1 to 3", -1.0, 3.0), ("2 to 5", 2.0, 5.0), ("−6 to −1", -6.0, -1.0)):
        values = rng.uniform(low, high, size=(8, 6))
        values.flat[:2] = low, high
        yield function_case(f"quantize(values): numbers from {shown}", (values,))
