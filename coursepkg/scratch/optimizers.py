"""Optimizers: how a gradient becomes a step. Each is the class of Keras with the same name, weight for weight.

With the parameter θ, its gradient g, the learning rate η and the number t = 1, 2, … of the step, an optimizer returns
the change Δθ. What it remembers between steps it keeps in one array for each parameter, of the parameter's shape. All
operations are elementwise. ε = 1e-7 keeps a division from failing; papers disagree whether it stands inside or outside
the root, and so do the classes here, because Keras's do.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np

from coursepkg._validation import as_array, as_float, one_of

PIECE = 65_536  # so many numbers of a parameter at a time: intermediate results stay in the processor's cache


class Optimizer(ABC):
    """What all optimizers share: counting steps, the learning rate, weight decay, and the memory of each parameter.

    Parameters
    ----------
    learning_rate : float > 0, or callable
        η. A callable gets the number of steps taken so far, 0 at first, and returns η; `coursepkg.scratch.schedules`
        makes such callables.
    weight_decay : float >= 0, keyword-only
        λ of decoupled weight decay, θ ← θ − ηλθ before the step (Loshchilov & Hutter, 2019, algorithm 2).

    Attributes
    ----------
    iterations : int
        Steps taken so far.

    Examples
    --------
    >>> theta = np.array([3.0])
    >>> optimizer = SGD(0.1)
    >>> for _ in range(50):
    ...     optimizer.step([theta], [2 * theta])  # the gradient of θ²
    >>> theta.round(4)
    array([0.])
    """

    memory = {}  # name of the array → the number it starts from

    def __init__(self, learning_rate=0.001, *, weight_decay=0.0):
        if not callable(learning_rate):
            learning_rate = as_float(learning_rate, "learning_rate", low=0, open_low=True)
        self.learning_rate = learning_rate
        self.weight_decay = as_float(weight_decay, "weight_decay", low=0)
        self.iterations = 0
        self._arrays = None

    def step(self, parameters, gradients):
        """Change every array of ``parameters`` in place.

        Parameters
        ----------
        parameters : sequence of numpy.ndarray of floats
            The same arrays in the same order at each step.
        gradients : sequence of array_like
            Of the loss; each of the shape of its parameter.
        """
        self.apply(parameters, self._checked(parameters, gradients))

    def apply(self, parameters, gradients, *, penalties=None):
        """Do what `step` does, without its checks: for training loops that check once. NaN spreads, visibly.

        ``penalties``, one number p a parameter, add p · θ to its gradient: those of p/2 · Σθ².
        """
        if self._arrays is None:
            self._shapes = [theta.shape for theta in parameters]
            self._arrays = [
                {name: np.full_like(theta, start) for name, start in self.memory.items()} for theta in parameters
            ]
        eta = self.rate
        self.iterations += 1
        penalties = penalties or [0.0] * len(parameters)
        for array, gradient, p, memory in zip(parameters, gradients, penalties, self._arrays, strict=True):
            for theta, g, *arrays in _pieces([array, gradient, *memory.values()], whole=np.ndim(eta) > 0):
                if p:
                    g += p * theta
                if self.weight_decay:
                    theta -= eta * self.weight_decay * theta
                theta += self.change(g, eta, self.iterations, *arrays)

    @property
    def rate(self):
        """The learning rate of the next step: a float, or what a schedule of one's own returns."""
        eta = self.learning_rate(self.iterations) if callable(self.learning_rate) else self.learning_rate
        return float(eta) if np.ndim(eta) == 0 else eta

    @abstractmethod
    def change(self, g, eta, t, *memory):
        """Return Δθ for the gradient ``g``, the rate ``eta`` and the step ``t``; update the ``memory`` in place."""

    def check(self, parameters):
        """Raise an error unless these arrays can be changed in place and have the shapes of the first step."""
        for i, theta in enumerate(parameters):
            if not (isinstance(theta, np.ndarray) and theta.dtype.kind == "f"):
                found = getattr(theta, "dtype", type(theta).__name__)
                raise TypeError(f"parameters[{i}] is changed in place and must be an array of floats; got {found}")
        shapes = [theta.shape for theta in parameters]
        if self._arrays is not None and shapes != self._shapes:
            raise ValueError(f"this optimizer began with parameters of the shapes {self._shapes}; got {shapes}")

    def _checked(self, parameters, gradients):
        self.check(parameters)
        gradients = [as_array(g, f"gradients[{i}]", keep_float32=True, empty=True) for i, g in enumerate(gradients)]
        shapes, found = [theta.shape for theta in parameters], [g.shape for g in gradients]
        if found != shapes:
            raise ValueError(f"gradients must have the shapes of the parameters, {shapes}; got {found}")
        return gradients


