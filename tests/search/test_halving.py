"""Successive halving and Hyperband: the paper's table, KerasTuner's sizes, scikit-learn's rungs, and brute force."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import uniform
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.model_selection import HalvingRandomSearchCV, ShuffleSplit

from coursepkg.search.halving import (
    Rung,
    halving_rungs,
    hyperband,
    hyperband_brackets,
    successive_halving,
    total_budget,
)
from coursepkg.search.space import Float, Space
from coursepkg.search.trials import best_trial

LINE = Space([Float("x", 0, 1)])


def pairs(rungs):
    return [(rung.n_configs, rung.budget) for rung in rungs]


def test_the_brackets_are_table_1_of_li_and_others():
    assert [pairs(bracket) for bracket in hyperband_brackets(81, eta=3)] == [
        [(81, 1), (27, 3), (9, 9), (3, 27), (1, 81)],
        [(34, 3), (11, 9), (3, 27), (1, 81)],
        [(15, 9), (5, 27), (1, 81)],
        [(8, 27), (2, 81)],
        [(5, 81)],
    ]


@pytest.mark.parametrize(
    ("max_epochs", "factor"), [(81, 3), (10, 3), (100, 3), (27, 3), (243, 3), (16, 2), (50, 4), (2, 3)]
)
def test_sizes_and_epochs_are_those_of_kerastuners_oracle(max_epochs, factor):
    from keras_tuner.oracles import HyperbandOracle

    oracle = HyperbandOracle("val_loss", max_epochs=max_epochs, factor=factor)
    theirs = [
        [(oracle._get_size(s, i), oracle._get_epochs(s, i)) for i in range(oracle._get_num_rounds(s))]
        for s in range(oracle._get_num_brackets() - 1, -1, -1)
    ]
    assert [pairs(bracket) for bracket in hyperband_brackets(max_epochs, factor, rule="keras_tuner")] == theirs


def test_kerastuners_default_of_ten_epochs_spends_120_in_30_trials():
    brackets = hyperband_brackets(10, rule="keras_tuner")
    assert total_budget(brackets, resume=True) == 120
    assert sum(rung.n_configs for bracket in brackets for rung in bracket) == 30


@pytest.mark.parametrize("R", [1, 2, 9, 10, 81, 242, 243, 244, 1000])
@pytest.mark.parametrize("eta", [2, 3, 4])
def test_brackets_keep_the_promises_of_the_algorithm(R, eta):
    brackets = hyperband_brackets(R, eta)
    assert len(brackets) == 1 + max(s for s in range(20) if eta**s <= R)
    full = len(brackets) * R
    for bracket in brackets:
        assert bracket[-1].budget == R
        for rung in bracket:
            assert rung.n_configs * rung.budget <= full / len(bracket) + eta ** len(bracket) + R
        for before, after in zip(bracket, bracket[1:], strict=False):
            assert after.n_configs == bracket[0].n_configs // eta ** bracket.index(after)
            assert before.budget < after.budget <= eta * before.budget


class Fake(ClassifierMixin, BaseEstimator):
    """Scores its own parameter; scikit-learn's halving only needs something to rank."""

    def __init__(self, x=0.0, epochs=1):
        self.x, self.epochs = x, epochs

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        return self

    def score(self, X, y):
        return -self.x - 1 / self.epochs


@pytest.mark.parametrize(("n", "eta", "most"), [(27, 3, 27), (16, 2, 16), (81, 3, 27), (9, 3, 81)])
def test_rungs_are_scikit_learns_where_n_is_a_power(n, eta, most):
    search = HalvingRandomSearchCV(
        Fake(), {"x": uniform()}, n_candidates=n, factor=eta, resource="epochs", min_resources=1, max_resources=most,
        cv=ShuffleSplit(1, random_state=0), random_state=0, refit=False,
    ).fit(np.zeros((20, 1)), np.arange(20) % 2)  # fmt: skip
    rungs = halving_rungs(n, min_budget=1, max_budget=most, eta=eta)
    assert pairs(rungs) == list(zip(search.n_candidates_, search.n_resources_, strict=True))
    configs = [{"x": x} for x in search.cv_results_["param_x"].data[:n]]
    trials = successive_halving(lambda c, b: c["x"] + 1 / b, configs, rungs, resume=False)
    assert best_trial(trials).config["x"] == search.cv_results_["param_x"][search.best_index_]


def test_survivors_are_those_that_sorting_finds():
    rng = np.random.default_rng(0)
    table = rng.random((27, 3))  # losses of 27 configurations at the budgets 1, 3, 9
    rungs = halving_rungs(27, min_budget=1, max_budget=9)
    configs = [{"i": i} for i in range(27)]
    trials = successive_halving(lambda c, b: table[c["i"], {1: 0, 3: 1, 9: 2}[b]], configs, rungs, resume=False)
    second = np.argsort(table[:, 0])[:9]
    third = second[np.argsort(table[second, 1])[:3]]
    assert {trial.config["i"] for trial in trials if trial.budget == 3} == set(second)
    assert {trial.config["i"] for trial in trials if trial.budget == 9} == set(third)
    assert best_trial(trials).loss == table[third, 2].min() > table.min()  # lower losses at lower budgets do not count


