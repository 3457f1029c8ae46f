"""Time one training epoch of `coursepkg.scratch.mlp.MLP` next to scikit-learn and to its matrix products alone.

784-300-100-10, ReLU, softmax and cross-entropy, batches of 128, 55,000 generated images, SGD with momentum. The first
two are complete `fit` calls, checks of the input and initial weights included; the third does only the eight products
of a step: three forward, three for the weights, two for what goes further back. All take turns in one run.

    python -m benchmarks.scratch_mlp [--repeats 5] [--samples 55000] [--threads 2] [--alpha 0]

On a machine that is busy with other work, one thread and the CPU time give the steadier ratios: matrix products on
several threads wait for the slowest, and wait at full speed. The smallest times suffer least.
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

from benchmarks.timing import REPEATS, row, take_turns, wall
from coursepkg.scratch.mlp import MLP


def images(n_samples, *, dtype, seed=0):
    """Return noisy copies of ten random prototypes, shape (n_samples, 784), and their labels."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 10, n_samples)
    pixels = rng.random((10, 784))[labels] + rng.normal(0, 0.3, (n_samples, 784))
    return np.clip(pixels, 0, 1).astype(dtype), labels


def train_scratch(X, y, alpha):
    model = MLP(
        [784, 300, 100, 10], output_activation="softmax", loss="sparse_categorical_crossentropy", dtype=X.dtype.name
    )
    history = model.fit(X, y, epochs=1, batch_size=128, learning_rate=0.01, momentum=0.9, alpha=alpha)
    return history["loss"][-1]


def train_sklearn(X, y, alpha):
    model = MLPClassifier(
        hidden_layer_sizes=(300, 100),
        solver="sgd",
        batch_size=128,
        learning_rate_init=0.01,
        momentum=0.9,
        nesterovs_momentum=False,
        alpha=alpha,
        max_iter=1,
        random_state=0,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # one epoch is meant
        return model.fit(X, y).loss_


def multiply_only(X, y, alpha):
    rng = np.random.default_rng(0)
    W1, W2, W3 = (rng.normal(0, 0.05, shape).astype(X.dtype) for shape in ((784, 300), (300, 100), (100, 10)))
    for start in range(0, len(X), 128):
        H0 = X[start : start + 128]
        H1 = H0 @ W1
        H2 = H1 @ W2
        H3 = H2 @ W3
        D2 = H3 @ W3.T
        D1 = D2 @ W2.T
        H2.T @ H3, H1.T @ D2, H0.T @ D1
    return np.nan


def timed(train, X, y, alpha):
    """Return wall-clock seconds, CPU seconds of all threads, and the loss."""
    wall, cpu = time.perf_counter(), time.process_time()
    loss = train(X, y, alpha)
    return time.perf_counter() - wall, time.process_time() - cpu, loss


CONTESTANTS = {"scratch.MLP": train_scratch, "MLPClassifier": train_sklearn, "products alone": multiply_only}


def rows(*, quick=False, repeats=REPEATS, now=wall):
    """Return a row for each precision, of an epoch of 10,000 images."""
    found, n = [], 256 if quick else 10_000
    note = "Both leave the matrix products to the same library, and do all else themselves."
    for dtype in ("float64", "float32"):
        X, y = images(n, dtype=dtype)
        ways = {name: lambda train=train, X=X, y=y: train(X, y, 0.0) for name, train in CONTESTANTS.items()}
        take_turns(ways, 1)  # first calls load code and start threads
        seconds = take_turns(ways, repeats, now)
        name = f"784-300-100-10, {n:,} images, {dtype}: an epoch"
        found.append(row(name, seconds, note, ours="scratch.MLP", theirs="MLPClassifier", limit="products alone"))
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--samples", type=int, default=55_000)
    parser.add_argument("--threads", type=int, help="of the matrix products; default: all cores")
    parser.add_argument("--alpha", type=float, default=0.0, help="weight of the penalty on large weights")
    arguments = parser.parse_args()
    with threadpool_limits(arguments.threads):
        compare(arguments.samples, arguments.repeats, arguments.alpha)


def compare(samples, repeats, alpha):
    threads = max(pool["num_threads"] for pool in threadpool_info())
    print(f"NumPy {np.__version__}, scikit-learn {sklearn.__version__}, Python {platform.python_version()}")
    print(f"one epoch of {samples} images, batch 128, alpha {alpha}, {threads} thread(s), {repeats} runs in turn\n")
    print(
        "dtype   seconds      " + "".join(f"{name:>15}" for name in CONTESTANTS) + "   ours / sklearn   ours / products"
    )
    for dtype in ("float32", "float64"):
        X, y = images(samples, dtype=dtype)
        for train in CONTESTANTS.values():
            train(X[:1280], y[:1280], alpha)  # first calls load code and start threads
        runs = np.array([[timed(train, X, y, alpha) for train in CONTESTANTS.values()] for _ in range(repeats)])
        for k, kind in enumerate(("wall", "CPU")):
            times = runs[:, :, k]
            for name, chosen in (("median", np.median(times, axis=0)), ("least", times.min(axis=0))):
                ratios = times[:, :1] / times[:, 1:]
                ratios = np.median(ratios, axis=0) if name == "median" else chosen[0] / chosen[1:]
                cells = "".join(f"{seconds:15.2f}" for seconds in chosen)
                print(f"{dtype:7} {kind:4} {name:6}  {cells} {ratios[0]:16.2f} {ratios[1]:17.2f}")
        print(f"{'':8}(loss        {runs[0, 0, 2]:15.4f}{runs[0, 1, 2]:15.4f})")
    print("\nA ratio below 1: scratch.MLP is faster. The losses differ by initial weights and batch order.")


if __name__ == "__main__":
    main()
