"""What is wrong with this training run? Simple tests of its curves, its weights and its data, each with a threshold.

Each test is one function: it takes a `Run` and returns its evidence, one sentence with the numbers, or None. The line
above it says what the fault is called, what to try, which chapter to read, and which other findings it would explain.
The thresholds stand in the tests. They were chosen on other runs than those on which benchmarks/diagnosis.py judges.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import keras
import numpy as np
import pandas as pd
import tensorflow as tf

from coursepkg._validation import as_int, shorten
from coursepkg.deep.layers import check_model, leaves
from coursepkg.deep.lr_finder import restored
from coursepkg.deep.signals import dead_units

ROWS = 1000  # so many rows of a data set are looked at, at equal distances
CURVES = ("loss flat", "oscillating", "exploding", "NaN", "overfitting", "underfitting", "slow")


@dataclass(frozen=True)
class Finding:
    """One likely cause of trouble.

    Attributes
    ----------
    fault : str
        Its name, a key of `FAULTS`.
    evidence : str
        What was seen, a sentence with the numbers.
    advice : str
        What to try.
    chapter : str
        Which chapter to read: its part and name, such as "4-training/optimizers".
    explains : tuple of str
        Other findings that were seen as well and would go with this one; they are not listed by themselves.

    Examples
    --------
    >>> print(Finding("slow", "the loss fell by 1 %.", "a larger learning rate.", "4-training/optimizers"))
    slow: the loss fell by 1 %.
      Try: a larger learning rate.
      Read: 4-training/optimizers
    """

    fault: str
    evidence: str
    advice: str
    chapter: str
    explains: tuple = ()

    def __str__(self):
        also = f" (would explain: {', '.join(self.explains)})" if self.explains else ""
        return f"{self.fault}: {self.evidence}{also}\n  Try: {self.advice}\n  Read: {self.chapter}"


@dataclass(frozen=True)
class Fault:
    """A row of the table of symptoms: what `diagnose` looks for.

    Attributes
    ----------
    name, advice, chapter : str
        As in `Finding`.
    needs : str
        What must be given beside the history: "" (nothing), "model", "data" or "model and data".
    explains : tuple of str
        Names of faults that are often only consequences of this one.
    test : callable
        From a `Run` to the evidence, or None.

    Examples
    --------
    >>> FAULTS["forgotten scaling"].needs
    'data'
    """

    name: str
    needs: str
    advice: str
    chapter: str
    explains: tuple
    test: Callable


FAULTS: dict[str, Fault] = {}  # in the order of `diagnose`: what is certain first, what only the curves say last


def diagnose(history, *, model=None, data=None):
    """Name the likely causes of a training run that went wrong, the most likely first.

    Parameters
    ----------
    history : keras.callbacks.History, dict of str to sequence, or pandas.DataFrame
        What ``fit`` recorded, one value an epoch: "loss", and "val_loss" and "accuracy" if there are.
    model : keras.Model, keyword-only, optional
        After training, compiled. Adds tests of its layers, its loss, its weights and, with data, its gradients. Nothing
        of it is changed.
    data : tuple (X, y), or ((X, y), (X_valid, y_valid)), keyword-only, optional
        As they were given to ``fit``, one array each; y has the shape [n], [n, 1] or [n, K], or [n, steps] for
        sequences. Adds tests of inputs and labels. Of each set some thousand rows are used.

    Returns
    -------
    list of Finding
        Empty if nothing was found. A finding is a guess with its evidence: only an experiment proves it.

    Raises
    ------
    TypeError, ValueError
        If there is no loss in the history, the model is not built or not compiled, or the data are not pairs of arrays
        of equal length.

    Examples
    --------
    >>> losses = {"loss": [0.7, 0.4, 0.2, 0.1, 0.05], "val_loss": [0.7, 0.5, 0.5, 0.7, 0.9]}
    >>> [finding.fault for finding in diagnose(losses)]
    ['overfitting']
    >>> diagnose({"loss": [0.7, 0.4, 0.2, 0.15, 0.14]})
    []
    """
    run = Run(history, model, data)
    given = {"model": model is not None, "data": data is not None}
    seen = {}
    for name, fault in FAULTS.items():
        if all(given[part] for part in fault.needs.split(" and ") if part):
            evidence = fault.test(run)
            if evidence:
                seen[name] = evidence
    explained = {other for name in seen for other in FAULTS[name].explains}
    return [
        Finding(
            fault=name,
            evidence=evidence,
            advice=FAULTS[name].advice,
            chapter=FAULTS[name].chapter,
            explains=tuple(other for other in seen if other in FAULTS[name].explains),
        )
        for name, evidence in seen.items()
        if name not in explained
    ]


def update_ratios(model, X, y, *, batch_size=32):
    """Measure how far one step of the optimizer moves each kernel, relative to the kernel's size.

    Parameters
    ----------
    model : keras.Model
        Built and compiled. The step is taken with the optimizer's own state, and taken back.
    X, y : array_like
        Inputs and targets; the first ``batch_size`` rows are the batch.
    batch_size : int >= 1, keyword-only

    Returns
    -------
    pandas.Series
        ‖ΔW‖ / ‖W‖ of each trainable weight with at least two axes, by its path ("hidden/kernel"). Around 1e-3 is a
        usual size.

    Raises
    ------
    TypeError, ValueError
        If ``model`` is no Keras model, not built or not compiled.

    Notes
    -----
    The rule of thumb is that of the notes of Stanford's course CS231n, "Neural Networks Part 3", section "Ratio of
    weights:updates".

    Examples
    --------
    >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False, name="only")])
    >>> model.layers[0].set_weights([np.array([[2.0]])])
    >>> model.compile(loss="mse", optimizer=keras.optimizers.SGD(learning_rate=0.01))
    >>> update_ratios(model, np.ones((4, 1)), np.ones((4, 1))).round(4).to_dict()  # 0.01 · 2 · (2 − 1) / 2
    {'only/kernel': 0.01}
    """
    check_model(model, compiled=True)
    batch_size = as_int(batch_size, "batch_size", low=1)
    X, y = np.asarray(X)[:batch_size], np.asarray(y)[:batch_size]
    if not model.trainable_variables:
        return pd.Series(dtype=float)
    if not model.optimizer.built:
        model.optimizer.build(model.trainable_variables)
    with restored(model):
        before = [variable.numpy() for variable in model.trainable_variables]
        found = _gradients(model, X, y, training=True)
        pairs = [(g, v) for g, v in zip(found, model.trainable_variables, strict=True) if g is not None]
        if pairs:
            model.optimizer.apply_gradients(pairs)
        after = [variable.numpy() for variable in model.trainable_variables]
    ratios = {
        _path(model, variable): np.linalg.norm(new - old) / max(np.linalg.norm(old), 1e-12)
        for variable, old, new in zip(model.trainable_variables, before, after, strict=True)
        if variable.ndim >= 2
    }
    return pd.Series(ratios, dtype=float)


class Run:
    """All that the tests look at, computed once and only if a test asks for it.

    Attributes
    ----------
    loss, val_loss : numpy.ndarray [epochs]
        val_loss is empty if it was not recorded. Only the epochs before the first loss that is not finite.
    lost : int or None
        The first epoch, from 1, whose loss is not finite.
    model : keras.Model or None
    X, y, X_valid, y_valid : numpy.ndarray or None
        At most `ROWS` rows of each.
    """

    def __init__(self, history, model=None, data=None):
        records = getattr(history, "history", history)
        if isinstance(records, pd.DataFrame):
            records = {name: records[name].to_numpy() for name in records}
        if not isinstance(records, dict):
            raise TypeError(f"history must be a History, its dict or a DataFrame; got {shorten(history)}")
        if len(records.get("loss", ())) == 0:
            raise ValueError(f'history must hold "loss", one number an epoch; got the columns {sorted(records)}')
        loss = np.asarray(records["loss"], dtype=float)
        val_loss = np.asarray(records.get("val_loss", ()), dtype=float)
        self.last = loss[-1]
        finite = np.isfinite(loss)
        self.lost = None if finite.all() else int(np.argmin(finite)) + 1
        self.loss = loss[: self.lost - 1] if self.lost else loss
        self.val_loss = val_loss[: len(self.loss)] if np.isfinite(val_loss[: len(self.loss)]).all() else np.array([])
        accuracy = [name for name in records if name.endswith("accuracy") and not name.startswith("val_")]
        self.accuracy = np.asarray(records[accuracy[0]], dtype=float)[: len(self.loss)] if accuracy else np.array([])
        if model is not None:
            check_model(model, compiled=True)
        self.model = model
        (self.all_X, self.all_y), (self.all_X_valid, self.all_y_valid) = _pairs(data)
        self.X, self.y = _some_rows(self.all_X), _some_rows(self.all_y)
        self.X_valid, self.y_valid = _some_rows(self.all_X_valid), _some_rows(self.all_y_valid)

    # ---- the model ----

    @cached_property
    def layers(self):
        return [layer for _, layer in leaves(self.model) if not isinstance(layer, keras.layers.InputLayer)]

    @cached_property
    def activation(self):
        """Name of the last activation: "linear", "softmax"…"""
        for layer in reversed(self.layers):
            if isinstance(layer, keras.layers.Softmax):
                return "softmax"
            if getattr(layer, "activation", None) is not None:
                return layer.activation.__name__
            if layer.weights:
                return "linear"
        return "linear"

    @cached_property
    def loss_name(self):
        """The loss of ``compile`` in one spelling, such as "meansquarederror"; "" for several losses."""
        loss = self.model.loss
        if isinstance(loss, (list, tuple, dict)):
            return ""
        loss = keras.losses.get(loss)
        return getattr(loss, "__name__", type(loss).__name__).replace("_", "").lower()

    @cached_property
    def from_logits(self):
        loss = self.model.loss
        return bool(getattr(loss, "_fn_kwargs", {}).get("from_logits") or getattr(loss, "from_logits", False))

    @cached_property
    def works(self):
        """Whether weights are finite and labels have an output each: else nothing that the model computes is tested."""
        return self.labels_fit and all(np.isfinite(weight.numpy()).all() for weight in self.model.weights)

    @cached_property
    def labels_fit(self):
        if self.model is None or self.y is None or self.classes is None or not self.loss_name.startswith("sparse"):
            return True
        return self.classes.max() < self.model.output_shape[-1]

    @cached_property
    def gradients(self):
        """Root mean square of the gradient by each trainable kernel, by its path; 0 where none comes back."""
        X, y = self.X[:200], self.y[:200]
        pairs = zip(self.model.trainable_variables, _gradients(self.model, X, y), strict=True)
        return {_path(self.model, v): 0.0 if g is None else _rms(g) for v, g in pairs if v.ndim >= 2}

    @cached_property
    def ratio(self):
        """Median update-to-weight ratio of the kernels, or None."""
        if self.model is None or self.X is None or not self.works:
            return None
        ratios = update_ratios(self.model, self.X, self.y)
        return float(ratios.median()) if len(ratios) and np.isfinite(ratios).all() else None

    # ---- the task ----

    @cached_property
    def sequence(self):
        """Whether every step of a sequence has a target of its own."""
        return self.y is not None and self.y.ndim >= 2 and self.X.ndim >= 2 and self.y.shape[1:2] == self.X.shape[1:2]

    @cached_property
    def tokens(self):
        """Whether the inputs are numbers of words: nothing to be scaled, and no distances between rows."""
        return self.X.dtype.kind in "iu" and self.X.ndim == 2 and self.embeds

    @cached_property
    def embeds(self):
        return self.model is not None and any(isinstance(layer, keras.layers.Embedding) for layer in self.layers)

    @cached_property
    def classes(self):
        """Labels as whole numbers [n], or None if the targets are quantities."""
        return None if self.sequence else _classes(self.y)

    @cached_property
    def score(self):
        """How well the model does on training rows: accuracy, or R²."""
        return _score(self, self.X, self.y)

    @cached_property
    def valid_score(self):
        return None if self.X_valid is None else _score(self, self.X_valid, self.y_valid)

    @cached_property
    def guess(self):
        """The score of the best constant guess: share of the commonest class, or 0 for R²."""
        return 0.0 if self.classes is None else float(np.bincount(self.classes).max() / len(self.classes))

    @cached_property
    def probe(self):
        """The score of five nearest neighbors on rows that they have not seen (five folds); None for sequences."""
        from sklearn.model_selection import cross_val_score

        if self.tokens or self.sequence or not np.isfinite(self.X).all():
            return None
        target = self.y.reshape(len(self.y), -1) if self.classes is None else self.classes
        if not np.isfinite(target).all():
            return None
        if self.classes is not None and np.bincount(self.classes)[np.unique(self.classes)].min() < 5:
            return None
        order = np.random.default_rng(0).permutation(len(self.X))
        return float(cross_val_score(_neighbors(self), _rows(self.X)[order], target[order], cv=5).mean())

    @cached_property
    def gain(self):
        """Share of the way from the constant guess (0) to no error (1) that the model went; None if unknown."""
        if self.model is None or self.X is None or not self.works or self.sequence:
            return None
        return (self.score - self.guess) / max(1 - self.guess, 1e-9)

    @property
    def fitted(self):
        """Whether training reached something: a loss far below its start, or far from the constant guess."""
        if self.gain is not None:
            return self.gain > 0.5
        if len(self.accuracy):
            return self.accuracy[-1] > 0.8
        return self.loss[-1] < 0.5 * self.loss[0]


def fault(name, *, needs="", advice, chapter, explains=()):
    """Register a test under the name of the fault that it finds."""

    def register(test):
        FAULTS[name] = Fault(name, needs, advice, chapter, tuple(explains), test)
        return test

    return register


# ---- data -----------------------------------------------------------------------------------------------------------


@fault(
    "NaN",
    advice="look for missing values in the data first; then for log 0, √0 and 0/0 in the loss; then lower the rate",
    chapter="4-training/gradient-clipping",
    explains=[*(name for name in CURVES if name != "NaN"), "wrong or shuffled labels", "dead units"],
)
def _nan(run):
    for name, array in (("X", run.all_X), ("y", run.all_y), ("X_valid", run.all_X_valid), ("y_valid", run.all_y_valid)):
        if array is not None and array.dtype.kind == "f" and not np.isfinite(array).all():
            return f"{name} holds {(~np.isfinite(array)).sum()} values that are not finite."
    if run.lost and not _grew(run):
        return f"The loss is {run.last:g}; the first epoch without a finite loss is number {run.lost}."
    return None


@fault(
    "leaking validation data",
    needs="data",
    advice="split before anything else, by origin (customer, patient, day); drop columns that know the answer",
    chapter="3-tuning/workflow",
)
def _leak(run):
    if run.all_X_valid is not None and not run.embeds:
        known = {row.tobytes() for row in _rounded(run.all_X)}
        share = np.mean([row.tobytes() in known for row in _rounded(run.all_X_valid)])
        if share > 0.05:  # single equal rows occur in honest data
            return f"{share:.0%} of the validation rows stand in the training data too."
    if run.tokens or run.sequence or run.y.reshape(len(run.y), -1).shape[1] > 1:
        return None
    columns, target = _rows(run.X), run.y.reshape(len(run.y)).astype(float)
    with np.errstate(invalid="ignore", divide="ignore"):
        r = np.nan_to_num((_standard(columns).T @ _standard(target[:, None]))[:, 0] / len(target))
    best = int(np.abs(r).argmax())
    if abs(r[best]) > 0.999:
        return f"Column {best} of X is the target in disguise: their correlation is {r[best]:.4f}."
    return None


@fault(
    "wrong or shuffled labels",
    needs="data",
    advice="look at ten rows with their labels; shuffle X and y with one permutation; use one table of class numbers",
    chapter="3-tuning/workflow",
    explains=[
        "loss flat",
        "oscillating",
        "overfitting",
        "underfitting",
        "slow",
        "zero gradients",
        "frozen layers",
        "dead units",
    ],
)
def _labels(run):
    if not run.labels_fit:
        return f"Labels run up to {run.classes.max()}, but the model has {run.model.output_shape[-1]} outputs."
    if run.probe is None or len(run.y) < 100:  # few rows: that neighbors fail says little
        return None
    gain = (run.probe - run.guess) / max(1 - run.guess, 1e-9)
    if gain < 0.1 and (run.gain is None or run.valid_score is None or _valid_gain(run) < 0.3):
        return (
            f"Inputs say nothing about the labels: five nearest neighbors score {run.probe:.2f}, "
            f"a constant guess {run.guess:.2f}."
        )
    if run.X_valid is None or not np.isfinite(run.X_valid).all():
        return None
    neighbors = _neighbors(run)
    if run.classes is None:
        neighbors.fit(_rows(run.X), run.y.reshape(len(run.y), -1))
        there = neighbors.score(_rows(run.X_valid), run.y_valid.reshape(len(run.y_valid), -1))
    else:
        there = neighbors.fit(_rows(run.X), run.classes).score(_rows(run.X_valid), _classes(run.y_valid, like=run.y))
    if run.probe - there > 0.5 * (run.probe - run.guess) and not _moved(run):
        return (
            f"Labels of training and validation do not agree: five nearest neighbors score {run.probe:.2f} "
            f"within the training data, {there:.2f} on the validation data."
        )
    return None


@fault(
    "train/inference mismatch",
    needs="data",
    advice="prepare every set with one function; look at layers that act differently in use",
    chapter="4-training/batch-normalization",
    explains=["overfitting", "oscillating", "underfitting"],
)
def _mismatch(run):
    if moved := _moved(run):
        return moved
    if run.model is None or not run.works:
        return None
    X, y = run.X[:500], run.y[:500]
    use, again = (float(run.model.compute_loss(y=y, y_pred=run.model(X, training=False))) for _ in range(2))
    if abs(use - again) > 1e-6 * abs(use):
        return (
            f"Two calls of the model on the same rows give the losses {use:.4g} and {again:.4g}: something is random."
        )
    with restored(run.model):
        learning = float(run.model.compute_loss(y=y, y_pred=run.model(X, training=True)))
    if use > 1.5 * learning and use - learning > 0.1 * abs(run.loss[0] if len(run.loss) else learning):
        return f"On the same training rows the loss is {learning:.3g} as in training, but {use:.3g} as in use."
    return None


@fault(
    "forgotten scaling",
    needs="data",
    advice="standardize columns with numbers from the training set, divide pixels by 255",
    chapter="1-neurons/mlp-regression",
    explains=[*CURVES[:4], "underfitting", "slow", "dead units", "zero gradients"],
)
def _scaling(run):
    scaled = keras.layers.Normalization, keras.layers.Rescaling, keras.layers.BatchNormalization
    first = () if run.model is None else run.layers[:2]
    if not run.tokens and not any(isinstance(layer, scaled) for layer in first):
        sizes = np.sqrt(np.mean(_rows(run.X).astype(float) ** 2, axis=0))
        if sizes.max() > 10 or sizes.max() < 0.01:
            return f"The columns of X have sizes (root mean squares) up to {sizes.max():.3g}; around 1 is wanted."
    if run.classes is None and not run.sequence and run.y.ndim <= 2:
        size = _rms(run.y)
        if size > 100:
            return f"The targets have the size (root mean square) {size:.3g}; around 1 is wanted."
    return None


# ---- the model and its loss ------------------------------------------------------------------------------------------

CROSS_ENTROPIES = ("sparsecategoricalcrossentropy", "categoricalcrossentropy", "binarycrossentropy")
DISTANCES = ("meansquarederror", "meanabsoluteerror", "huber", "logcosh", "meansquaredlogarithmicerror")
REACH = {"sigmoid": (0, 1), "softmax": (0, 1), "tanh": (-1, 1), "relu": (0, np.inf)}
LOSS_EXPLAINS = [*CURVES, "dead units", "zero gradients", "frozen layers"]


@fault(
    "double softmax",
    needs="model",
    advice="keep one: logits with from_logits=True, or softmax with the plain loss",
    chapter="2-keras/sequential-classifier",
    explains=[*CURVES, "zero gradients", "wrong loss"],
)
def _double_softmax(run):
    ends = [layer for layer in run.layers if _is_softmax(layer)][-2:]
    if len(ends) == 2 and not any(layer.weights for layer in _after(run.layers, ends[0])):
        return f"{ends[0].name} ends in a softmax, and {ends[1].name} puts another one on it."
    if run.activation == "softmax" and run.from_logits and run.loss_name in CROSS_ENTROPIES:
        return "The last layer is a softmax, and the loss has from_logits=True: it expects none."
    return None


@fault(
    "wrong loss",
    needs="model and data",
    advice="linear + squared error for quantities; softmax + (sparse) categorical, sigmoid + binary cross-entropy",
    chapter="1-neurons/mlp-classification",
    explains=LOSS_EXPLAINS,
)
def _wrong_loss(run):
    name, last, outputs = run.loss_name, run.activation, run.model.output_shape[-1]
    if name in DISTANCES and outputs > 1 and run.y.size == len(run.y) and not run.sequence:
        return f"Labels of shape {run.y.shape} are compared with outputs of shape (n, {outputs}) by {name}."
    if name in DISTANCES and last == "softmax":
        return f"The last layer is a softmax, but the loss is {name}."
    if name in CROSS_ENTROPIES and not run.from_logits and last not in ("softmax", "sigmoid", "hard_sigmoid"):
        return f"The last activation is {last}, but {name} without from_logits=True expects probabilities."
    if name.endswith("categoricalcrossentropy") and outputs == 1:
        return f"{name} needs an output for each class; with one output the softmax is always 1."
    if name == "binarycrossentropy" and not run.sequence and (run.y.min() < 0 or run.y.max() > 1):
        return f"Binary cross-entropy needs targets from 0 to 1; these run from {run.y.min():g} to {run.y.max():g}."
    low, high = REACH.get(last, (-np.inf, np.inf))
    outside = np.mean((run.y < low) | (run.y > high))
    if name in DISTANCES and outside > 0.05:
        return f"{outside:.0%} of the targets lie where the last activation, {last}, cannot go."
    return None


@fault(
    "a bug in the mask",
    needs="model and data",
    advice="padding='causal', or a causal mask in attention, so that no step sees a later one",
    chapter="5-blocks/convolution",
    explains=["leaking validation data"],
)
def _mask(run):
    if not run.sequence or not run.works or run.X.shape[1] < 3:
        return None
    X, steps = run.X[:50], run.X.shape[1]
    targets_are_next = run.y.shape == run.X.shape and np.mean(run.y[:, :-1] == run.X[:, 1:]) > 0.95
    if not targets_are_next:
        return None
    half, other = steps // 2, X.copy()
    other[:, half:] = np.roll(other[:, half:], 1, axis=0)  # the later steps of another row
    before, after = (run.model(keras.ops.convert_to_tensor(rows), training=False).numpy() for rows in (X, other))
    changed = np.abs(before - after)[:, :half].max()
    if changed > 1e-6:
        return f"Targets are the next step, and the model sees it: steps from {half} on move earlier outputs."
    return None


@fault(
    "frozen layers",
    needs="model",
    advice="set trainable = True, compile again; freeze only what was trained before",
    chapter="4-training/transfer-learning",
    explains=["loss flat", "underfitting", "slow", "oscillating", "dead units", "zero gradients"],
)
def _frozen(run):
    dense = [layer for layer in run.layers if any(weight.ndim >= 2 for weight in layer.weights)]
    frozen = [layer for layer in dense if not layer.trainable_weights]
    if not frozen:
        return None
    biases = [weight.numpy() for layer in frozen for weight in layer.weights if weight.ndim == 1]
    untouched = bool(biases) and not any(bias.any() for bias in biases)
    if len(frozen) == len(dense) or untouched or _behind(run):  # else frozen on purpose, and it works
        return f"{len(frozen)} of {len(dense)} layers are frozen{', their biases still all 0' * untouched}."
    return None


@fault(
    "dead units",
    needs="model and data",
    advice="a lower rate, biases that start at 0, He initialization; leaky ReLU or ELU",
    chapter="1-neurons/activations",
    explains=["loss flat", "underfitting", "slow", "zero gradients", "oscillating"],
)
def _dead(run):
    if not run.works or run.tokens or not run.X.ndim or not np.isfinite(run.X).all():
        return None
    try:
        table = dead_units(run.model, run.X)
    except ValueError:  # no layer has an activation
        return None
    share = table["dead"] / table["units"]
    worst = share.idxmax()
    if share[worst] < 0.5 or (share[worst] < 0.9 and not _behind(run)):  # a wide layer can spare some
        return None
    return f"In {worst}, {table.loc[worst, 'dead']} of {table.loc[worst, 'units']} units are 0 for every row."


@fault(
    "zero gradients",
    needs="model and data",
    advice="look for a step, argmax or stop_gradient on the way; ReLU and He instead of sigmoids",
    chapter="4-training/unstable-gradients",
    explains=["loss flat", "underfitting", "slow", "oscillating"],
)
def _zero_gradients(run):
    if not run.works or not run.gradients:
        return None
    name = min(run.gradients, key=run.gradients.get)
    smallest, largest = run.gradients[name], max(run.gradients.values())
    if smallest == 0 or (not run.fitted and (smallest < 1e-4 * largest or largest < 1e-7)):
        return f"The gradient has a root mean square of {smallest:.1e} in {name}, {largest:.1e} where it is largest."
    return None


# ---- curves ----------------------------------------------------------------------------------------------------------


@fault(
    "exploding",
    advice="a rate ten times lower, then clipping; look at the update-to-weight ratio",
    chapter="4-training/gradient-clipping",
    explains=["NaN", "loss flat", "oscillating", "overfitting", "underfitting", "slow", "dead units", "zero gradients"],
)
def _exploding(run):
    if not _grew(run):
        return None
    return f"The loss grew from {run.loss.min():.3g} to {run.loss.max():.3g}{_step(run)}."


@fault(
    "loss flat",
    advice="overfit one batch first; raise the rate tenfold; look at gradients and labels",
    chapter="3-tuning/learning-rate-finder",
    explains=["oscillating", "underfitting", "slow"],
)
def _loss_flat(run):
    if len(run.loss) < 3 or run.fitted:
        return None
    moved = (run.loss.max() - run.loss.min()) / max(abs(run.loss[0]), 1e-12)
    if moved < 0.02:
        return f"Over {len(run.loss)} epochs the loss moved by {moved:.1%}, from {run.loss[0]:.4g}{_step(run)}."
    return None


@fault(
    "oscillating",
    advice="a rate three to ten times lower, or larger batches, or a schedule that falls",
    chapter="4-training/learning-rate-schedules",
    explains=["underfitting", "slow"],
)
def _oscillating(run):
    if len(run.loss) < 5:
        return None
    later = run.loss[len(run.loss) // 4 :]  # without the fall at the beginning
    steps = np.diff(later)
    climbed, range_, typical = steps[steps > 0].sum(), np.ptp(later), np.median(np.abs(steps))
    rises, size = np.mean(steps > 0), typical / np.median(np.abs(later))
    if rises >= 0.25 and climbed > 0.6 * range_ and size > 0.04 and np.median(later) > 0.05 * run.loss[0]:
        return f"The loss rose in {rises:.0%} of the epochs; a typical change is {size:.0%} of the loss{_step(run)}."
    return None


@fault(
    "overfitting",
    advice="more data or augmentation, dropout or weight decay, a smaller net, early stopping",
    chapter="4-training/regularization",
)
def _overfitting(run):
    if len(run.val_loss) < 4:
        return None
    best = int(run.val_loss.argmin())
    risen, gap = run.val_loss[-1] / run.val_loss[best], run.val_loss[-1] / max(run.loss[-1], 1e-12)
    if run.val_loss[-1] < 0.05 * run.loss[0]:
        return None  # both are nearly 0
    stalled = gap > 10 and best < 0.8 * len(run.val_loss)
    if (stalled or (risen > 1.15 and gap > 1.5)) and run.loss[-1] < run.loss[best]:
        return (
            f"The validation loss was lowest in epoch {best + 1} ({run.val_loss[best]:.3g}) and is now "
            f"{run.val_loss[-1]:.3g}; the training loss fell on to {run.loss[-1]:.3g}."
        )
    return None


@fault(
    "slow",
    advice="a rate three to ten times higher, a better optimizer, more epochs",
    chapter="3-tuning/learning-rate-finder",
    explains=["underfitting"],
)
def _slow(run):
    if len(run.loss) < 5 or not _behind(run):
        return None
    quarter = max(len(run.loss) // 4, 1)
    fell, late = run.loss[0] - run.loss[-1], run.loss[-1 - quarter] - run.loss[-1]
    if fell > 0.02 * abs(run.loss[0]) and late > min(0.08 * fell, 0.05 * abs(run.loss[-1])):
        return (
            f"The loss fell by {fell / run.loss[0]:.0%} in {len(run.loss)} epochs, "
            f"and {late / fell:.0%} of that in the last {quarter}{_step(run)}."
        )
    return None


@fault(
    "underfitting",
    advice="more units or layers, better inputs, less regularization",
    chapter="3-tuning/depth-and-width",
)
def _underfitting(run):
    if len(run.loss) < 5:
        return None
    if run.gain is not None and run.probe is not None:
        if run.score < run.probe - 0.1:
            return (
                f"The model scores {run.score:.2f} on its training rows, nearest neighbors {run.probe:.2f} on new ones."
            )
        return None
    if run.sequence:
        return None
    quarter = max(len(run.loss) // 4, 1)
    late = run.loss[-1 - quarter] - run.loss[-1]
    if run.loss[-1] > 0.6 * run.loss[0] and not run.fitted and late < 0.05 * run.loss[-1]:
        return f"The training loss stopped at {run.loss[-1]:.3g}, {run.loss[-1] / run.loss[0]:.0%} of where it began."
    return None


# ---- small helpers ---------------------------------------------------------------------------------------------------


def _grew(run):
    """Whether the loss grew to ten times its lowest value and twice its first; before a NaN, less is enough."""
    if len(run.loss) < 2:
        return False
    lowest, peak = abs(run.loss.min()), run.loss[int(run.loss.argmin()) :].max()
    return peak > 1.2 * lowest if run.lost else peak > 10 * lowest and peak > 2 * abs(run.loss[0])


def _step(run):
    """Say how large a step is, if that can be known."""
    return "" if run.ratio is None else f"; one step changes a kernel by {run.ratio:.1g} of its size"


def _behind(run):
    """Whether the model does clearly worse than nearest neighbors, or, if that is unknown, has not fitted."""
    if run.gain is not None and run.probe is not None:
        return run.score < run.probe - 0.1
    return not run.fitted


def _moved(run):
    """Say how the validation inputs differ from the training inputs in position or size, or return None."""
    if run.X_valid is None or run.X.dtype.kind not in "iuf" or run.embeds or not np.isfinite(run.X_valid).all():
        return None
    if not np.isfinite(run.X).all():
        return None
    here, there = _rows(run.X).astype(float), _rows(run.X_valid).astype(float)
    ratio = (there.std() + 1e-12) / (here.std() + 1e-12)
    varies = here.std(axis=0) > 0
    shift = np.abs(there.mean(axis=0) - here.mean(axis=0))[varies] / here.std(axis=0)[varies]
    if not 1 / 3 < ratio < 3 or (len(shift) and np.median(shift) > 1):
        return (
            f"The validation inputs are not prepared like the training inputs: their standard deviation is {ratio:.3g} "
            f"times as large, the means of the columns lie {np.median(shift):.2g} standard deviations away (median)."
        )
    return None


def _is_softmax(layer):
    named = getattr(getattr(layer, "activation", None), "__name__", "")
    return isinstance(layer, keras.layers.Softmax) or named == "softmax"


def _after(layers, first):
    return layers[layers.index(first) + 1 :]


def _valid_gain(run):
    return (run.valid_score - run.guess) / max(1 - run.guess, 1e-9)


def _score(run, X, y):
    """Accuracy, or R², of the model on rows."""
    answers = run.model.predict_on_batch(X)
    if run.classes is None:
        y = y.reshape(len(y), -1).astype(float)
        if answers.size != y.size:
            return 0.0
        return float(1 - np.mean((answers.reshape(y.shape) - y) ** 2) / max(y.var(axis=0).mean(), 1e-12))
    labels = _classes(y, like=run.y)
    if answers.shape[-1] > 1:
        return float(np.mean(answers.reshape(len(labels), -1).argmax(axis=1) == labels))
    border = 0.0 if run.from_logits and run.activation == "linear" else 0.5
    return float(np.mean((answers.reshape(-1) > border) == labels))


def _classes(y, like=None):
    """Labels [n] of whole numbers or of one-hot rows, or None if y holds quantities."""
    like = y if like is None else like
    if like.ndim == 2 and like.shape[1] > 1:
        one_hot = ((like == 0) | (like == 1)).all() and (like.sum(axis=1) == 1).all()
        return y.argmax(axis=1) if one_hot else None
    if like.size != len(like) or not np.isfinite(like).all() or (like != np.round(like)).any():
        return None
    if like.min() < 0 or len(np.unique(like)) > max(20, len(like) // 50):
        return None
    return y.reshape(len(y)).astype(int)


def _neighbors(run):
    from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return make_pipeline(StandardScaler(), (KNeighborsRegressor if run.classes is None else KNeighborsClassifier)(5))


def _gradients(model, X, y, training=False):
    """∂L/∂W of all trainable variables for one batch, with the loss of ``compile``; None where none comes back."""
    X, y = tf.convert_to_tensor(X), tf.convert_to_tensor(y)
    variables = [variable.value for variable in model.trainable_variables]
    with tf.GradientTape() as tape:
        loss = model.compute_loss(x=X, y=y, y_pred=model(X, training=training), training=training)
    return [None if g is None else tf.convert_to_tensor(g) for g in tape.gradient(loss, variables)]


def _path(model, variable):
    return variable.path.removeprefix(f"{model.name}/")


def _pairs(data):
    """Return (X, y), (X_valid, y_valid) as arrays, None for what is not there."""
    nothing = None, None
    if data is None:
        return nothing, nothing
    if not isinstance(data, (tuple, list)) or len(data) != 2:
        raise TypeError(f"data must be (X, y) or ((X, y), (X_valid, y_valid)); got {shorten(data)}")
    sets = list(data) if all(isinstance(part, (tuple, list)) and len(part) == 2 for part in data) else [data]
    found = []
    for X, y in sets:
        X, y = np.asarray(X), np.asarray(y)
        if not X.ndim or not y.ndim or len(X) != len(y) or not len(X):
            raise ValueError(f"data must hold as many targets as inputs; got shapes {X.shape} and {y.shape}")
        found.append((X, y))
    return found[0], found[1] if len(found) == 2 else nothing


def _some_rows(array):
    if array is None or len(array) <= ROWS:
        return array
    return array[np.linspace(0, len(array) - 1, ROWS).astype(int)]


def _rows(array):
    return array.reshape(len(array), -1)


def _rounded(X):
    """Rows that differ by rounding only become equal."""
    return np.ascontiguousarray(np.round(X.reshape(len(X), -1).astype(float), 6)) + 0.0


def _standard(columns):
    columns = columns.astype(float)
    return (columns - columns.mean(axis=0)) / columns.std(axis=0)


def _rms(array):
    return float(np.sqrt(np.mean(np.square(np.asarray(array, dtype=float)))))
