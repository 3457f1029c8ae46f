"""Cases of the exercises on what is inside a model."""

from __future__ import annotations

import numpy as np

from coursepkg.exercises.cases import Case, function_case


def errors(rng):
    for letter in "ABCDEF":
        yield Case(f"message {letter}", lambda answer, letter=letter: answer[letter], facts={"letter": letter})


def fold_weights(rng):
    for shown, n, classes in (
        ("a weight for every class", 12, range(4)),
        ("a weight for one class of four", 15, (2,)),
        ("the rows of one class", 6, (0, 1)),
    ):
        labels = np.zeros(n, dtype=int) if n == 6 else rng.permutation(np.arange(n) % 4)
        class_weight = {k: float(rng.uniform(1.5, 9)) for k in classes}
        arguments = (labels, class_weight, rng.uniform(0.2, 2, n))
        yield function_case(f"fold_weights(labels, class_weight, sample_weight): {shown}", arguments)


def first_answer(rng):
    for shown, n_inputs in (("a rare class", 4), ("a frequent class", 3)):
        share = float(rng.uniform(0.03, 0.3) if n_inputs == 4 else rng.uniform(0.6, 0.95))
        yield Case(
            f"build_detector({n_inputs}, share): {shown}",
            lambda f, a=(n_inputs, share): _begun(f(*a), a[0]),
            judge="begun",
            facts={"n_inputs": n_inputs, "share": share},
        )


def _begun(model, n_inputs):
    return model.get_weights(), model(np.zeros((1, n_inputs)))
