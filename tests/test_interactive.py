"""The widget of JupyterLab as Python sees it; tests/e2e/test_interactive.py looks at it in a browser."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("anywidget", reason="anywidget is not installed (requirements/lab.txt)")

from coursepkg import interactive
from coursepkg.interactive import Playground

SOURCE = Path(__file__).parents[1] / "book/interactive/src/playground.ts"


def test_settings_are_those_that_were_given_and_can_be_set():
    playground = Playground(data="spiral", layers=[8, 8], features=["sin(x1)", "x1"])
    playground.rate = 1.0
    assert playground.data == "spiral"
    assert playground.settings["layers"] == [8, 8]
    assert playground.settings["features"] == ["x1", "sin(x1)"]
    assert set(playground.settings) == set(playground.keys) & set(interactive._SETTINGS)
    assert playground.get_state(["rate", "data"]) == {"rate": 1, "data": "spiral"}


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"data": "moons"}, ValueError, "data must be one of 'circle', 'xor', 'gauss', 'spiral', 'plane'; got 'moons'"),
        ({"layers": [8, 17]}, ValueError, r"layers\[1\] must be an integer in \[1, 16\]; got 17"),
        ({"layers": [1] * 7}, ValueError, "layers must hold at most six numbers of units"),
        ({"layers": 8}, TypeError, r"layers must be a list of integers, such as \[8, 8\]; got 8"),
        ({"features": []}, ValueError, "features is empty"),
        ({"features": "x1"}, TypeError, "features must be a list of names"),
        ({"features": ["x3"]}, ValueError, r"features\[0\] must be one of 'x1'.*got 'x3'"),
        ({"activation": "gelu"}, ValueError, "activation must be one of 'tanh', 'relu', 'sigmoid', 'identity'"),
        ({"rate": 0.05}, ValueError, "rate must be one of 0.001, .*; got 0.05"),
        ({"batch": True}, ValueError, "batch must be one of 1, 2, .*; got True"),
        ({"penalty": None}, ValueError, "penalty must be one of 'none', 'l1', 'l2'; got None"),
        ({"noise": 2}, ValueError, r"noise must be a finite number in \[0.0, 1.0\]; got 2"),
        ({"seed": -1}, ValueError, r"seed must be an integer in \[0, 4294967295\]; got -1"),
        ({"draw": 0.5}, TypeError, "draw must be an integer"),
        ({"test": 1}, ValueError, "test must be one of True, False; got 1"),
        ({"units": 8}, TypeError, "Playground has no setting 'units'; there are: data, activation"),
    ],
)
def test_bad_settings_are_named_and_change_nothing(settings, error, message):
    with pytest.raises(error, match=message):
        Playground(**settings)
    ((name, value),) = settings.items()
    if name == "units":
        return
    playground = Playground()
    before = playground.settings
    with pytest.raises(error, match=message):
        setattr(playground, name, value)
    assert playground.settings == before


def test_what_the_page_sends_can_be_read_as_arrays():
    playground = Playground(data="plane", layers=[1])
    with pytest.raises(RuntimeError, match="the playground has no weights yet: show it in a cell"):
        playground.weights  # noqa: B018
    W, b = [[[1.0], [2.0]], [[3.0]]], [[0.5], [None]]  # None: a number that is not finite
    playground.set_state({"_trained": {"step": 20, "W": W, "b": b, "history": [[0.3, 0, 0.4, 0], [0.2, 0, 0.3, 0]]}})
    assert [(array.shape, array.dtype) for array in playground.weights] == [((2, 1), float), ((1, 1), float)]
    np.testing.assert_array_equal(playground.biases[1], [np.nan])
    assert playground.step == 20
    assert playground.history == {"loss": [0.3, 0.2], "val_loss": [0.4, 0.3]}


def test_page_and_python_offer_the_same():
    source = SOURCE.read_text(encoding="utf-8")
    for constant, name in {"RATES": "rate", "STRENGTHS": "strength", "BATCHES": "batch", "POINTS": "points"}.items():
        listed = re.search(rf"const {constant} = \[(.*?)\]", source)[1]
        assert [float(value) for value in listed.split(",")] == list(interactive._CHOICES[name])
    speeds = re.search(r"const SPEEDS = \[(.*?)\]", source)[1]
    assert [int(value) for value in speeds.split(",")] == list(interactive._CHOICES["speed"])
    block = re.search(r"const DEFAULTS: Look = \{(.*?)\}", source, re.DOTALL)[1]
    defaults = dict(re.findall(r"(\w+): (.*?),?\n", block))
    settings = Playground().settings
    assert set(defaults) == set(settings)
    for name, text in defaults.items():
        value = settings[name]
        assert json.loads(text) == (list(value) if isinstance(value, tuple) else value), name


def test_without_anywidget_the_error_says_what_to_install():
    code = "import sys; sys.modules['anywidget'] = None; import coursepkg.interactive"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "ImportError: coursepkg.interactive needs the package anywidget: pip install anywidget" in done.stderr
