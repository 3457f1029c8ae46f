"""Write TensorBoard's event files without TensorFlow, so that a check can hand training logs to a student's code.

An event file is a sequence of records: length (8 bytes), its checksum, the message, its checksum. The message is a
protocol buffer ``tensorflow.Event``. Source: tensorflow/core/lib/io/record_writer.h, tensorflow/core/util/event.proto.
"""

from __future__ import annotations

import struct

_POLYNOMIAL = 0x82F63B78  # CRC-32C (Castagnoli), bits reversed; RFC 3720, appendix B.4
_FLOAT = b"\x08\x01"  # TensorProto.dtype = DT_FLOAT


def write_scalars(path, tag, values):
    """Write one event file with the values of a scalar at the steps 0, 1, ….

    Parameters
    ----------
    path : Path
        File to write; its name must hold "tfevents", and its folder must exist.
    tag : str
        Name of the scalar, for example "epoch_loss".
    values : sequence of float
    """
    scalars = _field(1, _field(1, b"scalars")) + b"\x20\x01"  # SummaryMetadata: plugin, and the class of its data
    events = [_field(3, b"brain.Event:2")]
    for step, value in enumerate(values):
        tensor = _FLOAT + _field(2, b"") + _field(4, struct.pack("<f", value))
        summary = _field(1, _field(1, tag.encode()) + _field(9, scalars) + _field(8, tensor))
        events.append(b"\x10" + _varint(step) + _field(5, summary))
    time = b"\x09" + struct.pack("<d", 1e9)
    path.write_bytes(b"".join(_record(time + event) for event in events))


def _record(message):
    length = struct.pack("<Q", len(message))
    return length + _checksum(length) + message + _checksum(message)


def _checksum(data):
    """Return the masked CRC-32C of the data as four bytes."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (_POLYNOMIAL if crc & 1 else 0)
    crc ^= 0xFFFFFFFF
    return struct.pack("<I", (((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF)


def _field(number, data):
    """Return a field of a protocol buffer that holds bytes, text or another message."""
    return _varint(number << 3 | 2) + _varint(len(data)) + data


def _varint(number):
    out = b""
    while number > 127:
        out += bytes([number & 127 | 128])
        number >>= 7
    return out + bytes([number])
