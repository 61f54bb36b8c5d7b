"""C6: what switching to the distillation loss during training recovers, and every other schedule of mixing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kdtheory.claims._claim import Counterexample
from kdtheory.claims._mutants import Mutate
from kdtheory.claims._registry import claim
from kdtheory.claims._switched_runs import Switched, residuals, responses, swept, switched_margin
from kdtheory.claims._switching import Schedules, Span, descent, difference, flow, recovered, retained, weights
from kdtheory.procedures import AveragedFlow, GradientDescent, GradientFlow, HeavyBall
from kdtheory.testing import Margin, tolerance

Array = NDArray[np.float64]
TINY = 1e-300


@dataclass(frozen=True)
class Formulas:
    """The formulas that the statement stands on; each mutant replaces one of them by a wrong one."""

    flow: Callable[..., Span] = flow
    descent: Callable[..., Span] = descent
    difference: Callable[..., Array] = difference
    recovered: Callable[..., Array] = recovered
    retained: Callable[..., Array] = retained
    weights: Callable[..., Sequence[Array]] = weights
    conserved: Callable[..., Array] = np.add
    order: float = 1.0


def margins(case: Schedules, formulas: Formulas) -> Margin:
    """Margins of every part of the statement, by gradient flow and by gradient descent."""
    lengths, counts, step = case.lengths, case.counts, 2.0 * np.asarray(case.half_step)
    flows = [formulas.flow(length) for length in lengths]
    descents = [formulas.descent(count, step) for count in counts]
    close = tolerance(condition=case.student_progress)
    by_flow = _laws(case, formulas, flows, [GradientFlow(swept(length)) for length in lengths], close)
    runs = [GradientDescent(swept(count), swept(step)) for count in counts]
    # Even numbers of steps of almost 2 / eigenvalue move nearly nothing, and odd ones nearly cancel.
    rough = counts[0] + counts[1] + counts[2] + 1 / np.minimum(step, 2 - step)
    by_descent = _laws(case, formulas, descents, runs, tolerance(condition=rough))
    return Margin(
        **by_flow,
        **{f"descent_{name}": part for name, part in by_descent.items()},
        **_teacher(case, formulas),
        **_order(case, formulas),
    )


def _laws(case: Schedules, formulas: Formulas, spans: list[Span], runs: list[Any], close: Any) -> dict[str, Array]:
    """The identities, for one procedure: what the formulas say against recipes that the toolkit solves."""
    before, after = spans[0], spans[1].then(spans[2])
    mixings = (case.first, case.second, case.third)
    ends = responses(
        {
            "distilled": [(1, run) for run in runs],
            "onehot": [(0, run) for run in runs],
            "switched": [(0, runs[0]), (1, runs[1]), (1, runs[2])],
            "reversed": [(1, runs[0]), (0, runs[1]), (0, runs[2])],
            "scheduled": [(swept(mixing), run) for mixing, run in zip(mixings, runs, strict=True)],
        }
    )
    distilled, onehot, switched, back = (ends[name] for name in ("distilled", "onehot", "switched", "reversed"))
    effect, phi = distilled.teacher, formulas.recovered(before, after)
    felt = formulas.weights(spans)
    mixing = sum(w * xi for w, xi in zip(felt, mixings, strict=True))
    most = sum(np.abs(w) * (1 + np.abs(xi)) for w, xi in zip(felt, mixings, strict=True))

    def same(found: Any, expected: Any, scale: Any) -> Array:
        return Margin.within((found - expected) / (np.abs(scale) + TINY), close).values

    def conserved(of: str) -> Array:
        one, other, *both = (getattr(end, of) for end in (switched, back, distilled, onehot))
        return same(formulas.conserved(one, other), sum(both), np.abs(both[0]) + np.abs(both[1]))

    expected = formulas.difference(1.0, before, after)
    shift = np.abs(phi) * np.abs(effect) + np.abs(onehot.labels)
    by_schedule = [
        same(ends["scheduled"].teacher, mixing * effect, most * effect),
        same(ends["scheduled"].labels, (1 - mixing) * onehot.labels, (1 + most) * onehot.labels),
        same(ends["scheduled"].start, onehot.start, onehot.start),
    ]
    return {
        "difference": same(switched.labels - distilled.labels, expected, expected),
        "recovered": same(switched.teacher, phi * effect, switched.teacher),
        "independent": same(switched.labels, onehot.labels - phi * effect, shift),
        "retained": same(back.teacher, formulas.retained(before, after) * effect, back.teacher),
        "conserved": np.min([conserved(of) for of in ("labels", "teacher", "start")], axis=0),
        "schedule": np.min(by_schedule, axis=0),
    }


def _teacher(case: Schedules, formulas: Formulas) -> dict[str, Array]:
    """The first statement as it stands, with a teacher trained by gradient flow, in residuals."""
    first, *rest = (GradientFlow(swept(length)) for length in case.lengths)
    late = [(1, run) for run in rest]
    schedules = {"distilled": [(1, first), *late], "switched": [(0, first), *late]}
    left = residuals(GradientFlow(swept(case.teacher_progress)), schedules)
    spans = [formulas.flow(length) for length in case.lengths]
    gap = formulas.difference(formulas.flow(case.teacher_progress).kept, spans[0], spans[1].then(spans[2]))
    error = np.log((left["switched"] + gap) / left["distilled"])
    close = tolerance(condition=case.student_progress + np.asarray(case.teacher_progress))
    return {"with_teacher": Margin.within(error, close).values}


def _order(case: Schedules, formulas: Formulas) -> dict[str, Array]:
    """Bounds and order, by log-odds of the fraction as the toolkit finds it: without formulas."""
    here = _log_odds(case.lengths)
    there = _log_odds([np.asarray(length) * case.ratio for length in case.lengths])
    return {
        "increasing": formulas.order * (here - there),
        "above_uniform": here - np.log((case.lengths[1] + case.lengths[2]) / case.lengths[0]),
        "below_one": np.log1p(np.exp(-here)),
    }


def _log_odds(lengths: Sequence[Any]) -> Array:
    before, *after = (GradientFlow(swept(length)) for length in lengths)
    schedules = {f"taught_{late}": [(1 - late, before), *((late, run) for run in after)] for late in (0, 1)}
    ends = responses(schedules)
    return np.log(ends["taught_1"].teacher) - np.log(ends["taught_0"].teacher)


def _simulation() -> Margin:
    """Three modes step by step: what a switch recovers is what the formula says, and grows with the eigenvalue."""
    import kdtheory as kd

    lam, coefficients, rate, before, after = np.array([1.0, 0.4, 0.1]), np.array([1.0, -2.0, 0.5]), 0.7, 12, 5
    task = kd.tasks.from_spectrum(lam, coefficients, seed=0)
    taught, first, then = kd.output_of("teacher"), GradientDescent(before, rate), GradientDescent(after, rate)

    def student(*targets: Any) -> Any:
        return kd.Fit([kd.Phase(target, run) for target, run in zip(targets, (first, then), strict=True)])

    recipe = kd.Recipe(
        teacher=kd.Fit(kd.Phase(kd.labels, GradientDescent(6, rate))),
        distilled=student(taught, taught),
        onehot=student(kd.labels, kd.labels),
        switched=student(kd.labels, taught),
        reversed=student(taught, kd.labels),
    )
    run, spectrum = kd.simulate(recipe, kd.LinearModel(), task), kd.LinearModel().spectrum(task)
    end = {name: np.asarray(run[name].on(spectrum).coefficients)[..., 0] for name in recipe}
    effect = end["distilled"] - end["onehot"]
    phi = (end["switched"] - end["onehot"]) / effect
    spans = [descent(steps, rate * lam) for steps in (before, after)]
    excess = end["switched"] + end["reversed"] - end["distilled"] - end["onehot"]
    return Margin(
        increasing=-np.diff(phi).max(),
        recovered=Margin.within(np.abs(phi - recovered(*spans)).max(), 1e-9).values,
        conserved=Margin.within(np.abs(excess).max(), 1e-9).values,
    )


def _heavy(steps: Any, momentum: float = 0.9, step_size: float = 0.3) -> HeavyBall:
    return HeavyBall(steps, momentum=momentum, step_size=step_size)


def _steps(steps: Any, step_size: float) -> GradientDescent:
    return GradientDescent(steps, step_size=step_size)


COUNTEREXAMPLES = (
    Counterexample(
        "momentum-carried",
        violates="no-momentum",
        words="A velocity that goes on through the switch carries the late student past its teacher: mode 1 ends with "
        "1.21 times the effect of distillation from the beginning.",
        case=Switched((1.0, 0.5), _heavy, before=12, after=8),
        restored=Switched((1.0, 0.5), partial(_steps, step_size=0.3), before=12, after=8),
        margin=-0.5729126449615856,
        check=switched_margin,
    ),
    Counterexample(
        "momentum-reset",
        violates="no-momentum",
        words="A velocity that is set to zero at the switch is an effect of its own: what is recovered then depends on "
        "teacher and target, and nothing is conserved.",
        case=Switched((1.0, 0.5), partial(_heavy, momentum=0.5, step_size=0.08), before=10, after=40, restart=True),
        restored=Switched((1.0, 0.5), partial(_steps, step_size=0.08), before=10, after=40, restart=True),
        margin=-9.465142313030633,
        check=switched_margin,
    ),
    Counterexample(
        "overshooting-steps",
        violates="small-steps",
        words="With steps of 1.5 / eigenvalue a single step on the teacher overshoots it: 4/3 of the effect.",
        case=Switched((1.0, 0.5), partial(_steps, step_size=1.5), before=2, after=1),
        restored=Switched((1.0, 0.5), partial(_steps, step_size=0.5), before=2, after=1),
        margin=-0.33333333333333326,
        check=switched_margin,
    ),
    Counterexample(
        "averaged-output",
        violates="last-iterate",
        words="The average along the path remembers the time before the switch: less is recovered than the share of "
        "the training that is left.",
        case=Switched((1.0, 0.5), AveragedFlow, before=2.0, after=2.0),
        restored=Switched((1.0, 0.5), GradientFlow, before=2.0, after=2.0),
        margin=-0.17597286316805733,
        check=switched_margin,
    ),
    Counterexample(
        "no-switch",
        violates="interior-switch",
        words="A switch at the very beginning is distillation throughout: all of the effect, in every mode.",
        case=Switched((1.0, 0.5), GradientFlow, before=0.0, after=2.0),
        restored=Switched((1.0, 0.5), GradientFlow, before=1.0, after=1.0),
        margin=0.0,
        check=switched_margin,
    ),
)


def _backwards(spans: Sequence[Span]) -> list[Array]:
    return weights(spans[::-1])[::-1]


def _unnormalized(spans: Sequence[Span]) -> list[Array]:
    total = spans[0].then(spans[1]).then(spans[2]).lost
    return [weight * total for weight in weights(spans)]


def _uniform(spans: Sequence[Span]) -> list[Array]:
    lengths = [-np.log(np.abs(span.kept) + TINY) for span in spans]
    return [length / sum(lengths) for length in lengths]


mutate = Mutate(margins, Formulas())
MUTANTS = (
    mutate("flow-sign", "the flow grows instead of decaying", flow=lambda d: flow(-d)),
    mutate("flow-factor", "the flow decays twice as fast", flow=lambda d: flow(2 * d)),
    mutate("descent-as-flow", "a step h keeps exp(-h), not 1 - h", descent=lambda k, h: flow(k * h)),
    mutate("descent-exponent", "a step too many", descent=lambda k, h: descent(k + 1, h)),
    mutate("difference-sign", "always distilled minus switched", difference=lambda *a: -difference(*a)),
    mutate("difference-order", "before and after exchanged", difference=lambda t, b, a: difference(t, a, b)),
    mutate("difference-factor", "no matter the teacher", difference=lambda t, b, a: difference(1, b, a)),
    mutate("difference-exponent", "2T for T", difference=lambda t, b, a: difference(t**2, b, a)),
    mutate("phi-exponent", "phi counts the time before", recovered=lambda b, a: recovered(a, b)),
    mutate("phi-factor", "phi without its denominator", recovered=lambda b, a: a.lost),
    mutate("phi-uniform", "phi is the share of the time left", recovered=lambda b, a: _uniform([b, a])[1]),
    mutate("reverse-sign", "the reverse switch retains phi", retained=recovered),
    mutate("reverse-factor", "nothing fades after it", retained=lambda b, a: b.lost / b.then(a).lost),
    mutate("memory-sign", "the beginning is remembered, not the end", weights=_backwards),
    mutate("memory-exponent", "all times count alike", weights=_uniform),
    mutate("memory-factor", "the weights do not add up to 1", weights=_unnormalized),
    mutate("conservation-sign", "the switches' difference is conserved", conserved=np.subtract),
    mutate("order-sign", "phi falls with the eigenvalue", order=-1.0),
)


@claim(
    id="loss-switching",
    title="How much of distillation's effect a switch of the loss recovers",
    topic="stopping and switching",
    source="nagarajan2023, their experiment; formulas derived here",
    statement=r"""A student is trained for the time $H$, the first part $s$ of it on the labels and the rest on a fixed
