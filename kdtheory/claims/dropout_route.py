"""C14.13: what dropout does to a linear student's confidence: less of it where the teacher is timid, more beyond."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from kdtheory.claims._claim import Counterexample
from kdtheory.claims._mutants import Mutate
from kdtheory.claims._registry import claim
from kdtheory.distillation import dropout_student_logits
from kdtheory.testing import Case, Margin, logarithmic, odds, tolerance, whole

Array = NDArray[np.float64]
MOST = 32
ALWAYS_TIMID = 1.2784645427610738
"""Root of x = 1 + exp(-x)."""
TURN = 2.3993572805154674
"""Root of (x / 2) tanh(x / 2) = 1."""
_FARTHEST = 400.0
_GRID = np.linspace(-60.0, 60.0, 961)


@dataclass(frozen=True)
class Dropouts(Case):
    """A teacher's log-odds in temperatures, the student's dropout, and a higher temperature."""

    teacher_logit: Annotated[Any, logarithmic(1e-2, 40.0, simple=1.0)]
    rate: Annotated[Any, odds(0.02, 0.95, simple=0.5)]
    features: Annotated[Any, whole(1, MOST, simple=4)]
    hotter: Annotated[Any, logarithmic(1.01, 16.0, simple=2.0)]


@dataclass(frozen=True)
class Formulas:
    """The student's logit; its slope for little noise; its least slope; and from which logit on it exaggerates."""

    student: Callable[..., Array] = dropout_student_logits
    little: Callable[..., Array] = lambda u, variance: 1.0 + variance * (u / 2.0 * np.tanh(u / 2.0) - 1.0)
    least: Callable[..., Array] = lambda variance: 1.0 / (1.0 + variance)
    shared: Callable[..., Array] = lambda x, width: -0.5 * (1.0 + (x / width) ** 2)
    enough: Callable[..., Array] = lambda chance, scale: np.log(2.0 / (chance * scale)) / (1.0 - scale)


def _masks(rate: Array, features: Array) -> tuple[Array, Array]:
    """Scales and chances, by dropping one input after the other."""
    chances = np.zeros((*np.shape(rate), MOST + 1))
    chances[..., 0] = 1.0
    for number in range(MOST):
        kept = np.roll(chances, 1, axis=-1) * (1.0 - rate)[..., None]
        kept[..., 0] = 0.0
        chances = np.where(number < features[..., None], kept + chances * rate[..., None], chances)
    return np.arange(MOST + 1) / (features * (1.0 - rate))[..., None], chances


def _loss_slope(logit: Array, other: Array, scales: Array, chances: Array) -> Array:
    """Derivative of the expected cross-entropy in the logit, by a complex step of the loss."""
    moved = (logit[..., None] + 1e-30j) * scales
    # By the other class's share of the label, so that confident ones keep their digits.
    losses = np.log1p(np.exp(-moved)) + other[..., None] * moved
    return np.sum(chances * losses.imag, axis=-1) / 1e-30


def _shared_weight(width: Array, formulas: Formulas) -> tuple[Array, Array]:
    """First order of the slope of points that share a direction and their noise: as it is, and by parts."""
    density = np.exp(-((_GRID / width[..., None]) ** 2) / 2.0) * 0.25 / np.cosh(_GRID / 2.0) ** 2
    literal = density * (_GRID / 2.0 * np.tanh(_GRID / 2.0) - 1.0)
    by_parts = density * formulas.shared(_GRID, width[..., None])
    total = np.sum(density, axis=-1)
    return np.sum(literal, axis=-1) / total, np.sum(by_parts, axis=-1) / total


def margins(case: Dropouts, formulas: Formulas) -> Margin:
    """The optimum by the loss itself, and where the slope is below and above 1."""
    u, p, d, hotter = (np.asarray(value) for value in case.values.values())
    scales, chances = _masks(p, d)
    other, variance = 1.0 / (1.0 + np.exp(u)), p / ((1.0 - p) * d)
    found = formulas.student(u, p, d)
    slope = _loss_slope(found, other, scales, chances)
    spare = tolerance(MOST, 10.0 * (1.0 + 1.0 / u))
    timid = np.minimum(u, ALWAYS_TIMID)
    inside = (scales > 0) & (scales < 1)
    safe = np.where(inside, scales, 0.5)
    enough = np.min(np.where(inside, formulas.enough(np.maximum(chances, 1e-300), safe), np.inf), axis=-1)
    tried = enough < _FARTHEST
    confident = np.where(tried, enough, 1.0) * (1.0 + 1e-9)
    exaggerated = np.log(formulas.student(confident, p, d) / confident)
    # Two scales, 1 - h and 1 + h: what is left of the balance at the first-order slope is of order h^4.
    h, moderate = 0.01, np.minimum(u, 8.0)
    first = moderate * formulas.little(moderate, h**2)
    left = sum(0.5 * scale / (1.0 + np.exp(-first * scale)) for scale in (1.0 - h, 1.0 + h))
    steepness = np.exp(moderate) / (1.0 + np.exp(moderate)) ** 2
    balance = left - 1.0 / (1.0 + np.exp(-moderate))
    literal, by_parts = _shared_weight(np.maximum(u, 0.5), formulas)
    timid_slope = np.log(timid / formulas.student(timid, p, d))
    return Margin(
        optimum=Margin.within(slope / other, tolerance(MOST, 10.0 * (1.0 + found))).values,
        timid_are_shrunk=timid_slope,
        never_without_weaker_masks=np.where(scales[..., 1] >= 1.0, np.log(u / found), np.inf),
        confident_are_exaggerated=np.where(tried, exaggerated, np.inf) + 1e-13,
        falls_with_temperature=np.log(found / formulas.student(u, p, d, temperature=hotter)) + spare,
        at_least=np.log(found / u / formulas.least(variance)) + spare,
        teacher_dropout_shrinks=np.log(u / formulas.student(u, p, d, teacher_dropout=True)),
        shared_weights_shrink=-literal,
        shared_by_parts=Margin.within(literal - by_parts, tolerance(len(_GRID), 100.0)).values,
        little_noise=Margin.within(balance / (steepness * moderate), h**4 * (1.0 + moderate) ** 4).values,
    )


