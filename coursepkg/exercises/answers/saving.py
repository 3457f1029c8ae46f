"""Answers to the exercises on saving."""

from __future__ import annotations

import json

import numpy as np

from coursepkg._validation import shorten
from coursepkg.exercises.answers import Answers, patch
from coursepkg.exercises.cases import Caught, Opaque
from coursepkg.exercises.compare import difference

# --- saving/get-config ----------------------------------------------------------------------------------------------

NO_CONFIG = "Keras cannot guess the config of a layer that takes an array; write get_config()"


def radial_basis(x, centers, width=1.0):
    """Return how near each row of ``x`` is to each center: 1 if they are the same, 0 if they are far apart."""
    return np.exp(-((np.linalg.norm(x[:, None] - centers, axis=-1) / width) ** 2))


def _judge_values(got, *, x, centers, width):
    problem = difference(got, radial_basis(x, centers, width), rtol=1e-3, atol=1e-4)
    apart = np.linalg.norm(x[:, None] - centers, axis=-1)
    if problem is None or np.shape(got) != apart.shape:
        return problem
    for wrong, hint in (
        (np.exp(-apart / width), "the distance is squared"),
        (np.exp(-(apart**2) / width), "the width is squared too: divide before you square"),
        (np.exp(-(apart**2)), "the width is not used"),
        (np.exp(-((apart / width) ** 2) / 2), "there is no factor one half"),
    ):
        if np.allclose(got, wrong, rtol=1e-3, atol=1e-4):
            return f"{problem}\nhint: {hint}"
    return problem


def _judge_config(got):
    if isinstance(got, Caught):
        return NO_CONFIG
    if not isinstance(got, dict):
        return f"get_config() must return a dictionary; got {shorten(got)}"
    for key, value in got.items():
        try:
            json.dumps(value)
        except TypeError:
            kind = value.type if isinstance(value, Opaque) else type(value).__name__
            return f"config[{key!r}] is a {kind}, which JSON cannot write; hint: a list of lists can be"
    for key in ("centers", "width"):
        if key not in got:
            return f"the config has no {key!r}; hint: every argument of __init__ belongs to it"
    if got.get("name") != "basis":
        return "the layer's own settings, such as its name, are missing; hint: begin with super().get_config()"
    return None


def _judge_round_trip(got, *, x, centers, width):
    if isinstance(got, Caught):
        if got.is_a("NotImplementedError"):
            return NO_CONFIG
        hint = "\nhint: take **kwargs in __init__ and hand them to super().__init__"
        problem = f"from_config(get_config()) raised TypeError: {shorten(str(got))}"
        return problem + (hint if "unexpected keyword" in str(got) else "")
    expected = radial_basis(x, centers, width)
    if np.shape(got) == expected.shape and np.allclose(got, expected, rtol=1e-3, atol=1e-4):
        return None
    if np.shape(got) == expected.shape and np.allclose(got, radial_basis(x, centers), rtol=1e-3, atol=1e-4):
        return "the copy has the default width; hint: what get_config() forgets is lost without a message"
    return "the copy computes something else than the layer did"


get_config = Answers(
    judge={"values": _judge_values, "config": _judge_config, "round trip": _judge_round_trip},
    mistakes=(
        patch("the width is forgotten", ', "width": self.width}', "}", "has no 'width'"),
        patch("an array in the config", "centers.tolist()", "centers", "is a ndarray, which JSON cannot write"),
        patch("no get_config", "get_config(self)", "another(self)", NO_CONFIG, ("super().get_config()", "{}")),
        patch(
            "without the layer's own settings", "super().get_config() | own", "own", "begin with super().get_config()"
        ),
        patch(
            "no place for the name",
            "width=1.0, **kwargs",
            "width=1.0, name=None",
            "take **kwargs in __init__",
            ("**kwargs", "name=name"),
        ),
        patch(
            "the width is not squared",
            "(apart / self.width) ** 2",
            "apart**2 / self.width",
            "the width is squared too",
        ),
        patch(
            "the distance is not squared",
            "((apart / self.width) ** 2)",
            "apart / self.width",
            "the distance is squared",
        ),
    ),
)

# --- saving/look-inside ---------------------------------------------------------------------------------------------


def _with_code(part):
    """Yield the names of the layers that carry code in a part of a file, by recursion."""
    if isinstance(part, dict):
        if part.get("class_name") in ("Lambda", "TFSMLayer"):
            yield part["config"]["name"]
        part = list(part.values())
    for inner in part if isinstance(part, list) else ():
        yield from _with_code(inner)


def _judge_names(got, *, model):
    if not isinstance(got, list) or not all(isinstance(name, str) for name in got):
        return f"expected a list of names of layers; got {shorten(got)} (did you forget the `return` statement?)"
    expected = sorted(_with_code(model))
    if got == expected:
        return None
    missing = set(expected) - set(got)
    if sorted(got) == expected:
        hint = "sort the names"
    elif set(got) & {"Lambda", "TFSMLayer"}:
        hint = 'look for the "class_name", and return the "name" in the layer\'s config'
    elif any(inner["config"]["name"] in missing for inner in model["config"]["layers"]):
        hint = "two classes carry code: Lambda and TFSMLayer"
    elif missing:
        hint = "a layer can hold layers, and these can too: go through everything in the file"
    else:
        hint = "name the layer that carries the code, not the one that holds it"
    return f"expected {expected}; got {shorten(got)}\nhint: {hint}"


LISTED = 'json.loads(archive.read("config.json"))'
CLASSES = '("Lambda", "TFSMLayer")'
look_inside = Answers(
    judge=_judge_names,
    mistakes=(
        patch(
            "the outer model only",
            f"[{LISTED}]",
            f'{LISTED}["config"]["layers"]',
            "a layer can hold layers",
            ("todo += part.values()", "pass"),
        ),
        patch(
            "models in models, but not layers in layers",
            "part.values()",
            'part.get("config", {}).get("layers", [])',
            "a layer can hold layers",
        ),
        patch("Lambda only", CLASSES, '("Lambda",)', "Lambda and TFSMLayer"),
        patch(
            "classes instead of names",
            'part["config"]["name"]',
            'part["class_name"]',
            'return the "name" in the layer\'s config',
        ),
        patch("not sorted", "sorted(found)", "sorted(found)[::-1]", "sort the names"),
        patch(
            "misled by a name",
            f'part.get("class_name") in {CLASSES}',
            '{"Lambda", "TFSMLayer"} & set(map(str, part.values()))',
            'look for the "class_name"',
            ('part["config"]["name"]', 'part.get("config", part)["name"]'),
        ),
    ),
)
