"""Search spaces against what KerasTuner itself finds, and each way in which a space can be wrong."""

from __future__ import annotations

import keras_tuner
import pytest

from coursepkg.deep.search_spaces import check_given, explored, space_frame


def conditional(hp):
    hp.Int("units", 4, 64, step=2, sampling="log")
    hp.Fixed("momentum", 0.9)
    kind = hp.Choice("kind", ["plain", "deep"])
    with hp.conditional_scope("kind", ["deep"]):
        if kind == "deep":
            layers = hp.Int("layers", 2, 4)
            with hp.conditional_scope("layers", [4]):
                if layers == 4:
                    hp.Boolean("skip")
    with hp.conditional_scope("kind", ["plain"]):
        hp.Float("rate", 0.1, 1)


def test_all_scopes_are_entered_as_keras_tuner_does():
    class NoModel(keras_tuner.HyperModel):
        def build(self, hp):
            conditional(hp)

    frame = space_frame(NoModel())
    oracle = keras_tuner.oracles.RandomSearchOracle(objective="val_loss")
    tuner = keras_tuner.engine.base_tuner.BaseTuner.__new__(keras_tuner.engine.base_tuner.BaseTuner)
    tuner.oracle, tuner.hypermodel = oracle, NoModel()
    tuner._populate_initial_space()
    assert sorted(frame.index) == sorted(p.name for p in oracle.get_space().space)
    assert frame.loc["skip", "only_if"] == "kind in ['deep'] and layers in [4]"
    assert frame.loc["units", ["kind", "low", "high", "step", "sampling"]].tolist() == ["Int", 4, 64, 2, "log"]
    assert frame.loc["kind", "choices"] == ["plain", "deep"]


def test_one_name_under_two_conditions_is_fine():
    def build(hp):
        kind = hp.Choice("kind", ["a", "b"])
        for each in ("a", "b"):
            with hp.conditional_scope("kind", [each]):
                if kind == each:
                    hp.Int("units", 1, 2)

    assert space_frame(build).index.tolist() == ["kind", "units", "units"]


def twice(hp):
    hp.Int("units", 4, 64)
    hp.Int("units", 4, 64)


def test_a_name_may_be_shared_on_purpose():
    assert space_frame(twice, shared=["units"]).index.tolist() == ["units"]


def misspelled_value(hp):
    hp.Choice("activation", ["relu", "leaky"])
    with hp.conditional_scope("activation", ["leeky"]):
        hp.Float("slope", 0, 1)


def out_of_range(hp):
    hp.Int("layers", 1, 3)
    with hp.conditional_scope("layers", [4]):
        hp.Float("slope", 0, 1)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda hp: None, "space is empty: the model asks for nothing"),
        (lambda hp: hp.Fixed("rate", 0.1), r"space is empty: the model asks for \['rate'\]"),
        (lambda hp: hp.Float("rate", 0.1, 0.001), "cannot be built.*min_value 0.1 is greater than the max_value 0.001"),
        (lambda hp: hp.Float("rate", 0, 1, sampling="log"), "cannot be built.*does not support"),
        (lambda hp: hp.Float("rate", 0.1, 1, sampling="logarithm"), "cannot be built.*sampling must be one"),
        (lambda hp: hp.get("unit"), "cannot be built with {}: KeyError: .*unit does not exist"),
        (twice, r"'units' is used 2 times.*shared=\['units'\]"),
        (misspelled_value, r"'slope' exists only if 'activation' is in \['leeky'\].* takes \['relu', 'leaky'\]"),
        (out_of_range, r"'slope' exists only if 'layers' is in \[4\].* takes 1 to 3"),
    ],
)
def test_a_faulty_space_is_refused(build, message):
    with pytest.raises(ValueError, match=message):
        space_frame(build)


def test_no_model_function():
    with pytest.raises(TypeError, match="function or a HyperModel; got 3"):
        space_frame(3)


def test_values_that_the_model_never_asks_for():
    given = keras_tuner.HyperParameters()
    given.Float("learning_rat", 0.1, 1)
    names = {parameter.name for parameter in explored(lambda hp: hp.Float("learning_rate", 0.1, 1), ())}
    with pytest.raises(ValueError, match="'learning_rat', which the model never asks .* mean 'learning_rate'"):
        check_given(given, names)
    with pytest.raises(ValueError, match=r"it asks for \['units'\]"):
        check_given(given, {"units"})
    check_given(None, names)
