"""Training that survives a power cut: one file that holds all of it, and is whole at any moment."""

from __future__ import annotations

import json

import keras
import numpy as np

from coursepkg._files import replacing
from coursepkg._validation import as_path, shorten
from coursepkg.deep import _private

# What Keras's own callbacks learn in the course of a training; the rest of their attributes is settings.
_LEARNED = {
    keras.callbacks.EarlyStopping: ("wait", "best", "best_epoch", "best_weights", "stopped_epoch"),
    keras.callbacks.ReduceLROnPlateau: ("wait", "best", "cooldown_counter"),
    keras.callbacks.ModelCheckpoint: ("best",),
}


class Backup(keras.callbacks.Callback):
    """Keep a training in a file, epoch by epoch, so that the same program, started again, ends as if never killed.

    ``keras.callbacks.BackupAndRestore`` writes the weights and then the number of the epoch, both over the old files.
    A process that dies meanwhile leaves a file that nobody can read, or the weights of one epoch with the number of
    another, which nobody notices. Here there is one file, which is replaced by the next one in one step.

    Parameters
    ----------
    path : str or Path
        The file. It appears when the second epoch begins, and is deleted when training ends in peace. Each call of
        ``fit`` in a program needs one of its own.
    also : sequence of keras.callbacks.Callback, keyword-only
        Of the same training: EarlyStopping, ReduceLROnPlateau and ModelCheckpoint, to be kept as well. Else they begin
        anew, with no patience spent and nothing known of the best epoch.

    Raises
    ------
    TypeError
        If ``path`` is none, or ``also`` holds another callback.
    ValueError
        When training begins, if the file is damaged, or holds another model or optimizer.

    Notes
    -----
    Kept are weights, optimizer, metrics, the states of random generators in layers, such as that of dropout, and the
    history. Not kept is what Python, NumPy and a ``tf.data.Dataset`` draw: that must follow from the number of the
    epoch, as the order of arrays does after ``seed_everything``. Of a log that another callback writes, the epoch in
    which the process died may be there twice. An epoch that was not finished is trained from its beginning.

    Examples
    --------
    >>> import tempfile
    >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    >>> model.compile(loss="mse", optimizer="adam")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     backup = Backup(f"{folder}/training.npz")
    ...     history = model.fit(np.ones((4, 1)), np.ones(4), epochs=3, callbacks=[backup], verbose=0)
    ...     backup.path.exists()
    False
    """

    def __init__(self, path, *, also=()):
        super().__init__()
        self.path = as_path(path, "path")
        self.also = [(callback, self._learned(callback)) for callback in also]
        self._past = self._first = None

    def on_train_begin(self, logs=None):
        self._past = self._first = None
        optimizer = getattr(self.model, "optimizer", None)
        if not self.model.built:
            raise ValueError(f"the model {self.model.name!r} is not built; call it on a batch of data before fit")
        if optimizer is not None and not optimizer.built:
            optimizer.build(self.model.trainable_variables)
        if self.path.exists():
            self._past = self._read()
            _private.begin_at(self.model, self._past["epoch"])

    def on_epoch_begin(self, epoch, logs=None):
        # Now all other callbacks have ended the epoch before, and the history, which is always last, has it as well.
        if self._first is None:
            self._bring_back_the_past()
            self._first = epoch
        elif epoch > self._first:
            self._write(epoch)

    def on_train_end(self, logs=None):
        self._bring_back_the_past()  # if no epoch was left
        self.path.unlink(missing_ok=True)

    @staticmethod
    def _learned(callback):
        for kind, names in _LEARNED.items():
            if isinstance(callback, kind):
                return names
        known = ", ".join(kind.__name__ for kind in _LEARNED)
        raise TypeError(f"also takes {known}, whose states are known; got {shorten(callback)}")

    def _variables(self):
        optimizer = getattr(self.model, "optimizer", None)
        return [*self.model.variables, *(optimizer.variables if optimizer is not None else ())]

    def _write(self, epoch):
        history = self.model.history
        arrays = {f"variable {i}": variable.numpy() for i, variable in enumerate(self._variables())}
        callbacks = []
        for i, (callback, names) in enumerate(self.also):
            state = {name: getattr(callback, name, None) for name in names}
            weights = state.pop("best_weights", None)
            arrays |= {f"weights {i} {k}": weight for k, weight in enumerate(weights or ())}
            callbacks.append(state | ({"best_weights": len(weights)} if weights is not None else {}))
        state = {"epoch": epoch, "epochs": history.epoch, "history": history.history, "callbacks": callbacks}
        arrays["state"] = np.array(json.dumps(state, default=float))
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(self.path) as file:
            np.savez(file, **arrays)

    def _read(self):
        """Put the variables back; return the rest, for when all callbacks have begun."""
        try:
            with np.load(self.path) as file:
                arrays = dict(file)
            state = json.loads(str(arrays.pop("state")))
        except Exception as error:  # whatever a file of another kind may raise
            found = f"{type(error).__name__}: {error}"
            raise ValueError(
                f"{str(self.path)!r} is no backup, or damaged, {found}; delete it to begin anew"
            ) from error
        variables = self._variables()
        stored = [array for name, array in arrays.items() if name.startswith("variable ")]
        shapes = [[tuple(one.shape) for one in some] for some in (stored, variables)]
        if shapes[0] != shapes[1] or len(state["callbacks"]) != len(self.also):
            raise ValueError(
                f"{str(self.path)!r} is the backup of another training: it holds the shapes {shorten(shapes[0])} and "
                f"{len(state['callbacks'])} callback(s), the model and its optimizer have {shorten(shapes[1])}, and "
                f"also names {len(self.also)}; delete the file to begin anew"
            )
        for variable, array in zip(variables, stored, strict=True):
            # NumPy does not know bfloat16, and reads its bytes as they are.
            variable.assign(array.view(variable.numpy().dtype) if array.dtype.kind == "V" else array)
        for i, learned in enumerate(state["callbacks"]):
            if "best_weights" in learned:
                learned["best_weights"] = [arrays[f"weights {i} {k}"] for k in range(learned["best_weights"])]
        return state

    def _bring_back_the_past(self):
        if self._past is None:
            return
        _private.begin_at(self.model, 0)  # else the next call of fit would begin there as well
        self.model.history.epoch = self._past["epochs"]
        self.model.history.history.update(self._past["history"])
        for (callback, _), learned in zip(self.also, self._past["callbacks"], strict=True):
            for name, value in learned.items():
                setattr(callback, name, value)
        self._past = None
