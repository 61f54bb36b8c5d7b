"""C9b and d: between two clusters the slope of confidence is g1 + g2, and passes 1 at a known student time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from kdtheory.claims._claim import Counterexample
from kdtheory.claims._mutants import Mutate
from kdtheory.claims._registry import claim
from kdtheory.procedures import GradientDescent, GradientFlow, Procedure, Ridge, matching
from kdtheory.testing import Case, Margin, logarithmic, odds, tolerance

Array = NDArray[np.float64]


@dataclass(frozen=True)
class TwoClusters(Case):
    """An easy cluster with eigenvalue 1, and a hard one.

    Attributes
    ----------
    ratio : between 0.01 and 0.99
        The hard cluster's eigenvalue.
    teacher_progress, student_progress : between 0.001 and 10
        Training times.
    """

    ratio: Annotated[Any, odds(0.01, 0.99, simple=0.5)]
    teacher_progress: Annotated[Any, logarithmic(1e-3, 10.0, simple=1.0)]
    student_progress: Annotated[Any, logarithmic(1e-3, 10.0, simple=1.0)]

    @property
    def eigenvalues(self) -> Array:
        """Of the easy cluster and of the hard one, shape (2, cases)."""
        ratio = np.atleast_1d(self.ratio)
        return np.stack([np.ones_like(ratio), ratio])


@dataclass(frozen=True)
class Formulas:
    """The formulas of the statement; each mutant replaces one of them by a wrong one."""

    slope: Callable[..., Array] = lambda easy, hard: easy + hard
    crossing: Callable[..., Array] = lambda easy, hard, gap: np.log(easy / hard) / gap
    late: Callable[..., Array] = lambda easy, hard, gap: 1 + (gap[1] * hard - gap[0] * easy) / (easy - hard)


def margins(case: TwoClusters, formulas: Formulas) -> Margin:
    """Slopes from the margins that trainings reach, against the formulas."""
    lam = case.eigenvalues
    flow = GradientFlow(np.atleast_1d(case.teacher_progress))
    same = [_same(formulas, procedure, lam) for procedure in (flow, Ridge(1 / np.atleast_1d(case.teacher_progress)))]
    found = {name: np.min([each[name] for each in same], axis=0) for name in same[0]}
    return Margin(**found, **_timed(case, formulas, flow, lam), **_matched(case))


def _same(formulas: Formulas, procedure: Procedure, lam: Array) -> dict[str, Array]:
    """The same procedure twice."""
    gains = procedure.gain(lam)
    slope = (gains[0] * gains[0] - gains[1] * gains[1]) / (gains[0] - gains[1])
    said, rounded = formulas.slope(*gains), tolerance(condition=gains[0] / (gains[0] - gains[1]))
    return {
        "sum": 1.0 - np.abs(slope - said) / (rounded * np.abs(slope)),
        "above_one_iff": (slope - 1.0) * np.sign(said - 1.0) + 4 * rounded,
    }


def _timed(case: TwoClusters, formulas: Formulas, flow: GradientFlow, lam: Array) -> dict[str, Array]:
    """Gradient flow for any student time: which cluster lacks less, and the slope."""
    student = GradientFlow(np.atleast_1d(case.student_progress))
    taught = flow.gain(lam)
    lacking = student.residual(lam) * taught
    crossing = formulas.crossing(taught[0], taught[1], lam[0] - lam[1])
    reached = student.gain(lam) * taught
    slope = (reached[0] - reached[1]) / (taught[0] - taught[1])
    said = formulas.late(taught[0], taught[1], student.residual(lam))
    rounded = tolerance(condition=taught[0] / (taught[0] - taught[1]))
    return {
        "after_crossing": np.log(lacking[1] / lacking[0]) * np.sign(np.atleast_1d(case.student_progress) - crossing),
        "slope": 1.0 - np.abs(slope - said) / (rounded * (1 + np.abs(slope))),
    }


def _matched(case: TwoClusters) -> dict[str, Array]:
    """Against one-hot gradient flow that has come as far on the easy cluster: the hard one is further there."""
    progress = np.atleast_1d(case.teacher_progress), np.atleast_1d(case.student_progress)
    ratio = np.atleast_1d(case.ratio)
    reference = GradientFlow(matching.matched_progress(*progress)).gain(ratio)
    distilled = GradientFlow(progress[0]).gain(ratio) * GradientFlow(progress[1]).gain(ratio)
    return {"matched": np.log(reference / distilled)}


@dataclass(frozen=True)
class Two:
    """Gains of teacher and student on the easy and on the hard cluster; labels' weight in the student's target."""

    teacher: tuple[float, float]
    student: tuple[float, float]
    label_weight: float = 0.0


def exaggeration_margin(case: Two) -> Margin:
    """Slope between the clusters minus 1."""
    own, gains = np.asarray(case.teacher), np.asarray(case.student)
    reached = gains * (case.label_weight + (1 - case.label_weight) * own)
    return Margin((reached[0] - reached[1]) / (own[0] - own[1]) - 1.0)


def sum_margin(case: Two) -> Margin:
    """How far the slope is from the sum of gains; below 1e-9 it counts as equal."""
    return Margin(1e-9 - np.abs(exaggeration_margin(case).values + 1.0 - sum(case.student)))


def _descent(step: float) -> tuple[float, float]:
    """Gains of two descent steps on eigenvalues 1 and 0.8."""
    gains = GradientDescent(2, step).gain([1.0, 0.8])
    return float(gains[0]), float(gains[1])


def _flow(time: float, hard: float = 0.5) -> tuple[float, float]:
    """Gains of gradient flow on eigenvalue 1 and on that of the hard cluster."""
    gains = GradientFlow(time).gain([1.0, hard])
    return float(gains[0]), float(gains[1])


COUNTEREXAMPLES = (
    Counterexample(
        "short-training",
        violates="long-enough",
        words="Gains of 0.39 and 0.22 add up to less than 1: the student is less confident, above all in comparison.",
        case=Two(_flow(0.5), _flow(0.5)),
        restored=Two(_flow(2.0), _flow(2.0)),
        margin=-0.3853314427840382,
        check=exaggeration_margin,
    ),
    Counterexample(
        "student-before-the-crossing",
        violates="past-the-crossing",
        words="A student stopped at half of the crossing time lacks more on the easy cluster than on the hard one.",
        case=Two(_flow(1.0), _flow(0.5 * 0.948)),
        restored=Two(_flow(1.0), _flow(2.0 * 0.948)),
        margin=-0.34802148208940464,
        check=exaggeration_margin,
    ),
    Counterexample(
        "labels-mixed-in",
        violates="teacher-only",
        words="Labels in the target bring the slope nearer to 1, from either side: it is no longer the sum of gains.",
        case=Two((0.85, 0.7), (0.85, 0.7), label_weight=0.7),
        restored=Two((0.85, 0.7), (0.85, 0.7)),
        margin=-0.38499999899999954,
        check=sum_margin,
    ),
    Counterexample(
        "overshooting-teacher",
        violates="ordered-gains",
        words="After two steps of 1.8 the easy cluster is behind the hard one: its student is less confident there, in "
        "comparison, at all times.",
        case=Two(_descent(1.8), _flow(1.0, 0.8)),
        restored=Two(_descent(0.5), _flow(1.0, 0.8)),
        margin=-0.5150140632670436,
        check=exaggeration_margin,
    ),
)

mutate = Mutate(margins, Formulas())
MUTANTS = (
    mutate("slope-sign", "g1 - g2", slope=np.subtract),
    mutate("slope-factor", "their mean", slope=lambda easy, hard: (easy + hard) / 2),
    mutate("slope-product", "g1 g2", slope=np.multiply),
    mutate("crossing-sign", "log(a2 / a1)", crossing=lambda easy, hard, gap: np.log(hard / easy) / gap),
    mutate("crossing-factor", "twice as late", crossing=lambda easy, hard, gap: 2 * np.log(easy / hard) / gap),
    mutate("crossing-gap", "without the eigenvalues", crossing=lambda easy, hard, gap: np.log(easy / hard)),
    mutate("late-sign", "from below", late=lambda e, h, gap: 1 - (gap[1] * h - gap[0] * e) / (e - h)),
    mutate.flipped("matched-the-other-way", "the matched reference is steeper", "matched"),
)


@claim(
    id="logit-slope-of-clusters",
    title="Between two clusters the slope of confidence is the sum of their gains",
    topic="confidence",
    source="nagarajan2023, the phenomenon; derived here",
    statement=r"""Square loss from zero; an easy and a hard cluster with orthogonal kernels, $\lambda_1 > \lambda_2$,
