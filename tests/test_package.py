"""What importing costs, what the command says, and that every argument check names what came."""

from __future__ import annotations

import importlib
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import coursepkg
from coursepkg import cli, info
from coursepkg._validation import as_array, as_float, as_int, one_of, shorten
from coursepkg.seeding import seed_numpy


def loaded_by(statement):
    """Return the top-level modules that a statement loads in a fresh interpreter."""
    code = f"import sys; before = set(sys.modules); {statement}; print(*(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return {name.partition(".")[0] for name in done.stdout.split()}


def test_importing_the_package_loads_nothing_else():
    assert loaded_by("import coursepkg") == {"coursepkg"}


@pytest.mark.parametrize("name", ["activations", "layers", "losses", "mlp", "optimizers", "schedules", "replicas"])
def test_a_module_of_scratch_loads_numpy_and_nothing_else_that_is_large(name):
    loaded = loaded_by(f"import coursepkg.scratch.{name}")
    assert "numpy" in loaded
    assert not {"sklearn", "scipy", "matplotlib", "pandas", "joblib"} & loaded


@pytest.mark.parametrize("room", ["scratch", "search"])
def test_a_lazy_room_costs_nothing_and_has_all_its_names(room):
    assert loaded_by(f"import coursepkg.{room}") == {"coursepkg"}
    package = importlib.import_module(f"coursepkg.{room}")
    assert dir(package) == package.__all__ == sorted(set(package.__all__))
    assert len(package.__all__) == sum(len(names.split()) for names in package.EXPORTS.values())
    for module, names in package.EXPORTS.items():
        source = importlib.import_module(f"coursepkg.{room}.{module}")
        for name in names.split():
            found = getattr(package, name)
            assert found is getattr(source, name)
            if callable(found):  # what is no function and no class, such as a space, has the module of its class
                assert getattr(found, "__module__", source.__name__) in (source.__name__, "builtins")
    with pytest.raises(AttributeError, match=f"module 'coursepkg.{room}' has no attribute 'nothing'"):
        package.nothing  # noqa: B018


ROOMS = [
    "calibration",
    "cli",
    "data",
    "exercises",
    "figures",
    "info",
    "interactive",
    "plots",
    "scratch",
    "search",
    "seeding",
]


@pytest.mark.parametrize("room", ROOMS)
def test_only_deep_loads_tensorflow(room):
    assert not {"tensorflow", "keras", "keras_tuner"} & loaded_by(f"import coursepkg.{room}")


def test_deep_loads_tensorflow_without_a_word_on_stderr():
    done = subprocess.run(
        [sys.executable, "-c", "from coursepkg.deep import seed_everything; seed_everything(1)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    assert done.stdout == "Computing in float64 with deterministic operations; seed 1.\n"


def test_info_lists_versions_and_what_is_missing(capsys, monkeypatch):
    assert cli.main(["info"]) == 0
    text = capsys.readouterr().out
    assert coursepkg.__version__ in text
    assert "numpy" in text
    assert "COURSE_DATA" in text
    monkeypatch.setattr(info, "_version", lambda name: None if name == "keras" else "1.0")
    assert cli.main(["info"]) == 1
    text = capsys.readouterr().out
    assert "missing: pip install keras" in text
    assert "Some chapters will not run: keras missing." in text


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["data", "--help"]])
def test_help_and_version_end_well(arguments, capsys):
    with pytest.raises(SystemExit, match="0"):
        cli.main(arguments)
    assert "coursepkg" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [[], ["inof"], ["info", "--all"]])
def test_a_misused_command_exits_with_2(arguments, capsys):
    with pytest.raises(SystemExit, match="2"):
        cli.main(arguments)
    assert "usage: coursepkg" in capsys.readouterr().err


def test_seeding_repeats_python_numpy_and_the_generator():
    import random

    draws = []
    for _ in range(2):
        rng = seed_numpy(7)
        draws.append((random.random(), np.random.random(), rng.random()))  # noqa: NPY002
    assert draws[0] == draws[1]
    with pytest.raises(TypeError, match="seed must be an integer in .*; got 'a'"):
        seed_numpy("a")


@given(st.integers(-5, 5), st.integers(-5, 5), st.integers(-5, 5))
def test_integers_pass_exactly_within_their_range(value, low, high):
    if low <= value <= high:
        assert as_int(value, "n", low=low, high=high) == value
    else:
        with pytest.raises(ValueError, match=f"n must be an integer .*; got {value}"):
            as_int(value, "n", low=low, high=high)


@given(st.floats())
def test_floats_pass_exactly_if_they_are_finite_and_positive(value):
    if 0 < value < float("inf"):
        assert as_float(value, "rate", low=0, open_low=True) == value
    else:
        with pytest.raises(ValueError, match="rate must be a finite number > 0"):
            as_float(value, "rate", low=0, open_low=True)


@pytest.mark.parametrize("value", [True, np.bool_(True), "1", None, [1]])
def test_what_is_no_number_is_shown(value):
    with pytest.raises(TypeError, match="n must be an integer"):
        as_int(value, "n")
    with pytest.raises(TypeError, match="x must be a number"):
        as_float(value, "x")


@pytest.mark.parametrize(
    ("value", "options", "error", "message"),
    [
        ("abc", {}, TypeError, "X must hold real numbers"),
        (None, {}, TypeError, "X must hold real numbers"),
        ([[1, 2], [3]], {}, ValueError, "rows differ in length"),
        ([1, 2], {"ndim": 2}, ValueError, r"got shape \(2,\); reshape one feature with X.reshape\(-1, 1\)"),
        ([[1]], {"ndim": (0, 1)}, ValueError, r"0 or 1 dimension\(s\)"),
        ([], {}, ValueError, "X is empty"),
        ([[1, 2]], {"columns": 3}, ValueError, r"3 column\(s\); got shape \(1, 2\)"),
        ([1, 2], {"length": 3}, ValueError, r"length 3; got shape \(2,\)"),
        ([[1, np.inf]], {}, ValueError, r"found inf at index \(0, 1\)"),
    ],
)
def test_unfit_arrays_are_described(value, options, error, message):
    with pytest.raises(error, match=message):
        as_array(value, "X", **options)


def test_fit_arrays_pass_as_float64():
    assert as_array([1, 2], "x").dtype == np.float64
    assert as_array([], "x", empty=True).size == 0
    assert np.isnan(as_array([np.nan], "x", finite=False)).all()


def test_choices_are_listed_and_long_values_cut():
    assert one_of("b", "kind", ("a", "b")) == "b"
    with pytest.raises(ValueError, match="kind must be one of 'a', 'b'; got 'c'"):
        one_of("c", "kind", ("a", "b"))
    assert len(shorten("x" * 500)) == 80
