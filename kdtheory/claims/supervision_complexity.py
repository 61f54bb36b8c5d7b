"""C14.4: a teacher's outputs are easier to learn than the labels, the more so the earlier it is stopped."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from kdtheory.claims._claim import Counterexample
from kdtheory.claims._mutants import Mutate
from kdtheory.claims._registry import claim
from kdtheory.procedures import GradientDescent, GradientFlow
from kdtheory.testing import Margin, SpectralProblem, logarithmic, tolerance, whole

Array = NDArray[np.float64]
_SHARE = 0.9


@dataclass(frozen=True)
class Supervisions(SpectralProblem):
    """A teacher by gradient flow, one that runs longer, and one by a few steps of descent."""

    steps: Annotated[Any, whole(1, 12, simple=2)]
    longer: Annotated[Any, logarithmic(1e-3, 10.0, simple=1.0)]


def _phi(z: Array) -> Array:
    return -np.expm1(-z) / z


def _grown(z: Array, more: Array) -> Array:
    """By how much the squared gain grows from progress z on: the difference of the gains times their sum."""
    return -np.exp(-z) * np.expm1(-more) * -(np.expm1(-z) + np.expm1(-z - more))


@dataclass(frozen=True)
class Formulas:
    """Complexity of one mode: of outputs with any gain, of gradient flow stably, and what the labels have beyond it."""

    outputs: Callable[..., Array] = lambda gain, y, lam: gain**2 * y**2 / lam
    flow: Callable[..., Array] = lambda lam, time, y: time**2 * lam * _phi(lam * time) ** 2 * y**2
    grown: Callable[..., Array] = lambda lam, time, more, y: _grown(lam * time, lam * more) * y**2 / lam
    beyond: Callable[..., Array] = lambda residual, y, lam: residual * (2.0 - residual) * y**2 / lam


def _squared_weights(case: Supervisions, lam: Array) -> Array:
    """Squared weights of a linear model with features sqrt(lam), trained step by step."""
    root, size, steps = np.sqrt(lam), _SHARE / case.largest, case.per_mode(case.steps)
    weights = np.zeros_like(lam)
    for step in range(int(np.max(steps))):
        weights = np.where(step < steps, weights + size * root * (case.coefficients - root * weights), weights)
    return weights**2


def margins(case: Supervisions, formulas: Formulas) -> Margin:
    """The definition, the stable form, the growth with time, and the labels as the limit."""
    lam = np.where(case.present, case.eigenvalues, case.largest)
    time, y = case.teacher_time, case.coefficients
    short, long = GradientFlow(time), GradientFlow(time * (1.0 + case.per_mode(case.longer)))
    descent = GradientDescent(case.per_mode(case.steps), _SHARE)
    slack = tolerance(8, 30.0)
    stepped = np.sum(formulas.outputs(descent.gain(lam / case.largest), y, lam), axis=-1)
    flow = np.sum(formulas.flow(lam, time, y), axis=-1)
    defined = np.sum(formulas.outputs(short.gain(lam), y, lam), axis=-1)
    beyond = np.sum(formulas.beyond(short.residual(lam), y, lam), axis=-1)
    later = np.sum(formulas.outputs(long.gain(lam), y, lam), axis=-1)
    grown = formulas.grown(lam, time, time * case.per_mode(case.longer), y)
    labels = np.sum(y**2 / lam, axis=-1)
    return Margin(
        norm_of_weights=Margin.within(np.log(np.sum(_squared_weights(case, lam), axis=-1) / stepped), slack).values,
        stable=Margin.within(np.log(flow / defined), slack).values,
        adds_up=Margin.within(np.log((flow + beyond) / labels), slack).values,
        grown=Margin.within(np.log((flow + np.sum(grown, axis=-1)) / later), slack).values,
        grows=np.log1p(np.sum(grown, axis=-1) / flow),
        below_the_labels=np.log1p(beyond / flow),
    )


@dataclass(frozen=True)
class Outputs:
    """Gains of a teacher, and where it starts, on two modes of eigenvalues 1 and 0.5 and targets 1."""

    gains: tuple[float, float]
    start: tuple[float, float] = (0.0, 0.0)


def easier_margin(case: Outputs) -> Margin:
    """Log of the labels' complexity over that of the outputs."""
    lam, gain, start = np.array([1.0, 0.5]), np.asarray(case.gains), np.asarray(case.start)
    outputs = start + gain * (1.0 - start)
    return Margin(easier=np.log(np.sum(1.0 / lam) / np.sum(outputs**2 / lam)))


COUNTEREXAMPLES = (
    Counterexample(
        "converged-teacher",
        violates="finite-time",
        words="A teacher that was trained to the end gives the labels back, with all their complexity.",
        case=Outputs((1.0, 1.0)),
        restored=Outputs((0.9, 0.7)),
        margin=0.0,
        check=easier_margin,
    ),
    Counterexample(
        "overshooting-steps",
        violates="no-overshoot",
        words="One descent step of 1.5 on the leading mode, 0.75 on the other: the outputs are harder than the labels.",
        case=Outputs((1.9, 0.95)),
        restored=Outputs((0.9, 0.45)),
        margin=-0.5905605917848442,
        check=easier_margin,
    ),
    Counterexample(
        "start-beyond-the-target",
        violates="zero-start",
        words="A start that is twice the target in the lower mode is forgotten slowly.",
        case=Outputs((0.9, 0.7), start=(0.0, 2.0)),
        restored=Outputs((0.9, 0.7)),
        margin=-0.3340884452659367,
        check=easier_margin,
    ),
)

