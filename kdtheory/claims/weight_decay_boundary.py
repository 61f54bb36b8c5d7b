"""C2, weight decay: up to which eigenvalue descent with weight decay exaggerates, and that it reverses beyond."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from kdtheory.claims import _elasticities as closed
from kdtheory.claims._claim import Counterexample
from kdtheory.claims._mutants import Mutate
from kdtheory.claims._registry import claim
from kdtheory.procedures import Ridge, WeightDecayDescent, WeightDecayFlow, decay_threshold
from kdtheory.procedures.exaggeration import log_gain
from kdtheory.testing import Case, Margin, odds, tolerance

Array = NDArray[np.float64]
_MOST_STEPS = 2**24


@dataclass(frozen=True)
class DecayedModes(Case):
    """Two modes and descent with weight decay 1: eigenvalues and step sizes are in units of the decay.

    Attributes
    ----------
    step : step size times decay, below 1
    share : leading eigenvalue over the threshold (below it), or threshold over the lower one (beyond it)
    ratio : lower over leading eigenvalue
    teacher_share, student_share : gains of mode 1, over the largest
    """

    step: Annotated[Any, odds(1e-3, 0.9, simple=0.5)]
    share: Annotated[Any, odds(0.05, 0.999, simple=0.5)]
    ratio: Annotated[Any, odds(0.01, 0.99, simple=0.5)]
    teacher_share: Annotated[Any, odds(1e-4, 1 - 1e-6, simple=0.5)]
    student_share: Annotated[Any, odds(1e-4, 1 - 1e-6, simple=0.5)]

    @cached_property
    def threshold(self) -> Array:
        """The largest eigenvalue on which descent exaggerates."""
        return decay_threshold(1.0, self.step)


def _right(s: Any) -> Any:
    """Elasticity of gradient flow at the gain ``s``."""
    return closed.flow(s, 1.0 - s)


@dataclass(frozen=True)
class Formulas:
    """The formulas that the statement stands on; each mutant replaces one of them by a wrong one."""

    left: Callable[..., Any] = lambda lam: np.log1p(lam)
    right: Callable[..., Any] = _right
    elasticity: Callable[..., Any] = lambda rho, s, u: (1.0 - rho) + rho * s / ((1.0 - s) * -np.log1p(-s)) * _right(u)


def margins(case: DecayedModes, formulas: Formulas) -> Margin:
    """The threshold, the slack of the criterion on both sides of it, lower modes below it, and the reversal beyond."""
    eta, top = np.asarray(case.step), case.threshold
    below = case.share * top
    excess = formulas.left(top) - formulas.right(eta * (1.0 + top))
    runs = _trained(case, below)
    behind = [log_gain(run, np.asarray(case.ratio)) for run in runs]
    return Margin(
        threshold=1.0 - np.abs(excess) / tolerance(condition=1.0 / np.maximum(top, 1e-300) + 1.0 / (1.0 - eta)),
        elasticity=_elasticity(runs[0], below, eta, formulas),
        slack=formulas.right(eta * (1.0 + below)) - formulas.left(below),
        lags=behind[2] - behind[0] - behind[1],
        reverses=_reversal(case, formulas),
    )


def _trained(case: DecayedModes, lam: Array) -> tuple[WeightDecayDescent, ...]:
    """Teacher, student, and the reference with the fewest steps that is as far as the student on mode 1.

    Here the leading eigenvalue is the unit, in which all cases of a batch are stable.
    """
    rho, q = lam / (1.0 + lam), np.log1p(-case.step * (1.0 + lam))
    first, second = (np.ceil(np.log1p(-share) / q) for share in (case.teacher_share, case.student_share))

    def run(steps: Array) -> WeightDecayDescent:
        return WeightDecayDescent(np.clip(steps, 1.0, _MOST_STEPS), 1.0 / lam, case.step * lam)

    teacher, student = run(first), run(second)
    goal = teacher.gain(1.0) * student.gain(1.0)
    steps = np.ceil(np.log1p(-goal / rho) / q)
    return teacher, student, run(steps + (run(steps).gain(1.0) < goal))


def _elasticity(run: WeightDecayDescent, lam: Array, eta: Array, formulas: Formulas) -> Array:
    """The closed form against differences of log-gains, of order four in the log of the eigenvalue."""
    step = 1e-4
    # One step back from the leading eigenvalue, so that all nodes are stable.
    place = np.exp(-2.0 * step)
    low = [log_gain(run, np.exp(step * node) * place * np.ones_like(lam)) for node in (-2.0, -1.0, 1.0, 2.0)]
    found = (8.0 * (low[2] - low[1]) - (low[3] - low[0])) / (12.0 * step)
    here = place * lam
    rho = here / (1.0 + here)
    said = formulas.elasticity(rho, eta * (1.0 + here), run.gain(place * np.ones_like(lam)) / rho)
    return 1.0 - np.abs(said - found) / (1e-7 * (1.0 + np.abs(found)))


def _reversal(case: DecayedModes, formulas: Formulas) -> Array:
    """Log of the reference's residual over the student's on the lower of two modes beyond the threshold, both
    converged.

    Residuals are relative to the largest gain. The reference is as far on mode 1, after a number of steps that need not
    be whole; step sizes at which mode 1 overshoots are left out.
    """
    eta, top = np.asarray(case.step), case.threshold
    low = top / case.share
    high = low / case.ratio
    stable = eta * (1.0 + high) < 1.0
    low, high = (np.where(stable, lam, 1.0) for lam in (low, high))
    eta = np.where(stable, eta, 0.1)
    steps = formulas.left(high) / -np.log1p(-eta * (1.0 + high))
    gap = np.log1p(low) + steps * np.log1p(-eta * (1.0 + low))
    return np.where(stable, gap, np.inf)


def _limits(case: tuple[float, float, float]) -> Margin:
    """Lag of the lower of two eigenvalues where teacher and student, with that weight decay, have converged."""
    lam, ratio, decay = case
    both = lam * np.array([1.0, ratio])
    rho = Ridge(decay).gain(both)
    time = -np.log1p(-rho[0]) / (lam + decay)
    return Margin(lag=np.log(WeightDecayFlow(time, decay).gain(both)[1] / rho[1] ** 2))


COUNTEREXAMPLES = (
    Counterexample(
        "beyond-the-threshold",
        violates="below-threshold",
        words="Decay 1 on eigenvalues 10 and 5, both trainings converged: the student has .6944 of mode 2, the "
        "reference .6080.",
        case=(10.0, 0.5, 1.0),
        restored=(np.e - 1.0, 0.5, 1.0),
        margin=-0.13290395198980517,
        check=_limits,
    ),
    Counterexample(
        "tied-eigenvalues",
        violates="distinct-eigenvalues",
        words="On one eigenvalue nothing lags.",
        case=(1.0, 1.0, 1.0),
        restored=(1.0, 0.5, 1.0),
        margin=0.0,
        check=_limits,
    ),
)

mutate = Mutate(margins, Formulas())
MUTANTS = (
    mutate("left-factor", "twice the log", left=lambda lam: 2.0 * np.log1p(lam)),
    mutate("left-sign", "the log of one over it", left=lambda lam: -np.log1p(lam)),
    mutate("left-exponent", "the eigenvalue over the decay itself", left=lambda lam: lam),
    mutate("right-flow", "descent has the threshold of gradient flow", right=lambda s: np.ones_like(s)),
    mutate("right-sign", "the inverse of the right-hand side", right=lambda s: 1.0 / _right(s)),
    mutate("right-linear", "one less s", right=lambda s: 1.0 - s),
    mutate("right-exponent", "the square of the right-hand side", right=lambda s: _right(s) ** 2),
    mutate(
        "elasticity-flow",
        "the elasticity is that of gradient flow with decay",
        elasticity=lambda rho, s, u: (1.0 - rho) + rho * _right(u),
    ),
    mutate(
        "elasticity-shrinkage",
        "the elasticity of the shrinkage is left out",
        elasticity=lambda rho, s, u: Formulas().elasticity(rho, s, u) - (1.0 - rho),
    ),
    mutate(
        "elasticity-sign",
        "the elasticity of the shrinkage is taken off",
        elasticity=lambda rho, s, u: Formulas().elasticity(rho, s, u) - 2.0 * (1.0 - rho),
    ),
    mutate.flipped("leads", "lower modes lead below the threshold", "lags"),
    mutate.flipped("no-reversal", "long runs keep the order beyond the threshold", "reverses"),
)


@claim(
    id="weight-decay-boundary",
    title="Training with weight decay exaggerates up to one eigenvalue, and reverses beyond it",
    topic="eigenspace",
    source="derived here",
    statement=r"""Let teacher, student and reference be gradient descent with steps $\eta$ and weight decay $w$ towards
