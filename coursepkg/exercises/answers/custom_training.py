"""Answers to the exercises on custom training. The solutions call TensorFlow; the references need NumPy only."""

from __future__ import annotations

import functools

import numpy as np

from coursepkg._validation import shorten
from coursepkg.exercises.answers import Answers, Mistake, patches
from coursepkg.exercises.cases import Caught
from coursepkg.exercises.cases.custom_training import FUNCTIONS
from coursepkg.exercises.compare import difference

# --- custom-training/derivatives ------------------------------------------------------------------------------------

DERIVATIVES = {
    "a polynomial": lambda x, a, b, c: (3 * a * x**2 + 2 * b * x + c, 6 * a * x + 2 * b),
    "a quotient": lambda x, a, b, c: (-a / (x + 1) ** 2, 2 * a / (x + 1) ** 3),
    "a straight line": lambda x, a, b, c: (a + 0 * x, 0 * x),
}
NONE_GRADIENT = "a gradient was None: watch x with both tapes, and see `unconnected_gradients` for a straight line"


def _judge_derivatives(got, *, shown, abc, x):
    if isinstance(got, Caught):
        said = " ".join(str(got).split())[:200]
        hint = f"\nhint: {NONE_GRADIENT}" if "None" in said else ""
        return f"it raised {got.type}: {said}{hint}"
    if got is None:
        return "got None (did you forget the `return` statement?)"
    if isinstance(got, (tuple, list)) and any(part is None for part in got):
        return f"expected two arrays; got {shorten(got)}\nhint: {NONE_GRADIENT}"
    first, second = expected = DERIVATIVES[shown](x, *abc)
    problem = difference(got, expected, rtol=1e-5, atol=1e-6)
    if problem is None:
        return None
    for wrong, hint in (
        ((second, first), "the first derivative comes first"),
        ((FUNCTIONS[shown](x, *abc), first), "return f' and f'', not f and f'"),
        ((first, 0 * x), "f'' is 0 everywhere: call inner.gradient inside the outer tape's block"),
        ((first, first), "both are f': differentiate the result of the inner tape once more"),
        ((first.sum(), second.sum()), "these are sums; return one number for each element of x"),
    ):
        if difference(got, wrong, rtol=1e-5, atol=1e-6) is None and difference(wrong, expected) is not None:
            return f"{problem}\nhint: {hint}"
    return problem


derivatives = Answers(
    judge=_judge_derivatives,
    mistakes=patches(
        """
        the inner gradient is taken outside of the outer tape: f'' is 0 everywhere: call inner.gradient inside the
          outer tape's block
        -         first = inner
        +     first = inner
        not watched: a gradient was None: watch x with both tapes, and see `unconnected_gradients` for a straight line
        -             inner.watch(x)
        -
        +
        a straight line: a gradient was None: watch x with both tapes, and see `unconnected_gradients` for a straight
          line
        - , unconnected_gradients="zero"
        exchanged: the first derivative comes first
        - first.numpy(), second.numpy()
        + second.numpy(), first.numpy()
        one derivative short: return f' and f'', not f and f'
        - first.numpy(), second.numpy()
        + y.numpy(), first.numpy()
        the first one twice: both are f': differentiate the result of the inner tape once more
        - second.numpy()
        + first.numpy()
        summed: these are sums; return one number for each element of x
        - .numpy()
        + .numpy().sum()
        """
    ),
)

# --- custom-training/loop -------------------------------------------------------------------------------------------


def fit_line(X, y, epochs, batch_size, learning_rate, *, weighted=True, after=False, drop=False, factor=1.0):
    """Train as the exercise asks, with a switch for each typical mistake."""
    w, b, history = np.zeros(X.shape[1]), 0.0, []
    starts = range(0, len(X) - batch_size + 1 if drop else len(X), batch_size)
    for _ in range(epochs):
        losses, sizes = [], []
        for start in starts:
            x, target = X[start : start + batch_size], y[start : start + batch_size]
            error = x @ w + b - target
            losses.append((error**2).mean())
            sizes.append(len(x))
            w = w - factor * learning_rate * 2 * x.T @ error / len(x)
            b = b - factor * learning_rate * 2 * error.mean()
            if after:
                losses[-1] = ((x @ w + b - target) ** 2).mean()
        history.append(np.average(losses, weights=sizes if weighted else None))
    return w, b, np.array(history)


FLOAT32 = "X and y are float64, and so must be the variables: tf.Variable(0.0) is float32"
LOOP_MISTAKES = (
    Mistake(
        "batches count alike",
        functools.partial(fit_line, weighted=False),
        "the last batch is smaller: weight the loss of each batch with its number of rows",
    ),
    Mistake(
        "measured after the step",
        functools.partial(fit_line, after=True),
        "the loss of a batch is the one inside the tape, before the variables change",
    ),
    Mistake(
        "the rest is dropped",
        functools.partial(fit_line, drop=True),
        "the last batch was left out: it is smaller, but it counts",
    ),
    Mistake("uphill", functools.partial(fit_line, factor=-1.0), "the loss goes up: subtract the gradient"),
    Mistake(
        "half the gradient",
        functools.partial(fit_line, factor=0.5),
        "the steps are half as long: the loss is the mean of e², without a factor 1/2",
    ),
    Mistake(
        "all rows at once",
        lambda X, y, epochs, batch_size, learning_rate: fit_line(X, y, epochs, len(X), learning_rate),
        "one step an epoch: cut the rows into batches",
    ),
)


