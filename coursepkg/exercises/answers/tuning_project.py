"""Answers to the project on tuning."""

from __future__ import annotations

from functools import cache

import numpy as np

from coursepkg.data import generate_greenhouse
from coursepkg.exercises.answers import Answers, patches
from coursepkg.exercises.cases.tuning_project import BUDGET
from coursepkg.search import TuningTask, random_search

# --- tuning-project/spend-sixty -------------------------------------------------------------------------------------


def _judge_spent(got, *, budget):
    if not got["n"]:
        return "no training was asked for\nhint: train(config) trains a network and returns its validation loss"
    if got["refused"]:
        problem = f"after {got['n']} trainings one more was asked for than a budget of {budget} pays"
        return f"{problem}\nhint: use the argument budget, and count 1 for 27 epochs, a third for 9"
    if got["left"] > 1.5:
        return f"{got['left']:.1f} of {budget} trainings were not used\nhint: every training left is a chance left"
    return None


def _judge_seeds(got):
    if not got["same"]:
        return "the same seed asked for other trainings\nhint: draw from np.random.default_rng(seed) only"
    if not got["other"]:
        return "another seed asked for the same trainings\nhint: let the seed decide what is drawn"
    return None


@cache
def random_error(seed):
    """Return the test error after a random search with the whole budget, paired with the search that is judged."""
    task = TuningTask(seed, trainings=BUDGET)
    random_search(task.train, task.space, n_trials=BUDGET, seed=seed)
    return task.test()


def _ratios(found, seeds):
    ratios = []
    for seed, one in zip(seeds, found, strict=True):
        X, y = generate_greenhouse(seed)["test"]
        error = np.inf if one["predicted"] is None else np.mean((np.asarray(one["predicted"]) - y) ** 2)
        ratios.append(error / random_error(seed))
    return np.array(ratios)


def _judge_wins(got, *, seeds, wins, ratio):
    if not got["kept"]:
        return "not tried: first mend what failed on the stand-in"
    won = int((_ratios(got["found"], seeds) < 1).sum())
    if won >= wins:
        return None
    return f"better in {won} of {len(seeds)} greenhouses; expected {wins} or more\nhint: {_likeliest(got['found'])}"


def _judge_ratio(got, *, seeds, wins, ratio):
    if not got["kept"]:
        return "not tried: first mend what failed on the stand-in"
    median = float(np.median(_ratios(got["found"], seeds)))
    if median <= ratio:
        return None
    problem = f"the median test error is {median:.2f} of that of random search; expected {ratio} or less"
    return f"{problem}\nhint: {_likeliest(got['found'])}"


def _likeliest(found):
    """Say what the order of the losses tells: whether later trainings profit from the earlier ones."""
    gains = []
    for one in found:
        losses = np.minimum(one["losses"], 10)
        half = len(losses) // 2
        gains.append(np.median(losses[half:]) / np.median(losses[:half]) if half else 1)
    gain = float(np.median(gains))
    if gain > 1.1:
        return "your later trainings are worse than the earlier ones: a lower loss is better"
    if gain > 0.8:
        return "your later trainings are no better than the earlier ones: learn from what you have seen"
    return "you learn from what you have seen: look where good networks lie, and narrow the ranges before you start"


spend_sixty = Answers(
    judge={"spent": _judge_spent, "seeds": _judge_seeds, "wins": _judge_wins, "ratio": _judge_ratio},
    mistakes=patches(
        """
        short trainings taken for free: use the argument budget, and count 1 for 27 epochs, a third for 9
        - budget - budget // 3 - keep
        + budget - keep
        a budget of its own: use the argument budget, and count 1 for 27 epochs, a third for 9
        - rng = np.random.default_rng(seed)
        + rng, budget = np.random.default_rng(seed), 60
        one seed for all: let the seed decide what is drawn
        - np.random.default_rng(seed)
        + np.random.default_rng(0)
        no seed at all: draw from np.random.default_rng(seed) only
        - np.random.default_rng(seed)
        + np.random.default_rng()
        most of the budget left: every training left is a chance left
        - budget - budget // 3 - keep
        + 0
        random search: your later trainings are no better than the earlier ones
        - rng = np.random.default_rng(seed)
        + rng, keep = np.random.default_rng(seed), 0
        +     for _ in range(budget):
        +         train(space.sample(rng))
        +     return
        around the worst: your later trainings are worse than the earlier ones
        - center = min(tried)[1]
        + center = max(tried)[1]
        - low, high = np.array(LOW), np.array(HIGH)
        + low, high = np.zeros(8), np.ones(8)
        """
    ),
)

# --- tuning-project/repair-screening --------------------------------------------------------------------------------


def _judge_screened(got, *, budget):
    short = [(loss, config) for config, loss, epochs in got["trials"] if epochs == 9]
    full = [config for config, _, epochs in got["trials"] if epochs == 27]
    configs = [config for _, config in short]
    if len(configs) > 1 and all(config == configs[0] for config in configs):
        return "all short trainings have the same configuration\nhint: make the generator once, before the loop"
    if got["refused"]:
        return "more was asked for than the budget pays\nhint: budget trainings of 9 epochs cost a third of it"
    if len(short) != budget:
        return f"expected {budget} trainings of 9 epochs; got {len(short)}"
    n_full = budget - -(-budget // 3)
    if len(full) != n_full:
        problem = f"expected {n_full} full trainings; got {len(full)}"
        return f"{problem}\nhint: what is left after {budget} trainings of 9 epochs, rounded down"
    best = [config for _, config in sorted(short, key=lambda pair: pair[0])][:n_full]
    if full == best:
        return None
    if full == best[::-1]:
        return "the right ones were trained, in the wrong order\nhint: the best one comes first"
    hint = "take those with the lowest loss" if full[0] != best[0] else "sort by the loss"
    return f"the full trainings are not those of the best short ones\nhint: {hint}"


repair_screening = Answers(
    judge={"screened": _judge_screened},
    mistakes=patches(
        """
        the same draw again and again: make the generator once, before the loop
        - space.sample(rng) for
        + space.sample(np.random.default_rng(seed)) for
        the highest losses: take those with the lowest loss
        - order = np.argsort(losses)
        + order = np.argsort(losses)[::-1]
        short trainings taken for free: budget trainings of 9 epochs cost a third of it
        - order[: budget - -(-budget // 3)]
        + order[:budget]
        no order at all: take those with the lowest loss
        - order = np.argsort(losses)
        + order = np.arange(len(losses))
        half of the budget: what is left after
        - order[: budget - -(-budget // 3)]
        + order[: budget // 2]
        the best one last: the best one comes first
        - order[: budget - -(-budget // 3)]
        + order[: budget - -(-budget // 3)][::-1]
        """
    ),
)
