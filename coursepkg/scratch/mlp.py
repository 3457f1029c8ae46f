"""The multilayer perceptron: forward pass, backpropagation and mini-batch gradient descent.

Samples are rows. Layer i has weights W_i, shape (fan_in, fan_out), and biases b_i, shape (fan_out,). From its input
Z_i, shape (n, fan_in), and, on the way back, G_{i+1} = ∂L/∂Z_{i+1}, shape (n, fan_out), it computes

    A_i  = Z_i W_i + b_i        Z_{i+1} = σ(A_i)      both (n, fan_out)
    δ_i  = G_{i+1} ∘ σ'(A_i)    = ∂L/∂A_i             (n, fan_out)
    ∇W_i = Z_iᵀ δ_i             ∇b_i = 1ᵀ δ_i         (fan_in, fan_out) and (fan_out,)
    G_i  = δ_i W_iᵀ             = ∂L/∂Z_i             (n, fan_in), for the layer before
"""

from __future__ import annotations

import numpy as np

from coursepkg._validation import as_array, as_float, as_int, one_of, shorten
from coursepkg.scratch.activations import get_activation
from coursepkg.scratch.initializers import get_initializer
from coursepkg.scratch.losses import BinaryCrossentropy, CategoricalCrossentropy, get_loss


class Dense:
    """A fully connected layer, σ(Z W + b), with biases that start at zero.

    ``activation``, ``initializer``: see `ACTIVATIONS`, `INITIALIZERS`. ``seed`` is an integer or a ``Generator``.

    Examples
    --------
    >>> layer = Dense(2, 3, activation="relu")
    >>> layer.forward(np.ones((5, 2))).shape, layer.backward(np.ones((5, 3))).shape, layer.grad_W.shape
    ((5, 3), (5, 2), (2, 3))
    """

    def __init__(self, fan_in, fan_out, *, activation, initializer="glorot_uniform", seed=0, dtype="float64"):
        self.activation = get_activation(activation)
        self.W = get_initializer(initializer)(fan_in, fan_out, seed=seed).astype(dtype)
        self.b = np.zeros(fan_out, dtype)

    def forward(self, Z):
        """Return σ(Z W + b), shape (n, fan_out), for ``Z`` of shape (n, fan_in); keep what `backward` needs."""
        self.Z = Z
        self.A = Z @ self.W + self.b
        return self.activation.value(self.A)

    def backward(self, G, *, at_preactivation=False, input_gradient=True):
        """Set ``grad_W`` and ``grad_b``; return ∂L/∂Z, shape (n, fan_in), or None without ``input_gradient``.

        ``G``, shape (n, fan_out), is ∂L/∂σ(A), or already δ = ∂L/∂A if ``at_preactivation``.
        """
        delta = G if at_preactivation else self.activation.backward(self.A, G)
        self.grad_W = self.Z.T @ delta
        self.grad_b = delta.sum(axis=0)
        return delta @ self.W.T if input_gradient else None