def _judge_loop(got, *, arguments):
    if isinstance(got, Caught):
        said = " ".join(str(got).split())[:200]
        hint = f"\nhint: {FLOAT32}" if "float" in said or "double" in said else ""
        return f"it raised {got.type}: {said}{hint}"
    value, unchanged = got
    if value is None:
        return "got None (did you forget the `return` statement?)"
    if not unchanged:
        return "your function changed X or y; work on a copy: `.copy()`"
    problem = _loop_difference(value, fit_line(*arguments))
    if problem is not None:
        for mistake in LOOP_MISTAKES:
            if _loop_difference(value, mistake.answer(*arguments)) is None:
                return f"{problem}\nhint: {mistake.hint}"
    return problem


_loop_difference = functools.partial(difference, rtol=1e-4, atol=1e-5)
loop = Answers(
    judge=_judge_loop,
    mistakes=(
        *LOOP_MISTAKES,
        *patches(
            f"""
            a variable in float32: {FLOAT32}
            - tf.Variable(np.float64(0))
            + tf.Variable(0.0)
            """
        ),
    ),
)

# --- custom-training/traces -----------------------------------------------------------------------------------------

TRACES = {
    "A": (1, "tensors of one shape and type share a trace, whatever their values"),
    "B": (3, "each new Python number is a new trace"),
    "C": (2, "another type (dtype) is another trace"),
    "D": (2, "each new shape is a new trace, once; later epochs find both"),
    "E": (1, "`None` in the signature allows any length"),
}


def _judge_traces(got, *, letter):
    right, rule = TRACES[letter]
    if isinstance(got, (int, np.integer)) and not isinstance(got, bool):
        return None if got == right else f"not {got}\nhint: {rule}"
    return f"expected a whole number; got {shorten(got)}"


traces = Answers(
    judge=_judge_traces,
    mistakes=patches(
        """
        a trace for each value: tensors of one shape and type share a trace, whatever their values
        - "A": 1
        + "A": 3
        Python numbers are tensors: each new Python number is a new trace
        - "B": 3
        + "B": 1
        types do not matter: another type (dtype) is another trace
        - "C": 2
        + "C": 1
        a trace for each epoch: each new shape is a new trace, once; later epochs find both
        - "D": 2
        + "D": 6
        a trace for each shape: `None` in the signature allows any length
        - "E": 1
        + "E": 2
        """
    ),
)

# --- custom-training/repair-step ------------------------------------------------------------------------------------

UNPACK = "with weights, `data` has three parts: keras.utils.unpack_x_y_sample_weight(data) takes both forms"
TAPE = "call the model inside the block of the tape: what happens before it is not recorded"
TRAINING = "some layers behave differently in training: model(x, training=True)"
PENALTY = "layers may add penalties to the loss: model.compute_loss adds model.losses"
WEIGHTS = "the weights of the instances do not reach the loss: compute_loss(x, y, y_pred, sample_weight=weight)"


def _steps(X, y, kernel, weights, *, factor=2.0, penalty=0.1, rate=0.05, recorded=1.0):
    """Train the model of the case: its first layer doubles the inputs in training, its second has an L2 penalty."""
    inputs, losses = factor * X, []
    for _ in range(2):
        error = inputs @ kernel - y
        losses.append(np.mean(weights[:, None] * error**2) + penalty * np.sum(kernel**2))
        slope = recorded * 2 * inputs.T @ (weights[:, None] * error) / len(X)
        kernel = kernel - rate * (slope + 2 * penalty * kernel)
    return losses, kernel


def _judge_step(got, *, given, **facts):
    if isinstance(got, Caught):
        said = " ".join(str(got).split())
        causes = {"unpack": UNPACK, "No gradients": TAPE, "None": TAPE}
        hint = next((hint for word, hint in causes.items() if word in said), None)
        return f"it raised {got.type}: {said[-200:]}" + (f"\nhint: {hint}" if hint else "")
    losses, kernel = _steps(**facts)
    problem = difference(tuple(got), (np.array(losses), kernel), rtol=1e-4, atol=1e-5)
    if problem is None:
        return None
    no_weights = facts | {"weights": np.ones(len(facts["X"]))}
    for hint, wrong in (
        (TAPE, _steps(**facts, recorded=0.0)),
        (TRAINING, _steps(**facts, factor=1.0)),
        (PENALTY, _steps(**facts, penalty=0.0)),
        (WEIGHTS, _steps(**no_weights) if given else None),
        (PENALTY, _steps(**no_weights, penalty=0.0)),
        (TRAINING, _steps(**no_weights, factor=1.0)),
        (TRAINING, _steps(**no_weights, factor=1.0, penalty=0.0)),
    ):
        if wrong and difference(tuple(got), (np.array(wrong[0]), wrong[1]), rtol=1e-4, atol=1e-5) is None:
            return f"{problem}\nhint: {hint}"
    return problem


repair_step = Answers(
    judge=_judge_step,
    mistakes=patches(
        f"""
        two parts only: {UNPACK}
        - x, y, weight = keras.utils.unpack_x_y_sample_weight(data)
        + x, y = data
        - , sample_weight=weight
        +
        the model before the tape: {TAPE}
        -     with tf.GradientTape() as tape:
        -         y_pred = model(x, training=True)
        +     y_pred = model(x, training=True)
        +     with tf.GradientTape() as tape:
        not in training: {TRAINING}
        - training=True
        + training=False
        no penalty: {PENALTY}
        - model.compute_loss(x, y, y_pred, sample_weight=weight)
        + keras.losses.MeanSquaredError()(y, y_pred, sample_weight=weight)
        no weights: {WEIGHTS}
        - , sample_weight=weight
        +
        """
    ),
)
