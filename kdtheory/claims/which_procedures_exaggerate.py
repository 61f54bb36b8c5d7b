"""C2: which training procedures exaggerate, by the elasticities of their gains."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kdtheory.claims import _criterion as criterion
from kdtheory.claims import _elasticities as closed
from kdtheory.claims._claim import Counterexample
from kdtheory.claims._criterion import RIGHT, Compared, Formulas, condition, margins, table
from kdtheory.claims._elasticities import Elasticities
from kdtheory.claims._filters import Ensemble, LogFilter, Shrunk, StableFilter
from kdtheory.claims._mutants import Mutate
from kdtheory.claims._registry import claim
from kdtheory.procedures import (
    AveragedDescent,
    AveragedFlow,
    GradientDescent,
    GradientFlow,
    HeavyBall,
    HeavyBallFlow,
    Nesterov,
    Procedure,
    Ridge,
    SpectralCutOff,
    WeightDecayDescent,
    WeightDecayFlow,
)
from kdtheory.procedures.exaggeration import log_ahead
from kdtheory.procedures.matching import Estimate
from kdtheory.testing import Margin, Trainings, lag_margin, tolerance

__all__ = ["condition", "table", "which_procedures_exaggerate"]

Array = NDArray[np.float64]


def _simulation() -> Margin:
    """Literal steps of five families on two modes: those that hold lag, those that fail lead, as in closed form.

    The reference takes the fewest steps that are as far as the student on mode 1.
    """
    import kdtheory as kd

    task, model = kd.tasks.from_spectrum([1.0, 0.5], coefficients=[1.0, 1.0], seed=0), kd.LinearModel()
    parts = {}
    for name, family, long, holds in (
        ("descent", partial(GradientDescent, step_size=0.2), 8, True),
        ("heavy_ball", partial(HeavyBall, momentum=0.25, step_size=0.2), 8, True),
        ("nesterov", partial(Nesterov, momentum=0.25, step_size=0.3), 5, True),
        ("little_decay", partial(WeightDecayDescent, decay=1.0, step_size=0.1), 30, True),
        ("much_decay", partial(WeightDecayDescent, decay=0.1, step_size=0.1), 120, False),
        ("averaged", partial(AveragedDescent, step_size=0.1), 200, False),
    ):
        goal = family(steps=long).gain(1.0) ** 2
        steps = next(k for k in range(1, long + 1) if family(steps=k).gain(1.0) >= goal)
        runs = family(steps=long), family(steps=long), family(steps=steps)
        recipe = kd.Recipe(**kd.self_distillation(*runs[:2]), reference=kd.Fit(kd.Phase(kd.labels, runs[2])))
        result, spectrum = kd.simulate(recipe, model, task), model.spectrum(task)
        student, reference = (np.asarray(result[fit].on(spectrum).gains) for fit in ("student", "reference"))
        ahead = np.log(reference / student)
        error = np.abs(ahead - log_ahead(*runs, spectrum.eigenvalues)).max()
        agreement = Margin.within(error, tolerance(2 * long)).values
        parts[name] = min(ahead[1] if holds else -ahead[1], agreement)
    return Margin(**parts)


def _gain(make: Callable[[float], Procedure]) -> Callable[[float, Array], Array]:
    return lambda parameter, lam: make(parameter).gain(lam)


def _alike(
    make: Callable[[float], Procedure], eigenvalues: tuple[float, float], runs: tuple[float, float], times: Any
) -> Trainings:
    """Teacher, student and reference of one family; ``times`` is where the reference's parameter is searched."""
    teacher, student = (make(parameter) for parameter in runs)
    return Trainings(eigenvalues, teacher.gain, student.gain, _gain(make), times=times)


def _descent(step: float) -> Callable[[float], Procedure]:
    return lambda steps: GradientDescent(int(steps), step)


def _decayed(time: float) -> Procedure:
    return WeightDecayFlow(time, 1.0)


def _undamped(time: float) -> Procedure:
    return HeavyBallFlow(time, 0.0)


def _smoothed(factor: float) -> Callable[[float], Procedure]:
    return lambda time: Shrunk(GradientFlow(time), factor)


def _two_ridges(other: float) -> Callable[[float], Procedure]:
    return lambda penalty: Ensemble(Ridge(penalty), Ridge(other * penalty))


def _two_times(other: float) -> Callable[[float], Procedure]:
    return lambda time: Ensemble(GradientFlow(time), GradientFlow(other * time))


