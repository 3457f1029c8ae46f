"""Exercises of the chapter on custom training. The student's code calls TensorFlow; the references need NumPy only."""

from __future__ import annotations

import numpy as np

from coursepkg._validation import shorten
from coursepkg.exercises.checking import Case, Exercise, Mistake, Source, difference, function_case, prose

# --- custom-training/derivatives ------------------------------------------------------------------------------------

DERIVATIVES = Source("""\
import numpy as np
import tensorflow as tf


def derivatives(f, x):
    x = tf.constant(x)
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            y = f(x)
        first = inner.gradient(y, x)
    second = outer.gradient(first, x, unconnected_gradients="zero")
    return first.numpy(), second.numpy()
""")
NONE_GRADIENT = "a gradient was None: watch x with both tapes, and see `unconnected_gradients` for a straight line"


def _functions(rng):
    """Yield what is shown, a function of x that tensors understand, and its derivatives at x."""
    a, b, c = rng.uniform(0.5, 2, size=3) * rng.choice([-1, 1], size=3)
    x = rng.uniform(0.5, 2, size=5)
    yield "a polynomial", lambda x: a * x**3 + b * x**2 + c * x, x, (3 * a * x**2 + 2 * b * x + c, 6 * a * x + 2 * b)
    yield "a quotient", lambda x: a / (x + 1), x, (-a / (x + 1) ** 2, 2 * a / (x + 1) ** 3)
    yield "a straight line", lambda x: a * x + b, x, (np.full(5, a), np.zeros(5))


def _derivatives_cases(rng):
    for shown, f, x, expected in _functions(rng):
        yield Case(
            f"derivatives(f, x): {shown}",
            run=lambda function, f=f, x=x: _differentiate(function, f, x.copy()),
            judge=lambda got, f=f, x=x, expected=expected: _judge_derivatives(got, f(x), expected),
        )


def _differentiate(function, f, x):
    try:
        return function(f, x)
    except (AttributeError, ValueError, TypeError) as error:
        return error


def _judge_derivatives(got, values, expected):
    if isinstance(got, Exception):
        said = " ".join(str(got).split())[:200]
        hint = f"\nhint: {NONE_GRADIENT}" if "None" in said else ""
        return f"it raised {type(got).__name__}: {said}{hint}"
    if got is None:
        return "got None (did you forget the `return` statement?)"
    if isinstance(got, (tuple, list)) and any(part is None for part in got):
        return f"expected two arrays; got {shorten(got)}\nhint: {NONE_GRADIENT}"
    problem = difference(got, expected, rtol=1e-5, atol=1e-6)
    if problem is None:
        return None
    first, second = expected
    for wrong, hint in (
        ((second, first), "the first derivative comes first"),
        ((values, first), "return f' and f'', not f and f'"),
        ((first, np.zeros_like(second)), "f'' is 0 everywhere: call inner.gradient inside the outer tape's block"),
        ((first, first), "both are f': differentiate the result of the inner tape once more"),
        ((first.sum(), second.sum()), "these are sums; return one number for each element of x"),
    ):
        if difference(got, wrong, rtol=1e-5, atol=1e-6) is None and difference(wrong, expected) is not None:
            return f"{problem}\nhint: {hint}"
    return problem


DERIVATIVES_MISTAKES = (
    Mistake(
        "the inner gradient is taken outside of the outer tape",
        DERIVATIVES.edited(("        first = inner", "    first = inner")),
        "f'' is 0 everywhere: call inner.gradient inside the outer tape's block",
    ),
    Mistake("not watched", DERIVATIVES.edited(("            inner.watch(x)\n", "")), NONE_GRADIENT),
    Mistake("a straight line", DERIVATIVES.edited((', unconnected_gradients="zero"', "")), NONE_GRADIENT),
    Mistake(
        "exchanged",
        DERIVATIVES.edited(("first.numpy(), second.numpy()", "second.numpy(), first.numpy()")),
        "the first derivative comes first",
    ),
    Mistake(
        "one derivative short",
        DERIVATIVES.edited(("first.numpy(), second.numpy()", "y.numpy(), first.numpy()")),
        "return f' and f'', not f and f'",
    ),
    Mistake(
        "the first one twice",
        DERIVATIVES.edited(("first.numpy(), second.numpy()", "first.numpy(), first.numpy()")),
        "both are f': differentiate the result of the inner tape once more",
    ),
    Mistake(
        "summed",
        DERIVATIVES.edited(("first.numpy(), second.numpy()", "first.numpy().sum(), second.numpy().sum()")),
        "these are sums; return one number for each element of x",
    ),
)


