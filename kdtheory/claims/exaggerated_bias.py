"""C1: distillation by gradient flow exaggerates the bias of gradient flow."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from kdtheory.claims._claim import Counterexample, Mutant
from kdtheory.claims._mutants import Mutate
from kdtheory.claims._registry import claim
from kdtheory.procedures import GradientDescent, GradientFlow, Ridge, matching
from kdtheory.testing import EPSILON, Margin, Trainings, TwoModes, decided, lag_margin, logarithmic, tolerance

Array = NDArray[np.float64]


@dataclass(frozen=True)
class DistilledModes(TwoModes):
    """Two modes, teacher, student, and by how much longer than at the match the reference runs (one-sided form)."""

    longer: Annotated[Any, logarithmic(1e-6, 10.0, simple=1.0)]


@dataclass(frozen=True)
class Formulas:
    """The formulas that the statement stands on; each mutant replaces one of them by a wrong one."""

    matched_progress: Callable[..., Array] = matching.matched_progress
    residual_gap: Callable[..., matching.Estimate] = matching.residual_gap
    log_lag: Callable[..., Array] = matching.log_lag
    log_flattening: Callable[..., Array] = matching.log_flattening


def margins(case: DistilledModes, formulas: Formulas) -> Margin:
    """Margins of every part of the statement, in logs of gains or residuals."""
    teacher, student, ratio = case.teacher_progress, case.student_progress, case.ratio
    matched = formulas.matched_progress(teacher, student)
    gap = formulas.residual_gap(teacher, student, ratio)
    lag = formulas.log_lag(decided(gap.value, gap.error, partial(_exact_gap, case)), teacher, student, ratio)
    short, long = formulas.log_flattening(np.minimum(teacher, student), ratio), np.maximum(teacher, student)
    flattened = formulas.log_flattening(long, ratio)
    excess, error = short - formulas.log_flattening(matched, ratio), _flattening_error(case, short)
    excess = decided(excess, error, partial(_exact_excess, case))
    one, two = _log_gains(case, matched, 1.0), _log_gains(case, matched, ratio)
    return Margin(
        log_lag=lag,
        one_sided=lag + _gained(ratio * matched, case.longer),
        bound=flattened + excess,
        sharper_bound=excess,
        matched=Margin.within(one, tolerance()).values,
        by_definition=Margin.within(lag - two, tolerance()).values,
        bound_by_definition=Margin.within(flattened + excess - np.log(1 / ratio) + two, tolerance(condition=4)).values,
    )


def _log_gains(case: DistilledModes, matched: Array, ratio: Any) -> Array:
    """Log of the reference's gain over the student's, from the procedures as the toolkit runs them."""
    lam = case.largest * ratio
    times = matched / case.largest, case.teacher_time, case.student_time
    reference, teacher, student = (GradientFlow(time).gain(lam) for time in times)
    return np.log(reference / (teacher * student))


def _gained(progress: Array, longer: Any) -> Array:
    """Log of the gain at ``(1 + longer) * progress`` over that at ``progress``."""
    return np.log1p(np.exp(-progress) * np.expm1(-progress * longer) / np.expm1(-progress))


def _flattening_error(case: DistilledModes, short: Array) -> Array:
    progress = np.minimum(case.teacher_progress, case.student_progress)
    return 16 * EPSILON * (short + np.where(progress < 0.5, progress**2 / 24, 1.0))


def _exact(case: DistilledModes, index: int) -> tuple[Any, ...]:
    """Progress and ratio in mpmath, with enough digits for residuals of exp(-progress)."""
    import mpmath

    numbers = (case.teacher_progress, case.student_progress, case.ratio)
    a, b, r = (float(np.atleast_1d(number)[index]) for number in numbers)
    context = mpmath.mp.clone()
    context.dps = int(60 + (a + b) / 2)
    a, b, r = context.mpf(a), context.mpf(b), context.mpf(r)
    c = -context.log(context.exp(-a) - context.expm1(-a) * context.exp(-b))
    return context, a, b, c, r


def _exact_gap(case: DistilledModes, index: int) -> float:
    context, a, b, c, r = _exact(case, index)
    return float(context.log(context.exp(-r * a) - context.expm1(-r * a) * context.exp(-r * b)) + r * c)


def _exact_excess(case: DistilledModes, index: int) -> float:
    context, a, b, c, r = _exact(case, index)
    short = min(a, b)
    flattened = [context.log(context.expm1(-r * z) / context.expm1(-z)) for z in (short, c)]
    return float(flattened[0] - flattened[1])


def _simulation() -> Margin:
    """Two modes trained by small Euler steps: the student lags, by what the closed form says.

    An Euler step h moves log-gains by at most h * eigenvalue / 2 at first order; teacher, student and reference add up.
    """
    import kdtheory as kd

    case, step = TwoModes(0.0, 0.25, 1.0, 2.0), 1e-3
    task = kd.tasks.from_spectrum(case.eigenvalues, coefficients=[1.0, 1.0], seed=0)
    model = kd.LinearModel()
    progress = float(matching.matched_progress(case.teacher_progress, case.student_progress))
    students = kd.self_distillation(GradientFlow(case.teacher_time), GradientFlow(case.student_time))
    recipe = kd.Recipe(**students, reference=kd.Fit(kd.Phase(kd.labels, GradientFlow(progress / case.largest))))
    run = kd.simulate(recipe, model, task, step_size=step)
    gains = {name: np.asarray(run[name].on(model.spectrum(task)).gains) for name in ("student", "reference")}
    measured = np.log(gains["reference"]) - np.log(gains["student"])
    gap = matching.residual_gap(case.teacher_progress, case.student_progress, case.ratio).value
    expected = [0.0, matching.log_lag(gap, case.teacher_progress, case.student_progress, case.ratio)]
    error = np.abs(measured - expected).max()
    return Margin(
        log_lag=measured[1],
        bound=np.log(1 / case.ratio) - measured[1],
        agreement=Margin.within(error, 3 * step * case.largest / 2).values,
    )


def _flow(time: float, lam: Array) -> Array:
    return GradientFlow(time).gain(lam)


def _flows(eigenvalues: tuple[float, float], time: float) -> Trainings:
    """What a violated assumption is restored to: gradient flow of that time for teacher and student."""
    return Trainings(eigenvalues, GradientFlow(time).gain, GradientFlow(time).gain, _flow, times=(0.0, time))


def _descent(steps: float, lam: Array, step_size: float = 1.0) -> Array:
    return GradientDescent(int(steps), step_size).gain(lam)


def _decayed(time: float, lam: Array, decay: float = 1.0) -> Array:
    return lam / (lam + decay) * -np.expm1(-(lam + decay) * time)


def _averaged(time: float, lam: Array) -> Array:
    return 1.0 + np.expm1(-lam * time) / (lam * time)


def _undamped(time: float, lam: Array) -> Array:
    return 2.0 * np.square(np.sin(np.sqrt(lam) * time / 2.0))


def _smoothed(time: float, lam: Array) -> Array:
    return 0.9 * GradientFlow(time).gain(lam)


def _alike(gain: Callable[[float, Array], Array], eigenvalues: tuple[float, float], time: float) -> Trainings:
    """Teacher, student and reference by the same procedure, teacher and student for the same time."""
    return Trainings(eigenvalues, partial(gain, time), partial(gain, time), gain, times=(1e-9, time))


COUNTEREXAMPLES = (
    Counterexample(
        "overshooting-steps",
        violates="small-steps",
        words="Gradient descent with steps beyond 1 / eigenvalue alternates around the target; at the match (1.125 on "
        "mode 1 for both) the student has 1.152 of mode 2, the reference 1.008.",
        case=Trainings((1.5, 1.2), partial(_descent, 2), partial(_descent, 1), _descent, times=(3, 3)),
        restored=_flows((1.5, 1.2), 2.0),
        margin=-0.13353139262452263,
        check=lag_margin,
    ),
    Counterexample(
        "undamped-momentum",
        violates="no-momentum",
        words="Without damping a teacher stopped after mode 1 has turned back has overshot mode 2 by a factor of two.",
        case=Trainings(
            (1.0, 4 / 9), partial(_undamped, 1.5 * np.pi), partial(_undamped, 2.0), _undamped, times=(1e-9, np.pi)
        ),
        restored=_flows((1.0, 4 / 9), 2.0),
        margin=-0.6931471805599453,
        check=lag_margin,
    ),
    Counterexample(
        "weight-decay",
        violates="no-shrinkage",
        words="With weight decay 1 no gain exceeds eigenvalue / (eigenvalue + 1): long trainings shrink twice, which "
        "at the match on mode 1 passes for a short reference.",
        case=_alike(_decayed, (10.0, 5.0), 2.0),
        restored=_flows((10.0, 5.0), 2.0),
        margin=-0.1328916646550071,
        check=lag_margin,
    ),
    Counterexample(
        "label-smoothing",
        violates="no-shrinkage",
        words="All outputs shrunk to 0.9: the student's second shrinkage of mode 1 passes for a short reference.",
        case=_alike(_smoothed, (1.0, 0.5), 20.0),
        restored=_flows((1.0, 0.5), 20.0),
        margin=-0.2746790990666978,
        check=lag_margin,
    ),
    Counterexample(
        "averaged-output",
        violates="last-iterate",
        words="The average along the path approaches its limit like 1 / time, in all modes alike: after long trainings "
        "the student leads, by a little.",
        case=_alike(_averaged, (1.0, 0.7), 11.0),
        restored=_flows((1.0, 0.7), 11.0),
        margin=-0.0019720208741369734,
        check=lag_margin,
    ),
    Counterexample(
        "ridge-teacher",
        violates="one-procedure",
        words="At equal gain on mode 1 ridge has more of mode 2 than gradient flow, and a long student keeps it.",
        case=Trainings((1.0, 0.1), Ridge(1 / 9).gain, GradientFlow(40.0).gain, _flow, times=(0.0, 40.0)),
        restored=Trainings((1.0, 0.1), GradientFlow(3.0).gain, GradientFlow(40.0).gain, _flow, times=(0.0, 40.0)),
        margin=-0.8157739047523466,
        check=lag_margin,
    ),
    Counterexample(
        "start-beyond-the-target",
        violates="zero-start",
        words="From a start beyond the target of mode 2 the student, slower to leave it, is the one with more of it.",
        case=replace(_flows((1.0, 0.5), 1.0), start=(0.0, 2.0)),
        restored=_flows((1.0, 0.5), 1.0),
        margin=-0.03885064093783368,
        check=lag_margin,
    ),
    Counterexample(
        "converged-teacher",
        violates="finite-times",
        words="A teacher trained to the end gives the labels back: the student is the reference.",
        case=Trainings((1.0, 0.5), GradientFlow(np.inf).gain, GradientFlow(1.0).gain, _flow, times=(1.0, 1.0)),
        restored=_flows((1.0, 0.5), 1.0),
        margin=0.0,
        check=lag_margin,
    ),
    Counterexample(
        "tied-eigenvalues",
        violates="distinct-eigenvalues",
        words="Modes of one eigenvalue are learned alike: a match on one is a match on the other.",
        case=DistilledModes(0.0, 1.0, 1.0, 1.0, longer=1.0),
        restored=DistilledModes(0.0, 0.5, 1.0, 1.0, longer=1.0),
        margin=0.0,
    ),
)


def _halved_bound(case: DistilledModes) -> Margin:
    return Margin(np.log(1 / case.ratio) / 2 - margins(case, Formulas()).parts["log_lag"])


def _wrong_gap(sign: float, exponent: float) -> Callable[..., matching.Estimate]:
    def gap(teacher: Any, student: Any, ratio: Any) -> matching.Estimate:
        estimate = matching.residual_gap(teacher, student, ratio**exponent)
        return matching.Estimate(sign * estimate.value, estimate.error)

    return gap


mutate = Mutate(margins, Formulas())
MUTANTS = (
    mutate.flipped("leads", "sign of the statement: the student leads on mode 2", "log_lag"),
    Mutant("bound-exponent", "the lower bound is the square root of the ratio", _halved_bound),
    mutate("match-sums-times", "the match is at T + s", matched_progress=lambda a, b: a + b),
    mutate(
        "match-sign",
        "the gain at the match is 1 - uv",
        matched_progress=lambda a, b: -np.log(np.expm1(-a) * np.expm1(-b)),
    ),
    mutate("gap-sign", "the residual gap has the other sign", residual_gap=_wrong_gap(-1.0, 1.0)),
    mutate("gap-exponent", "the ratio enters the residual gap squared", residual_gap=_wrong_gap(1.0, 2.0)),
    mutate("gap-factor", "the residual gap is halved", residual_gap=_wrong_gap(0.5, 1.0)),
    mutate(
        "lag-factor", "the lag in gains is taken for the gap in residuals", log_lag=lambda gap, a, b, r: np.asarray(gap)
    ),
    mutate(
        "flattening-factor",
        "the flattening is twice as large",
        log_flattening=lambda z, r: 2 * matching.log_flattening(z, r),
    ),
    mutate(
        "flattening-exponent",
        "the ratio enters the flattening squared",
        log_flattening=lambda z, r: matching.log_flattening(z, r**2),
    ),
)


@claim(
    id="exaggerated-bias",
    title="Gradient-flow distillation exaggerates the bias of its teacher",
    topic="eigenspace",
    source="nagarajan2023, theorem 4.1; one-sided form and two-sided bounds derived here",
    statement=r"""Let $\lambda_1 > \lambda_2 > 0$, $0 < T, s < \infty$ and
