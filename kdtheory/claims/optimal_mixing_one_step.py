"""C8b, and the weight of C4: the best weight of a teacher for one student, and when distillation helps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kdtheory.claims._claim import Counterexample
from kdtheory.claims._mutants import Mutate
from kdtheory.claims._registry import claim
from kdtheory.claims._risk_cases import NoisyRidge, Pair, risk
from kdtheory.procedures import GradientFlow, Ridge
from kdtheory.risk import oracle_fixed_design, oracle_step_mixing
from kdtheory.testing import Margin, tolerance

Array = NDArray[np.float64]
ALLOWED = 1e-9


@dataclass(frozen=True)
class Formulas:
    """The formulas of the statement: b is the change, g the student's gain, e one minus it, s2 the noise variance."""

    slope: Callable[..., Array] = lambda b, g, e, c, s2: b * (s2 * g - c**2 * e)
    curvature: Callable[..., Array] = lambda b, c, s2: (c**2 + s2) * b**2
    improvement: Callable[..., Array] = lambda xi, best: xi * (2 * best - xi)
    threshold: float = 0.5
    beyond: Callable[..., Array] = lambda b, g, e, c, s2: b * (s2 * g**2 - c**2 * e * (1 + g))
    noisiest: Callable[..., Pair] = lambda b, g: (b * g, b**2)
    noiseless: Callable[..., Pair] = lambda b, e: (-b * e, b**2)
    held_out: Callable[..., Pair] = lambda t, a, b: ((t - a) * (b - a), (b - a) ** 2)


def margins(case: NoisyRidge, formulas: Formulas) -> Margin:
    """Parabolas through students that were solved, against the formulas; the teacher is ridge, and gradient flow."""
    runs = {"self": (Ridge, case.ridge), "flow": (GradientFlow, case.flow)}
    each = [_laws(case, formulas, teacher, fit) for teacher, fit in runs.values()]
    shared = {name: np.minimum(each[0][name], each[1][name]) for name in each[0]}
    return Margin(**shared, **_ridge(case, formulas), **_held_out(case, formulas))


def _laws(case: NoisyRidge, formulas: Formulas, teacher: Any, taught: Any) -> dict[str, Array]:
    c, s2 = case.coefficients, case.noise_variance
    g, e = case.ridge
    b = g * taught[1]
    curvature = np.sum(formulas.curvature(b, c, s2), axis=-1)
    best = np.sum(formulas.slope(b, g, e, c, s2), axis=-1) / curvature
    students = case.students(teacher, [0.0, 1.0, -1.0, case.mixing])
    none, pure, against, some = (risk(case, fit) for fit in students)
    straight, bent, scale = (pure - against) / 2, (pure + against) / 2 - none, none + pure + against
    close = tolerance(8)

    def same(error: Array, size: Array) -> Array:
        return Margin.within(error, close * size).values

    gained = formulas.improvement(np.asarray(case.mixing), best) * curvature
    half = 2 * (best - formulas.threshold) * curvature
    return {
        "curvature": same(bent - curvature, scale + curvature),
        "best": same(straight + 2 * best * curvature, scale + 2 * np.abs(best) * curvature),
        "improvement": same(none - some - gained, scale + some + np.abs(gained)),
        "pure": same(none - pure - half, scale + np.abs(half)),
    }


def _ridge(case: NoisyRidge, formulas: Formulas) -> dict[str, Array]:
    """Weights beyond 1, and limits of much noise and of none, of self-distilled ridge."""
    c, s2 = case.coefficients, case.noise_variance
    g, e = case.ridge
    b = g * e
    none, pure, against = case.students(Ridge, [0.0, 1.0, -1.0])
    at_one = 1.5 * risk(case, pure) + 0.5 * risk(case, against) - 2 * risk(case, none)  # slope of the parabola at 1
    beyond = np.sum(formulas.beyond(b, g, e, c, s2), axis=-1)
    scale = risk(case, pure) + risk(case, against) + risk(case, none)
    found = {"beyond": Margin.within(at_one + 2 * beyond, tolerance(8) * (2 * scale + np.abs(beyond))).values}
    for name, ratio, column, power in (
        ("noisiest", formulas.noisiest(b, g), 0, np.sqrt(s2) * case.present),
        ("noiseless", formulas.noiseless(b, e), 1, c),
    ):
        above, below = (np.sum(part * power**2, axis=-1) for part in ratio)
        one, two, three = (np.sum((fit[column] * power) ** 2, axis=-1) for fit in (pure, against, none))
        error = (one - two) / 2 * below + 2 * above * ((one + two) / 2 - three)
        found[name] = Margin.within(error, tolerance(8) * (one + two + three) * (np.abs(above) + below)).values
        # Pure distillation of what is squared leaves gains g^2, or residuals 1 - g^2: the ratio passes one by these.
        found[f"{name}_beyond_one"] = np.log1p((np.abs(above) - below) / below) * np.sign(above) * (1 - 2 * column)
    return found


