"""C3d: how many rounds a tolerance allows before the collapse, whatever the kernel."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kdtheory.claims._claim import Counterexample
from kdtheory.claims._constrained import KeptRule, ToleratedProblem
from kdtheory.claims._mutants import Mutate
from kdtheory.claims._registry import claim
from kdtheory.testing import EPSILON, Margin, tolerance

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Formulas:
    """The formulas that the statement stands on; each mutant replaces one of them by a wrong one."""

    fewest: Callable[[Any], Any] = lambda r: r - 1.0
    most: Callable[[Any], Any] = lambda r: r**2
    slowest: Callable[[Any], Any] = lambda r: r - 1.0
    fastest: Callable[[Any], Any] = lambda square: square - 1.0
    tied: Callable[[Any], Any] = lambda r: np.ceil(r - 1.0)


def margins(case: ToleratedProblem, formulas: Formulas) -> Margin:
    """Counts against their bounds, and every round against what bounds it."""
    found, r0 = case.rounds, case.ratio
    before, after = found.ratios[..., :-1], found.ratios[..., 1:]
    fitted = np.isfinite(found.penalties)
    # |y_t|^2 falls by the square of the tolerance and by twice this, the product of what is kept and what is lost.
    gains, start = found.gains, found.coefficients[..., :-1, :]
    rest = 2.0 * np.sum(gains * (1.0 - gains) * np.square(start), axis=-1) * np.square(r0 / case.norm)[..., None]
    square = np.where(fitted, before**2, 1.0)
    rounding = tolerance(found.rounds + 8)[..., None] * square
    least = np.where(fitted, after - formulas.slowest(before) + rounding, np.inf)
    steps = np.where(fitted, 1.0 - np.abs(formulas.fastest(before**2) - rest - after**2) / (4 * rounding), np.inf)
    ties = case.trained(np.where(case.present, 1.0, 0.0)).rounds
    clear = np.abs(r0 - np.rint(r0)) > 64 * EPSILON * r0**2
    return Margin(
        at_least=(found.rounds - formulas.fewest(r0)) / r0 + tolerance(found.rounds),
        at_most=(formulas.most(r0) - found.rounds) / r0**2,
        slowest=np.min(least, axis=-1),
        pythagoras=np.min(steps, axis=-1),
        kept=np.min(np.where(fitted, rest / square, np.inf), axis=-1),
        tied=np.where(clear, 0.5 - np.abs(ties - formulas.tied(r0)), np.inf),
    )


def _counted(case: KeptRule) -> Margin:
    """Both bounds, for one problem of any rule."""
    count = len(case.run()[0])
    return Margin(at_least=count - (case.ratio - 1.0) + 1e-12, at_most=(case.ratio**2 - count) / case.ratio**2)


_PROBLEM = ((4.0, 1.0, 0.25), (3.0, 2.0, 1.0), 3.5)

COUNTEREXAMPLES = (
    Counterexample(
        "one-penalty",
        violates="one-tolerance",
        words="With the first round's penalty in all rounds, a leading mode far above it outlives 200 rounds instead "
        "of three.",
        case=KeptRule((1e4, 1.0), (2.0, 1.0), 2.5, rule="penalty"),
        restored=KeptRule((1e4, 1.0), (2.0, 1.0), 2.5),
        margin=-31.0,
        check=_counted,
    ),
    Counterexample(
        "shrinking-tolerance",
        violates="one-tolerance",
        words="With a tolerance in proportion to the targets no round fits nothing: 200 of them, and on.",
        case=KeptRule(*_PROBLEM, rule="share"),
        restored=KeptRule(*_PROBLEM),
        margin=-15.326530612244898,
        check=_counted,
    ),
    Counterexample(
        "unused-tolerance",
        violates="smallest-norm",
        words="Students that fit twice as closely as they need to go on for five rounds, more than 1.9 squared.",
        case=KeptRule((1.0, 1e-4, 1e-8), (1.0, 1.0, 1.0), 1.9, rule="half"),
        restored=KeptRule((1.0, 1e-4, 1e-8), (1.0, 1.0, 1.0), 1.9),
        margin=-0.38504155124653744,
        check=_counted,
    ),
)

mutate = Mutate(margins, Formulas())
MUTANTS = (
    mutate("fewest-factor", "at least twice as many rounds", fewest=lambda r: 2.0 * (r - 1.0)),
    mutate("fewest-exponent", "at least the square of the ratio, less one", fewest=lambda r: r**2 - 1.0),
    mutate("fewest-shift", "at least r rounds", fewest=lambda r: r),
    mutate("most-exponent", "fewer than the ratio itself", most=lambda r: r),
    mutate("most-shift", "fewer than r^2 - 1", most=lambda r: r**2 - 1.0),
    mutate("slowest-factor", "a round takes at most half of the tolerance", slowest=lambda r: r - 0.5),
    mutate("slowest-sign", "ratios grow by at least one", slowest=lambda r: r + 1.0),
    mutate("fastest-factor", "squares fall by two", fastest=lambda square: square - 2.0),
    mutate("fastest-sign", "squares grow by one", fastest=lambda square: square + 1.0),
    mutate("fastest-exponent", "ratios, not squares, fall by one", fastest=lambda square: (np.sqrt(square) - 1.0) ** 2),
    mutate("tied-rounded-down", "ties: the ratio less one, rounded down", tied=lambda r: np.floor(r - 1.0)),
    mutate("tied-shift", "ties: the ratio, rounded up", tied=lambda r: np.ceil(r)),
    mutate.flipped("kept-sign", "what is kept and what is lost point apart", "kept"),
)


@claim(
    id="number-of-rounds",
    title="The number of rounds before the collapse lies between the ratio of norms less one and its square",
    topic="rounds and mixing",
    source="mobahi2020, for the setting; both bounds derived here",
    statement=r"""Let every round fit the smallest function within a mean squared error $\epsilon$ of the outputs
$y_{t-1}$ of the one before, and $r_t = |y_t| / \sqrt{K \epsilon}$. A round with $r_{t-1} > 1$ has
\[ r_{t-1} - 1 \le r_t, \qquad r_t^2 < r_{t-1}^2 - 1, \]
and one with $r_{t-1} \le 1$ fits zero: the collapse. The number $N$ of rounds that fit more than nothing is therefore
\[ r_0 - 1 \le N < r_0^2, \]
whatever the kernel and the labels. With equal eigenvalues $N = \lceil r_0 - 1 \rceil$; with well separated ones $N$
can be the largest whole number below $r_0^2$.""",
    words="How often a model can be distilled into itself before it collapses to zero depends on one number: how much "
    "longer the labels are than what the tolerance lets each round leave out. A round leaves out exactly the "
    "tolerance; if it is taken from the labels' own direction, their length falls by that much per round, and if it is "
    "orthogonal to what is kept, only the square of their length falls by its square. The condition number of the "
    "kernel decides where in between the number lies, but not the bounds.",
    assumptions={
        "one-tolerance": "All rounds have the same tolerance.",
        "smallest-norm": "Every round takes the function of smallest Hilbert norm, so that it uses all of the "
        "tolerance.",
        "same-modes": "All rounds have the same inputs and kernel.",
        "reachable": "The labels' part on eigenvalues of 0 is within the tolerance.",
    },
    counterexamples=COUNTEREXAMPLES,
    mutants=MUTANTS,
    figure="number-of-rounds",
)
def number_of_rounds(case: ToleratedProblem) -> Margin:
    """Bounds of the number of rounds and of every round, on up to eight modes and on ties."""
    return margins(case, Formulas())
