"""O1, continued: what do noisy students say on average over their own noise?"""

from __future__ import annotations

from typing import Any

from kdtheory.experiments.noise_average import noise_average
from kdtheory.experiments.settings import network, optimizer, task


def cells(registered: Any) -> list[dict[str, Any]]:
    """One cell per data set and source of noise: those of o1-dropout and o1-stochastic-depth."""
    return [{**registered.settings["shared"], **cell} for cell in registered.settings["cells"]]


def run(cell: dict[str, Any], seed: int) -> dict[str, float]:
    """Teacher, student, a student of the noisy teacher, control and twins on one draw of the data."""
    data = task(cell["task"], seed)
    return noise_average(
        data,
        network(cell["network"], data),
        network(cell["twin"], data),
        seed,
        epochs=cell["epochs"],
        batch=cell["batch"],
        optimizer=optimizer(cell["optimizer"]),
        temperature=cell["temperature"],
        draws=cell["draws"],
    )
