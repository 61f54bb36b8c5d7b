"""C14.13: noise on a student's logits that training cannot reduce makes it exaggerate its teacher's confidence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from kdtheory.claims._claim import Counterexample
from kdtheory.claims._mutants import Mutate
from kdtheory.claims._registry import claim
from kdtheory.distillation import noisy_student_logits
from kdtheory.testing import Case, Margin, logarithmic, tolerance

Array = NDArray[np.float64]
_NODES, _WEIGHTS = np.polynomial.hermite.hermgauss(100)
PROBIT_ERROR = 0.031


@dataclass(frozen=True)
class NoisyLogits(Case):
    """A teacher's log-odds and two amounts of Gaussian noise, in units of the temperature."""

    teacher_logit: Annotated[Any, logarithmic(1e-2, 30.0, simple=1.0)]
    deviation: Annotated[Any, logarithmic(1e-2, 3.0, simple=1.0)]
    teacher_deviation: Annotated[Any, logarithmic(1e-2, 3.0, simple=0.5)]
    hotter: Annotated[Any, logarithmic(1.01, 16.0, simple=2.0)]


def _probit(logit: Array, deviation: Array) -> Array:
    return logit * np.sqrt(1.0 + np.pi * deviation**2 / 8.0)


@dataclass(frozen=True)
class Formulas:
    """The student's logit, its probit approximation, and its excess at large logits."""

    student: Callable[..., Array] = noisy_student_logits
    probit: Callable[..., Array] = _probit
    excess: Callable[..., Array] = lambda deviation: deviation**2 / 2.0


def _mean_chance(logit: Array, deviation: Array) -> Array:
    """Expected probability of the other class, by Gauss-Hermite quadrature."""
    points = logit[..., None] + np.sqrt(2.0) * deviation[..., None] * _NODES
    return np.sum(_WEIGHTS / np.sqrt(np.pi) / (1.0 + np.exp(points)), axis=-1)


def margins(case: NoisyLogits, formulas: Formulas) -> Margin:
    """Balance by another quadrature, the exaggeration and what moves it, and the probit approximation."""
    u, s, t, hotter = (np.asarray(value) for value in case.values.values())
    noisy = formulas.student(u, s)
    # The quadrature's error: the integrand has poles at a distance of pi / s from the real axis.
    missed = 100.0 * np.exp(-2.0 * np.pi * np.sqrt(len(_NODES)) / s)
    chance = _mean_chance(noisy, s)
    hot = formulas.student(u, s, temperature=hotter)
    both = formulas.student(u, s, teacher_deviation=t)
    near = np.minimum(u, 1.0)
    spare = tolerance(145, 10.0 * (1.0 + 1.0 / u))
    return Margin(
        balance=Margin.within(chance * (1.0 + np.exp(u)) - 1.0, spare + missed * (1.0 + np.exp(u))).values,
        exaggerates=np.log(noisy / u),
        excess=np.minimum(1.0, (formulas.excess(s) - (noisy - u)) / u + spare),
        falls_with_temperature=np.log(noisy / hot),
        teacher_noise_takes_back=np.log(noisy / both),
        the_noisier_decides=np.sign(s - t) * np.log(both / u) + spare,
        probit=Margin.within(np.log(formulas.student(near, s) / formulas.probit(near, s)), PROBIT_ERROR).values,
    )


@dataclass(frozen=True)
class TwoPoint:
    """Noise of two values on a student's logit, the chance of the first, and what the student may still learn."""

    values: tuple[float, float] = (2.0, -2.0)
    chance: float = 0.5
    teacher: float = 2.0
    reducible: bool = False


def slope_margin(case: TwoPoint) -> Margin:
    """The student's logit over the teacher's, less one, at the optimum, by a search on the expected loss."""
    from scipy.optimize import minimize

    label = 1.0 / (1.0 + np.exp(-case.teacher))
    weights = np.array([case.chance, 1.0 - case.chance])

    def loss(x: Any) -> float:
        noise = np.asarray(case.values) * (x[1] if case.reducible else 1.0)
        return float(weights @ (np.logaddexp(0.0, x[0] + noise) - label * (x[0] + noise)))

    start = [case.teacher, 1.0] if case.reducible else [case.teacher]
    found = minimize(loss, start, method="BFGS", options={"gtol": 1e-12})
    # The search stops within the root of the rounding error.
    return Margin(slope=np.round(found.x[0] / case.teacher - 1.0, 6) + 0.0)


COUNTEREXAMPLES = (
    Counterexample(
        "reducible-noise",
        violates="noise-is-given",
        words="A student that can reduce its noise does so altogether and reproduces its teacher.",
        case=TwoPoint(reducible=True),
        restored=TwoPoint(),
        margin=0.0,
        check=slope_margin,
    ),
    Counterexample(
        "lopsided-noise",
        violates="symmetric-noise",
        words="Noise of mean zero that is rarely far down and mostly a little up (minus 4 with a chance of 1 in "
        "5, plus 1 otherwise) helps a timid student, which needs no logit of its own.",
        case=TwoPoint((-4.0, 1.0), chance=0.2, teacher=0.2),
        restored=TwoPoint((2.0, -2.0), teacher=0.2),
        margin=-2.145776,
        check=slope_margin,
    ),
)

