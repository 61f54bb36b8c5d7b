"""T2: bias and variance of distillation's gradients, apart, by the teacher's confidence."""

from __future__ import annotations

from typing import Any

from kdtheory.experiments.gradient_noise import teachers_noise
from kdtheory.experiments.settings import network, optimizer, task
from kdtheory.kernels import NTK


def cells(registered: Any) -> list[dict[str, Any]]:
    """One cell per data set, with and without label noise."""
    return [{**registered.settings["shared"], **cell} for cell in registered.settings["cells"]]


def run(cell: dict[str, Any], seed: int) -> dict[str, float]:
    """Teachers stopped at several times, and what their gradients are worth; early teachers minus late ones."""
    data = task(cell["task"], seed)
    numbers = teachers_noise(
        data,
        network(cell["network"], data),
        NTK(depth=cell["network"]["depth"]),
        seed,
        epochs=cell["epochs"],
        batch=cell["batch"],
        optimizer=optimizer(cell["optimizer"]),
    )
    early, late = (f"{epochs} epochs" for epochs in (cell["epochs"][0], cell["epochs"][-1]))
    early_stopped = f"{cell['epochs'][1]} epochs"
    for word in ("variance", "squared bias", "error"):
        numbers[f"early minus late, {word}"] = numbers[f"{early}, {word}"] - numbers[f"{late}, {word}"]
        numbers[f"stopped teacher, {word}"] = numbers[f"{early_stopped}, {word}"]
        numbers[f"late teacher, {word}"] = numbers[f"{late}, {word}"]
    return numbers
