"""C9, softmax and logistic: soft labels have a finite minimiser, one-hot labels of separable data do not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from kdtheory.claims._claim import Counterexample
from kdtheory.claims._mutants import Mutate
from kdtheory.claims._registry import claim
from kdtheory.distillation import margins_on_labels, margins_on_teacher
from kdtheory.testing import Case, Margin, linear

Array = NDArray[np.float64]
Turn = Annotated[Any, linear(0.0, 6.28, simple=1.0)]
Logit = Annotated[Any, linear(-4.0, 4.0, simple=1.0)]
SOLVED, LATE = 1e-8, 1e-5


@dataclass(frozen=True)
class SoftProblem(Case):
    """Logistic regression on three samples of unit length in the plane, and a single cluster.

    Attributes
    ----------
    turn_1, turn_2 : between 0 and 6.28
        Directions of two samples; the third is turned by a third of a right angle from the first, so that they span.
    logit_1, logit_2, logit_3 : between -4 and 4
        A teacher's; the first two serve as the weights of a teacher that can be realised, too.
    log10_progress : between -2 and 6
        Of the eigenvalue times the time on one-hot labels.
    """

    turn_1: Turn
    turn_2: Turn
    logit_1: Logit
    logit_2: Logit
    logit_3: Logit
    log10_progress: Annotated[Any, linear(-2.0, 6.0, simple=0.0)]

    @property
    def inputs(self) -> Array:
        """Shape (cases, 3, 2)."""
        first = np.atleast_1d(self.turn_1)
        angles = np.stack([first, np.atleast_1d(self.turn_2), first + np.pi / 6], axis=-1)
        return np.stack([np.cos(angles), np.sin(angles)], axis=-1)


@dataclass(frozen=True)
class Formulas:
    """The formulas of the statement; each mutant replaces one of them by a wrong one."""

    attained: Callable[..., Array] = lambda weights: weights
    bound: Callable[..., Array] = lambda samples: samples * np.log(2.0)
    most: Callable[..., Array] = lambda progress: np.log1p(2 * progress)
    least: Callable[..., Array] = lambda progress: np.log1p(2 * progress) - np.log1p(np.exp(-1.0))
    rate: Callable[..., Array] = lambda chance: chance * (1 - chance)


def margins(case: SoftProblem, formulas: Formulas) -> Margin:
    """Minimisers found by Newton's method, and the closed form of a cluster, against the statement."""
    inputs = case.inputs
    told = np.stack([np.atleast_1d(getattr(case, f"logit_{j}")) for j in (1, 2, 3)], axis=-1)
    weights = told[:, :2] / 2
    found = minimiser(inputs, logistic(np.einsum("cip,cp->ci", inputs, weights)))
    labels = logistic(told)
    other = minimiser(inputs, labels)
    reached = np.einsum("cip,cp->ci", inputs, other)
    room = formulas.bound(3.0) - np.sum(np.minimum(labels, 1 - labels) * np.abs(reached), axis=-1)
    slope = np.einsum("cip,ci->cp", inputs, logistic(reached) - labels)
    return Margin(
        attained=1.0 - np.abs(found - formulas.attained(weights)).max(axis=-1) / SOLVED,
        minimum=1.0 - np.abs(slope).max(axis=-1) / SOLVED,
        finite=room,
        **_cluster(case, told[:, 0], formulas),
    )


def _cluster(case: SoftProblem, logit: Array, formulas: Formulas) -> dict[str, Array]:
    """A cluster of eigenvalue 1 with softmax of two classes, which moves a margin twice as fast as one logit."""
    progress = np.power(10.0, np.atleast_1d(case.log10_progress))
    grown = margins_on_labels(1.0, progress)
    told = np.abs(logit) + 0.1
    chance = logistic(told)
    # By then exp(-30) is left, and what is left decays at the local speed alone.
    late = 30.0 / (2 * chance * (1 - chance))
    left = [margins_on_teacher(1.0, late + more, told).deficits for more in (0.0, 1.0)]
    decay = np.log(left[0] / left[1])
    return {
        "not_above_log": formulas.most(progress) - grown,
        "not_below_log": grown - formulas.least(progress) + 1e-12,
        "local_speed": 1.0 - np.abs(decay / (2 * formulas.rate(chance)) - 1.0) / LATE,
    }


def logistic(logits: Array) -> Array:
    """Probability of the positive class."""
    return 1.0 / (1.0 + np.exp(-logits))


