"""O4: does a teacher without its low eigendirections exaggerate, and denoise?"""

from __future__ import annotations

from typing import Any

from kdtheory.experiments.low_directions import low_directions
from kdtheory.experiments.settings import network, optimizer, task
from kdtheory.kernels import NTK


def cells(registered: Any) -> list[dict[str, Any]]:
    """One cell per data set, with noisy labels."""
    return [{**registered.settings["shared"], **cell} for cell in registered.settings["cells"]]


def run(cell: dict[str, Any], seed: int) -> dict[str, float]:
    """A teacher, filtered, and what its students do."""
    data = task(cell["task"], seed)
    return low_directions(
        data,
        network(cell["network"], data),
        NTK(depth=cell["network"]["depth"]),
        seed,
        epochs=cell["epochs"],
        batch=cell["batch"],
        optimizer=optimizer(cell["optimizer"]),
        temperature=cell["temperature"],
        kept=cell["kept"],
        shares=cell["shares"],
    )
