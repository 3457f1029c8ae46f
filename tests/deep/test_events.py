"""event_frame against what was written, what TensorBoard's own readers return, and what its server sends."""

from __future__ import annotations

import json

import keras
import numpy as np
import pytest
import tensorflow as tf

from coursepkg.deep.events import event_frame


@pytest.fixture
def log_dir(tmp_path):
    """Two runs with something of each kind in the first."""
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, size=(2, 6, 5), dtype=np.uint8)
    with tf.summary.create_file_writer(str(tmp_path / "b" / "train")).as_default():
        for step in range(30):
            tf.summary.scalar("loss", 1 / (step + 1), step=step)
            tf.summary.histogram("weights", rng.normal(size=50), step=step, buckets=7)
        tf.summary.image("gray", images[..., None], step=4)
        tf.summary.image("color", np.stack([images, images, images // 2], axis=-1), step=5)
        tf.summary.text("notes", "learning rate **0.1**, naïve", step=0)
        tf.summary.write("table", np.arange(6.0).reshape(2, 3), step=9)
    with tf.summary.create_file_writer(str(tmp_path / "a")).as_default():
        tf.summary.scalar("loss", 7.0, step=1000)
    return tmp_path


def test_scalars_come_back_with_run_tag_and_step(log_dir):
    frame = event_frame(log_dir)
    assert frame["run"].tolist() == ["a"] + ["b/train"] * 30
    assert frame["step"].tolist() == [1000, *range(30)]
    assert set(frame["tag"]) == {"loss"}
    np.testing.assert_allclose(frame["value"], [7.0, *(1 / np.arange(1, 31))], rtol=1e-7)


def test_a_run_may_lie_in_the_folder_itself(log_dir):
    assert set(event_frame(str(log_dir / "a"))["run"]) == {"."}


def test_histograms_count_every_value(log_dir):
    frame = event_frame(log_dir, kind="histograms")
    assert len(frame) == 30
    for bins in frame["value"]:
        assert bins.shape == (7, 3)
        assert bins[:, 2].sum() == 50


def test_images_are_decoded(log_dir):
    frame = event_frame(log_dir, kind="images").set_index("tag")
    images = np.random.default_rng(0).integers(0, 256, size=(2, 6, 5), dtype=np.uint8)
    np.testing.assert_array_equal(frame.loc["gray", "value"], images)
    np.testing.assert_array_equal(frame.loc["color", "value"][..., 2], images // 2)


def test_text_and_tensors(log_dir):
    assert event_frame(log_dir, kind="text")["value"].tolist() == ["learning rate **0.1**, naïve"]
    (table,) = event_frame(log_dir, kind="tensors")["value"]
    np.testing.assert_array_equal(table, [[0, 1, 2], [3, 4, 5]])


def test_the_accumulator_of_tensorboard_reads_the_same(log_dir):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    from tensorboard.util.tensor_util import make_ndarray

    events = EventAccumulator(str(log_dir / "b" / "train"), size_guidance={"tensors": 0}).Reload()
    for kind, tag in (("scalars", "loss"), ("histograms", "weights")):
        frame = event_frame(log_dir / "b", kind=kind)
        expected = events.Tensors(tag)
        assert frame["step"].tolist() == [event.step for event in expected]
        values = [make_ndarray(event.tensor_proto) for event in expected]
        np.testing.assert_array_equal(np.stack([np.asarray(value) for value in frame["value"]]), values)


@pytest.mark.filterwarnings("ignore:html5lib.s sanitizer is deprecated:DeprecationWarning")
def test_the_server_sends_the_same_scalars(log_dir):
    from tensorboard.backend import application
    from tensorboard.backend.event_processing.data_ingester import LocalDataIngester
    from tensorboard.plugins.core.core_plugin import CorePluginLoader
    from tensorboard.plugins.scalar.scalars_plugin import ScalarsPlugin
    from tensorboard.program import TensorBoard
    from werkzeug.test import Client

    board = TensorBoard(plugins=[CorePluginLoader, ScalarsPlugin])
    board.configure(logdir=str(log_dir), load_fast="false", reload_interval=0, reload_task="blocking")
    ingester = LocalDataIngester(board.flags)
    ingester.start()
    app = application.TensorBoardWSGIApp(board.flags, board.plugin_loaders, ingester.data_provider, {}, None)
    answer = Client(app).get("/data/plugin/scalars/scalars?run=b%2Ftrain&tag=loss")
    sent = [(step, value) for _, step, value in json.loads(answer.data)]
    frame = event_frame(log_dir).query("run == 'b/train'")
    assert sent == list(zip(frame["step"], frame["value"], strict=True))


# The callback of Keras 3 reads the learning rate in a way that NumPy 2 warns of.
@pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy:DeprecationWarning")
def test_what_the_callback_of_keras_logs_is_the_history(tmp_path):
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.compile(loss="mse", optimizer="sgd", metrics=["mae"])
    x = np.random.default_rng(0).normal(size=(40, 3))
    log = keras.callbacks.TensorBoard(tmp_path, write_graph=False)
    history = model.fit(x, x.sum(axis=1), epochs=15, validation_split=0.5, callbacks=[log], verbose=0).history
    frame = event_frame(tmp_path)
    for run, prefix in (("train", ""), ("validation", "val_")):
        for name in ("loss", "mae"):
            part = frame.query("run == @run and tag == @tag", local_dict={"run": run, "tag": f"epoch_{name}"})
            assert part["step"].tolist() == list(range(15))
            np.testing.assert_allclose(part["value"], history[prefix + name], rtol=1e-6)


def test_a_folder_without_event_files_is_named(tmp_path):
    with pytest.raises(ValueError, match="no event file in or below .*nothing"):
        event_frame(tmp_path / "nothing")


def test_an_unknown_kind_is_refused_before_anything_is_read(tmp_path):
    with pytest.raises(ValueError, match="kind must be one of 'scalars', .*got 'sounds'"):
        event_frame(tmp_path / "nothing", kind="sounds")


def test_a_folder_must_be_a_path():
    for wrong in (None, 3, []):
        with pytest.raises(TypeError, match="log_dir must be a path, a str or pathlib.Path; got "):
            event_frame(wrong)
