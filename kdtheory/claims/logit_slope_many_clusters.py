"""C9c: the least-squares slope of confidence over many clusters is twice the mean gain plus a third moment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from kdtheory.claims._claim import Counterexample
from kdtheory.claims._mutants import Mutate
from kdtheory.claims._registry import claim
from kdtheory.procedures import GradientFlow, Ridge
from kdtheory.testing import Case, Margin, logarithmic, tolerance, whole

Array = NDArray[np.float64]
Size = Annotated[Any, whole(1, 6, simple=1)]
CLUSTERS, LARGEST = 5, 6


@dataclass(frozen=True)
class ManyClusters(Case):
    """Five clusters; no two of them need differ in size, but the first has one point more than all others.

    Attributes
    ----------
    size_2, ..., size_5 : whole, between 1 and 6
        Numbers of points; the first cluster has 7.
    progress : between 0.01 and 30
        Training time times 7; one over the time is the penalty of ridge.
    """

    size_2: Size
    size_3: Size
    size_4: Size
    size_5: Size
    progress: Annotated[Any, logarithmic(0.01, 30.0, simple=1.0)]

    @property
    def sizes(self) -> Array:
        """Numbers of points, shape (cases, 5)."""
        each = [np.atleast_1d(getattr(self, f"size_{k}")) for k in range(2, CLUSTERS + 1)]
        return np.stack([np.full_like(each[0], LARGEST + 1.0), *each], axis=-1)


@dataclass(frozen=True)
class Formulas:
    """The formula of the statement; each mutant replaces it by a wrong one."""

    slope: Callable[..., Array] = lambda mean, variance, third: 2 * mean + third / variance
    power: Callable[..., Array] = lambda away: away**3


def margins(case: ManyClusters, formulas: Formulas) -> Margin:
    """The line through all points, written out point by point, against moments of the gains."""
    sizes, time = case.sizes, case.per_mode(np.atleast_1d(case.progress)) / (LARGEST + 1)
    found = {}
    for name, procedure in {"flow": GradientFlow(time), "ridge": Ridge(1 / time)}.items():
        gains = procedure.gain(sizes)
        slope = _literal(sizes, gains, gains**2)
        share = sizes / np.sum(sizes, axis=-1, keepdims=True)
        mean = np.sum(share * gains, axis=-1)
        away = gains - mean[:, None]
        variance = np.sum(share * away**2, axis=-1)
        said = formulas.slope(mean, variance, np.sum(share * formulas.power(away), axis=-1))
        spread = np.max(gains, axis=-1) / np.sqrt(variance)
        found[name] = 1.0 - np.abs(slope - said) / (tolerance(35, spread) * (1 + np.abs(slope)))
    return Margin(**found)


def _literal(sizes: Array, teacher: Array, student: Array) -> Array:
    """Least-squares slope with intercept over points, each cluster repeated as often as it has points."""
    there = np.arange(LARGEST + 1) < sizes[..., None]
    count = np.sum(sizes, axis=-1)
    x, y = (np.where(there, each[..., None], 0.0).reshape(len(sizes), -1) for each in (teacher, student))
    inside = there.reshape(len(sizes), -1)
    x, y = (np.where(inside, each - np.sum(each, axis=-1, keepdims=True) / count[:, None], 0.0) for each in (x, y))
    return np.sum(x * y, axis=-1) / np.sum(x * x, axis=-1)


@dataclass(frozen=True)
class Moments:
    """Clusters with these numbers of points and gains of teacher and student."""

    sizes: tuple[float, ...]
    teacher: tuple[float, ...]
    student: tuple[float, ...]
    weighted: bool = True


def law_margin(case: Moments) -> Margin:
    """How far the line over all points is from the law of the teacher's gains; below 1e-9 it counts as equal."""
    gains, sizes = np.asarray(case.teacher), np.asarray(case.sizes)
    line = _literal(sizes[None], gains[None], (gains * np.asarray(case.student))[None])[0]
    weights = sizes if case.weighted else np.ones_like(sizes)
    mean = np.average(gains, weights=weights)
    away = gains - mean
    said = 2 * mean + np.average(away**3, weights=weights) / np.average(away**2, weights=weights)
    return Margin(1e-9 - np.abs(line - said))


GAINS = (0.9, 0.6, 0.2)
COUNTEREXAMPLES = (
    Counterexample(
        "another-student",
        violates="same-training",
        words="A student trained longer than its teacher has another slope: its gains are not those of the law.",
        case=Moments((5.0, 3.0, 1.0), GAINS, (0.99, 0.84, 0.36)),
        restored=Moments((5.0, 3.0, 1.0), GAINS, GAINS),
        margin=-0.0052336438598129245,
        check=law_margin,
    ),
    Counterexample(
        "clusters-counted-once",
        violates="weighted-by-size",
        words="Moments over clusters instead of points miss that easy clusters have more points.",
        case=Moments((5.0, 3.0, 1.0), GAINS, GAINS, weighted=False),
        restored=Moments((5.0, 3.0, 1.0), GAINS, GAINS),
        margin=-0.10873957970219758,
        check=law_margin,
    ),
)

mutate = Mutate(margins, Formulas())
MUTANTS = (
    mutate("mean-factor", "once the mean", slope=lambda mean, variance, third: mean + third / variance),
    mutate(
        "skew-sign", "the third moment is subtracted", slope=lambda mean, variance, third: 2 * mean - third / variance
    ),
    mutate("no-skew", "no third moment", slope=lambda mean, variance, third: 2 * mean),
    mutate("skewness", "the standardized third moment", slope=lambda mean, v, third: 2 * mean + third / v**1.5),
    mutate("second-for-third", "the second moment for the third", power=np.square),
    mutate("absolute-third", "the absolute third moment", power=lambda away: np.abs(away) ** 3),
)


@claim(
    id="logit-slope-many-clusters",
    title="Over many clusters the slope of confidence is twice the mean gain plus a skew",
    topic="confidence",
    source="derived here",
    statement=r"""Square loss from zero; clusters of $n_k$ points with orthogonal kernels and labels 1; a student
trained as its teacher was, with gains $g_k$. The least-squares line (with intercept) of student on teacher margins
over all points has the slope
\[ 2\, \bar g + \frac{\mu_3}{\mu_2}, \qquad \bar g = \frac{\sum_k n_k g_k}{\sum_k n_k}, \quad
\mu_m = \frac{\sum_k n_k (g_k - \bar g)^m}{\sum_k n_k}. \]""",
    words="With many clusters the sum of two gains becomes twice their mean, weighted by points, plus what the skew of "
    "the gains adds: a tail of clusters that are hardly learned (negative skew) lowers the slope, a few that are "
    "learned well raise it.",
    assumptions={
        "squared-loss": "The model is linear in its parameters and the loss is squared error.",
        "orthogonal-clusters": "The kernel vanishes between clusters, and labels are 1 after sign alignment.",
        "same-training": "Teacher and student are trained alike, both from zero, the student on its teacher alone.",
        "weighted-by-size": "The line is through all points: clusters count by their numbers of points.",
        "two-levels": "At least two clusters differ in their gains.",
    },
    counterexamples=COUNTEREXAMPLES,
    mutants=MUTANTS,
    figure="confidence-of-clusters",
)
def logit_slope_many_clusters(case: ManyClusters) -> Margin:
    """Margins of the law for gradient flow and ridge, against the line over all points."""
    return margins(case, Formulas())
