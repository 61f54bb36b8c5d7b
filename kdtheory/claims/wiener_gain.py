"""C8a: risk at the train points is least at the Wiener gains, and a weighted distance from them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kdtheory.claims._claim import Counterexample
from kdtheory.claims._mutants import Mutate
from kdtheory.claims._registry import claim
from kdtheory.claims._risk_cases import NoisyRidge, risk_over_all_signs
from kdtheory.procedures import GradientFlow
from kdtheory.risk import oracle_wiener_gains
from kdtheory.testing import Margin, tolerance

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Formulas:
    """The formulas of the statement: of a gain, its residual, the target's coefficient and the noise variance."""

    bias: Callable[..., Array] = lambda left, c: (left * c) ** 2
    variance: Callable[..., Array] = lambda a, s2: a**2 * s2
    best: Callable[..., Array] = lambda c, s2: c**2 / (c**2 + s2)
    weight: Callable[..., Array] = lambda c, s2: c**2 + s2


def margins(case: NoisyRidge, formulas: Formulas) -> Margin:
    """Every outcome of the noise against the formulas, for a distilled student and for the best gains."""
    c, s2, here = case.coefficients, case.noise_variance, case.present
    (student,) = case.students(GradientFlow, [case.mixing])
    best = formulas.best(c, s2) * here
    rest = formulas.best(np.sqrt(s2), c**2) * here  # one minus the best gain: with signal and noise exchanged
    found = [risk_over_all_signs(case, fit) for fit in (student, (best, rest))]
    a, left = student
    away = np.where(best > 0.5, rest - left, a - best)
    said = np.sum((formulas.bias(left, c) + formulas.variance(a, s2)) * here, axis=-1)
    excess = np.sum(formulas.weight(c, s2) * away**2 * here, axis=-1)
    toolkit = np.reshape(oracle_wiener_gains(np.ravel(c), np.ravel(s2 * np.ones_like(c))), c.shape)
    return Margin(
        risk=Margin.within(said - found[0], tolerance(256) * found[0]).values,
        excess=Margin.within(found[0] - found[1] - excess, tolerance(256) * (found[0] + found[1])).values,
        toolkit=1.0 - np.max(np.abs(toolkit - best), axis=-1) / tolerance(),
    )


@dataclass(frozen=True)
class Outcomes:
    """Fits of a few labels, outcome by outcome of the noise.

    Attributes
    ----------
    noise : tuple of tuples
        Outcomes, equally likely, one number per mode.
    gains : callable
        From labels to gains.
    start : float
        Where every mode's training starts.
    """

    noise: tuple[tuple[float, ...], ...]
    gains: Callable[[Array], Any]
    coefficients: tuple[float, ...] = (1.0,)
    start: float = 0.0

    @property
    def risk(self) -> float:
        """Mean of the squared error."""
        c, total = np.array(self.coefficients), 0.0
        for outcome in self.noise:
            labels = c + np.array(outcome)
            a = np.asarray(self.gains(labels))
            total += float(np.sum((a * labels + (1 - a) * self.start - c) ** 2))
        return total / len(self.noise)


def least_margin(case: Outcomes) -> Margin:
    """Log of the risk over the least one that the statement allows, for the noise variance summed over modes."""
    noise, c = np.array(case.noise), np.array(case.coefficients)
    s2 = np.mean(np.var(noise, axis=0))
    return Margin(least=np.log(case.risk / np.sum(c**2 * s2 / (c**2 + s2))))


def _simulation() -> Margin:
    """Gradient descent on 4,000 noisy labels of three modes: the mean error is within 4 standard errors."""
    import kdtheory as kd

    c, deviation, runs, lam = np.array([2.0, 1.0, 0.3]), 0.7, 4000, [1.0, 0.4, 0.1]
    noise = deviation * np.random.default_rng(0).standard_normal((3, runs))
    task = kd.tasks.from_spectrum(lam, coefficients=c[:, None] + noise)
    teacher, student = kd.GradientDescent(4, 0.7), kd.GradientDescent(6, 0.7)
    run = kd.simulate(kd.self_distillation(teacher, student, mixing=0.6), kd.LinearModel(), task)["student"]
    errors = np.sum((np.asarray(run.train) - c[:, None]) ** 2, axis=0)
    g = student.gain(lam)
    a = g * (0.4 + 0.6 * teacher.gain(lam))
    expected = np.sum(((1 - a) * c) ** 2 + (a * deviation) ** 2)
    return Margin.within(errors.mean() - expected, 4 * errors.std() / np.sqrt(runs))


def _shrunk(labels: Array) -> Array:
    return np.full(len(labels), 0.4)


