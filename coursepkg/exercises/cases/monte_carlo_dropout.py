"""Cases of the exercises on Monte Carlo dropout."""

from __future__ import annotations

import numpy as np

from coursepkg.exercises.cases import Case, function_case


def split(rng):
    for shown, concentration in (("samples that agree", 50.0), ("samples that differ", 0.3)):
        center = rng.dirichlet(np.ones(4), size=5)
        samples = rng.gamma(concentration * center + 0.05, size=(30, 5, 4))
        yield function_case(f"split_uncertainty(samples): {shown}", (samples / samples.sum(axis=-1, keepdims=True),))
    samples = np.eye(3)[rng.integers(3, size=(20, 6))]
    yield function_case("split_uncertainty(samples): every sample is sure", (samples,))


def ece(rng):
    for shown, sharpness, n_bins in (("a modest network", 0.7, 10), ("an overconfident network", 2.5, 15)):
        logits = 1.5 * rng.normal(size=(300, 4))
        y = (logits + rng.gumbel(size=logits.shape)).argmax(axis=1)  # drawn from the softmax of the logits
        P = np.exp(sharpness * logits)
        arguments = (y, P / P.sum(axis=1, keepdims=True), n_bins)
        yield function_case(f"calibration_error(y, P, {n_bins}): {shown}", arguments)


def one_call(rng):
    for n, n_samples in ((4, 7), (1, 5), (9, 3)):
        X, seed = rng.uniform(0.1, 0.5, size=(n, 6)), int(rng.integers(2**31))
        yield Case(
            f"sample_at_once(predict, X, {n_samples}) with {n} instance{'s' * (n > 1)}",
            lambda f, X=X, t=n_samples, seed=seed: _recorded(f, X, t, seed),
            facts={"X": X, "n_samples": n_samples},
        )


def _recorded(answer, X, n_samples, seed):
    """Call the answer with a predict that is random in each row, and say how often it was called."""
    draw, calls = np.random.default_rng(seed), []

    def predict(rows):
        rows = np.asarray(rows)
        calls.append(rows.shape)
        noise = draw.uniform(0, 0.4, size=len(rows))
        return np.column_stack([rows[:, 0], noise, 1 - rows[:, 0] - noise])  # column 0 tells which instance it was

    return answer(predict, X.copy(), n_samples), len(calls)


def repair_samples(rng):
    call = "monte_carlo(X, W1, b1, W2, b2, keep, rate)"
    for shown, n, T, rate in (
        ("one instance, 2 samples", 1, 2, 0.25),
        ("one instance, 8 samples", 1, 8, 0.5),
        ("6 instances, 5 samples", 6, 5, 0.2),
    ):
        X, W1, W2 = rng.normal(size=(n, 3)), rng.normal(size=(3, 5)), 2 * rng.normal(size=(5, 4))
        keep = rng.random((T, n, 5)) >= rate
        keep[:, 0, :2] = True  # no mask may be all zeros
        b1 = 1 + rng.random(5)  # and units must be active
        yield function_case(f"{call}: {shown}", (X, W1, b1, W2, rng.normal(size=4), keep, rate))
