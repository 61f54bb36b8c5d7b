"""C9a: on square loss a student of nothing but its teacher never exceeds the teacher's absolute confidence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kdtheory.claims._claim import Counterexample
from kdtheory.claims._mutants import Mutate
from kdtheory.claims._registry import claim
from kdtheory.procedures import AveragedFlow, GradientFlow, Ridge
from kdtheory.testing import EPSILON, Margin, SpectralProblem, tolerance

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Formulas:
    """The formulas of the statement; each mutant replaces one of them by a wrong one."""

    weight: Callable[..., Array] = lambda teacher: teacher**2
    least: Callable[..., Array] = lambda gains, present: np.min(np.where(present, gains, np.inf), axis=-1)
    most: Callable[..., Array] = lambda gains, present: np.max(np.where(present, gains, -np.inf), axis=-1)


def margins(case: SpectralProblem, formulas: Formulas) -> Margin:
    """Lines through the origin by least squares, against the weighted mean of gains; the smallest of three students."""
    lam, present = case.eigenvalues, case.present
    own = GradientFlow(case.teacher_time).gain(lam) * case.coefficients
    time = case.student_time
    parts = [
        _line(formulas, own, each.gain(lam), present)
        for each in (GradientFlow(time), Ridge(1 / time), AveragedFlow(time))
    ]
    return Margin(**{name: np.min([part[name] for part in parts], axis=0) for name in parts[0]})


def _line(formulas: Formulas, own: Array, gains: Array, present: NDArray[np.bool_]) -> dict[str, Array]:
    reached = gains * own
    scale = np.max(np.abs(own), axis=-1, keepdims=True)
    # The least-squares line through the origin, from its normal equation, in units of the largest margin.
    slope = np.sum(reached / scale * (own / scale), axis=-1) / np.sum((own / scale) ** 2, axis=-1)
    weight = formulas.weight(own / scale)
    mean = np.sum(weight * gains, axis=-1) / np.sum(weight, axis=-1)
    room = 64 * EPSILON
    return {
        "mean": 1.0 - np.abs(np.log(slope / mean)) / tolerance(8),
        "not_above": np.log(formulas.most(gains, present) / slope) + room,
        "not_below": np.log(slope / formulas.least(gains, present)) + room,
        # Every gain is below 1, so the largest one decides how far below 1 the slope is.
        "below_one": 1.0 - slope,
    }


@dataclass(frozen=True)
class Clusters:
    """Three clusters with eigenvalues 4, 2 and 1 and labels 1: gains of both trainings, and what else may differ.

    Attributes
    ----------
    teacher, student : tuples
        Gains.
    label_weight : float
        Of the labels in the student's target.
    start : float
        The student's margin on all clusters before it is trained.
    """

    teacher: tuple[float, ...]
    student: tuple[float, ...]
    label_weight: float = 0.0
    start: float = 0.0


def slope_margin(case: Clusters) -> Margin:
    """1 minus the slope of the line through the origin, points weighted by cluster size."""
    own, gains, sizes = np.asarray(case.teacher), np.asarray(case.student), np.array([4.0, 2.0, 1.0])
    target = case.label_weight + (1 - case.label_weight) * own
    student = case.start + gains * (target - case.start)
    return Margin(1.0 - np.sum(sizes * student * own) / np.sum(sizes * own**2))


STOPPED = (0.9, 0.7, 0.4)
COUNTEREXAMPLES = (
    Counterexample(
        "overshoot",
        violates="shrinkage",
        words="One descent step of 1.6 over the largest eigenvalue gains 1.6 there: the student is more confident.",
        case=Clusters(STOPPED, (1.6, 0.8, 0.4)),
        restored=Clusters(STOPPED, (0.8, 0.4, 0.2)),
        margin=-0.3771689497716897,
        check=slope_margin,
    ),
    Counterexample(
        "labels-mixed-in",
        violates="teacher-only",
        words="Labels are more confident than a teacher that was stopped: half of them in the target lift the student.",
        case=Clusters(STOPPED, (0.99, 0.95, 0.9), label_weight=0.5),
        restored=Clusters(STOPPED, (0.99, 0.95, 0.9)),
        margin=-0.08865296803652978,
        check=slope_margin,
    ),
    Counterexample(
        "confident-start",
        violates="zero-start",
        words="A student that starts beyond its teacher comes down to it, and is above it at all times.",
        case=Clusters(STOPPED, STOPPED, start=1.0),
        restored=Clusters(STOPPED, STOPPED),
        margin=-0.06986301369863024,
        check=slope_margin,
    ),
    Counterexample(
        "converged-student",
        violates="early-stopping",
        words="A student trained to the end repeats its teacher: the slope is 1.",
        case=Clusters(STOPPED, (1.0, 1.0, 1.0)),
        restored=Clusters(STOPPED, (0.99, 0.95, 0.9)),
        margin=0.0,
        check=slope_margin,
    ),
)

mutate = Mutate(margins, Formulas())
MUTANTS = (
    mutate("weight-exponent", "weights are the teacher's margins", weight=np.abs),
    mutate("unweighted", "all clusters count alike", weight=np.ones_like),
    mutate("least-for-most", "the smallest gain is an upper bound", most=Formulas().least),
    mutate("most-for-least", "the largest gain is a lower bound", least=Formulas().most),
    mutate.flipped("exaggerates", "the slope is above 1", "below_one"),
)


@claim(
    id="no-absolute-exaggeration",
    title="On square loss, distillation from zero never raises absolute confidence",
    topic="confidence",
    source="nagarajan2023, the phenomenon; derived here",
    statement=r"""Square loss; clusters $k$ of $n_k$ points with orthogonal kernels (1 within a cluster), labels 1 after
sign alignment: $\lambda_k = n_k$. The teacher's margins are $a_T(\lambda_k)$, its student's
$a_S(\lambda_k)\, a_T(\lambda_k)$. The line through the origin of student on teacher margins has the slope
\[ \frac{\sum_k n_k\, a_S\, a_T^2}{\sum_k n_k\, a_T^2}, \qquad
\min_k a_S(\lambda_k) \le \text{slope} \le \max_k a_S(\lambda_k) < 1. \]
In any problem it is the same with the squared coefficients $y_k^2$ of the labels for $n_k$.""",
    words="A student that is taught by nothing but its teacher, and starts at zero, is a shrunk copy: its confidence "
    "is on average the share of the teacher's that its own gains leave. Slopes above 1 need an intercept (relative "
    "confidence), labels in the target, another loss, or an overshoot.",
    assumptions={
        "squared-loss": "The model is linear in its parameters and the loss is squared error.",
        "shrinkage": "All gains of the student lie between 0 and 1: gradient flow, ridge, averages; no overshoot.",
        "teacher-only": "The student's target is its teacher's outputs.",
        "zero-start": "The student starts at the zero function.",
        "early-stopping": "The student is not trained to the end in every mode that its teacher has learned.",
        "same-kernel": "Teacher and student have the same kernel and inputs.",
    },
    counterexamples=COUNTEREXAMPLES,
    mutants=MUTANTS,
    figure="confidence-of-clusters",
)
def no_absolute_exaggeration(case: SpectralProblem) -> Margin:
    """Margins of the slope for three students of a gradient-flow teacher."""
    return margins(case, Formulas())
