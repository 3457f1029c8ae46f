import numpy as np
import pytest
import scipy.optimize
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from coursepkg.scratch.gradcheck import check_gradients, numerical_gradient, relative_error
from coursepkg.scratch.mlp import MLP

POINT = np.array([-0.7, 1.3, 0.4, 2.0])


def smooth(x):
    """Works for complex x too."""
    return (np.exp(np.sin(x)) * np.cos(x[::-1])).sum() + x[0] ** 3 * x[-1]


def complex_step(f, x, h=1e-30):
    """No subtraction, no rounding error: Im f(x + ih) / h (Squire & Trapp, 1998)."""
    return np.array([f(x + 1j * h * unit).imag / h for unit in np.eye(len(x))])


@pytest.mark.parametrize(("method", "tolerance"), [("central", 1e-9), ("one-sided", 1e-7)])
def test_against_the_complex_step(method, tolerance):
    exact = complex_step(smooth, POINT)
    assert relative_error(numerical_gradient(smooth, POINT, method=method), exact) < tolerance


def test_one_sided_equals_scipy():
    theirs = scipy.optimize.approx_fprime(POINT, smooth, 1e-6)
    np.testing.assert_allclose(numerical_gradient(smooth, POINT, method="one-sided", eps=1e-6), theirs, rtol=1e-12)


def test_rosenbrock_against_its_analytic_gradient():
    error = scipy.optimize.check_grad(
        scipy.optimize.rosen, lambda x: numerical_gradient(scipy.optimize.rosen, x), POINT
    )
    assert error < 1e-4  # SciPy compares with its own one-sided differences
    exact = scipy.optimize.rosen_der(POINT)
    assert relative_error(numerical_gradient(scipy.optimize.rosen, POINT), exact) < 1e-10


@pytest.mark.parametrize(("method", "order"), [("one-sided", 1), ("central", 2)])
def test_truncation_error_has_the_stated_order(method, order):
    exact = complex_step(smooth, POINT)
    errors = [np.abs(numerical_gradient(smooth, POINT, method=method, eps=eps) - exact).max() for eps in (1e-2, 1e-3)]
    assert np.log10(errors[0] / errors[1]) == pytest.approx(order, abs=0.05)


def test_a_too_small_step_is_worse():
    exact = complex_step(smooth, POINT)
    assert relative_error(numerical_gradient(smooth, POINT, eps=1e-13), exact) > 1e-5


@pytest.mark.parametrize(("method", "calls"), [("one-sided", 7), ("central", 12)])
def test_number_of_calls(method, calls):
    count = []
    numerical_gradient(lambda x: count.append(0) or 1.0, np.zeros((2, 3)), method=method)
    assert len(count) == calls


def test_shape_is_kept_and_a_function_that_writes_does_no_harm():
    def writes(x):
        value = (x**2).sum()
        x[...] = 99
        return value

    x = np.arange(6.0).reshape(2, 3)
    for method in ("central", "one-sided"):
        np.testing.assert_allclose(numerical_gradient(writes, x, method=method), 2 * x, atol=1e-7)
    np.testing.assert_array_equal(x, np.arange(6.0).reshape(2, 3))
    assert numerical_gradient(lambda x: float(x) ** 2, 3.0) == pytest.approx(6)


@given(arrays(np.float64, 3, elements=st.floats(-10, 10)), arrays(np.float64, 3, elements=st.floats(-10, 10)))
def test_central_differences_are_exact_for_quadratics(x, c):
    gradient = numerical_gradient(lambda x: float(x @ x + c @ x), x, eps=1e-3)
    np.testing.assert_allclose(gradient, 2 * x + c, atol=1e-9)


def test_wrong_arguments_are_named():
    with pytest.raises(ValueError, match="method must be one of 'central', 'one-sided'; got 'forward'"):
        numerical_gradient(smooth, POINT, method="forward")
    with pytest.raises(ValueError, match="eps must be a finite number > 0; got 0.0"):
        numerical_gradient(smooth, POINT, eps=0)
    with pytest.raises(TypeError, match=r"f\(x\) must be a number; got array"):
        numerical_gradient(lambda x: x, POINT)
    with pytest.raises(ValueError, match=r"f\(x\) must be a finite number; got nan"):
        numerical_gradient(lambda x: np.nan, POINT)
    with pytest.raises(ValueError, match="x must be finite"):
        numerical_gradient(smooth, [np.inf])


def test_relative_error():
    assert relative_error([3.0, 4.0], [3.0, 4.0]) == 0
    assert relative_error([0.0], [0.0]) == 0
    assert relative_error([0.0], [1e-9]) == 1
    assert relative_error([[1.0, 0.0]], [[0.0, 1.0]]) == pytest.approx(np.sqrt(2) / 2)
    assert relative_error([1e-8], [1.01e-8]) == pytest.approx(0.01 / 2.01)  # does not depend on the size
    with pytest.raises(ValueError, match=r"a and b must have the same shape; got \(2,\) and \(2, 1\)"):
        relative_error([1, 2], [[1], [2]])


@pytest.fixture
def problem():
    rng = np.random.default_rng(0)
    return MLP([3, 4, 2], hidden_activation="tanh", seed=1), rng.normal(size=(5, 3)), rng.normal(size=(5, 2))


def test_check_gradients_accepts_correct_ones_and_leaves_the_model_alone(problem):
    model, X, y = problem
    before = model.get_parameters()
    report = check_gradients(model, X, y)
    assert list(report) == ["W_0", "b_0", "W_1", "b_1"]
    assert max(report.values()) < 1e-8
    for old, new in zip(before, model.parameters, strict=True):
        np.testing.assert_array_equal(old, new)


@pytest.mark.parametrize("wrong", ["W_0", "b_1"])
def test_check_gradients_points_at_the_wrong_one(problem, monkeypatch, wrong):
    model, X, y = problem
    correct = MLP.backward_from_loss

    def broken(self, y, *, alpha=0.0):
        gradients = correct(self, y, alpha=alpha)
        position = ["W_0", "b_0", "W_1", "b_1"].index(wrong)
        gradients[position] = gradients[position] * 1.001
        return gradients

    monkeypatch.setattr(MLP, "backward_from_loss", broken)
    report = check_gradients(model, X, y)
    assert [name for name, error in report.items() if error > 1e-7] == [wrong]


def test_check_gradients_uses_the_data_that_it_is_given(problem):
    model, X, y = problem
    assert max(check_gradients(model, 10 * X[:2], y[:2] + 5).values()) < 1e-7


def test_check_gradients_refuses_float32(problem):
    _, X, y = problem
    with pytest.raises(TypeError, match="model must have float64 parameters; got float32"):
        check_gradients(MLP([3, 2], dtype="float32"), X, y)


def test_check_gradients_restores_the_model_after_an_error(problem, monkeypatch):
    model, X, y = problem
    before = model.get_parameters()
    monkeypatch.setattr(MLP, "evaluate", lambda self, X, y: {"loss": np.nan})
    with pytest.raises(ValueError, match="must be a finite number"):
        check_gradients(model, X, y)
    np.testing.assert_array_equal(model.parameters[0], before[0])
