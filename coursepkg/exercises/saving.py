"""Exercises of the chapter on saving. Files are written here as Keras writes them; Keras itself is not called."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import numpy as np

from coursepkg._validation import shorten
from coursepkg.exercises.checking import Case, Exercise, Mistake, Source, difference, prose
from coursepkg.exercises.keras_files import layer, write_keras_file

# --- saving/get-config ----------------------------------------------------------------------------------------------

CONFIG_SOLUTION = Source("""\
import keras
import numpy as np


class RadialBasis(keras.layers.Layer):
    def __init__(self, centers, width=1.0, **kwargs):
        super().__init__(**kwargs)
        self.centers, self.width = np.asarray(centers), width

    def call(self, x):
        apart = keras.ops.norm(x[:, None, :] - self.centers, axis=-1)
        return keras.ops.exp(-((apart / self.width) ** 2))

    def get_config(self):
        own = {"centers": self.centers.tolist(), "width": self.width}
        return super().get_config() | own
""")


def radial_basis(x, centers, width=1.0):
    """Return how near each row of ``x`` is to each center: 1 if they are the same, 0 if they are far apart."""
    return np.exp(-((np.linalg.norm(x[:, None] - centers, axis=-1) / width) ** 2))


def _config_cases(rng):
    x, centers, width = rng.normal(size=(6, 3)), rng.normal(size=(4, 3)), float(rng.uniform(1.5, 2.5))
    yield Case(
        "RadialBasis(centers, width)(x) with 4 centers",
        run=lambda cls: _value(cls(centers.copy(), width)(x)),
        judge=lambda got: _judge_values(got, x, centers, width),
    )
    yield Case(
        "RadialBasis(centers)(x): the width is 1",
        run=lambda cls: _value(cls(centers.copy())(x)),
        judge=lambda got: _judge_values(got, x, centers, 1.0),
    )
    yield Case(
        "get_config() can be written as JSON, and holds all",
        run=lambda cls: _config(cls(centers.copy(), width, name="basis")),
        judge=_judge_config,
    )
    yield Case(
        "from_config() gives a layer with the same outputs",
        run=lambda cls: _round_trip(cls, centers, width, x),
        judge=lambda got: _judge_round_trip(got, x, centers, width),
    )


def _value(tensor):
    return np.asarray(tensor, dtype=float)


def _config(layer):
    try:
        return layer.get_config()
    except NotImplementedError as error:  # Keras's own: "the object must override get_config()"
        return error


def _round_trip(cls, centers, width, x):
    layer = cls(centers.copy(), width, name="basis")
    config = _config(layer)
    if isinstance(config, Exception):
        return config
    try:
        again = cls.from_config(json.loads(json.dumps(config, default=np.ndarray.tolist)))
        return _value(again(x))
    except TypeError as error:
        return error


def _judge_values(got, x, centers, width):
    expected = radial_basis(x, centers, width)
    problem = difference(got, expected, rtol=1e-3, atol=1e-4)
    if problem is None or got.shape != expected.shape:
        return problem
    apart = np.linalg.norm(x[:, None] - centers, axis=-1)
    for wrong, hint in (
        (np.exp(-apart / width), "the distance is squared"),
        (np.exp(-(apart**2) / width), "the width is squared too: divide before you square"),
        (np.exp(-(apart**2)), "the width is not used"),
        (np.exp(-((apart / width) ** 2) / 2), "there is no factor one half"),
    ):
        if np.allclose(got, wrong, rtol=1e-3, atol=1e-4):
            return f"{problem}\nhint: {hint}"
    return problem


NO_CONFIG = "Keras cannot guess the config of a layer that takes an array; write get_config()"


def _judge_config(got):
    if isinstance(got, Exception):
        return NO_CONFIG
    if not isinstance(got, dict):
        return f"get_config() must return a dictionary; got {shorten(got)}"
    for key, value in got.items():
        try:
            json.dumps(value)
        except TypeError:
            return f"config[{key!r}] is a {type(value).__name__}, which JSON cannot write; hint: a list of lists can be"
    for key in ("centers", "width"):
        if key not in got:
            return f"the config has no {key!r}; hint: every argument of __init__ belongs to it"
    if got.get("name") != "basis":
        return "the layer's own settings, such as its name, are missing; hint: begin with super().get_config()"
    return None


def _judge_round_trip(got, x, centers, width):
    if isinstance(got, NotImplementedError):
        return NO_CONFIG
    if isinstance(got, TypeError):
        hint = "take **kwargs in __init__ and hand them to super().__init__" if "unexpected keyword" in str(got) else ""
        return f"from_config(get_config()) raised TypeError: {shorten(str(got))}" + (f"\nhint: {hint}" if hint else "")
    expected = radial_basis(x, centers, width)
    if np.shape(got) == expected.shape and np.allclose(got, expected, rtol=1e-3, atol=1e-4):
        return None
    if np.shape(got) == expected.shape and np.allclose(got, radial_basis(x, centers), rtol=1e-3, atol=1e-4):
        return "the copy has the default width; hint: what get_config() forgets is lost without a message"
    return "the copy computes something else than the layer did"


OWN = '{"centers": self.centers.tolist(), "width": self.width}'
CONFIG_MISTAKES = (
    Mistake("the width is forgotten", CONFIG_SOLUTION.edited((', "width": self.width}', "}")), "has no 'width'"),
    Mistake(
        "an array in the config",
        CONFIG_SOLUTION.edited(("self.centers.tolist()", "self.centers")),
        "is a ndarray, which JSON cannot write",
    ),
    Mistake(
        "no get_config",
        CONFIG_SOLUTION.edited(("get_config(self)", "another(self)"), ("super().get_config()", "{}")),
        NO_CONFIG,
    ),
    Mistake(
        "without the layer's own settings",
        CONFIG_SOLUTION.edited(("super().get_config() | own", "own")),
        "begin with super().get_config()",
    ),
    Mistake(
        "no place for the name",
        CONFIG_SOLUTION.edited(
            ("width=1.0, **kwargs", "width=1.0, name=None"), ("__init__(**kwargs)", "__init__(name=name)")
        ),
        "take **kwargs in __init__",
    ),
    Mistake(
        "the width is not squared",
        CONFIG_SOLUTION.edited(("(apart / self.width) ** 2", "apart**2 / self.width")),
        "the width is squared too",
    ),
    Mistake(
        "the distance is not squared",
        CONFIG_SOLUTION.edited(("((apart / self.width) ** 2)", "apart / self.width")),
        "the distance is squared",
    ),
)

# --- saving/look-inside ---------------------------------------------------------------------------------------------

LOOK_SOLUTION = Source("""\
import json
import zipfile


