"""C13: with more random features, kernels, filters and distilled predictions come nearer like one over the root."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from kdtheory.claims._claim import Counterexample
from kdtheory.claims._mutants import Mutate
from kdtheory.claims._registry import claim
from kdtheory.kernels import ArcCosine
from kdtheory.testing import Case, Margin, linear, logarithmic, odds, tolerance, whole
from kdtheory.testing.seeded import seeded

Array = NDArray[np.float64]
POINTS, MOST = 4, 64
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(24)


@dataclass(frozen=True)
class Features(Case):
    """Two inputs at an angle, and four inputs in space seen through random ReLUs; times of teacher and student."""

    seed: Annotated[Any, linear(0.0, 1e9, simple=0.0)]
    count: Annotated[Any, whole(1, MOST, simple=8)]
    log10_norm: Annotated[Any, linear(-3.0, 3.0, simple=0.0)]
    angle: Annotated[Any, odds(1e-6, 0.999999, simple=0.5)]
    teacher_progress: Annotated[Any, logarithmic(1e-3, 30.0, simple=1.0)]
    student_progress: Annotated[Any, logarithmic(1e-3, 30.0, simple=1.0)]

    @cached_property
    def _random(self) -> Array:
        return seeded(self.seed, POINTS + MOST, 3)

    @property
    def inputs(self) -> Array:
        """Four unit vectors, shape (cases, 4, 3)."""
        points = self._random[..., :POINTS, :]
        return points / np.linalg.norm(points, axis=-1, keepdims=True)

    @property
    def sampled(self) -> Array:
        """Gram matrix of the random features."""
        directions = self._random[..., POINTS:, :]
        features = np.sqrt(2.0) * np.maximum(self.inputs @ np.swapaxes(directions, -1, -2), 0.0)
        share = (np.arange(MOST) < np.asarray(self.count)[..., None]) / np.asarray(self.count)[..., None]
        return (features * share[..., None, :]) @ np.swapaxes(features, -1, -2)

    @property
    def exact(self) -> Array:
        """Gram matrix of the kernel."""
        cosine = np.clip(self.inputs @ np.swapaxes(self.inputs, -1, -2), -1.0, 1.0)
        angle = np.arccos(cosine)
        return (np.sin(angle) + (np.pi - angle) * cosine) / np.pi


def _moment(angle: Array, power: int) -> Array:
    """Expectation of ``2 * (relu * relu)^power`` for two unit inputs, over directions by quadrature in the plane."""
    radial = {1: 2.0, 2: 8.0}[power]
    half = (np.pi - angle) / 2.0
    # Directions in which both are positive, from their middle: both cosines are those of half the angle beside it.
    turned = half[..., None] * _NODES
    product = np.cos(turned + angle[..., None] / 2) * np.cos(turned - angle[..., None] / 2)
    return 2.0 * radial * half / (2.0 * np.pi) * np.sum(_WEIGHTS * product**power, axis=-1)


def _pair(angle: Array, norm: Array, order: int) -> Array:
    """The library's kernel of two inputs of that norm at that angle."""
    kernel = ArcCosine(order=order)
    half = np.ravel(angle) / 2
    left, right = (np.stack([np.cos(half), side * np.sin(half)], axis=-1) for side in (1.0, -1.0))
    scale = np.ravel(norm)[:, None]
    return np.reshape(kernel.pairs(left * scale, right * scale), np.shape(angle))


@dataclass(frozen=True)
class Formulas:
    """Mean and variance of a feature product; Lipschitz constant of the distilled gain; bound on the bias."""

    mean: Callable[..., Array] = lambda angle, norm: _pair(angle, norm, 1)
    variance: Callable[..., Array] = lambda second, mean: 2.0 * second - mean**2
    lipschitz: Callable[..., Array] = lambda teacher, student: np.maximum(teacher, student)
    bias: Callable[..., Array] = lambda progress, count: 2.5 * progress**2 / count


def _filter(gram: Array, teacher: Any, student: Any) -> Array:
    lam, basis = np.linalg.eigh(gram)
    gain = np.expm1(-lam * np.asarray(teacher)[..., None]) * np.expm1(-lam * np.asarray(student)[..., None])
    return (basis * gain[..., None, :]) @ np.swapaxes(basis, -1, -2)


def _size(matrix: Array) -> Array:
    return np.sqrt(np.sum(matrix**2, axis=(-2, -1)))


