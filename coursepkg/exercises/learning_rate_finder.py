"""Exercises of the chapter on finding the learning rate."""

from __future__ import annotations

import numpy as np

from coursepkg.exercises.checking import Exercise, Mistake, function_case, prose

# --- learning-rate-finder/batch-losses ------------------------------------------------------------------------------


def undo_mean(means, n, batch_size):
    """The reference: sums of losses up to each batch, and their differences."""
    seen = np.minimum(batch_size * np.arange(1, len(means) + 1), n)
    sums = seen * means
    return np.diff(sums, prepend=0.0) / np.diff(seen, prepend=0)


def _equal_sizes(means, n, batch_size):
    k = np.arange(1, len(means) + 1)
    return np.diff(k * means, prepend=0.0)


def _not_divided(means, n, batch_size):
    seen = np.minimum(batch_size * np.arange(1, len(means) + 1), n)
    return np.diff(seen * means, prepend=0.0)


def _first_left_out(means, n, batch_size):
    return undo_mean(means, n, batch_size)[1:]


BATCH_MISTAKES = (
    Mistake(
        "all batches alike",
        _equal_sizes,
        "the last batch is smaller than the others; count instances, not batches",
    ),
    Mistake(
        "not divided",
        _not_divided,
        "the difference is the sum of the batch's losses; divide it by the number of its instances",
    ),
    Mistake("unchanged", lambda means, n, batch_size: means, "these are the running means themselves"),
    Mistake(
        "differences of the means",
        lambda means, n, batch_size: np.diff(means, prepend=0.0),
        "subtract sums, not means: multiply each mean by the number of instances seen so far first",
    ),
    Mistake("the first batch is missing", _first_left_out, "one loss is missing; the first mean is the first loss"),
    Mistake(
        "a mean over the means",
        lambda means, n, batch_size: np.cumsum(means) / np.arange(1, len(means) + 1),
        "you averaged once more; the averaging has to be undone",
    ),
)


def _batch_cases(rng):
    for shown, full, rest in (
        ("all batches full", 6, 0),
        ("the last batch smaller", 5, 3),
        ("many batches", 40, 1),
        ("a single batch", 1, 0),
    ):
        batch_size = int(rng.integers(4, 20))
        n = full * batch_size + rest
        sizes = np.array([batch_size] * full + [rest] * (rest > 0))
        losses = rng.uniform(0.5, 3.0, len(sizes))
        means = np.cumsum(sizes * losses) / np.cumsum(sizes)
        yield function_case(
            f"undo_mean(means, n, batch_size): {shown}",
            (means, n, batch_size),
            reference=undo_mean,
            mistakes=BATCH_MISTAKES,
        )


# --- learning-rate-finder/rules -------------------------------------------------------------------------------------


def three_rules(rates, smoothed, *, factor=0.1, per_decade=True, whole=False, rising=False, share=0.5, back="start"):
    """The reference, with a switch for each typical mistake."""
    turn = int(np.argmin(smoothed))
    end = len(rates) if whole else turn + 1
    slopes = np.diff(smoothed[:end])
    slopes = slopes / np.diff(np.log10(rates[:end]) if per_decade else rates[:end])
    steepest = rates[slopes.argmax() if rising else slopes.argmin()]
    above = smoothed > smoothed[turn if back == "turn" else 0]
    from_here = 1 if back == "anywhere" else turn + 1
    divergence = rates[from_here + int(np.argmax(above[from_here:]))]
    return factor * rates[turn], steepest, share * divergence


RULES_MISTAKES = (
    Mistake(
        "the turning point itself",
        lambda rates, smoothed: three_rules(rates, smoothed, factor=1.0),
        "the first rule takes a tenth of the turning point",
    ),
    Mistake(
        "slope against the rate",
        lambda rates, smoothed: three_rules(rates, smoothed, per_decade=False),
        "divide by the differences of log10(rates), not of the rates",
    ),
    Mistake(
        "the whole curve",
        lambda rates, smoothed: three_rules(rates, smoothed, whole=True),
        "look for the steepest descent before the turning point only; later falls belong to the chaos",
    ),
    Mistake(
        "steepest rise",
        lambda rates, smoothed: three_rules(rates, smoothed, rising=True),
        "the steepest descent is the most negative slope",
    ),
    Mistake(
        "the divergence itself",
        lambda rates, smoothed: three_rules(rates, smoothed, share=1.0),
        "the third rule takes half of the rate at which the loss has diverged",
    ),
    Mistake(
        "any rise",
        lambda rates, smoothed: three_rules(rates, smoothed, back="turn"),
        "the loss has diverged when it is above its first value, not when it begins to rise",
    ),
    Mistake(
        "before the turning point",
        lambda rates, smoothed: three_rules(rates, smoothed, back="anywhere"),
        "a loss that lies above the first one before the turning point is noise; look after the turning point",
    ),
)


