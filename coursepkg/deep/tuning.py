"""KerasTuner, with what a long search needs: a checked space, a safe folder, a progress line, trials as a table."""

from __future__ import annotations

import contextlib
import difflib
import errno
import io
import json
import os
import re
import sys
import time
import warnings
from pathlib import Path
from unittest import mock

import keras
import keras_tuner
import pandas as pd

from coursepkg._validation import shorten
from coursepkg.deep import _private
from coursepkg.deep.search_spaces import check_given, explored

_DISK_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_BAR = 20  # characters


def open_search(
    tuner_class, hypermodel=None, *, directory, project_name="search", overwrite=False, shared=(), **options
):
    """Return a tuner for a new search, or for one that its folder holds, after checking that both fit.

    A search that was killed goes on: its finished trials are kept, the unfinished one is repeated from its beginning.

    Parameters
    ----------
    tuner_class : subclass of keras_tuner.Tuner
        For example ``keras_tuner.RandomSearch``; ``keras_tuner.Tuner`` itself takes an ``oracle``.
    hypermodel : callable or keras_tuner.HyperModel, optional
        Not needed by a tuner with a ``run_trial`` of its own; ``hyperparameters`` must then be given.
    directory : str or Path, keyword-only
    project_name : str, keyword-only
        Name of the search, and of its folder below ``directory``.
    overwrite : bool, keyword-only
        Delete what the folder holds, and start again.
    shared : collection of str, keyword-only
        Names that several places of the model use on purpose; see :func:`~coursepkg.deep.search_spaces.space_frame`.
    **options
        Passed to ``tuner_class``: ``objective``, ``max_trials``, ``seed``, ``max_model_size``…

    Returns
    -------
    keras_tuner.Tuner

    Raises
    ------
    TypeError
        If ``tuner_class`` is no tuner.
    ValueError
        If ``seed`` is 0, the space is faulty, ``hyperparameters`` names one that the model never asks for, or the
        folder holds a damaged search or one of another space. KerasTuner itself would go on with the old space without
        a word.
    RuntimeError
        In a process of a distributed search, whose files belong to the others as well.

    Notes
    -----
    KerasTuner 1.4.8 stores the trials of a grid search but not its place in the grid, and cannot go on with it; the
    place is restored here. ``BayesianOptimization`` goes on, with other random numbers than an unbroken search.

    Examples
    --------
    >>> import tempfile
    >>> class Parabola(keras_tuner.RandomSearch):
    ...     def run_trial(self, trial):
    ...         return trial.hyperparameters.get("x") ** 2
    >>> space = keras_tuner.HyperParameters()
    >>> _ = space.Float("x", -1, 1)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     tuner = open_search(Parabola, directory=folder, hyperparameters=space, max_trials=5, seed=1)
    ...     trials = run_search(tuner, progress=False)
    >>> len(trials), bool((trials["score"] == trials["x"] ** 2).all())
    (5, True)
    """
    if not (isinstance(tuner_class, type) and issubclass(tuner_class, keras_tuner.Tuner)):
        raise TypeError(f"tuner_class must be a class of tuners, such as RandomSearch; got {shorten(tuner_class)}")
    if options.get("seed") == 0:
        raise ValueError("seed must not be 0, which KerasTuner takes for no seed; any other integer will do")
    given = options.get("hyperparameters")
    if hypermodel is not None:
        space = explored(hypermodel, shared)
        check_given(given, {parameter.name for parameter in space})
    elif given is not None and given.space:
        space = given.space
    elif "oracle" in options:
        space = options["oracle"].get_space().space
    else:
        raise ValueError("without a hypermodel, hyperparameters must hold the search space; got none")
    if "KERASTUNER_TUNER_ID" in os.environ:  # it would delete, or take over, what the other processes share
        raise RuntimeError(
            "open_search looks after a search in one process; KERASTUNER_TUNER_ID is "
            f"{os.environ['KERASTUNER_TUNER_ID']!r}: make the tuner of a distributed search with overwrite=False"
        )
    folder = Path(directory) / project_name
    if not overwrite and (folder / "oracle.json").exists():
        # KerasTuner writes the second file after the first trial; a search that died before has nothing to keep.
        overwrite = not (folder / "tuner0.json").exists()
        if not overwrite:
            _check_stored(folder, space)
    with contextlib.redirect_stdout(io.StringIO()):  # "Reloading Tuner from …"
        tuner = tuner_class(
            hypermodel=hypermodel, directory=str(directory), project_name=project_name, overwrite=overwrite, **options
        )
    if isinstance(tuner.oracle, keras_tuner.oracles.GridSearchOracle):
        _private.restore_grid(tuner.oracle)
    return tuner


