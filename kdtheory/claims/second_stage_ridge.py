"""C14.6: a little ridge in the student helps exactly if the teacher regularizes too little, in a weighted sense."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from kdtheory.claims._claim import Counterexample
from kdtheory.claims._mutants import Mutate
from kdtheory.claims._registry import claim
from kdtheory.procedures import GradientFlow
from kdtheory.testing import Margin, SpectralProblem, odds, tolerance

Array = NDArray[np.float64]
_STEP = 1e-30


@dataclass(frozen=True)
class Stages(SpectralProblem):
    """A teacher, and how far teachers stand beyond, or short of, the Wiener gains."""

    share: Annotated[Any, odds(1e-3, 0.999, simple=0.5)]


def _student(gain: Any, lam: Any, penalty: Any) -> Any:
    return gain * lam / (lam + penalty)


def _risk(gain: Any, signal: Array, noise: Array) -> Any:
    return (1.0 - gain) ** 2 * signal + gain**2 * noise


@dataclass(frozen=True)
class Formulas:
    """Best gain; slope of the risk per mode; and up to which penalty a teacher above all best gains is helped."""

    best: Callable[..., Array] = lambda signal, noise: signal / (signal + noise)
    slope: Callable[..., Array] = lambda power, g, best, lam: -2.0 * power * (g - best) * g / lam
    reach: Callable[..., Array] = lambda g, best, lam: lam * (g / best - 1.0)


def margins(case: Stages, formulas: Formulas) -> Margin:
    """The slope against a complex step of the risk itself; and the two cases in which every mode agrees."""
    # In units of the largest eigenvalue.
    lam = np.where(case.present, case.relative, 1.0)
    g = GradientFlow(case.per_mode(case.teacher_progress)).gain(lam)
    signal, noise = case.coefficients**2, case.noise_variance * case.present
    best = formulas.best(np.where(case.present, signal, 1.0), np.where(case.present, noise, 1.0))
    slopes = formulas.slope(signal + noise, g, best, lam)
    terms = np.sum(np.abs(formulas.slope(signal + noise, g, 0.0, lam)) + np.abs(slopes), axis=-1)
    literal = np.sum(np.imag(_risk(_student(g, lam, 1j * _STEP), signal, noise)) / _STEP, axis=-1)
    share = case.per_mode(case.share)
    over, under = best + (1.0 - best) * share, best * share
    reach = np.min(np.where(case.present, formulas.reach(over, best, lam), np.inf), axis=-1, keepdims=True)
    power = signal + noise
    spare = tolerance(8, 100.0)
    helped = power * ((over - best) ** 2 - (_student(over, lam, reach) - best) ** 2)
    hurt = power * ((_student(under, lam, share) - best) ** 2 - (under - best) ** 2)
    just_met = np.min(np.where(case.present, _student(over, lam, reach) / best, np.inf), axis=-1) - 1.0
    return Margin(
        slope=Margin.within(literal - np.sum(slopes, axis=-1), tolerance(8, 10.0) * terms).values,
        helps=np.sum(helped, axis=-1) / np.sum(power * (over - best) ** 2, axis=-1) + spare,
        hurts=np.sum(hurt, axis=-1) / np.sum(power * best**2, axis=-1),
        reach=Margin.within(just_met, spare / np.min(np.where(case.present, best, 1.0), axis=-1)).values,
    )


@dataclass(frozen=True)
class SecondStage:
    """A teacher's gains and a student's penalty; targets of 1, and the student's eigenvalues in its own kernel."""

    gains: tuple[float, float] = (0.95, 0.9)
    eigenvalues: tuple[float, float] = (1.0, 0.5)
    second: tuple[float, float] = (1.0, 0.5)
    penalty: float = 0.01
    noise: float = 0.5


def helped_margin(case: SecondStage) -> Margin:
    """Log of the teacher's risk over the student's, if the criterion says that it is helped, the reverse if not."""
    g, ones, noise = np.asarray(case.gains), np.ones(2), np.full(2, case.noise)
    student = _student(g, np.asarray(case.second), case.penalty)
    formulas = Formulas()
    criterion = np.sum(formulas.slope(ones + noise, g, formulas.best(ones, noise), np.asarray(case.eigenvalues)))
    gained = np.log(np.sum(_risk(g, ones, noise)) / np.sum(_risk(student, ones, noise)))
    return Margin(helped=-np.sign(criterion) * gained)