@dataclass(frozen=True)
class Points:
    """Two points with logits in the ratio ``share`` that a student of one weight has to serve at once, or one point."""

    teacher: float = 6.0
    rate: float = 0.3
    features: int = 8
    others: tuple[float, ...] = ()
    clipped: float = np.inf


def exaggeration_margin(case: Points) -> Margin:
    """Log of the student's slope at the optimum of the expected loss over all points, by bisection."""
    scales, chances = (x[0] for x in _masks(np.array([case.rate]), np.array([case.features])))
    kept = scales <= case.clipped
    scales, chances = scales[kept], chances[kept] / np.sum(chances[kept])
    scales = scales / np.sum(chances * scales)
    logits = np.array([case.teacher, *case.others])

    def pull(slope: float) -> float:
        moved = slope * logits[:, None] * scales
        chance = np.sum(chances * scales / (1.0 + np.exp(-moved)), axis=1)
        return float(np.sum(logits * (chance - 1.0 / (1.0 + np.exp(-logits)))))

    low, high = 0.0, 100.0
    for _ in range(200):
        middle = (low + high) / 2.0
        low, high = (low, middle) if pull(middle) > 0 else (middle, high)
    return Margin(slope=np.log((low + high) / 2.0))


COUNTEREXAMPLES = (
    Counterexample(
        "timid-teacher",
        violates="confident",
        words="At log-odds of 1 the student is less confident than its teacher.",
        case=Points(teacher=1.0),
        restored=Points(),
        margin=-0.04244658935507087,
        check=exaggeration_margin,
    ),
    Counterexample(
        "one-feature",
        violates="spread",
        words="With one input per point a mask leaves everything or nothing: the student learns 1 minus the rate of "
        "it.",
        case=Points(features=1),
        restored=Points(),
        margin=-0.3566749439387188,
        check=exaggeration_margin,
    ),
    Counterexample(
        "shared-weight",
        violates="expressive",
        words="A student with one weight for this point and nine timid ones shrinks all of them.",
        case=Points(others=(1.0,) * 9),
        restored=Points(),
        margin=-0.03327208209673121,
        check=exaggeration_margin,
    ),
)

mutate = Mutate(margins, Formulas())


def _wrong(factor: Callable[[Any, Any, Any], Any]) -> Callable[..., Array]:
    def student(u: Any, p: Any, d: Any, **options: Any) -> Array:
        return dropout_student_logits(u, p, d, **options) * factor(u, p, d)

    return student


MUTANTS = (
    mutate("student-factor", "a thousandth more", student=_wrong(lambda u, p, d: 1.001)),
    mutate(
        "student-sign", "slopes upside down", student=_wrong(lambda u, p, d: (u / dropout_student_logits(u, p, d)) ** 2)
    ),
    mutate("student-unscaled", "kept inputs are not scaled up", student=_wrong(lambda u, p, d: 1.0 / (1.0 - p))),
    mutate("little-sign", "noise always exaggerates", little=lambda u, v: 1.0 + v * (u / 2.0 * np.tanh(u / 2.0) + 1.0)),
    mutate("little-additive", "the covariance is left out", little=lambda u, v: 1.0 + v * u / 2.0 * np.tanh(u / 2.0)),
    mutate("little-factor", "half of the noise", little=lambda u, v: 1.0 + v / 2 * (u / 2.0 * np.tanh(u / 2.0) - 1.0)),
    mutate("least-sign", "1 minus the variance below", least=lambda v: 1.0 / (1.0 - v)),
    mutate("least-exponent", "the deviation below", least=lambda v: 1.0 / (1.0 + v) ** 0.5),
    mutate("shared-sign", "the width enters with a minus", shared=lambda x, s: -0.5 * (1.0 - (x / s) ** 2)),
    mutate("shared-exponent", "the distance enters once", shared=lambda x, s: -0.5 * (1.0 + np.abs(x) / s)),
    mutate("enough-inverse", "masks above 1", enough=lambda c, b: 0.5 * np.log(2.0 / (c * b)) * (1.0 - b)),
)


