"""Our Perceptron next to scikit-learn's: same data, same order, the same number of updates.

python -m benchmarks.perceptron     about ten seconds
"""

from __future__ import annotations

import numpy as np
from sklearn.linear_model import Perceptron as SklearnPerceptron

from benchmarks.timing import REPEATS, row, show, take_turns, wall
from coursepkg.scratch import Perceptron

EPOCHS = 10
SIZES = ((150, 2, 0.1), (10_000, 20, 0.05), (50_000, 50, 0.2))
NOTE = (
    "Both make the same updates and end with the same weights; scikit-learn's loop is compiled, ours is Python that "
    "looks for the next mistake with NumPy."
)


def data(n_samples, n_features, margin, seed=0):
    """Return points that keep a distance from a random hyperplane, and their sides."""
    rng = np.random.default_rng(seed)
    normal = rng.normal(size=n_features)
    normal /= np.linalg.norm(normal)
    X = rng.normal(size=(3 * n_samples, n_features))
    X = X[np.abs(X @ normal) >= margin][:n_samples]
    return X, (X @ normal > 0).astype(int)


def rows(*, quick=False, repeats=REPEATS, now=wall):
    """Return a row for each size of the data."""
    found = []
    for n_samples, n_features, margin in SIZES[:1] if quick else SIZES:
        X, y = data(n_samples, n_features, margin)
        ours = Perceptron(max_epochs=EPOCHS).fit(X, y)
        # The same number of epochs as ours ran, so that both make the same updates.
        theirs = SklearnPerceptron(shuffle=False, tol=None, max_iter=ours.n_epochs_)
        np.testing.assert_allclose(theirs.fit(X, y).coef_[0], ours.weights_[:, 0], atol=1e-6)
        ways = {
            "Perceptron": lambda X=X, y=y: Perceptron(max_epochs=EPOCHS).fit(X, y),
            "scikit-learn's Perceptron": lambda X=X, y=y, model=theirs: model.fit(X, y),
        }
        name = f"{n_samples:,} × {n_features} points, margin {margin}, {ours.mistakes_.sum():,} updates"
        seconds = take_turns(ways, repeats, now)
        found.append(row(name, seconds, NOTE, ours="Perceptron", theirs="scikit-learn's Perceptron"))
    return found


if __name__ == "__main__":
    show(rows(repeats=9))
