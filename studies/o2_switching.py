"""O2: does a student that meets its teacher late recover the gain, and one that leaves it lose it?"""

from __future__ import annotations

from typing import Any

from kdtheory.experiments.settings import network, optimizer, task
from kdtheory.experiments.switching import switching


def cells(registered: Any) -> list[dict[str, Any]]:
    """One cell per data set and kind of teacher."""
    return [{**registered.settings["shared"], **cell} for cell in registered.settings["cells"]]


def run(cell: dict[str, Any], seed: int) -> dict[str, float]:
    """Both directions of switching, at several points."""
    data = task(cell["task"], seed)
    return switching(
        data,
        network(cell["network"], data),
        seed,
        teacher_epochs=cell["teacher_epochs"],
        epochs=cell["epochs"],
        batch=cell["batch"],
        optimizer=optimizer(cell["optimizer"]),
        temperature=cell["temperature"],
        places=cell["places"],
        shares=cell["shares"],
    )
