"""A network of layers one behind the other, and the loop that trains it: batch, forward, loss, backward, step."""

from __future__ import annotations

import numpy as np

from coursepkg._validation import as_array, as_float, as_int, shorten
from coursepkg.scratch.layers import Container
from coursepkg.scratch.losses import get_loss
from coursepkg.scratch.optimizers import get_optimizer


class Sequential(Container):
    """Layers one behind the other: again a layer, and with a ``loss`` a model that learns.

    If the loss matches the activation of the last layer, it is computed from the last pre-activation, where its
    gradient is ŷ − y and nothing overflows. ``history`` is that of the last `fit`.

    Examples
    --------
    >>> from coursepkg.scratch import Activation, Dense
    >>> model = Sequential([Dense(2, 8, seed=0), Activation("gelu"), Dense(8, 1, activation="sigmoid", seed=1)])
    >>> X, y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
    >>> history = model.fit(X, y, loss="binary_crossentropy", optimizer="Adam", schedule=lambda t: 0.1, epochs=50)
    >>> model.predict(X)
    array([0, 1, 1, 0])
    """

    input_shape = {}  # what `as_array` shall ask of X, beyond that it is finite

    def __init__(self, layers, *, loss=None):
        self.layers, self.loss = list(layers), None if loss is None else get_loss(loss)
        self.columns = None  # of the table that `fit` saw, if it was one

    dtype = property(lambda self: self.weights[0].dtype if self.weights else np.dtype("float64"))

    def get_parameters(self):
        """Return copies of all `weights`."""
        return [array.copy() for array in self.weights]

    def set_parameters(self, values):
        """Copy ``values`` into the `weights`; a wrong shape raises ``ValueError``."""
        shapes, wanted = [np.shape(value) for value in values], [array.shape for array in self.weights]
        if shapes != wanted:
            raise ValueError(f"values must have the shapes {wanted}; got {shapes}")
        for array, value in zip(self.weights, values, strict=True):
            array[...] = value

    def forward(self, X, **options):
        """Return the output of the last layer; ``training`` and ``rng`` go to every layer."""
        for layer in self.layers:
            X = layer.forward(X, **options)
        self.output = X
        return X

    def backward(self, G, *, input_gradient=True, **options):
        """Go back through all layers; ``at_preactivation`` is for the last one."""
        for i in reversed(range(len(self.layers))):
            G = self.layers[i].backward(G, input_gradient=input_gradient or i > 0, **options)
            options = {}
        return G

    def backward_from_loss(self, y, *, alpha=0.0):
        """Return the gradients of the loss of the last `forward`, for ``y`` as `_checked` returned it."""
        options = {"at_preactivation": True} if self._matched else {}
        G = self.loss.averaged(self.output - y) if self._matched else self.loss.mean_slopes(y, self.output)
        Sequential.backward(self, G, input_gradient=False, **options)
        gradients = zip(self.gradients, self.parameters, self._penalties(alpha, y), strict=True)
        return [gradient + p * theta if p else gradient for gradient, theta, p in gradients]

    def loss_and_gradients(self, X, y, *, alpha=0.0, **options):
        """Return the loss, a float, and its gradients in the order of `parameters`; ``options`` as in `forward`."""
        X, y = self._checked(X, y)
        self.forward(X, **options)
        return self._metrics(y, alpha)["loss"], self.backward_from_loss(y, alpha=alpha)

    def evaluate(self, X, y):
        """Return {"loss": …}, with "accuracy" for a classifier, without penalty; arguments as in `fit`."""
        X, y = self._checked(X, y)
        self.forward(X)
        return self._metrics(y)

    def predict(self, X):
        """Return class labels (classifier) or outputs; (n,) where they are one column."""
        output = self.forward(self._checked(X))
        answer = self._labels(output) if self.classifies else output
        return answer[:, 0] if answer.shape[1:] == (1,) else answer

    @np.errstate(over="ignore", invalid="ignore")  # a loss that is not finite raises an error that says more
    def fit(self, X, y, *, loss=None, optimizer="SGD", schedule=None, epochs=10, batch_size=32, alpha=0.0,
            shuffle=True, seed=0, validation_data=None, patience=None, callbacks=()):  # fmt: skip
        """Train on mini-batches; a loss that becomes NaN or infinite raises ``FloatingPointError``.

        Parameters
        ----------
        X, y : array_like
            Samples and targets, as the first layer and the loss want them; (n,) is taken for one column. After a
            DataFrame, all others must have the same columns in the same order.
        loss : str or Loss, by default that of the model
        optimizer, schedule : str or Optimizer, callable
            Its steps; if given, its learning rate by the number of steps taken so far. A schedule with a method
            ``update`` (`Performance`) is told the loss of every epoch, the one for validation if there is one.
        epochs, batch_size : int >= 1
        alpha : float >= 0
            Weight of the penalty alpha/(2 · samples in the batch) · ΣW², scikit-learn's convention; biases are free.
        shuffle, seed : bool, int
            Whether every epoch draws a new order of the samples; the seed of the orders, and of what layers draw.
        validation_data, patience, callbacks : (X, y), int >= 1, sequence of callable; optional
            After every epoch evaluate these samples, then call each ``callback(epoch, model)``; after ``patience``
            epochs without a lower validation loss stop. With ``patience``, the best weights are restored at the end.

        Returns
        -------
        dict of str to list of float
            One per epoch: "loss" (with penalty, mean of the batches), "accuracy", "val_loss", "val_accuracy".
        """
        self.loss, self.columns = self.loss if loss is None else get_loss(loss), _columns(X)
        if y is None:
            raise ValueError("y is None: training needs targets")
        X, y = self._checked(X, y)
        if validation_data is not None:
            if not isinstance(validation_data, (tuple, list)) or len(validation_data) != 2:
                raise TypeError(f"validation_data must be a tuple (X, y); got {shorten(validation_data)}")
            validation_data = self._checked(*validation_data)
        callbacks = () if callbacks is None else callbacks
        if not isinstance(callbacks, (tuple, list)) or not all(map(callable, callbacks)):
            raise TypeError(f"callbacks must be a list of functions of epoch and model; got {shorten(callbacks)}")
        epochs, batch_size = as_int(epochs, "epochs", low=1), as_int(batch_size, "batch_size", low=1)
        alpha, seed, optimizer = as_float(alpha, "alpha", low=0), as_int(seed, "seed", low=0), get_optimizer(optimizer)
        optimizer.check(self.parameters)
        if schedule is not None:
            if not callable(schedule):
                raise TypeError(f"schedule must be a function of the step; got {shorten(schedule)}")
            optimizer.learning_rate = schedule
        if patience is not None and as_int(patience, "patience", low=1) and validation_data is None:
            raise ValueError("patience needs validation_data, whose loss it watches")
        orders, noise = np.random.default_rng(seed), np.random.default_rng([seed, 1])
        history, best = {}, None
        for epoch in range(epochs):
            order, means = orders.permutation(len(X)) if shuffle else np.arange(len(X)), {}
            for batch in np.split(order, np.arange(batch_size, len(X), batch_size)):
                self.forward(X[batch], training=True, rng=noise)
                metrics = self._metrics(y[batch], alpha)
                if not np.isfinite(metrics["loss"]):
                    found = f"the loss became {metrics['loss']} in epoch {epoch} with learning_rate={optimizer.rate}"
                    raise FloatingPointError(f"{found}: try a smaller one, scaled inputs or smaller initial weights")
                means = {name: means.get(name, 0.0) + metrics[name] * len(batch) / len(X) for name in metrics}
                penalties = {"penalties": self._penalties(alpha, batch)} if alpha else {}
                optimizer.apply(self.parameters, self.backward_from_loss(y[batch]), **penalties)
            if validation_data is not None:
                self.forward(validation_data[0])
                means |= {f"val_{name}": value for name, value in self._metrics(validation_data[1]).items()}
            history = self.history = {name: [*history.get(name, []), value] for name, value in means.items()}
            if hasattr(optimizer.learning_rate, "update"):
                optimizer.learning_rate.update(means.get("val_loss", means["loss"]))
            for callback in callbacks:
                callback(epoch, self)
            if patience is not None:
                best_epoch = int(np.argmin(history["val_loss"]))
                if best_epoch == epoch:
                    best = self.get_parameters()
                elif epoch - best_epoch >= patience:
                    break
        if patience is not None:
            self.set_parameters(best)
        return history

    @property
    def classifies(self):
        """Whether the loss compares classes."""
        return hasattr(self.loss, "labels")

    def _checked(self, X, y=None):
        if None not in (self.columns, _columns(X)) and _columns(X) != self.columns:
            raise ValueError(f"X must have the columns of the training data, {self.columns}; got {_columns(X)}")
        X = as_array(X, "X", keep_float32=True, **self.input_shape).astype(self.dtype, copy=False)
        if y is None:
            return X
        if self.loss is None:
            raise ValueError("the model has no loss: name one, such as fit(X, y, loss='half_squared_error')")
        as_array(y, "y", length=len(X))
        shape = self._output_shape(X)
        y = np.asarray(y).reshape(-1, 1) if shape == (1,) else np.asarray(y)
        return X, self.loss.targets(y, (len(X), *shape), dtype=self.dtype)

    def _output_shape(self, X):
        return self.forward(X[:1]).shape[1:]

    @property
    def _matched(self):
        """Whether ∂(term of the loss)/∂(last pre-activation) is ŷ − y."""
        activation = getattr(self.layers[-1], "activation", None)
        matched = activation is not None and activation.name == self.loss.matched_activation
        return matched and not getattr(self.loss, "from_logits", False)

    def _labels(self, output):
        return self.loss.labels(output, logits=self.loss.from_logits)

    def _penalties(self, alpha, batch):
        """The weight of ½ΣW² in the loss of a batch, for each parameter; biases and the like are free."""
        return [alpha / len(batch) if name.startswith("W") else 0.0 for name in self.learned]

    def _metrics(self, y, alpha=0.0):
        """Loss and accuracy of the last forward pass, with the penalty of weight ``alpha``."""
        if self._matched and self.classifies:
            metrics = {"loss": type(self.loss)(from_logits=True).mean(y, self.layers[-1].Z)}
        else:
            metrics = {"loss": self.loss.mean(y, self.output)}
        if alpha:
            weights = zip(self.parameters, self._penalties(alpha, y), strict=True)
            metrics["loss"] += sum(p / 2 * float(np.vdot(W, W)) for W, p in weights if p)
        if self.classifies:
            metrics["accuracy"] = float(np.mean(self._labels(self.output) == self.loss.labels(y)))
        return metrics


def _columns(X):
    return list(X.columns) if hasattr(X, "columns") else None
