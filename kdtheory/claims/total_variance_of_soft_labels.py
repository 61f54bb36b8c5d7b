"""C7a: soft labels trade variance of gradients for bias, and win below a critical batch size."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kdtheory.claims._claim import Counterexample
from kdtheory.claims._label_draws import LabelDraws
from kdtheory.claims._mutants import Mutate
from kdtheory.claims._registry import claim
from kdtheory.measures import critical_batch
from kdtheory.testing import EPSILON, Margin, tolerance

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Formulas:
    """The formulas of the statement; each mutant replaces one of them by a wrong one."""

    label_noise: Callable[..., Array] = lambda p: p[..., :, None] * np.eye(3) - p[..., :, None] * p[..., None, :]
    shift: Callable[..., Array] = lambda truth, teacher: truth - teacher
    error: Callable[..., Array] = lambda bias, variance, batch: bias + variance / batch
    critical: Callable[..., Array] = critical_batch
    risk_noise: Callable[..., Array] = lambda spread, samples: spread / samples
    risk_bias: Callable[..., Array] = lambda bias: bias**2


def margins(case: LabelDraws, formulas: Formulas) -> Margin:
    """Sums over all outcomes, and over all pairs of them for batches of two, against the formulas."""
    truth, teacher, x = case.chances("truth"), case.chances("teacher"), case.features
    onehot, bayes, taught = (case.gradients(each) for each in _targets(truth, teacher))
    mean, total = _moments(case, onehot)
    clean, within = _moments(case, bayes)
    own, spread = _moments(case, taught)
    added = np.einsum("cx,cxp,cxq,cxij->cpiqj", case.shares, x, x, formulas.label_noise(truth)).reshape(-1, 6, 6)
    bias = np.einsum("cx,cxp,cxj->cpj", case.shares, x, formulas.shift(truth, teacher)).reshape(-1, 6)
    size = np.trace(total + within + spread, axis1=1, axis2=2) + np.sum(mean**2 + own**2 + bias**2, axis=-1)
    variances = [np.trace(each, axis1=1, axis2=2) for each in (total, spread)]
    squared, batch = np.sum(bias**2, axis=-1), np.rint(np.atleast_1d(case.batch))
    limit = np.atleast_1d(formulas.critical(variances[0], variances[1], np.sum((own - mean) ** 2, axis=-1)))
    errors = variances[0] / batch, np.sum((own - mean) ** 2, axis=-1) + variances[1] / batch
    return Margin(
        total_variance=_equal(total, within + added, size),
        bayes_is_unbiased=_equal(clean, mean, np.sqrt(size)),
        shift=_equal(own - mean, bias, np.sqrt(size)),
        error=_equal(_pair_error(case, taught, mean), formulas.error(squared, variances[1], 2.0), size),
        critical_batch=np.log(errors[0] / errors[1]) * np.where(batch < limit, 1.0, -1.0) + 4 * EPSILON,
        **_risk(case, truth, teacher, formulas),
    )


def _targets(truth: Array, teacher: Array) -> tuple[Array, Array, Array]:
    """Of every input and label: the label, the truth, the teacher; shape (cases, 2, 3, 3)."""
    shape = (*truth.shape, 3)
    bayes, taught = (np.broadcast_to(p[:, :, None], shape) for p in (truth, teacher))
    return np.broadcast_to(np.eye(3), shape), bayes, taught


def _moments(case: LabelDraws, each: Array) -> tuple[Array, Array]:
    """Mean and covariance over all outcomes."""
    mean = np.einsum("co,cog->cg", case.outcomes, each)
    away = each - mean[:, None]
    return mean, np.einsum("co,cog,coh->cgh", case.outcomes, away, away)


def _pair_error(case: LabelDraws, each: Array, aim: Array) -> Array:
    """Mean squared distance to ``aim`` of the mean of two samples, over all 36 pairs of outcomes."""
    pairs = (each[:, :, None] + each[:, None]) / 2 - aim[:, None, None]
    return np.einsum("co,cu,coug,coug->c", case.outcomes, case.outcomes, pairs, pairs)


def _risk(case: LabelDraws, truth: Array, teacher: Array, formulas: Formulas) -> dict[str, Array]:
    """The empirical risk of the student on two samples: all pairs of outcomes against the formulas."""
    losses = -np.log(case.chances("student"))
    hard = losses.reshape(-1, 6)
    soft, taught = (
        np.broadcast_to(np.sum(p * losses, axis=-1)[..., None], losses.shape).reshape(-1, 6) for p in (truth, teacher)
    )
    true = np.sum(case.outcomes * hard, axis=-1)
    errors = [_pair_error(case, each[..., None], true[:, None]) for each in (hard, soft, taught)]
    within = np.sum(truth * losses**2, axis=-1) - np.sum(truth * losses, axis=-1) ** 2
    drop = formulas.risk_noise(np.sum(case.shares * within, axis=-1), 2.0)
    bias = np.einsum("cx,cxj,cxj->c", case.shares, teacher - truth, losses)
    level = np.sum(case.outcomes * taught, axis=-1)
    variance = np.sum(case.outcomes * (taught - level[:, None]) ** 2, axis=-1)
    size = np.sum(case.outcomes * hard**2, axis=-1) + np.max(taught**2, axis=-1)
    return {
        "risk_variance": _equal(errors[0] - errors[1], drop, size),
        "risk_error": _equal(errors[2], variance / 2 + formulas.risk_bias(bias), size),
    }


def _equal(one: Array, other: Array, size: Array) -> Array:
    error = np.abs(one - other).reshape(len(size), -1).max(axis=-1)
    return 1.0 - error / (tolerance(36) * size)


@dataclass(frozen=True)
class OneInput:
    """A single input with two classes: probability of the first one by truth, teacher and student; batch size."""

    truth: float
    teacher: float
    batch: int
    student: float = 0.5


def better_margin(case: OneInput) -> Margin:
    """Log of the one-hot gradient's mean squared error over the teacher's, 1e-12 added to both."""
    error = 2 * case.truth * (1 - case.truth) / case.batch, 2 * (case.truth - case.teacher) ** 2
    return Margin(np.log((error[0] + 1e-12) / (error[1] + 1e-12)))


@dataclass(frozen=True)
class Alternating:
    """Two inputs with labels that are certain, and a teacher that says something else on each of them."""

    said: tuple[float, float]
    truth: tuple[float, float] = (0.5, 0.5)


def variance_margin(case: Alternating) -> Margin:
    """Variance of one-hot gradients minus that of the teacher's, for a student that has 0.5 everywhere."""
    truth, said = np.asarray(case.truth), np.asarray(case.said)
    onehot = 2 * (np.mean(truth * 0.25 + (1 - truth) * 0.25) - (0.5 - truth.mean()) ** 2)
    return Margin(onehot - 2 * np.var(said))


