"""Small models for small devices: Keras to LiteRT (formerly TensorFlow Lite), with rounded weights."""

from __future__ import annotations

import io
import warnings
from contextlib import contextmanager, redirect_stdout

import numpy as np
import tensorflow as tf

from coursepkg._validation import as_array, one_of
from coursepkg.deep._quiet import no_stderr
from coursepkg.deep.layers import check_connected, check_model, copy_model

PRECISIONS = ("float32", "float16", "int8 weights", "int8")


class LiteModel:
    """A model in LiteRT's format, with the interpreter that computes with it.

    Parameters
    ----------
    content : bytes
        What a file ``*.tflite`` holds; `to_lite` makes it.

    Attributes
    ----------
    content : bytes
        To be written to a file with ``pathlib.Path.write_bytes``.
    n_bytes : int
        Its length, in bytes.

    Raises
    ------
    TypeError, ValueError
        If ``content`` is not bytes, or no such model.
    RuntimeError
        If no interpreter is installed.

    Examples
    --------
    >>> import keras
    >>> model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
    >>> lite = to_lite(model)
    >>> x = np.ones((3, 4))
    >>> lite.predict(x).shape, bool(np.allclose(lite.predict(x), model(x), atol=1e-5))
    ((3, 2), True)
    """

    def __init__(self, content):
        if not isinstance(content, (bytes, bytearray)):
            raise TypeError(f"content must be bytes; got {type(content).__name__}")
        self.content, self.n_bytes = bytes(content), len(content)
        try:
            with _silence():
                self._interpreter = _interpreter_class()(model_content=self.content)
        except (ValueError, TypeError) as error:
            raise ValueError(f"content is no LiteRT model: {error}") from error
        self._n = None

    def predict(self, X):
        """Return the outputs for a batch.

        Parameters
        ----------
        X : array_like, shape (n, …)
            One instance a row, of the shape of the model's only input.

        Returns
        -------
        numpy.ndarray of float32, shape (n, …)
            A model in integers gets its inputs rounded, and its outputs are converted back.

        Raises
        ------
        ValueError
            If the shape of ``X`` does not fit.
        """
        (entry,), (exit_,) = self._interpreter.get_input_details(), self._interpreter.get_output_details()
        X, wanted = np.asarray(X, dtype="float32"), tuple(entry["shape_signature"][1:])
        if X.shape[1:] != wanted or not len(X):
            shape = ", ".join(map(str, ("n", *wanted)))
            raise ValueError(f"X must have the shape ({shape}) with n >= 1; got {X.shape}")
        with _silence():
            if self._n != len(X):
                self._interpreter.resize_tensor_input(entry["index"], X.shape)
                self._interpreter.allocate_tensors()
                self._n = len(X)
            self._interpreter.set_tensor(entry["index"], _to_integers(X, entry))
            self._interpreter.invoke()
        out = self._interpreter.get_tensor(exit_["index"])
        scale, zero = exit_["quantization"]
        return out.astype("float32") if not scale else ((out.astype("float32") - zero) * np.float32(scale))

    def tensors(self):
        """Return the arrays that are stored in the model: a list of dict.

        "dtype" is the name of the type, "shape" a tuple, "value" the array; where it holds integers that stand for
        real numbers, "scales" and "zero_points" are arrays, with one entry a channel or one for all; else empty.
        """
        found = []
        for detail in self._interpreter.get_tensor_details():
            try:
                value = self._interpreter.get_tensor(detail["index"])
            except ValueError:  # an array that only exists while the model computes
                continue
            more = detail["quantization_parameters"]
            found.append(
                {
                    "dtype": value.dtype.name,
                    "shape": value.shape,
                    "value": value,
                    "scales": more["scales"],
                    "zero_points": more["zero_points"],
                }
            )
        return found


