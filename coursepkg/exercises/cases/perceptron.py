"""Cases of the exercises on the perceptron."""

from __future__ import annotations

import numpy as np
from sklearn.datasets import load_iris, load_wine

from coursepkg.exercises.cases import Case, function_case


def gates(rng):
    for gate in ("AND", "OR", "NAND"):
        yield Case(f"{gate}: all four inputs", lambda answer, gate=gate: answer[gate], facts={"gate": gate})


def learning_rule(rng):
    for shown, n, features, epochs in (
        ("one epoch on 2 points of a line", 2, 1, 1),
        ("one epoch on 20 points of the plane", 20, 2, 1),
        ("10 epochs on 40 points of the plane", 40, 2, 10),
        ("5 epochs on 30 points with 4 features", 30, 4, 5),
    ):
        X = rng.normal(size=(n, features)) + 0.5
        y = np.where(X @ rng.normal(size=features) + rng.normal() * 0.5 > 0, 1.0, -1.0)
        yield function_case(f"train_perceptron(X, y, epochs): {shown}", (X, y, epochs))
    iris = load_iris()
    order = rng.permutation(len(iris.target))
    y = np.where(iris.target[order] == 0, 1.0, -1.0)
    shown = "train_perceptron(X, y, epochs): 10 epochs on the petals of 150 irises"
    yield function_case(shown, (iris.data[order][:, 2:], y, 10))


def averaged(rng):
    for shown, n, features, epochs in (
        ("one epoch on 3 points of a line", 3, 1, 1),
        ("2 epochs on 12 points of the plane", 12, 2, 2),
        ("5 epochs on 40 points with 4 features", 40, 4, 5),
    ):
        # Classes that overlap, so that there are mistakes in every epoch.
        y = np.where(np.arange(n) % 2 == 0, 1.0, -1.0)
        X = rng.normal(size=(n, features)) + 0.5 * y[:, None]
        yield function_case(f"averaged_perceptron(X, y, epochs): {shown}", (X, y, epochs))
    wine = load_wine()
    rows = rng.permutation(np.flatnonzero(wine.target < 2))[:60]
    y = np.where(wine.target[rows] == 0, 1.0, -1.0)
    shown = "averaged_perceptron(X, y, epochs): 3 epochs on alcohol and acid of 60 wines"
    yield function_case(shown, (wine.data[rows][:, :2], y, 3))