COUNTEREXAMPLES = (
    Counterexample(
        "confident-and-wrong",
        violates="below-the-critical-batch",
        words="A teacher that says 0.99 where the truth is 0.6 has no variance and so much bias that one-hot labels "
        "are better from batches of two.",
        case=OneInput(0.6, 0.99, batch=4),
        restored=OneInput(0.6, 0.99, batch=1),
        margin=-0.9301936370381004,
        check=better_margin,
    ),
    Counterexample(
        "more-variance-than-labels",
        violates="less-variance",
        words="Labels are certain and alike on both inputs, so that their gradients do not vary at all; those of a "
        "teacher that says 0.95 on one input and 0.05 on the other do.",
        case=Alternating(said=(0.95, 0.05), truth=(1.0, 1.0)),
        restored=Alternating(said=(0.95, 0.05)),
        margin=-0.40499999999999997,
        check=variance_margin,
    ),
)

mutate = Mutate(margins, Formulas())
MUTANTS = (
    mutate("noise-diagonal", "without the outer product", label_noise=lambda p: p[..., :, None] * np.eye(3)),
    mutate("noise-sign", "the negative", label_noise=lambda p: -Formulas().label_noise(p)),
    mutate("shift-sign", "the teacher minus the truth", shift=lambda truth, teacher: teacher - truth),
    mutate("error-batch", "the bias falls with the batch", error=lambda bias, v, batch: (bias + v) / batch),
    mutate("error-exponent", "the variance with its square", error=lambda bias, v, batch: bias + v / batch**2),
    mutate("critical-root", "the bias, not its square", critical=lambda v, own, b: np.maximum(v - own, 0) / np.sqrt(b)),
    mutate("critical-variance", "without the teacher's variance", critical=lambda one, own, b: one / b),
    mutate("risk-noise-factor", "not divided by n", risk_noise=lambda spread, samples: spread),
    mutate("risk-bias-exponent", "not squared", risk_bias=np.abs),
)  # fmt: skip


@claim(
    id="total-variance-of-soft-labels",
    title="Soft labels trade variance of gradients for bias, and win below a critical batch",
    topic="gradients",
    source="menon2021, variance of the empirical risk; gradients and critical batch derived here",
    statement=r"""Cross-entropy at a fixed student $p_s$; inputs $x$ with Jacobian $J_x$ of the logits, labels
$Y \sim p^*(x)$, drawn anew with each sample. One-hot gradients $g = J^T (p_s - e_Y)$ and those of the truth,
$g^* = J^T (p_s - p^*)$, have one mean, and
\[ \text{Cov}(g) = \text{Cov}(g^*) + E_x \left[ J^T (\text{diag}\, p^* - p^* p^{*T}) J \right]. \]
A teacher $q$ shifts the mean by $b = E[J^T (p^* - q)]$. Batches of $B$ independent samples have the mean squared error
$V_{\text{OH}} / B$ with labels and $\lVert b \rVert^2 + V_q / B$ with the teacher, which is less if and only if
\[ B < \frac{V_{\text{OH}} - V_q}{\lVert b \rVert^2}. \]
The empirical risk of $n$ samples with soft labels $p^*$ has less variance by $E_x \text{Var}(\ell(Y) | x) / n$; with
$q$ its mean squared error is $\text{Var} / n + (E[(q - p^*)^T \ell])^2$.""",
    words="The truth as a soft label takes away exactly the noise of labels, and no more: what varies from input to "
    "input stays. A teacher that is not the truth is biased; for small batches it is better all the same, for large "
    "ones never. A teacher may even vary more than labels, and then it never wins.",
    assumptions={
        "fixed-student": "The point is fixed: it does not depend on the samples at hand.",
        "fresh-labels": "Samples are independent, each with a label drawn anew from the truth.",
        "fixed-teacher": "The teacher does not depend on the samples at hand.",
        "less-variance": "The teacher's benefit: its variance is below that of one-hot gradients.",
        "below-the-critical-batch": "The teacher's benefit: the batch is smaller than the critical one.",
    },
    counterexamples=COUNTEREXAMPLES,
    mutants=MUTANTS,
    figure="soft-label-variance",
)
def total_variance_of_soft_labels(case: LabelDraws) -> Margin:
    """Margins of all identities, by enumeration, and of the critical batch."""
    return margins(case, Formulas())