def _held_out(case: NoisyRidge, formulas: Formulas) -> dict[str, Array]:
    """Held-out targets: the next mode's, noisy ones, whatever: squared distances of mixtures, literally."""
    (g, _), (taught, _) = case.ridge, case.flow
    labels, teacher = g * case.coefficients, g * taught * case.coefficients
    targets = np.roll(case.coefficients, 1, axis=-1) * case.per_mode(case.mixing)
    none, pure, against = (np.sum(((1 - m) * labels + m * teacher - targets) ** 2, axis=-1) for m in (0.0, 1.0, -1.0))
    above, below = (np.sum(part, axis=-1) for part in formulas.held_out(targets, labels, teacher))
    size = none + pure + against
    error = (pure - against) / 2 * below + 2 * above * ((pure + against) / 2 - none)
    return {"held_out": Margin.within(error, tolerance(16) * size * (np.abs(above) + below)).values}


@dataclass(frozen=True)
class Taught:
    """Two modes of ridge students; whether teacher and student have the labels' noise in common, and the error's power.

    Attributes
    ----------
    shared : bool
        Whether the teacher was trained on the student's labels, rather than on fresh ones.
    start : float
        Coefficient from which the teacher goes on (the student starts at zero).
    power : float
        Of the errors that are summed.
    """

    shared: bool = True
    start: float = 0.0
    power: float = 2.0


def weight_margin(case: Taught) -> Margin:
    """How exactly the formula's weight is where the mean error over all signs of the noise is flat."""
    from scipy.optimize import brentq

    c, g = np.array([2.0, 0.5]), np.array([0.8, 0.4])
    signs = [np.array([one, two]) for one in (1.0, -1.0) for two in (1.0, -1.0)]
    pairs = [(noise, fresh) for noise in signs for fresh in ([noise] if case.shared else signs)]

    def slope(xi: float) -> float:
        total = 0.0
        for noise, fresh in pairs:
            moved = g * (g * (c + fresh) + (1 - g) * case.start - c - noise)
            errors = g * (c + noise) - c + xi * moved
            total += float(np.sum(np.sign(errors) * np.abs(errors) ** (case.power - 1) * moved))
        return total

    said, flat = oracle_step_mixing(oracle_fixed_design(c, 1.0), g), brentq(slope, -10.0, 10.0, xtol=1e-14)
    return Margin(weight=ALLOWED - np.abs(np.asarray(flat, dtype=float) - said))


COUNTEREXAMPLES = (
    Counterexample(
        "teacher-of-other-labels",
        violates="same-labels",
        words="A teacher trained on fresh noise averages noise away: it deserves more weight than the formula says.",
        case=Taught(shared=False),
        restored=Taught(),
        margin=-0.17041420018343048,
        check=weight_margin,
    ),
    Counterexample(
        "teacher-that-started-elsewhere",
        violates="zero-start",
        words="A teacher that has kept some of its start hands it on.",
        case=Taught(start=1.0),
        restored=Taught(),
        margin=-1.2909090899090914,
        check=weight_margin,
    ),
    Counterexample(
        "fourth-powers-of-errors",
        violates="squared-risk",
        words="By the fourth power of errors, another weight is best.",
        case=Taught(power=4.0),
        restored=Taught(),
        margin=-0.8842128816516358,
        check=weight_margin,
    ),
)

