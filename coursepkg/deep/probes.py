"""What can be measured about a training run: its curves, its data, its model, and what one more step would do.

`update_ratios` and `trial_steps` take a step and take it back. `Run` holds all measurements that `diagnose` judges;
each is made once, and only if it is asked for.
"""

from __future__ import annotations

from functools import cached_property

import keras
import numpy as np
import pandas as pd
import tensorflow as tf

from coursepkg._validation import as_int, as_records, shorten
from coursepkg.deep.layers import check_model, leaves
from coursepkg.deep.lr_finder import restored
from coursepkg.deep.signals import dead_units

ROWS = 1000  # so many rows of a data set are looked at, at equal distances
FACTORS = (1.0, 30.0)


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
    >>> update_ratios(model, np.ones((4, 1)), np.ones((4, 1))).round(4).tolist()  # 0.01 · 2 · (2 − 1) / 2
    [0.01]
    """
    check_model(model, compiled=True)
    batch_size = as_int(batch_size, "batch_size", low=1)
    before, after = _step(model, np.asarray(X)[:batch_size], np.asarray(y)[:batch_size])
    ratios = {
        _path(model, variable): np.linalg.norm(new - old) / max(np.linalg.norm(old), 1e-12)
        for variable, old, new in zip(model.trainable_variables, before, after, strict=True)
        if variable.ndim >= 2
    }
    return pd.Series(ratios, dtype=float)


def trial_steps(model, X, y, *, factors=FACTORS, batch_size=32, batches=3):
    """Measure what one more step of the optimizer would do to the loss, and what longer and shorter ones would.

    Parameters
    ----------
    model : keras.Model
        Built and compiled. Each step is taken with the optimizer's own state, and taken back.
    X, y : array_like
        Inputs and targets [n, …]. Each step follows from a batch of them; its effect is measured on all n.
    factors : sequence of float, keyword-only
        The update is multiplied by each of them.
    batch_size, batches : int >= 1, keyword-only
        Size and number of the batches, which lie at equal distances in X.

    Returns
    -------
    pandas.DataFrame
        The index holds the factors. Columns: change, the mean over the batches of the difference of the losses after
        and before, divided by the size of the loss before, in the mode of use; jump, the mean of its size. NaN if a
        loss is not finite.

    Raises
    ------
    TypeError, ValueError
        If ``model`` is no Keras model, not built or not compiled, or a size is below 1.

    Examples
    --------
    >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False)])
    >>> model.layers[0].set_weights([np.array([[2.0]])])
    >>> model.compile(loss="mse", optimizer=keras.optimizers.SGD(learning_rate=0.01))  # (1.98 − 1)² − 1 = −0.04
    >>> trial_steps(model, np.ones((4, 1)), np.ones((4, 1)), factors=(1, 10)).round(2)["change"].to_dict()
    {1: -0.04, 10: -0.36}
    """
    check_model(model, compiled=True)
    batch_size, batches = as_int(batch_size, "batch_size", low=1), as_int(batches, "batches", low=1)
    X, y = np.asarray(X), np.asarray(y)
    changes = []
    with restored(model):
        start = loss_of(model, X, y)
        for first in np.linspace(0, max(len(X) - batch_size, 0), batches).astype(int):
            before, after = _step(model, X[first : first + batch_size], y[first : first + batch_size])
            found = []
            for factor in factors:
                for variable, old, new in zip(model.trainable_variables, before, after, strict=True):
                    variable.assign(old + factor * (new - old))
                found.append((loss_of(model, X, y) - start) / max(abs(start), 1e-12))
            for variable, old in zip(model.trainable_variables, before, strict=True):
                variable.assign(old)
            changes.append(found)
    return pd.DataFrame(
        {"change": np.mean(changes, axis=0), "jump": np.mean(np.abs(changes), axis=0)}, index=list(factors)
    )


class Run:
    """All measurements of one training run.

    Parameters
    ----------
    history, model, data
        As `diagnose` takes them.

    Attributes
    ----------
    loss, val_loss, accuracy : numpy.ndarray [epochs]
        Before the first loss that is not finite; empty if not recorded.
    lost : int or None
        The first epoch, from 1, whose loss is not finite.
    X, y, X_valid, y_valid : numpy.ndarray or None
        At most `ROWS` rows of each. Those of ``arrays`` are whole.
    """

    def __init__(self, history, model=None, data=None):
        records = as_records(history)
        if len(records.get("loss", ())) == 0:
            raise ValueError(f'history must hold "loss", one number an epoch; got the columns {sorted(records)}')
        loss = np.asarray(records["loss"], dtype=float)
        finite = np.isfinite(loss)
        self.last, self.lost = loss[-1], None if finite.all() else int(np.argmin(finite)) + 1
        kept = slice(self.lost and self.lost - 1)
        self.loss = loss[kept]
        self.val_loss = np.asarray(records.get("val_loss", ()), dtype=float)[kept]
        if not np.isfinite(self.val_loss).all():
            self.val_loss = self.val_loss[:0]
        accuracy = [name for name in records if name.endswith("accuracy") and not name.startswith("val_")]
        self.accuracy = np.asarray(records[accuracy[0]] if accuracy else (), dtype=float)[kept]
        if model is not None:
            check_model(model, compiled=True)
        self.model = model
        (X, y), (X_valid, y_valid) = _pairs(data)
        self.arrays = {"X": X, "y": y, "X_valid": X_valid, "y_valid": y_valid}
        self.X, self.y, self.X_valid, self.y_valid = (_some_rows(array) for array in self.arrays.values())

    # ---- how the model is made ----

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
    def embeds(self):
        return self.model is not None and any(isinstance(layer, keras.layers.Embedding) for layer in self.layers)

    @cached_property
    def works(self):
        """Whether weights are finite and labels have an output each: else nothing that the model computes is tested."""
        return self.labels_fit and all(np.isfinite(weight.numpy()).all() for weight in self.model.weights)

    @cached_property
    def labels_fit(self):
        if self.model is None or self.y is None or self.classes is None or not self.loss_name.startswith("sparse"):
            return True
        return self.classes.max() < self.model.output_shape[-1]

    # ---- what kind of task it is ----

    @cached_property
    def sequence(self):
        """Whether every step of a sequence has a target of its own."""
        return self.y is not None and self.y.ndim >= 2 and self.X.ndim >= 2 and self.y.shape[1:2] == self.X.shape[1:2]

    @cached_property
    def tokens(self):
        """Whether the inputs are numbers of words: nothing to be scaled, and no distances between rows."""
        return self.X.dtype.kind in "iu" and self.X.ndim == 2 and self.embeds

    @cached_property
    def classes(self):
        """Labels as whole numbers [n], or None if the targets are quantities."""
        return None if self.sequence else _classes(self.y)

    @cached_property
    def guess(self):
        """The score of the best constant guess: share of the commonest class, or 0 for R²."""
        return 0.0 if self.classes is None else float(np.bincount(self.classes).max() / len(self.classes))

    @cached_property
    def guess_loss(self):
        """About the loss of that guess: cross-entropy of balanced classes, or squared error; infinite for sequences."""
        if self.sequence:
            return np.inf
        return float(self.y.var() if self.classes is None else -np.log(self.guess))

    # ---- the data ----

    @cached_property
    def not_finite(self):
        """Name and number of the values that are not finite, of the first array that has some; or None."""
        for name, array in self.arrays.items():
            if array is not None and array.dtype.kind == "f" and not np.isfinite(array).all():
                return name, int((~np.isfinite(array)).sum())
        return None

    @cached_property
    def copied(self):
        """Share of the validation rows that stand in the training data too, up to rounding."""
        if self.arrays["X_valid"] is None or self.embeds:
            return 0.0
        known = {row.tobytes() for row in _rounded(self.arrays["X"])}
        return float(np.mean([row.tobytes() in known for row in _rounded(self.arrays["X_valid"])]))

    @cached_property
    def twin(self):
        """The column of X that is most like the target, and their correlation; None if there are several targets."""
        if self.tokens or self.sequence or self.y.size != len(self.y):
            return None
        with np.errstate(invalid="ignore", divide="ignore"):
            columns, target = (_standard(_rows(array).astype(float)) for array in (self.X, self.y))
            r = np.nan_to_num(columns.T @ target)[:, 0] / len(target)
        best = int(np.abs(r).argmax())
        return best, float(r[best])

    @cached_property
    def column_sizes(self):
        """Root mean square of each column of X; None for words, and if the model scales by itself."""
        scaled = keras.layers.Normalization, keras.layers.Rescaling, keras.layers.BatchNormalization
        if self.tokens or (self.model is not None and any(isinstance(layer, scaled) for layer in self.layers[:2])):
            return None
        return np.sqrt(np.mean(_rows(self.X).astype(float) ** 2, axis=0))

    @cached_property
    def shift(self):
        """How validation inputs differ: ratio of their standard deviations, median distance of the columns' means."""
        arrays = self.X, self.X_valid
        if self.embeds or any(a is None or a.dtype.kind not in "iuf" or not np.isfinite(a).all() for a in arrays):
            return None
        here, there = (_rows(array).astype(float) for array in arrays)
        spread = here.std(axis=0)
        distance = np.abs(there.mean(axis=0) - here.mean(axis=0))[spread > 0] / spread[spread > 0]
        return (there.std() + 1e-12) / (here.std() + 1e-12), float(np.median(distance)) if len(distance) else 0.0

    @cached_property
    def neighbors(self):
        """The score of five nearest neighbors on rows that they have not seen (five folds); None for sequences."""
        from sklearn.model_selection import cross_val_score

        if self.tokens or self.sequence or not np.isfinite(self.X).all():
            return None
        target = _rows(self.y) if self.classes is None else self.classes
        if not np.isfinite(target).all():
            return None
        if self.classes is not None and np.bincount(self.classes)[np.unique(self.classes)].min() < 5:
            return None
        order = np.random.default_rng(0).permutation(len(self.X))
        return float(cross_val_score(_neighbors(self), _rows(self.X)[order], target[order], cv=5).mean())

    @cached_property
    def valid_neighbors(self):
        """The score on validation rows of five nearest neighbors from the training rows; None for sequences."""
        if self.neighbors is None or self.X_valid is None or not np.isfinite(self.X_valid).all():
            return None
        target, there = self.classes, self.y_valid
        target, there = (_rows(self.y), _rows(there)) if target is None else (target, _classes(there, like=self.y))
        return float(_neighbors(self).fit(_rows(self.X), target).score(_rows(self.X_valid), there))

    # ---- what the model does ----

    @cached_property
    def score(self):
        """How well the model does on training rows: accuracy, or R²."""
        return self._score(self.X, self.y)

    @cached_property
    def gain(self):
        """Share of the way from the constant guess (0) to no error (1) that the model went; None if unknown."""
        return self._gain(self.X, self.y)

    @cached_property
    def valid_gain(self):
        return None if self.X_valid is None else self._gain(self.X_valid, self.y_valid)

    @property
    def fitted(self):
        """Whether training reached something: a loss far below its start, or far from the constant guess."""
        if self.gain is not None:
            return self.gain > 0.5
        if len(self.accuracy):
            return self.accuracy[-1] > 0.8
        return self.loss[-1] < 0.5 * self.loss[0]

    @property
    def behind(self):
        """Whether the model does clearly worse than nearest neighbors, or, if that is unknown, has not fitted."""
        if self.gain is not None and self.neighbors is not None:
            return self.score < self.neighbors - 0.1
        return not self.fitted

    @cached_property
    def in_use(self):
        """The loss on training rows, computed twice in the mode of use, then in the mode of training."""
        X, y = self.X[:500], self.y[:500]
        use, again = loss_of(self.model, X, y), loss_of(self.model, X, y)
        with restored(self.model):
            return use, again, loss_of(self.model, X, y, training=True)

    @cached_property
    def looks_ahead(self):
        """How far later steps move earlier outputs; None unless the targets are the inputs of the next step."""
        if not self.sequence or not self.works or self.X.shape[1] < 3 or self.y.shape != self.X.shape:
            return None
        if np.mean(self.y[:, :-1] == self.X[:, 1:]) <= 0.95:
            return None
        X, half = self.X[:50], self.X.shape[1] // 2
        other = X.copy()
        other[:, half:] = np.roll(other[:, half:], 1, axis=0)  # the later steps of another row
        before, after = (self.model(tf.convert_to_tensor(rows), training=False).numpy() for rows in (X, other))
        return float(np.abs(before - after)[:, :half].max())

    @cached_property
    def dead(self):
        """Name, dead units and units of the layer with the largest share of dead units; None if there is none."""
        if not self.works or self.tokens or not np.isfinite(self.X).all():
            return None
        try:
            table = dead_units(self.model, self.X)
        except ValueError:  # no layer has an activation
            return None
        worst = (table["dead"] / table["units"]).idxmax()
        return worst, int(table.loc[worst, "dead"]), int(table.loc[worst, "units"])

    @cached_property
    def gradients(self):
        """Root mean square of the gradient by each trainable kernel, by its path; 0 where none comes back."""
        pairs = zip(self.model.trainable_variables, _gradients(self.model, self.X[:200], self.y[:200]), strict=True)
        return {_path(self.model, v): 0.0 if g is None else _rms(g) for v, g in pairs if v.ndim >= 2}

    @cached_property
    def ratio(self):
        """Median update-to-weight ratio of the kernels, or None."""
        if not self.can_step:
            return None
        ratios = update_ratios(self.model, self.X, self.y)
        return float(ratios.median()) if len(ratios) and np.isfinite(ratios).all() else None

    @cached_property
    def steps(self):
        """`trial_steps`, or None."""
        return trial_steps(self.model, self.X[:500], self.y[:500]) if self.can_step else None

    @property
    def can_step(self):
        """Whether a step of the optimizer can be tried."""
        return self.model is not None and self.X is not None and self.works and bool(self.model.trainable_variables)

    def _gain(self, X, y):
        if self.model is None or X is None or not self.works or self.sequence:
            return None
        return (self._score(X, y) - self.guess) / max(1 - self.guess, 1e-9)

    def _score(self, X, y):
        answers = self.model(tf.convert_to_tensor(X), training=False).numpy()
        if self.classes is None:
            y = _rows(y).astype(float)
            if answers.size != y.size:
                return 0.0
            return float(1 - np.mean((answers.reshape(y.shape) - y) ** 2) / max(y.var(axis=0).mean(), 1e-12))
        labels = _classes(y, like=self.y)
        if answers.shape[-1] > 1:
            return float(np.mean(answers.reshape(len(labels), -1).argmax(axis=1) == labels))
        border = 0.0 if self.from_logits and self.activation == "linear" else 0.5
        return float(np.mean((answers.reshape(-1) > border) == labels))


