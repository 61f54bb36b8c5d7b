"""The kernel regime: wide networks against closed forms, for every way of distilling."""

from __future__ import annotations

from typing import Any

from kdtheory.experiments.kernel_regime import kernel_regime
from kdtheory.experiments.settings import task


def cells(registered: Any) -> list[dict[str, Any]]:
    """One cell per data set."""
    return [{**registered.settings["shared"], **cell} for cell in registered.settings["cells"]]


def run(cell: dict[str, Any], seed: int) -> dict[str, float]:
    """All widths on one draw of the data."""
    data = task(cell["task"], seed)
    return kernel_regime(data, seed, widths=cell["widths"], depth=cell["depth"], steps=cell["steps"])
