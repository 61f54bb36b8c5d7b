"""Tables of measurements as regression tasks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kdtheory import data
from kdtheory.data import tables
from kdtheory.tasks._sources import came_from
from kdtheory.tasks.base import Array, Task

Rows = NDArray[np.int64]


def table(source: str, grades: Mapping[str, Sequence[str]], target: str) -> tuple[Array, Array]:
    """Inputs (all columns but the target and the row numbers, grades as ranks from 0) and the target."""
    (file,) = data.dataset(source).files
    columns = tables.columns(file.name, data.files(source)[file.name])
    numbers = {name: _ranks(values, grades.get(name)) for name, values in columns.items() if name != "rownames"}
    answers = numbers.pop(target)
    return np.stack(list(numbers.values()), axis=1), answers


def table_task(source: str, chosen: Rows, held_out: Rows | None, inputs: Array, target: Array, seed: int) -> Task:
    """Rows of a table as a task; columns and target are divided by their training deviations, nothing is centred."""
    spread = np.std(inputs[chosen], axis=0)
    spread[spread == 0] = 1.0  # constant in training
    scale = float(np.std(target[chosen])) or 1.0
    scaled, targets = inputs / spread, target[:, None] / scale
    return Task(
        scaled[chosen],
        targets[chosen],
        test_inputs=None if held_out is None else scaled[held_out],
        test_targets=None if held_out is None else targets[held_out],
        name=source,
        provenance={
            **came_from(source),
            "train": len(chosen),
            "test": 0 if held_out is None else len(held_out),
            "seed": int(seed),
            "scales": spread.tolist(),
            "target_scale": scale,
        },
    )


def _ranks(values: NDArray[Any], grades: Sequence[str] | None) -> Array:
    if grades is None:
        return values.astype(np.float64)
    return np.array([grades.index(grade) for grade in values.tolist()], dtype=np.float64)
