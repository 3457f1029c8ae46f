"""Answers to the exercises on saving."""

from __future__ import annotations

import json

import numpy as np

from coursepkg._validation import shorten
from coursepkg.exercises.answers import Answers, patches
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
    mistakes=patches(
        """
        the width is forgotten: has no 'width'
        - , "width": self.width}
        + }
        an array in the config: is a ndarray, which JSON cannot write
        - centers.tolist()
        + centers
        no get_config: Keras cannot guess the config of a layer that takes an array; write get_config()
        - get_config(self)
        + another(self)
        - super().get_config()
        + {}
        without the layer's own settings: begin with super().get_config()
        - super().get_config() | own
        + own
        no place for the name: take **kwargs in __init__
        - width=1.0, **kwargs
        + width=1.0, name=None
        - **kwargs
        + name=name
        the width is not squared: the width is squared too
        - (apart / self.width) ** 2
        + apart**2 / self.width
        the distance is not squared: the distance is squared
        - ((apart / self.width) ** 2)
        + apart / self.width
        """
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


look_inside = Answers(
    judge=_judge_names,
    mistakes=patches(
        """
        the outer model only: a layer can hold layers
        - [json.loads(archive.read("config.json"))]
        + json.loads(archive.read("config.json"))["config"]["layers"]
        - todo += part.values()
        + pass
        models in models, but not layers in layers: a layer can hold layers
        - part.values()
        + part.get("config", {}).get("layers", [])
        Lambda only: Lambda and TFSMLayer
        - ("Lambda", "TFSMLayer")
        + ("Lambda",)
        classes instead of names: return the "name" in the layer's config
        - part["config"]["name"]
        + part["class_name"]
        not sorted: sort the names
        - sorted(found)
        + sorted(found)[::-1]
        misled by a name: look for the "class_name"
        - part.get("class_name") in ("Lambda", "TFSMLayer")
        + {"Lambda", "TFSMLayer"} & set(map(str, part.values()))
        - part["config"]["name"]
        + part.get("config", part)["name"]
        """
    ),
)

# --- saving/repair-resume -------------------------------------------------------------------------------------------


def _judge_resumed(got, *, kernel, steps):
    if got is None:
        return "expected the model that build() returned (did you forget the `return` statement?)"
    if not np.array_equal(got["kernel"], kernel):
        return "the model does not have the weights of the file\nhint: load_weights fills a model that is there already"
    if "steps" not in got:
        return "the model is not compiled\nhint: without compile there is no optimizer to go on with"
    if got["compiled"] != ["adam", "mse"]:
        return f"expected the optimizer and the loss 'adam', 'mse'; got {', '.join(map(repr, got['compiled']))}"
    if got["steps"] == steps:
        return None
    problem = f"expected an optimizer that has taken {steps} steps; it has taken {got['steps']}"
    if got["places"] > 1:
        return f"{problem}\nhint: training changes the trainable variables only, so only these have a state"
    if got["built"]:
        return f"{problem}\nhint: its state came before its places: in which order must the three things happen?"
    return f"{problem}\nhint: at the moment of loading, this optimizer has no place for a state, or is not there yet"


repair_resume = Answers(
    judge={"resumed": _judge_resumed},
    mistakes=patches(
        """
        the order only is repaired: has no place for a state, or is not there yet
        - model.optimizer.build(model.trainable_variables)
        + pass
        built after loading: in which order must the three things happen
        - model.optimizer.build(model.trainable_variables)
        + model.load_weights(path)
        -     model.load_weights(path)
        -     return model
        +     model.optimizer.build(model.trainable_variables)
        +     return model
        places for all variables: only these have a state
        - model.trainable_variables
        + model.variables
        nothing is loaded: does not have the weights of the file
        - model.load_weights(path)
        + pass
        never compiled: without compile there is no optimizer
        - model.compile(optimizer="adam", loss="mse")
        + pass
        - model.optimizer.build(model.trainable_variables)
        + pass
        another optimizer: expected the optimizer and the loss 'adam', 'mse'
        - "adam"
        + "sgd"
        """
    ),
)
