"""The first line of every Keras chapter: the same numbers on every machine."""

from __future__ import annotations

import sys

from coursepkg._validation import as_int, one_of
from coursepkg.seeding import seed_numpy


def seed_everything(seed=42, *, dtype="float64"):
    """Seed Python, NumPy and Keras, make TensorFlow deterministic, set the precision, and say so in one line.

    Call it before any layer is built: weights are drawn, and their precision is set, at that moment.

    Parameters
    ----------
    seed : int in [0, 2**32 - 1]
    dtype : {"float64", "float32"}, keyword-only
        Precision in which Keras computes. In float32 the last digits depend on the processor, the number of threads
        and the library that multiplies matrices, and training magnifies them; in float64 they stay out of sight.

    Returns
    -------
    numpy.random.Generator
        The generator from which a chapter draws.

    Raises
    ------
    TypeError, ValueError
        If ``seed`` is not an integer in its range or ``dtype`` is another one.

    Notes
    -----
    ``tf.random.set_seed`` alone does not seed the weights of Keras 3 layers; ``keras.utils.set_random_seed`` does.

    Examples
    --------
    >>> rng = seed_everything(42)
    Computing in float64 with deterministic operations; seed 42.
    """
    import keras
    import tensorflow as tf

    seed = as_int(seed, "seed", low=0, high=2**32 - 1)
    one_of(dtype, "dtype", ("float64", "float32"))
    keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()
    keras.config.set_floatx(dtype)
    keras.config.set_dtype_policy(dtype)  # layers take the policy, which ignores floatx once it was used
    sys.stdout.write(f"Computing in {dtype} with deterministic operations; seed {seed}.\n")
    return seed_numpy(seed)
