"""Networks and the closed form of their own tangent kernel: until when they agree, and what happens then."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from kdtheory import experiments
from kdtheory.plotting import GUIDE, Dataset, canvas, house_style, title
from kdtheory.plotting.filters import look

ID = "own-tangent-kernel"
TITLE = "Networks follow their own tangent kernel until it moves"
CLAIMS = ("exaggerated-bias", "mixing-odds-law", "loss-switching", "gradient-denoising")
MARKERS = "os^Dv*P"
MEASURED = ("lag", "mixing", "switching", "denoising", "gain")


@dataclass(frozen=True)
class Settings:
    """Which cells of the study are drawn (its committed summary is the data), and how far a kernel may move."""

    study: str = "linearization"
    cells: int | None = None
    moved: float = 0.05
    deviation: float = 0.1


SMALL = Settings(cells=2)
QUICK = Settings()
FULL = Settings()
TOLERANCES = {
    "first_over": {"relative": 1e-6},
    "median_error_within": {"relative": 1e-6},
    "median_error_at_end": {"relative": 1e-6},
}


def compute(settings: Settings) -> Dataset:
    """Means over seeds of deviation and movement by horizon, and of what claims say, from the committed summary."""
    summary = experiments.finished(experiments.study(settings.study))
    cells = summary["cells"][: settings.cells]
    names = [cell["cell"]["name"] for cell in cells]
    path = np.array([row for place, cell in enumerate(cells) for row in _path(place, cell)])
    errors = {word: np.array([_errors(cell, word) for cell in cells]) for word in ("within", "at end")}
    over = {name: _first_over(path[path[:, 0] == place], settings) for place, name in enumerate(names)}
    return Dataset(
        arrays={
            "path": (("point", "column"), path),
            **{f"error {word}": (("cell", "claim"), values) for word, values in errors.items()},
        },
        coordinates={
            "cell": np.array(names),
            "claim": np.array(MEASURED),
            "column": np.array(["cell", "steps", "moved", "teacher", "student"]),
        },
        numbers={
            "seeds": len(summary["seeds"]),
            "moved": settings.moved,
            "deviation": settings.deviation,
            "names": names,
            "first_over": list(over.values()),
            "followed": [name for name, moved in over.items() if moved > settings.moved],
            "steps_within": {
                cell["cell"]["name"]: float(np.mean(cell["numbers"]["steps within"]))
                for cell in cells
                if min(cell["numbers"]["steps within"]) < max(cell["cell"]["horizons"])
            },
            "zero_would_do": {word: _zero_would_do(cells, word, settings.deviation) for word in MEASURED},
            "median_error_within": float(np.median(errors["within"])),
            "median_error_at_end": float(np.median(errors["at end"])),
        },
    )


def _path(place: int, cell: Any) -> list[list[float]]:
    """Rows of cell, steps, the larger movement of teacher and student, and their deviations."""
    numbers = cell["numbers"]
    rows = []
    for steps in cell["cell"]["horizons"]:
        moved, apart = (
            [float(np.mean(numbers[f"{fit}, {steps} steps, {word}"])) for fit in ("teacher", "student")]
            for word in ("moved", "deviation")
        )
        rows.append([float(place), float(steps), max(moved), *apart])
    return rows


def _errors(cell: Any, word: str) -> list[float]:
    return [float(np.mean(cell["numbers"][f"{claim}, error {word}"])) for claim in MEASURED]


def _zero_would_do(cells: Any, claim: str, deviation: float) -> int:
    """In how many cells a prediction of zero would have been as near to what was seen as is asked for."""
    return sum(abs(float(np.mean(cell["numbers"][f"{claim}, seen within"]))) < deviation for cell in cells)


def _first_over(path: Any, settings: Settings) -> float:
    """Movement of the kernel where the teacher is first too far off, by interpolation of logarithms; or the last."""
    over = np.flatnonzero(path[:, 3] > settings.deviation)
    if not over.size:
        return float(path[-1, 2])
    if over[0] == 0:
        return float(path[0, 2])
    moved, apart = np.log(path[over[0] - 1 : over[0] + 1, 2:4]).T
    return float(np.exp(np.interp(np.log(settings.deviation), apart, moved)))


@house_style()
def draw(dataset: Dataset) -> Any:
    """Left: deviation of the teacher by how far its kernel has moved. Right: errors of what claims say."""
    figure, (deviations, claims) = canvas(2, height=3.6, width_ratios=[1.25, 1.0])
    _draw_deviations(deviations, dataset)
    _draw_claims(claims, dataset)
    return figure


def _draw_deviations(axes: Any, dataset: Dataset) -> None:
    path, n = dataset["path"], dataset.numbers
    for place, name in enumerate(n["names"]):
        colour, _, line = look(place)
        own = path[path[:, 0] == place]
        marker = MARKERS[place % len(MARKERS)]
        axes.plot(own[:, 2], own[:, 3], color=colour, linestyle=line, marker=marker, markersize=3.6, label=name)
    axes.axvline(n["moved"], color=GUIDE, linewidth=0.9, zorder=0)
    axes.axhline(n["deviation"], color=GUIDE, linewidth=0.9, zorder=0)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlabel("relative change of the tangent kernel")
    axes.set_ylabel("teacher's deviation from closed form")
    axes.legend(fontsize=7, loc="lower right", handlelength=2.6)
    title(axes, "Outputs on test points", "a")


def _draw_claims(axes: Any, dataset: Dataset) -> None:
    for word, shift, filled in (("within", -0.13, True), ("at end", 0.13, False)):
        for place in range(len(dataset["claim"])):
            values = np.maximum(dataset[f"error {word}"][:, place], 1e-4)
            for cell, value in enumerate(values):
                ink = look(cell)[1]
                face = ink if filled else "white"
                mark = {"marker": MARKERS[cell % len(MARKERS)], "markersize": 4.0, "linestyle": "none"}
                axes.plot(value, place + shift, color=ink, markerfacecolor=face, **mark)
    for place in range(1, len(dataset["claim"])):
        axes.axhline(place - 0.5, color="#e4e4e4", linewidth=0.6, zorder=0)
    axes.axvline(dataset.numbers["deviation"], color=GUIDE, linewidth=0.9, zorder=0)
    axes.set_xscale("log")
    axes.set_yticks(range(len(dataset["claim"])), list(dataset["claim"]))
    axes.set_ylim(len(dataset["claim"]) - 0.5, -0.5)
    axes.set_xlabel("distance of seen from predicted")
    title(axes, "What claims say", "b")


def caption(dataset: Dataset) -> str:
    """What is seen, in numbers of this run."""
    n = dataset.numbers
    over = "; ".join(f"{name} {moved:.3f}" for name, moved in zip(n["names"], n["first_over"], strict=True))
    steps = ", ".join(f"{name} {step:.0f}" for name, step in n["steps_within"].items()) or "none"
    zero = ", ".join(f"{count} ({claim})" for claim, count in n["zero_would_do"].items())
    return (
        f"Networks on squared error with noisy labels, beside the closed form of their own tangent kernel at the "
        f"start; means over {n['seeds']} seeds of the registered study. (a) Relative deviation of the teacher on test "
        f"points, against how far a kernel has moved; along each line training goes on. Lines mark {n['moved']:g} and "
        f"{n['deviation']:g}. The teacher passes {n['deviation']:g} (or ends) where the kernel has moved by: {over}. "
        f"Some kernel moves by {n['moved']:g} in: {steps} (mean over seeds of the last step looked at before); "
        f"elsewhere none does. "
        f"(b) How far five numbers (lag on lower modes, mixing, switching, denoising of the gradient, gain) are from "
        f"what the closed form says, before any kernel has moved by {n['moved']:g} (filled; median "
        f"{n['median_error_within']:.4f}) and at the end of training (hollow; median {n['median_error_at_end']:.4f}); "
        f"looks as in (a). A prediction of zero would have been within {n['deviation']:g} before that in {zero} of "
        f"{len(n['names'])} networks: agreement there is no test of the closed form."
    )


def alt(dataset: Dataset) -> str:
    """What the picture shows, for those who do not see it."""
    n = dataset.numbers
    good = ", ".join(n["followed"]) or "none"
    return (
        "Two panels. Left: on logarithmic axes, the deviation of networks from the closed form of their own kernel "
        f"rises with the movement of that kernel. Those that are within {n['deviation']:g} up to {n['moved']:g}: "
        f"{good}. Right: by claim, distances between what the closed form predicts and what networks show, smaller "
        "before the kernel has moved than at the end."
    )