def _exactly_equal(case: Trainings) -> Margin:
    """The lag, with what is within rounding taken for the equality that it is."""
    lag = lag_margin(case).values
    return Margin(lag=np.where(np.abs(lag) < tolerance(condition=10.0), 0.0, lag))


_FLOW, _RIDGE = _gain(GradientFlow), _gain(Ridge)
_TAUGHT = Ridge(1 / 9).gain, GradientFlow(40.0).gain

COUNTEREXAMPLES = (
    Counterexample(
        "overshooting-steps",
        violates="rising-gains",
        words="Steps beyond 1 / eigenvalue alternate around the target: at the match, 1.125 on mode 1, the student has "
        "1.152 of mode 2, the reference 1.008.",
        case=_alike(_descent(1.0), (1.5, 1.2), (2, 1), (3, 3)),
        restored=_alike(_descent(0.5), (1.5, 1.2), (2, 1), (1, 1)),
        margin=-0.1335313926245225,
        check=lag_margin,
    ),
    Counterexample(
        "after-the-overshoot",
        violates="rising-gains",
        words="Without damping, a teacher stopped when mode 1 has come back to its target has twice as much of mode 2 "
        "as the labels: any student has twice as much as its reference.",
        case=_alike(_undamped, (1.0, 4 / 9), (1.5 * np.pi, 2.0), (1e-9, np.pi)),
        restored=_alike(_undamped, (1.0, 4 / 9), (0.5 * np.pi - 0.1, 1.5), (1e-9, 0.5 * np.pi)),
        margin=-0.6931471805599453,
        check=lag_margin,
    ),
    Counterexample(
        "little-weight-decay",
        violates="criterion",
        words="With decay 1 no gain exceeds eigenvalue / (eigenvalue + 1); beyond eigenvalue e - 1 that second "
        "shrinkage of mode 1 outweighs its lead, and at the match (time .21799) the student has .6944 of mode 2, the "
        "reference .6080.",
        case=_alike(_decayed, (10.0, 5.0), (np.inf, np.inf), (1e-9, 2.0)),
        restored=_alike(_decayed, (np.e - 1.0, 0.5 * (np.e - 1.0)), (10.0, 10.0), (1e-9, 10.0)),
        margin=-0.13290395198980556,
        check=lag_margin,
    ),
    Counterexample(
        "uniform-shrinkage",
        violates="criterion",
        words="All outputs shrunk to 0.9: the elasticity at a shrunk gain does not vanish, those of two long trainings "
        "do.",
        case=_alike(_smoothed(0.9), (1.0, 0.5), (np.inf, np.inf), (1e-9, 20.0)),
        restored=_alike(_smoothed(1.0), (1.0, 0.5), (12.0, 12.0), (1e-9, 20.0)),
        margin=-0.2747698924083453,
        check=lag_margin,
    ),
    Counterexample(
        "averaged-flow",
        violates="criterion",
        words="Averages approach their limit like 1 / time: long ones (gain above .8695, time 7.659, if equal) fail.",
        case=_alike(AveragedFlow, (1.0, 0.7), (11.0, 11.0), (1e-9, 11.0)),
        restored=_alike(AveragedFlow, (1.0, 0.7), (4.0, 4.0), (1e-9, 4.0)),
        margin=-0.001972020874137307,
        check=lag_margin,
    ),
    Counterexample(
        "two-ridges",
        violates="criterion",
        words="The mean of two ridge predictors learns nothing more between their scales: there the student leads "
        "five-fold.",
        case=_alike(_two_ridges(1e6), (1.0, 0.1), (1e-3, 1e-3), (1e-6, 1e6)),
        restored=_alike(_two_ridges(1.0), (1.0, 0.1), (1e-3, 1e-3), (1e-6, 1e6)),
        margin=-1.6850519364830656,
        check=lag_margin,
    ),
    Counterexample(
        "two-stopping-times",
        violates="criterion",
        words="The mean of a long and a very short gradient flow: on the plateau the student leads seven-fold.",
        case=_alike(_two_times(1e-6), (1.0, 0.1), (1e3, 1e3), (1e-9, 1e3)),
        restored=_alike(_two_times(1.0), (1.0, 0.1), (10.0, 10.0), (1e-9, 1e3)),
        margin=-2.0078237181232503,
        check=lag_margin,
    ),
    Counterexample(
        "falling-elasticity",
        violates="criterion",
        words="Gains log(1 + z) / (1 + log(1 + z)) have a falling elasticity, which falls too fast.",
        case=_alike(LogFilter, (1.0, 0.1), (1e4, 1e4), (1e-9, 1e4)),
        restored=_alike(lambda scale: Ridge(1.0 / scale), (1.0, 0.1), (1e4, 1e4), (1e-9, 1e4)),
        margin=-0.10812930901812311,
        check=lag_margin,
    ),
    Counterexample(
        "flat-teacher",
        violates="criterion",
        words="At equal gain ridge is flatter than gradient flow. A long student keeps its teacher's mode 2, and the "
        "reference, gradient flow, has less than half of it; against ridge it lags.",
        case=Trainings((1.0, 0.1), *_TAUGHT, _FLOW, times=(0.0, 40.0)),
        restored=Trainings((1.0, 0.1), Ridge(1 / 9).gain, GradientFlow(4.0).gain, _RIDGE, times=(1e-3, 1e3)),
        margin=-0.8157739047523466,
        check=lag_margin,
    ),
    Counterexample(
        "stable-filter",
        violates="criterion",
        words="Gains exp(-k / eigenvalue^p) distil into themselves: equality, for all strengths.",
        case=_alike(partial(StableFilter, exponent=2.0), (1.0, 0.5), (0.3, 0.9), (1e-3, 10.0)),
        restored=_alike(lambda k: Ridge(k), (1.0, 0.5), (0.3, 0.9), (1e-3, 10.0)),
        margin=0.0,
        check=_exactly_equal,
    ),
    Counterexample(
        "cut-off",
        violates="rising-gains",
        words="A cut-off has gains 0 and 1: two in a row are the one with the higher threshold.",
        case=Trainings(
            (1.0, 0.5), SpectralCutOff(0.1).gain, SpectralCutOff(0.2).gain, _gain(SpectralCutOff), times=(0.2, 0.2)
        ),
        restored=Trainings((1.0, 0.5), Ridge(0.1).gain, Ridge(0.2).gain, _RIDGE, times=(1e-3, 10.0)),
        margin=0.0,
        check=lag_margin,
    ),
)


