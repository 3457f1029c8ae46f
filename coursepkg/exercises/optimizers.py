"""Exercises of the chapter on optimizers."""

from __future__ import annotations

import math

import numpy as np

from coursepkg.exercises.checking import Exercise, Mistake, function_case, prose

# --- optimizers/adam-step -------------------------------------------------------------------------------------------


def adam_step(theta, g, m, s, t, eta):
    """The reference: Kingma and Ba's algorithm 1 with both corrections written out."""
    m = 0.9 * m + 0.1 * g
    s = 0.999 * s + 0.001 * g**2
    m_hat, s_hat = m / (1 - 0.9**t), s / (1 - 0.999**t)
    return theta - eta * m_hat / (np.sqrt(s_hat) + 1e-7), m, s


def _adam_variant(*, corrected=True, both=True, root=True, sign=1.0, squared=True, swapped=False, keeps="m", first=0):
    """Return the step with one thing wrong."""

    def step(theta, g, m, s, t, eta):
        b1, b2 = (0.999, 0.9) if swapped else (0.9, 0.999)
        m = b1 * m + (1 - b1) * g
        s = b2 * s + (1 - b2) * (g**2 if squared else np.abs(g))
        power = max(t + first, 1)
        m_hat = m / (1 - b1**power) if corrected else m
        s_hat = s / (1 - b2**power) if corrected and both else s
        below = np.sqrt(s_hat) if root else s_hat
        new = theta - sign * eta * m_hat / (below + 1e-7)
        return (new, m_hat, s_hat) if keeps == "hat" else (new, m, s)

    return step


ADAM_MISTAKES = (
    Mistake(
        "no correction",
        _adam_variant(corrected=False),
        "the averages start at 0 and are too small at first; divide m by 1 - 0.9**t and s by 1 - 0.999**t",
    ),
    Mistake(
        "only the mean is corrected",
        _adam_variant(both=False),
        "the average of the squares starts at 0 too; divide s by 1 - 0.999**t",
    ),
    Mistake("no root", _adam_variant(root=False), "the step is divided by the root of s, not by s itself"),
    Mistake("uphill", _adam_variant(sign=-1.0), "the step must go against the gradient; check the sign"),
    Mistake(
        "gradients that are not squared",
        _adam_variant(squared=False),
        "s is the average of the squared gradients, not of their sizes",
    ),
    Mistake(
        "the betas are exchanged",
        _adam_variant(swapped=True),
        "m forgets fast (0.9), s forgets slowly (0.999); you exchanged the two",
    ),
    Mistake(
        "the corrected averages are kept",
        _adam_variant(keeps="hat"),
        "return m and s as they were before the correction: the next step would correct them a second time",
    ),
    Mistake(
        "steps counted from 0",
        _adam_variant(first=-1),
        "the first step has t = 1, and the correction of step t uses the power t",
    ),
)


def _adam_cases(rng):
    for shown, t, size in (("the first step, t = 1", 1, 3.0), ("t = 2", 2, 0.3), ("t = 40", 40, 10.0)):
        d = int(rng.integers(3, 6))
        m = np.zeros(d) if t == 1 else size * rng.normal(size=d)
        s = np.zeros(d) if t == 1 else size**2 * rng.uniform(0.2, 2.0, d)
        arguments = (rng.normal(size=d), size * rng.normal(size=d), m, s, t, float(rng.uniform(0.01, 0.1)))
        yield function_case(
            f"adam_step(theta, g, m, s, t, eta): {shown}", arguments, reference=adam_step, mistakes=ADAM_MISTAKES
        )


# --- optimizers/steps-needed ----------------------------------------------------------------------------------------


def steps_needed(curvatures, eta, goal):
    """The reference: the slowest direction shrinks by the largest |1 - eta * h| in every step."""
    factor = np.abs(1 - eta * np.asarray(curvatures)).max()
    if factor >= 1:
        return math.inf
    return 1 if factor == 0 else max(1, math.ceil(math.log(goal) / math.log(factor)))


def _steps_variant(*, choose=np.max, absolute=True, signed=1.0, rounded=math.ceil, squared=1, checks=True):
    def steps(curvatures, eta, goal):
        factors = 1 - signed * eta * np.asarray(curvatures)
        factor = float(choose(np.abs(factors) if absolute else factors)) ** squared
        if factor >= 1 and checks:
            return math.inf
        if not 0 < factor < 1:
            return -1
        return max(1, rounded(math.log(goal) / math.log(factor)))

    return steps


STEPS_MISTAKES = (
    Mistake(
        "the fastest direction",
        _steps_variant(choose=np.min),
        "every direction must reach the goal, so the slowest one decides: the largest |1 - eta * h|",
    ),
    Mistake(
        "no absolute value",
        _steps_variant(absolute=False),
        "1 - eta * h can be negative: the coordinate then jumps to the other side; its size |1 - eta * h| counts",
    ),
    Mistake("rounded down", _steps_variant(rounded=math.floor), "one step less does not reach the goal yet; round up"),
    Mistake(
        "the loss instead of the coordinates",
        _steps_variant(squared=2),
        "the goal is about the coordinates; the loss shrinks by the square of their factor",
    ),
    Mistake(
        "the mean direction",
        _steps_variant(choose=np.mean),
        "a mean over the directions says nothing about the slowest one",
    ),
    Mistake(
        "no word of divergence",
        _steps_variant(checks=False),
        "if some |1 - eta * h| is 1 or more, the goal is never reached: return math.inf",
    ),
)


