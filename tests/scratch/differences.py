"""Central differences of a layer: by its input, and by each array that it learns."""

from __future__ import annotations

from coursepkg.scratch.gradcheck import numerical_gradient


def layer_differences(layer, X, G, *, forward=None):
    """Return the gradients of the sum of G ∘ forward(X) by ``X`` and by each parameter; run ``forward(X)`` at the end.

    Parameters
    ----------
    layer : Layer
    X, G : numpy.ndarray
        Input; gradient by the output, of the output's shape.
    forward : callable, keyword-only, optional
        By default the layer's; it must draw the same numbers in each call.

    Returns
    -------
    numpy.ndarray, list of numpy.ndarray
    """
    forward = forward or layer.forward

    def loss_of(X):
        return float((forward(X) * G).sum())

    by_input, by_parameters = numerical_gradient(loss_of, X), []
    for array in layer.parameters:
        original = array.copy()

        def loss_at(value, array=array):
            array[...] = value
            return loss_of(X)

        by_parameters.append(numerical_gradient(loss_at, original))
        array[...] = original
    forward(X)
    return by_input, by_parameters
