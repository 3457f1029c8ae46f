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


def repair_committee(rng):
    X, y = rng.normal(size=(32, 5)), rng.normal(size=(32, 1))
    shown = "Committee(3, 4)(X) is the mean of three networks"
    yield Case(shown, lambda cls: _members(cls(3, 4), X), judge="mean", facts={"X": X})
    shown = "three members have weights of their own, all of them counted"
    yield Case(shown, lambda cls: _called(cls(3, 4), X).count_params(), judge="members")
    yield Case("the same answer twice", lambda cls: _twice(cls(3, 4), X), judge="twice")
    yield Case("fit changes every weight", lambda cls: _fitted(cls(3, 4), X, y), judge="fit")
    yield Case("a copy from get_config() has size and name", lambda cls: _renamed(cls, X), judge="config")


def _members(model, X):
    values = model(X)
    pairs = zip(model.hidden, model.output_layers, strict=False)
    return values, [[*hidden.get_weights(), *last.get_weights()] for hidden, last in pairs]


def _twice(model, X):
    return model(X), model(X)


def _fitted(model, X, y):
    try:
        model(X)
        before = model.get_weights()
        model.compile(loss="mse", optimizer="sgd")
        model.fit(X, y, verbose=0)
    except Exception as error:  # whatever Keras raises while it takes its notes
        return caught(error)
    changed = [bool((a != b).any()) for a, b in zip(before, model.get_weights(), strict=True)]
    return len(changed), sum(changed)


def _renamed(cls, X):
    model = _called(cls(2, 6, name="jury"), X)
    try:
        again = cls.from_config(model.get_config())
    except (NotImplementedError, TypeError) as error:
        return caught(error)
    return again.name, _called(again, X).count_params() - model.count_params()


def quiet(rng):
    X, rate = rng.normal(size=(6, 4)) * 3, float(rng.uniform(0.1, 0.5))
    facts = {"X": X, "rate": rate}
    yield Case("the inputs come back unchanged", lambda cls: _both(cls(rate), X), judge="values", facts=facts)
    yield Case("in training one loss is added", lambda cls: _losses(cls(rate), X, True), judge="loss", facts=facts)
    yield Case("in use none is added", lambda cls: _losses(cls(rate), X, False), judge="no loss")
    facts = {"X": X, "rate": 0.01}
    yield Case("the rate of Quiet() is 0.01", lambda cls: _losses(cls(), X, True), judge="loss", facts=facts)
    yield Case("from_config(get_config()) makes the same layer", lambda cls: _quiet_again(cls, rate, X),
               judge="round trip", facts={"X": X, "rate": rate})  # fmt: skip


def _both(layer, X):
    return layer(X, training=True), layer(X, training=False)


def _losses(layer, X, training):
    layer(X, training=training)
    return [float(loss) for loss in layer.losses]


def _quiet_again(cls, rate, X):
    layer = cls(rate, name="hush")
    try:
        again = cls.from_config(layer.get_config())
    except (NotImplementedError, TypeError) as error:
        return caught(error)
    return again.name, _losses(again, X, True)