@pytest.mark.parametrize("resume", [True, False])
def test_the_costs_add_up_to_the_total(resume):
    objective = (lambda c, b, before: (c["x"], b)) if resume else (lambda c, b: c["x"])
    trials = hyperband(objective, LINE, max_budget=81, seed=0, resume=resume)
    assert sum(trial.cost for trial in trials) == total_budget(hyperband_brackets(81), resume=resume)


def test_total_budget_is_the_sum_written_out():
    rungs = [Rung(9, 1), Rung(3, 3), Rung(1, 9)]
    assert total_budget([rungs], resume=False) == 9 + 9 + 9
    assert total_budget([rungs], resume=True) == 9 * 1 + 3 * 2 + 1 * 6


def test_failed_trials_are_dropped_first():
    rungs = halving_rungs(9, min_budget=1, max_budget=9)
    losses = [math.nan] * 7 + [0.5, 0.4]
    trials = successive_halving(lambda c, b: losses[c["i"]], [{"i": i} for i in range(9)], rungs, resume=False)
    assert trials[-1].config == {"i": 8}
    assert [trial.config["i"] for trial in trials if trial.budget == 3] == [8, 7]  # not a third one that failed


def test_each_training_goes_on_from_its_own_state_also_where_configurations_are_equal():
    def objective(config, budget, state):
        """Return as loss how far this very training had come, and tell that all of it was seen."""
        state = [*(state or []), budget]
        seen.append(state)
        return len(seen), state

    seen = []
    trials = successive_halving(objective, [{"x": 1.0}] * 9, halving_rungs(9, min_budget=1, max_budget=9))
    assert seen == [[1]] * 9 + [[1, 3]] * 3 + [[1, 3, 9]]
    assert [trial.cost for trial in trials] == [1] * 9 + [2] * 3 + [6]


def test_without_resuming_every_round_begins_anew():
    calls = []
    trials = successive_halving(
        lambda *arguments: calls.append(arguments) or 0.5, [{"x": 1.0}] * 3, [Rung(3, 1), Rung(1, 3)], resume=False
    )
    assert [len(arguments) for arguments in calls] == [2] * 4
    assert [trial.cost for trial in trials] == [1, 1, 1, 3]


def test_a_bracket_whose_trials_all_fail_ends_early():
    rungs = halving_rungs(9, min_budget=1, max_budget=9)
    trials = successive_halving(lambda c, b: math.nan, [{}] * 9, rungs, resume=False)
    assert len(trials) == 9


def test_hyperband_draws_fresh_configurations_for_each_bracket_and_repeats_with_its_seed():
    options = {"max_budget": 9, "resume": False}
    one, two = (hyperband(lambda c, b: c["x"] + 1 / b, LINE, **options, seed=5) for _ in range(2))
    assert one == two
    assert len({trial.config["x"] for trial in one}) == 9 + 5 + 3
    assert len({trial.config["x"] for trial in hyperband(lambda c, b: 0, LINE, **options, seed=6)}) == 9 + 5 + 3


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: halving_rungs(0, min_budget=1, max_budget=9), "n_configs must be an integer >= 1; got 0"),
        (lambda: halving_rungs(9, min_budget=10, max_budget=9), r"min_budget must be an integer in \[1, 9\]; got 10"),
        (lambda: halving_rungs(9, min_budget=1, max_budget=9, eta=1), "eta must be an integer >= 2; got 1"),
        (lambda: hyperband_brackets(0), "max_budget must be an integer >= 1; got 0"),
        (lambda: hyperband_brackets(9.5), "max_budget must be an integer >= 1; got 9.5"),
        (lambda: hyperband_brackets(9, 1), "eta must be an integer >= 2; got 1"),
        (lambda: hyperband_brackets(9, rule="optuna"), "rule must be one of 'paper', 'keras_tuner'; got 'optuna'"),
        (lambda: total_budget([], resume=True), "brackets is empty"),
        (lambda: total_budget([[(9, 1)]], resume=True), r"a bracket is a list of Rung; got \(9, 1\)"),
        (lambda: successive_halving(len, [{}], []), "expected at least one rung; got 1 configurations and 0 rungs"),
        (
            lambda: successive_halving(len, [{}], [Rung(3, 1)]),
            "expected 3 configurations, as its first rung says; got 1",
        ),
        (lambda: hyperband(len, {"x": 1}, max_budget=9, seed=0), "space must be a Space"),
        (lambda: hyperband(lambda c, b, s: (None, s), LINE, max_budget=9, seed=0), "objective must return one number"),
        (
            lambda: hyperband(lambda c, b, s: 0.5, LINE, max_budget=9, seed=0),
            "must return the loss and the state from which it goes on; got 0.5",
        ),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises((TypeError, ValueError), match=message):
        call()
