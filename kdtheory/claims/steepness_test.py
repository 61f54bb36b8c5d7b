"""C8e: at the best ridge penalty, whether penalty and mixing together can still improve."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from kdtheory.claims._claim import Counterexample
from kdtheory.claims._mutants import Mutate
from kdtheory.claims._registry import claim
from kdtheory.claims._risk_cases import NoisyRidge
from kdtheory.testing import Margin, decided, tolerance, whole
from kdtheory.testing.spectral_problems import MOST

Array = NDArray[np.float64]
# Taylor coefficients of the risk in the log of the penalty are means over a circle: its nearest singularity is pi away.
CIRCLE = np.exp(2j * np.pi * np.arange(48) / 48)


@dataclass(frozen=True)
class TunedRidge(NoisyRidge):
    """Two to eight modes with the noise for which the penalty is stationary for ridge; ``variance`` is not used."""

    modes: Annotated[Any, whole(2, MOST, simple=2)]

    @property
    def noise_variance(self) -> Array:
        """The noise for which ridge's risk has slope 0 in the penalty, shape (1,) or (cases, 1)."""
        g, e = self.ridge
        power = np.sum(self.coefficients**2 * g * e**2, axis=-1) / np.sum(g**2 * e, axis=-1)
        return np.asarray(power[..., None])


@dataclass(frozen=True)
class Formulas:
    """Terms of the statement, mode by mode, and the determinant of the halved Hessian; rho is s^2 g - c^2 (1 - g)."""

    spread: Callable[..., Array] = lambda g, e, c, s2: (c**2 + s2) * (g * e) ** 2
    steepness: Callable[..., Array] = lambda g, e, rho: rho * g**2 * e
    by_penalty: Callable[..., Array] = lambda spread, steepness: spread - 2 * steepness
    mixed: Callable[..., Array] = lambda spread, steepness: spread - 2 * steepness
    determinant: Callable[..., Array] = lambda spread, steepness: 2 * steepness * (spread - 2 * steepness)


def margins(case: TunedRidge, formulas: Formulas) -> Margin:
    """Second-order Taylor coefficients of the risk of two trainings, literally, against the formulas."""
    (flat, slope, bend), by_mixing, mixed, curved = _taylor(case)
    c, s2 = case.coefficients, case.noise_variance
    g, e = case.ridge
    spread = np.sum(formulas.spread(g, e, c, s2), axis=-1)
    steepness = np.sum(formulas.steepness(g, e, s2 * g - c**2 * e), axis=-1)
    close = tolerance(8, condition=4) * (flat + spread + np.abs(steepness))
    low = (bend + curved) / 2 - np.hypot((bend - curved) / 2, mixed)
    claimed = np.sign(formulas.determinant(spread, steepness))
    error = tolerance(8, condition=4) * flat / spread
    return Margin(
        stationary=1 - np.maximum(np.abs(slope), np.abs(by_mixing)) / close,
        by_penalty=1 - np.abs(bend - formulas.by_penalty(spread, steepness)) / close,
        mixed=1 - np.abs(mixed - formulas.mixed(spread, steepness)) / close,
        by_mixing=1 - np.abs(curved - spread) / close,
        verdict=decided(claimed * low / spread, error, partial(_exact_verdict, case, formulas)),
    )


def _taylor(case: TunedRidge) -> tuple[tuple[Array, Array, Array], Array, Array, Array]:
    """The risk of student and teacher of penalty ``c exp(u)``: coefficients of 1, u, u^2; of xi; of 2 u xi; of xi^2."""
    lam, c, s2 = (values[..., None, :] for values in (case.eigenvalues, case.coefficients, case.noise_variance))
    penalty = case.penalty[..., None, :] * np.exp(CIRCLE)[:, None]
    g, e = lam / (lam + penalty), penalty / (lam + penalty)
    at = {}
    for xi in (0.0, 1.0, -1.0):
        student, left = g * (1 - xi + xi * g), e * (1 + xi * g)
        around = np.sum((left * c) ** 2 + s2 * student**2, axis=-1)
        at[xi] = [np.mean(around * CIRCLE**-power, axis=-1).real for power in (0, 1, 2)]
    none, pure, against = at[0.0], at[1.0], at[-1.0]
    return tuple(none), (pure[0] - against[0]) / 2, (pure[1] - against[1]) / 4, (pure[0] + against[0]) / 2 - none[0]  # type: ignore[return-value]


