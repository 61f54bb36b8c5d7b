"""C11f: on a cluster with flipped labels, hard pseudo-labels undo both the noise and the teacher's shrinkage."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from kdtheory.claims._claim import Counterexample
from kdtheory.claims._mutants import Mutate
from kdtheory.claims._registry import claim
from kdtheory.testing import Case, Margin, linear, logarithmic, odds, tolerance, whole

Array = NDArray[np.float64]
SIZE, MOST = 15, 12


@dataclass(frozen=True)
class FlippedCluster(Case):
    """A cluster of samples that share one input, with the label 1 of which some are flipped to -1.

    Attributes
    ----------
    flipped : whole, from 0 to 7
        Of 15 samples.
    length : between 0.01 and 100
        Of the shared input.
    penalty : between 0.001 and 1000
        Of a ridge run, over the cluster's eigenvalue.
    steps : whole, from 1 to 12
        Of a descent run.
    step_size : between 0.001 and 0.999
        Of it, times the cluster's eigenvalue.
    """

    flipped: Annotated[Any, whole(0, SIZE // 2, simple=3)]
    length: Annotated[Any, logarithmic(0.01, 100.0)]
    penalty: Annotated[Any, logarithmic(1e-3, 1e3)]
    steps: Annotated[Any, whole(1, MOST)]
    step_size: Annotated[Any, odds(0.001, 0.999)]

    @property
    def share(self) -> Array:
        """Of flipped labels, shape (cases,)."""
        return np.atleast_1d(self.flipped) / SIZE

    @property
    def labels(self) -> Array:
        """Shape (cases, 15)."""
        return np.where(np.arange(SIZE) < np.atleast_1d(self.flipped)[:, None], -1.0, 1.0)


@dataclass(frozen=True)
class Formulas:
    """The formulas that the statement stands on; each mutant replaces one of them by a wrong one."""

    teacher: Callable[..., Array] = lambda gain, share: gain * (1.0 - 2.0 * share)
    soft: Callable[..., Array] = lambda gain, share: gain**2 * (1.0 - 2.0 * share)
    hard: Callable[..., Array] = lambda gain, share: gain
    steeper: Callable[..., Array] = lambda gain, share: 1.0 / (gain * (1.0 - 2.0 * share))


def ridge(case: FlippedCluster, labels: Array) -> Array:
    """Outputs of ridge on the cluster's samples, by its weight: sums over the samples."""
    x = np.atleast_1d(case.length)
    penalty = np.atleast_1d(case.penalty) * SIZE * x**2
    return np.broadcast_to((x * (x * labels.sum(axis=-1)) / (SIZE * x**2 + penalty))[:, None], labels.shape)


def descent(case: FlippedCluster, labels: Array) -> Array:
    """Outputs of gradient descent on the cluster's samples, step by step."""
    x = np.atleast_1d(case.length)[:, None]
    rate, weight = np.atleast_1d(case.step_size)[:, None] / (SIZE * x**2), np.zeros_like(x)
    for step in range(MOST):
        gradient = np.sum(x * (x * weight - labels), axis=-1, keepdims=True)
        weight = np.where(step < np.atleast_1d(case.steps)[:, None], weight - rate * gradient, weight)
    return np.broadcast_to(x * weight, labels.shape)


def margins(case: FlippedCluster, formulas: Formulas) -> Margin:
    """Margins of every part of the statement, for both procedures."""
    share, found = case.share, {}
    gains = {
        "ridge": 1.0 / (1.0 + np.atleast_1d(case.penalty)),
        "descent": 1.0 - (1.0 - np.atleast_1d(case.step_size)) ** np.atleast_1d(case.steps),
    }
    for name, run in (("ridge", ridge), ("descent", descent)):
        gain = gains[name]
        teacher = run(case, case.labels)
        soft, hard = run(case, teacher), run(case, np.sign(teacher))
        for role, outputs in (("teacher", teacher), ("soft", soft), ("hard", hard)):
            expected = getattr(formulas, role)(gain, share)
            found[f"{name}_{role}"] = _same(outputs[:, 0], expected, gain)
        order = np.minimum(np.log(hard[:, 0] / teacher[:, 0]), np.log(teacher[:, 0] / soft[:, 0]))
        # Equal where no label is flipped.
        found[f"{name}_order"] = order + tolerance(SIZE)
        ratio = hard[:, 0] / soft[:, 0]
        found[f"{name}_steeper"] = _same(ratio, formulas.steeper(gain, share), ratio)
    return Margin(**found)


def _same(one: Any, other: Any, size: Any) -> Array:
    return 1.0 - np.abs(one - other) / (size * tolerance(SIZE * MOST, condition=SIZE))


def _simulation() -> Margin:
    """Two orthogonal clusters of opposite labels, step by step: a soft student, and one on the teacher's signs."""
    import kdtheory as kd

    inputs, truth = np.repeat(np.eye(2), [10, 20], axis=0) * [1.0, 2.0], np.repeat([1.0, -1.0], [10, 20])
    flipped = np.r_[np.arange(3), np.arange(10, 14)]
    labels = truth.copy()
    labels[flipped] *= -1.0
    run, model = kd.GradientDescent(steps=30, step_size=0.005), kd.LinearModel()
    task = kd.tasks.from_arrays(inputs, labels)
    soft = kd.simulate(kd.self_distillation(run, run), model, task)
    outputs = {name: np.asarray(soft[name].train)[:, 0] for name in ("teacher", "student")}
    pseudo = kd.tasks.from_arrays(inputs, np.sign(outputs["teacher"]))
    hard = kd.simulate(kd.Recipe(student=kd.Fit(kd.Phase(kd.labels, run))), model, pseudo)["student"]
    outputs["hard"] = np.asarray(hard.train)[:, 0]
    gain = np.repeat(1.0 - (1.0 - 0.005 * np.array([10.0, 80.0])) ** 30, [10, 20])
    share, formulas = np.repeat([0.3, 0.2], [10, 20]), Formulas()
    expected = {"teacher": formulas.teacher, "student": formulas.soft, "hard": formulas.hard}
    return Margin(
        **{name: np.min(_same(outputs[name], truth * formula(gain, share), gain)) for name, formula in expected.items()}
    )