teacher. Per mode, for target coefficient $y$ and a teacher trained by gradient flow from zero for the time $T$,
\[ c_{\text{switch}} - c_{\text{KD}} = y\, e^{-\lambda T} e^{-\lambda (H - s)} (1 - e^{-\lambda s}). \]
For every teacher, target and start, the switch recovers of the effect $c_{\text{KD}} - c_{\text{labels}}$ the fraction
\[ \varphi = \frac{c_{\text{switch}} - c_{\text{labels}}}{c_{\text{KD}} - c_{\text{labels}}}
= \frac{1 - e^{-\lambda (H - s)}}{1 - e^{-\lambda H}}, \qquad 1 - \tfrac{s}{H} < \varphi < 1, \]
which increases strictly with $\lambda$, from $1 - s/H$ at $\lambda \to 0$ to $1$ at $\lambda \to \infty$. The reverse
switch retains $1 - \varphi$, so that
\[ c_{\text{switch}} + c_{\text{reverse}} = c_{\text{KD}} + c_{\text{labels}}. \]
A schedule $\xi(\tau)$ of mixing weights has the effect of the constant one
\[ \xi_{\text{eff}}(\lambda) = \int_0^H w(\tau)\, \xi(\tau)\, d\tau, \qquad
w(\tau) = \frac{\lambda e^{-\lambda (H - \tau)}}{1 - e^{-\lambda H}}, \qquad \int_0^H w\, d\tau = 1. \]
For gradient descent, $e^{-\lambda d}$ is replaced by $(1 - \eta\lambda)^{k}$ after $k$ steps, for every
$\eta\lambda < 2$; the bounds and the order hold for $\eta\lambda < 1$, with steps for times.""",
    words="A student that changes to its teacher late in training recovers of distillation's effect a fraction that "
    "depends on the eigenvalue and on the two times, but not on teacher, target or start: almost all of it on leading "
    "modes, and on trailing modes the share of the training that is left. What the switch loses, the reverse switch "
    "keeps. Every schedule of mixing acts like a constant mixing, its average with exponential memory: leading modes "
    "remember the end only, trailing modes all times alike. The effect itself is small where almost all of it is "
    "recovered, so that the fraction is to be read beside the effect.",
    assumptions={
        "squared-loss": "The model is linear in its parameters and the loss is squared error: modes evolve apart.",
        "no-momentum": "Training has no velocity. (A velocity that goes on through the switch keeps independence and "
        "conservation, with the fraction gain(H - s) / gain(H) of the procedure's own gains, but neither the bounds "
        "nor the order.)",
        "small-steps": "For the bounds and the order: steps are below 1 / eigenvalue. Formulas: below 2 / eigenvalue.",
        "last-iterate": "Outputs are those at the end of training, not averages along the path.",
        "interior-switch": "The switch lies strictly inside the training, which has a positive and finite length.",
        "no-shrinkage": "Nothing but early stopping regularizes. (Weight decay w replaces the eigenvalue by "
        "eigenvalue + w in the fraction and in the weights.)",
        "fixed-teacher": "The teacher does not change while the student learns. Otherwise it is any function.",
        "same-run": "The students that are compared start alike and are trained for the same times.",
        "teacher-differs": "On the mode in question the teacher differs from the labels: there is an effect.",
        "positive-eigenvalue": "The mode's eigenvalue is positive: others do not move.",
    },
    counterexamples=COUNTEREXAMPLES,
    mutants=MUTANTS,
    simulation=_simulation,
)
def loss_switching(case: Schedules) -> Margin:
    """Margins of formulas against recipes as the toolkit solves them, and of bounds and order without formulas."""
    return margins(case, Formulas())
