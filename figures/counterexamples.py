"""The gallery: every known counterexample of every claim, where it fails and where it holds again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from kdtheory.claims import counterexamples, names
from kdtheory.plotting import Dataset, failing_and_restored, house_style

ID = "counterexamples"
TITLE = "What breaks the claims"
CLAIMS = names()


@dataclass(frozen=True)
class Settings:
    """Of how many claims, in alphabetical order; 0 is all of them."""

    claims: int = 0


SMALL = Settings(claims=3)
QUICK = Settings()
FULL = Settings()
TOLERANCES = {"unconfirmed": {"absolute": 0}}


def compute(settings: Settings) -> Dataset:
    """Run every counterexample, and the same case with its assumption restored."""
    known = counterexamples(CLAIMS[: settings.claims or None])
    runs = [item.run for item in known]
    failing, restored, frozen = np.array([(run.margin, run.restored, run.frozen) for run in runs]).T
    claims = [item.claim.id for item in known]
    return Dataset(
        arrays={
            "claim": (("counterexample",), claims),
            "violates": (("counterexample",), [run.violates for run in runs]),
            "failing": (("counterexample",), failing),
            "restored": (("counterexample",), restored),
            "frozen": (("counterexample",), frozen),
        },
        coordinates={"counterexample": [run.name for run in runs]},
        numbers={
            "counterexamples": len(known),
            "claims": len(set(claims)),
            "unconfirmed": sum(not run.confirmed for run in runs),
            "unconfirmed_names": [item.name for item, run in zip(known, runs, strict=True) if not run.confirmed],
            "equalities": int(np.count_nonzero(failing == 0)),
            "largest": float(failing.min()),
            "largest_name": known[int(np.argmin(failing))].name,
            "median": float(np.median(failing[failing < 0])),
        },
    )


@house_style()
def draw(dataset: Dataset) -> Any:
    """Two columns of rows, claim by claim."""
    rows = [
        (str(claim), str(name), float(failing), float(restored))
        for claim, name, failing, restored in zip(
            *(dataset[name] for name in ("claim", "counterexample", "failing", "restored")), strict=True
        )
    ]
    claims = list(dict.fromkeys(claim for claim, *_ in rows))
    sizes = np.cumsum([1 + sum(row[0] == claim for row in rows) for claim in claims])
    left = {claim for claim, size in zip(claims, sizes, strict=True) if size <= 0.5 * (sizes[-1] + 1)} or {claims[0]}
    columns = [[row for row in rows if (row[0] in left) == first] for first in (True, False)]
    return failing_and_restored([column for column in columns if column])


def caption(dataset: Dataset) -> str:
    """What is seen, in numbers of this run."""
    n = dataset.numbers
    return (
        f"All {n['counterexamples']} known counterexamples of {n['claims']} claims. Each violates one assumption: "
        "there the margin (in the claim's own units: logs, residuals, shares of a tolerance) is zero or negative "
        "(square, with its number), and it is positive once that assumption alone is restored (circle; some are "
        "positive by too little to be seen). Axes are linear near zero, logarithmic beyond, and end in arrows. "
        f"{n['equalities']} are exact equalities, where the statement says strictly; the median of the others is "
        f"{n['median']:.3g}, the largest failure {n['largest']:.3g} ({n['largest_name']}). Not confirmed in this run, "
        f"with the digits they were frozen with: {n['unconfirmed']}. kdtheory claims counterexample NAME prints each "
        "with its exact case."
    )


def alt(dataset: Dataset) -> str:
    """What the picture shows, for those who do not see it."""
    n = dataset.numbers
    return (
        f"A dot plot with one row for each of {n['counterexamples']} counterexamples, grouped by claim in two columns. "
        "In every row a square at zero or to the left of it is joined to a circle on the right of zero."
        if n["unconfirmed"] == 0
        else f"A dot plot with one row for each of {n['counterexamples']} counterexamples, grouped by claim in two "
        f"columns; in all but {n['unconfirmed']} rows a square at or left of zero is joined to a circle right of it."
    )