COUNTEREXAMPLES = (
    Counterexample(
        "large-penalty",
        violates="small-penalty",
        words="The teacher regularizes too little, but a penalty of 2 takes away far more than the noise.",
        case=SecondStage(penalty=2.0),
        restored=SecondStage(),
        margin=-0.32774636992016826,
        check=helped_margin,
    ),
    Counterexample(
        "other-kernel",
        violates="same-modes",
        words="The teacher learns too much of the second mode; a student whose kernel has the eigenvalues the other "
        "way "
        "round shrinks the first.",
        case=SecondStage(gains=(0.4, 0.9), eigenvalues=(1.0, 0.2), second=(0.2, 1.0)),
        restored=SecondStage(gains=(0.4, 0.9), eigenvalues=(1.0, 0.2), second=(1.0, 0.2)),
        margin=-0.011239286293911837,
        check=helped_margin,
    ),
)

mutate = Mutate(margins, Formulas())
MUTANTS = (
    mutate("slope-sign", "the slope has the other sign", slope=lambda w, g, best, lam: 2.0 * w * (g - best) * g / lam),
    mutate("slope-factor", "the two is missing", slope=lambda w, g, best, lam: -w * (g - best) * g / lam),
    mutate("slope-exponent", "the gain is squared", slope=lambda w, g, best, lam: -2.0 * w * (g - best) * g**2 / lam),
    mutate("slope-unweighted", "no eigenvalue below", slope=lambda w, g, best, lam: -2.0 * w * (g - best) * g),
    mutate("best-exponent", "the best gain is the root", best=lambda signal, noise: np.sqrt(signal / (signal + noise))),
    mutate("best-sign", "the best gain falls with the signal", best=lambda signal, noise: noise / (signal + noise)),
    mutate("reach-factor", "the reach is twice as long", reach=lambda g, best, lam: 2.0 * lam * (g / best - 1.0)),
    mutate("reach-sign", "the reach has a plus", reach=lambda g, best, lam: lam * (g / best + 1.0)),
)


def _simulation() -> Margin:
    """Monte Carlo over noisy labels: the mean change of the error by a small penalty, against the slope."""
    import kdtheory as kd

    generator = np.random.default_rng(0)
    lam, clean, noise, penalty = np.array([1.0, 0.4, 0.1]), np.array([1.0, -2.0, 0.5]), 0.5, 1e-3
    g = GradientFlow(5.0).gain(lam)
    labels = clean + np.sqrt(noise) * generator.standard_normal((200_000, 3))
    taught = g * labels
    student = _student(taught, lam, penalty)
    change = np.sum((student - clean) ** 2 - (taught - clean) ** 2, axis=1) / penalty
    error = np.mean(change) - kd.risk.oracle_second_stage_slope(g, lam, clean, noise)
    # The second derivative of the risk bounds what the finite penalty adds.
    curved = penalty * np.sum(3.0 * (clean**2 + noise) * g / lam**2)
    allowed = 4.0 * np.std(change) / np.sqrt(len(change)) + curved
    return Margin(slope=Margin.within(error, allowed).values)


@claim(
    id="second-stage-ridge",
    title="A little ridge in the student helps exactly if the teacher regularizes too little, in a weighted sense",
    topic="risk",
    source="moniri2025, the question; criterion derived here",
    figure="label-averaging",
    statement=r"""In mode $k$ the clean target is $c_k$, the labels' noise has variance $s^2$, the teacher any gain
$g_k$, and the student, ridge of penalty $c$ on the teacher's outputs, the gain $g_k \lambda_k / (\lambda_k + c)$. With
$a^*_k = c_k^2 / (c_k^2 + s^2)$ its risk at the train points has the slope
\[ \frac{dR}{dc}\Big|_{c = 0} = -2 \sum_k (c_k^2 + s^2)\,(g_k - a^*_k)\,\frac{g_k}{\lambda_k}: \]
a small penalty helps if the sum is positive and hurts if it is negative. If $g_k > a^*_k$ in all modes, every penalty
up to $\min_k \lambda_k (g_k / a^*_k - 1)$ helps; if $g_k \le a^*_k$ in all modes, every penalty hurts.""",
    words="The student's penalty shrinks all modes, the low ones first. That helps where the teacher has kept more "
    "noise "
    "than is worth its signal, and hurts where it has not; the weights say that it is mainly the low modes that "
    "decide.",
    assumptions={
        "squared-loss": "The model is linear in its parameters and the loss is squared error: modes evolve apart.",
        "same-modes": "Teacher and student have the same inputs and kernel.",
        "independent-noise": "The noise of the labels has the same variance in all modes and is uncorrelated.",
        "small-penalty": "The penalty is small: for the criterion.",
        "positive-eigenvalues": "The eigenvalues are positive: a mode of eigenvalue zero vanishes at any penalty.",
    },
    counterexamples=COUNTEREXAMPLES,
    mutants=MUTANTS,
    simulation=_simulation,
)
def second_stage_ridge(case: Stages) -> Margin:
    """Margins of the slope, and of the two cases in which all modes agree."""
    return margins(case, Formulas())