def _exact_verdict(case: TunedRidge, formulas: Formulas, index: int) -> float:
    """The smaller eigenvalue of the Hessian over the spread, with the claimed sign, by differences in 80 digits."""
    import mpmath

    context = mpmath.mp.clone()
    context.dps = 80
    one = case.at(index) if np.ndim(case.modes) else case
    kept = int(one.modes)
    exact = np.vectorize(lambda value: context.mpf(float(value)), otypes=[object])
    lam, c, penalty = exact(one.relative[:kept]), exact(one.coefficients[:kept]), context.mpf(one.penalty_ratio)
    g, e = lam / (lam + penalty), penalty / (lam + penalty)
    s2 = np.sum(c**2 * g * e**2) / np.sum(g**2 * e)

    def risk(u: Any, xi: Any) -> Any:
        factor = penalty * context.exp(u)
        x, y = lam / (lam + factor), factor / (lam + factor)
        return np.sum((c * y * (1 + xi * x)) ** 2 + s2 * (x * (1 - xi * y)) ** 2)

    h = context.mpf(10) ** -20
    bend = (risk(h, 0) + risk(-h, 0) - 2 * risk(0, 0)) / (2 * h**2)
    curved = (risk(0, 1) + risk(0, -1)) / 2 - risk(0, 0)
    mixed = (risk(h, 1) - risk(-h, 1) - risk(h, -1) + risk(-h, -1)) / (8 * h)
    low = (bend + curved) / 2 - context.sqrt((bend - curved) ** 2 / 4 + mixed**2)
    spread, steepness = np.sum(formulas.spread(g, e, c, s2)), np.sum(formulas.steepness(g, e, s2 * g - c**2 * e))
    claimed = context.sign(formulas.determinant(spread, steepness))
    return float(claimed * low / spread)


@dataclass(frozen=True)
class Tuned:
    """Three modes, ridge of penalty 1, and how the case leaves the assumptions.

    Attributes
    ----------
    coefficients : tuple
        Of the clean targets, on eigenvalues 4, 1 and 1/4.
    variance : float, optional
        Of the noise; default: the one for which penalty 1 is stationary.
    reach : float
        How far penalties (in logs) and weights are searched.
    teacher : float
        Penalty of the teacher over that of the student.
    """

    coefficients: tuple[float, float, float]
    variance: float | None = None
    reach: float = 0.1
    teacher: float = 1.0


def search_margin(case: Tuned) -> Margin:
    """What the test says against a search of penalties and weights: log of the least risk found over ridge's."""
    lam, c = np.array([4.0, 1.0, 0.25]), np.array(case.coefficients)
    g, e = lam / (lam + 1), 1 / (lam + 1)
    s2 = np.sum(c**2 * g * e**2) / np.sum(g**2 * e) if case.variance is None else case.variance
    steepness = np.sum((s2 * g - c**2 * e) * g**2 * e)
    logs, weights = np.meshgrid(*2 * [np.linspace(-case.reach, case.reach, 401)], indexing="ij")
    penalty = np.exp(logs)[..., None]
    x, y = lam / (lam + penalty), penalty / (lam + penalty)
    move = weights[..., None] * x * case.teacher * penalty / (lam + case.teacher * penalty)
    risks = np.sum((c * (y + move)) ** 2 + s2 * (x - move) ** 2, axis=-1)
    improved = np.log(risks[200, 200] / risks.min())
    return Margin(verdict=improved - 1e-9 if steepness < 0 else 1e-9 - improved)


EVEN = Tuned((0.0, 1.0, 0.0))
COUNTEREXAMPLES = (
    Counterexample(
        "better-pair-far-away",
        violates="nearby",
        words="The test says that no pair nearby is better; one far away is, by half a percent.",
        case=Tuned((1.0, 1.0, 0.0), reach=8.0),
        restored=Tuned((1.0, 1.0, 0.0)),
        margin=-0.006002837893690432,
        check=search_margin,
    ),
    Counterexample(
        "penalty-not-tuned",
        violates="tuned-penalty",
        words="With more noise than the penalty is best for, another penalty and a weight of the teacher help.",
        case=Tuned((0.0, 1.0, 0.0), variance=1.0),
        restored=EVEN,
        margin=-0.05102407202574625,
        check=search_margin,
    ),
    Counterexample(
        "stronger-teacher",
        violates="same-penalty",
        words="A teacher of a 20 times larger penalty takes the student off ridge's path.",
        case=Tuned((0.0, 1.0, 0.0), teacher=20.0),
        restored=EVEN,
        margin=-0.03225324193323499,
        check=search_margin,
    ),
)

