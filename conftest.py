"""Settings of all tests: ``pytest --nbval`` compares numbers as numbers, and no test changes how the next one runs."""

from __future__ import annotations

import os
import sys

import pytest


def pytest_configure(config):
    os.environ["COURSE_PROGRESS_FILE"] = ""  # tests and notebooks leave the reader's progress alone
    if not getattr(config.option, "nbval", False):
        return
    from nbval.plugin import IPyNbCell

    IPyNbCell.compare_outputs = _compare_outputs


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Start the longest files and notebooks first; pages have an order of their own (tests/e2e/conftest.py)."""
    if config.getvalue("dist") != "loadscope":
        return None
    from tools.order import LongestFirst

    return LongestFirst(config, log)


def _compare_outputs(cell, fresh, stored, skip_compare=None):
    """Stand in for ``IPyNbCell.compare_outputs``: say in one line each what differs, and how to accept it."""
    from tools.compare_outputs import Tolerance, compare_outputs

    differences = compare_outputs(stored, fresh, Tolerance.from_metadata(cell.cell.metadata))
    name = cell.path.stem
    cell.comparison_traceback = [f"{name}, cell {cell.cell_num}: {difference}" for difference in differences]
    if differences:
        cell.comparison_traceback.append(f"If the new output is right, store it: make run CHAPTER={name}")
    return not differences


@pytest.fixture(autouse=True)
def _settings_end_with_the_test():
    """Take back what the seeding helpers set for a whole notebook: NumPy's printing, Keras's precision."""
    import numpy as np

    with np.printoptions():
        yield
    if "keras" in sys.modules:
        sys.modules["keras"].config.set_floatx("float32")
        sys.modules["keras"].config.set_dtype_policy("float32")
