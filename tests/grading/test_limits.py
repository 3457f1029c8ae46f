import pytest

from coursepkg.grading.limits import Limits


def test_limits_are_positive():
    with pytest.raises(ValueError, match="memory must be an integer >= 1; got 0"):
        Limits(memory=0)


def test_a_configuration_can_set_each_limit_of_a_submission():
    execute = pytest.importorskip("coursepkg.grading.execute")
    traits = execute.IsolatedExecute.class_traits(config=True)
    for name, default in vars(Limits()).items():
        assert traits[name].default_value == default
