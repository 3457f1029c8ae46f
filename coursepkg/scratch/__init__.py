"""Neural networks from scratch in NumPy: short files to read, each tested against the library that it explains."""

from coursepkg.scratch.approximation import OneHiddenLayer, build_network, build_network_to_tolerance, max_error
from coursepkg.scratch.threshold import Perceptron, heaviside, layer, novikoff_bound, sign

__all__ = [
    "OneHiddenLayer",
    "Perceptron",
    "build_network",
    "build_network_to_tolerance",
    "heaviside",
    "layer",
    "max_error",
    "novikoff_bound",
    "sign",
]
