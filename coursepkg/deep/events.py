"""Read TensorBoard's event files back, so that what a training logged can be compared, tabulated and drawn."""

from __future__ import annotations

import numpy as np
import pandas as pd
import tensorflow as tf
from tensorboard.backend.event_processing.event_file_loader import EventFileLoader
from tensorboard.util.tensor_util import make_ndarray

from coursepkg._validation import as_path, one_of


def event_frame(log_dir, *, kind="scalars"):
    """Return all that was logged of one kind as a table, one row for each run, tag and step.

    Parameters
    ----------
    log_dir : str or Path
        Folder that holds the runs. Each folder below it with an event file is a run.
    kind : {"scalars", "histograms", "images", "text", "tensors"}, keyword-only
        "tensors" are those that ``tf.summary.write`` stored without metadata.

    Returns
    -------
    pandas.DataFrame
        Columns run (path below ``log_dir``), tag, step, value; in the order of the runs' names, then as written. A
        value is a float for scalars; an array for histograms, shape [n_bins, 3] with left edge, right edge and count,
        for images, uint8, shape [n, height, width] or [n, height, width, channels], and for tensors; a str for text.

    Raises
    ------
    ValueError
        If ``kind`` is another one, or there is no event file in or below ``log_dir``.

    Notes
    -----
    Scalars are stored in float32: about seven digits come back. The files are read with TensorBoard's own loader
    (``tensorboard/backend/event_processing/event_file_loader.py``), event by event, so nothing is left out; its
    ``EventAccumulator`` keeps ten tensors by default.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with tf.summary.create_file_writer(f"{folder}/rate-0.1").as_default():
    ...         for step, loss in enumerate([0.5, 0.25]):
    ...             _ = tf.summary.scalar("loss", loss, step=step)
    ...     event_frame(folder)
            run   tag  step  value
    0  rate-0.1  loss     0   0.50
    1  rate-0.1  loss     1   0.25
    """
    one_of(kind, "kind", tuple(_READERS))
    log_dir = as_path(log_dir, "log_dir")
    files = sorted(path for path in log_dir.rglob("*tfevents*") if path.is_file())
    if not files:
        raise ValueError(f"no event file in or below {str(log_dir)!r}; expected files with 'tfevents' in their name")
    rows = []
    for path in files:
        run = path.parent.relative_to(log_dir).as_posix()
        rows += [(run, *row) for row in _read(path, kind)]
    return pd.DataFrame(rows, columns=["run", "tag", "step", "value"])


def _read(path, kind):
    """Yield tag, step and value of each event of one kind."""
    plugin = "" if kind == "tensors" else kind
    plugins = {}  # only the first event of a tag says which plugin draws it
    for event in EventFileLoader(str(path)).Load():
        for value in event.summary.value:
            plugins.setdefault(value.tag, value.metadata.plugin_data.plugin_name)
            if plugins[value.tag] == plugin:
                yield value.tag, event.step, _READERS[kind](make_ndarray(value.tensor))


def _images(tensor):
    """Decode an array that holds width and height, as text, and then one PNG an image."""
    images = np.stack([tf.io.decode_png(png).numpy() for png in tensor[2:]])
    return images[..., 0] if images.shape[-1] == 1 else images


def _text(tensor):
    return "\n".join(part.decode("utf-8") for part in tensor.ravel())


_READERS = {"scalars": float, "histograms": np.asarray, "images": _images, "text": _text, "tensors": np.asarray}
