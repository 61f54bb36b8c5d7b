"""Which procedures exaggerate: what decides it, and the computed table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from kdtheory.claims.which_procedures_exaggerate import condition, table
from kdtheory.plotting import Dataset, canvas, condition_by_gain, house_style, label, ratio_ranges, title
from kdtheory.procedures.exaggeration import RATIOS

ID = "which-procedures-exaggerate"
TITLE = "Which procedures exaggerate"
CLAIMS = ("which-procedures-exaggerate", "momentum-exaggerates-until-it-overshoots")

# Families of one scale: name, shape and order, and where their name is written (gain, offset in points).
SHOWN: dict[str, tuple[float, float, float, tuple[float, float]]] = {
    "undamped flow": (0.5, 1.0, 0.975, (-5, 4)),
    "Nesterov flow": (0.5, 1.0, 0.988, (5, -5)),
    "gradient flow": (0.5, 1.0, 0.9996, (-3, 6)),
    "iterated ridge": (0.5, 3.0, 0.99, (4, -8)),
    "ridge": (0.5, 1.0, 0.87, (26, -40)),
    "averaged flow": (0.5, 1.0, 0.75, (22, 7)),
    "two ridges": (0.98, 1.0, 0.483, (-6, -22)),
    "two times": (0.1, 1.0, 0.985, (5, -6)),
    "logarithmic": (0.5, 1.0, 0.925, (6, 2)),
    "stable": (0.8, 1.0, 0.02, (1, 7)),
}
_LIMITED = {"logarithmic": 0.95, "two ridges": 0.9999}


@dataclass(frozen=True)
class Settings:
    """Gains from ``lowest`` to ``highest``, evenly spaced in log-odds."""

    points: int = 121
    lowest: float = 0.01
    highest: float = 0.9999


SMALL = Settings(points=41)
QUICK = Settings()
FULL = Settings(points=601)
TOLERANCES = {
    "holds": {"absolute": 0},
    "fails": {"absolute": 0},
    "equality": {"absolute": 0},
    "largest_ratio_where_it_fails": {"relative": 1e-6},
    "largest_ratio_where_it_holds": {"absolute": 1e-12},
}


def compute(settings: Settings) -> Dataset:
    """Evaluate the one-family condition and the criterion."""
    ends = np.log10([odds / (1.0 - odds) for odds in (settings.lowest, settings.highest)])
    gains = 1.0 / (1.0 + 10.0 ** -np.linspace(ends[0], ends[1], settings.points))
    share = np.full((len(SHOWN), len(gains)), np.nan)
    increasing = []
    for row, (name, (shape, order, *_)) in enumerate(SHOWN.items()):
        reached = gains <= _LIMITED.get(name, 1.0)
        found = condition(name, gains[reached], shape, order)
        share[row, reached] = found.value
        increasing.append(_increasing(found.value, found.error))
    rows = table()
    verdicts = [row.verdict.verdict for row in rows]
    most = {row.comparison.name: row.verdict.most for row in rows}
    return Dataset(
        arrays={
            "share": (("family", "gain"), share),
            "increasing": (("family",), increasing),
            "least": (("comparison",), [row.verdict.least for row in rows]),
            "most": (("comparison",), list(most.values())),
            "slack": (("comparison",), [row.verdict.slack for row in rows]),
            "verdict": (("comparison",), verdicts),
        },
        coordinates={"gain": gains, "family": list(SHOWN), "comparison": list(most)},
        numbers={
            **{verdict: verdicts.count(verdict) for verdict in ("holds", "fails", "equality")},
            "ratios": [float(RATIOS[0]), float(RATIOS[-1])],
            "increasing": dict(zip(SHOWN, increasing, strict=True)),
            "verdicts": dict(zip(most, verdicts, strict=True)),
            "failing": [name for name, verdict in zip(most, verdicts, strict=True) if verdict == "fails"],
            "largest_ratio_where_it_fails": [
                value for value, verdict in zip(most.values(), verdicts, strict=True) if verdict == "fails"
            ],
            "largest_ratio_where_it_holds": max(
                value for value, verdict in zip(most.values(), verdicts, strict=True) if verdict == "holds"
            ),
            "smallest_slack_where_it_holds": min(
                row.verdict.slack for row, verdict in zip(rows, verdicts, strict=True) if verdict == "holds"
            ),
        },
    )


def _increasing(share: Any, error: Any) -> str:
    steps, doubt = np.diff(share), error[1:] + error[:-1]
    if np.all(steps > doubt):
        return "holds"
    return "equality" if np.all(np.abs(steps) <= doubt) else "fails"


@house_style()
def draw(dataset: Dataset) -> Any:
    """Left: the condition for one family. Right: ratios of student to reference on lower modes."""
    figure, (left, right) = canvas(2, height=5.0, width_ratios=[1.0, 0.92])
    gains = dataset["gain"]
    curves = {
        str(name): (str(verdict), values)
        for name, verdict, values in zip(dataset["family"], dataset["increasing"], dataset["share"], strict=True)
    }
    places = {name: (int(np.argmin(np.abs(gains - at))), offset) for name, (_, _, at, offset) in SHOWN.items()}
    condition_by_gain(left, gains, curves, places)
    left.set_ylim(0.02, 60.0)
    ticks = [0.01, 0.1, 0.5, 0.9, 0.99, 0.999]
    left.set_xticks([gain / (1 - gain) for gain in ticks], [f"{gain:g}" for gain in ticks])
    left.minorticks_off()
    left.set_xlabel("gain u (odds on a logarithmic axis)")
    left.set_ylabel("elasticity E(u) / log(1/u)")
    title(left, "Increasing: the family exaggerates", "a")
    verdicts = [str(verdict) for verdict in dataset["verdict"]]
    names = [str(name) for name in dataset["comparison"]]
    ratio_ranges(right, names, dataset["least"], dataset["most"], verdicts)
    below = -1.5
    label(right, "student lags", (1.0, below), (-4, 0), color="#333333")
    label(right, "leads", (1.0, below), (4, 0), color="#333333")
    right.set_xlabel("student / reference")
    title(right, "Lower modes", "b")
    return figure


def caption(dataset: Dataset) -> str:
    """What is seen, in numbers of this run."""
    n = dataset.numbers
    worst = zip(n["failing"], n["largest_ratio_where_it_fails"], strict=True)
    leads = "; ".join(f"{name} {value:.3g}" for name, value in worst)
    return (
        "(a) Elasticity (percent by which a gain grows with a one percent larger eigenvalue) over log(1/gain), for "
        "families of one scale: solid where it increases throughout, which is enough for exaggeration; dashed where it "
        "does not; dotted where it is constant, for the filter that distils into itself. (b) Range of the student's "
        f"over the matched reference's gain on lower modes (eigenvalue ratios {n['ratios'][0]:.3f} to "
        f"{n['ratios'][1]:.3f}), over a grid of teacher and student gains, for every comparison: {n['holds']} hold "
        f"(circles; smallest relative slack of the criterion {n['smallest_slack_where_it_holds']:.1e}), {n['fails']} "
        f"fail (squares), {n['equality']} stand at equality (diamonds). Largest ratios where it fails: {leads}."
    )


def alt(dataset: Dataset) -> str:
    """What the picture shows, for those who do not see it."""
    n = dataset.numbers
    rising = ", ".join(name for name, verdict in n["increasing"].items() if verdict == "holds")
    return (
        "Two panels. Left: curves of elasticity over log of one over the gain against the gain; those of "
        f"{rising} increase, the others turn down or stay level. Right: one horizontal bar per comparison on a "
        f"logarithmic axis; {n['holds']} end below one, {n['fails']} reach beyond it, {n['equality']} stay at one."
    )
