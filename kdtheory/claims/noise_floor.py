"""C7d: a realisable teacher lowers the noise floor of SGD by exactly (1 - mixing)^2, with no label noise needed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kdtheory.claims._claim import Counterexample
from kdtheory.claims._denoising import share_left
from kdtheory.claims._mutants import Mutate
from kdtheory.claims._registry import claim
from kdtheory.claims._stationary import Problems, SmallProblem
from kdtheory.distillation import Minibatch
from kdtheory.risk import sgd_stationary
from kdtheory.testing import EPSILON, Margin

Array = NDArray[np.float64]
CLOSE = 1e-12


@dataclass(frozen=True)
class Formulas:
    """The formulas that the statement stands on; each mutant replaces one of them by a wrong one."""

    floor: Callable[..., Array] = lambda mixing: (1 - mixing) ** 2
    center: Callable[..., Array] = lambda least, teacher, mixing: least + mixing * (teacher - least)
    control: Callable[..., Array] = lambda product, power, mixing: mixing * (mixing * power - 2 * product)


def margins(case: SmallProblem, formulas: Formulas) -> Margin:
    """The noise floor and the control variate, on three samples and two features."""
    problems, mixing = Problems.of(case), np.atleast_1d(case.mixing)
    labels, mixed = problems.targets, problems.mixed(mixing)
    (least, noise_floor), (mean, floor) = (problems.stationary(targets) for targets in (labels, mixed))
    xi, size = mixing[:, None], 1 + np.abs(mixing) + np.abs(problems.teacher).max(axis=1)
    # The smallest rate at which a variance is forgotten decides how roundings are amplified.
    slowest = 1 / (problems.rate * problems.eigenvalues[:, 1])
    scale = (np.abs(noise_floor).max(axis=(1, 2)) + problems.rate) * size**4
    expected = formulas.floor(mixing)[:, None, None] * noise_floor
    at_point, at_teacher = (problems.gradients(weights, labels) for weights in (problems.point, problems.teacher))
    own = problems.gradients(problems.point, mixed)
    variance, power, product, change = (
        np.sum(one * other, axis=(1, 2))
        for one, other in ((at_point, at_point), (at_teacher, at_teacher), (at_point, at_teacher), (own, own))
    )
    saved = formulas.control(product, power, mixing)
    most = variance + mixing**2 * power + np.abs(mixing * product)
    return Margin(
        floor=share_left(floor, expected, scale[:, None, None], slowest),
        center=share_left(mean, formulas.center(least, problems.teacher, xi), size[:, None] ** 2, 1 / case.ratio),
        control=share_left(change, variance + saved, most, 4),
    )


@dataclass(frozen=True)
class Mixed:
    """SGD on four samples with two features; ``beyond`` is the teacher's output in a direction no weights reach."""

    mixing: float
    beyond: float


def floor_margin(case: Mixed) -> Margin:
    """How exactly the noise floor is ``(1 - mixing)^2`` times that of the labels, in decades."""
    features, labels = np.array([[1.0, 0.0], [0.5, 1.0], [0.0, 1.0], [1.0, 1.0]]), np.array([1.0, -1.0, 2.0, 0.0])
    teacher = features @ [0.5, 0.5] + case.beyond * np.array([1.0, 0.0, 0.0, -1.0])
    mixed = (1 - case.mixing) * labels + case.mixing * teacher
    batch = Minibatch(1, replace=True)
    floors = [
        float(sgd_stationary(features, targets, step_size=0.05, batch=batch).excess_loss(features))
        for targets in (labels, mixed)
    ]
    error = abs(float(np.log(floors[1] / floors[0] / (1 - case.mixing) ** 2)))
    return Margin(np.log10(CLOSE / max(error, EPSILON)))


@dataclass(frozen=True)
class Weighted:
    """A teacher's weight at a point, with three samples of one feature; ``teacher`` is its weight vector."""

    mixing: float
    teacher: float


def variance_margin(case: Weighted) -> Margin:
    """Log of the one-hot gradient's variance at the weight 1 over that of the mixture's."""
    inputs, labels = np.array([1.0, -0.5, 0.8]), np.array([1.0, 1.0, -0.5])
    slopes = (
        inputs * (inputs - labels),
        inputs * ((1 - case.mixing) * (inputs - labels) + case.mixing * inputs * (1 - case.teacher)),
    )
    return Margin(np.log(np.var(slopes[0]) / np.var(slopes[1])))


