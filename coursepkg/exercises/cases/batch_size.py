"""Cases of the exercises on the batch size."""

from __future__ import annotations

from coursepkg.exercises.cases import function_case


def noise_scale(rng):
    for shown, n, d, noise in (
        ("20 instances, 3 weights", 20, 3, 1.0),
        ("weak noise", 50, 8, 0.1),
        ("strong", 9, 30, 9),
    ):
        gradients = rng.normal(size=d) + noise * rng.normal(size=(n, d)) * rng.uniform(0.2, 2, size=d)
        yield function_case(f"noise_scale(gradients): {shown}", (gradients,))
