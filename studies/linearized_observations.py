"""O1 and O2 beside linearized networks: same data, weights, batches and optimizer."""

from __future__ import annotations

from typing import Any

from kdtheory.experiments.exaggeration import exaggeration
from kdtheory.experiments.settings import network, optimizer, task
from kdtheory.experiments.switching import switching
from kdtheory.networks import Linearized


def cells(registered: Any) -> list[dict[str, Any]]:
    """One cell per data set, network and observation."""
    return [{**registered.settings["shared"], **cell} for cell in registered.settings["cells"]]


def run(cell: dict[str, Any], seed: int) -> dict[str, float]:
    """The network and itself linearized, and their paired differences."""
    data = task(cell["task"], seed)
    real = network(cell["network"], data)
    measured = {
        "network": _measured(cell, data, real, seed),
        "linearized": _measured(cell, data, Linearized(real), seed),
    }
    numbers = {f"{who}, {name}": value for who, found in measured.items() for name, value in found.items()}
    for name, value in measured["network"].items():
        numbers[f"network minus linearized, {name}"] = value - measured["linearized"][name]
    return numbers


def _measured(cell: dict[str, Any], data: Any, net: Any, seed: int) -> dict[str, float]:
    known = {"epochs": cell["epochs"], "batch": cell["batch"], "optimizer": optimizer(cell["optimizer"])}
    hot = cell["temperatures"][-1]
    if cell["observation"] == "O1":
        return exaggeration(data, net, net, seed, **known, temperatures=cell["temperatures"], shares=cell["shares"])
    known |= {"teacher_epochs": cell["teacher_epochs"], "places": cell["places"]}
    return switching(data, net, seed, **known, temperature=hot)
