"""C2, momentum: whatever its friction, it exaggerates until the leading mode overshoots."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from kdtheory.claims import _closed_forms as closed
from kdtheory.claims._claim import Counterexample
from kdtheory.claims._mutants import Mutate
from kdtheory.claims._registry import claim
from kdtheory.procedures import HeavyBall, HeavyBallFlow, Nesterov, Procedure
from kdtheory.procedures.elasticity import parameter_at_gain
from kdtheory.procedures.exaggeration import log_ahead, log_gain
from kdtheory.testing import Case, Margin, Trainings, lag_margin, logarithmic, odds, tolerance

Array = NDArray[np.float64]
_NEVER = 1e12
Runs = tuple[Procedure, Procedure, Procedure]


def overshoot(damping: Any) -> Any:
    """Time at which heavy-ball flow of friction ``2 * damping`` first overshoots a mode of eigenvalue 1."""
    turn = np.sqrt(np.maximum(1.0 - np.square(damping), 1e-300))
    return np.where(damping < 1.0, (np.pi - np.arctan2(turn, damping)) / turn, _NEVER)


def log_density(damping: Any, lam: Any, time: Any) -> Any:
    """Log of the velocity of heavy-ball flow, but for a factor of the mode; minus infinity where it has turned."""
    apart = np.square(damping) - lam
    w = np.sqrt(np.maximum(np.abs(apart), 1e-300))
    with np.errstate(invalid="ignore", divide="ignore"):
        grown = w * time + np.log(-np.expm1(-2.0 * w * time))
        return np.where(apart > 0, grown, np.log(2.0 * np.sin(w * time))) - damping * time


def log_step_density(one: Any, two: Any, steps: Any) -> Any:
    """The same of a real number of steps, from minus the logs of the two roots: exp(-m k) sinh(w k + phi)."""
    m, w = 0.5 * (one + two), 0.5 * (two - one)
    shift = 0.5 * np.log(one / np.expm1(one) * np.expm1(two) / two)
    phase = w * steps + shift
    return -m * steps + phase + np.log(-np.expm1(-2.0 * phase))


@dataclass(frozen=True)
class MomentumModes(Case):
    """Two modes, and teacher and student with momentum, in units of the leading eigenvalue.

    Attributes
    ----------
    ratio : lower over leading eigenvalue
    damping : friction over the critical one
    teacher_progress, student_progress : times over that of the slow rate; at most 0.999 of the overshoot
    momentum : of the methods with steps
    rate : step size over the largest without overshoot
    """

    ratio: Annotated[Any, odds(0.01, 0.95, simple=0.5)]
    damping: Annotated[Any, logarithmic(1e-3, 1e2, simple=0.5)]
    teacher_progress: Annotated[Any, logarithmic(0.02, 15.0, simple=1.0)]
    student_progress: Annotated[Any, logarithmic(0.02, 15.0, simple=1.0)]
    momentum: Annotated[Any, odds(1e-3, 0.9, simple=0.25)]
    rate: Annotated[Any, odds(1e-2, 0.999, simple=0.5)]

    @cached_property
    def flows(self) -> Runs:
        """Teacher, student, and the matched reference."""
        d = np.asarray(self.damping)
        longest = 0.999 * overshoot(d)
        # One over the slow rate; without friction the unit of time.
        unit = np.where(d < 1.0, 1.0, d + np.sqrt(np.maximum(np.square(d) - 1.0, 0.0)))
        teacher, student = (
            HeavyBallFlow(np.minimum(progress * unit, longest), 2.0 * d)
            for progress in (self.teacher_progress, self.student_progress)
        )
        u, v, x, y = teacher.gain(1.0), student.gain(1.0), teacher.residual(1.0), student.residual(1.0)
        found = parameter_at_gain(lambda t: HeavyBallFlow(t, 2.0 * d), u * v, residual=x + y - x * y, longest=longest)
        return teacher, student, HeavyBallFlow(found, 2.0 * d)

    @cached_property
    def steps(self) -> dict[str, Runs]:
        """The same with steps; the reference has the fewest that are as far as the student."""
        mu, rate = np.asarray(self.momentum), np.asarray(self.rate)
        ball, ahead = rate * np.square(1.0 - np.sqrt(mu)), rate * np.square((1.0 - mu) / (1.0 + mu))
        return {
            "heavy_ball": self._counted(lambda k: HeavyBall(k, mu, ball), *_rates("heavy_ball", ball, mu)),
            "nesterov": self._counted(lambda k: Nesterov(k, mu, ahead), *_rates("nesterov", ahead, mu)),
        }

    def _counted(self, family: Callable[[Any], Procedure], slow: Array, fast: Array) -> Runs:
        """Teacher and student of these progresses of the slow root, and the reference, by bisection."""
        one = np.ones(np.shape(self.ratio))
        first, second = (np.ceil(x / slow) for x in (self.teacher_progress, self.student_progress))
        teacher, student = family(first), family(second)
        x, y = teacher.residual(one), student.residual(one)
        near, far = -np.expm1(-slow), -np.expm1(-fast)
        low, high = 0.0 * one, np.minimum(first, second) * one
        while np.any(high - low > 1):
            middle = np.ceil(0.5 * (low + high))  # never 0; where there is nothing in between, high again
            left = (far * np.exp(-slow * (middle + 1.0)) - near * np.exp(-fast * (middle + 1.0))) / (far - near)
            enough = left <= x + y - x * y
            low, high = np.where(enough, low, middle), np.where(enough, middle, high)
        goal = log_gain(teacher, one) + log_gain(student, one)
        return teacher, student, family(high + (log_gain(family(high), one) < goal))


@dataclass(frozen=True)
class Formulas:
    """The formulas that the statement stands on; each mutant replaces one of them by a wrong one."""

    overshoot: Callable[..., Any] = overshoot
    log_density: Callable[..., Any] = log_density
    log_step_density: Callable[..., Any] = log_step_density


def margins(case: MomentumModes, formulas: Formulas) -> Margin:
    """Lag, the order of the speeds of gains, and the densities, for flow, heavy ball and Nesterov's method."""
    r, damping = np.asarray(case.ratio), np.asarray(case.damping)
    one = np.ones_like(r)
    teacher, _, reference = case.flows
    parts = {"flow_lags": log_ahead(*case.flows, r) - log_ahead(*case.flows, one)}

    def speed(run: Any, lam: Array) -> Array:
        return formulas.log_density(damping, lam, run.time) - log_gain(run, lam)

    grown = [speed(teacher, lam) - speed(reference, lam) for lam in (r, one)]
    parts["flow_order"] = (grown[0] - grown[1]) / (1.0 + np.abs(grown[1]))
    parts["flow_density"] = _as_differences(
        lambda t: HeavyBallFlow(t, 2.0 * damping).gain(r),
        lambda t: formulas.log_density(damping, r, t),
        reference.parameters["time"],
    )
    under = damping < 0.99
    end = np.where(under, formulas.overshoot(damping), 1.0)
    back = HeavyBallFlow(end, 2.0 * damping).residual(one)
    parts["overshoot"] = np.where(
        under, 1.0 - np.abs(back) / tolerance(condition=10.0 / (1.0 - np.minimum(damping, 0.99))), np.inf
    )
    for name, runs in case.steps.items():
        parts |= {f"{name}_{part}": values for part, values in _of_steps(name, runs, r, formulas).items()}
    return Margin(**parts)


