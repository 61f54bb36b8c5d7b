"""C8f: where the truth is isotropic on average, ridge has the best gains there are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kdtheory.claims._claim import Counterexample
from kdtheory.claims._mutants import Mutate
from kdtheory.claims._registry import claim
from kdtheory.claims._risk_cases import NoisyDesign
from kdtheory.procedures import Ridge
from kdtheory.risk import oracle_fixed_design, oracle_step_mixing, oracle_wiener_gains
from kdtheory.testing import Margin, tolerance

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Formulas:
    """The formulas of the statement; tau is the variance of each true weight, s2 that of the noise of a label."""

    penalty: Callable[..., Array] = lambda tau, s2: s2 / tau
    weight: Callable[..., Array] = lambda tau, s2, lam: tau + s2 / lam
    profile: Callable[..., Array] = lambda tau, lam: tau * lam


def margins(case: NoisyDesign, formulas: Formulas) -> Margin:
    """Ridge of the best penalty and distilled students, by linear systems for every true weight and every noise."""
    tau, s2 = 1 / np.asarray(case.largest), np.asarray(case.variance)
    tests, X = case.test_inputs, case.inputs
    truth = np.sqrt(tau)[..., None, None] * np.eye(8)
    noise = np.sqrt(s2)[..., None, None] * np.eye(8)
    targets = np.concatenate([X @ truth, noise * np.ones_like(X)], axis=-1)
    goal = tests @ np.concatenate([truth * np.ones_like(X), np.zeros_like(X)], axis=-1)

    def error(weights: Array) -> Array:
        return np.sum((tests @ weights - goal) ** 2, axis=(-2, -1))

    best = formulas.penalty(tau, s2)
    tuned = case.ridge(targets, best)
    weight = np.asarray(case.mixing)[..., None, None]
    ahead, back = (
        case.ridge(sign * weight * (X @ tuned) + (1 - sign * weight) * targets, best) for sign in (1.0, -1.0)
    )
    least, other = error(tuned), error(case.student(targets, case.mixing))

    _, singular, right = np.linalg.svd(X)
    lam = np.where(singular > 1e-9 * singular[..., :1], singular**2, np.inf)
    g, first = (np.where(np.isfinite(lam), 1 / (1 + c[..., None] / lam), 0.0) for c in (best, case.penalty))
    mixing = np.asarray(case.mixing)[..., None]
    h = first * (1 - mixing + mixing * first)
    size = np.sum((tests @ np.swapaxes(right, -1, -2)) ** 2, axis=-2)
    excess = np.sum(formulas.weight(tau[..., None], s2[..., None], lam) * (h - g) ** 2 * size, axis=-1)

    rough = tolerance(64, condition=1 + 1 / np.minimum(case.penalty_ratio, case.variance))
    # Relative to the range of the eigenvalues: other students multiply noise by up to one over the smallest.
    scale = least + other + (1 + mixing[..., 0] ** 2) * (np.sum(goal**2, axis=(-2, -1)) + least)
    c = np.sqrt(formulas.profile(tau[..., None], np.where(np.isfinite(lam), lam, 0.0)))
    wiener = oracle_wiener_gains(np.ravel(c), np.ravel(s2[..., None] * np.ones_like(c)))
    ridge = Ridge(best[..., None]).gain(np.where(np.isfinite(lam), lam, 0.0))
    return Margin(
        excess=Margin.within(other - least - excess, rough * scale).values,
        balanced=Margin.within(error(ahead) - error(back), rough * (error(ahead) + error(back))).values,
        wiener=1 - np.max(np.abs(np.reshape(wiener, ridge.shape) - ridge), axis=-1) / tolerance(),
    )


@dataclass(frozen=True)
class Profile:
    """Ridge on eigenvalues 4, 1 and 1/4 with noise 1: what the best weight of a teacher gains.

    Attributes
    ----------
    powers : tuple
        Squared coefficients of the clean targets.
    penalty : float
    variances : tuple
        Of the noise, mode by mode.
    """

    powers: tuple[float, float, float] = (4.0, 1.0, 0.25)
    penalty: float = 1.0
    variances: tuple[float, float, float] = (1.0, 1.0, 1.0)


def idle_margin(case: Profile) -> Margin:
    """How exactly the best weight gains nothing, by the log of the risks."""
    g = Ridge(case.penalty).gain([4.0, 1.0, 0.25])
    risk = oracle_fixed_design(np.sqrt(case.powers), np.array(case.variances))
    student = g * (1 - oracle_step_mixing(risk, g) * (1 - g))
    return Margin(idle=1e-9 - np.log(risk.total(g) / risk.total(student)))


COUNTEREXAMPLES = (
    Counterexample(
        "signal-on-the-top-mode",
        violates="isotropic",
        words="A truth that lies on the top mode alone has steeper best gains than any ridge.",
        case=Profile(powers=(4.0, 0.0, 0.0)),
        restored=Profile(),
        margin=-0.11053487126916388,
        check=idle_margin,
    ),
    Counterexample(
        "penalty-of-another-prior",
        violates="best-penalty",
        words="With a third of the best penalty a teacher helps, as a larger penalty would.",
        case=Profile(penalty=1 / 3),
        restored=Profile(),
        margin=-0.15418285285539,
        check=idle_margin,
    ),
    Counterexample(
        "one-truth-drawn",
        violates="on-average",
        words="Coefficients drawn from the prior are not their average.",
        case=Profile(powers=(9.0, 0.2, 0.1)),
        restored=Profile(),
        margin=-0.0033066097936062444,
        check=idle_margin,
    ),
    Counterexample(
        "noise-on-small-modes",
        violates="fair-noise",
        words="Noise that is larger on small modes asks for steeper gains.",
        case=Profile(variances=(1.0, 1.0, 5.0)),
        restored=Profile(),
        margin=-0.025807395110717522,
        check=idle_margin,
    ),
)

mutate = Mutate(margins, Formulas())
MUTANTS = (
    mutate("penalty-inverse", "the ratio is turned around", penalty=lambda tau, s2: 1 / (s2 * tau)),
    mutate("penalty-factor", "the penalty is doubled", penalty=lambda tau, s2: 2 * s2 / tau),
    mutate("penalty-exponent", "deviations take the place of variances", penalty=lambda tau, s2: np.sqrt(s2) / tau),
    mutate("weight-sign", "noise is taken off", weight=lambda tau, s2, lam: tau - s2 / lam),
    mutate("weight-inverse", "noise is not divided by the eigenvalue", weight=lambda tau, s2, lam: tau * (1 + s2)),
    mutate("weight-factor", "the excess is halved", weight=lambda tau, s2, lam: (tau + s2 / lam) / 2),
    mutate(
        "profile-exponent", "coefficients are proportional to eigenvalues", profile=lambda tau, lam: (tau * lam) ** 2
    ),
    mutate("profile-factor", "they are twice as large", profile=lambda tau, lam: 4 * tau * lam),
)


@claim(
    id="isotropic-prior",
    title="Where the truth is isotropic, tuned ridge has the best gains, and no distillation helps",
    topic="risk",
    source="derived here",
    statement=r"""Let the true weights have mean 0 and covariance $\tau I$, and independent labels noise of variance
