"""profile_frame against what was run under the profiler."""

from __future__ import annotations

import time

import pytest
import tensorflow as tf

from coursepkg.deep.profiles import profile_frame


def profiled(folder, name, calls):
    with tf.profiler.experimental.Profile(str(folder)):
        for _ in range(calls):
            with tf.profiler.experimental.Trace(name):
                time.sleep(0.02)


def test_calls_are_counted_and_their_durations_added_up(tmp_path):
    profiled(tmp_path, "a pause", 3)
    frame = profile_frame(tmp_path).set_index("name")
    assert frame.loc["a pause", "calls"] == 3
    assert frame.loc["a pause", "thread"].startswith("python")
    # In the right unit: three pauses of 20 ms, on a machine that may be very busy.
    assert 3 * 20 <= frame.loc["a pause", "milliseconds"] < 3 * 2000
    assert frame["milliseconds"].is_monotonic_decreasing


def test_the_newest_profile_is_read(tmp_path):
    profiled(tmp_path / "a", "first", 1)
    time.sleep(0.05)
    profiled(tmp_path / "b", "second", 1)
    names = set(profile_frame(tmp_path)["name"])
    assert "second" in names
    assert "first" not in names


def test_a_folder_without_a_profile_is_named(tmp_path):
    with pytest.raises(ValueError, match=r"no profile in or below .*expected a file that ends in '\.xplane\.pb'"):
        profile_frame(tmp_path)


def test_a_folder_must_be_a_path():
    for wrong in (None, 3, []):
        with pytest.raises(TypeError, match="log_dir must be a path, a str or pathlib.Path; got "):
            profile_frame(wrong)
