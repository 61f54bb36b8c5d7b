"""C3b and C3c: rounds within a tolerance are ridge with a growing penalty, and sparsify the modes."""

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
from kdtheory.procedures import Ridge
from kdtheory.testing import Margin, tolerance

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Formulas:
    """The formulas that the statement stands on; each mutant replaces one of them by a wrong one."""

    left: Callable[..., Any] = lambda c, d: np.square(c / (c + d))
    lower: Callable[..., Any] = lambda least, largest, r: least / (r - 1.0)
    upper: Callable[..., Any] = lambda least, largest, r: largest / (r - 1.0)
    sparser: Callable[..., Any] = lambda r0, least, high, low, t: (
        t * np.log((r0 - 1.0 + least / low) / (r0 - 1.0 + least / high))
    )


def margins(case: ToleratedProblem, formulas: Formulas) -> Margin:
    """Margins of every part, over all rounds of each case, in logs of penalties, norms and gains."""
    found, here = case.rounds, case.present
    lam = np.where(here, case.eigenvalues, 1.0)
    fitted = np.isfinite(found.penalties)
    c = np.where(fitted, found.penalties, 1.0)
    start = found.coefficients[..., :-1, :]
    wide, wide_c = lam[..., None, :], c[..., None]
    square = np.square(start * (case.ratio / case.norm)[..., None, None])
    equation = np.log(np.maximum(np.sum(formulas.left(wide_c, wide) * square, axis=-1), 1e-300))
    distance = np.sqrt(np.sum(np.square(start - Ridge(wide_c).gain(wide) * start), axis=-1))
    distance = distance * (case.ratio / case.norm)[..., None]
    steep = 2.0 * np.sum(np.square(wide_c / (wide_c + wide)) * wide / (wide_c + wide) * square, axis=-1)
    steep = np.where(fitted, steep, 1.0)
    r = np.where(fitted, found.ratios[..., :-1], 2.0)
    rounding = tolerance(8 * (found.rounds + 1))[..., None] * np.square(r) * (r / (r - 1.0) + 1.0 / steep)
    least = np.min(np.where(here, case.eigenvalues, np.inf), axis=-1)[..., None]
    low, high = (np.log(bound(least, case.largest, r)) for bound in (formulas.lower, formulas.upper))

    def rounds(values: Array) -> Array:
        return np.min(np.where(fitted, values, np.inf), axis=-1)

    growth = np.log(c[..., 1:] / c[..., :-1])
    return Margin(
        equation=rounds(1.0 - np.abs(equation) / tolerance(8 * r**2)),
        literal=rounds(1.0 - np.abs(distance - 1.0) / tolerance(8 * r**2)),
        smallest=_smallest(case, fitted, c),
        lower=rounds(np.log(c) - low + rounding),
        upper=rounds(high - np.log(c) + rounding),
        growing=np.min(np.where(fitted[..., 1:], growth, np.inf), axis=-1, initial=np.inf),
        sparsified=_sparsified(case, formulas, fitted, least[..., 0], rounding),
    )


def _smallest(case: ToleratedProblem, fitted: Any, c: Array) -> Array:
    """Log of the Hilbert norm of other functions within the tolerance over that of the round's.

    The others leave out a vector of the same length in another direction: of half and of twice the penalty.
    """
    here = case.present[..., None, :]
    lam = np.where(here, case.eigenvalues[..., None, :], 1.0)
    start = case.rounds.coefficients[..., :-1, :] * np.asarray(case.ratio / case.norm)[..., None, None]
    best = np.where(fitted, np.sum(np.square(start * lam / (lam + c[..., None])) / lam, axis=-1), 1.0)
    found = np.full(best.shape, np.inf)
    for factor in (0.5, 2.0):
        left = start * (factor * c[..., None] / (factor * c[..., None] + lam))
        length = np.where(fitted, np.sqrt(np.sum(np.square(left), axis=-1)), 1.0)
        other = np.sum(np.square(start - left / length[..., None]) / lam, axis=-1)
        found = np.minimum(found, np.log(np.where(fitted, other, 1.0) / best))
    r = np.where(fitted, case.rounds.ratios[..., :-1], 2.0)
    spread = np.where(fitted, found + 4 * tolerance(condition=r**2 / (r - 1.0)), np.inf)
    return np.where(np.asarray(case.modes) > 1, np.min(spread, axis=-1), np.inf)


def _sparsified(case: ToleratedProblem, formulas: Formulas, fitted: Any, least: Array, rounding: Array) -> Array:
    """Log ratio of neighbouring gains, multiplied up to round t, above the bound."""
    lam = np.where(case.present, case.eigenvalues, 1.0)
    gains = np.where(case.present[..., None, :], case.rounds.gains, 1.0)
    logs = np.cumsum(np.log(np.where(fitted[..., None], gains, 1.0)), axis=-2)
    t = np.arange(1.0, fitted.shape[-1] + 1.0)[:, None]
    r0, least = np.asarray(case.ratio)[..., None, None], least[..., None, None]
    high, low = lam[..., None, :-1], lam[..., None, 1:]
    above = logs[..., :-1] - logs[..., 1:] - formulas.sparser(r0, least, high, low, t)
    there = fitted[..., None] & case.present[..., None, 1:]
    return np.min(np.where(there, above + np.cumsum(rounding, axis=-1)[..., None], np.inf), axis=(-1, -2))


