"""KerasTuner, with what a long search needs: a checked space, a safe folder, a progress line, trials as a table."""

from __future__ import annotations

import contextlib
import copy
import difflib
import errno
import inspect
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

from coursepkg._validation import as_path, shorten
from coursepkg.deep import _private
from coursepkg.deep.search_spaces import asked_for, check_given, explored

_DISK_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_BAR = 20  # characters
STORED = "search.json"  # beside KerasTuner's files, which lack most of what a search was begun with
# How long to go on, and where things are: a search may be continued with others.
FREE = (
    *("max_trials", "max_retries_per_trial", "max_consecutive_failed_trials", "directory", "project_name", "overwrite"),
    *("hypermodel", "hyperparameters", "oracle", "logger", "distribution_strategy", "verbose"),
)


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
        Delete what the folder holds, and start again. Without it nothing is ever deleted.
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
        folder holds a search that is damaged, or that was begun with another class, space, objective or other options.
        KerasTuner itself would go on with the old ones without a word.
    RuntimeError
        In a process of a distributed search, whose files belong to the others as well.

    Notes
    -----
    Only what says how long to go on may change: ``max_trials``, ``max_retries_per_trial`` and
    ``max_consecutive_failed_trials``. All else is stored in the folder's file search.json and compared, with the
    hyperparameters that were found during the search: those that depend on the value of another one are compared where
    a trial has them, those that ``HyperModel.fit`` or ``run_trial`` asks for are not. A search that several processes
    made, or KerasTuner alone, is compared as far as its own files tell.

    A search that goes on ends as an unbroken one would, if what is random in a trial follows from a seed in the model
    function. For this KerasTuner 1.4.8 lacks the place in the grid of a grid search, the random numbers of
    ``BayesianOptimization``, the order of the trials, which one was just finished, and a seed for the values of
    hyperparameters that were found after a trial had begun; they are restored or given here.

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
    folder = as_path(directory, "directory") / as_path(project_name, "project_name")
    stored, settings = None if overwrite else _stored(folder), _settings(tuner_class, options)
    if stored:
        _check_settings(folder, stored, settings)  # first: a tuner of another class could not read the files
        _check_space(folder, stored, space, hypermodel, tuner_class)
    with contextlib.redirect_stdout(io.StringIO()), _private.plain_glob():  # "Reloading Tuner from …"
        tuner = tuner_class(
            hypermodel=hypermodel, directory=str(directory), project_name=project_name, overwrite=overwrite, **options
        )
        if stored and not (folder / "tuner0.json").exists():  # a search by several processes, or one that died early
            tuner.oracle.reload()
    objective = tuner.oracle.objective
    settings["objective"] = dict(getattr(objective, "name_to_direction", None) or {objective.name: objective.direction})
    if stored:
        _check_settings(folder, stored, settings)
        _private.resume(tuner.oracle, stored["oracle"])
    if not stored or stored["search"] is None:
        file = os.path.join(tuner.project_dir, STORED)
        _save_json(file, {"settings": settings, "space": [_plain(parameter) for parameter in space]})
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
        _private.draws_seeded(tuner.oracle),
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
        One row a trial, the index "trial" holds its name. Columns status ("COMPLETED", "FAILED", "RUNNING"…, "DAMAGED"
        where a file cannot be read), score (the objective at the best epoch), best_epoch (counted from 1), one a
        hyperparameter (missing where a condition closes it), one a metric at the best epoch, and reason: why a trial
        failed or cannot be read, else empty. A hyperparameter, or a metric, whose name is that of another column has
        " (hyperparameter)", or " (metric)", behind its name.

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
    damaged = {}
    if isinstance(search, (str, os.PathLike)):
        trials, damaged = _read_trials(Path(search))
        if not trials and not damaged:
            raise ValueError(f"no trial in {str(search)!r}; expected folders trial_* as KerasTuner writes them")
    elif isinstance(search, keras_tuner.Tuner):
        trials = list(search.oracle.trials.values())
    else:
        raise TypeError(f"search must be a tuner or the folder of a search; got {type(search).__name__}")
    trials = sorted(trials, key=lambda trial: _number(trial.trial_id))
    parameters = list(dict.fromkeys(name for trial in trials for name in trial.hyperparameters.values))
    metrics = list(dict.fromkeys(name for trial in trials for name in trial.metrics.metrics))
    fixed, columns = {"trial", "status", "score", "best_epoch", "reason"}, {}
    taken = {*fixed, *metrics}
    for name in parameters:
        columns["hyperparameter", name] = _free(name, "hyperparameter", taken)
    taken -= set(metrics) - fixed
    for name in metrics:
        columns["metric", name] = _free(name, "metric", taken)
    rows = []
    for trial in trials:
        best = trial.best_step + 1 if trial.status == "COMPLETED" else None
        row = {"trial": trial.trial_id, "status": trial.status, "score": trial.score, "best_epoch": best}
        row |= {columns["hyperparameter", name]: value for name, value in trial.hyperparameters.values.items()}
        row |= {columns["metric", name]: _at_best(trial, name) for name in trial.metrics.metrics}
        rows.append(row | {"reason": _reason(trial) or ""})
    for name, reason in damaged.items():
        row = {"trial": name.split("/")[0].removeprefix("trial_"), "status": "DAMAGED", "score": None}
        rows.append(row | {"reason": f"{name}: {reason}"})
    order = ["status", "score", "best_epoch", *columns.values(), "reason"]
    rows.sort(key=lambda row: _number(row["trial"]))
    return pd.DataFrame(rows, columns=["trial", *order]).set_index("trial").astype({"score": float})


