"""Reverse-mode automatic differentiation of scalar expressions.

Every operation on a `Value` makes a new `Value` that remembers its parents and the partial derivative with respect to
each: together they are the computational graph. `Value.backward` walks it once, from the result to the inputs, and adds
up the chain rule, (∂result/∂parent) += (∂result/∂node) (∂node/∂parent). The cost is that of one more forward pass,
however many inputs there are (Linnainmaa, 1970).
"""

from __future__ import annotations

import math

from coursepkg._validation import as_float


class Value:
    """A number that remembers how it was computed.

    Parameters
    ----------
    data : float
        The number; as an input anything else raises ``TypeError``, NaN and infinity ``ValueError``.
    edges : tuple of (Value, float)
        The parents, each with the partial derivative of this number with respect to it; none for an input.

    Attributes
    ----------
    grad : float
        ∂result/∂(this number), after ``result.backward()``.

    Examples
    --------
    >>> x, y = Value(3.0), Value(2.0)
    >>> z = x * y + x.exp() / x
    >>> z.backward()
    >>> round(x.grad, 4), y.grad  # y + e^x (x − 1)/x², x
    (6.4635, 3.0)
    """

    def __init__(self, data, edges=()):
        self.data = data if edges else as_float(data, "data")  # results need no check, inputs do
        self.edges = edges
        self.grad = 0.0

    def __repr__(self):
        return f"Value({self.data:g}, grad={self.grad:g})"

    def __add__(self, other):
        other = _value(other)
        return Value(self.data + other.data, ((self, 1.0), (other, 1.0)))

    def __mul__(self, other):
        other = _value(other)
        return Value(self.data * other.data, ((self, other.data), (other, self.data)))

    def __pow__(self, exponent):
        """self ** exponent for a constant exponent; a fractional power needs a base >= 0."""
        n = as_float(exponent, "exponent")
        if self.data < 0 and n != int(n):
            raise ValueError(f"the base of a fractional power must be >= 0; got {self.data} ** {n}")
        return Value(self.data**n, ((self, n * self.data ** (n - 1) if n else 0.0),))

    def exp(self):
        y = math.exp(self.data)
        return Value(y, ((self, y),))

    def log(self):
        if self.data <= 0:
            raise ValueError(f"log needs a number > 0; got {self.data}")
        return Value(math.log(self.data), ((self, 1 / self.data),))

    def tanh(self):
        y = math.tanh(self.data)
        return Value(y, ((self, 1 - y**2),))

    def relu(self):
        return Value(max(self.data, 0.0), ((self, float(self.data > 0)),))

    def sigmoid(self):
        e = math.exp(-abs(self.data))
        y = (1 if self.data >= 0 else e) / (1 + e)
        return Value(y, ((self, y * (1 - y)),))

    def __neg__(self):
        return self * -1.0

    def __sub__(self, other):
        return self + -_value(other)

    def __truediv__(self, other):
        return self * _value(other) ** -1

    def __rsub__(self, other):
        return other + -self

    def __rtruediv__(self, other):
        return other * self**-1

    __radd__ = __add__
    __rmul__ = __mul__

    def backward(self):
        """Set ``grad`` to ∂self/∂node for this value and every value that it was computed from."""
        order = self._parents_first()
        for node in order:
            node.grad = 0.0
        self.grad = 1.0
        for node in reversed(order):  # a node's gradient is complete before it is passed on
            for parent, partial in node.edges:
                parent.grad += node.grad * partial

    def _parents_first(self):
        # A stack in place of recursion: the graph of a long sum is deeper than Python's recursion limit.
        order, seen, stack = [], set(), [(self, False)]
        while stack:
            node, parents_done = stack.pop()
            if parents_done:
                order.append(node)
            elif node not in seen:
                seen.add(node)
                stack.append((node, True))
                stack.extend((parent, False) for parent, _ in node.edges)
        return order


def _value(x):
    return x if isinstance(x, Value) else Value(x)