def _curve(rng, n):
    """Return rates and smoothed losses: flat with a bump, falling, a spike with its fall, exploding."""
    rates = np.geomspace(10.0 ** rng.uniform(-6, -4), 10.0 ** rng.uniform(0.5, 1.5), n)
    # Rates in a geometric series with steps that differ, so that a slope per step is not one per decade.
    rates = rates * np.exp(rng.uniform(-0.2, 0.2, n) * np.log(rates[1] / rates[0]))
    place = np.linspace(0, 1, n)
    middle, turn = rng.uniform(0.35, 0.5), rng.uniform(0.68, 0.75)
    smoothed = 2.3 - 1.4 / (1 + np.exp(-(place - middle) * 18)) + 0.05 * np.exp(-(((place - 0.1) / 0.03) ** 2))
    smoothed += np.where(place > turn, 60 * (place - turn) ** 2, 0)
    late = int(0.93 * n)
    smoothed[late] += 4.0
    return rates, smoothed


def _rules_cases(rng):
    for shown, n in (("a curve of 60 steps", 60), ("another curve", 80), ("a fine curve", 150)):
        yield function_case(
            f"three_rules(rates, smoothed): {shown}",
            _curve(rng, n),
            reference=three_rules,
            mistakes=RULES_MISTAKES,
        )


# --- learning-rate-finder/noise-scale -------------------------------------------------------------------------------


def noise_scale(gradients):
    """The reference: variances over the instances, summed over the weights, by the squared length of the mean."""
    mean = gradients.mean(axis=0)
    return ((gradients - mean) ** 2).sum(axis=1).mean() / (mean**2).sum()


NOISE_MISTAKES = (
    Mistake(
        "squares without the mean",
        lambda g: (g**2).sum(axis=1).mean() / (g.mean(axis=0) ** 2).sum(),
        "subtract the mean gradient before you square",
    ),
    Mistake(
        "upside down",
        lambda g: 1 / noise_scale(g),
        "noise above, signal below: you divided the other way round",
    ),
    Mistake(
        "lengths that are not squared",
        lambda g: np.sqrt(noise_scale(g)),
        "take squared lengths, above and below; you have taken a root",
    ),
    Mistake(
        "standard deviations",
        lambda g: g.std(axis=0).sum() / (g.mean(axis=0) ** 2).sum(),
        "add variances, not standard deviations",
    ),
    Mistake(
        "mean over the weights above",
        lambda g: g.var(axis=0).mean() / (g.mean(axis=0) ** 2).sum(),
        "add over the weights; a mean over them makes the result depend on their number",
    ),
    Mistake(
        "sum over the instances",
        lambda g: ((g - g.mean(axis=0)) ** 2).sum() / (g.mean(axis=0) ** 2).sum(),
        "the noise is that of one instance: the mean over the instances, not their sum",
    ),
    Mistake(
        "the wrong axis",
        lambda g: g.var(axis=1).sum() / (g.mean(axis=1) ** 2).sum(),
        "the mean gradient is the mean over the rows, axis 0",
    ),
)


def _noise_cases(rng):
    for shown, n, d, noise in (
        ("20 instances, 3 weights", 20, 3, 1.0),
        ("weak noise", 50, 8, 0.1),
        ("strong", 9, 30, 9),
    ):
        gradients = rng.normal(size=d) + noise * rng.normal(size=(n, d)) * rng.uniform(0.2, 2, size=d)
        yield function_case(
            f"noise_scale(gradients): {shown}", (gradients,), reference=noise_scale, mistakes=NOISE_MISTAKES
        )


