"""Keras helpers, the only door to TensorFlow. They hold what Keras itself lacks, and nothing else.

Import this package before TensorFlow or Keras: it keeps their start-up notices out of the notebooks.
"""

from coursepkg.deep import _quiet  # noqa: F401 (first: it imports TensorFlow without its notices)
from coursepkg.deep.backup import Backup
from coursepkg.deep.diagnosis import Fault, Finding, diagnose
from coursepkg.deep.ensembles import Snapshots, average_weights, disagreement, vote
from coursepkg.deep.events import event_frame
from coursepkg.deep.folding import fold_batch_normalization
from coursepkg.deep.graph import layer_graph
from coursepkg.deep.lr_finder import RangeTest, batch_losses, range_test, smoothed_losses
from coursepkg.deep.probes import trial_steps, update_ratios
from coursepkg.deep.profiles import profile_frame
from coursepkg.deep.pruning import MagnitudePruning, cubic_sparsity, magnitude_masks, prune, sparsity_table, threshold
from coursepkg.deep.quantization import LiteModel, n_bytes, to_lite
from coursepkg.deep.schedules import BatchLearningRate, OneCycle, OneCycleMomentum, ScheduledSGD
from coursepkg.deep.seeding import seed_everything
from coursepkg.deep.signals import LayerSignal, dead_units, layer_signals, signal_table
from coursepkg.deep.training import fit_fast, history_frame, param_table
from coursepkg.deep.transfer import LayerwiseAdam, LayerwiseSGD, decaying_factors, freeze, reuse_layers, unfreeze
from coursepkg.deep.uncertainty import MCAlphaDropout, MCDropout, mc_samples, to_monte_carlo
from coursepkg.deep.workers import cluster_config, run_workers

__all__ = [
    "Backup",
    "BatchLearningRate",
    "Fault",
    "Finding",
    "LayerSignal",
    "LayerwiseAdam",
    "LayerwiseSGD",
    "LiteModel",
    "MCAlphaDropout",
    "MCDropout",
    "MagnitudePruning",
    "OneCycle",
    "OneCycleMomentum",
    "RangeTest",
    "ScheduledSGD",
    "Snapshots",
    "average_weights",
    "batch_losses",
    "cluster_config",
    "cubic_sparsity",
    "dead_units",
    "decaying_factors",
    "diagnose",
    "disagreement",
    "event_frame",
    "fit_fast",
    "fold_batch_normalization",
    "freeze",
    "history_frame",
    "layer_graph",
    "layer_signals",
    "magnitude_masks",
    "mc_samples",
    "n_bytes",
    "param_table",
    "profile_frame",
    "prune",
    "range_test",
    "reuse_layers",
    "run_workers",
    "seed_everything",
    "signal_table",
    "smoothed_losses",
    "sparsity_table",
    "threshold",
    "to_lite",
    "to_monte_carlo",
    "trial_steps",
    "unfreeze",
    "update_ratios",
    "vote",
]