def _elastic(**wrong: Callable[..., Any]) -> dict[str, Elasticities]:
    return {"elasticities": replace(Elasticities(), **wrong)}


def _bounded(**wrong: Callable[..., Any]) -> dict[str, criterion.Boundaries]:
    return {"boundaries": replace(RIGHT, **wrong)}


def _wrong_slack(teacher: float, student: float, reference: float) -> Callable[..., Estimate]:
    def wrong(*e: Estimate) -> Estimate:
        value = teacher * e[0].value + student * e[1].value + reference * e[2].value
        return Estimate(value, e[0].error + e[1].error + e[2].error)

    return wrong


mutate = Mutate(margins, Formulas())
MUTANTS = (
    mutate("slack-sign", "the reference's elasticity is added", slack=_wrong_slack(1.0, 1.0, 1.0)),
    mutate("slack-factor", "the elasticities are halved", slack=_wrong_slack(0.5, 0.5, -0.5)),
    mutate("slack-student", "the student's elasticity is forgotten", slack=_wrong_slack(1.0, 0.0, -1.0)),
    mutate("leads", "the student is ahead of the reference", log_ahead=lambda *logs: -criterion.compared(*logs)),
    mutate(
        "flow-factor", "E(u) of gradient flow is twice as large", **_elastic(flow=lambda u, w: 2 * closed.flow(u, w))
    ),
    mutate("ridge-exponent", "E(u) of ridge is (1 - u)^2", **_elastic(ridge=lambda u, w: w**2)),
    mutate("iterated-order", "E(u) of order m + 1", **_elastic(iterated=lambda u, w, m: closed.iterated(u, w, m + 1))),
    mutate(
        "undamped-factor", "E(u) of momentum is x cot x", **_elastic(undamped=lambda u, w: closed.undamped(2 * u, w))
    ),
    mutate("nesterov-factor", "e of Nesterov flow is halved", **_elastic(nesterov_flow=lambda u, x: x * 0 + 0.5 / u)),
    mutate(
        "averaged-sign", "e of averages adds", **_elastic(averaged=lambda u, z: (-np.expm1(-z) / z + np.exp(-z)) / u)
    ),
    mutate(
        "decay-share", "e of decay without its first term", **_elastic(decay=lambda p, u: p * closed.flow(u, 1 - u))
    ),
    mutate("stable-sign", "E(u) of the stable filter is p log u", **_elastic(stable=lambda u, p: p * np.log(u))),
    mutate("decay-boundary", "decay holds up to e w", **_bounded(decay=lambda: np.e)),
    mutate("undamped-boundary", "momentum holds for twice the time", **_bounded(undamped=lambda: np.pi)),
    mutate("damped-boundary", "damping delays overshoot twice", **_bounded(damped=lambda h: 2 * RIGHT.damped(h))),
    mutate("nesterov-flow-boundary", "Nesterov flow holds twice as long", **_bounded(nesterov_flow=lambda: 7.0)),
    mutate("heavy-ball-boundary", "over-damped up to (1 - mu)^2", **_bounded(heavy_ball=lambda m: (1 - m) ** 2)),
    mutate(
        "nesterov-boundary", "over-damped up to (1 - mu) / (1 + mu)", **_bounded(nesterov=lambda m: (1 - m) / (1 + m))
    ),
    mutate("friction-boundary", "over-damped up to eigenvalue g^2", **_bounded(friction=lambda s: 1.0 / np.sqrt(s))),
    mutate("descent-boundary", "descent holds up to steps of 1.9 / eigenvalue", **_bounded(descent=lambda: 1.9)),
)


