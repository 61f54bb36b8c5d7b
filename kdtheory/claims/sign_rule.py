"""C8c: for ridge, distillation helps exactly where less penalty would hurt, by any quadratic risk."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kdtheory.claims._claim import Counterexample
from kdtheory.claims._mutants import Mutate
from kdtheory.claims._registry import claim
from kdtheory.claims._risk_cases import NoisyDesign
from kdtheory.testing import Margin, tolerance

Array = NDArray[np.float64]
TINY = 1e-30  # an imaginary step so small that the derivative it gives is exact to the last digit


@dataclass(frozen=True)
class Formulas:
    """The formulas of the statement; derivatives are by the penalty c, ``square`` is of the weights' one."""

    path: Callable[..., Array] = lambda weights, derivative, c, xi: weights + xi * c * derivative
    best: Callable[..., Array] = lambda c, slope, square: -slope / (2 * c * square)
    gained: Callable[..., Array] = lambda slope, square: slope**2 / (4 * square)


def margins(case: NoisyDesign, formulas: Formulas) -> Margin:
    """Students by linear systems and derivatives by complex penalties, on other inputs and with another truth."""
    c, Y = case.penalty, case.outcomes
    tests = case.test_inputs
    goal = tests @ np.concatenate([case.starts[0][..., None], np.zeros_like(Y[..., 1:])], axis=-1)

    def error(weights: Array) -> Array:
        return np.sum((tests @ weights - goal) ** 2, axis=(-2, -1))

    stepped = case.ridge(Y, c * (1 + 1j * TINY))
    slope, derivative = np.imag(error(stepped)) / TINY / c, np.imag(stepped) / TINY / c[..., None, None]
    weights = np.real(stepped)
    square = np.sum((tests @ derivative) ** 2, axis=(-2, -1))
    best = formulas.best(c, slope, square)
    mixing = np.asarray(case.mixing)
    said = formulas.path(weights, derivative, c[..., None, None], mixing[..., None, None])
    found = case.student(Y, mixing)
    none, pure, against, there = (error(case.student(Y, xi)) for xi in (0.0, 1.0, -1.0, best))
    rough = tolerance(64, condition=1 + 1 / np.asarray(case.penalty_ratio))
    # Risks far larger than what distillation moves cannot tell; where the weight is large, it moves much.
    seen = np.sum((tests @ weights) ** 2 + goal**2, axis=(-2, -1))
    moved = c**2 * square
    size = seen + (1 + best**2) * (moved + np.sqrt(moved * seen))
    sizes = np.abs(weights) + np.abs(mixing)[..., None, None] * np.abs(c[..., None, None] * derivative)
    largest = np.max(sizes, axis=(-2, -1))
    return Margin(
        path=Margin.within(np.max(np.abs(found - said), axis=(-2, -1)), rough * largest).values,
        bent=Margin.within((pure + against) / 2 - none - moved, rough * size).values,
        best=Margin.within((pure - against) / 2 + 2 * best * moved, rough * size).values,
        gained=Margin.within(none - there - formulas.gained(slope, square), rough * size).values,
    )


@dataclass(frozen=True)
class Path:
    """Two modes, or rather two groups of modes; a family of trainings of growing strength, and students of it.

    Attributes
    ----------
    family : callable
        Gain by strength and eigenvalue, falling with strength.
    teacher : float
        Strength of the teacher's training, over the student's.
    inputs : float
        Factor of the second eigenvalue where the teacher was trained.
    """

    family: Callable[[Any, Array], Array]
    eigenvalues: tuple[float, ...] = (3.0, 0.1)
    coefficients: tuple[float, ...] = (8.0, 0.0)
    variances: tuple[float, ...] = (1.0, 20.0)
    teacher: float = 1.0
    inputs: float = 1.0


def rule_margin(case: Path) -> Margin:
    """Product of the risk's slopes by log strength and by the teacher's weight, over half of their squares' sum."""
    lam, c2, s2 = np.array(case.eigenvalues), np.square(case.coefficients), np.array(case.variances)

    def error(gains: Any) -> Any:
        return np.sum((1 - gains) ** 2 * c2 + gains**2 * s2)

    g = case.family(1.0, lam)
    taught = case.family(case.teacher, lam * [1.0, case.inputs])
    by_strength = np.imag(error(case.family(1 + 1j * TINY, lam))) / TINY
    by_weight = np.imag(error(g * (1 + 1j * TINY * (taught - 1)))) / TINY
    return Margin(rule=2 * by_strength * by_weight / (by_strength**2 + by_weight**2))