mutate = Mutate(margins, Formulas())
MUTANTS = (
    mutate("slope-sign", "signal is added", slope=lambda b, g, e, c, s2: b * (s2 * g + c**2 * e)),
    mutate("slope-exponent", "the change enters squared", slope=lambda b, g, e, c, s2: b**2 * (s2 * g - c**2 * e)),
    mutate("curvature-exponent", "the change enters once", curvature=lambda b, c, s2: (c**2 + s2) * b),
    mutate("curvature-sign", "noise is taken off", curvature=lambda b, c, s2: (c**2 - s2) * b**2),
    mutate("improvement-factor", "it helps up to the best weight only", improvement=lambda xi, best: xi * (best - xi)),
    mutate("improvement-sign", "it helps for other signs", improvement=lambda xi, best: -xi * (2 * best + xi)),
    mutate("threshold-one", "pure distillation helps from 1 on", threshold=1.0),
    mutate("beyond-exponent", "gains enter once", beyond=lambda b, g, e, c, s2: b * (s2 * g - c**2 * e)),
    mutate("noisiest-exponent", "gains enter squared", noisiest=lambda b, g: (b * g**2, b**2)),
    mutate("noisiest-inverse", "the ratio is turned around", noisiest=lambda b, g: (b**2, b * g)),
    mutate("noiseless-sign", "without noise it helps", noiseless=lambda b, e: (b * e, b**2)),
    mutate("noiseless-factor", "without noise the weight is halved", noiseless=lambda b, e: (-b * e / 2, b**2)),
    mutate("held-out-sign", "it is the labels' weight", held_out=lambda t, a, b: ((t - b) * (a - b), (b - a) ** 2)),
    mutate("held-out-factor", "it is doubled", held_out=lambda t, a, b: (2 * (t - a) * (b - a), (b - a) ** 2)),
)  # fmt: skip


@claim(
    id="optimal-mixing-one-step",
    title="One best weight of the teacher; distillation helps up to twice of it",
    topic="risk",
    source="das2023, ridge; other procedures and teachers, limits, and borup2021's held-out weight, derived here",
    statement=r"""Let a student have the gains $g_k$ on labels alone, its teacher the gains $t_k$, on labels with
coefficients $c_k$ and noise of variance $s^2$; let $\xi$ be the teacher's weight. With $b_k = g_k (1 - t_k)$, not all 0
where $c_k^2 + s^2 > 0$, the student's gains are $g_k - \xi b_k$ and
\[ R(0) - R(\xi) = \xi (2 \xi^* - \xi) \sum_k (c_k^2 + s^2) b_k^2, \qquad
   \xi^* = \frac{\sum_k b_k (s^2 g_k - c_k^2 (1 - g_k))}{\sum_k (c_k^2 + s^2) b_k^2}. \]
Distillation helps exactly if $\xi$ lies strictly between 0 and $2 \xi^*$; pure distillation exactly if
$\xi^* > \tfrac12$. If the teacher is the student's own training ($t = g$), then $\xi^* > 1$ exactly if
\[ \sum_k (c_k^2 + s^2)\, b_k (g_k^2 - a_k^*) > 0, \qquad a_k^* = \frac{c_k^2}{c_k^2 + s^2}, \]
and, for $0 < g_k < 1$,
\[ \xi^* \to \frac{\sum_k b_k g_k}{\sum_k b_k^2} > 1 \;\; (s \to \infty), \qquad
   \xi^* = -\frac{\sum_k c_k^2 b_k (1 - g_k)}{\sum_k c_k^2 b_k^2} < -1 \;\; (s = 0). \]
On held-out targets $f$, with predictions $A$ of the student of labels and $B \ne A$ of that of the teacher, the best
weight is $\langle f - A, B - A \rangle / |B - A|^2$ (one minus the best weight of the labels).""",
    words="The risk of a student is a parabola in the teacher's weight, so one number says all: where it is positive a "
    "little distillation helps, where it exceeds one half pure distillation does. With much noise the best weight is "
    "above "
    "one: the labels should be subtracted. Without noise it is below minus one: the student should go against its "
    "teacher.",
    assumptions={
        "linear-model": "The model is linear in its parameters and the loss is squared error: modes evolve apart.",
        "squared-risk": "Errors are squared and summed over the train points, against the clean targets.",
        "same-labels": "Teacher and student see the same noisy labels and inputs.",
        "fair-noise": "The noise has mean zero and one variance in all modes.",
        "zero-start": "Both start from the zero function.",
        "teacher-differs": "The teacher changes something: in some mode with signal or noise it has not reached its "
        "labels.",
    },
    counterexamples=COUNTEREXAMPLES,
    mutants=MUTANTS,
    figure="distillation-risk",
)
def optimal_mixing_one_step(case: NoisyRidge) -> Margin:
    """Margins of all parts, for self-distilled ridge and for a ridge student of gradient flow."""
    return margins(case, Formulas())
