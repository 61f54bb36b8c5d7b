"""C14.10: earlier findings on distillation are lines of one calculus of gains."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import cached_property
from itertools import product
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from kdtheory.claims._claim import Counterexample
from kdtheory.claims._mutants import Mutate
from kdtheory.claims._registry import claim
from kdtheory.procedures import Ridge
from kdtheory.testing import Case, Margin, linear, logarithmic, odds, tolerance
from kdtheory.testing.seeded import seeded_by_name

Array = NDArray[np.float64]
SAMPLES, FEATURES, CLASSES = 4, 6, 3
ALLOWED = 1e-9
"""Relative difference below which a training follows the calculus: room for rounding, far below any effect."""
_RANDOM = {
    "left": (SAMPLES, SAMPLES), "right": (FEATURES, SAMPLES), "other": (SAMPLES, SAMPLES),
    "labels": (SAMPLES, 1), "start": (FEATURES, 1),
}  # fmt: skip
# Three dozen operations in a row on matrices; penalties and steps as drawn below amplify them by the condition at most.
_OPERATIONS = 200.0


@dataclass(frozen=True)
class Taught(Case):
    """A linear problem with more features than samples, and how teachers and students of it are trained.

    Attributes
    ----------
    seed : between 0 and 1e9
        Of singular vectors, labels, another kernel and another start.
    decades : between 0 and 3
        Powers of ten between the largest eigenvalue, 1, and the smallest.
    step : between 0.01 and 0.99
        Step size of gradient descent.
    steps, rounds : between 1 and 20, and between 1 and 6
        Rounded to whole numbers.
    penalty : between 0.01 and 10
    share : between 0.001 and 0.999
        Weight of the labels, or of the uniform distribution.
    """

    seed: Annotated[Any, linear(0.0, 1e9, simple=0.0)]
    decades: Annotated[Any, linear(0.0, 3.0, simple=1.0)]
    step: Annotated[Any, odds(0.01, 0.99, simple=0.5)]
    steps: Annotated[Any, logarithmic(1.0, 20.0, simple=1.0)]
    rounds: Annotated[Any, logarithmic(1.0, 6.0, simple=1.0)]
    penalty: Annotated[Any, logarithmic(0.01, 10.0, simple=1.0)]
    share: Annotated[Any, odds(0.001, 0.999, simple=0.5)]


@dataclass(frozen=True)
class Formulas:
    """What the calculus says of each finding, per mode: ``g`` a gain, ``e = 1 - g``, ``lam`` an eigenvalue."""

    converged: Callable[..., Array] = lambda g: g
    rounds: Callable[..., Array] = lambda gains: np.prod(gains, axis=0)
    dampened: Callable[..., Array] = lambda g, e, share: share * g / (e + share * g)
    smoothed: Callable[..., Array] = lambda g, share: (1.0 - share) * g
    noise: Callable[..., Array] = lambda lam, g: lam * np.square(g)
    retrieved: Callable[..., Array] = lambda g, rounds: g ** (rounds + 1)
    unfaithful: Callable[..., Array] = lambda g, e: e * g
    reduced: Callable[..., Array] = np.subtract


def margins(case: Taught, formulas: Formulas) -> Margin:
    """Each finding trained literally, in matrices, against its line of the calculus, in modes."""
    found = errors(_Runs(case), formulas)
    condition = np.maximum(10.0 ** np.asarray(case.decades), 1.0 / (1.0 - np.asarray(case.share)))
    allowed = tolerance(SAMPLES, condition, operations=_OPERATIONS)
    return Margin(**{name: Margin.within(error, allowed).values for name, error in found.items()})


def errors(runs: _Runs, formulas: Formulas) -> dict[str, Array]:
    """Of each finding the largest difference between the two ways over the largest entry, case by case."""
    lines, found = _Lines(runs, formulas), {}
    for name in (field.name for field in fields(Formulas)):
        literal = getattr(runs, name)()
        flat = [np.reshape(array, (*runs.batch, -1)) for array in (literal - getattr(lines, name)(), literal)]
        difference, size = (np.max(np.abs(array), axis=-1) for array in flat)
        found[name] = difference / size
    return found


class _Runs:
    """Trainings as one would run them: products and linear systems of matrices, no eigenvectors."""

    def __init__(self, case: Taught, deviation: str = "") -> None:
        self.deviation, self.batch = deviation, np.shape(case.seed)
        random = seeded_by_name(case.seed, _RANDOM)
        left, right, other = (np.linalg.qr(random[name])[0] for name in ("left", "right", "other"))
        exponents = np.linspace(0.0, 1.0, SAMPLES)
        self.sizes = 10.0 ** (-0.5 * np.asarray(case.decades)[..., None] * exponents)
        self.inputs = (left * self.sizes[..., None, :]) @ np.swapaxes(right, -1, -2)
        self.gram = self.inputs @ np.swapaxes(self.inputs, -1, -2)
        self.other_gram = other @ self.gram @ np.swapaxes(other, -1, -2)
        self.labels, self.start = random["labels"], random["start"][..., 0]
        self.step, self.share, self.penalty = (
            np.asarray(value)[..., None, None] for value in (case.step, case.share, case.penalty)
        )
        self.steps, self.count = np.rint(case.steps)[..., None, None], np.rint(case.rounds)[..., None, None]
        self.penalties = [self.penalty * 2.0**number for number in range(3)]

    @cached_property
    def teacher(self) -> Array:
        """Weights of gradient descent on the labels from zero."""
        return self._descent(self.labels)

    def converged(self) -> Array:
        """Weights of a student that was trained to the end on the teacher's outputs."""
        begin = self.start[..., None] if self.deviation == "another-start" else 0.0 * self.teacher
        left = self.inputs @ (self.teacher - begin)
        return begin + np.swapaxes(self.inputs, -1, -2) @ np.linalg.solve(self.gram, left)

    def rounds(self) -> Array:
        """Outputs of three ridge regressions, each taught by the one before."""
        outputs = self.labels
        for number, penalty in enumerate(self.penalties):
            rotated = self.deviation == "another-kernel" and number > 0
            outputs = self._ridge(outputs, penalty, self.other_gram if rotated else self.gram)
        return outputs

    def dampened(self) -> Array:
        """Outputs that ridge regression on labels and these very outputs gives back."""
        smoother = np.linalg.solve(self.gram + self.penalty * np.eye(SAMPLES), self.gram)
        if self.deviation == "hardened-outputs":
            outputs: Any = smoother @ self.labels
            for _ in range(40):
                outputs = smoother @ (self.share * self.labels + (1.0 - self.share) * np.sign(outputs))
            return outputs
        system = np.eye(SAMPLES) - (1.0 - self.share) * smoother
        solved: Any = np.linalg.solve(system, self.share * smoother @ self.labels)
        return solved

    def smoothed(self) -> Array:
        """Outputs of ridge regression on smoothed one-hot labels of three classes, which stand for the first ones."""
        labels = (1.0 - self.share) * self.onehot + self.share / CLASSES
        centre = 0.0 if self.deviation == "uncentred-labels" else 1.0 / CLASSES
        return self._ridge(labels - centre, self.penalty, self.gram)

    def noise(self) -> Array:
        """Variance of the initial gradient over all signs of the labels' noise, with a ridge teacher in between."""
        signs = np.array(list(product((-1.0, 1.0), repeat=SAMPLES))).T
        if self.deviation == "noise-alike":
            signs = np.array([[-1.0, 1.0]]) * np.ones((SAMPLES, 1))
        taught = np.swapaxes(self.inputs, -1, -2) @ self._ridge(signs, self.penalty, self.gram)
        return np.sum(np.mean(np.square(taught), axis=-1), axis=-1)

    def retrieved(self) -> Array:
        """Outputs after rounds of early-stopped gradient descent, each taught by the one before."""
        outputs = self.labels
        for number in range(int(np.max(self.count)) + 1):
            outputs = np.where(number <= self.count, self.inputs @ self._descent(outputs), outputs)
        return outputs

    def unfaithful(self) -> Array:
        """Outputs of a student that was stopped early on the teacher's outputs."""
        outputs = self.inputs @ self.teacher
        begin = self.start[..., None] if self.deviation == "another-start" else 0.0 * self.teacher
        return self.inputs @ (begin + self._descent(outputs - self.inputs @ begin))

    def reduced(self) -> Array:
        """Gradient of the distillation loss on the first two samples, at the start."""
        batch, outputs = self.inputs[..., :2, :], (self.inputs @ self.teacher)[..., :2, :]
        if self.deviation == "teacher-out-of-reach":
            outputs = outputs + self.labels[..., :2, :]
        return np.swapaxes(batch, -1, -2) @ (batch @ self.start[..., None] - outputs)

    @property
    def onehot(self) -> Array:
        """One class per sample, by the order of its labels."""
        return np.broadcast_to(np.eye(CLASSES)[np.arange(SAMPLES) % CLASSES], (*self.batch, SAMPLES, CLASSES))

    def _ridge(self, targets: Array, penalty: Array, gram: Array) -> Array:
        return gram @ np.linalg.solve(gram + penalty * np.eye(SAMPLES), targets)

    def _descent(self, targets: Array) -> Array:
        """Weights after the case's number of gradient steps from zero."""
        weights = np.zeros((*self.batch, FEATURES, 1))
        for number in range(int(np.max(self.steps))):
            slope = np.swapaxes(self.inputs, -1, -2) @ (self.inputs @ weights - targets)
            weights = np.where(number < self.steps, weights - self.step * slope, weights)
        return weights


