"""Grid and random search against brute force, and trials that fail."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from coursepkg.search.space import Choice, Float, Int, Space
from coursepkg.search.trials import Trial, best_so_far, best_trial, evaluate, grid_search, random_search

SPACE = Space([Float("x", -1, 1), Int("n", 1, 4), Choice("c", ["a", "b"])])


def loss(config):
    return (config["x"] - 0.3) ** 2 + abs(config["n"] - 3) + (config["c"] == "a")


def test_a_grid_search_finds_what_brute_force_finds():
    trials = grid_search(loss, SPACE, points={"x": 5, "n": 4}, budget=27)
    centers = (np.arange(5) + 0.5) / 5 * 2 - 1
    brute = {(x, n, c): (x - 0.3) ** 2 + abs(n - 3) + (c == "a") for x in centers for n in (1, 2, 3, 4) for c in "ab"}
    assert len(trials) == len(brute) == 40
    assert sorted(trial.loss for trial in trials) == pytest.approx(sorted(brute.values()))
    best = best_trial(trials)
    assert tuple(best.config.values()) == pytest.approx(min(brute, key=brute.get))
    assert (best.budget, best.cost) == (27, 27)


def test_a_seed_changes_the_order_of_a_grid_and_nothing_else():
    plain, shuffled = grid_search(loss, SPACE, points=3), grid_search(loss, SPACE, points=3, seed=1)
    assert plain != shuffled
    assert sorted(plain, key=repr) == sorted(shuffled, key=repr)


def test_random_search_repeats_with_its_seed_and_evaluates_each_configuration():
    one, two = (random_search(loss, SPACE, n_trials=10, seed=3) for _ in range(2))
    assert one == two
    assert all(trial.loss == loss(trial.config) for trial in one)
    assert one != random_search(loss, SPACE, n_trials=10, seed=4)


def test_the_best_of_n_random_trials_has_the_distribution_of_a_minimum():
    # The minimum of n uniform numbers is Beta(1, n): the formula 1 - (1 - q)^n of the chapter.
    line = Space([Float("x", 0, 1)])
    best = [best_trial(random_search(lambda c: c["x"], line, n_trials=20, seed=s)).loss for s in range(400)]
    assert stats.kstest(best, stats.beta(1, 20).cdf).pvalue > 0.001


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf, np.float32("nan")])
def test_a_trial_that_diverged_is_kept_and_is_never_the_best(bad):
    trials = random_search(lambda c: bad if c["x"] < 0 else c["x"], SPACE, n_trials=30, seed=0)
    failed = [trial for trial in trials if math.isinf(trial.loss)]
    assert len(trials) == 30
    assert failed
    assert all(trial.config["x"] < 0 for trial in failed)
    assert best_trial(trials).config["x"] >= 0
    spent, best = best_so_far(trials)
    assert not np.isnan(best).any()
    assert best[-1] == best_trial(trials).loss
    assert spent[-1] == 30


def test_a_loss_after_few_epochs_does_not_compete_with_one_after_many():
    short, full = Trial({"x": 1}, 0.1, budget=1, cost=1), Trial({"x": 2}, 0.4, budget=27, cost=26)
    assert best_trial([short, full]) == full
    assert best_trial([short, Trial({"x": 2}, math.inf, budget=27, cost=26)]) == short
    spent, best = best_so_far([short, full, Trial({"x": 3}, 0.2, budget=9, cost=9)])
    np.testing.assert_array_equal(spent, [1, 27, 36])
    np.testing.assert_array_equal(best, [math.inf, 0.4, 0.4])


def test_one_number_in_an_array_is_a_loss():
    assert evaluate(lambda c: np.array([0.5]), {}) == 0.5
    assert evaluate(lambda c, epochs: np.float32(epochs), {}, 3) == 3.0


def test_an_objective_cannot_change_the_configuration_of_its_trial():
    trials = random_search(lambda c: c.pop("x"), SPACE, n_trials=2, seed=0)
    assert all(set(trial.config) == {"x", "n", "c"} for trial in trials)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: evaluate("loss", {}), "objective must be a function of a configuration; got 'loss'"),
        (lambda: evaluate(lambda c: None, {"x": 1}), r"objective must return one number, the loss; got None for \{'x'"),
        (lambda: evaluate(lambda c: True, {}), "objective must return one number"),
        (lambda: evaluate(lambda c: {"loss": 1}, {}), "objective must return one number"),
        (lambda: evaluate(lambda c: [1, 2], {}), "objective must return one number"),
        (lambda: random_search(loss, SPACE, n_trials=0, seed=0), "n_trials must be an integer >= 1; got 0"),
        (lambda: random_search(loss, {"x": [1]}, n_trials=1, seed=0), "space must be a Space"),
        (lambda: random_search(loss, SPACE, n_trials=1, seed=0, budget=0), r"budget must be .* > 0; got 0"),
        (lambda: grid_search(loss, SPACE, points={"x": 2, "m": 2}), "no parameter is called 'm'"),
        (lambda: grid_search(loss, SPACE, points=1.5), "points of 'x' must be an integer >= 1; got 1.5"),
        (lambda: best_trial([]), "trials is empty"),
        (lambda: best_so_far([]), "trials is empty"),
        (lambda: best_trial([Trial({}, math.inf)] * 2), "all 2 trials failed: every loss was NaN or infinite"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises((TypeError, ValueError), match=message):
        call()
