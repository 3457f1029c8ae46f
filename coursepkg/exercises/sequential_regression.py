"""Exercises of the chapter on sequential regression."""

from __future__ import annotations

import numpy as np

from coursepkg._validation import shorten
from coursepkg.exercises.checking import Case, Exercise, Mistake, Source, function_case, prose

# --- sequential-regression/build ------------------------------------------------------------------------------------

BUILD = Source("""\
import keras


def build_model(X_train, hidden):
    scale = keras.layers.Normalization()
    model = keras.Sequential([keras.Input((X_train.shape[1],)), scale])
    scale.adapt(X_train)
    for units in hidden:
        model.add(keras.layers.Dense(units, activation="relu"))
    model.add(keras.layers.Dense(1))
    rmse = keras.metrics.RootMeanSquaredError(name="rmse")
    model.compile(loss="mse", optimizer="adam", metrics=[rmse])
    return model
""")


def _build_cases(rng):
    for n_features, hidden in ((5, [7, 6]), (3, [])):
        X_train, X = _table(rng, n_features), _table(rng, n_features)
        yield Case(
            f"build_model(X_train, {hidden}) for {n_features} columns: the predictions for other rows",
            run=lambda f, hidden=hidden, X_train=X_train, X=X: _outputs(f(X_train.copy(), hidden), X),
            judge=lambda got, hidden=hidden, X_train=X_train, X=X: _judge_outputs(got, X_train, X, hidden),
        )
    X_train, y = _table(rng, 4), rng.normal(10, 3, size=30)
    yield Case(
        "the loss and the metric rmse",
        run=lambda f: _scores(f(X_train.copy(), [5]), X_train, y),
        judge=lambda got: _judge_scores(got, y),
    )


def _table(rng, n_features):
    """Rows whose columns differ in place and size."""
    return rng.normal(size=(30, n_features)) * 10.0 ** np.arange(n_features) / 10 + 2.0 * np.arange(n_features)


def _outputs(model, X):
    return [np.asarray(weight.numpy(), dtype=float) for weight in model.trainable_weights], np.asarray(model(X))


def _forward(weights, Z, activation):
    for W, b in zip(weights[0:-2:2], weights[1:-2:2], strict=True):
        Z = activation(Z @ W + b)
    return Z @ weights[-2] + weights[-1]


def _judge_outputs(got, X_train, X, hidden):
    weights, predictions = got
    sizes = [X.shape[1], *hidden, 1]
    expected = [shape for n, m in zip(sizes[:-1], sizes[1:], strict=True) for shape in ((n, m), (m,))]
    shapes = [weight.shape for weight in weights]
    if shapes != expected:
        hint = "one Dense layer for each number in `hidden`, and one with a single unit"
        return f"expected trainable weights of the shapes {expected}; got {shapes}\nhint: {hint}"
    if predictions.shape != (len(X), 1):
        return f"expected predictions of shape {(len(X), 1)}; got {predictions.shape}"
    return _what_differs(predictions, weights, X_train, X)


def _relu(z):
    return np.maximum(z, 0)


def _what_differs(predictions, weights, X_train, X):
    """Return what the predictions are instead of those of the reference, or None if they are the same."""
    Z = (X - X_train.mean(axis=0)) / X_train.std(axis=0)
    own = (X - X.mean(axis=0)) / X.std(axis=0)
    whole = (X - X_train.mean()) / X_train.std()
    right = _forward(weights, Z, _relu)
    known = {
        "": right,
        "the columns are not scaled: was `adapt` called, and is the layer in the model?": _forward(weights, X, _relu),
        "the hidden layers have no activation": _forward(weights, Z, lambda z: z),
        "no prediction can be negative; leave the last layer without activation": _relu(right),
        "each column must have a mean of its own; leave `axis` as it is": _forward(weights, whole, _relu),
        "the rows to be predicted were scaled with their own mean": _forward(weights, own, _relu),
    }
    for hint, values in known.items():
        if np.allclose(predictions, values, rtol=1e-3, atol=1e-3):
            return hint and f"the predictions are not those of the reference\nhint: {hint}" or None
    return (
        "the predictions are not those of scaled columns, ReLU in the hidden layers and a last layer without activation"
    )


def _scores(model, X, y):
    predictions = np.asarray(model(X), dtype=float)
    try:
        return predictions, model.test_on_batch(X, y, return_dict=True)
    except (ValueError, TypeError) as error:
        return predictions, error


def _judge_scores(got, y):
    predictions, scores = got
    if isinstance(scores, Exception):
        hint = "call `compile` before you return the model"
        return f"evaluating raised {type(scores).__name__}: {shorten(str(scores))}\nhint: {hint}"
    mse = np.mean((predictions[:, 0] - y) ** 2)
    if not np.isclose(scores["loss"], mse, rtol=1e-3):
        return f"expected the loss {mse:.4f}, the mean of the squared errors; got {scores['loss']:.4f}"
    if "rmse" not in scores:
        return f"expected a metric called rmse; got {', '.join(scores)}\nhint: metrics take a `name`"
    if not np.isclose(scores["rmse"], np.sqrt(mse), rtol=1e-3):
        return f"expected the rmse {np.sqrt(mse):.4f}, the root of the loss; got {scores['rmse']:.4f}"
    return None


