"""Cases of the exercises on saving. Files are written here as Keras writes them; Keras itself is not called."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import numpy as np

from coursepkg.exercises.cases import Case, Caught, caught
from coursepkg.exercises.cases.keras_files import layer, write_keras_file


def get_config(rng):
    x, centers, width = rng.normal(size=(6, 3)), rng.normal(size=(4, 3)), float(rng.uniform(1.5, 2.5))
    facts = {"x": x, "centers": centers, "width": width}
    shown = "RadialBasis(centers, width)(x) with 4 centers"
    yield Case(shown, lambda cls: cls(centers.copy(), width)(x), judge="values", facts=facts)
    shown = "RadialBasis(centers)(x): the width is 1"
    yield Case(shown, lambda cls: cls(centers.copy())(x), judge="values", facts=facts | {"width": 1.0})
    shown = "get_config() can be written as JSON, and holds all"
    yield Case(shown, lambda cls: _config(cls(centers.copy(), width, name="basis")), judge="config")
    shown = "from_config() gives a layer with the same outputs"
    yield Case(shown, lambda cls: _round_trip(cls, centers, width, x), judge="round trip", facts=facts)


def _config(layer):
    try:
        return layer.get_config()
    except NotImplementedError as error:  # Keras's own: "the object must override get_config()"
        return caught(error)


def _round_trip(cls, centers, width, x):
    config = _config(cls(centers.copy(), width, name="basis"))
    if isinstance(config, Caught):
        return config
    try:
        return cls.from_config(json.loads(json.dumps(config, default=np.ndarray.tolist)))(x)
    except TypeError as error:
        return caught(error)


def look_inside(rng):
    for shown, model in _models(rng):
        yield Case(f"a file with {shown}", lambda f, model=model: _call_on_file(f, model), facts={"model": model})


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
    yield "layers of Keras only", model(dense(), innocent, dense())
    yield "a Lambda layer", model(dense(), code(b), code(a), dense())
    yield "a Lambda layer in a model in a model", model(dense(), model(model(code(c)), dense()))
    each = layer("TimeDistributed", named("each"), layer=code(c))
    yield "a Lambda layer in a TimeDistributed layer", model(dense(), each)
    yield "a TFSMLayer, and a Lambda layer", model(code(d, "TFSMLayer"), dense(), code(a))


def _call_on_file(function, model):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.keras"
        write_keras_file(path, model)
        return function(path)


class _Optimizer:
    """What the exercise sees of an optimizer: variables appear when it is built, as in Keras."""

    def __init__(self):
        self.iterations, self.built, self.momentum = 0, False, []

    def build(self, variables):
        self.built, self.momentum = True, [np.zeros_like(variable) for variable in variables]


class _Model:
    """What the exercise sees of a model, and of the file that another one wrote."""

    def __init__(self, kernel, steps):
        self.optimizer, self.loss, self._file = None, None, (kernel, steps)
        self.kernel, self.moving_mean = np.zeros_like(kernel), np.zeros(1)
        self.trainable_variables, self.variables = [self.kernel], [self.kernel, self.moving_mean]
        self.weights, self.loaded = self.variables, 0

    def compile(self, optimizer="rmsprop", loss=None, **options):
        self.optimizer, self.loss = _Optimizer(), (optimizer, loss)

    def load_weights(self, path):
        kernel, steps = self._file
        self.kernel[...] = kernel
        self.loaded += 1
        if self.optimizer is not None and len(self.optimizer.momentum) == len(self.trainable_variables):
            self.optimizer.iterations = steps
            self.optimizer.momentum = [kernel / 10]


def repair_resume(rng):
    for shown in ("a model after some steps", "another one"):
        kernel, steps = rng.normal(size=(3, 2)), int(rng.integers(20, 90))
        yield Case(
            f"resume(build, path): {shown}",
            lambda f, kernel=kernel, steps=steps: _resumed(f, kernel, steps),
            judge="resumed",
            facts={"kernel": kernel, "steps": steps},
        )


def _resumed(function, kernel, steps):
    model = function(lambda: _Model(kernel, steps), "model.weights.h5")
    if not isinstance(model, _Model):
        return None
    optimizer = model.optimizer
    if optimizer is None:
        return {"kernel": model.kernel}
    return {
        "kernel": model.kernel,
        "compiled": list(map(str, model.loss)),
        "steps": optimizer.iterations,
        "built": optimizer.built,
        "places": len(optimizer.momentum),
    }
