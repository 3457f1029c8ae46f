"""Keras helpers, the only door to TensorFlow. They hold what Keras itself lacks, and nothing else.

Import this package before TensorFlow or Keras: it keeps their start-up notices out of the notebooks.
"""

from coursepkg.deep import _quiet  # noqa: F401 (first: it imports TensorFlow without its notices)
from coursepkg.deep.events import event_frame
from coursepkg.deep.graph import layer_graph
from coursepkg.deep.profiles import profile_frame
from coursepkg.deep.schedules import BatchLearningRate, OneCycle, OneCycleMomentum, ScheduledSGD
from coursepkg.deep.seeding import seed_everything
from coursepkg.deep.training import fit_fast, history_frame, param_table

__all__ = [
    "BatchLearningRate",
    "OneCycle",
    "OneCycleMomentum",
    "ScheduledSGD",
    "event_frame",
    "fit_fast",
    "history_frame",
    "layer_graph",
    "param_table",
    "profile_frame",
    "seed_everything",
]
