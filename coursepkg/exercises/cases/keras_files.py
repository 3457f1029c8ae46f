"""Write .keras files as Keras writes them, without Keras, so that a check can hand models to a student's code."""

from __future__ import annotations

import json
import zipfile


def layer(class_name, name, **config):
    """Return the description of a layer as config.json has it."""
    return {
        "module": "keras" if class_name == "Sequential" else "keras.layers",
        "class_name": class_name,
        "config": {"name": name, "trainable": True, **config},
        "registered_name": None,
    }


def write_keras_file(path, model):
    """Write a .keras file with this description of a model and without weights."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("metadata.json", json.dumps({"keras_version": "3.15.1", "date_saved": "2026-01-01@00:00:00"}))
        archive.writestr("config.json", json.dumps(model))
        archive.writestr("model.weights.h5", b"")
