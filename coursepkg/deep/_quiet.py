"""Import TensorFlow without the notices that its C++ part writes past Python to the standard error stream."""

import os
from contextlib import contextmanager


@contextmanager
def no_stderr():
    """Close the standard error stream for a while: TensorFlow 2.21 prints some notices whatever its log level is."""
    before, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(before, 2)
        os.close(before)
        os.close(nowhere)


# Read once, at import. TensorFlow's errors still reach Python as exceptions.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
with no_stderr():
    import tensorflow

# Its Python part would otherwise write notes between a notebook's outputs, such as where `export` puts a file.
tensorflow.get_logger().setLevel("ERROR")
