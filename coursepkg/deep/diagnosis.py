"""What is wrong with this training run? One test a fault, each with a threshold, and the advice that goes with it.

Each test is one function: it takes the measurements of a run (`coursepkg.deep.probes.Run`) and returns its evidence, a
sentence with the numbers, or None. The line above it says what the fault is called, what to try, which chapter to read,
and which other findings it would explain. Thresholds were chosen on other runs than those on which the benchmark
benchmarks/diagnosis.py judges.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import keras
import numpy as np

from coursepkg.deep.probes import Run

CURVES = ("loss flat", "oscillating", "exploding", "NaN", "overfitting", "underfitting", "slow")
OF_LAYERS = ("frozen layers", "dead units", "zero gradients")


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
        After training, compiled. Adds tests of its layers, its loss, its weights and, with data, its gradients and what
        one more step would do. Nothing of it is changed.
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
    if run.not_finite:
        return "{} holds {} values that are not finite.".format(*run.not_finite)
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
    if run.copied > 0.05:  # single equal rows occur in honest data
        return f"{run.copied:.0%} of the validation rows stand in the training data too."
    if run.twin and abs(run.twin[1]) > 0.999:
        return "Column {} of X is the target in disguise: their correlation is {:.4f}.".format(*run.twin)
    return None


@fault(
    "wrong or shuffled labels",
    needs="data",
    advice="look at ten rows with their labels; shuffle X and y with one permutation; use one table of class numbers",
    chapter="3-tuning/workflow",
    explains=[*(name for name in CURVES if name not in ("NaN", "exploding")), *OF_LAYERS],
)
def _labels(run):
    if not run.labels_fit:
        return f"Labels run up to {run.classes.max()}, but the model has {run.model.output_shape[-1]} outputs."
    if run.neighbors is None or len(run.y) < 100:  # few rows: that neighbors fail says little
        return None
    gain = (run.neighbors - run.guess) / max(1 - run.guess, 1e-9)
    if gain < 0.1 and (run.valid_gain is None or run.valid_gain < 0.5):
        return (
            f"Inputs say nothing about the labels: five nearest neighbors score {run.neighbors:.2f}, "
            f"a constant guess {run.guess:.2f}."
        )
    there = run.valid_neighbors
    if there is not None and run.neighbors - there > 0.5 * (run.neighbors - run.guess) and not _moved(run):
        return (
            f"Labels of training and validation do not agree: five nearest neighbors score {run.neighbors:.2f} "
            f"within the training data, {there:.2f} on the validation data."
        )
    return None


@fault(
    "train/inference mismatch",
    needs="data",
    advice="prepare every set with one function; look at layers that act differently in use",
    chapter="4-training/batch-normalization",
    explains=["overfitting", "oscillating", "underfitting", "slow"],
)
def _mismatch(run):
    if moved := _moved(run):
        return moved
    if run.model is None or not run.works:
        return None
    use, again, learning = run.in_use
    if abs(use - again) > 1e-6 * abs(use):
        return (
            f"Two calls of the model on the same rows give the losses {use:.4g} and {again:.4g}: something is random."
        )
    begin = min([run.guess_loss, *np.abs(run.loss[:1])])  # the first loss alone may be large by its initial weights
    if use > 1.5 * learning and use - learning > 0.1 * begin:
        return f"On the same training rows the loss is {learning:.3g} as in training, but {use:.3g} as in use."
    return None


@fault(
    "forgotten scaling",
    needs="data",
    advice="standardize columns with numbers from the training set, divide pixels by 255",
    chapter="1-neurons/mlp-regression",
    explains=[*CURVES, "dead units", "zero gradients"],
)
def _scaling(run):
    sizes = run.column_sizes
    if sizes is not None and (sizes.max() > 10 or sizes.max() < 0.01):
        return f"The columns of X have sizes (root mean squares) up to {sizes.max():.3g}; around 1 is wanted."
    if run.classes is None and not run.sequence and run.y.ndim <= 2:
        size = np.sqrt(np.mean(np.square(run.y, dtype=float)))
        if size > 100:
            return f"The targets have the size (root mean square) {size:.3g}; around 1 is wanted."
    return None


# ---- the model and its loss ------------------------------------------------------------------------------------------

CROSS_ENTROPIES = ("sparsecategoricalcrossentropy", "categoricalcrossentropy", "binarycrossentropy")
DISTANCES = ("meansquarederror", "meanabsoluteerror", "huber", "logcosh", "meansquaredlogarithmicerror")
REACH = {"sigmoid": (0, 1), "softmax": (0, 1), "tanh": (-1, 1), "relu": (0, np.inf)}


@fault(
    "double softmax",
    needs="model",
    advice="keep one: logits with from_logits=True, or softmax with the plain loss",
    chapter="2-keras/inside-a-model",
    explains=[*CURVES, *OF_LAYERS, "wrong loss"],
)
def _double_softmax(run):
    ends = [layer for layer in run.layers if _is_softmax(layer)][-2:]
    if len(ends) == 2 and not any(layer.weights for layer in run.layers[run.layers.index(ends[0]) + 1 :]):
        return f"{ends[0].name} ends in a softmax, and {ends[1].name} puts another one on it."
    if run.activation == "softmax" and run.from_logits and run.loss_name in CROSS_ENTROPIES:
        return "The last layer is a softmax, and the loss has from_logits=True: it expects none."
    return None


@fault(
    "wrong loss",
    needs="model and data",
    advice="linear + squared error for quantities; softmax + (sparse) categorical, sigmoid + binary cross-entropy",
    chapter="1-neurons/mlp-classification",
    explains=[*CURVES, *OF_LAYERS],
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
    if run.looks_ahead is not None and run.looks_ahead > 1e-6:
        return "Targets are the next step, and the model sees it: the later half of the steps moves earlier outputs."
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
    if len(frozen) == len(dense) or untouched or run.behind:  # else frozen on purpose, and it works
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
    if run.dead is None:
        return None
    layer, dead, units = run.dead
    if dead / units < 0.9:  # a layer can spare some
        return None
    return f"In {layer}, {dead} of {units} units are 0 for every row."


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
    tiny = smallest < 1e-4 * largest or largest < 1e-7
    if smallest == 0 or (tiny and not run.fitted and not _oscillating(run)):  # large steps saturate units, too
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
    if moved < 0.01:
        return f"Over {len(run.loss)} epochs the loss moved by {moved:.1%}, from {run.loss[0]:.4g}{_step(run)}."
    return None


@fault(
    "oscillating",
    advice="a rate three to ten times lower, or larger batches, or a schedule that falls",
    chapter="4-training/learning-rate-schedules",
    explains=["underfitting", "slow"],
)
def _oscillating(run):
    if len(run.loss) < 5 or (run.gain is not None and run.gain > 0.9):  # jumps of a tiny loss do no harm
        return None
    later = run.loss[len(run.loss) // 4 :]  # without the fall at the beginning
    steps = np.diff(later)
    rises, size = np.mean(steps > 0), np.median(np.abs(steps)) / np.median(np.abs(later))
    if rises < 0.25:
        return None
    bounces = steps[steps > 0].sum() > 0.6 * np.ptp(later) and size > 0.04
    if run.steps is not None:
        jump = run.steps.loc[1.0, "jump"]
        if jump > (0.03 if bounces else 0.12):
            return f"The loss rose in {rises:.0%} of the epochs, and one step changes it by {jump:.0%}{_step(run)}."
    elif bounces and np.median(later) > 0.05 * run.loss[0]:
        return f"The loss rose in {rises:.0%} of the epochs; a typical change is {size:.0%} of the loss."
    return None


@fault(
    "overfitting",
    advice="more data or augmentation, dropout or weight decay, a smaller net, early stopping",
    chapter="4-training/regularization",
)
def _overfitting(run):
    if len(run.val_loss) < 4 or run.val_loss[-1] < 0.02 * run.loss[0]:  # both are nearly 0
        return None
    best = int(run.val_loss.argmin())
    if run.val_loss[-1] > 1.2 * run.val_loss[best] and run.loss[-1] < run.loss[best]:
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
    if len(run.loss) < 5:
        return None
    fell = run.loss[0] - run.loss[-1]
    if fell < 0.02 * abs(run.loss[0]):
        return None
    quarter = max(len(run.loss) // 4, 1)
    late = run.loss[-1 - quarter] - run.loss[-1]
    if run.can_step:
        arrived = run.loss[-1] < 0.02 * run.loss[0] or late < 0.01 * abs(run.loss[-1])
        if arrived or run.ratio is None or run.ratio > 1e-3:
            return None
        if run.ratio < 2e-4:
            return f"The loss still fell by {late / abs(run.loss[-1] + late):.0%} in {quarter} epochs{_step(run)}."
        longer, jump = run.steps.loc[30.0, ["change", "jump"]]
        if longer < -0.005 and jump < -1.01 * longer:  # and every batch says so
            return f"Even a step 30 times as long would lower the loss, by {-longer:.1%}{_step(run)}."
        return None
    if run.behind and late > min(0.08 * fell, 0.05 * abs(run.loss[-1])):
        return (
            f"The loss fell by {fell / run.loss[0]:.0%} in {len(run.loss)} epochs, "
            f"and {late / fell:.0%} of that in the last {quarter}."
        )
    return None


@fault(
    "underfitting",
    advice="more units or layers, better inputs, less regularization",
    chapter="3-tuning/depth-and-width",
)
def _underfitting(run):
    if len(run.loss) < 5 or not run.behind:
        return None
    if run.gain is not None and run.neighbors is not None:
        return f"The model scores {run.score:.2f} on training rows, nearest neighbors {run.neighbors:.2f} on new ones."
    quarter = max(len(run.loss) // 4, 1)
    late = run.loss[-1 - quarter] - run.loss[-1]
    if not run.sequence and run.loss[-1] > 0.6 * run.loss[0] and late < 0.05 * run.loss[-1]:
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


def _moved(run):
    """Say how the validation inputs differ from the training inputs in position or size, or return None."""
    if run.shift is None or (1 / 3 < run.shift[0] < 3 and run.shift[1] <= 1):
        return None
    return (
        "The validation inputs are not prepared like the training inputs: their standard deviation is {:.3g} "
        "times as large, the means of the columns lie {:.2g} standard deviations away (median).".format(*run.shift)
    )


def _is_softmax(layer):
    named = getattr(getattr(layer, "activation", None), "__name__", "")
    return isinstance(layer, keras.layers.Softmax) or named == "softmax"