def margins(case: Features, formulas: Formulas) -> Margin:
    """Moments by quadrature, the filter's error against the kernel's in every draw, and the exact bias of one input."""
    angle, norm = np.pi * np.asarray(case.angle), np.power(10.0, np.asarray(case.log10_norm))
    mean, second = formulas.mean(angle, norm), _pair(angle, norm, 2)
    literal = norm**2 * _moment(angle, 1), 2.0 * norm**4 * _moment(angle, 2)
    spread = literal[1] - literal[0] ** 2
    # Quadrature and formula lose the same digits where inputs are nearly opposite.
    rounding = tolerance(24, 10.0)
    times = case.teacher_progress, case.student_progress
    changed = _size(_filter(case.sampled, *times) - _filter(case.exact, *times))
    allowed = formulas.lipschitz(*times) * _size(case.sampled - case.exact)
    progress, count = np.asarray(case.teacher_progress), np.asarray(case.count)
    # E exp(-t K_m) of one unit input: half of the features are zero, the others chi-squared.
    expected = count * np.log1p((1.0 / np.sqrt(1.0 + 4.0 * progress / count) - 1.0) / 2.0)
    bias = np.exp(-progress) * np.expm1(expected + progress)
    return Margin(
        mean=Margin.within((mean - literal[0]) / norm**2, rounding).values,
        variance=Margin.within((formulas.variance(second, mean) - spread) / norm**4, 10.0 * rounding).values,
        filter=np.log(allowed / changed) + rounding * (1.0 + 1.0 / changed),
        bias_has_a_sign=bias,
        bias_falls=np.log(formulas.bias(progress, count) / bias),
    )


@dataclass(frozen=True)
class Filtered:
    """A kernel of eigenvalues 1 and 0.5 from noisy draws, and what is done to it.

    ``threshold`` cuts off instead of gradient flow; ``freedom`` is that of Student's distribution of the noise.
    """

    threshold: float | None = None
    freedom: float = np.inf
    count: int = 16

    def error(self, count: int) -> float:
        """Root mean square error of the filter over 4000 draws of that many features."""
        generator = np.random.default_rng(0)
        shape = (4000, count, 3)
        drawn = generator.standard_normal(shape)
        if np.isfinite(self.freedom):
            drawn = drawn / np.sqrt(generator.chisquare(self.freedom, shape) / self.freedom)
        noise = 0.3 * np.mean(drawn, axis=1)
        sampled = np.diag([1.0, 0.5]) + np.stack([noise[:, [0, 2]], noise[:, [2, 1]]], axis=1)
        lam, basis = np.linalg.eigh(sampled)
        found = (basis * self._gain(lam.clip(0.0))[:, None, :]) @ np.swapaxes(basis, -1, -2)
        return float(np.sqrt(np.mean(_size(found - np.diag(self._gain(np.array([1.0, 0.5])))) ** 2)))

    def _gain(self, lam: Array) -> Array:
        return -np.expm1(-5.0 * lam) if self.threshold is None else (lam >= self.threshold).astype(float)


def rate_margin(case: Filtered) -> Margin:
    """One half less the ratio of errors when features are sixteen times as many, which the law makes one quarter."""
    return Margin(rate=0.5 - case.error(16 * case.count) / case.error(case.count))


COUNTEREXAMPLES = (
    Counterexample(
        "cut-off-at-an-eigenvalue",
        violates="lipschitz-filter",
        words="A hard cut-off at an eigenvalue of the kernel keeps or loses the mode by chance, however many features.",
        case=Filtered(threshold=0.5),
        restored=Filtered(),
        margin=-0.4699230853511326,
        check=rate_margin,
    ),
    Counterexample(
        "heavy-tails",
        violates="fourth-moments",
        words="Features with a Cauchy distribution do not average out at all.",
        case=Filtered(freedom=1.0),
        restored=Filtered(),
        margin=-0.49913824017034225,
        check=rate_margin,
    ),
)

mutate = Mutate(margins, Formulas())
MUTANTS = (
    mutate("mean-sign", "the angle is measured from the opposite input", mean=lambda t, n: _pair(np.pi - t, n, 1)),
    mutate("mean-factor", "the factor 2 of the features is missing", mean=lambda t, n: _pair(t, n, 1) / 2.0),
    mutate("mean-exponent", "norms enter once", mean=lambda t, n: _pair(t, n, 1) / n),
    mutate("variance-sign", "the squared mean is added", variance=lambda second, mean: 2.0 * second + mean**2),
    mutate("variance-factor", "the second moment without the 2", variance=lambda second, mean: second - mean**2),
    mutate("lipschitz-least", "the shorter of the two times", lipschitz=lambda t, s: np.minimum(t, s) / 4.0),
    mutate("lipschitz-inverse", "the inverse of the time", lipschitz=lambda t, s: 1.0 / np.maximum(t, s)),
    mutate("bias-exponent", "the bias falls with the square", bias=lambda x, m: 2.5 * x**2 / m**2),
    mutate("bias-factor", "half of the bias", bias=lambda x, m: 1.25 * x**2 / m),
)