def _simulation() -> Margin:
    """SGD on single samples, the same ones for all mixings: deviations from the center are 1 - mixing times as large.

    From any start: what is left of it after 3000 steps is far below what is compared.
    """
    import kdtheory as kd

    generator = np.random.default_rng(4)
    inputs = generator.normal(size=(6, 2)) / np.sqrt(6)
    task, model = kd.tasks.from_arrays(inputs, generator.normal(size=6)), kd.LinearModel()
    run, mixings = kd.GradientDescent(3000, 0.05), {"half": 0.5, "pure": 1.0, "beyond": 1.5}
    fits = {"teacher": kd.Fit(kd.Phase(kd.labels, kd.GradientDescent(20, 0.05)), start=kd.Start(weights=[1.0, -2.0]))}
    taught = kd.solve(kd.Recipe(**fits), model, task)["teacher"]
    point = kd.Start(weights=np.asarray(taught.weights)[:, 0])
    fits = {"teacher": kd.Fit(kd.Phase(kd.labels, kd.GradientDescent(0, 0.05)), start=point)}
    fits["onehot"] = kd.Fit(kd.Phase(kd.labels, run), stream="student")
    for name, xi in mixings.items():
        target = xi * kd.output_of("teacher") + (1 - xi) * kd.labels
        fits[name] = kd.Fit(kd.Phase(target, run), stream="student")
    batch = kd.Minibatch(1, replace=True)
    ends = kd.simulate(kd.Recipe(**fits), model, task, batch=batch, seeds=range(8))
    least = np.linalg.lstsq(inputs, np.asarray(task.targets), rcond=None)[0]
    away = np.asarray(ends["onehot"].weights) - least
    parts = {}
    for name, xi in mixings.items():
        center = least + xi * (np.asarray(taught.weights) - least)
        error = np.asarray(ends[name].weights) - center - (1 - xi) * away
        parts[name] = Margin.within(np.abs(error).max() / np.abs(away).max(), 1e-9).values
    return Margin(**parts)


COUNTEREXAMPLES = (
    Counterexample(
        "unrealisable-teacher",
        violates="realisable-teacher",
        words="A teacher with a part that no student reaches brings noise of its own: the floor is not scaled by "
        "(1 - mixing)^2.",
        case=Mixed(mixing=0.5, beyond=0.5),
        restored=Mixed(mixing=0.5, beyond=0.0),
        margin=-11.454750015560734,
        check=floor_margin,
    ),
    Counterexample(
        "far-teacher",
        violates="less-than-twice-the-best",
        words="A teacher on the far side of the labels wants a negative weight: with a positive one the gradients of "
        "samples differ more than those of labels.",
        case=Weighted(mixing=0.5, teacher=-4.0),
        restored=Weighted(mixing=0.5, teacher=0.5),
        margin=-0.7473179419901916,
        check=variance_margin,
    ),
)

mutate = Mutate(margins, Formulas())
MUTANTS = (
    mutate("floor-exponent", "the floor scales by 1 - xi", floor=lambda xi: np.abs(1 - xi)),
    mutate("floor-sign", "it scales by 1 - xi^2", floor=lambda xi: np.abs(1 - xi**2)),
    mutate("center-sign", "the center moves away", center=lambda own, t, xi: own - xi * (t - own)),
    mutate("center-factor", "the center is the teacher", center=lambda own, t, xi: t),
    mutate("control-factor", "xi* for 2 xi*", control=lambda gc, cc, xi: xi * (xi * cc - gc)),
    mutate("control-sign", "-xi* for xi*", control=lambda gc, cc, xi: xi * (xi * cc + 2 * gc)),
)


@claim(
    id="noise-floor",
    title="A realisable teacher lowers the noise floor of SGD by exactly (1 - mixing) squared",
    topic="gradients",
    source="safaryan2023, partial variance reduction; floor law and control variate derived here",
    statement=r"""Squared loss; SGD with a constant step on samples drawn independently; targets are labels mixed with a
teacher $b_T$ of the student's class by the weight $\xi$. With the least-squares solution $b_{\text{LS}}$ of the labels,
\[ \text{center } b_{\text{LS}} + \xi\, (b_T - b_{\text{LS}}), \qquad
\text{stationary covariance } C_\xi = (1 - \xi)^2\, C_0, \]
and at a point $b$, with the samples' centred gradients $G_i$ at $b$ and $C_i$ at $b_T$, the variance
\[ V(\xi) = V(0) + \langle C, C \rangle\, \xi\, (\xi - 2 \xi^*), \qquad
\xi^* = \langle G, C \rangle / \langle C, C \rangle: \]
below that of labels if and only if $\xi (\xi - 2 \xi^*) < 0$.""",
    words="No label noise is needed: with any teacher that the student can realise, the noise floor of SGD falls by "
    "exactly (1 - mixing)^2, to zero for pure distillation, even where there are more samples than weights; only the "
    "center moves, which is the bias that is paid. At a fixed point the teacher is a control variate: there is a best "
    "weight, which a far teacher may push below zero or above one.",
    assumptions={
        "squared-loss": "The model is linear in its parameters and the loss is squared error.",
        "realisable-teacher": "The teacher's outputs on the training inputs are those of some weights of the student.",
        "independent-samples": "The floor: steps are constant, stable, and on samples drawn independently with "
        "replacement. (With the same samples, deviations themselves come to the ratio 1 - mixing, in any order.)",
        "less-than-twice-the-best": "Less variance at a point: the weight lies between zero and twice the best one.",
    },
    counterexamples=COUNTEREXAMPLES,
    mutants=MUTANTS,
    simulation=_simulation,
    figure="gradient-denoising",
)
def noise_floor(case: SmallProblem) -> Margin:
    """Margins of formulas against SGD's stationary state, from the definition of stationarity."""
    return margins(case, Formulas())
