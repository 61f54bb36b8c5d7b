"""C11b, first half: ridge taught by ridge is a weighted difference of two ridges."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from kdtheory.claims._claim import Counterexample
from kdtheory.claims._mutants import Mutate
from kdtheory.claims._registry import claim
from kdtheory.risk import ridge_ensemble_weights
from kdtheory.testing import Case, Margin, linear, logarithmic, tolerance

Array = NDArray[np.float64]
LABELS = np.array([1.0, -2.0, 0.5])
STEP = 1e-30
"""Of the complex derivative, which has no cancellation: as small as one likes."""


@dataclass(frozen=True)
class Stages(Case):
    """Three samples with two features, and three ridges: a teacher, its student, and the student's student.

    ``angle`` turns the inputs, whose singular values are 1 and the root of ``ratio``; ``gap`` and ``second_gap`` are
    penalties over those of the stage before. ``mixing`` is the teacher's weight for the first student.
    """

    angle: Annotated[Any, linear(-1.5, 1.5, simple=0.0)]
    ratio: Annotated[Any, logarithmic(1e-3, 1.0, simple=0.5)]
    penalty: Annotated[Any, logarithmic(1e-3, 1e3)]
    gap: Annotated[Any, logarithmic(1.01, 100.0, simple=2.0)]
    second_gap: Annotated[Any, logarithmic(1.01, 100.0, simple=2.0)]
    mixing: Annotated[Any, linear(-1.0, 2.0, simple=1.0)]

    @property
    def inputs(self) -> Array:
        """Shape (cases, 3, 2)."""
        angle, ratio = np.broadcast_arrays(np.atleast_1d(self.angle), np.atleast_1d(self.ratio))
        turn = np.stack([np.cos(angle), np.sin(angle), -np.sin(angle), np.cos(angle)], axis=-1).reshape(-1, 2, 2)
        left = np.array([[2.0, 1.0], [1.0, 2.0], [2.0, -2.0]]) / 3.0
        return left @ (turn * np.sqrt(np.stack([np.ones_like(ratio), ratio], axis=-1))[:, :, None])

    @property
    def penalties(self) -> Array:
        """Of the three stages, shape (cases, 3)."""
        c = np.atleast_1d(self.penalty)
        return np.stack([c, c * self.gap, c * self.gap * self.second_gap], axis=-1)


def ridge(inputs: Any, labels: Any, penalty: Any, center: Any = None) -> Any:
    """Weights of ridge by solving its normal equations, one problem per case; shrunk to ``center``, or to zero."""
    gram = np.swapaxes(inputs, -1, -2) @ inputs
    pull = 0.0 if center is None else penalty[:, None] * center
    right = np.einsum("cni,cn->ci", inputs, labels) + pull
    return np.linalg.solve(gram + penalty[:, None, None] * np.eye(2), right[..., None])[..., 0]


@dataclass(frozen=True)
class Formulas:
    """The formulas that the statement stands on; each mutant replaces one of them by a wrong one."""

    student: Callable[..., Array] = lambda b, d, c1, c2: (c1 * b - c2 * d) / (c1 - c2)
    limit: Callable[..., Array] = lambda b, slope, c: b + c * slope
    weights: Callable[..., Array] = ridge_ensemble_weights
    mixed: Callable[..., Array] = lambda alone, taught, m: (1.0 - m) * alone + m * taught


def margins(case: Stages, formulas: Formulas) -> Margin:
    """Margins of every part of the statement."""
    x, c = case.inputs, case.penalties
    labels = np.broadcast_to(LABELS, (len(x), 3))
    single = [ridge(x, labels, c[:, stage]) for stage in range(3)]
    taught = [single[0]]
    for stage in (1, 2):
        taught.append(ridge(x, np.einsum("cni,ci->cn", x, taught[-1]), c[:, stage]))
    outputs, m = np.einsum("cni,ci->cn", x, single[0]), np.atleast_1d(case.mixing)[:, None]
    pair = formulas.student(single[0], single[1], c[:, :1], c[:, 1:2])
    mixed = ridge(x, (1.0 - m) * labels + m * outputs, c[:, 1])
    again = ridge(x, outputs, c[:, 0])
    slope = ridge(x.astype(complex), labels, c[:, 0] * (1.0 + 1j * STEP)).imag / (STEP * c[:, :1])
    two, three = formulas.weights(c[:, :2]), formulas.weights(c)
    both, all_three = (
        np.einsum("ci,icp->cp", weights, np.array(single[: weights.shape[1]])) for weights in (two, three)
    )
    size = np.max([np.abs(b).max(axis=-1) for b in single], axis=0)
    large, larger = (size * np.abs(weights).sum(axis=-1) for weights in (two, three))
    return Margin(
        student=_same(pair, taught[1], c, large),
        stages=_same(all_three, taught[2], c, larger),
        two_stages=_same(both, taught[1], c, large),
        sum=1.0 - np.abs(three.sum(axis=-1) - 1.0) / (np.abs(three).sum(axis=-1) * tolerance(3)),
        one_negative=-two.min(axis=-1) * two.max(axis=-1),
        order=_same(ridge(x, np.einsum("cni,ci->cn", x, single[1]), c[:, 0]), taught[1], c, size),
        limit=_same(formulas.limit(single[0], slope, c[:, :1]), again, c, size),
        mixed=_same(formulas.mixed(single[1], taught[1], m), mixed, c, size * (1.0 + np.abs(m[:, 0]))),
    )


def _same(one: Array, other: Array, penalties: Array, size: Array) -> Array:
    """Margin of equal weights; the normal equations' condition is at most that of the smallest penalty."""
    worst = np.max(np.abs(one - other), axis=-1)
    return 1.0 - worst / (size * tolerance(2, condition=1.0 + 1.0 / penalties.min(axis=-1)))


