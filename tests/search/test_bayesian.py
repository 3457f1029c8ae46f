"""Acquisition functions against integrals, and Bayesian optimization against random search."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from coursepkg.search.bayesian import bayesian_search, expected_improvement, finite_losses, lower_confidence_bound
from coursepkg.search.benchmark_functions import BENCHMARKS
from coursepkg.search.space import Choice, Float, Int, Space
from coursepkg.search.trials import best_trial, random_search


@given(st.floats(-3, 3), st.floats(0.05, 2), st.floats(-3, 3))
@settings(max_examples=40, deadline=None)
def test_expected_improvement_is_the_integral_that_it_solves(mean, std, best):
    normal = stats.norm(mean, std)
    # Substituting x = mean + std z keeps the integrand wide enough for the quadrature.
    low, high = -12.0, min((best - mean) / std, 12.0)
    integral = integrate.quad(lambda z: (best - mean - std * z) * normal.pdf(mean + std * z) * std, low, high)[0]
    assert expected_improvement([mean], [std], best=best)[0] == pytest.approx(integral if high > low else 0, abs=1e-7)


def test_expected_improvement_without_uncertainty_is_the_improvement():
    np.testing.assert_array_equal(expected_improvement([0.2, 0.9], [0, 0], best=0.5), [0.3, 0.0])


def test_expected_improvement_is_never_negative_far_above_the_best():
    assert (expected_improvement(np.linspace(1, 100, 200), np.full(200, 0.3), best=0.0) >= 0).all()


def test_a_larger_beta_prefers_the_uncertain():
    mean, std = np.array([0.0, 0.5]), np.array([0.1, 1.0])
    assert lower_confidence_bound(mean, std, beta=0).argmin() == 0
    assert lower_confidence_bound(mean, std, beta=2).argmin() == 1
    np.testing.assert_allclose(-lower_confidence_bound(-mean, std, beta=2), mean + 2 * std)  # UCB of the score


@pytest.mark.parametrize("name", ["Forrester", "Branin", "Hartmann, 6-D"])
def test_it_beats_random_search_on_smooth_functions(name):
    f = BENCHMARKS[name]
    ours = [best_trial(bayesian_search(f, f.space, n_trials=25, seed=s)).loss for s in range(6)]
    theirs = [best_trial(random_search(f, f.space, n_trials=25, seed=s)).loss for s in range(6)]
    assert np.median(ours) < 0.5 * np.median(theirs)


@pytest.mark.parametrize("acquisition", ["ei", "lcb"])
def test_it_finds_the_best_of_mixed_parameters(acquisition):
    space = Space([Float("x", 0.01, 100, log=True), Int("n", 1, 20), Choice("c", ["a", "b", "c"])])

    def loss(config):
        return math.log10(config["x"]) ** 2 + abs(config["n"] - 12) / 5 + 2 * (config["c"] != "b")

    trials = bayesian_search(loss, space, n_trials=50, seed=0, acquisition=acquisition)
    assert best_trial(trials).loss < 0.2
    assert best_trial(trials).config["c"] == "b"


def test_the_order_in_which_choices_are_listed_does_not_matter():
    """As marks of one axis, b is nearer to a than c is; as columns of their own, all are equally far."""
    names = ("a", "b", "c")
    for order in ((0, 1, 2), (1, 2, 0), (2, 0, 1)):
        space = Space([Choice("c", [names[i] for i in order]), Float("x", 0, 1)])
        F = space.features([space.encode({"c": name, "x": 0.5}) for name in names])
        gaps = ((F[:, None] - F[None]) ** 2).sum(axis=2)
        np.testing.assert_allclose(gaps, 2 * (1 - np.eye(3)))


def test_improvements_are_counted_from_the_lowest_mean_not_from_a_lucky_loss():
    """With noise the lowest loss is luck; a search that counts from it finds no improvement and wanders."""
    space, rng = Space([Float("x", 0, 1)]), np.random.default_rng(0)
    trials = bayesian_search(lambda c: (c["x"] - 0.6) ** 2 + 0.3 * rng.normal(), space, n_trials=40, seed=0, noise=1.0)
    late = np.array([trial.config["x"] for trial in trials[25:]])
    assert np.median(np.abs(late - 0.6)) < 0.1  # 0.17 where improvements count from the lowest loss


def test_it_repeats_with_its_seed_and_begins_as_random_search():
    f = BENCHMARKS["Branin"]
    one, two = (bayesian_search(f, f.space, n_trials=9, seed=4, budget=27) for _ in range(2))
    assert one == two
    assert [t.config for t in one[:5]] == [t.config for t in random_search(f, f.space, n_trials=5, seed=4)]
    assert all(trial.cost == 27 for trial in one)


def test_no_configuration_is_tried_twice_while_others_are_left():
    space = Space([Int("n", 1, 6), Choice("c", ["a", "b"])])
    trials = bayesian_search(lambda c: c["n"] + (c["c"] == "a"), space, n_trials=8, seed=1, n_initial=1)
    assert len({tuple(trial.config.items()) for trial in trials}) == 8


def test_failed_trials_are_learned_from_and_kept():
    space = Space([Float("x", 0, 1)])
    trials = bayesian_search(lambda c: math.nan if c["x"] > 0.5 else (c["x"] - 0.4) ** 2, space, n_trials=25, seed=0)
    assert len(trials) == 25
    assert best_trial(trials).loss < 1e-3
    late = [math.isinf(trial.loss) for trial in trials[12:]]
    assert np.mean(late) < 0.5


def test_a_search_whose_trials_all_fail_runs_to_its_end():
    trials = bayesian_search(lambda c: math.nan, Space([Float("x", 0, 1)]), n_trials=8, seed=0)
    assert len(trials) == 8
    with pytest.raises(ValueError, match="all 8 trials failed"):
        best_trial(trials)


def test_finite_losses_replace_only_what_failed():
    np.testing.assert_array_equal(finite_losses([1.0, math.inf, 3.0]), [1.0, 3.0, 3.0])
    np.testing.assert_array_equal(finite_losses([math.inf, math.inf]), [0.0, 0.0])


LINE = Space([Float("x", 0, 1)])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: expected_improvement([0.0], [-1.0], best=0), "std must be >= 0; got"),
        (lambda: expected_improvement([0.0], [1.0, 1.0], best=0), r"same shape; got \(1,\) and \(2,\)"),
        (lambda: expected_improvement([0.0], [1.0], best=math.nan), "best must be a finite number; got nan"),
        (lambda: lower_confidence_bound([0.0], [1.0], beta=-1), "beta must be a finite number >= 0; got -1"),
        (lambda: bayesian_search(len, LINE, n_trials=0, seed=0), "n_trials must be an integer >= 1"),
        (lambda: bayesian_search(len, LINE, n_trials=3, seed=0, n_initial=0), "n_initial must be an integer >= 1"),
        (
            lambda: bayesian_search(len, LINE, n_trials=3, seed=0, acquisition="pi"),
            "acquisition must be one of 'ei', 'lcb'",
        ),
        (lambda: bayesian_search(len, LINE, n_trials=3, seed=0, beta=-2), "beta must be a finite number >= 0"),
        (lambda: bayesian_search(len, LINE, n_trials=3, seed=0, kernel="cubic"), "kernel must be one of"),
        (lambda: bayesian_search(len, [LINE], n_trials=3, seed=0), "space must be a Space"),
        (lambda: bayesian_search(lambda c: "low", LINE, n_trials=3, seed=0), "objective must return one number"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises((TypeError, ValueError), match=message):
        call()
