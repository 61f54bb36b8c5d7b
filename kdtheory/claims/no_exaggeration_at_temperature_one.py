"""C14.12: at temperature 1 confident clusters all lack the same: cross-entropy does not exaggerate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from kdtheory.claims._claim import Counterexample
from kdtheory.claims._mutants import Mutate
from kdtheory.claims._registry import claim
from kdtheory.claims._soft_clusters import drop, label_progress, soft_progress
from kdtheory.distillation import margins_on_labels, margins_on_teacher
from kdtheory.testing import EPSILON, Case, Margin, linear, logarithmic

Array = NDArray[np.float64]


@dataclass(frozen=True)
class ConfidentCluster(Case):
    """A cluster of which its teacher is confident.

    Attributes
    ----------
    classes : between 2 and 1000
        Rounded to a whole number; ``k`` is one less.
    excess : between 0 and 20
        The teacher's margin minus ``log(k) + 2``.
    remaining : between 0.001 and 20
        Minus the log of the share of the teacher's odds that the student has not yet lost: ``-log(1 - exp(-deficit))``.
    temperature : between 0.5 and 10
        For the order of late speeds.
    """

    classes: Annotated[Any, logarithmic(2.0, 1000.0, simple=2.0)]
    excess: Annotated[Any, linear(0.0, 20.0, simple=2.0)]
    remaining: Annotated[Any, logarithmic(1e-3, 20.0, simple=1.0)]
    temperature: Annotated[Any, logarithmic(0.5, 10.0, simple=1.0)]


@dataclass(frozen=True)
class Formulas:
    """The formulas of the statement; each mutant replaces one of them by a wrong one."""

    deficit: Callable[..., Array] = lambda time: -np.log(-np.expm1(-time))
    exponent: Callable[..., Array] = lambda temperature: 1.0 - 1.0 / temperature


def margins(case: ConfidentCluster, formulas: Formulas) -> Margin:
    """Exact times of the flow against the law, within the bounds of the statement."""
    k = np.rint(case.classes) - 1.0
    own = np.log(k) + 2.0 + case.excess
    small = k * np.exp(-own)
    # The law is used backwards: what is left after this time according to it, and the time which that really takes.
    left = np.minimum(formulas.deficit(case.remaining), own)
    time = soft_progress(own, left, k) / label_progress(own, k)
    inside = formulas.deficit(case.remaining) < own
    allowed = small * (own + 1.0) * (1.0 + case.remaining) + 64 * EPSILON * (1.0 + case.remaining) / -np.expm1(-left)
    error = np.where(inside, np.abs(time - case.remaining), 0.0)
    told = own / case.temperature
    rate = np.log(label_progress(own, k) * (k + 1.0) / k * drop(told, 1e-9, k) / 1e-9)
    law = formulas.exponent(case.temperature) * np.log((k + 1.0) * label_progress(own, k))
    room = small * own / case.temperature + 2.0 * k * np.exp(-told) + 1e-6
    return Margin(odds=1.0 - error / allowed, late_speed=1.0 - np.abs(rate - law) / room)


@dataclass(frozen=True)
class Pair:
    """Two clusters, a teacher's time and a student's, a temperature, two classes."""

    eigenvalues: tuple[float, float]
    teacher_time: float
    student_time: float
    temperature: float = 1.0


def neutral_margin(case: Pair) -> Margin:
    """0.05 minus the distance of the slope from 1."""
    own = margins_on_labels(case.eigenvalues, case.teacher_time)
    taught = margins_on_teacher(case.eigenvalues, case.student_time, own, temperature=case.temperature).margins
    return Margin(0.05 - np.abs((taught[0] - taught[1]) / (own[0] - own[1]) - 1.0))


COUNTEREXAMPLES = (
    Counterexample(
        "high-temperature",
        violates="temperature-one",
        words="At temperature 4 the same teacher is exaggerated twofold after a five-hundredth of its time.",
        case=Pair((1000.0, 300.0), 10.0, 0.02, temperature=4.0),
        restored=Pair((1000.0, 300.0), 10.0, 0.02),
        margin=-1.1764822066506861,
        check=neutral_margin,
    ),
    Counterexample(
        "unsure-teacher",
        violates="confident",
        words="Where the teacher's margins are 0.9 and 0.3, its student is that of square loss, and slopes differ "
        "from 1.",
        case=Pair((1.0, 0.3), 1.2, 0.6),
        restored=Pair((10000.0, 3000.0), 1.2, 0.6),
        margin=-0.6181912510519121,
        check=neutral_margin,
    ),
)

mutate = Mutate(margins, Formulas())
MUTANTS = (
    mutate("decay", "deficits decay exponentially", deficit=lambda time: np.exp(-time)),
    mutate("deficit-sign", "log(1 + exp(-time))", deficit=lambda time: np.log1p(np.exp(-time))),
    mutate("deficit-factor", "half as fast", deficit=lambda time: -np.log(-np.expm1(-time / 2))),
    mutate("exponent-sign", "1 + 1 / tau", exponent=lambda tau: 1 + 1 / tau),
    mutate("exponent-inverse", "1 / tau", exponent=lambda tau: 1 / tau),
    mutate("exponent-none", "the eigenvalue itself", exponent=lambda tau: 1 + 0 * tau),
)


@claim(
    id="no-exaggeration-at-temperature-one",
    title="At temperature 1, cross-entropy leaves the slope of confident clusters at 1",
    topic="open questions",
    source="derived here",
    statement=r"""As in exaggeration-under-cross-entropy, with $\tau = 1$: a teacher of one-hot labels, trained for the
time $T$, and its student, trained for $s$. Where the teacher's margin is at least $\log k + 2$, what its student lacks,
$\delta = m_T - m$, obeys
\[ \left| \frac{s}{T} - \log \frac{1}{1 - e^{-\delta}} \right| \le
k\, (m_T + 1)\, e^{-m_T} \left( 1 + \log \frac{1}{1 - e^{-\delta}} \right): \]
with growing confidence all clusters come to $m = m_T + \log (1 - e^{-s/T})$, whatever their eigenvalues, and slopes
between them to 1, for every $s / T$. At other temperatures the last part of the way is travelled at the speed
\[ \frac{(K \lambda T)^{1 - 1/\tau}}{T}\, e^{\epsilon}, \qquad
|\epsilon| \le \frac{k\, m_T}{\tau}\, e^{-m_T} + 2 k\, e^{-m_T / \tau}, \]
easy clusters first for $\tau > 1$, hard ones first for $\tau < 1$.""",
    words="Without a temperature the speed at which a soft label is learned falls with its confidence exactly as fast "
    "as the eigenvalue that made the teacher confident grows: the student multiplies the teacher's odds by one "
    "number, the same on all confident clusters. This is why slopes above 1 are seen at temperature 4 and hardly at 1.",
    assumptions={
        "orthogonal-clusters": "The kernel vanishes between clusters: each learns alone, and wrong logits stay equal.",
        "gradient-flow": "Both are trained by gradient flow of the summed loss, from the zero function.",
        "one-hot-teacher": "The teacher was trained on one-hot labels, with the student's kernel.",
        "temperature-one": "The temperature is 1, for teacher and student.",
        "confident": "The teacher's margin is at least log(K - 1) + 2 on the clusters that are compared.",
    },
    counterexamples=COUNTEREXAMPLES,
    mutants=MUTANTS,
    figure="cross-entropy-slopes",
)
def no_exaggeration_at_temperature_one(case: ConfidentCluster) -> Margin:
    """Margins of the common deficit and of the late speed, within their bounds."""
    return margins(case, Formulas())
