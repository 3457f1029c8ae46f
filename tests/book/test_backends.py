"""The program that the chapter on saving shows and does not run: the same file on JAX, where JAX is installed."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

CHAPTER = Path(__file__).parents[2] / "book/chapters/2-keras/saving.md"


def shown_program():
    (program,) = re.findall(r"^```python\n(import os\n.*?)^```$", CHAPTER.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    return program


def test_the_chapter_shows_one_program_that_sets_its_backend_before_it_imports_keras():
    program = shown_program()
    assert program.index('os.environ["KERAS_BACKEND"] = "jax"') < program.index("import keras")
    compile(program, "saving.md", "exec")


@pytest.mark.skipif(importlib.util.find_spec("jax") is None, reason="JAX is not installed")
def test_the_file_of_a_network_trained_here_answers_the_same_on_jax(tmp_path):
    keras = pytest.importorskip("keras")
    layers = keras.layers
    dense = [layers.Dense(8, activation="relu"), layers.Dense(3, activation="softmax")]
    model = keras.Sequential([keras.Input((4, 4)), layers.Flatten(), *dense])
    model.compile("adam", "sparse_categorical_crossentropy")
    X = np.random.default_rng(0).random((10, 4, 4))
    model.fit(X, np.arange(10) % 3, verbose=0)
    model.save(tmp_path / "garments.keras")
    np.save(tmp_path / "images.npy", X)
    np.save(tmp_path / "answers.npy", model.predict(X, verbose=0))
    environment = os.environ | {"KERAS_HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", shown_program()],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == "jax True", done.stderr
