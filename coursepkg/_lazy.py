"""Packages that load a module when a name of it is first used: importing the package itself costs nothing."""

from __future__ import annotations

from importlib import import_module


def lazy(package, exports):
    """Return ``__all__``, ``__getattr__`` and ``__dir__`` of a package (PEP 562).

    ``exports`` maps each module of the package to the names, a string with spaces, that the package offers of it.

    Examples
    --------
    >>> names, get, _ = lazy("coursepkg.scratch", {"activations": "relu tanh"})
    >>> names, get("relu").__name__
    (['relu', 'tanh'], 'relu')
    """
    module_of = {name: module for module, names in exports.items() for name in names.split()}

    def get(name):
        if name not in module_of:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(import_module(f"{package}.{module_of[name]}"), name)

    return sorted(module_of), get, lambda: sorted(module_of)