class SGD(Optimizer):
    """Gradient descent, with momentum (Polyak, 1964) and in Nesterov's form (Sutskever et al., 2013, section 2).

    Keras's convention: the velocity holds the learning rate, v ← βv − ηg, and the gradient enters in full, not by
    1 − β. Under a constant gradient v tends to −ηg/(1 − β), the terminal velocity.

    Examples
    --------
    >>> theta, optimizer = np.array([0.0]), SGD(1.0, momentum=0.9)
    >>> for _ in range(3):
    ...     optimizer.step([theta], [[-1.0]])
    >>> theta  # steps of 1, 1.9 and 2.71
    array([5.61])
    """

    memory = {"v": 0.0}

    def __init__(self, learning_rate=0.01, *, momentum=0.0, nesterov=False, weight_decay=0.0):
        super().__init__(learning_rate, weight_decay=weight_decay)
        self.momentum, self.nesterov = _rate(momentum, "momentum"), bool(nesterov)

    def change(self, g, eta, t, v):
        v *= self.momentum
        v -= eta * g
        return self.momentum * v - eta * g if self.nesterov else v


class Adagrad(Optimizer):
    """Divide by the root of all squared gradients so far (Duchi et al., 2011); Keras's sum starts at 0.1, ε inside.

    Examples
    --------
    >>> theta, optimizer = np.array([0.0]), Adagrad(0.1)
    >>> optimizer.step([theta], [[3.0]])
    >>> theta.round(4)  # −0.1 · 3/√9.1
    array([-0.0994])
    """

    memory = {"s": 0.1}

    def __init__(self, learning_rate=0.001, *, epsilon=1e-7, weight_decay=0.0):
        super().__init__(learning_rate, weight_decay=weight_decay)
        self.epsilon = _epsilon(epsilon)

    def change(self, g, eta, t, s):
        s += g**2
        return -eta * g / np.sqrt(s + self.epsilon)


class RMSprop(Optimizer):
    """Divide by the root of a decaying mean of squared gradients (Tieleman & Hinton, 2012, lecture 6e); ε inside.

    Examples
    --------
    >>> theta, optimizer = np.array([0.0]), RMSprop(0.01)
    >>> optimizer.step([theta], [[5.0]])
    >>> theta.round(4)  # −0.01/√0.1: the first step is long, the mean starts at zero and nothing corrects it
    array([-0.0316])
    """

    memory = {"s": 0.0}

    def __init__(self, learning_rate=0.001, *, rho=0.9, epsilon=1e-7, weight_decay=0.0):
        super().__init__(learning_rate, weight_decay=weight_decay)
        self.rho, self.epsilon = _rate(rho, "rho"), _epsilon(epsilon)

    def change(self, g, eta, t, s):
        s[...] = self.rho * s + (1 - self.rho) * g**2
        return -eta * g / np.sqrt(s + self.epsilon)


class Adam(Optimizer):
    """A decaying mean of the gradients by the root of one of their squares (Kingma & Ba, 2015).

    Keras uses the form at the end of the paper's section 2: both corrections of the start go into the learning rate,
    and ε stands outside the root of the uncorrected mean ("ε hat").

    Examples
    --------
    >>> theta, optimizer = np.array([0.0, 0.0]), Adam(0.1)
    >>> optimizer.step([theta], [[5.0, -0.001]])
    >>> theta.round(2)  # whatever the gradient's size, the first step is as long as the learning rate
    array([-0.1,  0.1])
    """

    memory = {"m": 0.0, "s": 0.0}

    def __init__(self, learning_rate=0.001, *, beta_1=0.9, beta_2=0.999, epsilon=1e-7, weight_decay=0.0):
        super().__init__(learning_rate, weight_decay=weight_decay)
        self.beta_1, self.beta_2 = _rate(beta_1, "beta_1"), _rate(beta_2, "beta_2")
        self.epsilon = _epsilon(epsilon)

    def change(self, g, eta, t, m, s):
        m[...] = self.beta_1 * m + (1 - self.beta_1) * g
        s[...] = self.beta_2 * s + (1 - self.beta_2) * g**2
        eta_t = eta * np.sqrt(1 - self.beta_2**t) / (1 - self.beta_1**t)
        return -eta_t * m / (np.sqrt(s) + self.epsilon)


