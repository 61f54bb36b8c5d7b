"""C7d: at a uniform student every soft label has a smaller residual than a one-hot label."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from kdtheory.claims._claim import Counterexample
from kdtheory.claims._mutants import Mutate
from kdtheory.claims._registry import claim
from kdtheory.testing import Case, Margin, linear, tolerance

Array = NDArray[np.float64]
Logit = Annotated[Any, linear(-6.0, 6.0, simple=0.0)]
CLASSES = 4


@dataclass(frozen=True)
class SoftLabel(Case):
    """A student's and a teacher's logits for four classes; the fourth has 0.

    Attributes
    ----------
    student_1, ..., teacher_3 : between -6 and 6
    """

    student_1: Logit
    student_2: Logit
    student_3: Logit
    teacher_1: Logit
    teacher_2: Logit
    teacher_3: Logit

    def chances(self, who: str) -> Array:
        """Distribution of shape (cases, 4)."""
        rows = [np.atleast_1d(getattr(self, f"{who}_{j}")) for j in (1, 2, 3)]
        grown = np.exp(np.stack([*rows, 0.0 * rows[0]], axis=-1))
        return grown / grown.sum(axis=-1, keepdims=True)


@dataclass(frozen=True)
class Formulas:
    """The formulas of the statement; each mutant replaces one of them by a wrong one."""

    soft: Callable[..., Array] = lambda q: np.sum(q**2, axis=-1) - 1 / CLASSES
    hard: Callable[..., Array] = lambda q: 1 - 1 / CLASSES + 0 * q[..., 0]
    saved: Callable[..., Array] = lambda q: 1 - np.sum(q**2, axis=-1)


def margins(case: SoftLabel, formulas: Formulas) -> Margin:
    """Squared residuals written out, for a uniform student and for any."""
    q, student, labels = case.chances("teacher"), case.chances("student"), np.eye(CLASSES)
    uniform = np.full(CLASSES, 1 / CLASSES)
    soft, hard = np.sum((uniform - q) ** 2, axis=-1), np.sum((uniform - labels[0]) ** 2)
    own = np.sum((student - q) ** 2, axis=-1)
    drawn = np.sum(q * np.sum((student[:, None] - labels) ** 2, axis=-1), axis=-1)
    return Margin(
        soft=1.0 - np.abs(soft - formulas.soft(q)) / tolerance(CLASSES),
        hard=1.0 - np.abs(hard - formulas.hard(q)) / tolerance(CLASSES),
        # One minus the largest probability is a sum of positive terms.
        smaller=np.log(hard) - np.log(hard - 2 * np.sum(np.sort(q, axis=-1)[:, :-1], axis=-1) * np.max(q, axis=-1)),
        on_average=1.0 - np.abs(drawn - own - formulas.saved(q)) / tolerance(4 * CLASSES),
    )


@dataclass(frozen=True)
class Student:
    """Probability of the true class by student and teacher, of two classes."""

    student: float
    teacher: float


def residual_margin(case: Student) -> Margin:
    """Residual of the label minus that of the teacher, for the true class."""
    return Margin(np.abs(case.student - 1.0) - np.abs(case.student - case.teacher))


COUNTEREXAMPLES = (
    Counterexample(
        "trained-student",
        violates="uniform-student",
        words="A student that has learned the label is pulled away from it by the teacher, and not moved by the label.",
        case=Student(1.0, 0.7),
        restored=Student(0.5, 0.7),
        margin=-0.30000000000000004,
        check=residual_margin,
    ),
    Counterexample(
        "certain-teacher",
        violates="soft-teacher",
        words="A teacher that is certain gives the label's residual.",
        case=Student(0.5, 1.0),
        restored=Student(0.5, 0.9),
        margin=0.0,
        check=residual_margin,
    ),
)

mutate = Mutate(margins, Formulas())
MUTANTS = (
    mutate("soft-sign", "1/K added", soft=lambda q: np.sum(q**2, axis=-1) + 1 / CLASSES),
    mutate("soft-exponent", "not squared", soft=lambda q: np.sum(np.abs(q - 1 / CLASSES), axis=-1)),
    mutate("hard-factor", "1 instead of 1 - 1/K", hard=lambda q: 1 + 0 * q[..., 0]),
    mutate("saved-sign", "1 plus", saved=lambda q: 1 + np.sum(q**2, axis=-1)),
    mutate("saved-most", "1 minus the largest", saved=lambda q: 1 - np.max(q, axis=-1)),
    mutate.flipped("larger", "soft labels have the larger residual", "smaller"),
)


@claim(
    id="uniform-student-residual",
    title="At a uniform student every soft label has a smaller residual than a label",
    topic="gradients",
    source="derived here",
    statement=r"""$K$ classes, a label $y$ and any distribution $q$. At the uniform student $p_s = 1/K$,
\[ \lVert p_s - q \rVert^2 = \lVert q \rVert^2 - \frac{1}{K} \le 1 - \frac{1}{K} = \lVert p_s - e_y \rVert^2, \]
with equality if and only if $q$ is one-hot. At any student, on average over labels drawn from $q$,
\[ E_{Y \sim q} \lVert p_s - e_Y \rVert^2 = \lVert p_s - q \rVert^2 + 1 - \lVert q \rVert^2. \]""",
    words="A student at its start is moved less by a teacher than by labels, whatever the teacher says; later only on "
    "average over the labels that the teacher would draw, not label by label.",
    assumptions={
        "uniform-student": "The student gives all classes the same probability: for the comparison with a given label.",
        "soft-teacher": "The teacher is not certain: for a strictly smaller residual.",
    },
    counterexamples=COUNTEREXAMPLES,
    mutants=MUTANTS,
    figure="soft-label-variance",
)
def uniform_student_residual(case: SoftLabel) -> Margin:
    """Margins of residuals at a uniform student, and on average at any."""
    return margins(case, Formulas())
