"""Cases of the exercises on subclassing. What calls Keras here are the methods of the student's classes."""

from __future__ import annotations

from coursepkg.exercises.cases import Case, caught


def feature_scale(rng):
    X, initial = rng.normal(size=(6, 4)), float(rng.uniform(1.5, 3))
    factors = rng.uniform(0.5, 2, size=4)
    facts = {"X": X, "initial": initial}
    shown = "a new layer has no weights, one that was called has one a feature"
    yield Case(shown, lambda cls: _weights_over_time(cls(), X), judge="weights")
    shown = "FeatureScale(initial)(X), and FeatureScale()(X)"
    yield Case(shown, lambda cls: (cls(initial)(X), cls()(X)), judge="initial", facts=facts)
    shown = "each feature is multiplied with its own weight"
    yield Case(shown, lambda cls: _with(cls(), X, factors), judge="values", facts={"X": X, "factors": factors})
    shown = "from_config(get_config()) makes the same layer"
    yield Case(shown, lambda cls: _round_trip(cls, initial, X), judge="round trip", facts=facts)


def _weights_over_time(layer, X):
    before = len(layer.weights)
    layer(X)
    layer(X)
    return before, [tuple(w.shape) for w in layer.weights], len(layer.trainable_weights)


def _with(layer, X, factors):
    layer(X)
    layer.set_weights([factors])
    return layer(X)


def _round_trip(cls, initial, X):
    layer = cls(initial, name="scale")
    try:
        config = layer.get_config()
        again = cls.from_config(config)
    except (NotImplementedError, TypeError) as error:
        return caught(error)
    return config, again.name, again(X)


def residual(rng):
    X = rng.normal(size=(9, 5))
    for n in (0, 3):
        shown, facts = f"ResidualStack({n}, 7)(X) with 5 features", {"X": X, "n_blocks": n}
        yield Case(shown, lambda cls, n=n: _stack(cls(n, 7), X), judge="stack", facts=facts)
    shown = "each block has weights of its own, all of them counted"
    yield Case(shown, lambda cls: _called(cls(3, 7), X).count_params(), judge="count")
    yield Case("a copy from get_config() is as deep and as wide", lambda cls: _copy(cls, X), judge="copy")


def _stack(model, X):
    values = model(X)
    return values, [layer.get_weights() for layer in (model.first, *model.blocks, model.last)]


def _called(model, X):
    model(X)
    return model


def _copy(cls, X):
    model = _called(cls(2, 4), X)
    try:
        again = cls.from_config(model.get_config())
    except (NotImplementedError, TypeError) as error:
        return caught(error)
    return _called(again, X).count_params() - model.count_params()