def _simulation() -> Margin:
    """Long descents with weight decay, which end in ridge: both ends of the identity step by step, at three gaps."""
    import kdtheory as kd

    task = kd.tasks.from_spectrum([2.0, 0.5, 0.1], coefficients=[1.0, -1.0, 2.0], seed=0)
    found = {}
    for name, one, two in (("close", 0.5, 0.51), ("apart", 0.5, 2.0), ("reversed", 3.0, 0.4)):
        runs = [kd.Ridge(penalty).as_decay(steps=400) for penalty in (one, two)]
        single = kd.Fit(kd.Phase(kd.labels, runs[1]))
        recipe = kd.Recipe(**kd.self_distillation(runs[0], runs[1]), single=single)
        run, w = kd.simulate(recipe, kd.LinearModel(), task), ridge_ensemble_weights([one, two])
        outputs = {fit: np.asarray(run[fit].train) for fit in recipe}
        error = w[0] * outputs["teacher"] + w[1] * outputs["single"] - outputs["student"]
        found[name] = Margin.within(np.max(np.abs(error)), tolerance(400) * np.abs(w).sum()).values
    return Margin(**found)


@dataclass(frozen=True)
class Changed(Case):
    """Two stages on a plain problem in which something is not as assumed where a number is 1."""

    centered: Annotated[Any, linear(0.0, 1.0)]
    other_inputs: Annotated[Any, linear(0.0, 1.0)]
    hardened: Annotated[Any, linear(0.0, 1.0)]


def _changed(case: Changed) -> Margin:
    plain = Stages(0.3, 0.5, 1.0, 2.0, 2.0, 1.0)
    x, c, labels = plain.inputs, plain.penalties, LABELS[None]
    seen = replace(plain, angle=1.0).inputs if case.other_inputs else x
    one, two = ridge(x, labels, c[:, 0]), ridge(x, labels, c[:, 1])
    outputs = np.einsum("cni,ci->cn", seen, one)
    outputs = np.sign(outputs) if case.hardened else outputs
    student = ridge(seen, outputs, c[:, 1], one if case.centered else None)
    return Margin(_same(Formulas().student(one, two, c[:, :1], c[:, 1:2]), student, c, np.abs(one).max(axis=-1)))


_KEPT = Changed(0.0, 0.0, 0.0)
COUNTEREXAMPLES = (
    Counterexample(
        "penalty-centred-at-the-teacher",
        violates="zero-centred",
        words="A student that is shrunk towards its teacher's weights and taught by its outputs is that teacher.",
        case=replace(_KEPT, centered=1.0),
        restored=_KEPT,
        margin=-53865851810680.414,
        check=_changed,
    ),
    Counterexample(
        "other-inputs",
        violates="same-inputs",
        words="Taught on turned inputs the student shrinks other directions, and no two ridges on the first make "
        "it up.",
        case=replace(_KEPT, other_inputs=1.0),
        restored=_KEPT,
        margin=-4960866781321.154,
        check=_changed,
    ),
    Counterexample(
        "hardened-outputs",
        violates="raw-outputs",
        words="Signs of the teacher's outputs are not linear in the labels any more.",
        case=replace(_KEPT, hardened=1.0),
        restored=_KEPT,
        margin=-45678005063748.48,
        check=_changed,
    ),
)


