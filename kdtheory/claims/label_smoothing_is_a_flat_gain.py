"""C10: label smoothing shrinks all centred modes alike, distillation does not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from kdtheory.claims._claim import Counterexample
from kdtheory.claims._mutants import Mutate
from kdtheory.claims._registry import claim
from kdtheory.procedures import GradientFlow
from kdtheory.testing import Case, Margin, Trainings, lag_margin, linear, logarithmic, odds, tolerance, whole

Array = NDArray[np.float64]
SAMPLES, CLASSES = 4, 3
Turn = Annotated[Any, linear(0.0, 6.28, simple=1.0)]
Class = Annotated[Any, whole(0, CLASSES - 1, simple=0)]


@dataclass(frozen=True)
class Smoothed(Case):
    """Four samples of three classes, their modes, smoothed labels, and some logits.

    Attributes
    ----------
    class_1, class_2 : whole, between 0 and 2
        The other two samples have the classes 0 and 1, so that labels are never all equal.
    turn_1, turn_2, turn_3 : between 0 and 6.28
        Of the modes; one more is added to each for the next plane.
    smoothing : between 0.001 and 0.999
    progress : between 0.001 and 30
        Largest eigenvalue (1) times training time; the others are 0.5, 0.2 and 0.05.
    logit_1, logit_2 : between -5 and 5
        The third is 0.
    classes : between 2 and 1000
        Rounded to a whole number: for the best margin.
    """

    class_1: Class
    class_2: Class
    turn_1: Turn
    turn_2: Turn
    turn_3: Turn
    smoothing: Annotated[Any, odds(0.001, 0.999, simple=0.5)]
    progress: Annotated[Any, logarithmic(1e-3, 30.0, simple=1.0)]
    logit_1: Annotated[Any, linear(-5.0, 5.0, simple=1.0)]
    logit_2: Annotated[Any, linear(-5.0, 5.0, simple=0.0)]
    classes: Annotated[Any, logarithmic(2.0, 1000.0, simple=2.0)]

    @property
    def labels(self) -> Array:
        """One-hot labels, shape (cases, 4, 3)."""
        chosen = np.stack([np.atleast_1d(self.class_1), np.atleast_1d(self.class_2)], axis=-1).astype(int)
        fixed = np.broadcast_to([0, 1], chosen.shape)
        return np.eye(CLASSES)[np.concatenate([fixed, chosen], axis=-1)]

    @property
    def basis(self) -> Array:
        """Eigenvectors in columns, shape (cases, 4, 4)."""
        result = np.eye(SAMPLES)
        for name, planes in {"turn_1": (0, 1), "turn_2": (1, 2), "turn_3": (2, 3)}.items():
            angle = np.atleast_1d(getattr(self, name))
            for i, j in (planes, ((planes[0] + 2) % 4, (planes[1] + 2) % 4)):
                turn = np.array(np.broadcast_to(np.eye(SAMPLES), (angle.size, SAMPLES, SAMPLES)))
                turn[:, i, i] = turn[:, j, j] = np.cos(angle)
                turn[:, i, j], turn[:, j, i] = -np.sin(angle), np.sin(angle)
                result = result @ turn
                angle = angle + 1.0
        return result


@dataclass(frozen=True)
class Formulas:
    """The formulas of the statement; each mutant replaces one of them by a wrong one."""

    factor: Callable[..., Array] = lambda smoothing: 1.0 - smoothing
    loss: Callable[..., Array] = lambda hard, uniform, smoothing: (1.0 - smoothing) * hard + smoothing * uniform
    best: Callable[..., Array] = lambda smoothing, classes: np.log1p((1.0 - smoothing) * classes / smoothing)
    unlike: Callable[..., Array] = lambda gains, one, two: (
        np.sqrt(one * two) / (one + two) * np.abs(gains[0] - gains[1])
    )


def margins(case: Smoothed, formulas: Formulas) -> Margin:
    """Outputs of trainings on smoothed and on one-hot labels, losses, the best margin, and distillation beside it."""
    smoothing, labels, basis = np.atleast_1d(case.smoothing), case.labels, case.basis
    weight = smoothing[:, None, None]
    smooth = (1.0 - weight) * labels + weight / CLASSES
    centred, plain = (each - each.mean(axis=1, keepdims=True) for each in (smooth, labels))
    lam = np.array([1.0, 0.5, 0.2, 0.05])
    gains = GradientFlow(np.atleast_1d(case.progress)[:, None]).gain(lam)
    trained, onehot = (basis @ (gains[..., None] * (basis.swapaxes(1, 2) @ each)) for each in (centred, plain))
    error = np.abs(trained - formulas.factor(weight) * onehot).max(axis=(1, 2))
    return Margin(
        outputs=1.0 - error / (tolerance(16) * np.abs(gains).max(axis=-1)),
        **_losses(case, smooth, labels, formulas),
        **_distilled(gains, basis, plain, formulas),
    )


def _losses(case: Smoothed, smooth: Array, labels: Array, formulas: Formulas) -> dict[str, Array]:
    logits = np.stack([np.atleast_1d(case.logit_1), np.atleast_1d(case.logit_2), 0.0 * np.atleast_1d(case.logit_1)], -1)
    log_chances = (logits - np.log(np.sum(np.exp(logits), axis=-1, keepdims=True)))[:, None]
    ours, hard, uniform = (-np.sum(each * log_chances, axis=-1) for each in (smooth, labels, np.full(3, 1 / CLASSES)))
    said = formulas.loss(hard, uniform, np.atleast_1d(case.smoothing)[:, None])
    smoothing, classes = np.atleast_1d(case.smoothing), np.rint(np.atleast_1d(case.classes))
    wrong = smoothing / classes
    best = formulas.best(smoothing, classes)
    # At the best margin the softmax is the smoothed label: odds of the true class against any other.
    odds = (1.0 - smoothing + wrong) / wrong
    return {
        "loss": 1.0 - np.max(np.abs(ours - said) / (tolerance(8) * (1.0 + ours)), axis=-1),
        "best_margin": 1.0 - np.abs(best - np.log(odds)) / (tolerance(condition=1.0 / best) * best),
    }


def _distilled(gains: Array, basis: Array, plain: Array, formulas: Formulas) -> dict[str, Array]:
    """A teacher's outputs on two modes: how far the nearest multiple of the labels is from them."""
    coefficients = (basis.swapaxes(1, 2) @ plain)[:, :2, 0] + 1e-3
    taught = gains[:, :2] * coefficients
    power = np.sum(coefficients**2, axis=-1)
    nearest = np.sum(taught * coefficients, axis=-1) / power
    distance = np.sqrt(np.sum((taught - nearest[:, None] * coefficients) ** 2, axis=-1) / power)
    said = formulas.unlike((gains[:, 0], gains[:, 1]), coefficients[:, 0] ** 2, coefficients[:, 1] ** 2)
    return {
        "unlike_distillation": 1.0 - np.abs(distance - said) / (tolerance(8, condition=4.0) * np.max(gains, axis=-1))
    }