def _number(name):
    """Return by what the names of trials are sorted; how many digits they have depends on ``max_trials``."""
    return (int(name), name) if name.isdecimal() else (float("inf"), name)


def _free(name, kind, taken):
    """Return a name for a column that no other has, and note it."""
    while name in taken:
        name = f"{name} ({kind})"
    taken.add(name)
    return name


def _at_best(trial, name):
    if not trial.metrics.exists(name):
        return None
    for observation in trial.metrics.get_history(name):
        if observation.step == trial.best_step:
            return float(observation.value[0])
    return None


def _stored(folder):
    """Return what a folder holds of a search, or None if there is nothing to go on with; nothing is changed.

    A dict: "oracle", the state that KerasTuner stored; "trials"; "search", what was stored at the beginning, or None.
    """
    trials, damaged = _read_trials(folder)
    ended = [trial for trial in trials if trial.status not in ("RUNNING", "IDLE")]
    if not any((folder / name).exists() for name in ("oracle.json", "tuner0.json")) and not ended and not damaged:
        return None
    state = _read(folder, "oracle.json", damaged)
    if state is not None:
        try:
            keras_tuner.HyperParameters.from_config(copy.deepcopy(state["hyperparameters"]))  # it changes what it gets
            begun, _ = list(state["start_order"]), (state["end_order"], state["ongoing_trials"], state["tried_so_far"])
            known = {trial.trial_id for trial in trials} | {name.split("/")[0][len("trial_") :] for name in damaged}
            damaged |= {f"trial_{name}/trial.json": "it is missing" for name in begun if name not in known}
        except Exception as error:  # whatever another shape may raise
            damaged["oracle.json"] = f"it has another shape, {type(error).__name__}: {error}"
    if (folder / "tuner0.json").exists():
        _read(folder, "tuner0.json", damaged)
    search = _read(folder, STORED, damaged) if (folder / STORED).exists() else None
    if search is not None and not {"settings", "space"} <= set(search):
        damaged[STORED] = "it has another shape"
    if damaged:
        listed = "; ".join(f"{name}: {reason}" for name, reason in damaged.items())
        raise ValueError(
            f"the search {folder.name!r} is damaged ({listed}); read its finished trials with trials_frame(folder), "
            "and bring the file back from a copy, take another project_name, or start again with overwrite=True"
        )
    return {"oracle": state, "trials": trials, "search": search}


def _read(folder, name, damaged):
    """Return the dict in a file; if there is none, note the reason in ``damaged``."""
    try:
        state = json.loads((folder / name).read_text(encoding="utf-8"))
        if isinstance(state, dict):
            return state
        damaged[name] = f"it holds {type(state).__name__}, no object"
    except FileNotFoundError:
        damaged[name] = "it is missing"
    except (OSError, ValueError) as error:
        damaged[name] = str(error)
    return None


def _read_trials(folder):
    """Return the trials in a folder, and by file what is wrong with those that cannot be read."""
    trials, damaged = [], {}
    for place in sorted(path for path in Path(folder).glob("trial_*") if path.is_dir()):
        file = place / "trial.json"
        try:
            trials.append(keras_tuner.engine.trial.Trial.load(str(file)))
        except Exception as error:  # whatever another shape may raise
            # An empty folder, or one with an unfinished file, is where a trial was about to begin.
            if file.exists() or any(path.suffix != ".part" for path in place.iterdir()):
                reason = (
                    "it is empty" if file.exists() and not file.stat().st_size else f"{type(error).__name__}: {error}"
                )
                damaged[f"{place.name}/trial.json"] = reason if file.exists() else "it is missing"
    return trials, damaged


def _plain(parameter):
    """Return a hyperparameter as JSON holds it."""
    return {"class_name": type(parameter).__name__, "config": json.loads(json.dumps(parameter.get_config()))}