class _Lines:
    """The same, mode by mode: gains on the spectrum of the Gram matrix."""

    def __init__(self, runs: _Runs, formulas: Formulas) -> None:
        self.runs, self.formulas = runs, formulas
        lam, self.modes = np.linalg.eigh(runs.gram)
        self.lam = lam[..., None]
        self.lost = np.exp(runs.steps * np.log1p(-runs.step * self.lam))
        self.gain = -np.expm1(runs.steps * np.log1p(-runs.step * self.lam))
        ridge = Ridge(1.0)
        self.ridges = [ridge.gain(self.lam / penalty) for penalty in runs.penalties]
        self.left_over = ridge.residual(self.lam / runs.penalty)

    def converged(self) -> Array:
        return self._weights(self.formulas.converged(self.gain))

    def rounds(self) -> Array:
        return self._outputs(self.formulas.rounds(self.ridges), self.runs.labels)

    def dampened(self) -> Array:
        gain = self.formulas.dampened(self.ridges[0], self.left_over, self.runs.share)
        return self._outputs(gain, self.runs.labels)

    def smoothed(self) -> Array:
        return self._outputs(self.formulas.smoothed(self.ridges[0], self.runs.share), self.runs.onehot - 1.0 / CLASSES)

    def noise(self) -> Array:
        return np.sum(self.formulas.noise(self.lam, self.ridges[0]), axis=(-2, -1))

    def retrieved(self) -> Array:
        return self._outputs(self.formulas.retrieved(self.gain, self.runs.count), self.runs.labels)

    def unfaithful(self) -> Array:
        return self._outputs(self.gain - self.formulas.unfaithful(self.gain, self.lost), self.runs.labels)

    def reduced(self) -> Array:
        batch, labels = self.runs.inputs[..., :2, :], self.runs.labels[..., :2, :]
        points = self.runs.start[..., None], self._weights(self.gain)
        slopes = [np.swapaxes(batch, -1, -2) @ (batch @ weights - labels) for weights in points]
        return self.formulas.reduced(*slopes)

    def _outputs(self, gain: Array, targets: Array) -> Array:
        return self.modes @ (gain * (np.swapaxes(self.modes, -1, -2) @ targets))

    def _weights(self, gain: Array) -> Array:
        return np.swapaxes(self.runs.inputs, -1, -2) @ self._outputs(gain / self.lam, self.runs.labels)


