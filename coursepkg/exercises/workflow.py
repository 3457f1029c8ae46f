"""Exercises of the chapter on the whole workflow of tuning."""

from __future__ import annotations

import numpy as np

from coursepkg._validation import shorten
from coursepkg.exercises.checking import Exercise, Mistake, function_case, prose

# --- workflow/diagnose ----------------------------------------------------------------------------------------------

ADVICE = ("learning rate", "enlarge", "regularize", "tune")


def diagnose(train_loss, valid_loss, guess, goal):
    """The reference."""
    if train_loss > 0.9 * guess:
        return "learning rate"
    if train_loss > goal:
        return "enlarge"
    return "regularize" if valid_loss > goal else "tune"


def _validation_first(train_loss, valid_loss, guess, goal):
    if train_loss <= 0.9 * guess and valid_loss > goal:
        return "regularize"
    return diagnose(train_loss, valid_loss, guess, goal)


def _exchanged(*losses):
    return {"enlarge": "regularize", "regularize": "enlarge"}.get(diagnose(*losses), diagnose(*losses))


DIAGNOSE_MISTAKES = (
    Mistake(
        "the guess is not looked at",
        lambda train_loss, valid_loss, guess, goal: diagnose(train_loss, valid_loss, 1e9, goal),
        "a network that is hardly better than a guess has not learned: first its learning rate is in question",
    ),
    Mistake(
        "the validation loss against the guess",
        lambda train_loss, valid_loss, guess, goal: (
            "learning rate" if valid_loss > 0.9 * guess else diagnose(train_loss, valid_loss, guess, goal)
        ),
        "a validation loss as high as a guess may be overfitting; whether the network learns, the training loss says",
    ),
    Mistake(
        "validation first",
        _validation_first,
        "ask for the training loss first: where it is too high, the validation loss is, too",
    ),
    Mistake(
        "enlarge and regularize exchanged",
        _exchanged,
        "a network that does not even fit its training data is too small, not too free",
    ),
    Mistake(
        "always something to repair",
        lambda *losses: diagnose(*losses).replace("tune", "regularize"),
        "both losses have reached the goal: what is left is to tune",
    ),
)


def _compare_advice(got, expected):
    if got not in ADVICE:
        return f"expected one of {', '.join(map(repr, ADVICE))}; got {shorten(got)}"
    return None if got == expected else f"expected {expected!r}; got {got!r}"


def _diagnose_cases(rng):
    guess = round(float(rng.uniform(1.5, 3.0)), 2)
    goal = round(0.3 * guess, 2)
    factors = {
        "a training loss like that of a guess": (rng.uniform(0.93, 1.0), rng.uniform(1.0, 1.1)),
        "a high training loss, a small gap": (rng.uniform(0.4, 0.6), rng.uniform(0.62, 0.7)),
        "a low training loss, a high validation loss": (rng.uniform(0.1, 0.25), rng.uniform(0.4, 0.7)),
        "a validation loss above that of a guess": (rng.uniform(0.05, 0.2), rng.uniform(1.1, 1.5)),
        "both low": (rng.uniform(0.1, 0.2), rng.uniform(0.22, 0.28)),
    }
    for shown, (train, valid) in factors.items():
        yield function_case(
            f"diagnose(train_loss, valid_loss, guess, goal): {shown}",
            (round(float(train) * guess, 3), round(float(valid) * guess, 3), guess, goal),
            reference=diagnose,
            mistakes=DIAGNOSE_MISTAKES,
            compare=_compare_advice,
        )


# --- workflow/refine ------------------------------------------------------------------------------------------------


def refine(rates, losses, k, *, pick=None, selected=True, power=0.25, linear=False):
    """The reference, with a switch for each mistake."""
    if selected:
        rates, losses = rates[np.isfinite(losses)], losses[np.isfinite(losses)]
    best = rates[np.argsort(losses)[:k]] if pick is None else pick(rates, losses, k)
    if linear:
        margin = (best.max() - best.min()) / 4
        return best.min() - margin, best.max() + margin
    margin = (best.max() / best.min()) ** power
    return best.min() / margin, best.max() * margin


def _with(**options):
    return lambda rates, losses, k: refine(rates, losses, k, **options)


REFINE_MISTAKES = (
    Mistake(
        "the highest losses",
        _with(pick=lambda rates, losses, k: rates[np.argsort(losses)[-k:]]),
        "these are the k worst trials: low losses are good",
    ),
    Mistake(
        "the smallest rates",
        _with(pick=lambda rates, losses, k: np.sort(rates)[:k]),
        "sort the trials by their losses, not by their rates",
    ),
    Mistake(
        "the first k",
        _with(pick=lambda rates, losses, k: rates[:k]),
        "the trials come in any order: choose those with the lowest losses",
    ),
    Mistake(
        "diverged trials fill up",
        _with(selected=False),
        "a trial with the loss NaN has diverged; leave it out even if fewer than k trials remain",
    ),
    Mistake(
        "NaN is taken for 0",
        lambda rates, losses, k: refine(rates, np.nan_to_num(losses), k),
        "a loss of NaN is no loss of 0: that trial has diverged and must be left out",
    ),
    Mistake(
        "no margin",
        _with(power=0.0),
        "the box must reach beyond the best trials by the margin, on both sides",
    ),
    Mistake(
        "a margin in the wrong scale",
        _with(linear=True),
        "on a logarithmic scale the margin is a factor: divide the lower bound by it, multiply the upper one",
    ),
    Mistake("upper bound first", lambda *arguments: refine(*arguments)[::-1], "the lower bound comes first"),
)


