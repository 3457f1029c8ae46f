"""What the exercises on losses, metrics and layers of one's own call right is what others compute."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score

from coursepkg.exercises import grade
from coursepkg.exercises.answers import custom_losses_and_metrics as answers

keras = pytest.importorskip("keras")
ops = keras.ops


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def test_the_balanced_accuracy_is_that_of_scikit_learn(rng):
    batches = [(np.array([0, 0, 1, 2, 2]), rng.uniform(size=(5, 3))), (np.array([1, 0, 2]), rng.uniform(size=(3, 3)))]
    y_true, P = (np.concatenate(parts) for parts in zip(*batches, strict=True))
    wanted = balanced_accuracy_score(y_true, P.argmax(axis=1))
    assert answers._judge_collected(wanted, batches=batches) is None
    assert answers._judge_collected(wanted + 0.01, batches=batches) is not None


def test_the_weighted_loss_is_what_keras_makes_of_squared_errors(rng):
    y_true, weights = rng.normal(size=(5, 1)), rng.uniform(size=5)
    y_pred = y_true + rng.uniform(0.1, 1, size=(5, 1))  # all early: the plain squared error
    weighted = float(keras.losses.MeanSquaredError()(y_true, y_pred, sample_weight=weights))
    assert weighted == pytest.approx(np.sum(weights * answers._late_cost(y_true, y_pred)) / 5, rel=1e-5)


def test_shares_of_positive_columns_are_those_of_an_l1_norm(rng):
    kernel = rng.uniform(0.1, 1, size=(4, 3))
    np.testing.assert_allclose(answers._shares(kernel), kernel / np.linalg.norm(kernel, ord=1, axis=0))


def test_a_matrix_of_counts_passes_as_well():
    class BalancedAccuracy(keras.metrics.Metric):
        def __init__(self, n_classes, **options):
            super().__init__(**options)
            self.n_classes = n_classes
            self.matrix = self.add_weight(shape=(n_classes, n_classes), initializer="zeros")

        def update_state(self, y_true, y_pred, sample_weight=None):
            rows = ops.one_hot(ops.cast(ops.reshape(y_true, (-1,)), "int32"), self.n_classes)
            columns = ops.one_hot(ops.argmax(y_pred, axis=1), self.n_classes)
            self.matrix.assign_add(ops.cast(ops.matmul(ops.transpose(rows), columns), self.dtype))

        def result(self):
            return ops.mean(ops.diagonal(self.matrix) / ops.sum(self.matrix, axis=1))

        def get_config(self):
            return super().get_config() | {"n_classes": self.n_classes}

    report = grade("custom-losses-and-metrics/balanced", BalancedAccuracy)
    assert report.passed, str(report)


def test_a_state_in_a_python_number_is_noticed():
    class BalancedAccuracy(keras.metrics.Metric):
        def __init__(self, n_classes, **options):
            super().__init__(**options)
            self.n_classes, self.hits, self.counts = n_classes, 0.0, 0.0

        def update_state(self, y_true, y_pred, sample_weight=None):
            labels = ops.one_hot(ops.cast(y_true, "int32"), self.n_classes)
            right = ops.cast(ops.cast(y_true, "int64") == ops.cast(ops.argmax(y_pred, axis=1), "int64"), "float32")
            self.hits = self.hits + ops.sum(labels * right[:, None], axis=0)
            self.counts = self.counts + ops.sum(labels, axis=0)

        def result(self):
            return ops.mean(self.hits / self.counts)

    report = grade("custom-losses-and-metrics/balanced", BalancedAccuracy)
    assert not report.passed
    assert "reset_state sets variables to 0" in str(report)