mutate = Mutate(margins, Formulas())


def _student(factor: Callable[[Any, Any], Any]) -> Callable[..., Array]:
    def wrong(u: Any, s: Any, temperature: Any = 1.0, teacher_deviation: Any = 0.0) -> Array:
        return noisy_student_logits(u, s, temperature=temperature, teacher_deviation=teacher_deviation) * factor(u, s)

    return wrong


MUTANTS = (
    mutate("student-factor", "a thousandth more", student=_student(lambda u, s: 1.001)),
    mutate(
        "student-sign", "noise makes it timid", student=_student(lambda u, s: (u / noisy_student_logits(u, s)) ** 2)
    ),
    mutate(
        "student-copies",
        "the student reproduces its teacher",
        student=_student(lambda u, s: u / noisy_student_logits(u, s)),
    ),
    mutate("probit-factor", "pi over 4", probit=lambda u, s: u * np.sqrt(1.0 + np.pi * s**2 / 4.0)),
    mutate("probit-exponent", "no root", probit=lambda u, s: u * (1.0 + np.pi * s**2 / 8.0)),
    mutate("probit-sign", "divided by the root", probit=lambda u, s: u / np.sqrt(1.0 + np.pi * s**2 / 8.0)),
    mutate("excess-factor", "a third of the variance", excess=lambda s: s**2 / 3.0),
)


def _simulation() -> Margin:
    """Monte Carlo: a student of one logit, trained by Newton's steps on many noisy copies, against the balance."""
    generator, parts = np.random.default_rng(0), {}
    for name, u, s, t in (("plain", 2.0, 2.0, 0.0), ("warm", 0.5, 0.5, 0.0), ("teacher_noise", 2.0, 1.0, 2.0)):
        noise = s * generator.standard_normal(400_000)
        label = np.mean(1.0 / (1.0 + np.exp(-u - t * generator.standard_normal(400_000))))
        logit, chance = u, np.zeros(len(noise))
        for _ in range(12):
            chance = 1.0 / (1.0 + np.exp(-logit - noise))
            logit -= (np.mean(chance) - label) / np.mean(chance * (1.0 - chance))
        error = np.sqrt(2.0 * np.var(chance) / len(noise)) / np.mean(chance * (1.0 - chance))
        exact = noisy_student_logits(u, s, teacher_deviation=t)
        parts[name] = Margin.within(logit - exact, 4.0 * error).values
    return Margin(**parts)


@claim(
    id="logit-noise",
    title="Noise on its logits that training cannot reduce makes a student exaggerate its teacher's confidence",
    topic="open questions",
    source="derived here",
    figure="dropout-route",
    statement=r"""A binary student's training logit is $m + s \varepsilon$ with standard Gaussian $\varepsilon$, and
nothing but $m$ is learned, by expected cross-entropy at temperature $\tau$ with the soft label
$\sigma(z_T / \tau)$, $z_T > 0$. Its optimum is the only root of
\[ E\, \sigma\bigl((m + s \varepsilon) / \tau\bigr) = \sigma(z_T / \tau), \]
and $z_T < m \le z_T + s^2 / (2 \tau)$. The slope $m / z_T$ grows strictly with $s$ and falls strictly with $\tau$; the
lower bound, and both monotonicities, hold for every symmetric noise. If the label is averaged over noise of deviation
$t$ in the teacher, the slope falls, and is above, at or below 1 as $s$ is above, at or below $t$. The probit
approximation is $m \approx z_T \sqrt{1 + \pi s^2 / (8 \tau^2)}$, for $z_T \le \tau$ and $s \le 3 \tau$
within 3.1 %.""",
    words="Averaging a probability over noise moves it towards one half, so a student that has to match its teacher on "
    "average needs larger logits, the more so the noisier it is and the lower the temperature. Noise in the teacher "
    "does the opposite, and equal noise in both cancels. All this needs noise that the student cannot train away.",
    assumptions={
        "two-classes": "There are two classes; a logit is the log-odds.",
        "noise-is-given": "The noise does not depend on what is learned.",
        "symmetric-noise": "The noise is symmetric around zero.",
        "expressive": "The logit of the point can take any value, whatever those of other points.",
        "converged": "The student is trained to the optimum of its expected loss.",
    },
    counterexamples=COUNTEREXAMPLES,
    mutants=MUTANTS,
    simulation=_simulation,
)
def logit_noise(case: NoisyLogits) -> Margin:
    """Margins of the balance, of the exaggeration, and of what it depends on."""
    return margins(case, Formulas())
