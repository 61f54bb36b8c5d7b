"""C7e: the expected Kullback-Leibler divergence is a bias to the geometric mean plus a variance around it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from kdtheory.claims._claim import Counterexample
from kdtheory.claims._mutants import Mutate
from kdtheory.claims._registry import claim
from kdtheory.testing import Case, Margin, linear, odds, tolerance

Array = NDArray[np.float64]
Logit = Annotated[Any, linear(-8.0, 8.0, simple=0.0)]


@dataclass(frozen=True)
class ThreeModels(Case):
    """Three models that training may lead to, and a target, on three classes; the third class has the logit 0.

    Attributes
    ----------
    model_11, ..., model_32, target_1, target_2 : between -8 and 8
        Logits of model and class.
    first, second : between 0.01 and 0.99
        Probability of the first model, and share of the second in the rest.
    """

    model_11: Logit
    model_12: Logit
    model_21: Logit
    model_22: Logit
    model_31: Logit
    model_32: Logit
    target_1: Logit
    target_2: Logit
    first: Annotated[Any, odds(0.01, 0.99, simple=0.5)]
    second: Annotated[Any, odds(0.01, 0.99, simple=0.5)]

    @property
    def log_chances(self) -> Array:
        """Of the models, shape (cases, 3, 3)."""
        return np.stack([self._logs(f"model_{d}") for d in (1, 2, 3)], axis=1)

    @property
    def log_target(self) -> Array:
        """Shape (cases, 3)."""
        return self._logs("target_")

    @property
    def shares(self) -> Array:
        """Probabilities of the models, shape (cases, 3)."""
        one, two = np.atleast_1d(self.first), np.atleast_1d(self.second)
        return np.stack([one, (1 - one) * two, (1 - one) * (1 - two)], axis=-1)

    def _logs(self, name: str) -> Array:
        rows = [np.atleast_1d(getattr(self, f"{name}{j}")) for j in (1, 2)]
        return normalized(np.stack([*rows, 0.0 * rows[0]], axis=-1))


@dataclass(frozen=True)
class Formulas:
    """The formulas of the statement; each mutant replaces one of them by a wrong one."""

    mean: Callable[..., Array] = lambda logs, shares: normalized(np.einsum("cd,cdj->cj", shares, logs))
    bias: Callable[..., Array] = lambda target, mean: divergence(target, mean)
    variance: Callable[..., Array] = lambda mean, each: divergence(mean, each)


def normalized(logs: Array) -> Array:
    """Log probabilities from logits."""
    top = logs.max(axis=-1, keepdims=True)
    return logs - top - np.log(np.sum(np.exp(logs - top), axis=-1, keepdims=True))


def divergence(one: Array, other: Array) -> Array:
    """Kullback-Leibler divergence from log probabilities."""
    return np.sum(np.exp(one) * (one - other), axis=-1)


def margins(case: ThreeModels, formulas: Formulas) -> Margin:
    """The expectation over models against the sum of both parts; and no other distribution is nearer to all models."""
    logs, target, shares = case.log_chances, case.log_target, case.shares
    total = np.sum(shares * divergence(target[:, None], logs), axis=-1)
    mean = formulas.mean(logs, shares)
    spread = np.sum(shares * formulas.variance(mean[:, None], logs), axis=-1)
    size = 1.0 + np.max(np.abs(logs), axis=(1, 2)) + np.max(np.abs(target), axis=-1)
    return Margin(
        decomposition=1.0 - np.abs(total - formulas.bias(target, mean) - spread) / (tolerance(9) * size),
        # The target itself is one of the distributions that the mean is compared with.
        nearest=(total - spread) / size + tolerance(9),
    )


@dataclass(frozen=True)
class Two:
    """Two models with equal shares: their probabilities of the first of two classes, the target's, and their mean."""

    models: tuple[float, float]
    target: float
    geometric: bool = True
    reverse: bool = False


def decomposition_margin(case: Two) -> Margin:
    """How far the parts are from the whole; below 1e-9 it counts as equal."""
    logs = np.log(np.array([[p, 1 - p] for p in case.models]))
    target = np.log(np.array([case.target, 1 - case.target]))
    mean = normalized(logs.mean(axis=0)) if case.geometric else np.log(np.exp(logs).mean(axis=0))
    if case.reverse:
        parts = divergence(mean, target) + np.mean([divergence(each, mean) for each in logs])
        return Margin(1e-9 - np.abs(np.mean([divergence(each, target) for each in logs]) - parts))
    parts = divergence(target, mean) + np.mean([divergence(mean, each) for each in logs])
    return Margin(1e-9 - np.abs(np.mean([divergence(target, each) for each in logs]) - parts))


COUNTEREXAMPLES = (
    Counterexample(
        "averaged-probabilities",
        violates="geometric-mean",
        words="With the mean of probabilities (an ensemble's vote) the two parts do not add up to the whole.",
        case=Two((0.9, 0.3), 0.8, geometric=False),
        restored=Two((0.9, 0.3), 0.8),
        margin=-0.053899649073268746,
        check=decomposition_margin,
    ),
    Counterexample(
        "reverse-divergence",
        violates="divergence-from-the-target",
        words="The divergence of the model from the target belongs to the mean of probabilities, not to the geometric "
        "one.",
        case=Two((0.9, 0.3), 0.8, reverse=True),
        restored=Two((0.9, 0.3), 0.8),
        margin=-0.0445390264153421,
        check=decomposition_margin,
    ),
)

mutate = Mutate(margins, Formulas())
MUTANTS = (
    mutate("arithmetic-mean", "of probabilities", mean=lambda a, s: np.log(np.einsum("cd,cdj->cj", s, np.exp(a)))),
    mutate("unweighted-mean", "all models count alike", mean=lambda a, s: normalized(a.mean(axis=1))),
    mutate("bias-reversed", "the divergence of the mean from the target", bias=lambda t, mean: divergence(mean, t)),
    mutate("bias-factor", "half of it", bias=lambda t, mean: divergence(t, mean) / 2),
    mutate("variance-reversed", "around the models", variance=lambda mean, each: divergence(each, mean)),
    mutate("variance-sign", "subtracted", variance=lambda mean, each: -divergence(mean, each)),
)  # fmt: skip


@claim(
    id="kl-bias-variance",
    title="Expected divergence is bias to the geometric mean plus variance around it",
    topic="gradients",
    source="heskes1998, the decomposition; zhou2021, its use for soft labels",
    statement=r"""A model $p_D$ that depends on the data $D$ it was trained on, a target $y$, and
$\bar p \propto \exp (E_D \log p_D)$:
\[ E_D\, \text{KL}(y \| p_D) = \text{KL}(y \| \bar p) + E_D\, \text{KL}(\bar p \| p_D), \]
and $\bar p$ is the distribution that is nearest to all models, $E_D\, \text{KL}(\cdot \| p_D)$ being least there.""",
    words="Cross-entropy has a bias and a variance too: the mean model is the normalized geometric one, the average of "
    "logits. What distillation trades can be said in the loss itself, not only in gradients.",
    assumptions={
        "geometric-mean": "The mean model is the normalized geometric mean of probabilities, the average of logits.",
        "divergence-from-the-target": "The loss is the divergence of the target from the model (cross-entropy).",
        "positive-probabilities": "No model rules a class out.",
    },
    counterexamples=COUNTEREXAMPLES,
    mutants=MUTANTS,
    figure="soft-label-variance",
)
def kl_bias_variance(case: ThreeModels) -> Margin:
    """Margins of the decomposition, and of the mean being nearest."""
    return margins(case, Formulas())
