"""Learning rates that change during training: functions of the number of steps taken so far, 0 at first.

Each function here returns a schedule, a callable that takes a step t >= 0 (an integer or an array of them) and returns
the learning rate η(t) of that step. Any optimizer of `coursepkg.scratch.optimizers` takes a schedule as its learning
rate. The names are those of the field; the class of Keras that computes the same is named in each docstring.
"""

from __future__ import annotations

import numpy as np

from coursepkg._validation import as_array, as_float, as_int


def power(initial, *, steps, exponent=1.0):
    """η₀ / (1 + t/s)^c: half the rate after ``steps`` = s steps if ``exponent`` = c = 1 (Robbins & Monro, 1951).

    Keras: ``InverseTimeDecay(initial, decay_steps=steps, decay_rate=1)`` for c = 1.

    Examples
    --------
    >>> power(0.1, steps=10)([0, 10, 30])
    array([0.1  , 0.05 , 0.025])
    """
    initial, steps = _positive(initial, "initial"), _positive(steps, "steps")
    exponent = _positive(exponent, "exponent")
    return lambda t: initial / (1 + _steps(t) / steps) ** exponent


def exponential(initial, *, steps, factor=0.1):
    """η₀ · factor^(t/s): multiplied by ``factor`` in every ``steps`` = s steps.

    Keras: ``ExponentialDecay(initial, decay_steps=steps, decay_rate=factor)``.

    Examples
    --------
    >>> exponential(0.1, steps=10)([0, 10, 20])
    array([0.1  , 0.01 , 0.001])
    """
    initial, steps, factor = _positive(initial, "initial"), _positive(steps, "steps"), _positive(factor, "factor")
    return lambda t: initial * factor ** (_steps(t) / steps)


def piecewise_constant(boundaries, values):
    """values[0] up to and including the step boundaries[0], then values[1] up to boundaries[1], …

    ``boundaries`` are k strictly rising integers >= 0; ``values`` are k + 1 rates > 0.
    Keras: ``PiecewiseConstantDecay(boundaries, values)``, which also changes one step after the boundary.

    Examples
    --------
    >>> piecewise_constant([5, 15], [0.01, 0.005, 0.001])([0, 5, 6, 15, 16])
    array([0.01 , 0.01 , 0.005, 0.005, 0.001])
    """
    bounds = np.array([as_int(b, f"boundaries[{i}]", low=0) for i, b in enumerate(boundaries)], dtype=int)
    rates = np.array([_positive(value, f"values[{i}]") for i, value in enumerate(values)])
    if (np.diff(bounds) <= 0).any():
        raise ValueError(f"boundaries must rise strictly; got {bounds.tolist()}")
    if len(rates) != len(bounds) + 1:
        raise ValueError(f"{len(bounds)} boundaries need {len(bounds) + 1} values; got {len(rates)}")
    return lambda t: rates[np.searchsorted(bounds, _steps(t))]


def cosine(initial, *, steps, final=0.0, warmup=0):
    """Rise linearly from 0 to η₀ during ``warmup`` steps, then fall along half a cosine to ``final`` in ``steps`` more.

    After that it stays at ``final`` (Loshchilov & Hutter, 2017, eq. 5, without restarts). Keras:
    ``CosineDecay(0.0, decay_steps=steps, alpha=final/initial, warmup_target=initial, warmup_steps=warmup)``;
    without warm-up ``CosineDecay(initial, decay_steps=steps, alpha=final/initial)``.

    Examples
    --------
    >>> cosine(0.1, steps=8, warmup=2)([0, 1, 2, 6, 10, 99])
    array([0.  , 0.05, 0.1 , 0.05, 0.  , 0.  ])
    """
    initial, steps = _positive(initial, "initial"), _positive(steps, "steps")
    final, warmup = as_float(final, "final", low=0, high=initial), as_int(warmup, "warmup", low=0)

    def schedule(t):
        t = _steps(t)
        progress = np.clip((t - warmup) / steps, 0, 1)
        falling = final + (initial - final) * (1 + np.cos(np.pi * progress)) / 2
        return np.where(t < warmup, initial * t / max(warmup, 1), falling)[()]

    return schedule


def one_cycle(maximum, *, steps, initial=None, final=None):
    """Rise from ``initial`` to ``maximum`` in 45 % of the steps, fall back in 45 %, then go down to ``final``.

    All three parts are straight lines (Smith, 2018, section 4). By default ``initial`` is maximum/10 and ``final``
    initial/1000; the last of the ``steps``, t = steps − 1, has the rate ``final``, and later steps keep it.
    Keras has no such schedule; `one_cycle_momentum` is the other half of the method.

    Examples
    --------
    >>> one_cycle(1.0, steps=21)([0, 9, 18, 20])
    array([1.e-01, 1.e+00, 1.e-01, 1.e-04])
    """
    maximum, steps = _positive(maximum, "maximum"), as_int(steps, "steps", low=4)
    initial = maximum / 10 if initial is None else _positive(initial, "initial")
    final = initial / 1000 if final is None else _positive(final, "final")
    turn = _turn(steps)
    return lambda t: np.interp(_steps(t), [0, turn, 2 * turn, steps - 1], [initial, maximum, initial, final])


def one_cycle_momentum(*, steps, high=0.95, low=0.85):
    """Fall from ``high`` to ``low`` while the learning rate of `one_cycle` rises, come back, then stay (Smith, 2018).

    Examples
    --------
    >>> one_cycle_momentum(steps=21)([0, 9, 18, 20])
    array([0.95, 0.85, 0.95, 0.95])
    """
    steps = as_int(steps, "steps", low=4)
    high = as_float(high, "high", low=0, high=1, open_high=True)
    low = as_float(low, "low", low=0, high=high)
    turn = _turn(steps)
    return lambda t: np.interp(_steps(t), [0, turn, 2 * turn], [high, low, high])


class Performance:
    """Divide the rate when a watched loss has not fallen for a while: a schedule that must be told the loss.

    Keras: the callback ``ReduceLROnPlateau(factor=factor, patience=patience, min_delta=0)``.

    Parameters
    ----------
    initial : float > 0
    factor : float in (0, 1), keyword-only
    patience : int >= 1, keyword-only
        So many losses in a row that are no lower than the lowest one change the rate.

    Examples
    --------
    >>> schedule = Performance(0.1, factor=0.5, patience=2)
    >>> [schedule.update(loss) for loss in (1.0, 0.8, 0.9, 0.8, 0.7)]
    [0.1, 0.1, 0.1, 0.05, 0.05]
    """

    def __init__(self, initial, *, factor=0.1, patience=10):
        self.rate = _positive(initial, "initial")
        self.factor = as_float(factor, "factor", low=0, high=1, open_low=True, open_high=True)
        self.patience = as_int(patience, "patience", low=1)
        self.best, self.waited = np.inf, 0

    def __call__(self, t):
        """Return the present rate, whatever the step ``t``."""
        return self.rate

    def update(self, loss):
        """Take the loss of an epoch into account and return the rate of the next; NaN counts as no improvement."""
        if loss < self.best:
            self.best, self.waited = loss, 0
        else:
            self.waited += 1
            if self.waited == self.patience:
                self.rate, self.waited = self.rate * self.factor, 0
        return self.rate


def _turn(steps):
    """Return the step with the largest rate: 45 % of all steps, a whole number."""
    return max(1, int(0.45 * (steps - 1)))


def _steps(t):
    t = as_array(t, "t")
    if (t < 0).any():
        raise ValueError(f"steps are counted from 0; got {t.min():g}")
    return t


def _positive(value, name):
    return as_float(value, name, low=0, open_low=True)