mutate = Mutate(margins, Formulas())
MUTANTS = (
    mutate("spread-exponent", "the change enters once", spread=lambda g, e, c, s2: (c**2 + s2) * g * e),
    mutate("spread-sign", "noise is taken off", spread=lambda g, e, c, s2: (c**2 - s2) * (g * e) ** 2),
    mutate("steepness-exponent", "one gain less", steepness=lambda g, e, rho: rho * g * e),
    mutate("steepness-sign", "flat profiles are improved", steepness=lambda g, e, rho: -rho * g**2 * e),
    mutate("by-penalty-sign", "ridge's curvature grows with the steepness", by_penalty=lambda a, q: a + 2 * q),
    mutate("by-penalty-factor", "the steepness enters once", by_penalty=lambda a, q: a - q),
    mutate("mixed-sign", "so does the mixed one", mixed=lambda a, q: a + 2 * q),
    mutate("mixed-factor", "the mixed one lacks the steepness", mixed=lambda a, q: a + 0 * q),
    mutate("determinant-sign", "steep profiles are improved", determinant=lambda a, q: -2 * q * (a - 2 * q)),
    mutate("determinant-factor", "the spread counts once more", determinant=lambda a, q: 2 * q * (a - q)),
)  # fmt: skip


@claim(
    id="steepness-test",
    title="At the best ridge penalty, distillation improves locally if the Wiener gains are steeper than ridge's",
    topic="risk",
    source="derived here; the setting is das2023's",
    statement=r"""Let $R(c, \xi)$ be the risk at the train points of a ridge student of a ridge teacher, both of penalty
$c$, with weight $\xi$, on distinct eigenvalues; $g_k = \lambda_k / (\lambda_k + c)$,
$a_k^* = c_k^2 / (c_k^2 + s^2)$ and $b_k = g_k (1 - g_k)$. At a penalty that is stationary for ridge,
$\partial R / \partial \xi = 0$ at $\xi = 0$ as well, and one half of the Hessian in $(\log c, \xi)$ is
\[ \begin{pmatrix} A - 2 Q & A - 2 Q \\ A - 2 Q & A \end{pmatrix}, \qquad
   A = \sum_k (c_k^2 + s^2)\, b_k^2, \quad Q = \sum_k (c_k^2 + s^2) (g_k - a_k^*)\, g_k\, b_k, \]
with determinant $2 Q (A - 2 Q)$. If $Q < 0$, the penalty is a strict local minimum of ridge and $(c, 0)$ a saddle:
penalties and weights nearby are better. If $0 < Q < A / 2$, $(c, 0)$ is a strict local minimum. If $Q > A / 2$, the
penalty is a local maximum of ridge.""",
    words="Retuning the weight alone never helps at the best penalty; retuning both helps if the profile of the best "
    "gains falls more steeply than that of ridge, so that ridge is too low on strong modes and too high on weak ones. "
    "Distillation with a smaller weight and another penalty makes the profile steeper.",
    assumptions={
        "linear-model": "The model is linear in its parameters and the loss is squared error.",
        "train-points": "Risk is the expected squared error at the train points; noise has one variance.",
        "same-penalty": "Teacher and student have the same penalty.",
        "tuned-penalty": "The penalty is stationary for ridge, and neither 0 nor infinite.",
        "nearby": "Only penalties and weights nearby are compared.",
        "not-degenerate": "Q is neither 0 nor A / 2.",
    },
    counterexamples=COUNTEREXAMPLES,
    mutants=MUTANTS,
    figure="distillation-risk",
)
def steepness_test(case: TunedRidge) -> Margin:
    """Margins of the Hessian's entries, and of what the test says of its smaller eigenvalue."""
    return margins(case, Formulas())