@dataclass(frozen=True)
class Crowd(Case):
    """A cluster with flipped labels beside one of opposite labels whose input overlaps with it; ridge on both."""

    flipped: Annotated[Any, whole(0, SIZE, simple=3)]
    overlap: Annotated[Any, linear(-0.9, 0.9)]
    softened: Annotated[Any, linear(0.0, 1.0)]


def _crowd(case: Crowd) -> Margin:
    """Of the output of the hard student on the first cluster: one gain, penalty as large as the eigenvalue."""
    overlap = float(case.overlap)
    inputs = np.repeat([[1.0, 0.0], [overlap, np.sqrt(1.0 - overlap**2)]], SIZE, axis=0)
    labels = np.r_[np.where(np.arange(SIZE) < case.flipped, -1.0, 1.0), -np.ones(SIZE)]
    solve = inputs @ np.linalg.solve(inputs.T @ inputs + SIZE * np.eye(2), inputs.T)
    teacher = solve @ labels
    student = solve @ (np.tanh(teacher) if case.softened else np.sign(teacher))
    return Margin(_same(student[0], Formulas().hard(0.5, 0.0), 1.0))


_KEPT = Crowd(3.0, 0.0, 0.0)
COUNTEREXAMPLES = (
    Counterexample(
        "most-labels-flipped",
        violates="majority",
        words="With eight labels of 15 flipped the teacher has the wrong sign, and hard labels make the most of it.",
        case=replace(_KEPT, flipped=8.0),
        restored=_KEPT,
        margin=-932440269465.9585,
        check=_crowd,
    ),
    Counterexample(
        "overlapping-clusters",
        violates="apart",
        words="A neighbour with the opposite label takes some of the output away.",
        case=replace(_KEPT, overlap=0.5),
        restored=_KEPT,
        margin=-155406711576.8264,
        check=_crowd,
    ),
    Counterexample(
        "softened-signs",
        violates="hardened",
        words="Labels that are squashed by a hyperbolic tangent instead of rounded keep shrinkage and noise.",
        case=replace(_KEPT, softened=1.0),
        restored=_KEPT,
        margin=-330404329305.7367,
        check=_crowd,
    ),
)

mutate = Mutate(margins, Formulas())
MUTANTS = (
    mutate("teacher-factor", "flipped labels are lost, not turned", teacher=lambda a, share: a * (1.0 - share)),
    mutate("teacher-sign", "flipped labels add", teacher=lambda a, share: a * (1.0 + 2.0 * share)),
    mutate("soft-exponent", "the soft student shrinks once", soft=lambda a, share: a * (1.0 - 2.0 * share)),
    mutate("soft-noise", "the soft student sees the flips twice", soft=lambda a, share: (a * (1.0 - 2.0 * share)) ** 2),
    mutate("hard-exponent", "the hard student shrinks twice", hard=lambda a, share: a**2),
    mutate("hard-factor", "the hard student keeps the noise", hard=lambda a, share: a * (1.0 - 2.0 * share)),
    mutate("steeper-factor", "only the noise is undone", steeper=lambda a, share: 1.0 / (1.0 - 2.0 * share)),
    mutate("steeper-inverse", "the ratio is upside down", steeper=lambda a, share: a * (1.0 - 2.0 * share)),
    mutate.flipped("order-sign", "soft labels give larger outputs", "ridge_order"),
)


@claim(
    id="hard-pseudo-labels",
    title="Hard pseudo-labels undo the noise and the teacher's shrinkage, soft ones neither",
    topic="high dimension",
    source="takanami2025, hard labels in noisy self-distillation; exact cluster form derived here",
    figure="fresh-samples-and-hard-labels",
    statement=r"""Let samples of one cluster share one input, orthogonal to all others, and the label $\pm 1$, of which
a share $\theta < 1/2$ is flipped. A training whose gain on the cluster's mode is $a > 0$ has the outputs, times the
label,
\[ \text{teacher: } a (1 - 2 \theta), \qquad \text{soft student: } a^2 (1 - 2 \theta), \qquad
   \text{hard student: } a, \]
where the hard student is trained on the signs of the teacher's outputs. For $a \le 1$,
$\text{soft} \le \text{teacher} \le \text{hard}$, and hard is $1 / (a (1 - 2\theta))$ times soft. For $\theta > 1/2$ the
hard student has $-a$.""",
    words="A shrunken and noisy output still has the right sign. Rounding it gives clean labels of full size: "
    "nothing is "
    "left of the flips, and the shrinkage starts again from one. A soft student carries both along. Where most "
    "labels of a "
    "cluster are flipped, rounding makes the error as large as it can be.",
    assumptions={
        "apart": "The cluster's input is orthogonal to all others (with a kernel: they have no covariance).",
        "one-procedure": "Teacher and student run one training of positive gain, from zero, on squared loss.",
        "majority": "Less than half of the labels in the cluster are flipped.",
        "hardened": "Hard labels are signs of the teacher's outputs.",
    },
    counterexamples=COUNTEREXAMPLES,
    mutants=MUTANTS,
    simulation=_simulation,
)
def hard_pseudo_labels(case: FlippedCluster) -> Margin:
    """Margins for ridge and for gradient descent on the cluster's samples, three trainings each, literally."""
    return margins(case, Formulas())