$a(\lambda) = (1 - e^{-\lambda T})(1 - e^{-\lambda s})$. For every $t$,
\[ a(\lambda_1) \le 1 - e^{-\lambda_1 t} \;\Longrightarrow\; a(\lambda_2) < 1 - e^{-\lambda_2 t}. \]
At the match, where the left side is an equality, with $r = \lambda_2 / \lambda_1$, $g_r(u) = 1 - (1 - u)^r$,
$u = 1 - e^{-\lambda_1 T}$, $v = 1 - e^{-\lambda_1 s}$ and $m = \max(u, v)$,
\[ r < \frac{g_r(m)}{m} < \frac{a(\lambda_2)}{1 - e^{-\lambda_2 t}} = \frac{g_r(u)\, g_r(v)}{g_r(uv)} < 1. \]""",
    words="A student that imitates its teacher by gradient flow, compared with training on the labels that has come at "
    "least as far on a leading mode, has learned strictly less of every lower mode. Its share of what the matched "
    "training has learned there lies between the ratio of the eigenvalues and 1: near the ratio while both trainings "
    "are short, near 1 as soon as one of them is long.",
    assumptions={
        "squared-loss": "The model is linear in its parameters and the loss is squared error: modes evolve apart.",
        "one-procedure": "Teacher, student and reference are trained by the same procedure, for times of their own.",
        "small-steps": "Steps are so small that training follows the gradient flow.",
        "no-momentum": "Training has no velocity.",
        "no-shrinkage": "Nothing but early stopping regularizes: no weight decay, no label smoothing.",
        "last-iterate": "Outputs are those at the end of training, not averages along the path.",
        "zero-start": "All three trainings start at the zero function.",
        "finite-times": "Teacher and student are trained for positive and finite times.",
        "distinct-eigenvalues": "Both eigenvalues are positive, and the second is strictly smaller.",
        "same-modes": "Teacher and student have the same inputs and kernel.",
        "pure-distillation": "The student sees the teacher's outputs only, the reference the labels only.",
        "target-present": "The target has a nonzero coefficient on both modes.",
    },
    counterexamples=COUNTEREXAMPLES,
    mutants=MUTANTS,
    simulation=_simulation,
    experiment="three-worlds",
)
def exaggerated_bias(case: DistilledModes) -> Margin:
    """Margins of both forms of the statement, of the bounds, and of the formulas against the procedures themselves."""
    return margins(case, Formulas())