def layers_with_code(path):
    with zipfile.ZipFile(path) as archive:
        todo = [json.loads(archive.read("config.json"))]
    found = []
    while todo:
        part = todo.pop()
        if isinstance(part, list):
            todo += part
        elif isinstance(part, dict):
            todo += part.values()
            if part.get("class_name") in ("Lambda", "TFSMLayer"):
                found.append(part["config"]["name"])
    return sorted(found)
""")


def _models(rng):
    def named(prefix):
        return f"{prefix}_{rng.integers(1000)}"

    def code(name, class_name="Lambda"):
        settings = {"class_name": "__lambda__", "config": {"code": "4wEAAAA=", "defaults": None, "closure": None}}
        return layer(class_name, name, function=settings) if class_name == "Lambda" else layer(class_name, name)

    def model(*layers):
        return layer("Sequential", named("model"), layers=list(layers))

    def dense():
        return layer("Dense", named("dense"), units=int(rng.integers(1, 99)))

    a, b, c, d = (named(prefix) for prefix in ("scale", "root", "shift", "archive"))
    innocent = layer("Dense", "Lambda", units=3)  # only its name is suspicious
    yield "layers of Keras only", model(dense(), innocent, dense()), []
    yield "a Lambda layer", model(dense(), code(b), code(a), dense()), sorted([a, b])
    yield "a Lambda layer in a model in a model", model(dense(), model(model(code(c)), dense())), [c]
    yield (
        "a Lambda layer in a TimeDistributed layer",
        model(dense(), layer("TimeDistributed", named("each"), layer=code(c))),
        [c],
    )
    yield "a TFSMLayer, and a Lambda layer", model(code(d, "TFSMLayer"), dense(), code(a)), sorted([a, d])


def _look_cases(rng):
    for shown, model, expected in _models(rng):
        yield Case(
            f"a file with {shown}",
            run=lambda function, model=model: _call_on_file(function, model),
            judge=lambda got, model=model, expected=expected: _judge_names(got, model, expected),
        )


def _call_on_file(function, model):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.keras"
        write_keras_file(path, model)
        return function(path)


def _judge_names(got, model, expected):
    if not isinstance(got, list) or not all(isinstance(name, str) for name in got):
        return f"expected a list of names of layers; got {shorten(got)} (did you forget the `return` statement?)"
    if got == expected:
        return None
    problem = f"expected {expected}; got {shorten(got)}"
    if sorted(got) == expected:
        return f"{problem}\nhint: sort the names"
    if set(got) & {"Lambda", "TFSMLayer"}:
        return f'{problem}\nhint: look for the "class_name", and return the "name" in the layer\'s config'
    missing = set(expected) - set(got)
    if missing and any(inner["config"]["name"] in missing for inner in model["config"]["layers"]):
        return f"{problem}\nhint: two classes carry code: Lambda and TFSMLayer"
    if missing:
        return f"{problem}\nhint: a layer can hold layers, and these can too: go through everything in the file"
    return f"{problem}\nhint: name the layer that carries the code, not the one that holds it"


LOOK_MISTAKES = (
    Mistake(
        "the outer model only",
        Source("""\