labels 1, teacher margins $a_1 > a_2 > 0$. A student trained as its teacher was, with gains $g$, has
\[ \frac{S_1 - S_2}{a_1 - a_2} = g_1 + g_2: \quad \text{exaggeration} \iff g_1 + g_2 > 1. \]
A student trained by gradient flow for the time $s$, whatever trained the teacher, has
\[ \text{slope} - 1 = \frac{a_2 e^{-\lambda_2 s} - a_1 e^{-\lambda_1 s}}{a_1 - a_2} > 0 \iff
s > s_c = \frac{\log (a_1 / a_2)}{\lambda_1 - \lambda_2}, \]
and tends to 1 from above. Gradient flow on labels, stopped where it has come as far on the easy cluster as
the student of a gradient-flow teacher, is always further on the hard one: against it the slope is above 1.""",
    words="Relative confidence is exaggerated if both trainings are long enough: once the easy cluster lacks less to "
    "its teacher than the hard one, it stays so, and the slope comes back to 1 from above. Against a matched one-hot "
    "model, instead of the actual teacher, distillation exaggerates at all times.",
    assumptions={
        "squared-loss": "The model is linear in its parameters and the loss is squared error.",
        "orthogonal-clusters": "The kernel vanishes between the two clusters, and their labels are 1 after sign "
        "alignment.",
        "teacher-only": "The student's target is its teacher's outputs, and it starts at zero.",
        "ordered-gains": "The teacher is more confident on the cluster with the larger eigenvalue.",
        "long-enough": "Exaggeration by the same training twice: the gains add up to more than 1.",
        "past-the-crossing": "Exaggeration by gradient flow: the student's time is beyond s_c.",
    },
    counterexamples=COUNTEREXAMPLES,
    mutants=MUTANTS,
    figure="confidence-of-clusters",
)
def logit_slope_of_clusters(case: TwoClusters) -> Margin:
    """Margins of the slope, of the crossing time and of the matched comparison."""
    return margins(case, Formulas())