EXERCISES = (
    Exercise(
        label="learning-rate-finder/batch-losses",
        title="Undo the running mean",
        points=4,
        difficulty=1,
        minutes=15,
        statement=prose(r"""
            During an epoch Keras logs the mean loss of all instances seen so far. Write a function
            `undo_mean(means, n, batch_size)` that returns the mean loss of every single batch. `means` is an array
            of shape $[k]$, the logged values of one epoch in their order; the epoch has `n` instances in $k$ batches.
            All batches hold `batch_size` instances, except the last one, which holds what is left of `n`. Return an
            array of shape $[k]$.
        """),
        answer_name="undo_mean",
        stub="""\
import numpy as np


def undo_mean(means, n, batch_size):
    \"\"\"Return the loss of each batch of an epoch.\"\"\"
    ...
""",
        solution_source="""\
import numpy as np


def undo_mean(means, n, batch_size):
    seen = np.minimum(batch_size * np.arange(1, len(means) + 1), n)
    sums = seen * means
    return np.diff(sums, prepend=0) / np.diff(seen, prepend=0)
""",
        cases=_batch_cases,
        mistakes=BATCH_MISTAKES,
        hints=(
            "How many instances had Keras seen when it logged each value? Only the last batch may be smaller.",
            "A mean times the number of instances is a sum; the sum up to a batch minus the sum before it is its own.",
            "seen = np.minimum(batch_size * np.arange(1, k + 1), n); then np.diff(seen * means, prepend=0), divided.",
        ),
    ),
    Exercise(
        label="learning-rate-finder/rules",
        title="Read the curve by three rules",
        points=6,
        difficulty=2,
        minutes=20,
        statement=prose(r"""
            A range test gave the rates $\eta_1 < \eta_2 < \dots$ and the smoothed losses $s_1, s_2, \dots$, both
            arrays of shape $[n]$. Write a function `three_rules(rates, smoothed)` that returns three rates. First, a
            tenth of the turning point, which is the rate with the lowest smoothed loss. Second, the rate of the
            steepest descent: among the steps from $\eta_k$ to $\eta_{k+1}$ that end at or before the turning point,
            take the one with the most negative $(s_{k+1} - s_k) / (\log_{10} \eta_{k+1} - \log_{10} \eta_k)$, and
            return its $\eta_k$. Third, half of the divergence: half of the first rate *after* the turning point whose
            smoothed loss is above the first one, $s_1$. You may rely on it that the lowest loss is neither the first
            nor the last, and that the loss diverges.
        """),
        answer_name="three_rules",
        stub="""\
import numpy as np


def three_rules(rates, smoothed):
    \"\"\"Return a tenth of the turning, the steepest, half of the divergence.\"\"\"
    ...
""",
        solution_source="""\
import numpy as np


def three_rules(rates, smoothed):
    turn = int(np.argmin(smoothed))
    upto = slice(0, turn + 1)
    slopes = np.diff(smoothed[upto]) / np.diff(np.log10(rates[upto]))
    diverged = np.argmax(smoothed[turn + 1 :] > smoothed[0]) + turn + 1
    return rates[turn] / 10, rates[slopes.argmin()], rates[diverged] / 2
""",
        cases=_rules_cases,
        mistakes=RULES_MISTAKES,
        hints=(
            "np.argmin(smoothed) is the position of the turning point; all three rules need it.",
            "np.diff gives the differences of neighbors, of the losses and of log10(rates) alike.",
            "np.argmax of an array of True and False is the position of the first True; add where the part began.",
        ),
    ),
    Exercise(
        label="learning-rate-finder/noise-scale",
        title="The gradient noise scale",
        points=3,
        difficulty=1,
        minutes=10,
        statement=prose(r"""
            Write a function `noise_scale(gradients)` for an array of shape $[n, d]$: row $i$ is the gradient
            $\mathbf{g}_i$ of the loss of instance $i$. With the mean gradient $\mathbf{g}$, return the number
            $\dfrac{1}{n} \sum_i \lVert \mathbf{g}_i - \mathbf{g} \rVert^2 \Big/ \lVert \mathbf{g} \rVert^2$.
        """),
        answer_name="noise_scale",
        stub="""\
import numpy as np


def noise_scale(gradients):
    \"\"\"Return the noise of one instance, divided by the squared length of the mean.\"\"\"
    ...
""",
        solution_source="""\
import numpy as np


def noise_scale(gradients):
    mean = gradients.mean(axis=0)
    noise = np.sum((gradients - mean) ** 2, axis=1).mean()
    return noise / np.sum(mean**2)
""",
        cases=_noise_cases,
        mistakes=NOISE_MISTAKES,
        hints=(
            "The mean gradient has shape [d]: average over the instances, axis 0.",
            "Subtract it from each row, square, add over the weights, then average over the instances.",
        ),
    ),
)
