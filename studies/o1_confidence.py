"""O1: do distilled networks exaggerate their teacher's confidence?"""

from __future__ import annotations

from typing import Any

from kdtheory.experiments.exaggeration import exaggeration
from kdtheory.experiments.settings import network, optimizer, task


def cells(registered: Any) -> list[dict[str, Any]]:
    """One cell per data set and pair of networks."""
    return [{**registered.settings["shared"], **cell} for cell in registered.settings["cells"]]


def run(cell: dict[str, Any], seed: int) -> dict[str, float]:
    """All temperatures and the ladder, on one draw of the data."""
    data = task(cell["task"], seed)
    numbers = exaggeration(
        data,
        network(cell["teacher"], data),
        network(cell["student"], data),
        seed,
        epochs=cell["epochs"],
        batch=cell["batch"],
        optimizer=optimizer(cell["optimizer"]),
        temperatures=cell["temperatures"],
        shares=cell["shares"],
    )
    for on in ("train", "test"):
        early, end = (numbers[f"{student}, {on}, slope"] for student in ("t4 at 0.3", "t4"))
        numbers[f"t4 at 0.3 minus end, {on}, slope"] = early - end
    return numbers
