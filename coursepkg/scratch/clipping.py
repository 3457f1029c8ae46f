"""Three ways to shorten gradients that are too large. Only the last keeps their direction."""

from __future__ import annotations

import numpy as np

from coursepkg._validation import as_array, as_float


def clip_value(gradients, limit):
    """Move every number into [−limit, limit]; the direction of the gradient changes. Keras: ``clipvalue``.

    ``gradients`` is a sequence of arrays, one a parameter, of any shapes; the result a list of new arrays.

    >>> clip_value([[0.9, 100.0]], 1.0)
    [array([0.9, 1. ])]
    """
    limit = as_float(limit, "limit", low=0, open_low=True)
    return [np.clip(g, -limit, limit) for g in _checked(gradients)]


def clip_norm(gradients, limit):
    """Scale every array whose Euclidean norm exceeds ``limit`` down to it, each by itself. Keras: ``clipnorm``.

    The direction within one array stays; the ratio between two arrays changes.

    >>> [g.round(3) for g in clip_norm([[0.9, 100.0], [0.5]], 1.0)]
    [array([0.009, 1.   ]), array([0.5])]
    """
    limit = as_float(limit, "limit", low=0, open_low=True)
    return [g * (limit / max(np.linalg.norm(g), limit)) for g in _checked(gradients)]


def clip_global_norm(gradients, limit):
    """Scale all arrays by one factor if the norm of all numbers together exceeds ``limit``. Keras: ``global_clipnorm``.

    The direction of the whole gradient stays (Pascanu et al., 2013, algorithm 1).

    >>> [g.round(3) for g in clip_global_norm([[0.9, 100.0], [0.5]], 1.0)]
    [array([0.009, 1.   ]), array([0.005])]
    """
    limit = as_float(limit, "limit", low=0, open_low=True)
    gradients = _checked(gradients)
    factor = limit / max(global_norm(gradients), limit)
    return [g * factor for g in gradients]


def global_norm(gradients):
    """Return the Euclidean norm of all numbers of all ``gradients`` together, a float >= 0.

    >>> global_norm([[3.0], [[4.0, 0.0]]])
    5.0
    """
    return float(np.sqrt(sum((g**2).sum() for g in _checked(gradients))))


def _checked(gradients):
    return [as_array(g, f"gradients[{i}]", empty=True) for i, g in enumerate(gradients)]