@dataclass(frozen=True)
class Balance:
    """Labels of four samples (two classes), smoothed by 0.2, with or without centring; the mode is along ones."""

    centred: bool
    labels: tuple[int, ...] = (0, 0, 0, 1)


def scaling_margin(case: Balance) -> Margin:
    """How far coefficients on the modes are from 0.8 times those of one-hot labels; below 1e-9 it counts as equal."""
    onehot = np.eye(2)[list(case.labels)]
    smooth = 0.8 * onehot + 0.1
    if case.centred:
        onehot, smooth = (each - each.mean(axis=0) for each in (onehot, smooth))
    modes = np.stack([np.ones(4) / 2, [0.5, 0.5, -0.5, -0.5]])
    return Margin(1e-9 - np.abs(modes @ smooth - 0.8 * modes @ onehot).max())


def _shrunk(time: float, lam: Array, factor: float = 0.9) -> Array:
    return factor * GradientFlow(time).gain(lam)


def _trainings(factor: float) -> Trainings:
    """Gradient flow whose labels are smoothed in every stage: with eigenvalues 1 and 0.5."""
    stage = 40.0 if factor < 1 else 2.0

    def run(lam: Array) -> Array:
        return _shrunk(stage, lam, factor)

    return Trainings((1.0, 0.5), run, run, lambda time, lam: _shrunk(time, lam, factor), times=(0.0, 40.0))