class MLP:
    """A stack of `Dense` layers with a loss.

    Parameters
    ----------
    sizes : sequence of int
        Numbers of inputs, of units in every hidden layer, and of outputs: [784, 300, 100, 10].
    hidden_activation, output_activation, loss, initializer : str or object
        See `ACTIVATIONS`, `LOSSES` and `INITIALIZERS`. A loss that matches the output activation is computed from the
        last pre-activation, where its gradient is ŷ − y and nothing overflows.
    seed, dtype : int, {"float64", "float32"}
        Of the initial weights; of all computations.

    Examples
    --------
    >>> X, y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
    >>> model = MLP([2, 4, 1], output_activation="sigmoid", loss="binary_crossentropy", seed=1)
    >>> history = model.fit(X, y, epochs=500, batch_size=4, learning_rate=0.5, momentum=0.9)
    >>> model.predict(X)
    array([0, 1, 1, 0])
    """

    def __init__(self, sizes, *, hidden_activation="relu", output_activation="identity", loss="half_squared_error",
                 initializer="glorot_uniform", seed=0, dtype="float64"):  # fmt: skip
        self.sizes = [as_int(n, "sizes", low=1) for n in sizes]
        if len(self.sizes) < 2:
            raise ValueError(f"sizes must hold at least the numbers of inputs and outputs; got {shorten(sizes)}")
        self.dtype = np.dtype(one_of(dtype, "dtype", ("float64", "float32")))
        self.loss = get_loss(loss)
        one_of(getattr(self.loss, "from_logits", False), "loss.from_logits", (False,))  # chosen below, by the pair
        rng = np.random.default_rng(seed)
        activations = [hidden_activation] * (len(self.sizes) - 2) + [output_activation]
        self.layers = [
            Dense(fan_in, fan_out, activation=activation, initializer=initializer, seed=rng, dtype=self.dtype)
            for fan_in, fan_out, activation in zip(self.sizes[:-1], self.sizes[1:], activations, strict=True)
        ]
        self.classifies = isinstance(self.loss, (BinaryCrossentropy, CategoricalCrossentropy))
        self._matched = self.loss.matched_activation == self.layers[-1].activation.name
        self._loss = type(self.loss)(from_logits=True) if self._matched and self.classifies else self.loss

    @property
    def parameters(self):
        """W_0, b_0, W_1, b_1, …: the arrays themselves, so that a change in place changes the model."""
        return [array for layer in self.layers for array in (layer.W, layer.b)]

    def get_parameters(self):
        """Return copies of W_0, b_0, W_1, b_1, …, the order of Keras's ``get_weights``."""
        return [array.copy() for array in self.parameters]

    def set_parameters(self, values):
        """Copy W_0, b_0, W_1, b_1, … into the model; a wrong shape raises ``ValueError``."""
        shapes, wanted = [np.shape(value) for value in values], [array.shape for array in self.parameters]
        if shapes != wanted:
            raise ValueError(f"values must have the shapes {wanted}; got {shapes}")
        for array, value in zip(self.parameters, values, strict=True):
            array[...] = value

    def forward(self, X):
        """Return the outputs, shape (n, sizes[-1]), for ``X`` of shape (n, sizes[0]) and the model's dtype."""
        self.output = X
        for layer in self.layers:
            self.output = layer.forward(self.output)
        return self.output

    def backward(self, y, *, alpha=0.0):
        """Return [∇W_0, ∇b_0, ∇W_1, …] of the loss for the targets ``y`` of the batch of the last `forward`."""
        first, last = self.layers[0], self.layers[-1]
        G = self._loss.gradient(y, last.A if self._matched else self.output)
        for layer in reversed(self.layers):
            G = layer.backward(G, at_preactivation=self._matched and layer is last, input_gradient=layer is not first)
            if alpha:
                layer.grad_W += alpha / len(y) * layer.W
        return [array for layer in self.layers for array in (layer.grad_W, layer.grad_b)]

    def loss_and_gradients(self, X, y, *, alpha=0.0):
        """Return the loss, a float, and its gradients [∇W_0, ∇b_0, …]; arguments as in `fit`."""
        X, y = self._checked(X, y)
        self.forward(X)
        return self._metrics(y, alpha)["loss"], self.backward(y, alpha=alpha)

    def evaluate(self, X, y):
        """Return {"loss": …}, with "accuracy" for a classifier, without penalty; arguments as in `fit`."""
        X, y = self._checked(X, y)
        self.forward(X)
        return self._metrics(y)

    def predict(self, X):
        """Return class labels (classifier) or outputs, shape (n, sizes[-1]), or (n,) where that is one column."""
        output = self.forward(self._checked(X))
        answer = self._labels(output) if self.classifies else output
        return answer[:, 0] if answer.shape[1:] == (1,) else answer

    def predict_proba(self, X):
        """Return probabilities, shape (n, sizes[-1]), or (n, 2) for a single sigmoid, as in scikit-learn."""
        if not self.classifies:
            raise ValueError(f"predict_proba needs a cross-entropy loss; this model has {type(self.loss).__name__}")
        p = self.forward(self._checked(X))
        return np.hstack([1 - p, p]) if p.shape[1] == 1 else p

    @np.errstate(over="ignore", invalid="ignore")  # a loss that is not finite raises an error that says more
    def fit(self, X, y, *, epochs=10, batch_size=32, learning_rate=0.01, momentum=0.0, alpha=0.0, shuffle=True, seed=0,
            validation_data=None, patience=None, callback=None):  # fmt: skip
        """Train by gradient descent on mini-batches: v ← momentum·v − learning_rate·∇, parameter ← parameter + v.

        Parameters
        ----------
        X, y : array_like
            Samples, shape (n, sizes[0]), and targets, shape (n, sizes[-1]), or (n,) for one output or integer labels.
        epochs, batch_size, learning_rate, momentum : int >= 1, int >= 1, float > 0, float in [0, 1)
        alpha : float >= 0
            Weight of the penalty alpha/(2 · samples in the batch) · ΣW², scikit-learn's convention; biases are free.
        shuffle, seed : bool, int
            Whether every epoch draws a new order of the samples, and the seed of the orders.
        validation_data, patience, callback : (X, y), int >= 1, callable; optional
            After every epoch evaluate these samples, then call ``callback(epoch, model)``; after ``patience`` epochs
            without a lower validation loss stop. With ``patience``, the best parameters are restored at the end.

        Returns
        -------
        dict of str to list of float
            One per epoch: "loss" (with penalty, mean of the batches), "accuracy", "val_loss", "val_accuracy".

        Raises
        ------
        TypeError, ValueError, FloatingPointError
            If an argument does not fit, before training begins; if the loss becomes NaN or infinite.
        """
        X, y = self._checked(X, y)
        validation_data = None if validation_data is None else self._checked(*validation_data)
        epochs, batch_size = as_int(epochs, "epochs", low=1), as_int(batch_size, "batch_size", low=1)
        learning_rate = as_float(learning_rate, "learning_rate", low=0, open_low=True)
        momentum = as_float(momentum, "momentum", low=0, high=1, open_high=True)
        alpha = as_float(alpha, "alpha", low=0)
        if patience is not None and as_int(patience, "patience", low=1) and validation_data is None:
            raise ValueError("patience needs validation_data, whose loss it watches")
        rng = np.random.default_rng(seed)
        velocities = [np.zeros_like(parameter) for parameter in self.parameters]
        history, best_parameters = {}, None
        for epoch in range(epochs):
            order = rng.permutation(len(X)) if shuffle else np.arange(len(X))
            means = {}
            for batch in np.split(order, np.arange(batch_size, len(X), batch_size)):
                self.forward(X[batch])
                metrics = self._metrics(y[batch], alpha)
                if not np.isfinite(metrics["loss"]):
                    found = f"the loss became {metrics['loss']} in epoch {epoch} with learning_rate={learning_rate}"
                    raise FloatingPointError(f"{found}: try a smaller one, scaled inputs or smaller initial weights")
                means = {name: means.get(name, 0.0) + metrics[name] * len(batch) / len(X) for name in metrics}
                gradients = self.backward(y[batch], alpha=alpha)
                for parameter, velocity, gradient in zip(self.parameters, velocities, gradients, strict=True):
                    velocity *= momentum
                    velocity -= learning_rate * gradient
                    parameter += velocity
            if validation_data is not None:
                self.forward(validation_data[0])
                means |= {f"val_{name}": value for name, value in self._metrics(validation_data[1]).items()}
            history = {name: [*history.get(name, []), value] for name, value in means.items()}
            if callback is not None:
                callback(epoch, self)
            if patience is not None:
                best_epoch = int(np.argmin(history["val_loss"]))
                if best_epoch == epoch:
                    best_parameters = self.get_parameters()
                elif epoch - best_epoch >= patience:
                    break
        if patience is not None:
            self.set_parameters(best_parameters)
        return history

    def _checked(self, X, y=None):
        X = as_array(X, "X", ndim=2, columns=self.sizes[0], keep_float32=True).astype(self.dtype, copy=False)
        if y is None:
            return X
        as_array(y, "y", length=len(X))
        y = np.asarray(y).reshape(-1, 1) if self.sizes[-1] == 1 else np.asarray(y)
        self.loss.targets(y, (len(X), self.sizes[-1]))
        return X, y

    def _metrics(self, y, alpha=0.0):
        """Loss and accuracy of the last forward pass, with the penalty of weight ``alpha``."""
        metrics = {"loss": self._loss(y, self.layers[-1].A if self._matched else self.output)}
        if alpha:
            metrics["loss"] += alpha / (2 * len(y)) * sum(float(np.vdot(layer.W, layer.W)) for layer in self.layers)
        if self.classifies:
            metrics["accuracy"] = float(np.mean(self._labels(self.output) == self._labels(y)))
        return metrics

    def _labels(self, values):
        """Labels from probabilities, one-hot rows or labels."""
        if values.ndim == 1:
            return values
        return values.argmax(axis=1) if self.loss.term_is_row else (values > 0.5).astype(int)
