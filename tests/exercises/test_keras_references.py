"""What exercises say about Keras and TensorBoard is what these do: messages, schedules, moments, event files."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from coursepkg.exercises import find, grade
from coursepkg.exercises.answers.inside_a_model import FIXES, WORDS
from coursepkg.exercises.answers.learning_rate_schedules import reference
from coursepkg.exercises.cases.event_files import write_scalars
from coursepkg.exercises.cases.learning_rate_schedules import train

keras = pytest.importorskip("keras")
ROOT = Path(__file__).parents[2]


def classifier(*, flatten=True, units=10, loss="sparse_categorical_crossentropy"):
    first = [keras.layers.Flatten()] if flatten else []
    layers = [keras.Input((28, 28)), *first, keras.layers.Dense(5), keras.layers.Dense(units, activation="softmax")]
    model = keras.Sequential(layers)
    model.compile(loss=loss, optimizer="sgd")
    return model


X, y = np.zeros((64, 28, 28)), np.arange(64) % 10
one_hot = np.eye(10)[y]
ERRORS = find("inside-a-model/errors").statement
MESSAGES = dict(re.findall(r"^([A-F])  (.*?)(?=^[A-F]  |^```)", ERRORS, re.MULTILINE | re.DOTALL))


@pytest.mark.parametrize(
    ("letter", "provoke"),
    [
        ("A", lambda: classifier(flatten=False).fit(X, y, verbose=0)),
        ("B", lambda: classifier().fit(X, one_hot, verbose=0)),
        ("C", lambda: classifier(loss="categorical_crossentropy").fit(X, y, verbose=0)),
        ("D", lambda: classifier(units=5).fit(X, y, verbose=0)),
        ("E", lambda: classifier().fit(X, y[:60], verbose=0)),
        ("F", lambda: classifier().predict(X[0], verbose=0)),
    ],
)
def test_keras_says_what_the_exercise_quotes(letter, provoke):
    if letter == "D":  # another operation says it, in other words, once a test has asked for deterministic operations
        code = "from tests.exercises.test_keras_references import X, classifier, y; classifier(units=5).fit(X, y)"
        said = subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
        ).stderr
    else:
        with pytest.raises(Exception) as error:  # noqa: PT011 (what is raised differs by the kind of error)
            provoke()
        said = str(error.value)
    assert "".join(MESSAGES[letter].split()) in "".join(said.split())


@pytest.mark.parametrize(
    "fixed",
    [
        lambda: classifier().fit(X, y, verbose=0),
        lambda: classifier(loss="categorical_crossentropy").fit(X, one_hot, verbose=0),
        lambda: classifier().predict(X[:1], verbose=0),
    ],
)
def test_the_fixes_remove_the_errors(fixed):
    fixed()


def test_each_message_has_a_fix_of_its_own_and_two_are_left_over():
    fixes = [word for word, _ in FIXES.values()]
    assert list(MESSAGES) == list(FIXES)
    assert len(set(fixes)) == len(fixes) == len(WORDS) - 2
    assert set(fixes) < set(WORDS) == set(re.findall(r'^- `"(\w+)"`:', ERRORS, re.MULTILINE))


def small_model():
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.compile(loss="mse", optimizer=keras.optimizers.SGD(0.5))
    return model


BOUNDARIES, VALUES = [3, 7, 12], [0.1, 0.03, 0.01, 0.001]


def test_the_reference_schedule_is_that_of_keras():
    schedule = keras.optimizers.schedules.PiecewiseConstantDecay(BOUNDARIES, VALUES)
    ours = [reference(step, BOUNDARIES, VALUES) for step in range(20)]
    np.testing.assert_allclose([float(schedule(step)) for step in range(20)], ours, rtol=1e-6)


def test_the_stand_in_for_the_model_trains_as_keras_does():
    answer = find("learning-rate-schedules/piecewise").model_answer()

    class Spy(keras.callbacks.Callback):
        rates = []

        def on_train_batch_end(self, batch, logs=None):
            self.rates.append(float(self.model.optimizer.learning_rate))

    spy, model = Spy(), small_model()
    for epochs in (2, 1):
        callbacks = [answer(BOUNDARIES, VALUES), spy]
        model.fit(np.ones((10, 3)), np.ones(10), batch_size=2, epochs=epochs, verbose=0, callbacks=callbacks)
    assert len(spy.rates) == 15
    np.testing.assert_allclose(spy.rates, train(answer(BOUNDARIES, VALUES), ((2, 5), (1, 5))), rtol=1e-6)


def test_a_model_trained_with_the_callback_equals_one_trained_with_the_schedule_of_keras():
    answer = find("learning-rate-schedules/piecewise").model_answer()
    rng = np.random.default_rng(0)
    X, y, models = rng.normal(size=(30, 3)), rng.normal(size=30), (small_model(), small_model())
    models[1].set_weights(models[0].get_weights())
    schedule = keras.optimizers.schedules.PiecewiseConstantDecay(BOUNDARIES, VALUES)
    models[1].compile(loss="mse", optimizer=keras.optimizers.SGD(schedule))
    for model, callbacks in zip(models, ([answer(BOUNDARIES, VALUES)], []), strict=True):
        model.fit(X, y, batch_size=5, epochs=3, shuffle=False, verbose=0, callbacks=callbacks)
    for ours, theirs in zip(*(model.get_weights() for model in models), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5)


@pytest.mark.parametrize(
    "step",
    [
        "int(self.model.optimizer.iterations)",
        "self.model.optimizer.iterations.numpy()",
        "keras.ops.convert_to_numpy(self.model.optimizer.iterations)",
        "float(self.model.optimizer.iterations)",
        "self.model.optimizer.iterations",
    ],
)
@pytest.mark.parametrize("set_rate", ["learning_rate = {}", "learning_rate.assign({})"])
def test_other_ways_to_read_the_step_and_set_the_rate_pass_as_well(step, set_rate):
    exercise = find("learning-rate-schedules/piecewise")
    source = exercise.solution_source.replace("int(self.model.optimizer.iterations)", step)
    source = source.replace("learning_rate = self.values[position]", set_rate.format("self.values[position]"))
    namespace = {}
    exec(source, namespace)
    report = grade(exercise.label, namespace["PiecewiseConstant"])
    assert report.passed, str(report)


def test_running_moments_are_those_of_batch_normalization():
    rng = np.random.default_rng(1)
    RunningMoments = find("batch-normalization/running-mean").model_answer()
    layer, ours = keras.layers.BatchNormalization(momentum=0.8, dtype="float64"), RunningMoments(3, 0.8)
    for size in (8, 5, 30, 2):
        X = rng.normal(size=(size, 3)) * [1, 5, 0.2] + [0, 3, -2]
        layer(X, training=True)
        ours.update(X)
    np.testing.assert_allclose(np.asarray(layer.moving_mean), ours.mean, rtol=1e-6)
    np.testing.assert_allclose(np.asarray(layer.moving_variance), ours.variance, rtol=1e-6)


def read_scalars(folder, tag):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    from tensorboard.util.tensor_util import make_ndarray

    events = EventAccumulator(str(folder), {"tensors": 0}).Reload()
    metadata = events.SummaryMetadata(tag)
    return metadata.plugin_data.plugin_name, [
        (e.step, float(make_ndarray(e.tensor_proto))) for e in events.Tensors(tag)
    ]


def test_event_files_are_read_by_tensorboard(tmp_path):
    values = np.random.default_rng(2).normal(size=300)
    write_scalars(tmp_path / "events.out.tfevents.1.x.1.0.v2", "epoch_loss", values)
    plugin, points = read_scalars(tmp_path, "epoch_loss")
    assert plugin == "scalars"
    assert [step for step, _ in points] == list(range(300))
    np.testing.assert_allclose([value for _, value in points], values, rtol=1e-6)


def test_a_damaged_event_file_is_noticed(tmp_path):
    path = tmp_path / "events.out.tfevents.1.x.1.0.v2"
    write_scalars(path, "epoch_loss", [1.0, 2.0])
    content = bytearray(path.read_bytes())
    content[-8] ^= 1
    path.write_bytes(content)
    assert len(read_scalars(tmp_path, "epoch_loss")[1]) == 1, "the checksums would not matter"


# The callback of Keras 3 reads the learning rate in a way that NumPy 2 warns of.
@pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy:DeprecationWarning")
def test_the_solution_reads_what_the_callback_of_keras_wrote(tmp_path):
    compare_runs = find("tensorboard/learning-rates").model_answer()
    rng = np.random.default_rng(3)
    X, y, histories = rng.normal(size=(40, 3)), rng.normal(size=40), {}
    for rate in (0.01, 0.3):
        model = small_model()
        model.optimizer.learning_rate = rate
        log = keras.callbacks.TensorBoard(tmp_path / f"rate-{rate}")
        fit = model.fit(X, y, epochs=12, validation_split=0.5, verbose=0, callbacks=[log])
        histories[f"rate-{rate}"] = fit.history["val_loss"]
    found = compare_runs(tmp_path)
    assert set(found) == set(histories)
    for run, losses in histories.items():
        assert found[run] == (int(np.argmin(losses)), pytest.approx(min(losses), rel=1e-6))


def test_max_norm_holds_in_training():
    build_model = find("regularization/max-norm").model_answer()
    model = build_model(0.5)
    model.compile(loss="mse", optimizer=keras.optimizers.SGD(0.5))
    rng = np.random.default_rng(4)
    model.fit(rng.normal(size=(64, 8)), rng.normal(size=64) * 10, epochs=3, verbose=0)
    hidden, second, output = (np.linalg.norm(layer.get_weights()[0], axis=0) for layer in model.layers)
    assert max(hidden.max(), second.max()) <= 0.5 + 1e-5
    assert output.max() > 0.5


def test_the_exercises_themselves_never_import_tensorflow():
    # A process of its own: this one imported Keras long ago.
    import subprocess

    code = (
        "import sys; from coursepkg.exercises import all_exercises, grade\n"
        "for label in all_exercises(): grade(label, lambda *a: 1 / 0)\n"
        "assert not {'tensorflow', 'keras', 'tensorboard'} & set(sys.modules), 'imported'"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
