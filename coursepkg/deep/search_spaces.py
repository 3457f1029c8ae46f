"""The search space of a KerasTuner model as a table, checked before hours are spent on it."""

from __future__ import annotations

import contextlib
import difflib

import keras_tuner
import pandas as pd

from coursepkg._validation import shorten
from coursepkg.deep import _private

_LISTED = (
    keras_tuner.engine.hyperparameters.Choice,
    keras_tuner.engine.hyperparameters.Boolean,
    keras_tuner.engine.hyperparameters.Fixed,
)


def space_frame(hypermodel, *, shared=()):
    """Return the search space of a model function as a table, or say what is wrong with it before any training.

    Parameters
    ----------
    hypermodel : callable or keras_tuner.HyperModel
        Builds a model from a ``keras_tuner.HyperParameters``. It is called once, and once more for each conditional
        scope that its default values leave closed.
    shared : collection of str, keyword-only
        Names that several places of the model use on purpose.

    Returns
    -------
    pandas.DataFrame
        One row a hyperparameter, in the order in which they were asked for; the index holds the names. Columns kind,
        low, high, step, sampling, choices, default, and only_if: the conditions under which it exists, as text.

    Raises
    ------
    TypeError
        If ``hypermodel`` is neither callable nor a HyperModel.
    ValueError
        If the model cannot be built (a range with its bounds exchanged is refused by KerasTuner itself), nothing is
        left to search, a name is used twice that is not in ``shared``, or a condition can never hold.

    Examples
    --------
    >>> def build(hp):
    ...     hp.Float("rate", 1e-3, 1.0, sampling="log")
    ...     hp.Choice("activation", ["relu", "tanh"])
    >>> space_frame(build)[["kind", "low", "high", "sampling"]]  # doctest: +NORMALIZE_WHITESPACE
                  kind    low  high sampling
    name
    rate         Float  0.001   1.0      log
    activation  Choice    NaN   NaN      NaN
    """
    rows = []
    for parameter in explored(hypermodel, shared):
        config = parameter.get_config()
        rows.append(
            {
                "name": parameter.name,
                "kind": type(parameter).__name__,
                "low": config.get("min_value"),
                "high": config.get("max_value"),
                "step": config.get("step"),
                "sampling": config.get("sampling"),
                "choices": list(parameter.values) if isinstance(parameter, _LISTED) else None,
                "default": parameter.default,
                "only_if": " and ".join(f"{c.name} in {list(c.values)}" for c in parameter.conditions) or None,
            }
        )
    return pd.DataFrame(rows).set_index("name")


def explored(hypermodel, shared):
    """Return the hyperparameters that a model asks for under all of its conditions."""
    if isinstance(hypermodel, keras_tuner.HyperModel):
        build = hypermodel.build
    elif callable(hypermodel):
        build = hypermodel
    else:
        raise TypeError(f"hypermodel must be a function or a HyperModel; got {shorten(hypermodel)}")
    found, known, waiting = {}, set(), [()]
    while waiting:
        hp = _private.watched_hyperparameters()
        hp.values = {condition.name: condition.values[0] for condition in waiting.pop()}
        if isinstance(hypermodel, keras_tuner.HyperModel):
            hypermodel.declare_hyperparameters(hp)
            hp.asked.clear()  # what is declared first is asked for again
        try:
            build(hp)
        except Exception as error:
            message = f"the model cannot be built with {hp.values}: {type(error).__name__}: {error}"
            raise ValueError(message) from error
        for name, conditions in hp.asked:
            times = hp.asked.count((name, conditions))
            if times > 1 and name not in shared:
                raise ValueError(
                    f"the name {name!r} is used {times} times, which is one hyperparameter with one value; "
                    f"give each its own name, or say shared=[{name!r}]"
                )
        for parameter in hp.space:
            found.setdefault((parameter.name, str([c.get_config() for c in parameter.conditions])), parameter)
        for scope in hp.inactive_scopes:
            key = str([condition.get_config() for condition in scope])
            if key not in known:
                known.add(key)
                waiting.append(scope)
    parameters = list(found.values())
    if all(isinstance(p, keras_tuner.engine.hyperparameters.Fixed) for p in parameters):
        raise ValueError(f"the search space is empty: the model asks for {[p.name for p in parameters] or 'nothing'}")
    _check_conditions(parameters)
    return parameters


def asked_for(hypermodel, values):
    """Return the hyperparameters that a model asks for if those that it asks for have these values, a dict by name.

    Examples
    --------
    >>> build = lambda hp: [hp.Int(f"units_{i}", 1, 8) for i in range(hp.Int("layers", 1, 3))]
    >>> [parameter.name for parameter in asked_for(build, {"layers": 2})]
    ['layers', 'units_0', 'units_1']
    """
    hp = _private.watched_hyperparameters()
    hp.values = dict(values)
    with contextlib.suppress(Exception):  # a trial that failed asked for what it asked for before
        (hypermodel.build if isinstance(hypermodel, keras_tuner.HyperModel) else hypermodel)(hp)
    return hp.space


def _check_conditions(parameters):
    for parameter in parameters:
        for condition in parameter.conditions:
            parents = [p for p in parameters if p.name == condition.name]
            if not any(_takes(parent, value) for parent in parents for value in condition.values):
                raise ValueError(
                    f"{parameter.name!r} exists only if {condition.name!r} is in {list(condition.values)}, which can "
                    f"never be: {condition.name!r} takes {_takes_what(parents[0])}"
                )


def _takes(parameter, value):
    if isinstance(parameter, _LISTED):
        return value in list(parameter.values)
    return parameter.min_value <= value <= parameter.max_value


def _takes_what(parameter):
    if isinstance(parameter, _LISTED):
        return list(parameter.values)
    return f"{parameter.min_value} to {parameter.max_value}"


def check_given(given, names):
    for parameter in given.space if given is not None else ():
        if parameter.name not in names:
            near = difflib.get_close_matches(parameter.name, names, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else f"; it asks for {sorted(names)}"
            raise ValueError(f"hyperparameters holds {parameter.name!r}, which the model never asks for{hint}")