@dataclass(frozen=True)
class Deviating:
    """One problem, trained with one assumption violated (or none)."""

    deviation: str = ""
    case: Taught = Taught(0.0, 1.0, 0.5, steps=4.0, rounds=2.0, penalty=0.5, share=0.5)


def deviating_margin(deviating: Deviating) -> Margin:
    """How far the literal trainings are from the calculus, relative to the largest entry."""
    found = errors(_Runs(deviating.case, deviating.deviation), Formulas())
    return Margin(**{name: ALLOWED - error for name, error in found.items()})


def _counterexample(name: str, violates: str, words: str, margin: float) -> Counterexample:
    return Counterexample(name, violates, words, Deviating(name), Deviating(), margin, deviating_margin)


COUNTEREXAMPLES = (
    _counterexample(
        "another-start",
        "same-start",
        "A student that starts elsewhere keeps what its inputs do not see of that start, and is further from its "
        "teacher on the way.",
        -0.7219582782871365,
    ),
    _counterexample(
        "another-kernel",
        "same-modes",
        "Students with the eigenvectors turned: gains of different modes do not multiply.",
        -1.103490771020805,
    ),
    _counterexample(
        "hardened-outputs",
        "raw-outputs",
        "Rounds that hand on the signs of their outputs do not shrink towards ridge with the larger penalty.",
        -0.35120013970666675,
    ),
    _counterexample(
        "uncentred-labels",
        "centred-labels",
        "Without centring, the constant that smoothing adds is learned like a label.",
        -0.6020242143234915,
    ),
    _counterexample(
        "noise-alike",
        "independent-noise",
        "Noise of one sign on all labels lies in one direction, and is filtered like that direction.",
        -0.364489126215254,
    ),
    _counterexample(
        "teacher-out-of-reach",
        "teacher-in-the-class",
        "Outputs that no weights produce are not at the point where the gradient is subtracted.",
        -0.8058183230878192,
    ),
)

