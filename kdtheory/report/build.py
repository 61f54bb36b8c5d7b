"""Build a figure: compute its data, draw it, and write both."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kdtheory.plotting import Dataset
from kdtheory.report.figure import Figure, as_json
from kdtheory.report.pictures import KINDS, picture
from kdtheory.report.provenance import versions
from kdtheory.report.storage import arrays_as_bytes, json_as_bytes, writable, write

DEFAULT_FOLDER = Path("build/figures")


@dataclass(frozen=True)
class Built:
    """A figure on disk, with the data it was drawn from.

    Attributes
    ----------
    figure : Figure
    dataset : Dataset
    full : bool
        Whether the settings were the full ones.
    folder : Path
    seconds : float
        Time to compute and draw; not written anywhere, so that files stay the same.
    """

    figure: Figure
    dataset: Dataset
    full: bool
    folder: Path
    seconds: float

    @property
    def findings(self) -> dict[str, dict[str, Any]]:
        """What the networks behind the figure showed, by claim: ``held``, ``verdict``, ``numbers``."""
        return self.figure.findings(self.dataset)

    @property
    def files(self) -> tuple[Path, ...]:
        """Data first, then pictures."""
        return tuple(self.folder / f"{self.figure.id}.{kind}" for kind in ("npz", "json", *KINDS))


def build(figure: Figure, folder: Path | str = DEFAULT_FOLDER, *, full: bool = False) -> Built:
    """Compute, draw and write one figure; each file appears whole or not at all.

    The same settings, seed and package versions give the same bytes.
    """
    started = time.perf_counter()
    target = writable(folder)
    dataset = figure.computed(full)
    drawn = figure.draw(dataset)
    contents = {
        "npz": arrays_as_bytes(dataset),
        "json": json_as_bytes(sidecar(figure, dataset, full=full)),
        **{kind: picture(drawn, kind) for kind in KINDS},
    }
    for kind, content in contents.items():
        write(target / f"{figure.id}.{kind}", content)
    return Built(figure, dataset, full, target, time.perf_counter() - started)


def sidecar(figure: Figure, dataset: Dataset, *, full: bool) -> dict[str, Any]:
    """What ``NAME.json`` holds."""
    return {
        "figure": figure.id,
        "title": figure.title,
        "claims": list(figure.claims),
        "quality": "full" if full else "quick",
        "settings": as_json(figure.settings(full)),
        "versions": versions(),
        "caption": figure.caption(dataset),
        "alt": figure.alt(dataset),
        "dimensions": dataset.dimensions,
        "numbers": dict(dataset.numbers),
    }
