"""Our Perceptron next to scikit-learn's: same data, same order, the same number of updates.

python -m benchmarks.perceptron     about ten seconds
"""

from __future__ import annotations

import statistics
import time

import numpy as np
from sklearn.linear_model import Perceptron as SklearnPerceptron

from coursepkg.scratch import Perceptron

EPOCHS, REPEATS = 10, 9


def data(n_samples, n_features, margin, seed=0):
    """Return points that keep a distance from a random hyperplane, and their sides."""
    rng = np.random.default_rng(seed)
    normal = rng.normal(size=n_features)
    normal /= np.linalg.norm(normal)
    X = rng.normal(size=(3 * n_samples, n_features))
    X = X[np.abs(X @ normal) >= margin][:n_samples]
    return X, (X @ normal > 0).astype(int)


def seconds(function):
    started = time.perf_counter()
    function()
    return time.perf_counter() - started


def main():
    print(f"{'samples × features, margin':<30}{'updates':>8}{'ours':>10}{'scikit-learn':>14}{'ratio':>8}")
    for n_samples, n_features, margin in ((150, 2, 0.1), (10_000, 20, 0.05), (50_000, 50, 0.2)):
        X, y = data(n_samples, n_features, margin)
        ours = Perceptron(max_epochs=EPOCHS).fit(X, y)
        # The same number of epochs as ours ran, so that both make the same updates.
        theirs = SklearnPerceptron(shuffle=False, tol=None, max_iter=ours.n_epochs_)
        np.testing.assert_allclose(theirs.fit(X, y).coef_[0], ours.weights_[:, 0], atol=1e-6)
        times = [[], []]
        for _ in range(REPEATS):
            times[0].append(seconds(lambda X=X, y=y: Perceptron(max_epochs=EPOCHS).fit(X, y)))
            times[1].append(seconds(lambda X=X, y=y, model=theirs: model.fit(X, y)))
        mine, reference = map(statistics.median, times)
        name = f"{n_samples:,} × {n_features}, {margin}"
        print(f"{name:<30}{ours.mistakes_.sum():>8}{mine:>9.4f}s{reference:>13.4f}s{mine / reference:>8.2f}")


if __name__ == "__main__":
    main()