COUNTEREXAMPLES = (
    Counterexample(
        "uncentred-labels",
        violates="centred-labels",
        words="The constant that smoothing adds goes into the modes that overlap with the vector of ones.",
        case=Balance(centred=False),
        restored=Balance(centred=True),
        margin=-0.19999999900000007,
        check=scaling_margin,
    ),
    Counterexample(
        "smoothing-in-all-stages",
        violates="smoothing-alone",
        words="Teacher, student and an early-stopped reference all shrink by 0.9, the first two trained to the end: "
        "the shrinkage is mistaken for lag, the reference is stopped early, and the student is ahead on mode 2, by "
        "1.316.",
        case=_trainings(0.9),
        restored=_trainings(1.0),
        margin=-0.2747698882860383,
        check=lag_margin,
    ),
)

mutate = Mutate(margins, Formulas())
MUTANTS = (
    mutate("factor-sign", "the factor is 1 + smoothing", factor=lambda smoothing: 1 + smoothing),
    mutate("factor-exponent", "its square", factor=lambda smoothing: (1 - smoothing) ** 2),
    mutate("factor-other-classes", "K / (K - 1) of the smoothing", factor=lambda smoothing: 1 - 1.5 * smoothing),
    mutate("loss-weights", "weights exchanged", loss=lambda hard, uniform, s: s * hard + (1 - s) * uniform),
    mutate("loss-sum", "the uniform term in full", loss=lambda hard, uniform, s: (1 - s) * hard + uniform),
    mutate("best-classes", "K - 1 for K", best=lambda s, classes: np.log1p((1 - s) * (classes - 1) / s)),
    mutate("best-sign", "log of the odds minus 1", best=lambda s, classes: np.log(np.abs((1 - s) * classes / s - 1))),
    mutate(
        "unlike-exponent", "without the root", unlike=lambda g, one, two: one * two / (one + two) ** 2 * (g[0] - g[1])
    ),
    mutate(
        "unlike-sign", "the sum of gains", unlike=lambda g, one, two: np.sqrt(one * two) / (one + two) * (g[0] + g[1])
    ),
)


@claim(
    id="label-smoothing-is-a-flat-gain",
    title="Label smoothing is a teacher with one and the same gain on all modes",
    topic="confidence",
    source="szegedy2016, label smoothing; yuan2020, the uniform virtual teacher; derived here",
    statement=r"""Targets $(1 - \alpha)\, e_y + \alpha / K$. With centred labels and square loss, every linear
training from zero has $1 - \alpha$ times the outputs of one-hot labels: a gain of $1 - \alpha$ on all modes, ratios
untouched. A teacher with gains $a_k$ is at the distance
$\min_c \lVert a \odot y - c\, y \rVert = \lVert y \rVert\, \text{std}_{y^2}(a)$ from every smoothing: distillation is
smoothing if and only if its teacher's gain is constant on the modes of the labels. With cross-entropy
\[ \ell_{\text{LS}} = (1 - \alpha)\, \ell(e_y) + \alpha\, \ell(\text{uniform}), \qquad
m^* = \log \left( 1 + \frac{(1 - \alpha) K}{\alpha} \right) \]
is the loss, and the margin at which it is least.""",
    words="Smoothing lowers confidence and changes no ratio between modes, so that it has no eigenspace bias: it is "
    "the uniform teacher. A real teacher shrinks small modes more. Smoothing combined with early stopping may even "
    "turn the order of the modes around.",
    assumptions={
        "squared-loss": "The first part: the model is linear in its parameters and the loss is squared error.",
        "centred-labels": "Labels are centred over the training samples: the constant that smoothing adds is taken "
        "out.",
        "zero-start": "Trainings start at the zero function.",
        "smoothing-alone": "Order of modes: smoothing is compared with one-hot labels at the same training, not "
        "combined with distillation and an early-stopped reference.",
    },
    counterexamples=COUNTEREXAMPLES,
    mutants=MUTANTS,
    figure="label-smoothing",
)
def label_smoothing_is_a_flat_gain(case: Smoothed) -> Margin:
    """Margins of outputs, losses, the best margin, and of the distance of a teacher from all smoothings."""
    return margins(case, Formulas())
