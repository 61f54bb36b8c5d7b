"""O1, continued: where do slopes above 1 on test points, and gains of equal self-distillation, come from?"""

from __future__ import annotations

from typing import Any

from kdtheory.experiments.exaggeration import exaggeration
from kdtheory.experiments.settings import network, optimizer, task


def cells(registered: Any) -> list[dict[str, Any]]:
    """One cell per data set and source of noise in the student; its doses share data, starts and batches."""
    return [{**registered.settings["shared"], **cell} for cell in registered.settings["cells"]]


def run(cell: dict[str, Any], seed: int) -> dict[str, float]:
    """All doses on one draw of the data, and what the highest adds to the one without noise (``dose``)."""
    data, numbers = task(cell["task"], seed), {}
    for dose, declared in cell["doses"].items():
        net = network(declared, data)
        found = exaggeration(
            data,
            net,
            net,
            seed,
            epochs=cell.get("passes", {}).get(dose, cell["epochs"]),
            batch=cell["batches"].get(dose, cell["batch"]),
            optimizer=optimizer(cell["optimizer"]),
            temperatures=cell["temperatures"],
            shares=cell["shares"],
            modes=cell["modes"].get(dose, ["evaluation"]),
        )
        numbers |= {f"{dose}, {name}": value for name, value in found.items()}
    first, last = (f"high, t{cell['temperatures'][end]:g}, test, slope" for end in (0, -1))
    numbers["first minus last temperature, test, slope"] = numbers[first] - numbers[last]
    for low in [dose for dose in cell["doses"] if dose != "high"]:
        for name in ("t4, train, slope", "t4, test, slope", "t4, gain"):
            numbers[f"high minus {low}, {name}"] = numbers[f"high, {name}"] - numbers[f"{low}, {name}"]
    return numbers