import json
import zipfile


def layers_with_code(path):
    config = json.loads(zipfile.ZipFile(path).read("config.json"))
    layers = config["config"]["layers"]
    return sorted(l["config"]["name"] for l in layers if l["class_name"] in ("Lambda", "TFSMLayer"))
"""),
        "a layer can hold layers",
    ),
    Mistake(
        "models in models, but not layers in layers",
        LOOK_SOLUTION.edited(
            ("todo += part.values()", 'todo += part.get("config", {}).get("layers", [])'),
        ),
        "a layer can hold layers",
    ),
    Mistake("Lambda only", LOOK_SOLUTION.edited(('("Lambda", "TFSMLayer")', '("Lambda",)')), "Lambda and TFSMLayer"),
    Mistake(
        "classes instead of names",
        LOOK_SOLUTION.edited(('part["config"]["name"]', 'part["class_name"]')),
        'return the "name" in the layer\'s config',
    ),
    Mistake("not sorted", LOOK_SOLUTION.edited(("sorted(found)", "sorted(found)[::-1]")), "sort the names"),
    Mistake(
        "misled by a name",
        LOOK_SOLUTION.edited(
            (
                'part.get("class_name") in ("Lambda", "TFSMLayer")',
                '{"Lambda", "TFSMLayer"} & set(map(str, part.values()))',
            ),
            ('part["config"]["name"]', 'part.get("config", part)["name"]'),
        ),
        'look for the "class_name"',
    ),
)


EXERCISES = (
    Exercise(
        label="saving/get-config",
        title="A layer that survives its file",
        points=4,
        difficulty=2,
        minutes=20,
        statement=prose("""
            Write a layer `RadialBasis`, a subclass of `keras.layers.Layer`, that tells how near an input is to some
            fixed points. Its `__init__` takes `centers`, a NumPy array or list of shape $[k, d]$, a number `width`
            with the default 1.0, and whatever a Keras layer takes besides, such as a name. Its `call` takes `x` of
            shape $[n, d]$ and returns the numbers $e^{-(r_{ij} / \\text{width})^2}$, shape $[n, k]$, where $r_{ij}$ is
            the Euclidean distance between row $i$ of `x` and center $j$. The layer has no weights.

            A file holds the layer as the dictionary that its method `get_config` returns, written as JSON. Write this
            method such that `RadialBasis.from_config(layer.get_config())` is a layer with the same outputs and the
            same name.
        """),
        answer_name="RadialBasis",
        stub='''\
import keras
import numpy as np


class RadialBasis(keras.layers.Layer):
    """How near each row of x, shape [n, d], is to k fixed centers: shape [n, k]."""

    def __init__(self, centers, width=1.0, **kwargs): ...

    def call(self, x): ...

    def get_config(self): ...
''',
        solution_source=str(CONFIG_SOLUTION),
        cases=_config_cases,
        mistakes=CONFIG_MISTAKES,
        hints=(
            "Hand **kwargs to super().__init__, and keep centers and width as attributes.",
            "x[:, None, :] - centers has shape [n, k, d]; keras.ops.norm(…, axis=-1) gives the distances.",
            "Start from super().get_config(), a dictionary, and add both arguments; an array becomes a list of lists.",
        ),
        seconds=60.0,
    ),
    Exercise(
        label="saving/look-inside",
        title="Look before you load",
        points=5,
        difficulty=2,
        minutes=20,
        statement=prose("""
            Two kinds of Keras layers carry code that runs when a model is loaded or called: `Lambda` and `TFSMLayer`.
            Write a function `layers_with_code(path)` that finds them in a `.keras` file *without* loading the model.
            It returns the sorted list of their names.

            A `.keras` file is a ZIP archive. Its member `config.json` describes the model. Every layer in it is a
            dictionary whose `"class_name"` says what it is and whose `"config"` is a dictionary that holds its
            `"name"`. A layer can stand in the list `"layers"` of a model's config, and such a model can be a layer of
            another; or, in a wrapper such as `TimeDistributed`, under the key `"layer"` of the wrapper's config. So go
            through everything in the file: dictionaries and lists within dictionaries and lists. Use `zipfile` and
            `json` only. (An empty list is no proof that a file is harmless, but a name in it is a reason to stop.)
        """),
        answer_name="layers_with_code",
        stub='''\
import json
import zipfile


def layers_with_code(path):
    """Return the sorted names of all Lambda and TFSMLayer layers in a .keras file."""
    ...
''',
        solution_source=str(LOOK_SOLUTION),
        cases=_look_cases,
        mistakes=LOOK_MISTAKES,
        hints=(
            'zipfile.ZipFile(path).read("config.json") returns the text for json.loads.',
            "Keep a list of what is still to be looked at. Take one thing out of it, and put in what that contains.",
            "A dictionary contains its values, a list its items; everything else contains nothing.",
        ),
    ),
)