# --- custom-training/loop -------------------------------------------------------------------------------------------

LOOP = Source("""\
import numpy as np
import tensorflow as tf


def fit_line(X, y, epochs, batch_size, learning_rate):
    w, b = tf.Variable(np.zeros(X.shape[1])), tf.Variable(np.float64(0))
    batches = tf.data.Dataset.from_tensor_slices((X, y)).batch(batch_size)
    history = []
    for _ in range(epochs):
        total = 0.0
        for x_batch, y_batch in batches:
            with tf.GradientTape() as tape:
                error = tf.linalg.matvec(x_batch, w) + b - y_batch
                loss = tf.reduce_mean(error**2)
            for variable, gradient in zip((w, b), tape.gradient(loss, (w, b))):
                variable.assign_sub(learning_rate * gradient)
            total += float(loss) * len(x_batch)
        history.append(total / len(X))
    return w.numpy(), b.numpy(), np.array(history)
""")


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


LOOP_MISTAKES = (
    Mistake(
        "batches count alike",
        lambda *a: fit_line(*a, weighted=False),
        "the last batch is smaller: weight the loss of each batch with its number of rows",
    ),
    Mistake(
        "measured after the step",
        lambda *a: fit_line(*a, after=True),
        "the loss of a batch is the one inside the tape, before the variables change",
    ),
    Mistake(
        "the rest is dropped",
        lambda *a: fit_line(*a, drop=True),
        "the last batch was left out: it is smaller, but it counts",
    ),
    Mistake(
        "uphill",
        lambda *a: fit_line(*a, factor=-1.0),
        "the loss goes up: subtract the gradient",
    ),
    Mistake(
        "half the gradient",
        lambda *a: fit_line(*a, factor=0.5),
        "the steps are half as long: the loss is the mean of e², without a factor 1/2",
    ),
    Mistake(
        "all rows at once",
        lambda X, y, epochs, batch_size, learning_rate: fit_line(X, y, epochs, len(X), learning_rate),
        "one step an epoch: cut the rows into batches",
    ),
)


def _loop_cases(rng):
    for shown, n, d, batch_size in (("the last batch is smaller", 25, 3, 10), ("one feature", 14, 1, 4)):
        X = rng.normal(size=(n, d))
        y = X @ rng.uniform(1, 3, size=d) + rng.uniform(1, 2) + rng.normal(scale=0.3, size=n)
        yield function_case(
            f"fit_line(X, y, epochs=3, batch_size={batch_size}, …): {shown}",
            (X, y, 3, batch_size, 0.05),
            reference=fit_line,
            mistakes=LOOP_MISTAKES,
            compare=lambda got, expected: difference(got, expected, rtol=1e-4, atol=1e-5),
        )


# --- custom-training/traces -----------------------------------------------------------------------------------------

TRACES = {
    "A": (1, "tensors of one shape and type share a trace, whatever their values"),
    "B": (3, "each new Python number is a new trace"),
    "C": (2, "another type (dtype) is another trace"),
    "D": (2, "each new shape is a new trace, once; later epochs find both"),
    "E": (1, "`None` in the signature allows any length"),
}


def _traces_cases(rng):
    for letter in TRACES:
        yield Case(
            f"program {letter}",
            run=lambda answer, letter=letter: answer[letter],
            judge=lambda got, letter=letter: _judge_traces(letter, got),
        )


def _judge_traces(letter, got):
    right, rule = TRACES[letter]
    if isinstance(got, (int, np.integer)) and not isinstance(got, bool):
        return None if got == right else f"not {got}\nhint: {rule}"
    return f"expected a whole number; got {shorten(got)}"


def _traces(**changed):
    return {letter: right for letter, (right, _) in TRACES.items()} | changed


TRACES_MISTAKES = (
    Mistake("a trace for each value", _traces(A=3), TRACES["A"][1]),
    Mistake("Python numbers are tensors", _traces(B=1), TRACES["B"][1]),
    Mistake("types do not matter", _traces(C=1), TRACES["C"][1]),
    Mistake("a trace for each epoch", _traces(D=6), TRACES["D"][1]),
    Mistake("a trace for each shape", _traces(E=2), TRACES["E"][1]),
)


