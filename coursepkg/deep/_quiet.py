"""Import TensorFlow without the notices that its C++ part writes past Python to the standard error stream."""

import os

# Read once, at import. TensorFlow's errors still reach Python as exceptions.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

# TensorFlow 2.21 prints some notices before it reads that level; only closing the stream keeps them out.
_stderr, _nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
try:
    os.dup2(_nowhere, 2)
    import tensorflow
finally:
    os.dup2(_stderr, 2)
    os.close(_stderr)
    os.close(_nowhere)

# Its Python part would otherwise write notes between a notebook's outputs, such as where `export` puts a file.
tensorflow.get_logger().setLevel("ERROR")
