"""What the exercises on saving say about Keras is what Keras does: the files, and the layer that they ask for."""

from __future__ import annotations

import json
import zipfile

import numpy as np
import pytest

from coursepkg.exercises import find
from coursepkg.exercises.answers.saving import radial_basis
from coursepkg.exercises.cases.keras_files import layer, write_keras_file

keras = pytest.importorskip("keras")


def with_code(name):
    return keras.layers.Lambda(lambda x: x + 1, name=name)


def test_the_solution_finds_the_code_in_files_that_keras_wrote(tmp_path):
    inner = keras.Sequential([keras.Input((4, 2)), keras.layers.TimeDistributed(with_code("deep"))])
    outer = keras.Sequential([keras.Input((4, 2)), inner, keras.layers.Flatten(), with_code("outside")])
    outer.save(tmp_path / "outer.keras")
    keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, name="Lambda")]).save(tmp_path / "harmless.keras")
    layers_with_code = find("saving/look-inside").model_answer()
    assert layers_with_code(tmp_path / "outer.keras") == ["deep", "outside"]
    assert layers_with_code(tmp_path / "harmless.keras") == []


def test_our_files_have_the_members_and_keys_of_those_of_keras(tmp_path):
    keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)], name="m").save(tmp_path / "theirs.keras")
    write_keras_file(tmp_path / "ours.keras", layer("Sequential", "m", layers=[layer("Dense", "dense", units=2)]))
    theirs, ours = (zipfile.ZipFile(tmp_path / f"{name}.keras") for name in ("theirs", "ours"))
    assert ours.namelist() == theirs.namelist()
    assert set(json.loads(ours.read("metadata.json"))) == set(json.loads(theirs.read("metadata.json")))
    their_model, our_model = (json.loads(archive.read("config.json")) for archive in (theirs, ours))
    their_dense, our_dense = their_model["config"]["layers"][1], our_model["config"]["layers"][0]
    for mine, yours in ((our_model, their_model), (our_dense, their_dense)):
        assert set(mine) <= set(yours)
        assert (mine["module"], mine["class_name"]) == (yours["module"], yours["class_name"])
        assert set(mine["config"]) <= set(yours["config"])


def test_a_model_with_the_layer_survives_its_file(tmp_path):
    RadialBasis = find("saving/get-config").model_answer()
    rng = np.random.default_rng(0)
    x, centers = rng.normal(size=(5, 3)), rng.normal(size=(4, 3))
    model = keras.Sequential([keras.Input((3,)), RadialBasis(centers, 2.0, name="near")])
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras", custom_objects={"RadialBasis": RadialBasis})
    assert loaded.layers[0].name == "near"
    np.testing.assert_allclose(np.asarray(loaded(x)), radial_basis(x, centers, 2.0), rtol=1e-4, atol=1e-6)


def test_keras_gives_up_on_a_layer_that_takes_an_array_as_the_exercise_says():
    source = find("saving/get-config").solution_source.replace("get_config(self)", "unused(self)")
    namespace = {}
    exec(source, namespace)
    with pytest.raises(NotImplementedError, match="must override"):
        namespace["RadialBasis"](np.ones((2, 3))).get_config()


def make():
    """Return a model that is not compiled, the same at each call but for its weights."""
    return keras.Sequential([keras.Input((3,)), keras.layers.BatchNormalization(), keras.layers.Dense(2)])


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A model after four steps, and the file of its weights."""
    model = make()
    model.compile(optimizer="adam", loss="mse", run_eagerly=True)
    for _ in range(4):
        model.train_on_batch(np.ones((4, 3)), np.zeros((4, 2)))
    path = tmp_path_factory.mktemp("resume") / "model.weights.h5"
    model.save_weights(path)
    return model, path


def test_the_repaired_program_resumes_a_model_of_keras(trained):
    model, path = trained
    resumed = find("saving/repair-resume").model_answer()(make, path)
    for mine, theirs in ((resumed.weights, model.weights), (resumed.optimizer.variables, model.optimizer.variables)):
        for a, b in zip(mine, theirs, strict=True):
            np.testing.assert_array_equal(a.numpy(), b.numpy())


@pytest.mark.filterwarnings("ignore:Skipping variable loading")
@pytest.mark.parametrize("name", [m.name for m in find("saving/repair-resume").mistakes if m.edits])
def test_the_mistakes_lose_the_steps_in_keras_as_in_the_stand_in(trained, name):
    exercise = find("saving/repair-resume")
    (mistake,) = (m for m in exercise.mistakes if m.name == name)
    resumed = exercise.answer_of(mistake.given(exercise))(make, trained[1])
    optimizer = getattr(resumed, "optimizer", None)  # a model that was never compiled has none
    assert optimizer is None or int(optimizer.iterations) == 0, name