def _check_space(folder, stored, space, hypermodel, tuner_class):
    """Raise an error if the space differs from the stored one, in what was known at the beginning or grew since."""

    def keyed(entries):
        return {(e["config"]["name"], repr(e["config"]["conditions"])): repr(e) for e in entries}

    now, grown = keyed(map(_plain, space)), keyed(stored["oracle"]["hyperparameters"]["space"])
    began = keyed(stored["search"]["space"]) if stored["search"] else {key: grown.get(key) for key in now}
    differing = {key for key in {*now, *began} if now.get(key) != began.get(key)}
    open_keys = set(grown) - set(now) - set(began)
    if hypermodel is not None:
        asked = {}
        for trial in stored["trials"]:
            if any(name in trial.hyperparameters.values for name, _ in open_keys - set(asked)):
                asked |= keyed(map(_plain, asked_for(hypermodel, trial.hyperparameters.values)))
        differing |= {key for key in open_keys & set(asked) if asked[key] != grown[key]}
        own_run = tuner_class.run_trial.__module__.split(".")[0] != "keras_tuner"
        if not own_run and not isinstance(hypermodel, keras_tuner.HyperModel):  # else they may be asked for later
            values = [trial.hyperparameters.values for trial in stored["trials"]]
            differing |= {key for key in open_keys - set(asked) if any(key[0] in value for value in values)}
    if differing:
        raise ValueError(
            f"the search {folder.name!r} was begun with another space: {sorted({name for name, _ in differing})} "
            "differ; take another project_name, or overwrite=True"
        )


def _settings(tuner_class, options):
    """Return what decides about the course and the result of a search, but its objective, as JSON holds it."""
    given = {
        name: parameter.default
        for name, parameter in inspect.signature(tuner_class.__init__).parameters.items()
        if parameter.default is not inspect.Parameter.empty
    } | options
    kind = next(kind for kind in tuner_class.__mro__ if kind.__module__.split(".")[0] == "keras_tuner")
    settings = {"class": kind.__name__}
    if oracle := options.get("oracle"):
        settings["oracle"] = type(oracle).__name__
        given |= {k: v for k, v in vars(oracle).items() if k[0] != "_" and isinstance(v, (bool, int, float, str))}
    free = (*FREE, "objective")  # only the tuner knows whether it is to be minimized
    return settings | {name: _described(v) for name, v in given.items() if name not in free and v is not None}


def _described(value):
    """Return a value, or what identifies it, as JSON holds it."""
    if isinstance(value, (list, tuple)):
        return [_described(item) for item in value]
    if isinstance(value, dict):
        return {str(name): _described(item) for name, item in value.items()}
    if hasattr(value, "get_config") and not isinstance(value, type):
        return {"class": type(value).__name__, "config": _described(value.get_config())}
    if isinstance(value, (bool, int, float, str)) or value is None:
        return value
    return getattr(value, "__qualname__", type(value).__name__)


def _check_settings(folder, stored, settings):
    """Raise an error that names each setting that differs from the stored one."""
    if stored["search"]:
        before = stored["search"]["settings"]
    else:  # KerasTuner stores some of them with its own state
        before = settings | {name: stored["oracle"][name] for name in settings if name in stored["oracle"]}
        scores = [trial for trial in stored["trials"] if trial.status == "COMPLETED"]
        for name in settings.get("objective", {}) if len(settings.get("objective", {})) == 1 else ():
            if any(_at_best(trial, name) != trial.score for trial in scores):
                before = before | {"objective": "another one"}
    names = [name for name in {**before, **settings} if json.dumps(before.get(name)) != json.dumps(settings.get(name))]
    names = [name for name in names if name != "objective" or name in settings]
    if names:
        listed = "; ".join(f"{name} was {before.get(name)!r} and is now {settings.get(name)!r}" for name in names)
        raise ValueError(
            f"the search {folder.name!r} was begun with other settings: {listed}; take the old ones to go on with it, "
            "or another project_name or overwrite=True for a new search"
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

    def __exit__(self, error, *_):
        if self.visible:
            self.show(ended=error is None)
            sys.stdout.write("\n")

    def show(self, ended=False):
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
        if ended and not (self.total and done >= self.total):
            parts.append("the space is exhausted: no other configuration was found")
        elif self.total and done > self.before:
            left = (time.monotonic() - self.began) / (done - self.before) * max(self.total - done, 0)
            parts.append(f"{left:.0f} s left")
        sys.stdout.write("\r" + ", ".join(parts).ljust(90))
        sys.stdout.flush()


def _trials_of_hyperband(oracle):
    """Return how many trials a search with Hyperband will make; None for other oracles and for endless searches."""
    if not isinstance(oracle, keras_tuner.oracles.HyperbandOracle) or oracle.hyperband_iterations == float("inf"):
        return None
    return _private.trials_of_hyperband(oracle)