mutate = Mutate(margins, Formulas())
MUTANTS = (
    mutate("outputs-exponent", "gains are not squared", outputs=lambda gain, y, lam: gain * y**2 / lam),
    mutate("outputs-factor", "eigenvalues multiply", outputs=lambda gain, y, lam: gain**2 * y**2 * lam),
    mutate("flow-exponent", "phi is not squared", flow=lambda lam, t, y: t**2 * lam * _phi(lam * t) * y**2),
    mutate(
        "flow-factor", "one factor of the time is missing", flow=lambda lam, t, y: t * lam * _phi(lam * t) ** 2 * y**2
    ),
    mutate(
        "flow-sign", "phi of the growing exponential", flow=lambda lam, t, y: t**2 * lam * _phi(-lam * t) ** 2 * y**2
    ),
    mutate("grown-factor", "growth without the lower gain", grown=lambda lam, t, d, y: np.exp(-lam * t) * y**2 / lam),
    mutate("grown-sign", "it shrinks", grown=lambda lam, t, d, y: -_grown(lam * t, lam * d) * y**2 / lam),
    mutate("beyond-sign", "residual times 2 + residual", beyond=lambda e, y, lam: e * (2.0 + e) * y**2 / lam),
    mutate("beyond-exponent", "the residual squared", beyond=lambda e, y, lam: e**2 * y**2 / lam),
    mutate.flipped("grows-sign", "the complexity falls with time", "grows"),
)


def _simulation() -> Margin:
    """Descent in JAX: the measured complexity of the teacher's outputs is the formula's, at three times, and grows."""
    import kdtheory as kd

    task = kd.tasks.from_spectrum([1.0, 0.4, 0.1], coefficients=[1.0, -2.0, 3.0], seed=0)
    model, found, expected = kd.LinearModel(), [], []
    spectrum = model.spectrum(task)
    y = spectrum.coefficients(np.asarray(task.targets))[:, 0]
    for steps in (2, 8, 32):
        run = GradientDescent(steps=steps, step_size=_SHARE)
        fit = kd.simulate(kd.self_distillation(run, run), model, task)["teacher"]
        found.append(kd.measures.supervision_complexity(np.asarray(fit.train), spectrum))
        expected.append(np.sum(Formulas().outputs(run.gain(spectrum.eigenvalues), y, spectrum.eigenvalues)))
    error = np.log(np.asarray(found) / np.asarray(expected))
    return Margin(
        agreement=Margin.within(error, tolerance(32 * 8, 10.0)).values.min(), grows=np.min(np.diff(np.log(found)))
    )


@claim(
    id="supervision-complexity",
    title="A teacher's outputs are easier to learn than the labels, the more so the earlier it stops",
    topic="stopping and switching",
    source="harutyunyan2023, the notion; monotonicity and stable form derived here",
    figure="gp-self-distillation",
    statement=r"""Let the Gram matrix $K$ be invertible, and let $y_T$ be the outputs of a teacher with the gain
$a_T(\lambda)$, started at zero. Their complexity is the squared norm of the smallest function that takes these values,
\[ y_T^\top K^{-1} y_T = \sum_k \frac{a_T(\lambda_k)^2\, y_k^2}{\lambda_k}. \]
For gradient flow of time $T$ it is $\sum_k T^2 \lambda_k\, \varphi(\lambda_k T)^2\, y_k^2$ with
$\varphi(z) = (1 - e^{-z}) / z$, grows strictly with $T$, and stays strictly below that of the labels, which has
$\sum_k e_k (2 - e_k)\, y_k^2 / \lambda_k$ more, where $e_k = e^{-\lambda_k T}$.""",
    words="How hard a target is for a kernel is told by the norm of the function that fits it. A teacher leaves out "
    "most "
    "of what is on low modes, and that is where labels are expensive: its outputs are cheaper, by all that it has not "
    "learned, and become as expensive as the labels only when it has learned them exactly.",
    assumptions={
        "squared-loss": "The model is linear in its parameters and the loss is squared error: modes evolve apart.",
        "same-modes": "The complexity is that for the teacher's own inputs and kernel.",
        "invertible": "The Gram matrix is invertible, or the target has no part where it is not.",
        "finite-time": "The teacher is trained for a finite time.",
        "no-overshoot": "The teacher's gains are below 1 in absolute value.",
        "zero-start": "The teacher starts at the zero function.",
    },
    counterexamples=COUNTEREXAMPLES,
    mutants=MUTANTS,
    simulation=_simulation,
)
def supervision_complexity(case: Supervisions) -> Margin:
    """Margins of the norm, of its stable form, of its growth, and of what the labels have beyond it."""
    return margins(case, Formulas())