BUILD_MISTAKES = (
    Mistake("never adapted", BUILD.edited(("    scale.adapt(X_train)\n", "")), "was `adapt` called"),
    Mistake("ReLU at the end", BUILD.edited(("Dense(1)", 'Dense(1, activation="relu")')), "without activation"),
    Mistake("no ReLU", BUILD.edited((', activation="relu"', "")), "the hidden layers have no activation"),
    Mistake(
        "one mean for the table",
        BUILD.edited(("Normalization()", "Normalization(axis=None)")),
        "each column must have a mean of its own",
    ),
    Mistake("absolute errors", BUILD.edited(('loss="mse"', 'loss="mae"')), "the mean of the squared errors"),
    Mistake("a metric without its name", BUILD.edited(('name="rmse"', "")), "metrics take a `name`"),
    Mistake(
        "only one hidden layer",
        BUILD.edited(("for units in hidden:", "for units in hidden[:1]:")),
        "one Dense layer for each number in `hidden`",
    ),
    Mistake(
        "not compiled",
        BUILD.edited(('    model.compile(loss="mse", optimizer="adam", metrics=[rmse])\n', "")),
        "call `compile` before you return the model",
    ),
)

# --- sequential-regression/fold -------------------------------------------------------------------------------------


def fold(mean, variance, W, b):
    """The reference: weights and biases that do the scaling too."""
    W_new = W / np.sqrt(variance)[:, None]
    return W_new, b - mean @ W_new


FOLD_MISTAKES = (
    Mistake(
        "divided by the variance",
        lambda mean, variance, W, b: (W / variance[:, None], b - mean @ (W / variance[:, None])),
        "divide by the standard deviation, the square root of the variance",
    ),
    Mistake(
        "biases left as they are",
        lambda mean, variance, W, b: (W / np.sqrt(variance)[:, None], b.copy()),
        "the mean is lost: what does (X - mean) / std @ W add that does not depend on X?",
    ),
    Mistake(
        "mean times the old weights",
        lambda mean, variance, W, b: (W / np.sqrt(variance)[:, None], b - mean @ W),
        "the mean is divided by the standard deviation too: use the new weights for the biases",
    ),
    Mistake(
        "wrong sign",
        lambda mean, variance, W, b: (W / np.sqrt(variance)[:, None], b + mean @ (W / np.sqrt(variance)[:, None])),
        "the mean is subtracted from the columns, so its share of the biases is negative",
    ),
    Mistake(
        "multiplied",
        lambda mean, variance, W, b: (W * np.sqrt(variance)[:, None], b - mean @ (W * np.sqrt(variance)[:, None])),
        "a column with a large spread must get smaller weights: divide",
    ),
    Mistake(
        "only the biases",
        lambda mean, variance, W, b: (W.copy(), b - mean @ W),
        "the standard deviations are lost: each row of W belongs to one column of X",
    ),
)


def _fold_cases(rng):
    for shown, n, m in (("8 columns, 5 units", 8, 5), ("2 columns, 1 unit", 2, 1), ("4 columns, 4 units", 4, 4)):
        arguments = rng.normal(3, 2, n), rng.uniform(1.5, 30, n), rng.normal(size=(n, m)), rng.normal(size=m)
        yield function_case(f"fold(mean, variance, W, b): {shown}", arguments, reference=fold, mistakes=FOLD_MISTAKES)


EXERCISES = (
    Exercise(
        label="sequential-regression/build",
        title="A model that scales its inputs",
        points=6,
        difficulty=2,
        minutes=15,
        statement=prose("""
            Write a function `build_model(X_train, hidden)` that returns a compiled sequential model for tables with the
            columns of `X_train`, an array of shape $[n, d]$. `hidden` is a list with the number of units of each hidden
            layer, such as `[50, 50]`, and may be empty. The model takes rows as they are: its first layer subtracts
            from each column its mean in `X_train` and divides by its standard deviation there. ReLU layers follow, and
            one output unit that can give any number. The loss is the mean squared error; a metric with the name
            `"rmse"` is its square root. Choose any optimizer.
        """),
        answer_name="build_model",
        stub='''\
import keras


def build_model(X_train, hidden):
    """Return a compiled model that takes rows as they are."""
    ...
''',
        solution_source=str(BUILD),
        cases=_build_cases,
        mistakes=BUILD_MISTAKES,
        hints=(
            "Which layer learns means and standard deviations, and by which call?",
            "The number of columns is X_train.shape[1]. The last layer has one unit and no activation.",
            'A metric object takes a name: `keras.metrics.RootMeanSquaredError(name="rmse")`.',
        ),
        seconds=60.0,
    ),
    Exercise(
        label="sequential-regression/fold",
        title="Fold the scaling into the weights",
        points=4,
        difficulty=2,
        minutes=15,
        statement=prose("""
            A model scales its columns and then applies a dense layer: it computes
            $\\frac{X - \\text{mean}}{\\sqrt{\\text{variance}}}\\, W + \\mathbf{b}$, where `mean` and `variance` have
            shape $[d]$, `W` $[d, m]$, `b` $[m]$, and `X` $[n, d]$. Write a function `fold(mean, variance, W, b)` that
            returns new weights of shape $[d, m]$ and new biases of shape $[m]$ with which a dense layer alone gives the
            same outputs for every `X`, without any scaling before it. Use NumPy only.
        """),
        answer_name="fold",
        stub='''\
import numpy as np


def fold(mean, variance, W, b):
    """Return the weights and biases of a layer that needs no scaling."""
    ...
''',
        solution_source="""\
import numpy as np


def fold(mean, variance, W, b):
    W_new = W / np.sqrt(variance)[:, None]  # row j of W belongs to column j of X
    return W_new, b - mean @ W_new
""",
        cases=_fold_cases,
        mistakes=FOLD_MISTAKES,
        hints=(
            "Write the formula as X times something plus something that does not depend on X.",
            "Row j of `W` belongs to column j of `X`: `W / std[:, None]` divides row by row.",
        ),
    ),
)