def _of_steps(name: str, runs: Runs, r: Array, formulas: Formulas) -> dict[str, Array]:
    first, _, reference = runs
    mu, h = np.asarray(first.parameters["momentum"]), np.asarray(first.parameters["step_size"])
    k, more = (np.asarray(run.parameters["steps"], dtype=float) for run in (reference, first))

    def speed(lam: Array, run: Procedure, steps: Array) -> Array:
        return formulas.log_step_density(*_rates(name, h * lam, mu), steps) - log_gain(run, lam)

    one = np.ones_like(r)
    grown = [speed(lam, first, more) - speed(lam, reference, k) for lam in (r, one)]
    order = (grown[0] - grown[1]) / (1.0 + np.abs(grown[1]))
    form = {"heavy_ball": closed.heavy_ball, "nesterov": closed.nesterov}[name]
    at = 1.0 + np.minimum(k, 5.0)
    density = _as_differences(
        lambda steps: form(h, mu, steps), lambda steps: formulas.log_step_density(*_rates(name, h, mu), steps), at
    )
    return {"lags": log_ahead(*runs, r), "order": np.where(more > k, order, np.inf), "density": density}


def _rates(name: str, h: Array, mu: Array) -> tuple[Array, Array]:
    """Minus the logs of the two roots, the slow one through the fast one."""
    total, product = {
        "heavy_ball": (1.0 - mu + h, mu),
        "nesterov": (1.0 - mu + h * (1.0 + mu), mu * (1.0 - h)),
    }[name]
    far = 0.5 * (total + np.sqrt(np.square(total) - 4.0 * h))
    near = h / far
    return -np.log1p(-near), -np.log(product) + np.log1p(-near)