def _of_rule(case: KeptRule) -> Margin:
    """Bounds, growth and sparsity of the rounds of any rule."""
    penalties, states = case.run()
    lam, r = np.array(case.eigenvalues), np.linalg.norm(states, axis=1) * case.ratio / np.linalg.norm(states[0])
    gains = np.log(states[-1] / states[0])
    bound = Formulas().sparser(r[0], lam[-1], lam[0], lam[-1], len(penalties))
    return Margin(
        lower=np.min(np.log(penalties * (r[:-1] - 1.0) / lam[-1])),
        upper=np.min(np.log(lam[0] / penalties / (r[:-1] - 1.0))),
        growing=np.min(np.diff(np.log(penalties)), initial=np.inf),
        sparsified=gains[0] - gains[-1] - bound,
    )


_PROBLEM = ((4.0, 1.0, 0.25), (3.0, 2.0, 1.0), 3.5)

COUNTEREXAMPLES = (
    Counterexample(
        "one-penalty",
        violates="one-tolerance",
        words="With one penalty in all rounds nothing grows, and it falls below its lower bound when little is left.",
        case=KeptRule(*_PROBLEM, rule="penalty"),
        restored=KeptRule(*_PROBLEM),
        margin=-1.3588528913242761,
        check=_of_rule,
    ),
    Counterexample(
        "euclidean-norm",
        violates="hilbert-norm",
        words="Rounds that make the function values small, not the Hilbert norm, shrink all modes alike: nothing is "
        "sparsified.",
        case=KeptRule(*_PROBLEM, rule="euclidean"),
        restored=KeptRule(*_PROBLEM),
        margin=-0.9353388720925249,
        check=_of_rule,
    ),
)

mutate = Mutate(margins, Formulas())
MUTANTS = (
    mutate("left-exponent", "what is left is not squared", left=lambda c, d: c / (c + d)),
    mutate("left-gain", "the gain instead of what is left", left=lambda c, d: np.square(d / (c + d))),
    mutate("lower-condition", "the largest eigenvalue below", lower=lambda least, largest, r: largest / (r - 1.0)),
    mutate("lower-factor", "twice the lower bound", lower=lambda least, largest, r: 2.0 * least / (r - 1.0)),
    mutate("lower-sign", "the lower bound with r - 2", lower=lambda least, largest, r: least / np.abs(r - 2.0)),
    mutate("upper-condition", "the smallest eigenvalue above", upper=lambda least, largest, r: least / (r - 1.0)),
    mutate("upper-factor", "half of the upper bound", upper=lambda least, largest, r: 0.5 * largest / (r - 1.0)),
    mutate("upper-exponent", "the upper bound with r^2", upper=lambda least, largest, r: largest / (r**2 - 1.0)),
    mutate(
        "sparser-exponent",
        "one round more in the bound",
        sparser=lambda r0, a, high, low, t: Formulas().sparser(r0, a, high, low, t + 1.0),
    ),
    mutate(
        "sparser-sign",
        "the bound with r + 1, from below",
        sparser=lambda r0, a, high, low, t: t * np.log((r0 - 2.0 + a / low) / np.abs(r0 - 2.0 + a / high)),
    ),
    mutate(
        "sparser-swapped",
        "the condition number of the two modes",
        sparser=lambda r0, a, high, low, t: t * np.log(high / low),
    ),
    mutate.flipped("penalties-fall", "penalties fall from round to round", "growing"),
)


@claim(
    id="constrained-rounds",
    title="Rounds within a tolerance are ridge with growing penalties, and leave ever fewer modes",
    topic="rounds and mixing",
    source="mobahi2020, the setting, the collapse, and bounds of this kind; the forms given are derived here",
    statement=r"""Let every round minimize the Hilbert norm subject to
$\frac{1}{K} \sum_k (f(x_k) - y_{t-1, k})^2 \le \epsilon$, and $d_k > 0$ be the eigenvalues of the Gram matrix. With
$r_t = |y_t| / \sqrt{K \epsilon}$, a round with $r_{t-1} > 1$ is ridge with the penalty $c_t$ that is the only root of
\[ \sum_k \Bigl(\frac{c_t}{c_t + d_k}\Bigr)^2 y_{t-1, k}^2 = K \epsilon, \qquad
   \frac{d_{\min}}{r_{t-1} - 1} \le c_t \le \frac{d_{\max}}{r_{t-1} - 1}, \qquad c_{t+1} > c_t, \]
and with $r_{t-1} \le 1$ it is zero. The products $B_t$ of the gains up to round $t$ satisfy, for $d_j > d_k$,
\[ \frac{B_t(d_j)}{B_t(d_k)} \ge
   \Bigl(\frac{r_0 - 1 + d_{\min} / d_k}{r_0 - 1 + d_{\min} / d_j}\Bigr)^t. \]""",
    words="If every student has to fit its teacher's outputs only within a fixed tolerance, the tolerance weighs more "
    "from round to round, because the outputs shrink: the penalty grows without bound and one round fits nothing any "
    "more. On the way, the smaller of two modes loses against the larger by at least a constant factor per round: the "
    "solution is expressed in ever fewer modes.",
    assumptions={
        "one-tolerance": "All rounds have the same tolerance.",
        "hilbert-norm": "What is made small is the Hilbert norm of the kernel, equal to the sum of squares over "
        "eigenvalues in the eigenbasis.",
        "same-modes": "All rounds have the same inputs and kernel.",
        "positive-eigenvalues": "Eigenvalues are positive (for the bounds).",
    },
    counterexamples=COUNTEREXAMPLES,
    mutants=MUTANTS,
    figure="number-of-rounds",
)
def constrained_rounds(case: ToleratedProblem) -> Margin:
    """The equation of the penalty, the literal distance, the norm of other functions, bounds, growth and sparsity."""
    return margins(case, Formulas())
