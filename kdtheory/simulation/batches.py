"""Which samples a step sees.

Everything follows from the seed, the stream and the number of the step since the fit began: a phase that is split in
two sees the same batches, and a seed sees the same ones whatever runs beside it. They are drawn in NumPy, in blocks of
steps: nothing has to be compiled for them, and they are the same in every precision.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kdtheory.distillation import Minibatch

BLOCK = 1024  # steps
Samples = NDArray[np.int32]


def blocks(
    batch: Minibatch | None, size: int, stream: str, seeds: Sequence[int], first: int, steps: int
) -> Iterator[tuple[Samples | None, int, int]]:
    """What ``steps`` steps see, the first of which is number ``first`` of its fit.

    Yields samples of shape (seeds, length, batch.size) with the range of their second axis to use; None stands for all
    ``size`` samples in every step.
    """
    if batch is None:
        yield None, 0, steps
        return
    epoch = 1 if batch.replace else size // batch.size
    length = epoch * -(-BLOCK // epoch)
    for number in range(first // length, -(-(first + steps) // length)):
        keys = [(seed, zlib.crc32(stream.encode()), number) for seed in seeds]
        drawn = [_block(batch, size, length, np.random.default_rng(key)) for key in keys]
        start = number * length
        yield np.stack(drawn), max(first - start, 0), min(first + steps - start, length)


def _block(batch: Minibatch, size: int, length: int, random: np.random.Generator) -> Samples:
    """Samples of ``length`` steps, whole epochs where there are any; shape (length, batch.size)."""
    if batch.replace:
        return random.integers(size, size=(length, batch.size), dtype=np.int32)
    epoch = size // batch.size
    orders: Any = np.broadcast_to(np.arange(size, dtype=np.int32), (length // epoch, size))
    return random.permuted(orders, axis=1)[:, : epoch * batch.size].reshape(length, batch.size)
