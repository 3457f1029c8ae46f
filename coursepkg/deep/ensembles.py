"""Several networks that answer together: votes, how often they differ, and members from one training.

The answers of m members for n instances are probabilities of shape (m, n, n_classes); their mean over the first axis is
the answer of the ensemble.
"""

from __future__ import annotations

import keras
import numpy as np

from coursepkg._validation import as_array, as_int


def vote(probabilities):
    """Return which share of the members names each class: one member, one vote.

    Parameters
    ----------
    probabilities : array_like, shape (m, n, n_classes)
        Each member votes for its most probable class.

    Returns
    -------
    numpy.ndarray, shape (n, n_classes)
        In [0, 1]; ``argmax(axis=1)`` decides a tie for the class with the lower number.

    Examples
    --------
    >>> members = [[[0.4, 0.6]], [[0.4, 0.6]], [[0.9, 0.1]]]
    >>> vote(members).round(2), np.mean(members, axis=0).round(2)
    (array([[0.33, 0.67]]), array([[0.57, 0.43]]))
    """
    p = as_array(probabilities, "probabilities", ndim=3)
    return np.eye(p.shape[2])[p.argmax(axis=2)].mean(axis=0)


def disagreement(probabilities):
    """Return on which share of the instances two members name different classes, for every pair.

    Parameters
    ----------
    probabilities : array_like, shape (m, n, n_classes)

    Returns
    -------
    numpy.ndarray, shape (m, m)
        Symmetric, in [0, 1], 0 on the diagonal.

    Examples
    --------
    >>> disagreement([[[0.4, 0.6], [0.8, 0.2]], [[0.3, 0.7], [0.1, 0.9]]])
    array([[0. , 0.5],
           [0.5, 0. ]])
    """
    answers = as_array(probabilities, "probabilities", ndim=3).argmax(axis=2)
    return (answers[:, None] != answers).mean(axis=2)


def average_weights(weights):
    """Return the mean of each array over several lists of weights, such as those that `Snapshots` keeps.

    Only for weights that belong to one training. Averaged statistics of batch normalization do not fit the
    averaged weights: let the model see some training data in training mode again. The mean of weights that one training
    passed through at a constant or cyclic rate is stochastic weight averaging (Izmailov and others, 2018).

    Parameters
    ----------
    weights : sequence of list of array_like
        Each as ``model.get_weights()`` returns it.

    Returns
    -------
    list of numpy.ndarray
        For ``model.set_weights``.

    Raises
    ------
    ValueError
        If there is no list, or the lists hold arrays of other shapes.

    Examples
    --------
    >>> average_weights([[np.array([1.0, 2.0])], [np.array([3.0, 6.0])]])
    [array([2., 4.])]
    """
    shapes = [[np.shape(array) for array in arrays] for arrays in weights]
    if not shapes or shapes.count(shapes[0]) < len(shapes):
        raise ValueError(f"weights must hold lists of arrays of the same shapes; got {shapes}")
    return [np.mean(arrays, axis=0) for arrays in zip(*weights, strict=True)]


class Snapshots(keras.callbacks.Callback):
    """Keep the weights at the end of every cycle of epochs (Huang and others, 2017).

    Give the optimizer a rate that falls to 0 in each cycle, then jumps up:
    ``keras.optimizers.schedules.CosineDecayRestarts(rate, steps, t_mul=1.0)`` with as many ``steps`` as a cycle has
    batches.

    Parameters
    ----------
    epochs : int >= 1
        The length of a cycle; 1 keeps the weights of every epoch.

    Attributes
    ----------
    weights : list of list of numpy.ndarray
        One list for each full cycle of the last training, as ``model.get_weights()`` returns it.

    Examples
    --------
    >>> model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    >>> model.compile(loss="mse", optimizer="sgd")
    >>> snapshots = Snapshots(2)
    >>> history = model.fit(np.ones((4, 1)), np.ones(4), epochs=6, callbacks=[snapshots], verbose=0)
    >>> len(snapshots.weights)
    3
    """

    def __init__(self, epochs):
        super().__init__()
        self.epochs, self.weights = as_int(epochs, "epochs", low=1), []

    def on_train_begin(self, logs=None):
        self.weights = []

    def on_epoch_end(self, epoch, logs=None):
        if (epoch + 1) % self.epochs == 0:
            self.weights.append(self.model.get_weights())

    def predict(self, x, **options):
        """Return what the model says for ``x`` with the weights of each snapshot, shape (m, n, …).

        ``options`` go to ``model.predict``; afterwards the model has its own weights again.
        """
        if not self.weights:
            raise ValueError("no snapshots yet: train the model with this callback, for at least one cycle")
        own, outputs = self.model.get_weights(), []
        for weights in self.weights:
            self.model.set_weights(weights)
            outputs.append(self.model.predict(x, **{"verbose": 0} | options))
        self.model.set_weights(own)
        return np.stack(outputs)
