"""Random arrays of cases that hold a seed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def seeded(seed: Any, *shape: int, draw: Callable[..., Array] = np.random.Generator.standard_normal) -> Array:
    """Random numbers of a case, or of a batch: the same for the same seed in a batch and alone.

    Parameters
    ----------
    seed : number, or array of shape (cases,)
        Rounded to whole numbers.
    shape : whole numbers
        Of the array of one case.
    draw : method of `numpy.random.Generator`

    Examples
    --------
    >>> seeded(np.array([3.0, 4.0]), 2)[1].tolist() == seeded(4.0, 2).tolist()
    True
    """
    seeds = np.rint(np.atleast_1d(seed)).astype(int)
    drawn = np.stack([draw(np.random.default_rng(int(one)), shape) for one in seeds])
    return drawn if np.ndim(seed) else drawn[0]


def seeded_by_name(seed: Any, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, Array]:
    """Several arrays of standard normal numbers from one seed, one after the other."""
    sizes = [prod(shape) for shape in shapes.values()]
    parts = np.split(seeded(seed, sum(sizes)), np.cumsum(sizes)[:-1], axis=-1)
    return {
        name: part.reshape(*np.shape(seed), *shape) for (name, shape), part in zip(shapes.items(), parts, strict=True)
    }
