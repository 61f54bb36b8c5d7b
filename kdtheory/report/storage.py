"""Figure data on disk: ``NAME.npz`` with the arrays, ``NAME.json`` with everything else."""

from __future__ import annotations

import errno
import io
import json
import os
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from kdtheory._files import atomic_write
from kdtheory.errors import DataUnavailable
from kdtheory.plotting import Dataset


def arrays_as_bytes(dataset: Dataset) -> bytes:
    """The arrays and coordinates as an ``.npz`` file; the same bytes for the same numbers."""
    buffer = io.BytesIO()
    arrays = {name: values for name, (_, values) in dataset.arrays.items()}
    np.savez_compressed(buffer, allow_pickle=False, **arrays, **dataset.coordinates)
    return buffer.getvalue()


def json_as_bytes(content: dict[str, Any]) -> bytes:
    """A JSON file in the given order; NaN and infinity, which JSON does not have, are refused."""
    return (json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode()


def writable(folder: Path | str) -> Path:
    """The folder, made if need be: asked before long computations whose results are to go there."""
    path = Path(folder)
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _no_place(path, error) from None
    if not os.access(path, os.W_OK):
        raise _no_place(path, PermissionError(errno.EACCES, os.strerror(errno.EACCES)))
    return path


def write(path: Path, content: bytes) -> Path:
    """Write a file whole or not at all; a folder that cannot be written to is one line."""
    try:
        return atomic_write(path, content)
    except OSError as error:
        raise _no_place(path, error) from None


def _no_place(path: Path, error: OSError) -> DataUnavailable:
    fix = "choose another folder, or make room"
    return DataUnavailable(str(path), expected="a place to write to", got=_first_line(error), fix=fix)


def load(folder: Path | str, name: str) -> Dataset:
    """The dataset that was stored as ``NAME.npz`` and ``NAME.json``."""
    side = read_json(Path(folder) / f"{name}.json")
    path = Path(folder) / f"{name}.npz"
    fix = f"build it again with kdtheory figures build {name}"
    try:
        # Opened here, because np.load leaves a file open that turns out to be no archive.
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            arrays = {key: stored[key] for key in stored.files}
        dimensions = side["dimensions"]
        return Dataset(
            {key: (tuple(dimensions[key]), arrays[key]) for key in dimensions},
            {key: values for key, values in arrays.items() if key not in dimensions},
            side["numbers"],
        )
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise DataUnavailable(str(path), expected="the arrays of a figure", got=_first_line(error), fix=fix) from None


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object from a file, or one line that says what is wrong with it."""
    fix = "build or restore the file"
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataUnavailable(str(path), expected="a JSON file", got=_first_line(error), fix=fix) from None
    if not isinstance(content, dict):
        raise DataUnavailable(str(path), expected="a JSON object", got=type(content).__name__, fix=fix)
    return content


def _first_line(error: Exception) -> str:
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return (text or type(error).__name__).splitlines()[0]