EXERCISES = (
    Exercise(
        label="custom-training/derivatives",
        title="First and second derivative with two tapes",
        points=3,
        difficulty=2,
        minutes=10,
        statement=prose(r"""
            Write a function `derivatives(f, x)` that returns two NumPy arrays: $f'(x)$ and $f''(x)$ at each element of
            the array `x` of shape $[n]$, both of shape $[n]$. The function `f` takes a tensor and works element by
            element; it is made of $+$, $-$, $\cdot$, $/$ and powers. Use `tf.GradientTape`. If $f$ is a straight line,
            the second derivative is 0, not `None`.
        """),
        answer_name="derivatives",
        stub='''\
import numpy as np
import tensorflow as tf


def derivatives(f, x):
    """Return f'(x) and f''(x), element by element."""
    ...
''',
        solution_source=str(DERIVATIVES),
        cases=_derivatives_cases,
        mistakes=DERIVATIVES_MISTAKES,
        hints=(
            "tf.constant(x) makes a tensor of x. A tape watches variables by itself, but a constant must be watched.",
            "What the outer tape differentiates is the result of inner.gradient, so it must record that call.",
            'gradient(…, unconnected_gradients="zero") returns zeros in the place of None.',
        ),
        seconds=60.0,
    ),
    Exercise(
        label="custom-training/loop",
        title="Train a linear model with your own loop",
        points=4,
        difficulty=2,
        minutes=20,
        statement=prose(r"""
            Write a function `fit_line(X, y, epochs, batch_size, learning_rate)` that trains the linear model
            $\hat{y} = \mathbf{x} \cdot \mathbf{w} + b$ on rows `X` of shape $[n, d]$ and targets `y` of shape $[n]$,
            both float64. Start with $\mathbf{w} = \mathbf{0}$, $b = 0$. Take the rows in their order, `batch_size` at a
            time; the last batch may be smaller. The loss of a batch is the mean squared error of its rows; change
            $\mathbf{w}$ and $b$ by gradient descent after each batch. Return three values: $\mathbf{w}$ (shape $[d]$),
            $b$ (a number), and the losses of the epochs, shape `[epochs]`. The loss of an epoch is the mean over all
            $n$ rows, each with the weights that were in force when its batch was processed.
        """),
        answer_name="fit_line",
        stub='''\
import numpy as np
import tensorflow as tf


def fit_line(X, y, epochs, batch_size, learning_rate):
    """Return the weights, the bias and the loss of each epoch."""
    ...
''',
        solution_source=str(LOOP),
        cases=_loop_cases,
        mistakes=LOOP_MISTAKES,
        hints=(
            "Two tf.Variable hold the parameters; tf.data.Dataset.from_tensor_slices((X, y)).batch(…) makes batches.",
            "Compute the loss inside `with tf.GradientTape() as tape`, then tape.gradient(loss, [w, b]).",
            "Add loss · rows of the batch over the epoch, and divide by n at its end.",
        ),
        seconds=60.0,
    ),
    Exercise(
        label="custom-training/traces",
        title="How often is it traced?",
        points=5,
        difficulty=1,
        minutes=10,
        statement=prose("""
            Each program begins with a fresh function, `square = tf.function(lambda x: x * x)`. How many traces does
            TensorFlow make?

            - **A** calls `square` with `tf.constant(1.0)`, `tf.constant(2.0)` and `tf.constant(3.0)`.
            - **B** calls it with the Python numbers `1.0`, `2.0` and `3.0`.
            - **C** calls it with `tf.constant(1)` and `tf.constant(1.0)`.
            - **D** calls it in three epochs with the batches of 100 rows of 5 features, 32 rows a batch; the last batch
              is smaller.
            - **E** is D, but the function was made with
              `input_signature=[tf.TensorSpec([None, 5], tf.float32)]`.

            Fill in the numbers, then try.
        """),
        answer_name="n_traces",
        stub='n_traces = {"A": ..., "B": ..., "C": ..., "D": ..., "E": ...}\n',
        solution_source=f"n_traces = {_traces()}\n".replace("'", '"'),
        cases=_traces_cases,
        mistakes=TRACES_MISTAKES,
        hints=(
            "A trace belongs to a signature: the shapes and types of the tensors, and the values of everything else.",
            "100 rows make three batches of 32 and one of 4.",
        ),
    ),
)
