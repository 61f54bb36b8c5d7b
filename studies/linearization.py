"""Theory meets network: closed forms from the network's own tangent kernel."""

from __future__ import annotations

from typing import Any

from kdtheory.experiments.linearization import linearization
from kdtheory.experiments.settings import network, task


def cells(registered: Any) -> list[dict[str, Any]]:
    """One cell per data set and network; some have horizons of their own."""
    return [{**registered.settings["shared"], **cell} for cell in registered.settings["cells"]]


def run(cell: dict[str, Any], seed: int) -> dict[str, float]:
    """All horizons on one draw of the data."""
    data = task(cell["task"], seed)
    return linearization(data, network(cell["network"], data), seed, horizons=cell["horizons"], rate=cell["rate"])