FAIR = Outcomes(noise=((1.0,), (-1.0,)), gains=_shrunk)
TWO = ((1.0, 1.0), (1.0, -1.0), (-1.0, 1.0), (-1.0, -1.0))
COUNTEREXAMPLES = (
    Counterexample(
        "gains-chosen-by-the-labels",
        violates="gains-set-ahead",
        words="Who sees that a label came out too large shrinks it more: the risk is half of the least one.",
        case=Outcomes(noise=((1.0,), (-1.0,)), coefficients=(2.0,), gains=lambda y: np.where(y > 2, 0.8, 1.2)),
        restored=Outcomes(noise=((1.0,), (-1.0,)), coefficients=(2.0,), gains=lambda y: np.full(1, 0.9)),
        margin=-0.6931471805599448,
        check=least_margin,
    ),
    Counterexample(
        "noise-with-a-mean",
        violates="noise-of-mean-zero",
        words="Labels that are too large on average are brought back by shrinking.",
        case=replace(FAIR, noise=((2.0,), (0.0,))),
        restored=FAIR,
        margin=-0.9162907318741549,
        check=least_margin,
    ),
    Counterexample(
        "all-noise-in-one-mode",
        violates="one-variance",
        words="Of two modes one has all the noise: gains that know it stay below what the common variance allows.",
        case=Outcomes(
            ((0.0, 2**0.5), (0.0, -(2**0.5))), coefficients=(1.0, 1.0), gains=lambda y: np.array([0.95, 0.3])
        ),
        restored=Outcomes(TWO, coefficients=(1.0, 1.0), gains=lambda y: np.array([0.95, 0.3])),
        margin=-0.3967531675061431,
        check=least_margin,
    ),
    Counterexample(
        "start-near-the-truth",
        violates="zero-start",
        words="A training that starts near the truth and stops early has little bias and little noise.",
        case=replace(FAIR, start=0.9),
        restored=FAIR,
        margin=-1.117183674253545,
        check=least_margin,
    ),
)

mutate = Mutate(margins, Formulas())
MUTANTS = (
    mutate("bias-exponent", "the bias is linear in what is left", bias=lambda left, c: np.abs(left) * c**2),
    mutate("bias-sign", "the bias grows with the gain", bias=lambda left, c: ((1 - left) * c) ** 2),
    mutate("variance-exponent", "the variance is linear in the gain", variance=lambda a, s2: np.abs(a) * s2),
    mutate("variance-factor", "the variance is halved", variance=lambda a, s2: a**2 * s2 / 2),
    mutate("best-exponent", "the best gain weighs amplitudes", best=lambda c, s2: c / (c + np.sqrt(s2))),
    mutate("best-inverse", "signal and noise are exchanged", best=lambda c, s2: s2 / (c**2 + s2)),
    mutate("weight-sign", "noise is taken off the weight", weight=lambda c, s2: c**2 - s2),
    mutate("weight-factor", "the weight is doubled", weight=lambda c, s2: 2 * (c**2 + s2)),
)


@claim(
    id="wiener-gain",
    title="Risk is a weighted distance from the Wiener gains",
    topic="risk",
    source="derived here",
    statement=r"""Let a fit have the gains $a_k$, and labels the coefficients $c_k + \varepsilon_k$ with
$E \varepsilon_k = 0$, $E \varepsilon_k^2 = s^2$. At the train points
\[ R(a) = \sum_k (1 - a_k)^2 c_k^2 + a_k^2 s^2
        = R(a^*) + \sum_k (c_k^2 + s^2) (a_k - a_k^*)^2, \qquad a_k^* = \frac{c_k^2}{c_k^2 + s^2}. \]
No gains have less risk than $a^*$; where $c_k = s = 0$ every gain is best.""",
    words="Whatever was done to get them, ridge, early stopping, any rounds of distillation, gains are judged by their "
    "distance from one profile: the share of each mode's power that is signal. Distillation helps exactly if it moves "
    "the gains nearer to that profile, in the metric of the labels' power.",
    assumptions={
        "linear-model": "The model is linear in its parameters and the loss is squared error: modes evolve apart.",
        "train-points": "Errors are summed over the train points, against the clean targets.",
        "noise-of-mean-zero": "The noise of the labels has mean zero.",
        "one-variance": "The noise of every mode's coefficient has the same variance (it need not be independent).",
        "gains-set-ahead": "Gains do not depend on the noise: no stopping or tuning on these labels.",
        "zero-start": "Trainings start from the zero function.",
    },
    counterexamples=COUNTEREXAMPLES,
    mutants=MUTANTS,
    figure="distillation-risk",
    simulation=_simulation,
)
def wiener_gain(case: NoisyRidge) -> Margin:
    """Margins of the risk, of its excess, and of the library's Wiener gains."""
    return margins(case, Formulas())
