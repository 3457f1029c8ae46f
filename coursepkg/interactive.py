"""The pictures of the book's pages that answer, as widgets of JupyterLab: settings and results are Python's.

Needs the package anywidget, which JupyterLab finds when it is installed beside it.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from coursepkg._validation import as_float, as_int, one_of, shorten
from coursepkg.scratch.playground import ACTIVATIONS, DATA_SETS, FEATURES

try:
    import anywidget
    import traitlets
except ImportError as error:
    raise ImportError("coursepkg.interactive needs the package anywidget: pip install anywidget") from error

__all__ = ["Playground"]

# What the page offers; book/interactive/src/playground.ts has the same lists.
_CHOICES = {
    "data": DATA_SETS,
    "activation": ACTIVATIONS,
    "rate": (0.001, 0.003, 0.01, 0.03, 0.1, 0.2, 0.3, 1, 3, 10),
    "batch": (1, 2, 5, 10, 20, 50, 100),
    "penalty": ("none", "l1", "l2"),
    "strength": (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1),
    "points": (100, 200, 400, 600, 1000),
    "speed": (1, 5, 20, 50, 200),
}
_ESM = Path(__file__).with_name("interactive.js").read_text(encoding="utf-8")


class _Setting(traitlets.Any):
    allow_none = False  # else None would pass unchecked


class Playground(anywidget.AnyWidget):
    """A small network that trains in the notebook; its numbers are those of `coursepkg.scratch.playground.explore`.

    Settings are attributes: to set one starts the training again, and what is chosen in the widget can be read.

    Parameters
    ----------
    data : {"circle", "xor", "gauss", "spiral", "plane"}
    features : list of str
        Keys of `coursepkg.scratch.playground.FEATURES`.
    layers : list of int
        Units of each hidden layer: up to six layers of 1 to 16.
    activation : {"tanh", "relu", "sigmoid", "identity"}
    rate, batch, penalty, strength : float, int, {"none", "l1", "l2"}, float
        ``learning_rate``, ``batch_size``, ``penalty`` and ``regularization`` of `explore`.
    noise, points, draw, seed : float, int, int, int
        ``noise`` (in tenths), ``n``, ``data_seed`` and ``seed`` of `explore`.
    speed, test : int, bool
        Steps between two pictures; whether test points are shown.

    Examples
    --------
    >>> playground = Playground(data="spiral", layers=[8, 8])
    >>> playground.rate = 0.1
    >>> playground.settings["layers"], playground.step
    ([8, 8], 0)
    """

    _esm = f"{_ESM}export default courseInteractiveParts.widget;\n"
    _picture = traitlets.Unicode("playground").tag(sync=True)
    _trained = traitlets.Dict().tag(sync=True)

    data = _Setting("circle").tag(sync=True)
    features = _Setting(("x1", "x2")).tag(sync=True)
    layers = _Setting((4, 2)).tag(sync=True)
    activation = _Setting("tanh").tag(sync=True)
    rate = _Setting(0.03).tag(sync=True)
    batch = _Setting(10).tag(sync=True)
    penalty = _Setting("none").tag(sync=True)
    strength = _Setting(0.01).tag(sync=True)
    noise = _Setting(0.0).tag(sync=True)
    points = _Setting(400).tag(sync=True)
    draw = _Setting(42).tag(sync=True)
    seed = _Setting(0).tag(sync=True)
    speed = _Setting(5).tag(sync=True)
    test = _Setting(False).tag(sync=True)

    def __init__(self, data="circle", **settings):
        unknown = [name for name in settings if name not in _SETTINGS]
        if unknown:
            raise TypeError(f"Playground has no setting {unknown[0]!r}; there are: {', '.join(_SETTINGS)}")
        super().__init__(data=data, **settings)

    @property
    def settings(self):
        """All settings by name."""
        return {name: getattr(self, name) for name in _SETTINGS}

    @property
    def weights(self):
        """Weights of each layer, float64 [d_in, d_out]: of the last picture that was drawn."""
        return [np.array(W, dtype=float) for W in self._shown()["W"]]

    @property
    def biases(self):
        """Biases of each layer, float64 [d_out]."""
        return [np.array(b, dtype=float) for b in self._shown()["b"]]

    @property
    def step(self):
        """Steps taken so far."""
        return self._trained.get("step", 0)

    @property
    def history(self):
        """One number an epoch: "loss" (with the penalty), "accuracy", "val_loss", "val_accuracy", as of `explore`."""
        names = ("loss", "accuracy", "val_loss", "val_accuracy")
        rows = np.array(self._trained.get("history", []), dtype=float).reshape(-1, len(names))
        used = [i for i, name in enumerate(names) if self.data != "plane" or "accuracy" not in name]
        return {names[i]: rows[:, i].tolist() for i in used}

    def _shown(self):
        if not self._trained:
            raise RuntimeError(
                "the playground has no weights yet: show it in a cell of its own, they come from the page"
            )
        return self._trained

    @traitlets.validate(*_CHOICES)
    def _is_offered(self, proposal):
        return _offered(proposal["value"], proposal["trait"].name)

    @traitlets.validate("features")
    def _are_features(self, proposal):
        names = _as_list(proposal["value"], "features", "names, such as ['x1', 'x2']")
        if not names:
            raise ValueError("features is empty: expected at least one name")
        for i, name in enumerate(names):
            one_of(name, f"features[{i}]", FEATURES)
        return [name for name in FEATURES if name in names]  # in the order in which the page has them

    @traitlets.validate("layers")
    def _are_layers(self, proposal):
        units = _as_list(proposal["value"], "layers", "integers, such as [8, 8]")
        if len(units) > 6:
            raise ValueError(f"layers must hold at most six numbers of units; got {shorten(units)}")
        return [as_int(n, f"layers[{i}]", low=1, high=16) for i, n in enumerate(units)]

    @traitlets.validate("noise")
    def _is_noise(self, proposal):
        return round(as_float(proposal["value"], "noise", low=0.0, high=1.0), 1)

    @traitlets.validate("draw", "seed")
    def _is_seed(self, proposal):
        return as_int(proposal["value"], proposal["trait"].name, low=0, high=2**32 - 1)

    @traitlets.validate("test")
    def _is_flag(self, proposal):
        return one_of(proposal["value"], "test", (True, False))


_SETTINGS = (*_CHOICES, "features", "layers", "noise", "draw", "seed", "test")


def _offered(value, name):
    """Return ``value`` as it stands among the choices of a setting, where 1 and 1.0 are the same number."""
    for choice in _CHOICES[name]:
        if choice == value and not isinstance(value, bool):
            return choice
    return one_of(value, name, _CHOICES[name])


def _as_list(value, name, what):
    if not isinstance(value, (list, tuple)):
        raise TypeError(f"{name} must be a list of {what}; got {shorten(value)}")
    return list(value)
