"""Cases of the exercises on the whole workflow of tuning."""

from __future__ import annotations

import numpy as np

from coursepkg.exercises.cases import function_case


def diagnose(rng):
    guess = round(float(rng.uniform(1.5, 3.0)), 2)
    goal = round(0.3 * guess, 2)
    for shown, (train_low, train_high), (valid_low, valid_high) in (
        ("a training loss like that of a guess", (0.93, 1.0), (1.0, 1.1)),
        ("a high training loss, a small gap", (0.4, 0.6), (0.62, 0.7)),
        ("a low training loss, a high validation loss", (0.1, 0.25), (0.4, 0.7)),
        ("a validation loss above that of a guess", (0.05, 0.2), (1.1, 1.5)),
        ("both low", (0.1, 0.2), (0.22, 0.28)),
    ):
        train, valid = float(rng.uniform(train_low, train_high)), float(rng.uniform(valid_low, valid_high))
        arguments = round(train * guess, 3), round(valid * guess, 3), guess, goal
        yield function_case(f"diagnose(train_loss, valid_loss, guess, goal): {shown}", arguments)


def refine(rng):
    for shown, n, k, failed in (
        ("12 trials, the best 4", 12, 4, 0),
        ("30 trials, the best 5", 30, 5, 0),
        ("20 trials, three of them diverged", 20, 4, 3),
        ("only three trials did not diverge", 20, 4, 17),
    ):
        rates = 10 ** rng.uniform(-4, -0.5, n)
        losses = (np.log10(rates) - rng.uniform(-2.5, -1.0)) ** 2 + rng.uniform(0, 0.3, n)
        diverged = rng.permutation(n)[:failed]
        rates[diverged], losses[diverged] = 10 ** rng.uniform(-0.4, 0, failed), np.nan  # as large rates do
        yield function_case(f"refine(rates, losses, k): {shown}", (rates, losses, k))


def compare_models(rng):
    for shown, n, first_right, second_right in (
        ("400 images, the first is better", 400, 0.85, 0.75),
        ("400 images, the second is better", 400, 0.7, 0.85),
        ("1,000 images, about as good", 1000, 0.8, 0.8),
        ("200 images, both nearly always right", 200, 0.97, 0.95),
    ):
        labels = rng.integers(10, size=n)
        answers = [
            np.where(rng.random(n) < share, labels, (labels + rng.integers(1, 10, size=n)) % 10)
            for share in (first_right, second_right)
        ]
        if (answers[0] == labels).sum() == (answers[1] == labels).sum():
            answers[0][0], answers[1][0] = labels[0], (labels[0] + 1) % 10
        yield function_case(f"compare_models(first, second, labels): {shown}", (*answers, labels))