def _ridge(strength: Any, lam: Array) -> Array:
    return lam / (lam + strength)


def _flow(strength: Any, lam: Array) -> Array:
    return -np.expm1(-lam / strength)


STRONG = Path(_ridge, coefficients=(2.0, 0.0), variances=(1.0, 20.0))
COUNTEREXAMPLES = (
    Counterexample(
        "gradient-flow",
        violates="ridge",
        words="Risk still falls with training time, yet a positive weight of the teacher lowers it.",
        case=Path(_flow, coefficients=(60**0.5, 0.0)),
        restored=Path(_ridge, coefficients=(60**0.5, 0.0)),
        margin=-0.8107004267659583,
        check=rule_margin,
    ),
    Counterexample(
        "stronger-teacher",
        violates="same-penalty",
        words="A teacher of a far larger penalty lowers all gains alike, as no smaller penalty of the student's does.",
        case=replace(STRONG, teacher=100.0),
        restored=STRONG,
        margin=-0.31867851447748097,
        check=rule_margin,
    ),
    Counterexample(
        "teacher-of-other-inputs",
        violates="same-inputs",
        words="A teacher that saw other inputs shrinks other modes.",
        case=replace(STRONG, inputs=300.0),
        restored=STRONG,
        margin=-0.6919194991491472,
        check=rule_margin,
    ),
)

mutate = Mutate(margins, Formulas())
MUTANTS = (
    mutate("path-sign", "distillation goes back", path=lambda w, d, c, xi: w - xi * c * d),
    mutate("path-factor", "the penalty is left out", path=lambda w, d, c, xi: w + xi * d),
    mutate("path-exponent", "the weight enters squared", path=lambda w, d, c, xi: w + xi**2 * c * d),
    mutate("best-sign", "the weight has the sign of the slope", best=lambda c, slope, square: slope / (2 * c * square)),
    mutate("best-factor", "the weight is doubled", best=lambda c, slope, square: -slope / (c * square)),
    mutate("best-exponent", "the penalty is squared", best=lambda c, slope, square: -slope / (2 * c**2 * square)),
    mutate("gained-sign", "the best weight hurts", gained=lambda slope, square: -(slope**2) / (4 * square)),
    mutate("gained-factor", "twice as much is gained", gained=lambda slope, square: slope**2 / (2 * square)),
)


@claim(
    id="sign-rule",
    title="Distilled ridge moves along its own path: the best weight has the sign of minus the risk's slope",
    topic="risk",
    source="dang2026, sign rule; one-line proof, weight and gain for any quadratic risk derived here",
    statement=r"""Let $b_c$ be the ridge weights of penalty $c > 0$, and $b_c(\xi)$ those of a student of the same
penalty, taught by $b_c$ with weight $\xi$. Then
\[ b_c(\xi) = b_c + \xi\, c\, b_c', \qquad b_c' = \frac{d b_c}{d c}. \]
Hence for every risk $R(b) = E\, |\Sigma^{1/2} (b - \beta)|^2$, whatever the second moment $\Sigma$ and the target
$\beta$, over any randomness of the labels, with $E\, |\Sigma^{1/2} b_c'|^2 > 0$ and $R(c) = R(b_c)$,
\[ \xi^* = -\frac{R'(c)}{2 c\, E\, |\Sigma^{1/2} b_c'|^2}, \qquad
   R(c) - R(b_c(\xi^*)) = \frac{R'(c)^2}{4\, E\, |\Sigma^{1/2} b_c'|^2}. \]
The best weight has the sign of $-R'(c)$, and distillation can help unless $R'(c) = 0$.""",
    words="Self-distilled ridge is a step along ridge's own path of penalties. So where more penalty would help, a "
    "positive "
    "weight of the teacher does; where less would, a negative one; and at the best penalty no weight does. It holds "
    "for "
    "the expected error and for the error of the labels at hand, on train inputs, on test inputs, and under shift.",
    assumptions={
        "ridge": "Teacher and student are ridge regressions, with penalties towards zero (or the same weights).",
        "same-penalty": "Their penalties are the same.",
        "same-inputs": "They have the same inputs and the same labels.",
        "quadratic-risk": "The risk is quadratic in the weights: for the size of the weight; its sign needs a slope "
        "only.",
        "seen-path": "A change of the penalty is seen by the risk.",
    },
    counterexamples=COUNTEREXAMPLES,
    mutants=MUTANTS,
    figure="distillation-risk",
)
def sign_rule(case: NoisyDesign) -> Margin:
    """Margins of the path, of the parabola, of the best weight and of what it gains."""
    return margins(case, Formulas())