def to_lite(model, precision="float32", *, samples=None):
    """Convert a Keras model to LiteRT, with weights of fewer bits if wanted.

    Parameters
    ----------
    model : keras.Model
        Sequential or functional, built, with one input and one output. A model in float64 is copied to float32 first;
        the original is not changed. Sizes are smallest without layers that only act in training.
    precision : {"float32", "float16", "int8 weights", "int8"}
        "float16": weights are stored in 16 bits, computing is in float32. "int8 weights": kernels are stored in 8 bits;
        the inputs of each layer are rounded on the way, by the range they have at that moment ("dynamic range").
        "int8": inputs and outputs too are integers, whose ranges come from ``samples``.
    samples : array_like, shape (n, …), keyword-only
        Typical inputs, some hundred, for "int8" only: their activations tell the ranges. Not the test set.

    Returns
    -------
    LiteModel

    Raises
    ------
    TypeError, ValueError
        If ``model`` is no built Keras model, the precision is unknown, or ``samples`` are missing, or given in vain.
    RuntimeError
        If the installed TensorFlow cannot convert models.

    Notes
    -----
    The arithmetic is that of Jacob and others (2018), Quantization and training of neural networks for efficient
    integer-arithmetic-only inference, section 2. Layers that LiteRT lacks make the converter raise its own error.

    Examples
    --------
    >>> import keras
    >>> model = keras.Sequential([keras.Input((200,)), keras.layers.Dense(100)])
    >>> [to_lite(model, precision).n_bytes // 1000 for precision in ("float32", "float16", "int8 weights")]
    [81, 41, 22]
    """
    check_model(model)
    one_of(precision, "precision", PRECISIONS)
    if (samples is not None) != (precision == "int8"):
        found = "got none" if samples is None else f"precision={precision!r} takes none"
        raise ValueError(f'samples are needed for precision="int8", and only there; {found}')
    if samples is not None:
        samples = as_array(samples, "samples", ndim=len(model.inputs[0].shape)).astype("float32")
    single = _in_float32(model)
    converter = _converter(single)
    if precision != "float32":
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if precision == "float16":
        converter.target_spec.supported_types = [tf.float16]
    if precision == "int8":
        converter.representative_dataset = lambda: ([sample[None]] for sample in samples)
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.inference_input_type = converter.inference_output_type = tf.int8
    with _silence():
        content = converter.convert()
    return LiteModel(content)


def n_bytes(model):
    """Return the bytes that the weights of a Keras model take, in the precision of each.

    Parameters
    ----------
    model : keras.Model
        Built.

    Returns
    -------
    int

    Examples
    --------
    >>> import keras
    >>> n_bytes(keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)]))
    32
    """
    check_model(model)
    return sum(np.asarray(weight).nbytes for weight in model.weights)


def _in_float32(model):
    """Return a copy of the model with weights, inputs and computations in float32."""
    check_connected(model)
    if len(model.inputs) != 1 or len(model.outputs) != 1:
        raise ValueError(
            f"the model must have one input and one output; got {len(model.inputs)} and {len(model.outputs)}"
        )
    return copy_model(model, dtype="float32")


def _converter(model):
    if not hasattr(tf, "lite"):
        raise RuntimeError(
            f"TensorFlow {tf.__version__} has no converter to LiteRT (tf.lite); it is part of TensorFlow 2.20 and 2.21"
        )
    return tf.lite.TFLiteConverter.from_keras_model(model)


def _interpreter_class():
    """Return the interpreter of the package ai-edge-litert if that is installed, else TensorFlow's own."""
    try:
        from ai_edge_litert.interpreter import Interpreter
    except ImportError:
        if not hasattr(tf, "lite"):
            raise RuntimeError(
                f"no interpreter for LiteRT models: TensorFlow {tf.__version__} has none, "
                "and the package ai-edge-litert is not installed"
            ) from None
        return tf.lite.Interpreter
    return Interpreter


def _to_integers(X, detail):
    """Round to the integers by which the input stands for real numbers, if it does."""
    scale, zero = detail["quantization"]
    if not scale:
        return X
    limits = np.iinfo(detail["dtype"])
    return np.clip(np.rint(X / np.float32(scale)) + zero, limits.min, limits.max).astype(detail["dtype"])


@contextmanager
def _silence():
    """Keep out the notes of converter and interpreter, some of them written past Python, and one warning.

    TensorFlow's interpreter warns that it will move to ai-edge-litert, which is used where it is installed. What goes
    wrong still reaches Python as an exception.
    """
    with no_stderr(), warnings.catch_warnings(), redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        yield