def _simulation() -> Margin:
    """Monte Carlo: logistic students of four weights, trained to convergence on many masked copies of their inputs."""
    generator, parts = np.random.default_rng(0), {}
    cases = {"timid": (1.0, 0.3, False), "confident": (6.0, 0.3, False), "teacher_dropout": (6.0, 0.3, True)}
    for name, (teacher, rate, on) in cases.items():
        inputs = (generator.random((100_000, 4)) >= rate) / (1.0 - rate)
        scales = np.mean(inputs, axis=1)
        masks = np.mean((generator.random((100_000, 4)) >= rate) / (1.0 - rate), axis=1) if on else np.ones(len(scales))
        labels = 1.0 / (1.0 + np.exp(-teacher * masks))
        weights, scores, curvature = np.full(4, teacher / 4.0), inputs, np.eye(4)
        for _ in range(30):
            chance = 1.0 / (1.0 + np.exp(-inputs @ weights))
            scores = inputs * (chance - labels)[:, None]
            curvature = (inputs * (chance * (1.0 - chance))[:, None]).T @ inputs
            weights = weights - np.linalg.solve(curvature, np.sum(scores, axis=0))
        # The usual sandwich: how far the sum of the weights is from that for infinitely many masks.
        along = np.linalg.solve(curvature, np.ones(4))
        error = np.sqrt(along @ (scores.T @ scores) @ along)
        exact = dropout_student_logits(teacher, rate, 4, teacher_dropout=on)
        parts[name] = Margin.within(np.sum(weights) - exact, 4.0 * error).values
        parts[f"{name}_side"] = np.log(np.sum(weights) / teacher) * (1.0 if name == "confident" else -1.0)
    return Margin(**parts)


@claim(
    id="dropout-route",
    title="Dropout in a linear student shrinks a timid teacher's confidence and exaggerates a confident one's",
    topic="open questions",
    source="derived here",
    statement=r"""A binary student whose logit under dropout is $m B$, with $B \ge 0$ random and $E B = 1$, minimises
the expected cross-entropy at temperature $\tau$ with the label of a teacher without dropout, $\sigma(u)$,
$u = z_T / \tau > 0$. The optimum is the only root of
\[ E\bigl[B\, \sigma(m B / \tau)\bigr] = \sigma(u), \qquad
   E[B \sigma] = E\, \sigma + \mathrm{Cov}(B, \sigma) > E\, \sigma: \]
the covariance acts against the flattening of the mean. (a) The slope $m / z_T$ grows strictly with $u$, so it falls
with
the temperature, from at least $1 / (1 + \rho^2)$, $\rho^2 = \mathrm{Var}\, B$, which it approaches as $u \to 0$.
(b) It is below 1 for $u \le 1.278$, the root of $x = 1 + e^{-x}$, whatever the noise. (c) For little noise it is
\[ 1 + \rho^2 \bigl(\tfrac u2 \tanh \tfrac u2 - 1\bigr) + o(\rho^2), \]
above 1 exactly for $u > 2.399$. (d) If some mask of chance $\pi$ leaves $0 < B < 1$, it is above 1 for all
$u \ge \log(2 / (\pi B)) / (1 - B)$; if none does, it is always below 1. (e) With the teacher's dropout left on, in the
same amount, it is always below 1. (f) If points share one direction of the weights, and the noise has one and the same
variance at all of them, the slope for little noise is below 1 for every symmetric unimodal density of the log-odds.
Inputs dropped at the rate $p$, $d$ to a logit, have $\rho^2 = p / ((1 - p) d)$.""",
    words="Two forces act on a student with dropout. Averaging over masks flattens its probabilities, which asks for "
    "larger "
    "logits; but larger logits are noisier, and noise costs. The second wins where the teacher's log-odds are below "
    "some 2.4 temperatures, the first beyond. So dropout can make a student exaggerate only where its teacher is "
    "confident on the scale of the temperature, the less the higher that is, and not at all if the teacher has "
    "dropout; "
    "and only where a point has weights of its own: a linear model whose points share weights shrinks them all.",
    assumptions={
        "two-classes": "There are two classes; a logit is the log-odds.",
        "linear": "The noise on the logit is proportional to it: dropout on the inputs of a linear model.",
        "expressive": "The weights on a point's inputs serve that point alone (but for (f)).",
        "confident": "The teacher's log-odds are beyond the turning point: for exaggeration.",
        "spread": "Some masks leave a weaker logit than the evaluation logit, but not none: for exaggeration.",
        "converged": "The student is trained to the optimum of its expected loss.",
    },
    counterexamples=COUNTEREXAMPLES,
    mutants=MUTANTS,
    simulation=_simulation,
)
def dropout_route(case: Dropouts) -> Margin:
    """Margins of the optimum, of what the slope depends on, and of where it is below and above 1."""
    return margins(case, Formulas())
