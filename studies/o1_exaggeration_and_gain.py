"""O1, continued: exaggeration without gain, and gain without exaggeration, each where it was expected."""

from __future__ import annotations

from typing import Any

from kdtheory.experiments.exaggeration import exaggeration
from kdtheory.experiments.settings import network, optimizer, task


def cells(registered: Any) -> list[dict[str, Any]]:
    """One cell per data set and kind of student."""
    return [{**registered.settings["shared"], **cell} for cell in registered.settings["cells"]]


def run(cell: dict[str, Any], seed: int) -> dict[str, float]:
    """Every network of the cell on one draw of the data, and what the last adds to the first."""
    data, numbers = task(cell["task"], seed), {}
    for name, declared in cell["networks"].items():
        net = network(declared, data)
        found = exaggeration(
            data,
            net,
            net,
            seed,
            epochs=cell["epochs"],
            teacher_epochs=cell.get("teacher_epochs"),
            batch=cell["batch"],
            optimizer=optimizer(cell["optimizer"]),
            temperatures=cell["temperatures"],
            shares=cell["shares"],
        )
        numbers |= {f"{name}, {word}": value for word, value in found.items()}
    if "twin" in cell["networks"]:
        own = f"t{cell['temperatures'][0]:g}, test, slope"
        numbers[f"dropout minus twin, {own}"] = numbers[f"dropout, {own}"] - numbers[f"twin, {own}"]
    return numbers