$s^2$. Given $X$, over weights and noise, with second moment $\Sigma$ of the inputs to predict on,
\[ E R(a) = E R(g) + \sum_{\lambda_k > 0} \Bigl(\tau + \frac{s^2}{\lambda_k}\Bigr) (a_k - g_k)^2\, v_k^T \Sigma v_k,
   \qquad g_k = \frac{\lambda_k}{\lambda_k + s^2 / \tau}, \]
for all gains $a$: ridge of penalty $s^2 / \tau$ is best, on train points and on any others, and every student of
other gains is worse. At the train points it is so already if $c_k^2 = \tau \lambda_k$, mode by mode: ridge of penalty
$s^2 / \tau$ has the Wiener gains, and for no other coefficients.""",
    words="Distillation can improve on the best ridge only because the truth is not isotropic: it is a way to learn "
    "that "
    "the truth lies on the top modes more (or less) than weight decay believes.",
    assumptions={
        "linear-model": "The model is linear in its parameters and the loss is squared error; trainings start from "
        "zero.",
        "isotropic": "The covariance of the true weights is a multiple of the identity (in the kernel's features).",
        "on-average": "Risk is averaged over the true weights, or coefficients are exactly as large as on average.",
        "fair-noise": "The noise is uncorrelated with one variance, and independent of the true weights.",
        "best-penalty": "The penalty is the noise variance over that of the weights.",
    },
    counterexamples=COUNTEREXAMPLES,
    mutants=MUTANTS,
    figure="distillation-risk",
)
def isotropic_prior(case: NoisyDesign) -> Margin:
    """Margins of the excess of distilled students, of the idleness of the best weight, and of the Wiener gains."""
    return margins(case, Formulas())
