"""O3: do the weights of a distilled network move less along low eigendirections?"""

from __future__ import annotations

from typing import Any

from kdtheory.experiments.eigendirections import eigendirections
from kdtheory.experiments.settings import network, optimizer, task


def cells(registered: Any) -> list[dict[str, Any]]:
    """One cell per data set."""
    return [{**registered.settings["shared"], **cell} for cell in registered.settings["cells"]]


def run(cell: dict[str, Any], seed: int) -> dict[str, float]:
    """Trajectories of students and of the one-hot control, at matched top displacement."""
    data = task(cell["task"], seed)
    numbers = eigendirections(
        data,
        network(cell["network"], data),
        seed,
        epochs=cell["epochs"],
        batch=cell["batch"],
        optimizer=optimizer(cell["optimizer"]),
        step_size=cell["mean_rate"] / data.size,
        temperatures=cell["temperatures"],
        shares=cell["shares"],
    )
    for layer in ("first layer", "hidden layer"):
        four, one = (numbers[f"{student}, {layer}, log ratio"] for student in ("t4", "t1"))
        numbers[f"t4 minus t1, {layer}, log ratio"] = four - one
    return numbers