def _compare_bounds(got, expected):
    try:
        bounds = np.asarray(got, dtype=float)
    except (TypeError, ValueError):
        return f"expected two numbers (low, high); got {shorten(got)}"
    if bounds.shape != (2,):
        return f"expected two numbers (low, high); got {shorten(got)}"
    if np.allclose(bounds, expected, rtol=1e-6):
        return None
    return f"expected ({expected[0]:.4g}, {expected[1]:.4g}); got ({bounds[0]:.4g}, {bounds[1]:.4g})"


def _refine_cases(rng):
    for shown, n, k, failed in (
        ("12 trials, the best 4", 12, 4, 0),
        ("30 trials, the best 5", 30, 5, 0),
        ("20 trials, three of them diverged", 20, 4, 3),
        ("only three trials did not diverge", 20, 4, 17),
    ):
        rates = 10 ** rng.uniform(-4, -0.5, n)
        losses = (np.log10(rates) - rng.uniform(-2.5, -1.0)) ** 2 + rng.uniform(0, 0.3, n)
        diverged = rng.permutation(n)[:failed]
        rates[diverged], losses[diverged] = 10 ** rng.uniform(-0.4, 0, failed), np.nan  # as large rates do
        yield function_case(
            f"refine(rates, losses, k): {shown}",
            (rates, losses, k),
            reference=refine,
            mistakes=REFINE_MISTAKES,
            compare=_compare_bounds,
        )


EXERCISES = (
    Exercise(
        label="workflow/diagnose",
        title="From two losses to the next step",
        points=3,
        difficulty=1,
        minutes=10,
        prerequisites=("workflow",),
        statement=prose("""
            Write a function `diagnose(train_loss, valid_loss, guess, goal)` that gets four positive numbers: the
            losses on the training and on the validation images, the loss of a guess, and the loss that you want to
            reach on both. Return one of four texts, and take the first that applies. `"learning rate"` if the training
            loss is above 90 % of that of a guess. `"enlarge"` if the training loss is above the goal.
            `"regularize"` if the validation loss is above the goal. Otherwise `"tune"`.
        """),
        answer_name="diagnose",
        stub='''\
def diagnose(train_loss, valid_loss, guess, goal):
    """Return "learning rate", "enlarge", "regularize" or "tune"."""
    ...
''',
        solution_source="""\
def diagnose(train_loss, valid_loss, guess, goal):
    if train_loss > 0.9 * guess:
        return "learning rate"
    if train_loss > goal:
        return "enlarge"
    if valid_loss > goal:
        return "regularize"
    return "tune"
""",
        cases=_diagnose_cases,
        mistakes=DIAGNOSE_MISTAKES,
        hints=(
            "The order of the questions matters: each one is asked only if those before it were answered with no.",
            "Three questions, each an if with a return; the fourth text needs no question.",
            "Two of the questions are about the training loss, one about the validation loss.",
        ),
    ),
    Exercise(
        label="workflow/refine",
        title="From the coarse to the fine round",
        points=4,
        difficulty=2,
        minutes=15,
        prerequisites=("workflow", "search-strategies"),
        statement=prose(r"""
            The coarse round of a search has tried learning rates: `rates` holds them and `losses` the validation
            losses, both arrays of shape $[n]$ in the same order. The loss of a training that diverged is NaN. Write a
            function `refine(rates, losses, k)` that returns the bounds (low, high) for the fine round. Take the `k`
            trials with the lowest losses, without those that diverged; if fewer than `k` have a loss, take these.
            Let $a$ be the smallest and $b$ the largest of
            their rates. The box reaches beyond both by the factor $m = (b / a)^{1/4}$: return $(a / m,\; b\, m)$. Use
            NumPy only.
        """),
        answer_name="refine",
        stub='''\
import numpy as np


def refine(rates, losses, k):
    """Return the bounds (low, high) of the learning rate for the fine round."""
    ...
''',
        solution_source="""\
import numpy as np


def refine(rates, losses, k):
    finished = np.isfinite(losses)
    rates, losses = rates[finished], losses[finished]
    best = rates[np.argsort(losses)[:k]]
    margin = (best.max() / best.min()) ** 0.25
    return best.min() / margin, best.max() * margin
""",
        cases=_refine_cases,
        mistakes=REFINE_MISTAKES,
        hints=(
            "np.isfinite(losses) says which trials have a loss; use it to select from both arrays.",
            "np.argsort(losses) gives the positions of the trials from the lowest to the highest loss.",
            "np.argsort puts NaN last; that helps only as long as at least k trials have a loss.",
        ),
    ),
)