def run_search(tuner, *fit_args, progress=True, **fit_options):
    """Run what is left of a search, in such a way that it can be killed at any moment, and return its trials.

    Parameters
    ----------
    tuner : keras_tuner.Tuner
        From :func:`open_search`.
    *fit_args, **fit_options
        Passed to ``tuner.search``: the data, ``epochs``, ``validation_data``, ``callbacks``…
    progress : bool, keyword-only
        Show a line with what is done, the best score so far and the time left.

    Returns
    -------
    pandas.DataFrame
        See :func:`trials_frame`. Trials that failed are in it, with the reason.

    Raises
    ------
    TypeError
        If ``tuner`` is none.
    ValueError
        If the training reports no metric of the objective's name; said after the first trial, with the known names.
    RuntimeError
        If several trials in a row failed; KerasTuner's ``max_consecutive_failed_trials`` says how many.
    OSError
        If the disk is full. The trial that it interrupted counts as not begun.

    Notes
    -----
    Each file is written beside the old one and then put in its place, so that a process that dies while it writes
    leaves the old file whole; KerasTuner 1.4.8 overwrites in place.

    Examples
    --------
    See :func:`open_search`.
    """
    if not isinstance(tuner, keras_tuner.Tuner):
        raise TypeError(f"tuner must be a keras_tuner.Tuner; got {type(tuner).__name__}")
    seen = _SeenMetrics()
    if tuner.hypermodel is not None:
        fit_options["callbacks"] = [*(fit_options.get("callbacks") or ()), seen]
        fit_options.setdefault("verbose", 0)
    tuner.oracle.verbose = 0  # KerasTuner's own report of each trial, which clears what a notebook has printed
    line = _ProgressLine(tuner.oracle, progress)

    def on_trial_end(trial):
        _stop_if_hopeless(trial, tuner.oracle.objective, seen.names)
        type(tuner).on_trial_end(tuner, trial)
        line.show()

    with (
        _private.stored_by(_save_json),
        mock.patch.object(tuner, "on_trial_end", on_trial_end),
        warnings.catch_warnings(),
        line,
    ):
        # Too few trials for the length scales of a Gaussian process is what a search begins with.
        warnings.filterwarnings("ignore", module="sklearn")
        warnings.filterwarnings("ignore", "All-NaN", RuntimeWarning, module="keras_tuner")
        try:
            tuner.search(*fit_args, **fit_options)
        except RuntimeError as error:
            if "consecutive failures" not in str(error):
                raise
            trials = trials_frame(tuner)
            reason = trials.loc[trials["status"] == "FAILED", "reason"].iloc[-1].rstrip(".")
            kept = (trials["status"] == "COMPLETED").sum()
            raise RuntimeError(
                f"{tuner.oracle.max_consecutive_failed_trials} trials in a row failed, the last with: {reason}. "
                f"The search stopped; {kept} finished trials are kept"
            ) from error
    return trials_frame(tuner)


def trials_frame(search):
    """Return the trials of a search as a table, in the order in which they began.

    Parameters
    ----------
    search : keras_tuner.Tuner, str or Path
        A tuner, or the folder of a search (``directory/project_name``), which may still be running or be dead.

    Returns
    -------
    pandas.DataFrame
        One row a trial, the index "trial" holds its name. Columns status ("COMPLETED", "FAILED", "RUNNING"…), score
        (the objective at the best epoch), best_epoch (counted from 1), one a hyperparameter (missing where a condition
        closes it), one a metric at the best epoch, and reason: why a trial failed, else empty.

    Raises
    ------
    TypeError
        If ``search`` is neither.
    ValueError
        If the folder holds no trial.

    Examples
    --------
    See :func:`open_search`.
    """
    if isinstance(search, (str, os.PathLike)):
        files = sorted(Path(search).glob("trial_*/trial.json"))
        if not files:
            raise ValueError(f"no trial in {str(search)!r}; expected folders trial_* as KerasTuner writes them")
        trials = [keras_tuner.engine.trial.Trial.load(str(file)) for file in files]
    elif isinstance(search, keras_tuner.Tuner):
        trials = list(search.oracle.trials.values())
    else:
        raise TypeError(f"search must be a tuner or the folder of a search; got {type(search).__name__}")
    rows, names = [], []
    for trial in sorted(trials, key=lambda trial: trial.trial_id):
        best = trial.best_step + 1 if trial.status == "COMPLETED" else None
        row = {"trial": trial.trial_id, "status": trial.status, "score": trial.score, "best_epoch": best}
        row |= trial.hyperparameters.values
        names += [name for name in trial.hyperparameters.values if name not in names]
        for name in trial.metrics.metrics:
            row[name] = _at_best(trial, name)
        rows.append(row | {"reason": _reason(trial) or ""})
    frame = pd.DataFrame(rows).set_index("trial").astype({"score": float})
    rest = [name for name in frame if name not in names and name not in ("status", "score", "best_epoch", "reason")]
    return frame[["status", "score", "best_epoch", *names, *rest, "reason"]]


