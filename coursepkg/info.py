"""What ``coursepkg info`` says: it reads metadata only, so it also works where a package is broken or missing."""

from __future__ import annotations

import os
import platform
import sys
from importlib import metadata

import coursepkg

# What each package is for, and the extra that brings it.
NEEDED = {
    "numpy": ("all chapters", ""),
    "scipy": ("all chapters", ""),
    "scikit-learn": ("all chapters", ""),
    "matplotlib": ("all pictures", ""),
    "pandas": ("tables", ""),
    "pooch": ("COURSE_DATA=real", ""),
    "tensorflow": ("parts II to V", ""),
    "keras": ("parts II to V", ""),
    "keras-tuner": ("part III", ""),
    "tensorboard": ("parts II and III", ""),
}
OPTIONAL = {
    "jupyterlab": ("running chapters", "lab"),
    "jupytext": ("editing chapters", "lab"),
    "nbval": ("testing chapters", "test"),
    "jupyter-book": ("building the book", "book"),
    "nbgrader": ("grading", "instructor"),
}


def report():
    """Return the text of ``coursepkg info`` and whether all that the chapters need is installed."""
    lines = [
        f"coursepkg    {coursepkg.__version__}",
        f"Python       {platform.python_version()} ({sys.executable})",
        f"system       {platform.system()} {platform.machine()}, {os.cpu_count()} processors",
        f"data         {_data_source()}",
        "",
        "needed by the chapters",
    ]
    missing = []
    for name, (purpose, extra) in {**NEEDED, **OPTIONAL}.items():
        if name == next(iter(OPTIONAL)):
            lines += ["", "optional"]
        version = _version(name)
        mend = f"pip install {name}" if not extra else f'pip install "coursepkg[{extra}]"'
        lines.append(f"  {name:<13}{version or 'missing: ' + mend:<10} {'' if version is None else purpose}".rstrip())
        if version is None and name in NEEDED:
            missing.append(name)
    if missing:
        lines += ["", f"Some chapters will not run: {', '.join(missing)} missing."]
    return "\n".join(lines), not missing


def _version(name):
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _data_source():
    source = os.environ.get("COURSE_DATA", "generated")
    return f"{source} ({'set by' if 'COURSE_DATA' in os.environ else 'change with'} COURSE_DATA)"
