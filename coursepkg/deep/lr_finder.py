"""The learning rate range test: train a few hundred steps with growing rates, and read the rate off the losses."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass

import keras
import numpy as np

from coursepkg._validation import as_array, as_float, as_int
from coursepkg.deep.layers import check_model, walk
from coursepkg.deep.schedules import check_rate_can_be_set
from coursepkg.deep.training import _number_of_instances

_NEVER_FINITE = (
    "the loss was {loss} before the first step, which no learning rate mends: look for NaN and infinity in x, y, the "
    "weights of the model, and the loss function"
)
_PASSED = ("sample_weight", "class_weight", "shuffle", "validation_split")
_VALIDATION = ("validation_data", "validation_batch_size", "validation_steps", "validation_freq")
RULES = ("a tenth of the turning point", "steepest descent", "half of the divergence")
REGIONS = ("nothing", "learning", "unstable", "destroyed")


def batch_losses(means, sizes):
    """Return the loss of every batch of an epoch from the running means that Keras logs.

    After batch k Keras logs m_k = Σ n_i ℓ_i / N_k over all batches i <= k, with N_k = Σ n_i. So
    ℓ_k = (N_k m_k − N_{k−1} m_{k−1}) / n_k.

    Parameters
    ----------
    means : array_like, shape [n_batches]
        The logged losses of one epoch, in their order.
    sizes : array_like of int >= 1, shape [n_batches]
        Instances in each batch; the last batch is often smaller.

    Returns
    -------
    numpy.ndarray, shape [n_batches]

    Raises
    ------
    TypeError, ValueError
        If the arrays are empty or differ in length, or a size is below 1.

    Examples
    --------
    >>> batch_losses([4.0, 3.0, 2.6], sizes=[2, 2, 1])
    array([4., 2., 1.])
    """
    means = as_array(means, "means", ndim=1, finite=False)
    sizes = as_array(sizes, "sizes", ndim=1, length=len(means))
    if (sizes < 1).any():
        raise ValueError(f"sizes must be >= 1; got {sizes.min():g} at index {int(sizes.argmin())}")
    with np.errstate(invalid="ignore"):  # infinite minus infinite: the training has diverged
        return np.diff(np.cumsum(sizes) * means, prepend=0.0) / sizes


def smoothed_losses(losses, weight=0.9):
    """Return the exponential moving average of losses, corrected for its start at 0.

    s_k = w s_{k−1} + (1 − w) ℓ_k and ŝ_k = s_k / (1 − wᵏ), with k = 1, 2, … (Kingma & Ba, 2015, section 3). The
    average lags behind: by w / (1 − w) steps where the losses fall in a straight line.

    Parameters
    ----------
    losses : array_like, shape [n_steps]
    weight : float in [0, 1)
        w, of the past.

    Returns
    -------
    numpy.ndarray, shape [n_steps]

    Raises
    ------
    TypeError, ValueError
        If there is no loss, or the weight is out of its range.

    Examples
    --------
    >>> smoothed_losses([3.0, 1.0, 1.0], 0.5).round(3)
    array([3.   , 1.667, 1.286])
    """
    losses = as_array(losses, "losses", ndim=1, finite=False)
    weight = as_float(weight, "weight", low=0, high=1, open_high=True)
    average, smoothed = 0.0, []
    for k, loss in enumerate(losses, start=1):
        average = weight * average + (1 - weight) * loss
        smoothed.append(average / (1 - weight**k))
    return np.array(smoothed)


@dataclass(frozen=True)
class RangeTest:
    """What a range test measured.

    Attributes
    ----------
    rates, losses, smoothed : numpy.ndarray, shape [n_steps]
        Learning rate of each step > 0, the loss of its batch *before* the step, and the smoothed losses.
    divergence : float
        The rate at which the test stopped because the loss had exploded; infinite if it never did.
    lag : float >= 0
        By how many steps the smoothed losses lag behind, see `smoothed_losses`. Rates that are read off them are those
        of so many steps before.

    Examples
    --------
    >>> losses = np.array([2.0, 2.0, 1.6, 1.0, 0.8, 0.7, 9.0])
    >>> test = RangeTest(rates=10.0 ** np.arange(-5, 2), losses=losses, smoothed=losses, divergence=10.0)
    >>> test.turning_point, test.steepest
    (1.0, 0.001)
    >>> test.suggestions()
    {'a tenth of the turning point': 0.1, 'steepest descent': 0.001, 'half of the divergence': 5.0}
    """

    rates: np.ndarray
    losses: np.ndarray
    smoothed: np.ndarray
    divergence: float = np.inf
    lag: float = 0.0

    @property
    def turning_point(self):
        """The rate at which the smoothed loss is lowest, corrected for its lag, a float.

        Raises
        ------
        ValueError
            If no loss is finite.
        """
        return self._rate(self._lowest())

    @property
    def steepest(self):
        """The rate at which the smoothed loss falls most per factor of the rate, corrected for its lag, a float.

        Looked for between the first tenth of the steps, where the average rests on a few batches, and the turning
        point.

        Raises
        ------
        ValueError
            If the loss never fell, or none is finite.
        """
        start, end = len(self.rates) // 10, self._lowest() + 1
        if end - start < 2:
            raise ValueError(f"the loss never fell; it was lowest at the rate {self.rates[end - 1]:g}: start lower")
        slopes = np.gradient(self.smoothed[start:end], np.log(self.rates[start:end]))
        return self._rate(start + slopes.argmin())

    def suggestions(self):
        """Return the rate that each of the three rules proposes.

        Returns
        -------
        dict of str to float
            The names are those of `RULES`; the last one is missing if the loss did not diverge.

        Raises
        ------
        ValueError
            If the loss never fell, or none is finite.
        """
        found = dict(zip(RULES, (self.turning_point / 10, self.steepest, self.divergence / 2), strict=True))
        return {rule: rate for rule, rate in found.items() if np.isfinite(rate)}

    def regions(self):
        """Return between which rates each of four regions lies, by the fall of the smoothed loss.

        "nothing" ends where a tenth of the fall is made, "learning" where nine tenths are, "unstable" where half of it
        is lost again, "destroyed" with the test. The fall is counted from the mean loss of the first tenth of the
        steps, at least ten, to the lowest smoothed loss; rates are corrected for the lag.

        Returns
        -------
        dict of str to (float, float)
            The names are those of `REGIONS`. A region that the test did not reach is missing.

        Raises
        ------
        ValueError
            If the loss never fell, or none is finite.
        """
        low, start = self._lowest(), _beginning(self.losses)
        fall = start - self.smoothed[low]
        if low == 0 or fall <= 0:
            raise ValueError(f"the loss never fell; it was lowest at the rate {self.rates[low]:g}: start lower")
        made = (start - self.smoothed) / fall
        lost = np.flatnonzero(~(made[low:] > 0.5))
        ends = [np.flatnonzero(made[: low + 1] >= share)[0] for share in (0.1, 0.9)]
        ends += [low + lost[0] if len(lost) else len(self.rates) - 1]
        bounds = [float(self.rates[0]), *map(self._rate, ends), float(self.rates[-1])]
        spans = zip(REGIONS, zip(bounds[:-1], bounds[1:], strict=True), strict=True)
        return {name: span for name, span in spans if name != "destroyed" or len(lost)}

    def _rate(self, step):
        """Return the rate that the smoothed loss of a step tells about."""
        return float(self.rates[max(int(step) - round(self.lag), 0)])

    def _lowest(self):
        finite = np.where(np.isfinite(self.smoothed), self.smoothed, np.inf)
        if not np.isfinite(finite).any():
            raise ValueError(_NEVER_FINITE.format(loss=self.losses[0]))
        return int(finite.argmin())


def range_test(model, x, y=None, *, lowest=1e-5, highest=10.0, n_steps=200, batch_size=32, weight=0.9,
               stop_at=0.5, **options):  # fmt: skip
    """Train with a learning rate that grows from step to step; then put the model back as it was.

    The rates form a geometric series. The test stops early when the smoothed loss has lost half of what it had won, or
    is no longer finite. The fall is counted from the mean loss of the first tenth of the steps, at least ten. A rise of
    less than a fifth of this mean stops nothing: a loss that never fell is noisy, too.

    Parameters
    ----------
    model : keras.Model
        Compiled, with a learning rate that is a number. Weights, states (moving averages, seeds), optimizer and
        metrics are restored afterwards, also when the test fails. A ``train_step`` of its own must report "loss".
    x, y : numpy.ndarray, DataFrame or tensor, or dict or tuple of them; n instances each
        Inputs and targets. Shuffled as `fit` does it.
    lowest, highest : float > 0, keyword-only
        The first rate, and the last.
    n_steps : int >= 2, keyword-only
    batch_size : int >= 1, keyword-only
        That of the training to come: the best rate depends on it.
    weight : float in [0, 1), keyword-only
        Of the past in the smoothed loss, see `smoothed_losses`.
    stop_at : float > 0, keyword-only
        The test stops when the smoothed loss has risen again by this share of its fall; 1 is all that was won.
    **options
        Passed to ``model.fit``: ``sample_weight``, ``class_weight``, ``shuffle``, ``validation_split`` (these rows are
        left out). Other validation data are not needed, and left out too.

    Returns
    -------
    RangeTest

    Raises
    ------
    TypeError
        If ``model`` is no Keras model, ``x`` no array or collection of arrays, or an option is another one.
    ValueError
        If the model was not compiled, has no single learning rate that is a number, reports no loss, or an argument is
        out of its range; if ``x`` has no instance; if the loss is not finite before the first step.

    Notes
    -----
    The test is Smith's (Cyclical learning rates for training neural networks, 2017, section 3.3), with a geometric
    series in place of his linear one. Keras logs running means, see `batch_losses`; here each begins anew with its
    batch. Losses include the penalties of the layers.

    Examples
    --------
    >>> x = np.random.default_rng(0).normal(size=(256, 3))
    >>> model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    >>> model.compile(loss="mse", optimizer=keras.optimizers.SGD(learning_rate=0.01))
    >>> test = range_test(model, x, x.sum(axis=1), n_steps=100)
    >>> 0.01 < test.turning_point < test.divergence < 10
    True
    """
    check_model(model, built=False, compiled=True)
    rates = _rates(lowest, highest, n_steps)
    batch_size = as_int(batch_size, "batch_size", low=1)
    weight = as_float(weight, "weight", low=0, high=1, open_high=True)
    stop_at = as_float(stop_at, "stop_at", low=0, open_low=True)
    _number_of_instances(x)
    if unknown := sorted(set(options) - {*_PASSED, *_VALIDATION}):
        raise TypeError(f"range_test takes no {unknown[0]!r}; of the options of fit it takes {', '.join(_PASSED)}")
    options = {name: value for name, value in options.items() if name in _PASSED}
    check_rate_can_be_set(model)
    # Keras calls a subclass built after model.build(shape), though its layers have no weights yet.
    if not (model.built and all(layer.built for _, layer in walk(model))):
        model(keras.tree.map_structure(lambda array: array[:1], x))
    if not model.optimizer.built:
        model.optimizer.build(model.trainable_variables)  # so that there is a state to come back to
    recorder = _Recorder(rates, weight, stop_at)
    never = {"validation_freq": n_steps + 1}  # rows that are split off are not looked at
    with restored(model), _single_steps(model):
        # An epoch has at least one step; the recorder stops when all are taken.
        model.fit(x, y, epochs=n_steps, batch_size=batch_size, verbose=0, callbacks=[recorder], **never, **options)
    return recorder.result()


class _Recorder(keras.callbacks.Callback):
    """Set the rate before each batch, keep its loss after it."""

    def __init__(self, rates, weight, stop_at):
        super().__init__()
        self.rates, self.weight, self.stop_at = rates, weight, stop_at
        self.losses, self.smoothed, self.divergence = [], [], np.inf

    def on_train_batch_begin(self, batch, logs=None):
        self.model.optimizer.learning_rate = self.rates[len(self.losses)]
        self.model.reset_metrics()  # else the loss would be a mean over the batches of the epoch

    def on_train_batch_end(self, batch, logs=None):
        if "loss" not in (logs or {}):
            raise ValueError(
                f"{type(self.model).__name__}.train_step reports {sorted(logs or {})}; "
                'the range test needs the loss of the batch under the name "loss"'
            )
        self.losses.append(float(logs["loss"]))
        if len(self.losses) == 1 and not np.isfinite(self.losses[0]):
            raise ValueError(_NEVER_FINITE.format(loss=self.losses[0]))
        self.smoothed = smoothed_losses(self.losses, self.weight)
        if self._has_diverged():
            self.divergence = float(self.rates[len(self.losses) - 1])
        self.model.stop_training = np.isfinite(self.divergence) or len(self.losses) == len(self.rates)

    def _has_diverged(self):
        head = max(10, len(self.rates) // 10)
        if not np.isfinite(self.smoothed[-1]):
            return True
        if len(self.losses) <= head:  # the first rates are harmless, and these losses tell where the test began
            return False
        start, lowest = _beginning(self.losses, head), self.smoothed[head:].min()
        allowed = max(self.stop_at * (start - lowest), abs(start) / 5)
        return self.smoothed[-1] > lowest + allowed

    def result(self):
        rates, losses = self.rates[: len(self.losses)], np.array(self.losses)
        lag = self.weight / (1 - self.weight)
        return RangeTest(rates=rates, losses=losses, smoothed=self.smoothed, divergence=self.divergence, lag=lag)


def _beginning(losses, n=None):
    """Return the mean of the first losses, where the rates are harmless."""
    return float(np.mean(losses[: n or max(10, len(losses) // 10)]))


class restored:
    """On leaving, every variable of a model and its optimizer holds the value that it had on entering."""

    def __init__(self, model):
        self.model = model

    def __enter__(self):
        variables = [*self.model.variables, *self.model.optimizer.variables]
        self.before = [(variable, variable.numpy()) for variable in variables]

    def __exit__(self, *error):
        for variable, value in self.before:
            variable.assign(value)
        self.model.reset_metrics()
        self.model.stop_training = False


@contextmanager
def _single_steps(model):
    """Return to Python after each batch; afterwards the model has its own steps and function again."""
    before = model.steps_per_execution, model.train_function
    if model.steps_per_execution > 1:
        model.steps_per_execution, model.train_function = 1, None
    try:
        yield
    finally:
        model.steps_per_execution, model.train_function = before


def _rates(lowest, highest, n_steps):
    lowest = as_float(lowest, "lowest", low=0, open_low=True)
    highest = as_float(highest, "highest", low=lowest, open_low=True)
    return np.geomspace(lowest, highest, as_int(n_steps, "n_steps", low=2))
