"""Initial weights of a dense layer: arrays of shape (fan_in, fan_out).

A weight's variance decides how large signals and gradients are after many layers. Every function draws from
``numpy.random.default_rng(seed)``; ``seed`` is an integer or a ``Generator``, which several layers can share.
``fan_in`` and ``fan_out`` are the layer's numbers of inputs and outputs; values that are no integers raise
``TypeError``, values below 1 ``ValueError``. "Normal" is the full normal distribution; Keras cuts it off at two
standard deviations and rescales it, so that the variance is the same.

=================================  ==================  =====================================
name                               variance            meant for
=================================  ==================  =====================================
`glorot_uniform`, `glorot_normal`  2/(fan_in+fan_out)  tanh, and layers without activation
`he_uniform`, `he_normal`          2/fan_in            ReLU and its relatives
`lecun_uniform`, `lecun_normal`    1/fan_in            SELU
`orthogonal`                       1/max(fan_in, …)    the weights from step to step of recurrent layers
=================================  ==================  =====================================
"""

from __future__ import annotations

import numpy as np

from coursepkg._validation import as_float, as_int, one_of


def zeros(fan_in, fan_out, *, seed=0):
    """All zeros: every hidden unit then stays equal to its neighbors. ``seed`` is accepted and not used.

    >>> zeros(2, 3)
    array([[0., 0., 0.],
           [0., 0., 0.]])
    """
    return np.zeros(_shape(fan_in, fan_out))


def normal(fan_in, fan_out, *, std=1.0, seed=0):
    """Normal with standard deviation ``std`` >= 0 whatever the layer's size: the naive choice.

    >>> normal(2, 3, std=0.01, seed=0).round(4)
    array([[ 0.0013, -0.0013,  0.0064],
           [ 0.001 , -0.0054,  0.0036]])
    """
    return _normal(fan_in, fan_out, as_float(std, "std", low=0) ** 2, seed)


def glorot_uniform(fan_in, fan_out, *, seed=0):
    """Uniform in ±√(6/(fan_in + fan_out)) (Glorot & Bengio, 2010, eq. 16). Keras's default.

    >>> glorot_uniform(2, 4, seed=0).round(2)  # within ±1
    array([[ 0.27, -0.46, -0.92, -0.97],
           [ 0.63,  0.83,  0.21,  0.46]])
    """
    return _uniform(fan_in, fan_out, _glorot_variance(fan_in, fan_out), seed)


def glorot_normal(fan_in, fan_out, *, seed=0):
    """Normal with variance 2/(fan_in + fan_out) (Glorot & Bengio, 2010, eq. 12): a compromise between both passes.

    >>> float(glorot_normal(300, 100, seed=0).var().round(4))  # 2/400
    0.005
    """
    return _normal(fan_in, fan_out, _glorot_variance(fan_in, fan_out), seed)


def he_uniform(fan_in, fan_out, *, seed=0):
    """Uniform in ±√(6/fan_in), variance 2/fan_in (He et al., 2015, eq. 10).

    >>> bool(np.abs(he_uniform(6, 100, seed=0)).max() <= 1)
    True
    """
    return _uniform(fan_in, fan_out, _fan_in_variance(2, fan_in), seed)


def he_normal(fan_in, fan_out, *, seed=0):
    """Normal with variance 2/fan_in (He et al., 2015, eq. 10): the 2 makes up for the half that ReLU sets to zero.

    >>> float(he_normal(200, 300, seed=0).var().round(3))
    0.01
    """
    return _normal(fan_in, fan_out, _fan_in_variance(2, fan_in), seed)


def lecun_uniform(fan_in, fan_out, *, seed=0):
    """Uniform in ±√(3/fan_in), variance 1/fan_in (LeCun et al., 1998, eq. 16).

    >>> bool(np.abs(lecun_uniform(3, 100, seed=0)).max() <= 1)
    True
    """
    return _uniform(fan_in, fan_out, _fan_in_variance(1, fan_in), seed)


def lecun_normal(fan_in, fan_out, *, seed=0):
    """Normal with variance 1/fan_in (LeCun et al., 1998, eq. 16): keeps the variance of a linear layer's signal.

    >>> float(lecun_normal(100, 300, seed=0).var().round(3))
    0.01
    """
    return _normal(fan_in, fan_out, _fan_in_variance(1, fan_in), seed)


def orthogonal(fan_in, fan_out, *, seed=0):
    """Random with orthonormal rows, or columns where those are fewer (Saxe et al., 2014): U of recurrent layers.

    A square one keeps the length of every vector.

    >>> W = orthogonal(3, 3, seed=0)
    >>> bool(np.allclose(W @ W.T, np.eye(3)))
    True
    """
    n_rows, n_columns = _shape(fan_in, fan_out)
    Q, R = np.linalg.qr(_normal(max(n_rows, n_columns), min(n_rows, n_columns), 1.0, seed))
    Q *= np.sign(np.diag(R))  # so that every orthogonal matrix is equally likely
    return Q if n_rows >= n_columns else Q.T.copy()


def _shape(fan_in, fan_out):
    return as_int(fan_in, "fan_in", low=1), as_int(fan_out, "fan_out", low=1)


def _glorot_variance(fan_in, fan_out):
    return 2 / sum(_shape(fan_in, fan_out))


def _fan_in_variance(scale, fan_in):
    return scale / as_int(fan_in, "fan_in", low=1)


def _normal(fan_in, fan_out, variance, seed):
    return np.random.default_rng(seed).normal(0, np.sqrt(variance), _shape(fan_in, fan_out))


def _uniform(fan_in, fan_out, variance, seed):
    limit = np.sqrt(3 * variance)  # a uniform number in ±limit has the variance limit²/3
    return np.random.default_rng(seed).uniform(-limit, limit, _shape(fan_in, fan_out))


INITIALIZERS = {
    "zeros": zeros,
    "normal": normal,
    "glorot_uniform": glorot_uniform,
    "glorot_normal": glorot_normal,
    "he_uniform": he_uniform,
    "he_normal": he_normal,
    "lecun_uniform": lecun_uniform,
    "lecun_normal": lecun_normal,
}


def get_initializer(name):
    """Return the initializer of that name; a function ``(fan_in, fan_out, *, seed) -> weights`` passes through.

    Examples
    --------
    >>> get_initializer("he_normal") is he_normal, get_initializer("zeros")(3, 2, seed=0).shape
    (True, (3, 2))
    """
    return name if callable(name) else INITIALIZERS[one_of(name, "initializer", INITIALIZERS)]