class AdamW(Adam):
    """Adam with decoupled weight decay (Loshchilov & Hutter, 2019, algorithm 2), scaled by the learning rate.

    Examples
    --------
    >>> theta, optimizer = np.array([1.0]), AdamW(0.1, weight_decay=0.5)
    >>> optimizer.step([theta], [[0.0]])
    >>> theta  # no gradient, and yet smaller: 1 − 0.1 · 0.5
    array([0.95])
    """

    def __init__(self, learning_rate=0.001, *, weight_decay=0.004, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
        super().__init__(learning_rate, weight_decay=weight_decay, beta_1=beta_1, beta_2=beta_2, epsilon=epsilon)


class Adamax(Adam):
    """Adam with the largest recent gradient instead of a mean of squares (Kingma & Ba, 2015, section 7.1).

    Examples
    --------
    >>> theta, optimizer = np.array([0.0]), Adamax(0.1)
    >>> for g in (4.0, 0.0):
    ...     optimizer.step([theta], [[g]])
    >>> theta.round(3)  # −0.1 · (1 + 0.9/1.9 · 4/3.996)
    array([-0.147])
    """

    def change(self, g, eta, t, m, s):
        m[...] = self.beta_1 * m + (1 - self.beta_1) * g
        s[...] = np.maximum(self.beta_2 * s, abs(g))
        return -eta / (1 - self.beta_1**t) * m / (s + self.epsilon)


class Nadam(Adam):
    """Adam with Nesterov's look ahead (Dozat, 2016), whose β₁ grows as β₁(1 − 0.96ᵗ/2); ε outside the root.

    Examples
    --------
    >>> theta, optimizer = np.array([0.0]), Nadam(0.1)
    >>> optimizer.step([theta], [[5.0]])
    >>> theta.round(3)
    array([-0.106])
    """

    def change(self, g, eta, t, m, s):
        m[...] = self.beta_1 * m + (1 - self.beta_1) * g
        s[...] = self.beta_2 * s + (1 - self.beta_2) * g**2
        beta = self.beta_1 * (1 - 0.5 * 0.96 ** np.arange(1.0, t + 2))  # of the steps 1, …, t + 1
        m_hat = beta[t] * m / (1 - np.prod(beta)) + (1 - beta[t - 1]) * g / (1 - np.prod(beta[:t]))
        return -eta * m_hat / (np.sqrt(s / (1 - self.beta_2**t)) + self.epsilon)


class Lion(Optimizer):
    """Step by the sign alone of a mix of momentum and gradient (Chen et al., 2023, algorithm 2).

    Examples
    --------
    >>> theta, optimizer = np.array([0.0, 0.0]), Lion(0.1)
    >>> optimizer.step([theta], [[5.0, -0.001]])
    >>> theta
    array([-0.1,  0.1])
    """

    memory = {"m": 0.0}

    def __init__(self, learning_rate=0.001, *, beta_1=0.9, beta_2=0.99, weight_decay=0.0):
        super().__init__(learning_rate, weight_decay=weight_decay)
        self.beta_1, self.beta_2 = _rate(beta_1, "beta_1"), _rate(beta_2, "beta_2")

    def change(self, g, eta, t, m):
        direction = np.sign(self.beta_1 * m + (1 - self.beta_1) * g)
        m[...] = self.beta_2 * m + (1 - self.beta_2) * g
        return -eta * direction


OPTIMIZERS = {cls.__name__: cls for cls in (SGD, Adagrad, RMSprop, Adam, AdamW, Adamax, Nadam, Lion)}


def get_optimizer(name):
    """Return a new optimizer of that class with its defaults; an `Optimizer` passes through.

    Examples
    --------
    >>> get_optimizer("Adam").learning_rate
    0.001
    """
    return name if isinstance(name, Optimizer) else OPTIMIZERS[one_of(name, "optimizer", OPTIMIZERS)]()


def _pieces(arrays, *, whole=False):
    """Yield views of the same part of all arrays of one shape, together the arrays; long arrays as vectors."""
    if whole or arrays[0].size <= PIECE or not arrays[0].flags.c_contiguous:
        yield arrays
        return
    flat = [array.reshape(-1) for array in arrays]
    for start in range(0, len(flat[0]), PIECE):
        yield [vector[start : start + PIECE] for vector in flat]


def _rate(value, name):
    return as_float(value, name, low=0, high=1, open_high=True)


def _epsilon(value):
    return as_float(value, "epsilon", low=0)