def _simulation() -> Margin:
    """Monte Carlo with `RandomFeatures`: root mean square errors at six numbers of features, and their exponents."""
    import kdtheory as kd

    inputs = np.random.default_rng(0).standard_normal((6, 3))
    task = kd.tasks.from_arrays(inputs, inputs @ [1.0, -1.0, 0.5])
    kernel, draws, counts = kd.kernels.ArcCosine(order=1), 200, np.array([16, 32, 64, 128, 256, 512])
    recipe = kd.self_distillation(kd.GradientFlow(time=0.3), kd.GradientFlow(time=0.3))
    limit = kd.KernelModel(kernel)
    target, gram = kd.solve(recipe, limit, task)["student"].train, limit.gram(task)
    grams, predictions = np.empty((draws, len(counts))), np.empty((draws, len(counts)))
    for draw in range(draws):
        for place, count in enumerate(counts):
            model = kd.RandomFeatures(kernel, count=int(count), seed=1000 * draw + int(place))
            grams[draw, place] = np.sum((model.gram(task) - gram) ** 2)
            predictions[draw, place] = np.sum((kd.solve(recipe, model, task)["student"].train - target) ** 2)
    total = np.sum(kd.models.feature_variance(kernel, inputs))
    error = np.mean(grams, axis=0) - total / counts
    # Ten groups of draws, each with an exponent of its own.
    groups = np.sqrt(predictions.reshape(10, -1, len(counts)).mean(axis=1))
    law = kd.measures.power_law(counts, groups, level=0.999)
    return Margin(
        kernel=Margin.within(error, 4.0 * np.std(grams, axis=0) / np.sqrt(draws)).values.min(),
        prediction=Margin.within(law.exponent + 0.5, 0.05).values,
    )


@claim(
    id="random-features-converge",
    title="Random features approach their kernel, and distilled predictions with them, like one over the root",
    topic="kernels and width",
    source="cho2009, the kernel; rahimi2007, random features; error law, pathwise bound and bias derived here",
    statement=r"""Let $K_m$ be the Gram matrix of $m$ random ReLU features $\sqrt{2/m}\, (w_i \cdot x)_+$ with
$w_i \sim N(0, I)$. Its expectation is the arc-cosine kernel
$K = |x| |x'| (\sin\theta + (\pi - \theta) \cos\theta) / \pi$, and exactly
\[ E\, \|K_m - K\|_F^2 = \frac1m \sum_{ij} \bigl(2 k_2(x_i, x_j) - K_{ij}^2\bigr), \]
with $k_2 = |x|^2 |x'|^2 (3 \sin\theta \cos\theta + (\pi - \theta)(1 + 2 \cos^2\theta)) / \pi$. The two-stage
gradient-flow filter $a(\lambda) = (1 - e^{-\lambda T})(1 - e^{-\lambda s})$ is, in every draw,
\[ \|a(K_m) - a(K)\|_F \le \max(T, s)\, \|K_m - K\|_F, \]
so that its root mean square error is of order $m^{-1/2}$. The bias is of order $1/m$: for one input and one stage,
$0 < a(K) - E\, a(K_m) < \tfrac52 (K T)^2 / m$.""",
    words="What a wide random network with a trained last layer learns, and what it learns from another of its kind, "
    "differs from the kernel's limit by one over the root of the width, with a constant that is known. It takes a "
    "training that does not jump: a hard cut-off at an eigenvalue never settles.",
    assumptions={
        "independent-features": "The features are drawn independently, and stay as they are; teacher and student "
        "share them.",
        "fixed-inputs": "The inputs are given.",
        "fourth-moments": "Feature products have a finite variance.",
        "lipschitz-filter": "The gain is a Lipschitz function of the eigenvalue.",
    },
    counterexamples=COUNTEREXAMPLES,
    mutants=MUTANTS,
    simulation=_simulation,
)
def random_features_converge(case: Features) -> Margin:
    """Margins of both moments, of the bound on the filter in every draw, and of the bias."""
    return margins(case, Formulas())