# ---- small helpers ---------------------------------------------------------------------------------------------------


def loss_of(model, X, y, *, training=False):
    """Return the loss of ``compile`` for one batch, with its penalties on weights."""
    X, y = tf.convert_to_tensor(X), tf.convert_to_tensor(y)
    return float(model.compute_loss(x=X, y=y, y_pred=model(X, training=training), training=training))


def _gradients(model, X, y, training=False):
    """∂L/∂W of all trainable variables for one batch, with the loss of ``compile``; None where none comes back."""
    X, y = tf.convert_to_tensor(X), tf.convert_to_tensor(y)
    variables = [variable.value for variable in model.trainable_variables]
    with tf.GradientTape() as tape:
        loss = model.compute_loss(x=X, y=y, y_pred=model(X, training=training), training=training)
    return [None if g is None else tf.convert_to_tensor(g) for g in tape.gradient(loss, variables)]


def _step(model, X, y):
    """All trainable weights before and after a step of the optimizer on one batch, which is taken back."""
    if model.trainable_variables and not model.optimizer.built:
        model.optimizer.build(model.trainable_variables)
    before = [variable.numpy() for variable in model.trainable_variables]
    with restored(model):
        found = zip(_gradients(model, X, y, training=True), model.trainable_variables, strict=True)
        if pairs := [(gradient, variable) for gradient, variable in found if gradient is not None]:
            model.optimizer.apply_gradients(pairs)
        return before, [variable.numpy() for variable in model.trainable_variables]


def _path(model, variable):
    # Keras may leave a scope open when TensorFlow refuses a layer's name; then more stands before the model's name.
    before, inside, name = variable.path.partition(f"{model.name}/")
    return name if inside else before


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


def _some_rows(array):
    if array is None or len(array) <= ROWS:
        return array
    return array[np.linspace(0, len(array) - 1, ROWS).astype(int)]


def _rows(array):
    return array.reshape(len(array), -1)


def _rounded(X):
    """Rows that differ by rounding only become equal."""
    return np.ascontiguousarray(np.round(_rows(X).astype(float), 6)) + 0.0


def _standard(columns):
    return (columns - columns.mean(axis=0)) / columns.std(axis=0)


def _rms(array):
    return float(np.sqrt(np.mean(np.square(np.asarray(array, dtype=float)))))
