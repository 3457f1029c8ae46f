"""Cases of the exercises on the data."""

from __future__ import annotations

import numpy as np

from coursepkg.exercises.cases import function_case


def nearest_mean(rng):
    for n_train, n_test in ((40, 30), (80, 50)):
        # Blurred random prototypes: far enough apart to be a task, close enough that wrong distances give wrong labels.
        prototypes = rng.uniform(60, 180, size=(10, 28, 28))
        labels = np.concatenate([np.arange(10), rng.integers(10, size=n_train - 10)])
        test_labels = rng.integers(10, size=n_test)
        X_train, X_test = (
            np.clip(
                prototypes[y] + rng.normal(0, 90, size=(len(y), 28, 28)) + rng.normal(0, 20, (len(y), 1, 1)), 0, 255
            ).astype(np.uint8)
            for y in (labels, test_labels)
        )
        shown = f"nearest_mean(X_train, y_train, X_test) on {n_train} and {n_test} images"
        yield function_case(shown, (X_train, labels, X_test))