mutate = Mutate(margins, Formulas())
MUTANTS = (
    mutate("converged-exponent", "the converged student shrinks once more", converged=np.square),
    mutate("converged-factor", "it learns the labels exactly", converged=np.ones_like),
    mutate("rounds-sum", "rounds add up like penalties' inverses", rounds=lambda gains: np.mean(gains, axis=0)),
    mutate("rounds-exponent", "only the last round counts", rounds=lambda gains: gains[-1]),
    mutate("dampened-factor", "the labels' weight divides", dampened=lambda g, e, a: g / (g + e * a)),
    mutate("dampened-exponent", "it enters squared", dampened=lambda g, e, a: a**2 * g / (e + a**2 * g)),
    mutate("smoothed-sign", "smoothing raises the gain", smoothed=lambda g, a: (1 + a) * g),
    mutate("smoothed-factor", "the gain shrinks by the weight itself", smoothed=lambda g, a: a * g),
    mutate("smoothed-exponent", "small gains shrink more", smoothed=lambda g, a: (1 - a) * g**2),
    mutate("noise-exponent", "noise is filtered once", noise=lambda lam, g: lam * g),
    mutate("noise-factor", "all directions are equally steep", noise=lambda lam, g: g**2),
    mutate("retrieved-exponent", "the teacher's own training does not count", retrieved=lambda g, m: g**m),
    mutate("retrieved-factor", "rounds add up", retrieved=lambda g, m: (m + 1) * g),
    mutate("unfaithful-factor", "the teacher's gain does not count", unfaithful=lambda g, e: e),
    mutate("unfaithful-exponent", "the student's residual counts twice", unfaithful=lambda g, e: e**2 * g),
    mutate("reduced-sign", "the gradient at the teacher is added", reduced=np.add),
    mutate("reduced-factor", "nothing is subtracted", reduced=lambda here, there: here),
)


@claim(
    id="earlier-findings",
    title="Earlier findings on distillation are lines of one calculus of gains",
    topic="earlier findings",
    source="phuong2019; rahbar2020; ji2020; mobahi2020; borup2021; yuan2020; menon2021; dong2019; stanton2021; "
    "safaryan2023; that one calculus holds them all is derived here",
    statement=r"""Let $K = \sum_k \lambda_k u_k u_k^\top$ be the Gram matrix, let a training act on mode $k$ by the
gain $g$ and the residual $e = 1 - g$, and let $g_T$, $e_T$ be the teacher's. Each line is one finding.
\[ e_S = 0 \;\Rightarrow\; g_S\, g_T = g_T \quad \text{(a converged student is its teacher)} \]
\[ g = \prod_{t} \frac{\lambda}{\lambda + c_t} \quad \text{(rounds amplify regularization)} \]
\[ g = \frac{\alpha g}{e + \alpha g} \Big|_{g = \lambda / (\lambda + c)} = \frac{\lambda}{\lambda + c / \alpha}
   \quad \text{(labels dampen it)} \]
\[ g_{\text{smooth}} = (1 - \alpha)\, g \quad \text{(label smoothing is a flat gain)} \]
\[ \operatorname{tr} \operatorname{Cov}(\nabla) = \sigma^2 \sum_k \lambda_k\, g_T(\lambda_k)^2
   \quad \text{(soft labels lower the variance)} \]
\[ g_m = g^{m + 1} \quad \text{(early-stopped rounds retrieve the leading modes)} \]
\[ |f_T - f_S|^2 = \sum_k (e_S\, g_T\, u_k^\top y)^2 \quad \text{(students are not faithful)} \]
\[ \nabla_B L_{KD}(b) = \nabla_B L(b) - \nabla_B L(b_T) \quad \text{(distillation reduces variance)} \]""",
    words="What was found about distillation of linear and kernel models one paper at a time follows from one rule: a "
    "training multiplies each mode of the Gram matrix by a gain, and distillation multiplies gains. No effect without "
    "early stopping, amplified and dampened regularization, label smoothing, the variance of soft labels, early "
    "stopping as dark knowledge, unfaithful students and variance reduction are each one line of it.",
    assumptions={
        "squared-loss": "The model is linear in its parameters and the loss is squared error: modes evolve apart.",
        "same-modes": "Teacher and students have the same inputs and kernel.",
        "same-start": "Teacher and student start from the same function, here zero.",
        "raw-outputs": "What a teacher hands on are its raw outputs.",
        "centred-labels": "Smoothed labels are centred.",
        "independent-noise": "The noise of the labels has mean zero and is uncorrelated between samples, with one "
        "variance.",
        "teacher-in-the-class": "The teacher's outputs are those of some weights of the student.",
    },
    counterexamples=COUNTEREXAMPLES,
    mutants=MUTANTS,
)
def earlier_findings(case: Taught) -> Margin:
    """Margins of the eight findings: literal trainings against the calculus."""
    return margins(case, Formulas())
