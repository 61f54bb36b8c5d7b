"""Fetch images in the public copy that scikit-learn knows, and write them in the format of the originals."""

from __future__ import annotations

import socket
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from kdtheory.data._catalogue import DataSet
from kdtheory.data._unpack import Refused
from kdtheory.data.idx import written

TIMEOUT = 60  # seconds without an answer


def fetch(data: DataSet) -> dict[str, bytes]:
    """The four files of an image set, made of scikit-learn's arrays; whether they are the originals, the caller checks.

    Raises
    ------
    Refused
        No network, no answer, or arrays of another shape.
    """
    try:
        from sklearn.datasets import fetch_openml

        with _patience(), tempfile.TemporaryDirectory(prefix="kdtheory-") as folder:
            pixels, classes = fetch_openml(
                data.openml, version=1, return_X_y=True, as_frame=False, data_home=folder, cache=False, n_retries=1
            )
        images = np.asarray(pixels).reshape(70000, 28, 28).astype(np.uint8)
        labels = np.asarray(classes).astype(np.uint8)
    except (OSError, ValueError, TypeError, ImportError) as error:
        raise Refused(" ".join(str(error).split())[:160] or type(error).__name__) from error
    parts = (images[:60000], labels[:60000], images[60000:], labels[60000:])
    return {file.name: written(part) for file, part in zip(data.files, parts, strict=True)}


@contextmanager
def _patience() -> Iterator[None]:
    """A time limit for sockets, because scikit-learn sets none; its warning that it tries twice is not for users."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(TIMEOUT)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "A network error occurred", UserWarning)
            yield
    finally:
        socket.setdefaulttimeout(before)
