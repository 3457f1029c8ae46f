"""All that this package uses of Keras and KerasTuner without their promise to keep it; nothing public does the same.

Each entry has a test in tests/deep/test_private.py that fails when a new release changes what is behind it.
"""

from __future__ import annotations

import contextlib
from pathlib import Path
from unittest import mock

# --- Keras ----------------------------------------------------------------------------------------------------------


def sublayers(layer):
    """Return the layers that a layer holds directly; ``layers`` is public for models only."""
    return list(layer._flatten_layers(include_self=False, recursive=False))


def calls(operation):
    """Return the symbolic calls of a layer in all models: objects with arguments, input_tensors and output_tensors."""
    return operation._inbound_nodes


def origin(tensor):
    """Return the operation that produced a symbolic tensor, and the number of its call."""
    operation, index, _ = tensor._keras_history
    return operation, index


def position_of_variable(optimizer, variable):
    """Return the position of a variable among those that the optimizer trains, also inside the compiled step."""
    return optimizer._get_variable_index(variable)


def step_counter(optimizer):
    """Return how many batches an optimizer has seen, with accumulated gradients more than ``iterations``."""
    return optimizer._iterations


def begin_at(model, epoch):
    """Let the call of ``fit`` that is just beginning, and all later ones, begin with this epoch; 0 undoes it."""
    model._initial_epoch = epoch


def shape_of_lambda(layer):
    """Return the argument ``output_shape`` of a Lambda layer; its configuration holds functions as bytes only."""
    return layer._output_shape


def order_of_fit(n):
    """Return a data set of one element, the order in which `fit` shuffles n instances, as an array of n numbers.

    With a seed, TensorFlow derives the order from the place of `shuffle` in the function that Keras maps: this one.
    """
    import tensorflow as tf

    return tf.data.Dataset.range(1).map(lambda _: tf.random.shuffle(tf.range(n, dtype=tf.int64)))


_DRAWS = "random_state"  # of oracle.json


# --- KerasTuner: imported inside, so that the other Keras helpers do without it ---------------------------------------


@contextlib.contextmanager
def stored_by(save_json):
    """Let KerasTuner write its files with ``save_json(path, obj)``, and print no traceback for each failed trial."""
    with (
        mock.patch("keras_tuner.src.utils.save_json", save_json),
        mock.patch("keras_tuner.src.config.DEBUG", False),
    ):
        yield


@contextlib.contextmanager
def plain_glob():
    """Let KerasTuner find its trials in folders whose names hold characters of patterns, such as ``lr=[0.1]``."""

    def trials(pattern):
        return [str(path) for path in Path(pattern).parents[1].glob("trial_*/trial.json")]

    with mock.patch("keras_tuner.src.backend.io.glob", trials):
        yield


def watched_hyperparameters():
    """Return hyperparameters whose list ``asked`` notes name and conditions each time that one is asked for."""
    import keras_tuner

    class Watched(keras_tuner.HyperParameters):
        def __init__(self):
            super().__init__()
            self.asked = []

        def _retrieve(self, hp):
            self.asked.append((hp.name, tuple(map(str, (c.get_config() for c in hp.conditions)))))
            return super()._retrieve(hp)

    return Watched()


@contextlib.contextmanager
def draws_seeded(oracle):
    """Let all that an oracle draws follow from its seed, and be stored, so that `resume` can bring it back."""
    import keras_tuner

    get_state = oracle.get_state

    def with_draws():
        state = get_state()
        if hasattr(oracle, "_random_state"):
            kind, words, *rest = oracle._random_state.get_state()
            state[_DRAWS] = [kind, words.tolist(), *rest]
        return state

    def ensure_active_values(self):  # the original draws values of what was asked for later, without any seed
        for hp in self.space:
            if not self.is_active(hp):
                self.values.pop(hp.name, None)
            elif hp.name not in self.values:
                self.values[hp.name] = hp.random_sample(
                    f"{oracle.seed} {hp.name} {sorted(map(str, self.values.items()))}"
                )

    with (
        mock.patch.object(oracle, "get_state", with_draws),
        mock.patch.object(keras_tuner.HyperParameters, "ensure_active_values", ensure_active_values),
    ):
        yield


def resume(oracle, state):
    """Bring an oracle that was just reloaded from its stored state to where the process died that stored it."""
    import keras_tuner

    # In the order of their beginning, on which ties depend, not in that of the folders; and without a trial whose
    # process died before it was noted, which will be begun again.
    oracle.trials = {name: oracle.trials[name] for name in oracle.start_order}
    # A trial that has just ended counts as going on until the next file is written.
    unfinished = dict.fromkeys(oracle._retry_queue)
    oracle._retry_queue = [name for name in unfinished if name not in oracle.end_order]
    for name in oracle._retry_queue:
        trial = oracle.trials[name]
        trial.metrics, trial.score, trial.best_step = type(trial.metrics)(), None, None
    if _DRAWS in state:
        kind, words, *rest = state[_DRAWS]
        oracle._random_state.set_state((kind, words, *rest))
    if isinstance(oracle, keras_tuner.oracles.GridSearchOracle):
        _restore_grid(oracle)


def _restore_grid(oracle):
    """Put the trials of a grid search in one process back in the order of the grid, that of their beginning."""
    for before, trial_id in zip([None, *oracle.start_order], oracle.start_order, strict=False):
        oracle._ordered_ids.insert(trial_id, *([before] if before is not None else []))
    if oracle.start_order and oracle.start_order[-1] not in oracle._retry_queue:
        oracle._populate_next.append(oracle.start_order[-1])


def trials_of_hyperband(oracle):
    """Return how many trials one search with Hyperband makes, all its brackets and iterations together."""
    sizes = [oracle._get_size(b, r) for b in range(oracle._get_num_brackets()) for r in range(b + 1)]
    return sum(sizes) * oracle.hyperband_iterations