@claim(
    id="which-procedures-exaggerate",
    title="Distillation exaggerates where elasticities of gains add up to more than the reference's",
    topic="eigenspace",
    source="nagarajan2023, theorem 4.1 for gradient flow; the criterion and its table are derived here",
    statement=r"""Let the gains $A_T, A_S, A_R$ of teacher, student and reference be positive and differentiable on
$(0, \lambda_1]$, and $e = d \log A / d \log \lambda$ their elasticities. If
\[ e_R(\lambda) < e_T(\lambda) + e_S(\lambda) \quad \text{wherever } A_R(\lambda) = A_T(\lambda) A_S(\lambda), \]
then a reference as far as the student on mode 1, $A_R(\lambda_1) \ge A_T(\lambda_1) A_S(\lambda_1)$, is strictly ahead
on every lower mode: $A_R(\lambda_2) > A_T(\lambda_2) A_S(\lambda_2)$ for all $\lambda_2 < \lambda_1$. If at a match the
reverse inequality holds, the student leads on modes just below. For gains that depend on one scale times $\lambda$,
with $E(u)$ the elasticity at the gain $u$, the criterion is
\[ E_R(uv) < E_T(u) + E_S(v) \quad \text{for all } u, v \in (0, 1); \]
for one family it is enough that $E(u) / \log(1/u)$ strictly increases, and equality for all $u, v$ belongs to
$\exp(-k/\lambda^p)$. With weight decay $w$ gradient flow exaggerates for all times if $\lambda_1 \le (e - 1) w$, and
long runs reverse the order of any two modes with $\lambda_2 \ge (e - 1) w$.""",
    words="Distillation multiplies gains, so it adds up their elasticities: the percentage by which a gain grows with "
    "a one percent larger eigenvalue. Where the two together are steeper than the reference, the student loses ground "
    "towards lower modes; where they are flatter, it wins. Gradient flow, small-step descent, ridge, iterated ridge "
    "and momentum before it overshoots are steep enough at all gains. Averages, ensembles, shrunk outputs and weak "
    "weight decay are not: what they add to large gains is taken alike from all modes.",
    assumptions={
        "criterion": "Where reference and student have come equally far, the elasticities of teacher and student add "
        "up to more than the reference's.",
        "rising-gains": "Gains are positive, differentiable, and stay below the target up to the leading mode: steps "
        "below 1 / eigenvalue, momentum stopped before its first overshoot.",
        "squared-loss": "The model is linear in its parameters and the loss is squared error: modes evolve apart.",
        "zero-start": "All three trainings start at the zero function, at rest.",
        "same-modes": "Teacher and student have the same inputs and kernel.",
        "pure-distillation": "The student sees the teacher's outputs only, the reference the labels only.",
    },
    counterexamples=COUNTEREXAMPLES,
    mutants=MUTANTS,
    simulation=_simulation,
)
def which_procedures_exaggerate(case: Compared) -> Margin:
    """Slack against lower modes nearby, lag where the computed verdict is that it holds, and elasticities."""
    return margins(case, Formulas())
