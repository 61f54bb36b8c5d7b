"""C7b and f: distillation denoises gradients, with no label noise needed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from kdtheory.claims._claim import Counterexample
from kdtheory.claims._denoising import EIGENVALUE, minibatch_relation, noise, reached, relation, share_left
from kdtheory.claims._mutants import Mutate
from kdtheory.claims._registry import claim
from kdtheory.testing import EPSILON, Case, Margin, linear, logarithmic

Array = NDArray[np.float64]
CLOSE = 1e-12


@dataclass(frozen=True)
class Taught(Case):
    """A mode with a teacher and a student.

    Attributes
    ----------
    progress, student_progress : between 1e-6 and 30
        Eigenvalue times training time of teacher and student.
    position : between -3 and 3
        Where gradients are taken.
    """

    progress: Annotated[Any, logarithmic(1e-6, 30.0, simple=1.0)]
    student_progress: Annotated[Any, logarithmic(1e-6, 30.0, simple=1.0)]
    position: Annotated[Any, linear(-3.0, 3.0, simple=1.0)]


@dataclass(frozen=True)
class Formulas:
    """The formulas that the statement stands on; each mutant replaces one of them by a wrong one."""

    relation: Callable[..., Array] = np.subtract
    missing: Callable[..., Array] = lambda progress: np.exp(-progress)
    gain: Callable[..., Array] = lambda progress: -np.expm1(-progress)
    constant: Callable[..., Array] = lambda missing, away: missing * away
    deviation: Callable[..., Array] = lambda gain: gain


def margins(case: Taught, formulas: Formulas) -> Margin:
    """Margins of every part of the statement."""
    return Margin(**_gradients(case, formulas), **_duality(case, formulas))


def _gradients(case: Taught, formulas: Formulas) -> dict[str, Array]:
    """The exact relation and the low-pass form, on a mode and on a minibatch, as the toolkit measures them."""
    progress, position = np.atleast_1d(case.progress), np.atleast_1d(case.position)
    found = {}
    sides = relation(progress, position)
    for name, each in {"relation": sides, "minibatch": minibatch_relation(progress, position)}.items():
        one_hot, anchor = each.one_hot.modes, each.anchor.modes
        scale = 10 + np.abs(one_hot).max(axis=(1, 2)) + np.abs(anchor).max(axis=(1, 2))
        found[name] = share_left(each.distillation.modes, formulas.relation(one_hot, anchor), scale[:, None, None])
    root, starts = np.sqrt(EIGENVALUE), np.array([0.0, 1.0])
    anchor = -root * formulas.missing(progress)[:, None] * (np.array([1.0, 0.0]) - starts)
    found["anchor"] = share_left(sides.anchor.modes[:, 0], anchor, np.abs(anchor), progress)
    at_start = relation(progress)
    filtered = formulas.gain(progress)[:, None] * at_start.one_hot.modes[:, 0]
    found["low_pass"] = share_left(at_start.distillation.modes[:, 0], filtered, root)
    away = root * (position[:, None] - starts)
    constant = formulas.constant(formulas.missing(progress)[:, None], away)
    rest = sides.distillation.modes[:, 0] - formulas.gain(progress)[:, None] * sides.one_hot.modes[:, 0]
    found["constant"] = share_left(rest, constant, root * (1 + np.abs(position[:, None])))
    return found


def _duality(case: Taught, formulas: Formulas) -> dict[str, Array]:
    """One number: the ratio of coefficients at every time, the filter, the ratio of noise."""
    progress = np.atleast_1d(case.progress)
    distilled, onehot = reached(progress, np.atleast_1d(case.student_progress))
    gain, measured = formulas.gain(progress), noise(progress)
    spread = np.sqrt(measured.distillation.variance / measured.one_hot.variance)[:, 0]
    return {
        "duality": share_left(distilled, gain * onehot, gain * onehot, 2),
        "noise": share_left(spread, formulas.deviation(gain), gain, 2),
    }


def _decades(error: float) -> Margin:
    """By how many decades an identity is closer than it has to be."""
    return Margin(np.log10(CLOSE / max(error, EPSILON)))


@dataclass(frozen=True)
class Place:
    """Where the gradient is taken: a coefficient; the teacher starts at 0, its target is 1."""

    progress: float
    at: float


def low_pass_margin(case: Place) -> Margin:
    """How exactly distillation's gradient is the low-passed one-hot gradient there."""
    sides = relation(case.progress, case.at)
    low_pass = np.asarray(sides.low_pass)[0, 0, 0]
    return _decades(abs(float(sides.distillation.modes[0, 0, 0] - low_pass)))


@dataclass(frozen=True)
class Beginning:
    """Students that start at ``start``; their teacher started at zero."""

    progress: float
    student_progress: float
    start: float