def minimiser(inputs: Array, labels: Array) -> Array:
    """Weights of least cross-entropy, shape (cases, p): damped Newton steps from zero, one of each case at a time."""
    weights = np.zeros((len(inputs), inputs.shape[-1]))
    for _ in range(60):
        chances = logistic(np.einsum("cip,cp->ci", inputs, weights))
        slope = np.einsum("cip,ci->cp", inputs, chances - labels)
        curvature = np.einsum("cip,ci,ciq->cpq", inputs, chances * (1 - chances), inputs)
        step = np.linalg.solve(curvature, slope[..., None])[..., 0]
        length = np.sqrt(np.maximum(np.sum(step * slope, axis=-1, keepdims=True), 0.0))
        weights = weights - step / (1.0 + np.where(length > 0.1, 2 * length, 0.0))
        if length.max() < 1e-12:
            break
    return weights


@dataclass(frozen=True)
class Trained:
    """One sample (in two dimensions, only the first of which it has) trained on a label of this probability."""

    probability: float
    start: tuple[float, float] = (0.0, 0.0)
    steps: int = 20_000


def attained_margin(case: Trained) -> Margin:
    """0.01 minus the distance of gradient descent's weights from those of least norm with the label's log odds."""
    weight = case.start[0]
    for _ in range(case.steps):
        weight -= float(logistic(np.asarray(weight)) - case.probability)
    wanted = np.log(case.probability / (1 - case.probability)) if case.probability < 1 else 0.0
    return Margin(0.01 - np.hypot(weight - wanted, case.start[1]))


COUNTEREXAMPLES = (
    Counterexample(
        "hard-label",
        violates="strictly-soft",
        words="A label of probability 1 has no minimiser: after 20 thousand steps the logit is about their logarithm.",
        case=Trained(1.0),
        restored=Trained(0.9),
        margin=-9.89327552153131,
        check=attained_margin,
    ),
    Counterexample(
        "start-off-the-row-space",
        violates="zero-start",
        words="What the start has in directions that no input has stays for ever: the teacher's logits are reached on "
        "the inputs, its weights are not.",
        case=Trained(0.9, start=(0.0, 1.0)),
        restored=Trained(0.9),
        margin=-0.99,
        check=attained_margin,
    ),
)

mutate = Mutate(margins, Formulas())
MUTANTS = (
    mutate("attained-sign", "the negative", attained=np.negative),
    mutate("attained-factor", "half of the logits", attained=lambda weights: weights / 2),
    mutate("bound-factor", "a tenth of the bound", bound=lambda samples: samples * np.log(2.0) / 10),
    mutate("most-rate", "half as fast", most=lambda progress: np.log1p(2 * progress) / 2),
    mutate("least-rate", "twice as fast", least=lambda progress: 2 * np.log1p(2 * progress) - 0.3),
    mutate("least-root", "like a root", least=lambda progress: np.sqrt(progress)),
    mutate("rate-sign", "q (1 + q)", rate=lambda chance: chance * (1 + chance)),
    mutate("rate-factor", "1 - q", rate=lambda chance: 1 - chance),
    mutate("rate-exponent", "its square", rate=lambda chance: (chance * (1 - chance)) ** 2),
)


@claim(
    id="soft-labels-are-attained",
    title="Soft labels are attained by finite weights, one-hot labels of separable data by none",
    topic="confidence",
    source="phuong2019, linear students; soudry2018, growth on separable data; bounds derived here",
    statement=r"""Logistic regression with soft labels $0 < q_i < 1$: there is a minimiser, its logits are unique, and
\[ \sum_i \min(q_i, 1 - q_i)\, |x_i \cdot b^*| \le n \log 2. \]
If the teacher's logits are those of weights $b_T$, they are the minimiser's; from zero, gradient descent comes to
$b^* = P b_T$ (row space). On one-hot labels of a cluster of its own (two classes, eigenvalue $\lambda$) the margin
grows without end,
\[ \log (1 + 2 \lambda t) - \log (1 + 1/e) \le m(t) \le \log (1 + 2 \lambda t). \]
Near its goal the logit of a soft label has the speed $\lambda\, q (1 - q)$.""",
    words="Soft labels make the loss grow in all directions of the logits, so that a student arrives, at its teacher "
    "if it can. One-hot labels of separable data drive the logits like the logarithm of time. Close to the goal the "
    "confident points are the slowest.",
    assumptions={
        "strictly-soft": "All soft labels lie strictly between 0 and 1.",
        "realisable-teacher": "The teacher's logits: they are those of some weights of the student.",
        "zero-start": "Weights: the student starts at zero (or in the row space of the inputs).",
        "convex-model": "The model is linear in its parameters.",
    },
    counterexamples=COUNTEREXAMPLES,
    mutants=MUTANTS,
    figure="soft-labels",
)
def soft_labels_are_attained(case: SoftProblem) -> Margin:
    """Margins of minimisers, of the growth on one-hot labels, and of the local speed."""
    return margins(case, Formulas())
