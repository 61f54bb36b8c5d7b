"""Counterexamples of ``gradient-denoising``: each violates one of its assumptions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kdtheory.claims._claim import Counterexample
from kdtheory.claims._denoising import noise, reached, relation
from kdtheory.distillation import Minibatch
from kdtheory.risk import sgd_stationary
from kdtheory.testing import EPSILON, Margin

CLOSE = 1e-12


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
class Mixed:
    """SGD on four samples with two features; ``beyond`` is the teacher's output in a direction no weights reach."""

    mixing: float
    beyond: float


def floor_margin(case: Mixed) -> Margin:
    """How exactly the noise floor is ``(1 - mixing)^2`` times that of the labels."""
    features, labels = np.array([[1.0, 0.0], [0.5, 1.0], [0.0, 1.0], [1.0, 1.0]]), np.array([1.0, -1.0, 2.0, 0.0])
    teacher = features @ [0.5, 0.5] + case.beyond * np.array([1.0, 0.0, 0.0, -1.0])
    mixed = (1 - case.mixing) * labels + case.mixing * teacher
    batch = Minibatch(1, replace=True)
    floors = [
        float(sgd_stationary(features, targets, step_size=0.05, batch=batch).excess_loss(features))
        for targets in (labels, mixed)
    ]
    return _decades(abs(float(np.log(floors[1] / floors[0] / (1 - case.mixing) ** 2))))


@dataclass(frozen=True)
class Noisy:
    """A teacher trained on noisy labels: its progress; power of the clean target and of the noise."""

    progress: float
    signal: float
    noise: float


def benefit_margin(case: Noisy) -> Margin:
    """Mean squared error of the one-hot gradient minus that of distillation, over their sum."""
    measured = noise(case.progress)
    distilled = case.noise * measured.distillation.variance + case.signal * measured.distillation.squared_bias
    onehot = case.noise * measured.one_hot.variance
    return Margin(((onehot - distilled) / (onehot + distilled))[0, 0])


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
        "clean-labels",
        violates="label-noise",
        words="Without label noise the one-hot gradient is exact, and what the teacher has not learned is pure error: "
        "the corollary says nothing there. (Relation, floor and duality need no noise.)",
        case=Noisy(progress=1.0, signal=1.0, noise=0.0),
        restored=Noisy(progress=1.0, signal=1.0, noise=1.0),
        margin=-1.0,
        check=benefit_margin,
    ),
    Counterexample(
        "short-teacher",
        violates="long-enough",
        words="With three times more signal than noise, a teacher stopped before log 2 has too little of the signal.",
        case=Noisy(progress=0.5, signal=3.0, noise=1.0),
        restored=Noisy(progress=1.0, signal=3.0, noise=1.0),
        margin=-0.11443941980944013,
        check=benefit_margin,
    ),
    Counterexample(
        "over-long-teacher",
        violates="early-stopping",
        words="A teacher trained to the end has learned all of the noise: its gradient is the one-hot gradient.",
        case=Noisy(progress=np.inf, signal=3.0, noise=1.0),
        restored=Noisy(progress=float(np.log(4.0)), signal=3.0, noise=1.0),
        margin=0.0,
        check=benefit_margin,
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
