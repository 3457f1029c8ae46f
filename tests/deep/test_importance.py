"""Importances against functions of which it is known what matters."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from coursepkg.deep.importance import parameter_importance


@pytest.fixture
def trials():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"a": rng.random(120), "b": rng.random(120), "kind": rng.choice(["x", "y"], 120)})
    frame["rare"] = np.where(frame["kind"] == "x", rng.random(120), np.nan)
    frame["score"] = 3 * frame["a"] + (frame["kind"] == "y")
    return frame


def test_what_matters_comes_first_and_the_rest_near_zero(trials):
    table = parameter_importance(trials, ["b", "kind", "a"])
    assert table.index.tolist() == ["a", "kind", "b"]
    assert abs(table.loc["b", "mean"]) < 0.05
    assert table.attrs["r2"] > 0.9
    # Shuffling a variable of a sum costs twice its share of the variance.
    share = (9 / 12) / (9 / 12 + 1 / 4)
    assert table.loc["a", "mean"] == pytest.approx(2 * share, abs=0.4)


def test_few_trials_are_judged_together_and_not_in_parts():
    """An R² within a part of four trials is divided by the variance of these four, which may be next to nothing."""
    rng = np.random.default_rng(4)
    frame = pd.DataFrame({"a": rng.random(12), "b": rng.random(12)})
    frame["score"] = frame["a"] + 0.02 * rng.normal(size=12)
    table = parameter_importance(frame, ["a", "b"])
    assert 1 < table.loc["a", "mean"] < 2.5  # about twice the share of the variance
    assert abs(table.loc["b", "mean"]) < 0.05  # 0.16 as a mean over parts of two or three


def test_noise_has_no_importance(trials):
    trials["score"] = np.random.default_rng(1).normal(size=120)
    assert parameter_importance(trials, ["a", "b"]).attrs["r2"] < 0.2


def test_missing_values_and_failed_trials(trials):
    trials.loc[3, "score"] = np.nan
    table = parameter_importance(trials, ["rare", "a"])
    assert np.isfinite(table.to_numpy()).all()


def test_errors(trials):
    with pytest.raises(ValueError, match="no column 'rate'; there are a, b"):
        parameter_importance(trials, ["rate"])
    with pytest.raises(ValueError, match="8 trials have a score; 5 folds need at least 10"):
        parameter_importance(trials.iloc[:8], ["a"])