def _at_best(trial, name):
    for observation in trial.metrics.get_history(name):
        if observation.step == trial.best_step:
            return float(observation.value[0])
    return None


def _check_stored(folder, space):
    for name in ("oracle.json", "tuner0.json"):
        try:
            state = json.loads((folder / name).read_text(encoding="utf-8"))
        except (OSError, json.JSONDecodeError) as error:
            raise ValueError(
                f"the search {folder.name!r} is damaged ({name}: {error}); read its finished trials with "
                "trials_frame(folder), and start again with overwrite=True"
            ) from error
        if name == "oracle.json":
            stored = {repr(entry): entry["config"]["name"] for entry in state["hyperparameters"]["space"]}
    now = {
        repr(
            {"class_name": type(parameter).__name__, "config": json.loads(json.dumps(parameter.get_config()))}
        ): parameter
        for parameter in space
    }
    differing = {stored.get(text) or now[text].name for text in set(stored) ^ set(now)}
    if differing:
        raise ValueError(
            f"the search {folder.name!r} was begun with another space: {sorted(differing)} differ; take another "
            "project_name, or overwrite=True"
        )


class _SeenMetrics(keras.callbacks.Callback):
    """Note the names of all metrics; trials get copies of a callback, which must share the notes."""

    def __init__(self):
        super().__init__()
        self.names = set()

    def __deepcopy__(self, memo):
        return self

    def on_epoch_end(self, epoch, logs=None):
        self.names.update(logs or ())


def _stop_if_hopeless(trial, objective, names):
    """Raise where trying the next configuration would not help. The trial then counts as not ended."""
    message = trial.message or ""
    if any(f"[Errno {number}]" in message or f"errno = {number}" in message for number in _DISK_FULL):
        raise OSError(
            errno.ENOSPC, f"the disk is full in trial {trial.trial_id}; make room, then open the search again"
        )
    wanted = getattr(objective, "name_to_direction", {objective.name: None})
    for name in wanted:
        if names and name not in names and f"KeyError: {name!r}" in message:
            near = difflib.get_close_matches(name, names, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise keras_tuner.errors.FatalValueError(
                f"no metric has the name of the objective, {name!r}; there are {', '.join(sorted(names))}{hint}"
            )


def _reason(trial):
    """Return the last line of what went wrong in a trial, or None."""
    if trial.message:
        lines = [line for line in trial.message.strip().splitlines() if line.strip()]
        starts = [line for line in lines if line[:1].strip() and ":" in line and "Traceback" not in line]
        return re.sub(r"^(\w+\.)+(?=\w+:)", "", (starts or lines)[-1])  # without the module of the error
    if trial.status in ("FAILED", "INVALID"):
        return "the objective is NaN"
    return None


def _save_json(path, obj):
    """Write a file so that there is the old one or the new one at any moment, and never a part of one."""
    text = json.dumps(obj)
    beside = f"{path}.new"
    try:
        with open(beside, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    except OSError as error:
        with contextlib.suppress(OSError):
            os.unlink(beside)
        if error.errno in _DISK_FULL:
            message = "the disk is full; finished trials are kept, make room and open the search again"
            raise OSError(error.errno, message) from error
        raise
    return text


class _ProgressLine:
    """One line that is written again after each trial."""

    def __init__(self, oracle, visible):
        self.oracle, self.visible = oracle, visible
        self.total = oracle.max_trials or _trials_of_hyperband(oracle)
        self.began = time.monotonic()
        self.before = len(oracle.end_order)

    def __enter__(self):
        self.show()

    def __exit__(self, *_):
        if self.visible:
            sys.stdout.write("\n")

    def show(self):
        if not self.visible:
            return
        done = len(self.oracle.end_order)
        total = f"/{self.total}" if self.total else ""
        filled = round(_BAR * min(done / self.total, 1)) if self.total else 0
        parts = [f"[{'#' * filled}{'.' * (_BAR - filled)}] {done}{total} trials"]
        trials = self.oracle.trials.values()
        if any(trial.status == "COMPLETED" for trial in trials):
            best = self.oracle.get_best_trials()[0]
            parts.append(f"best {self.oracle.objective.name} {best.score:.4g} (trial {best.trial_id})")
        if failed := sum(trial.status == "FAILED" for trial in trials):
            parts.append(f"{failed} failed")
        if self.total and done > self.before:
            left = (time.monotonic() - self.began) / (done - self.before) * max(self.total - done, 0)
            parts.append(f"{left:.0f} s left")
        sys.stdout.write("\r" + ", ".join(parts).ljust(90))
        sys.stdout.flush()


def _trials_of_hyperband(oracle):
    """Return how many trials a search with Hyperband will make; None for other oracles and for endless searches."""
    if not isinstance(oracle, keras_tuner.oracles.HyperbandOracle) or oracle.hyperband_iterations == float("inf"):
        return None
    return _private.trials_of_hyperband(oracle)