def _compare_counts(got, expected):
    if isinstance(got, (bool, np.bool_)) or not isinstance(got, (int, float, np.integer, np.floating)):
        return f"expected one number; got {type(got).__name__}"
    if got == expected:
        return None
    return f"expected {expected}; got {got}"


def _steps_cases(rng):
    steep = float(rng.integers(20, 80))
    low = float(rng.uniform(0.3, 0.9))
    for shown, curvatures, eta, goal in (
        ("a long valley, a small rate", [low, 1.0, steep], 0.6 / steep, 0.01),
        ("a rate near the limit, where the steep direction is the slow one", [1.0, 1.3], 1.47, 0.001),
        ("a rate beyond the limit", [low, steep], 2.4 / steep, 0.01),
    ):
        yield function_case(
            f"steps_needed(curvatures, eta, {goal}): {shown}",
            (np.array(curvatures), eta, goal),
            reference=steps_needed,
            mistakes=STEPS_MISTAKES,
            compare=_compare_counts,
        )


EXERCISES = (
    Exercise(
        label="optimizers/adam-step",
        title="One step of Adam",
        points=4,
        difficulty=1,
        minutes=15,
        prerequisites=("optimizers",),
        statement=prose(r"""
            Write a function `adam_step(theta, g, m, s, t, eta)` that takes one step of Adam. It gets the weights
            `theta`, the gradient `g` and the averages `m` and `s` of the step before, all of shape $[d]$, the number
            `t` of this step, 1 for the first, and the learning rate `eta`. With $\beta_1 = 0.9$, $\beta_2 = 0.999$
            and $\varepsilon = 10^{-7}$: $m \leftarrow \beta_1 m + (1 - \beta_1)\, g$ and
            $s \leftarrow \beta_2 s + (1 - \beta_2)\, g^2$; then correct both averages for their start at 0, which
            gives $\hat m$ and $\hat s$, and change the weights by $-\eta\, \hat m / (\sqrt{\hat s} + \varepsilon)$.
            Return three new arrays: the weights, and $m$ and $s$ without the correction. Leave the inputs unchanged.
        """),
        answer_name="adam_step",
        stub="""\
import numpy as np


def adam_step(theta, g, m, s, t, eta):
    \"\"\"Return the weights, m and s after step t.\"\"\"
    ...
""",
        solution_source="""\
import numpy as np


def adam_step(theta, g, m, s, t, eta):
    m = 0.9 * m + 0.1 * g
    s = 0.999 * s + 0.001 * g**2
    m_hat, s_hat = m / (1 - 0.9**t), s / (1 - 0.999**t)
    return theta - eta * m_hat / (np.sqrt(s_hat) + 1e-7), m, s
""",
        cases=_adam_cases,
        mistakes=ADAM_MISTAKES,
        hints=(
            "Update both averages first, with the gradient of this step.",
            "The corrected averages are used for the step only; what you return stays uncorrected.",
            "The weights move by the learning rate times corrected mean over root of corrected mean of squares.",
        ),
    ),
    Exercise(
        label="optimizers/steps-needed",
        title="How long is the valley?",
        points=4,
        difficulty=2,
        minutes=15,
        prerequisites=("optimizers",),
        statement=prose(r"""
            Let $L(\boldsymbol\theta) = \tfrac{1}{2} \sum_i h_i \theta_i^2$ with curvatures $h_i > 0$. Plain gradient
            descent with the rate $\eta$ multiplies each coordinate by its own factor in every step. Write a function
            `steps_needed(curvatures, eta, goal)` for an array `curvatures` of shape $[d]$, the rate `eta` and a
            number `goal` between 0 and 1. Return the smallest number of steps, a whole number, after which the size
            of *every* coordinate is at most `goal` times what it was at the start, wherever the start is. If there is
            no such number, return `math.inf`.
        """),
        answer_name="steps_needed",
        stub="""\
import math

import numpy as np


def steps_needed(curvatures, eta, goal):
    \"\"\"Return how many steps every coordinate needs, or math.inf.\"\"\"
    ...
""",
        solution_source="""\
import math

import numpy as np


def steps_needed(curvatures, eta, goal):
    factor = np.abs(1 - eta * np.asarray(curvatures)).max()
    if factor >= 1:
        return math.inf
    if factor == 0:  # one step reaches the minimum
        return 1
    return math.ceil(math.log(goal) / math.log(factor))
""",
        cases=_steps_cases,
        mistakes=STEPS_MISTAKES,
        hints=(
            "What does one step do to a coordinate? Write the new one as a factor times the old one.",
            "After k steps the size is the size of the factor to the power k; take logarithms.",
            "The direction with the largest factor in size is the last to arrive, or never does.",
        ),
    ),
)
