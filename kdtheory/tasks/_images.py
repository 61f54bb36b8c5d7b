"""Images in the format of MNIST, and tasks made of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kdtheory import data
from kdtheory.data import idx
from kdtheory.errors import InvalidArgument
from kdtheory.tasks._draw import draw_parts
from kdtheory.tasks._sources import came_from
from kdtheory.tasks.base import Array, Labels, Task, one_hot
from kdtheory.validation import count

SIDE = 28
TOTALS = (60000, 10000)
Part = tuple[NDArray[np.uint8], Labels]


def image_task(name: str, train: int, test: int | None, seed: int, size: int) -> Task:
    """Images of one of the sets as a task with ten classes; see `kdtheory.tasks.fashion_mnist`."""
    size = pixels(size)
    rows = draw_parts(TOTALS, train, test, seed)
    parts = [
        None if chosen is None else (pooled(images[chosen], size), labels[chosen])
        for chosen, (images, labels) in zip(rows, image_parts(name), strict=True)
    ]
    return classified(parts, 10, name=name.replace("-", " "), source=name, seed=int(seed))


def image_parts(name: str) -> tuple[Part, Part]:
    """Training and test images, (60000, 28, 28) and (10000, 28, 28) bytes from 0 to 255, with their labels."""
    arrays = [idx.read(file, content) for file, content in data.files(name).items()]
    return (arrays[0], arrays[1].astype(np.int64)), (arrays[2], arrays[3].astype(np.int64))


def pixels(size: int) -> int:
    """The pixels per side, if blocks of equal size average to them."""
    size = count("size", size, at_least=1, at_most=SIDE)
    if SIDE % size:
        raise InvalidArgument("size", expected="a divisor of 28", got=f"{size}", fix="choose 28, 14, 7, 4, 2 or 1")
    return size


def pooled(images: NDArray[Any], size: int) -> Array:
    """Images averaged over square blocks: shape (n, size, size)."""
    block = SIDE // size
    return images.reshape(len(images), size, block, size, block).mean(axis=(2, 4), dtype=np.float64)


def classified(parts: Sequence[Any], classes: int, *, name: str, source: str, seed: int) -> Task:
    """A task of images (n, height, width) and labels, for training and testing.

    All are divided by one number, the root mean square of the training pixels.
    """
    known, held_out = parts
    scale = float(np.sqrt(np.mean(np.square(known[0])))) or 1.0  # one black image has no scale
    return Task(
        _rows(known[0]) / scale,
        one_hot(known[1], classes),
        test_inputs=None if held_out is None else _rows(held_out[0]) / scale,
        test_targets=None if held_out is None else one_hot(held_out[1], classes),
        labels=known[1],
        test_labels=None if held_out is None else held_out[1],
        name=name,
        provenance={
            **came_from(source),
            "shape": [1, *known[0].shape[1:]],
            "train": len(known[0]),
            "test": 0 if held_out is None else len(held_out[0]),
            "seed": seed,
            "scale": scale,
        },
    )


def _rows(images: Array) -> Array:
    return images.reshape(len(images), -1)
