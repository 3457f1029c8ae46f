"""Time one training epoch of `coursepkg.scratch.mlp.MLP` next to scikit-learn's `MLPClassifier`.

784-300-100-10, ReLU, softmax and cross-entropy, batches of 128, 55,000 generated images, SGD with momentum. Both calls
are complete `fit` calls, checks of the input and initial weights included, and take turns in one run.

    python benchmarks/scratch_mlp.py [--repeats 5] [--samples 55000] [--threads 1]

On a machine that is busy with other work, one thread and the CPU time give the steadier ratio: matrix products on
several threads wait for the slowest, and wait at full speed.
"""

from __future__ import annotations

import argparse
import platform
import time
import warnings

import numpy as np
import sklearn
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier
from threadpoolctl import threadpool_info, threadpool_limits

from coursepkg.scratch.mlp import MLP


def images(n_samples, *, dtype, seed=0):
    """Return noisy copies of ten random prototypes, shape (n_samples, 784), and their labels."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 10, n_samples)
    pixels = rng.random((10, 784))[labels] + rng.normal(0, 0.3, (n_samples, 784))
    return np.clip(pixels, 0, 1).astype(dtype), labels


ALPHA = 0.0


def train_scratch(X, y):
    model = MLP(
        [784, 300, 100, 10], output_activation="softmax", loss="sparse_categorical_crossentropy", dtype=X.dtype.name
    )
    history = model.fit(X, y, epochs=1, batch_size=128, learning_rate=0.01, momentum=0.9, alpha=ALPHA)
    return history["loss"][-1]


def train_sklearn(X, y):
    model = MLPClassifier(
        hidden_layer_sizes=(300, 100),
        solver="sgd",
        batch_size=128,
        learning_rate_init=0.01,
        momentum=0.9,
        nesterovs_momentum=False,
        alpha=ALPHA,
        max_iter=1,
        random_state=0,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # one epoch is meant
        return model.fit(X, y).loss_


def timed(train, X, y):
    """Return wall-clock seconds, CPU seconds of all threads, and the loss."""
    wall, cpu = time.perf_counter(), time.process_time()
    loss = train(X, y)
    return time.perf_counter() - wall, time.process_time() - cpu, loss


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--samples", type=int, default=55_000)
    parser.add_argument("--threads", type=int, help="of the matrix products; default: all cores")
    arguments = parser.parse_args()
    with threadpool_limits(arguments.threads):
        compare(arguments.samples, arguments.repeats)


def compare(samples, repeats):
    threads = max(pool["num_threads"] for pool in threadpool_info())
    print(f"NumPy {np.__version__}, scikit-learn {sklearn.__version__}, Python {platform.python_version()}")
    print(f"one epoch of {samples} images, batch 128, {threads} thread(s), median of {repeats} runs in turn\n")
    print("dtype    seconds   scratch.MLP   MLPClassifier   ratio")
    for dtype in ("float32", "float64"):
        X, y = images(samples, dtype=dtype)
        for train in (train_scratch, train_sklearn):
            train(X[:1280], y[:1280])  # first calls load code and start threads
        runs = np.array([[timed(train_scratch, X, y), timed(train_sklearn, X, y)] for _ in range(repeats)])
        medians = np.median(runs, axis=0)
        for k, kind in enumerate(("wall", "CPU")):
            ours, theirs = medians[:, k]
            print(f"{dtype:8} {kind:7} {ours:13.2f} {theirs:15.2f} {ours / theirs:7.2f}")
        print(f"{'':8} (loss   {medians[0, 2]:13.4f} {medians[1, 2]:15.4f})")
    print("\nA ratio below 1: scratch.MLP is faster. The losses differ by initial weights and batch order.")


if __name__ == "__main__":
    main()
