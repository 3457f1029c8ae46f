"""Read what TensorFlow's profiler wrote: what ran, how often, and for how long."""

from __future__ import annotations

import pandas as pd
from tensorflow.tsl.profiler.protobuf.xplane_pb2 import XSpace

from coursepkg._validation import as_path


def profile_frame(log_dir):
    """Return the events of the newest profile in a folder, added up by name.

    Parameters
    ----------
    log_dir : str or Path
        Folder in or below which ``keras.callbacks.TensorBoard(profile_batch=…)`` or ``tf.profiler`` wrote a profile.

    Returns
    -------
    pandas.DataFrame
        Columns thread (group of threads: "python", "tf_Compute"…), name, calls, and milliseconds: total duration of
        the calls, those of other events inside them included. Sorted by milliseconds, longest first.

    Raises
    ------
    ValueError
        If there is no profile in or below ``log_dir``.

    Notes
    -----
    A profile is a protocol buffer ``XSpace`` (TensorFlow, tsl/profiler/protobuf/xplane.proto): planes (devices) of
    lines (threads) of events. Events nest, so their sum is longer than the time that passed, and threads work side by
    side.

    Examples
    --------
    >>> import tempfile
    >>> import tensorflow as tf
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with tf.profiler.experimental.Profile(folder):
    ...         with tf.profiler.experimental.Trace("my step"):
    ...             _ = tf.reduce_sum(tf.ones((10, 10)))
    ...     frame = profile_frame(folder)
    >>> frame.loc[frame["name"] == "my step", "calls"].item()
    1
    """
    files = sorted(as_path(log_dir, "log_dir").rglob("*.xplane.pb"), key=lambda path: path.stat().st_mtime)
    if not files:
        raise ValueError(f"no profile in or below {str(log_dir)!r}; expected a file that ends in '.xplane.pb'")
    rows = [
        (line.name.partition("/")[0], plane.event_metadata[event.metadata_id].name, event.duration_ps / 1e9)
        for plane in XSpace.FromString(files[-1].read_bytes()).planes
        for line in plane.lines
        for event in line.events
    ]
    frame = pd.DataFrame(rows, columns=["thread", "name", "milliseconds"])
    total = frame.groupby(["thread", "name"])["milliseconds"].agg(["size", "sum"]).reset_index()
    total = total.set_axis(["thread", "name", "calls", "milliseconds"], axis=1)
    return total.sort_values("milliseconds", ascending=False, ignore_index=True)