def _as_differences(gain: Callable[[Any], Any], density: Callable[[Any], Any], at: Array) -> Array:
    """Whether the density at two places, 1 and 1.5 times ``at``, has the ratio of the gain's slopes there."""
    slopes, step = [], 1e-3
    for place in (at, 1.5 * at):
        values = gain(place * (1.0 + step * np.array([-2.0, -1.0, 1.0, 2.0]).reshape(4, *(1,) * np.ndim(place))))
        slopes.append((8.0 * (values[2] - values[1]) - (values[3] - values[0])) / (12.0 * step * place))
    with np.errstate(invalid="ignore", divide="ignore"):
        said = np.exp(density(1.5 * at) - density(at))
        off = np.abs(slopes[1] / slopes[0] - said) / (1e-5 * said + 1e-6 / np.abs(slopes[0] * at))
    # Beyond the overshoot of the later place there is no density to compare with.
    return np.where(np.isfinite(off), 1.0 - off, np.where(np.isfinite(said) | (slopes[1] > 0), -1.0, np.inf))


def _flow(friction: float) -> Callable[[float, Array], Array]:
    return lambda time, lam: HeavyBallFlow(time, friction).gain(lam)


def _trained(friction: float, times: tuple[float, float], longest: float, reference: float | None = None) -> Trainings:
    """Two modes of eigenvalues 1 and 4/9, teacher and student of one friction, the reference of another."""
    teacher, student = (HeavyBallFlow(time, friction) for time in times)
    other = friction if reference is None else reference
    return Trainings((1.0, 4 / 9), teacher.gain, student.gain, _flow(other), times=(1e-9, longest))


COUNTEREXAMPLES = (
    Counterexample(
        "after-the-overshoot",
        violates="before-the-overshoot",
        words="Without friction a teacher stopped when mode 1 has come back to its target has twice as much of mode 2.",
        case=_trained(0.0, (1.5 * np.pi, 2.0), np.pi),
        restored=_trained(0.0, (0.5 * np.pi - 0.1, 1.5), 0.5 * np.pi),
        margin=-0.6931471805599453,
        check=lag_margin,
    ),
    Counterexample(
        "other-friction",
        violates="one-friction",
        words="Long trainings with much friction, against a reference without: that one is steeper at its gain than "
        "both of them, and behind on mode 2.",
        case=_trained(10.0, (40.0, 40.0), 0.5 * np.pi, reference=0.0),
        restored=_trained(10.0, (40.0, 40.0), 80.0),
        margin=-0.3655037862914817,
        check=lag_margin,
    ),
)