def _reweighed(power: float = 1.0, shift: float = 0.0) -> Callable[[Array], Array]:
    return lambda c: ridge_ensemble_weights(c) ** power + shift


mutate = Mutate(margins, Formulas())
MUTANTS = (
    mutate("student-sign", "the ridges add", student=lambda b, d, c1, c2: (c1 * b + c2 * d) / (c1 + c2)),
    mutate(
        "student-exchanged", "the weights are exchanged", student=lambda b, d, c1, c2: (c1 * d - c2 * b) / (c1 - c2)
    ),
    mutate(
        "student-exponent",
        "the penalties enter squared",
        student=lambda b, d, c1, c2: (c1**2 * b - c2**2 * d) / (c1**2 - c2**2),
    ),
    mutate("limit-sign", "the limit moves to smaller penalties", limit=lambda b, slope, c: b - c * slope),
    mutate("limit-factor", "the limit moves half as far", limit=lambda b, slope, c: b + c * slope / 2.0),
    mutate("limit-exponent", "the limit moves by the penalty squared", limit=lambda b, slope, c: b + c**2 * slope),
    mutate("weights-exponent", "the weights are squared", weights=_reweighed(power=2.0)),
    mutate(
        "weights-inverse", "the weights are those of inverse penalties", weights=lambda c: ridge_ensemble_weights(1 / c)
    ),
    mutate("weights-shift", "the weights sum to more than 1", weights=_reweighed(shift=1e-6)),
    mutate("mixed-exchanged", "labels and teacher are exchanged", mixed=lambda a, b, m: m * a + (1.0 - m) * b),
    mutate("mixed-sign", "the teacher is taken off", mixed=lambda a, b, m: (1.0 + m) * a - m * b),
)


@claim(
    id="two-stage-ridge-is-an-ensemble",
    title="Ridge taught by ridge is an affine ensemble of ridges on the labels",
    topic="high dimension",
    source="derived here (partial fractions)",
    figure="high-dimension",
    statement=r"""Let $b_c = (X^\top X + c)^{-1} X^\top y$ and let a student with penalty $c_2$ be trained on the
outputs $X b_{c_1}$ of a teacher, $c_1, c_2 > 0$. For $c_1 \ne c_2$ its weights are
\[ b = \frac{c_1 b_{c_1} - c_2 b_{c_2}}{c_1 - c_2}, \qquad \lim_{c_2 \to c_1 = c} b = b_c + c\, \frac{d b_c}{dc}. \]
After $m$ stages with different penalties
\[ b = \sum_{i=1}^m w_i\, b_{c_i}, \qquad w_i = \prod_{j \ne i} \frac{c_i}{c_i - c_j}, \qquad \sum_i w_i = 1, \]
in whatever order; of two weights one is negative. With mixing $\xi$ the student is $(1 - \xi) b_{c_2} + \xi b$.""",
    words="Nothing is computed by a chain of ridges that single ridges on the labels do not hold already: the "
    "student is "
    "an extrapolation of two of them, beyond the one with the larger penalty. In particular with equal penalties "
    "it is a "
    "step along the ridge path.",
    assumptions={
        "ridge": "Teacher and student are ridge regressions on squared loss.",
        "same-inputs": "Both are trained on the same inputs (with the same kernel).",
        "zero-centred": "Penalties pull towards zero, not towards a start.",
        "raw-outputs": "What the student sees are raw outputs, mixed with labels at most.",
        "positive-penalties": "Penalties are positive, and different except in the limit.",
    },
    counterexamples=COUNTEREXAMPLES,
    mutants=MUTANTS,
    simulation=_simulation,
)
def two_stage_ridge_is_an_ensemble(case: Stages) -> Margin:
    """Margins of stages that are solved one after the other against sums of single ridges."""
    return margins(case, Formulas())
