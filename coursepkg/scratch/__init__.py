"""Neural networks from scratch in NumPy: short files to read, each tested against the library that it explains."""

from coursepkg.scratch.activations import ACTIVATIONS, Activation, get_activation
from coursepkg.scratch.approximation import OneHiddenLayer, build_network, build_network_to_tolerance, max_error
from coursepkg.scratch.autodiff import Value
from coursepkg.scratch.gradcheck import check_gradients, numerical_gradient, relative_error
from coursepkg.scratch.initializers import INITIALIZERS, get_initializer
from coursepkg.scratch.losses import LOSSES, Loss, get_loss
from coursepkg.scratch.mlp import MLP, Dense
from coursepkg.scratch.threshold import Perceptron, heaviside, layer, novikoff_bound, sign

__all__ = [
    "ACTIVATIONS",
    "INITIALIZERS",
    "LOSSES",
    "MLP",
    "Activation",
    "Dense",
    "Loss",
    "OneHiddenLayer",
    "Perceptron",
    "Value",
    "build_network",
    "build_network_to_tolerance",
    "check_gradients",
    "get_activation",
    "get_initializer",
    "get_loss",
    "heaviside",
    "layer",
    "max_error",
    "novikoff_bound",
    "numerical_gradient",
    "relative_error",
    "sign",
]
