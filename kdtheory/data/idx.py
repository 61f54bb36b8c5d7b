"""The file format of MNIST: a head of big-endian numbers, then bytes."""

from __future__ import annotations

import struct

import numpy as np
from numpy.typing import NDArray

from kdtheory.errors import DataUnavailable

UNSIGNED_BYTES = 8


def read(name: str, content: bytes) -> NDArray[np.uint8]:
    """The array in an IDX file of unsigned bytes; ``name`` is for the error message.

    >>> read("labels", written(np.array([3, 1], dtype=np.uint8))).tolist()
    [3, 1]
    """
    dimensions = content[3] if len(content) > 3 else 0
    start = 4 + 4 * dimensions
    if content[:3] != bytes((0, 0, UNSIGNED_BYTES)) or not 1 <= dimensions <= 3 or len(content) < start:
        raise _unreadable(name, "another format")
    shape = struct.unpack(f">{dimensions}I", content[4:start])
    if int(np.prod(shape, dtype=object)) != len(content) - start:
        raise _unreadable(name, f"{len(content) - start} bytes for shape {shape}")
    return np.frombuffer(content, dtype=np.uint8, offset=start).reshape(shape)


def written(array: NDArray[np.uint8]) -> bytes:
    """An array of unsigned bytes as an IDX file."""
    head = bytes((0, 0, UNSIGNED_BYTES, array.ndim)) + struct.pack(f">{array.ndim}I", *array.shape)
    return head + np.ascontiguousarray(array, dtype=np.uint8).tobytes()


def _unreadable(name: str, got: str) -> DataUnavailable:
    return DataUnavailable(name, expected="an IDX file of bytes", got=got, fix="get the data set again")
