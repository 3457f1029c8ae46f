"""Cases of the exercises beyond KerasTuner's defaults."""

from __future__ import annotations

from coursepkg.exercises.cases import Case, caught, function_case


def hyperband_cost(rng):
    for shown, max_epochs, factor in (
        ("a power of the factor", int(rng.choice([9, 27])), 3),
        ("not a power of the factor", int(rng.integers(12, 24)), 3),
        ("another factor", int(rng.integers(20, 60)), 4),
    ):
        yield function_case(f"hyperband_cost(max_epochs, factor): {shown}", (max_epochs, factor))


def shared_trials(rng):
    for shown, n_trials, n_parameters, apart in (
        ("seeds that are a multiple apart", int(rng.integers(20, 30)), 3, 3 * int(rng.integers(2, 6))),
        ("seeds that are not", int(rng.integers(20, 30)), 4, 4 * int(rng.integers(2, 5)) + int(rng.integers(1, 4))),
        ("seeds that are far apart", int(rng.integers(8, 14)), 5, 5 * int(rng.integers(20, 30))),
        ("the larger seed first", int(rng.integers(20, 30)), 2, -2 * int(rng.integers(2, 6))),
    ):
        first = int(rng.integers(100, 200))
        arguments = (first, first + apart, n_trials, n_parameters)
        yield function_case(f"shared_trials(a, b, n_trials, n_parameters): {shown}", arguments)


class _Values:
    """Stands for keras_tuner.HyperParameters where only values are asked for."""

    def __init__(self, values):
        self.values, self.new = dict(values), []

    def get(self, name):
        return self.values[name]

    def Int(self, name, *bounds, **options):
        self.new.append(name)
        return 1


class _Model:
    """Notes how ``fit`` was called."""

    def __init__(self):
        self.calls = []

    def fit(self, *args, **kwargs):
        self.calls.append((len(args), dict(kwargs)))
        return "history"


def repair_fit(rng):
    for shown, given in (
        ("with callbacks and validation data", {"callbacks": ["report"], "validation_data": "validation"}),
        ("with epochs", {"callbacks": ["report", "store"], "epochs": int(rng.integers(3, 20)), "verbose": 0}),
    ):
        size = int(rng.choice([16, 24, 48, 96]))
        yield Case(
            f"fit_batches(self, hp, model, X, y, …) {shown}",
            lambda function, given=given, size=size: _fitted(function, given, size),
            facts={"given": given, "size": size},
        )


def _fitted(function, given, size):
    hp, model = _Values({"batch_size": size}), _Model()
    try:
        got = function(None, hp, model, "X", "y", **given)
    except (TypeError, ValueError, KeyError) as error:
        return caught(error)
    return got, model.calls, hp.new
