"""What a figure is drawn from: named arrays with coordinates, and numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kdtheory.errors import InvalidArgument
from kdtheory.validation import lookup

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Dataset:
    """The computed half of a figure; drawing and captions read nothing else.

    Parameters
    ----------
    arrays : dict of str to (dimensions, values)
        For example ``{"gain": (("fit", "mode"), values)}``.
    coordinates : dict of str to array
        One array per dimension that has names or units, for example ``{"mode": eigenvalues}``.
    numbers : dict
        JSON values (numbers, texts, lists, dictionaries) by name: what captions, tables and references quote.

    >>> dataset = Dataset(
    ...     {"gain": (("mode",), [0.9, 0.5])}, {"mode": [4.0, 1.0]}, {"ratio": 0.25}
    ... )
    >>> dataset["gain"].tolist(), dataset["mode"].tolist(), dataset.numbers["ratio"]
    ([0.9, 0.5], [4.0, 1.0], 0.25)
    """

    arrays: Mapping[str, tuple[tuple[str, ...], Any]]
    coordinates: Mapping[str, Any] = field(default_factory=dict)
    numbers: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        coordinates = {name: np.asarray(values) for name, values in self.coordinates.items()}
        arrays = {name: (tuple(dims), np.asarray(values)) for name, (dims, values) in self.arrays.items()}
        for name in coordinates.keys() & arrays.keys():
            fix = "rename one of the two"
            raise InvalidArgument("arrays", expected="names that no coordinate has", got=repr(name), fix=fix)
        sizes = {name: len(values) for name, values in coordinates.items()}
        for name, (dims, values) in arrays.items():
            _refuse_misfit(name, dims, values, sizes)
        object.__setattr__(self, "coordinates", coordinates)
        object.__setattr__(self, "arrays", arrays)

    def __getitem__(self, name: str) -> Array:
        if name in self.coordinates:
            return self.coordinates[name]
        return lookup(self.arrays, name, "array")[1]

    @property
    def dimensions(self) -> dict[str, list[str]]:
        """Names of the dimensions of every array."""
        return {name: list(dims) for name, (dims, _) in self.arrays.items()}


def _refuse_misfit(name: str, dims: tuple[str, ...], values: Array, sizes: dict[str, int]) -> None:
    fix = "name every dimension once, and give arrays of one dimension the same length"
    if values.ndim != len(dims):
        raise InvalidArgument(name, expected=f"one dimension per name in {dims}", got=f"shape {values.shape}", fix=fix)
    if values.dtype.kind not in "fiubU":
        raise InvalidArgument(name, expected="numbers or texts", got=f"an array of type {values.dtype}", fix=fix)
    for dim, size in zip(dims, values.shape, strict=True):
        if sizes.setdefault(dim, size) != size:
            raise InvalidArgument(name, expected=f"{sizes[dim]} along {dim!r}", got=f"{size}", fix=fix)