mutate = Mutate(margins, Formulas())
MUTANTS = (
    mutate("overshoot-factor", "the overshoot is at half of the time", overshoot=lambda d: 0.5 * overshoot(d)),
    mutate("overshoot-sign", "friction brings the overshoot forward", overshoot=lambda d: overshoot(-d)),
    mutate(
        "density-friction",
        "friction makes the velocity grow",
        log_density=lambda d, lam, t: log_density(d, lam, t) + 2 * d * t,
    ),
    mutate(
        "density-rate",
        "the two rates are half as far apart",
        log_density=lambda d, lam, t: log_density(d, lam, 0.5 * t) - 0.5 * d * t,
    ),
    mutate("density-order", "modes change places", log_density=lambda d, lam, t: -log_density(d, lam, t)),
    mutate(
        "steps-shift",
        "without the shift of the first step",
        log_step_density=lambda a, b, k: log_step_density(a, b, k - 1.0),
    ),
    mutate("steps-rate", "twice the number of steps", log_step_density=lambda a, b, k: log_step_density(a, b, 2.0 * k)),
    mutate("steps-sign", "the inverse of the density", log_step_density=lambda a, b, k: -log_step_density(a, b, k)),
    mutate.flipped("flow-leads", "lower modes lead under flow", "flow_lags"),
)


@claim(
    id="momentum-exaggerates-until-it-overshoots",
    title="Momentum exaggerates, whatever its friction, until the leading mode overshoots",
    topic="eigenspace",
    source="derived here",
    statement=r"""Let teacher, student and reference be heavy-ball flow of one friction $g \ge 0$, from rest, and stop
before the leading mode overshoots; or the heavy ball with $h \le (1 - \sqrt\mu)^2$ or Nesterov's method (its iterate)
with $h \le ((1 - \mu)/(1 + \mu))^2$, of one momentum $0 < \mu < 1$ and step size, $h = \eta \lambda_1$. Along a run,
the elasticity of the gain of a mode is a strictly concave function of $\log(1/\text{gain})$, equivalently
\[ \frac{\partial}{\partial t}\, \frac{\dot g(\lambda_2, t) / g(\lambda_2, t)}{\dot g(\lambda_1, t) / g(\lambda_1, t)} >
   0 \quad (\lambda_2 < \lambda_1), \]
and so $e(uv) < e(u) + e(v)$. A reference as far as the student on mode 1 is strictly ahead on every lower mode. The
first overshoot of a mode is at
\[ t = \frac{\pi - \arctan(j / (g/2))}{j}, \qquad j = \sqrt{\lambda - g^2/4}. \]""",
    words="A mode's gain under momentum is a distribution function of time, and of two modes the lower one's gain "
    "always grows the faster, relative to the other, the later it is. That is enough for exaggeration: what momentum "
    "does to a mode is steeper in the eigenvalue early on, in a way that two trainings in a row add up to more than "
    "one. It ends where gains pass their target.",
    assumptions={
        "before-the-overshoot": "All three trainings stop before the leading mode overshoots.",
        "one-friction": "All three have the same friction, or the same momentum and step size.",
        "at-rest": "All three trainings start at the zero function, at rest.",
        "squared-loss": "The model is linear in its parameters and the loss is squared error: modes evolve apart.",
        "distinct-eigenvalues": "The lower mode has a smaller eigenvalue.",
        "iterate": "The output of Nesterov's method is its iterate.",
    },
    counterexamples=COUNTEREXAMPLES,
    mutants=MUTANTS,
    figure="which-procedures-exaggerate",
)
def momentum_exaggerates_until_it_overshoots(case: MomentumModes) -> Margin:
    """Lag, order of speeds, and densities, on both sides of critical friction and with steps."""
    return margins(case, Formulas())
