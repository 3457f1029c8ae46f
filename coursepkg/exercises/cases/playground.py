"""Cases of the exercises on the playground."""

from __future__ import annotations

import numpy as np

from coursepkg.exercises.cases import Case, function_case

# What each task fixes, and what it asks for.
TASKS = {
    "circle": {"n": 400, "epochs": 30, "most_layers": 0, "most_units": 0, "loss": 0.1},
    "xor": {"n": 400, "epochs": 60, "most_layers": 1, "most_units": 8, "loss": 0.1},
    "spiral": {"n": 600, "epochs": 120, "most_layers": 3, "most_units": 16, "loss": 0.25},
}


def session(rng):
    for task, rule in TASKS.items():
        yield Case(
            f"{task}: validation loss at most {rule['loss']} after {rule['epochs']} epochs, in 2 of 3 tries",
            lambda answer, task=task: answer[task],
            facts={"task": task, "seeds": rng.integers(1_000_000, size=(3, 2)).tolist()},
        )


def kinks(rng):
    for shown, n, constant in (
        ("6 units", 6, False),
        ("40 units", 40, False),
        ("10 units, one with weight 0", 10, True),
    ):
        # Kinks inside in no order, and two outside, so that every mistake gives another answer.
        places = np.concatenate([rng.uniform(-0.9, 1.9, n - 2), [-4.0, 3.5]])
        places[:2] = 1.5, 0.2
        w = rng.uniform(0.6, 2.0, n) * rng.choice([-1.0, 1.0], n)
        b = -w * places
        if constant:
            w[-3], b[-3] = 0.0, 0.4
        yield function_case(f"kinks(w, b, low, high): {shown}", (w, b, -1.0, 2.0))
