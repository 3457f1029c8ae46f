"""A playground for small networks, offline and repeatable: choose everything, train, look inside over training.

The choices are those of the TensorFlow Playground (Smilkov et al., "Direct-manipulation visualization of deep
networks", arXiv:1708.03788, 2017). The network is this package's `MLP` with a sigmoid output and binary cross-entropy.
The playground in the page of the book computes the same numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from coursepkg._validation import as_array, as_float, as_int, one_of, shorten
from coursepkg.data.exact import Stream
from coursepkg.data.playground import NAMES, load_playground
from coursepkg.scratch.mlp import MLP
from coursepkg.scratch.optimizers import SGD

FEATURES = {
    "x1": lambda x1, x2: x1,
    "x2": lambda x1, x2: x2,
    "x1^2": lambda x1, x2: x1**2,
    "x2^2": lambda x1, x2: x2**2,
    "x1*x2": lambda x1, x2: x1 * x2,
    "sin(x1)": lambda x1, x2: np.sin(x1),
    "sin(x2)": lambda x1, x2: np.sin(x2),
}
ACTIVATIONS = ("tanh", "relu", "sigmoid", "identity")
DATA_SETS = (*NAMES, "plane")
PENALTIES = ("l2", "l1")
_EDGE = 6.0  # pictures show the square from -6 to 6, in which nearly all points lie


@dataclass(frozen=True)
class Exploration:
    """What `explore` returns.

    Attributes
    ----------
    settings : dict
        All arguments of the run.
    X_train, y_train, X_valid, y_valid : numpy.ndarray
        Points, float64 [n, 2], and classes 0 or 1, int64 [n]; for "plane" targets, float64 [n].
    model : MLP
        The network after training; its inputs are the chosen features, see `inputs`.
    history : dict of str to list of float
        One number an epoch: "loss" (with the penalty), "accuracy", "val_loss", "val_accuracy"; no accuracy of a plane.
    gradient_sizes : numpy.ndarray, float64 [epochs + 1, n_layers]
        Root mean square of the loss gradient of each layer's weights on all training points, before training and
        after each epoch; without the penalty.
    epochs : tuple of int
        After how many epochs the snapshots were taken; the first one is 0.
    grid : numpy.ndarray, float64 [resolution]
        Coordinates of the snapshots, the same for both axes.
    boundaries : numpy.ndarray, float64 [n_snapshots, resolution, resolution]
        Probability of class 1, or the prediction of a plane, at (x1, x2) = (grid[j], grid[i]) in entry [:, i, j].
    hidden_units : list of numpy.ndarray, float64 [n_snapshots, n_units, resolution, resolution]
        Outputs of the units of each hidden layer at the same places.

    Examples
    --------
    >>> run = explore("gauss", hidden=(3,), epochs=10, n_snapshots=2, resolution=5)
    >>> run.predict([[2.0, 2.0], [-2.0, -2.0]]), run.inputs([[2.0, 2.0]]).shape
    (array([1, 0]), (1, 2))
    >>> run.gradient_sizes.shape, run.boundaries.shape, run.hidden_units[0].shape
    ((11, 2), (2, 5, 5), (2, 3, 5, 5))
    """

    settings: Mapping
    X_train: np.ndarray
    y_train: np.ndarray
    X_valid: np.ndarray
    y_valid: np.ndarray
    model: MLP
    history: Mapping
    gradient_sizes: np.ndarray
    epochs: tuple
    grid: np.ndarray
    boundaries: np.ndarray
    hidden_units: list

    def inputs(self, X):
        """Return the features of points ``X``, shape [n, 2], as the network reads them: shape [n, n_features]."""
        return features_of(X, self.settings["features"])

    def predict(self, X):
        """Return the class, 0 or 1, of points ``X``, shape [n, 2]; for "plane" the prediction."""
        return self.model.predict(self.inputs(X))


def features_of(X, features):
    """Compute features of points.

    Parameters
    ----------
    X : array_like, shape [n, 2]
    features : sequence of str
        Names among the keys of `FEATURES`.

    Returns
    -------
    numpy.ndarray, float64 [n, n_features]

    Examples
    --------
    >>> features_of([[2.0, 3.0]], ["x1", "x1*x2"])
    array([[2., 6.]])
    """
    X, names = as_array(X, "X", ndim=2, columns=2), _feature_names(features)
    return np.column_stack([FEATURES[name](X[:, 0], X[:, 1]) for name in names])


def explore(
    data_set,
    *,
    features=("x1", "x2"),
    hidden=(4, 2),
    activation="tanh",
    learning_rate=0.03,
    regularization=0.0,
    penalty="l2",
    noise=0.0,
    batch_size=10,
    epochs=100,
    n=400,
    n_snapshots=5,
    resolution=60,
    seed=0,
    data_seed=42,
):
    """Train a small network on one of the playground's data sets and record what it does meanwhile.

    Parameters
    ----------
    data_set : {"circle", "xor", "gauss", "spiral", "plane"}
        See `coursepkg.data.load_playground`. "plane" is a regression, (x1 + x2)/10 for points of the square from -5 to
        5, with a linear output and half the squared error.
    features : sequence of str, keyword-only
        What the network reads, among "x1", "x2", "x1^2", "x2^2", "x1*x2", "sin(x1)", "sin(x2)".
    hidden : sequence of int >= 1
        Units of each hidden layer; an empty sequence leaves one sigmoid unit, a linear classifier.
    activation : {"tanh", "relu", "sigmoid", "identity"}
        Of the hidden units. Initial weights are Glorot's (uniform), for "relu" He's (uniform).
    learning_rate : float > 0
    regularization : float >= 0
        Weight λ of the penalty; biases are free.
    penalty : {"l2", "l1"}
        λ/2 · ΣW² or λ · Σ|W|.
    noise : float in [0, 1]
        Of the data; a target of "plane" moves up or down by as much at most.
    batch_size, epochs : int >= 1
    n : int >= 4
        Number of points; one half is for training, one half for validation.
    n_snapshots : int >= 0
        How many pictures to take, from before training to the end, denser at the beginning.
    resolution : int >= 2
        Points a side of a picture.
    seed : int >= 0
        Of the initial weights and of the order of the samples: another try on the same points.
    data_seed : int
        Of the points: other points of the same shape.

    Returns
    -------
    Exploration

    Raises
    ------
    TypeError, ValueError
        If an argument does not fit, before any training.
    FloatingPointError
        If the loss becomes infinite: the learning rate is too large.

    Examples
    --------
    >>> run = explore("gauss", hidden=(), epochs=10, n_snapshots=2, resolution=3)
    >>> run.history["val_accuracy"][-1], run.epochs, run.boundaries.shape
    (1.0, (0, 10), (2, 3, 3))
    """
    settings = {name: value for name, value in locals().items() if name != "data_set"}
    one_of(data_set, "data_set", DATA_SETS)
    names = _feature_names(features)
    if isinstance(hidden, str) or not isinstance(hidden, Sequence):
        raise TypeError(f"hidden must be a sequence of integers, such as (4, 2); got {shorten(hidden)}")
    units = [as_int(size, f"hidden[{i}]", low=1) for i, size in enumerate(hidden)]
    one_of(activation, "activation", ACTIVATIONS)
    regularization = as_float(regularization, "regularization", low=0)
    one_of(penalty, "penalty", PENALTIES)
    noise = as_float(noise, "noise", low=0.0, high=1.0)
    batch_size, epochs = as_int(batch_size, "batch_size", low=1), as_int(epochs, "epochs", low=1)
    n, seed = as_int(n, "n", low=4), as_int(seed, "seed", low=0)
    data_seed = as_int(data_seed, "data_seed")
    n_snapshots = as_int(n_snapshots, "n_snapshots", low=0)
    resolution = as_int(resolution, "resolution", low=2)

    plane = data_set == "plane"
    X, y = _plane(n, noise, data_seed) if plane else load_playground(data_set, n=n, noise=noise, seed=data_seed)
    inputs, half = features_of(X, names), n // 2
    grid = np.linspace(-_EDGE, _EDGE, resolution)
    places = features_of(np.column_stack([axis.ravel() for axis in np.meshgrid(grid, grid)]), names)
    model = (_MLPWithL1 if penalty == "l1" else MLP)(
        [len(names), *units, 1],
        hidden_activation=activation,
        output_activation="identity" if plane else "sigmoid",
        loss="half_squared_error" if plane else "binary_crossentropy",
        initializer="he_uniform" if activation == "relu" else "glorot_uniform",
        seed=seed,
    )
    model.strength = regularization
    when, pictures, sizes = _snapshot_epochs(epochs, n_snapshots), [], []

    def record(epoch, model):
        _, gradients = model.loss_and_gradients(inputs[:half], y[:half])
        sizes.append([np.sqrt(np.mean(gradient**2)) for gradient in gradients[0::2]])
        if epoch + 1 in when:
            pictures.append(_look(model, places, resolution))

    record(-1, model)
    optimizer = _SGDWithL1(learning_rate, strength=regularization) if penalty == "l1" else SGD(learning_rate)
    history = model.fit(
        inputs[:half],
        y[:half],
        epochs=epochs,
        batch_size=batch_size,
        optimizer=optimizer,
        # `fit` divides its penalty by the size of the batch; here the penalty is the same whatever the size is.
        alpha=regularization * min(batch_size, half),
        seed=seed,
        validation_data=(inputs[half:], y[half:]),
        callback=record,
    )
    layers = [np.array(layer) for layer in zip(*pictures, strict=True)]
    return Exploration(
        settings={"data_set": data_set, **settings},
        X_train=X[:half],
        y_train=y[:half],
        X_valid=X[half:],
        y_valid=y[half:],
        model=model,
        history=history,
        gradient_sizes=np.array(sizes),
        epochs=when,
        grid=grid,
        boundaries=layers[-1][:, 0] if layers else np.empty((0, resolution, resolution)),
        hidden_units=layers[:-1],
    )


class _MLPWithL1(MLP):
    """An MLP whose training loss has the penalty λ Σ|W| in place of λ/2 ΣW²; λ is its attribute ``strength``."""

    def _penalties(self, alpha, batch):
        return [0.0] * len(self.learned)

    def _metrics(self, y, alpha=0.0):
        metrics = super()._metrics(y)
        if alpha:  # in training
            metrics["loss"] += self.strength * sum(np.abs(W).sum() for W in self.parameters[0::2])
        return metrics


class _SGDWithL1(SGD):
    """Gradient descent that adds λ sign(W), the gradient of λ Σ|W|, to that of every second array; biases are free."""

    def __init__(self, learning_rate, *, strength):
        super().__init__(learning_rate)
        self.strength = strength

    def apply(self, parameters, gradients, **options):
        for W, gradient in zip(parameters[0::2], gradients[0::2], strict=True):
            gradient += self.strength * np.sign(W)
        super().apply(parameters, gradients, **options)


def _plane(n, noise, seed):
    """Return points of the square from -5 to 5, shape [n, 2], and (x1 + x2)/10 with noise, shape [n]."""
    stream = Stream("playground/plane", seed)
    X = np.column_stack([10 * stream.uniform(name, n) - 5 for name in ("x1", "x2")])
    return X, X.sum(axis=1) / 10 + noise * (2 * stream.uniform("push", n) - 1)


def _feature_names(features):
    if isinstance(features, str) or not isinstance(features, Sequence) or not features:
        raise TypeError(f"features must be a sequence of names, such as ('x1', 'x2'); got {shorten(features)}")
    return [one_of(name, f"features[{i}]", FEATURES) for i, name in enumerate(features)]


def _snapshot_epochs(epochs, n_snapshots):
    """Return 0 and the last epoch, and between them epochs that grow by a common factor, as far as they differ."""
    if n_snapshots < 2:
        return (0, epochs)[:n_snapshots]
    return (0, *(int(epoch) for epoch in np.unique(np.geomspace(1, epochs, n_snapshots)[1:].round())))


def _look(model, places, resolution):
    """Return the outputs of all layers at the places, each of shape [n_units, resolution, resolution]."""
    signal, seen = places, []
    for layer in model.layers:
        signal = layer.forward(signal)
        seen.append(signal.T.reshape(-1, resolution, resolution))
    return seen