zero, $\eta (\lambda_1 + w) < 1$, and let $\lambda^*$ solve
\[ \log\frac{\lambda + w}{w} = \frac{(1 - s)(-\log(1 - s))}{s}, \qquad s = \eta (\lambda + w). \]
If $\lambda_1 \le \lambda^*$, the student lags on every lower mode, whatever the numbers of steps. If
$\lambda_1 > \lambda_2 \ge \lambda^*$ and teacher and student have converged, the student leads on $\lambda_2$. The
threshold falls with the step, from that of gradient flow, $\lambda^* = (e - 1) w$.""",
    words="Weight decay keeps every gain below a ceiling that is lower for smaller eigenvalues, and distillation "
    "lowers it twice. On leading modes that are not far above the decay this only adds to the exaggeration. On modes "
    "far above it the second lowering of mode 1 is mistaken for a shorter training, the reference is stopped early, "
    "and the student of long trainings has more of the lower modes, not less.",
    assumptions={
        "below-threshold": "The leading eigenvalue is at most the threshold.",
        "distinct-eigenvalues": "The lower mode has a smaller eigenvalue.",
        "same-procedure": "All three trainings have the same step size and the same decay, towards zero.",
        "small-steps": "Steps are short of the target: step size times (eigenvalue + decay) is below 1.",
        "squared-loss": "The model is linear in its parameters and the loss is squared error: modes evolve apart.",
        "zero-start": "All three trainings start at the zero function.",
    },
    counterexamples=COUNTEREXAMPLES,
    mutants=MUTANTS,
)
def weight_decay_boundary(case: DecayedModes) -> Margin:
    """The threshold and its equation, literal numbers of steps below it, and converged trainings beyond it."""
    return margins(case, Formulas())