def duality_margin(case: Beginning) -> Margin:
    """How exactly the students' coefficients are in the ratio of the teacher's gain."""
    distilled, onehot = reached(case.progress, case.student_progress, case.start)
    return _decades(abs(float(np.log(distilled / onehot / -np.expm1(-case.progress))[0])))


COUNTEREXAMPLES = (
    Counterexample(
        "away-from-the-start",
        violates="at-the-start",
        words="Where the student has moved, its gradient is not the low-passed one-hot gradient: a constant is added. "
        "The exact relation holds there too.",
        case=Place(progress=1.0, at=0.5),
        restored=Place(progress=1.0, at=0.0),
        margin=-11.565705518096749,
        check=low_pass_margin,
    ),
    Counterexample(
        "another-start",
        violates="common-start",
        words="Students that do not start where their teacher did are not in the ratio of its gain.",
        case=Beginning(progress=1.0, student_progress=1.0, start=1.0),
        restored=Beginning(progress=1.0, student_progress=1.0, start=0.0),
        margin=-11.287803541970028,
        check=duality_margin,
    ),
)

mutate = Mutate(margins, Formulas())
MUTANTS = (
    mutate("relation-sign", "the one-hot gradient at the teacher is added", relation=np.add),
    mutate("anchor-sign", "the teacher's shortfall grows", missing=np.exp),
    mutate("anchor-exponent", "it decays twice as fast", missing=lambda z: np.exp(-2 * z)),
    mutate("filter-sign", "what is kept is exp(-z)", gain=lambda z: np.exp(-z)),
    mutate("filter-exponent", "the filter acts twice", gain=lambda z: np.expm1(-z) ** 2),
    mutate("constant-left-out", "low-pass everywhere", constant=lambda missing, away: 0 * missing * away),
    mutate("constant-sign", "the constant's sign", constant=lambda missing, away: -missing * away),
    mutate("noise-exponent", "variances for deviations", deviation=np.square),
)


@claim(
    id="gradient-denoising",
    title="Distillation denoises gradients, and is eigenspace regularization seen from there",
    topic="gradients",
    source="safaryan2023, partial variance reduction; nagarajan2023, the denoising view; relation and duality derived "
    "here",
    statement=r"""Squared loss, features $X$, $\Sigma = X^T X$; $g(b) = X^T (X b - \cdot)$ with labels $y$ (one-hot) or
with the outputs of a teacher $b_T$ (KD), over all samples or any minibatch.
\[ g_{\text{KD}}(b) = g_{\text{OH}}(b) - g_{\text{OH}}(b_T), \qquad
-g_{\text{OH}}(b_T) = e^{-T\Sigma} X^T (y - X b_0) \]
for every $b$; the second part for a teacher trained by gradient flow from $b_0$ for the time $T$ (all samples). The
low-pass form $g_{\text{KD}}(b) = (I - e^{-T\Sigma})\, g_{\text{OH}}(b)$ holds where $X b = X b_0$, and, for
$0 < T < \infty$, nowhere else: $e^{-T\Sigma}\Sigma\,(b - b_0)$ is added. One number per mode,
$a = 1 - e^{-\lambda T}$, is the ratio of the KD to the one-hot student's coefficient at every time, the filter of the
first gradient, and the ratio of label noise in standard deviations.""",
    words="A teacher's gradient is the one-hot gradient minus what that would be at the teacher, sample by sample: "
    "variance reduction whose reference gradient was left out. What was left out is the regularization, what is "
    "subtracted is noise. No label noise is needed. On every mode the teacher's gain is at once the shrinkage of the "
    "student, the filter of its first gradient and the factor by which label noise is reduced.",
    assumptions={
        "squared-loss": "The model is linear in its parameters and the loss is squared error.",
        "realisable-teacher": "The teacher's outputs on the training inputs are those of some weights of the student.",
        "at-the-start": "The low-pass form: the gradient is taken where the student's outputs are those of its "
        "teacher's start (in modes of eigenvalue 0, and in modes learned without a rest, it holds anyway).",
        "gradient-flow": "The forms with exp(-T Sigma): the teacher was trained by gradient flow on all samples (any "
        "other procedure that keeps 1 - gain of its start has its own gains there).",
        "common-start": "Duality: teacher and students start at the same function, and coefficients count from there.",
        "same-modes": "Duality: teacher and student have the same inputs and kernel.",
    },
    counterexamples=COUNTEREXAMPLES,
    mutants=MUTANTS,
)
def gradient_denoising(case: Taught) -> Margin:
    """Margins of formulas against gradients as the toolkit measures them."""
    return margins(case, Formulas())
