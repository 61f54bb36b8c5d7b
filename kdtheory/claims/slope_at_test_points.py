"""C14.11, for ridge and Gaussian inputs: when a student's outputs at test points are steeper than its teacher's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from kdtheory.claims._claim import Counterexample
from kdtheory.claims._mutants import Mutate
from kdtheory.claims._registry import claim
from kdtheory.risk import Population, effective_penalty, proportional_test_slope
from kdtheory.testing import Case, Margin, logarithmic, odds, tolerance

Array = NDArray[np.float64]
INPUTS = np.random.default_rng(11).standard_normal((3, 2))
LABELS = np.array([1.0, -0.5, 2.0])


@dataclass(frozen=True)
class HiddenSignal(Case):
    """Strong directions, of eigenvalue 1, and weak ones; a ridge teacher and its ridge student.

    ``strong`` and ``weak`` are features per sample, ``ratio`` the weak eigenvalue, ``signal`` the power of the
    labels on
    weak over that on strong directions; penalties per sample are ``penalty`` and ``student_penalty`` weak eigenvalues.
    """

    strong: Annotated[Any, odds(0.1, 0.99)]
    weak: Annotated[Any, logarithmic(1e-3, 10.0, simple=0.1)]
    ratio: Annotated[Any, logarithmic(1e-6, 1.0, simple=1e-3)]
    signal: Annotated[Any, logarithmic(1e-3, 1e6)]
    noise_variance: Annotated[Any, logarithmic(1e-6, 1.0)]
    penalty: Annotated[Any, logarithmic(1e-2, 100.0)]
    student_penalty: Annotated[Any, logarithmic(1e-2, 100.0)]

    @property
    def penalties(self) -> tuple[Array, Array]:
        """Of teacher and student, shape (cases,)."""
        weak = np.atleast_1d(self.ratio)
        return weak * self.penalty, weak * self.student_penalty

    @property
    def population(self) -> Population:
        """One per case; labels have power 1."""
        return self.with_eigenvalue(np.atleast_1d(self.ratio))

    def with_eigenvalue(self, weak: Array) -> Population:
        """The population with other weak eigenvalues."""
        lam = np.stack([np.ones_like(weak), weak], axis=-1)
        strengths = (
            np.stack([np.ones_like(weak), weak * 0.0 + self.signal], axis=-1)
            / np.atleast_1d(1.0 + self.signal)[:, None]
        )
        masses = np.stack(np.broadcast_arrays(np.atleast_1d(self.strong), np.atleast_1d(self.weak)), axis=-1)
        ratio = np.sum(masses, axis=-1)
        return Population(lam, strengths / lam, ratio, np.atleast_1d(self.noise_variance), masses / ratio[:, None])


def _rise(strengths: Array, kept: Array, inflation: Any) -> Array:
    """What the signal adds to half the change of the power with the effective penalty."""
    left = 1.0 - kept
    return np.sum(strengths * kept * left * (inflation[..., None] * left - kept), axis=-1)


@dataclass(frozen=True)
class Formulas:
    """The formulas that the statement stands on; each mutant replaces one of them by a wrong one."""

    slope: Callable[..., Array] = proportional_test_slope
    power: Callable[..., Array] = lambda kept, w: kept**2 + w[..., None] * np.square(1.0 - kept)
    rise: Callable[..., Array] = _rise
    fall: Callable[..., Array] = lambda masses, kept: np.sum(masses * kept**2 * (1.0 - kept), axis=-1)
    pace: Callable[..., Array] = lambda used, shared: (1.0 - used) / (1.0 - shared)
    strong: Callable[..., Array] = lambda kept, shared: kept >= shared[..., None]
    mean_gain: Callable[..., Array] = lambda weights, gains: np.sum(weights * gains, axis=-1) / np.sum(weights, axis=-1)


def margins(case: HiddenSignal, formulas: Formulas) -> Margin:
    """Margins of every part of the statement."""
    p, (c, d) = case.population, case.penalties
    noise, k = p.noise_variance, effective_penalty(p, c)
    kept = p.eigenvalues / (p.eigenvalues + k[:, None])
    used, shared = np.sum(p.masses * kept, axis=-1), np.sum(p.masses * kept**2, axis=-1)
    w, left = shared / (1.0 - shared), 1.0 - kept
    bias = noise + np.sum(p.strengths * left**2, axis=-1)
    power = np.sum(p.strengths * formulas.power(kept, w), axis=-1) + w * noise
    rise = formulas.rise(p.strengths, kept, w) - formulas.fall(p.masses, kept) * bias / np.square(1.0 - shared)
    slope = formulas.slope(p, c, c)
    stated = 1.0 + formulas.pace(used, shared) * rise / power
    rough = np.square((1.0 + 1.0 / (1.0 - shared)) * (1.0 + np.sum(p.masses, axis=-1)))
    size = (1.0 + np.abs(slope)) * (1.0 + (1.0 + w) ** 2 * np.square(bias / power))
    # The same with equal penalties that differ a little: the power's logarithmic derivative, by the mean of both sides.
    step = 1.0 + 1e-4
    ahead, behind = (_power(p, factor * c) for factor in (step, 1.0 / step))
    numeric = 1.0 + 0.25 * np.log(ahead / behind) / np.log(step)
    seen = Population(p.eigenvalues, p.signal * formulas.strong(kept, shared), p.aspect_ratio, noise, p.shares)
    flat = case.with_eigenvalue(np.ones_like(c))
    train, test, mean = _finite(np.atleast_1d(case.penalty), np.atleast_1d(case.student_penalty), formulas)
    return Margin(
        stated=_same(stated, slope, size * tolerance(condition=rough)),
        derivative=_same(numeric, slope, 1e-6 + size * tolerance(condition=1e4 * rough)),
        below_two=2.0 - slope,
        strong=1.0 - formulas.slope(seen, c, c),
        isotropic=1.0 - formulas.slope(flat, c, d),
        train=1.0 - train,
        finite=1.0 - test,
        mean_gain=_same(mean, test, tolerance(condition=100.0)),
    )


def _power(p: Population, penalty: Array) -> Array:
    """Expected square of a ridge's output at a test point, by its risk and its product with the truth."""
    k = effective_penalty(p, penalty)[:, None]
    kept = p.eigenvalues / (p.eigenvalues + k)
    shared = np.sum(p.masses * kept**2, axis=-1)
    bias = np.sum(p.strengths * np.square(1.0 - kept), axis=-1)
    risk = (p.noise_variance + bias) / (1.0 - shared) - p.noise_variance
    return risk + np.sum(p.strengths * (2.0 * kept - 1.0), axis=-1)


def _finite(c: Array, d: Array, formulas: Formulas) -> tuple[Array, Array, Array]:
    """Slopes at train and isotropic test points of three samples, by solving, and the weighted mean of gains."""
    gram, eye = INPUTS.T @ INPUTS, np.eye(2)
    first = np.linalg.solve(gram + c[:, None, None] * eye, (INPUTS.T @ LABELS)[:, None])
    second = np.linalg.solve(gram + d[:, None, None] * eye, gram @ first)
    at_train = np.sum((gram @ first) * second, axis=(1, 2)) / np.sum((gram @ first) * first, axis=(1, 2))
    at_test = np.sum(first * second, axis=(1, 2)) / np.sum(first * first, axis=(1, 2))
    lam, vectors = np.linalg.eigh(gram)
    weights = np.square(vectors.T @ INPUTS.T @ LABELS / (lam + c[:, None]))
    return at_train, at_test, formulas.mean_gain(weights, lam / (lam + d[:, None]))


def _same(one: Array, other: Array, allowed: Any) -> Array:
    return 1.0 - np.abs(one - other) / allowed


def drawn_slopes(
    strong: float, penalty: float, *, on_strong: float = 0.0, weak: int = 20, samples: int = 400, draws: int = 12
) -> Array:
    """Slopes of ridge students at test points: 0.9 strong features per sample, and ``weak`` ones of eigenvalue 1.

    Without noise; ``on_strong`` is the share of the signal that is on the strong ones. Teacher and student have the
    same penalty per sample. The expectation over test points is exact.
    """
    features = round(0.9 * samples)
    lam = np.repeat([strong, 1.0], [features, weak])
    truth = np.repeat(np.sqrt([on_strong / (features * strong), (1.0 - on_strong) / weak]), [features, weak])
    generator, slopes = np.random.default_rng(0), []
    for _ in range(draws):
        inputs = generator.standard_normal((samples, len(lam))) * np.sqrt(lam)
        gram = inputs.T @ inputs / samples
        first = np.linalg.solve(gram + penalty * np.eye(len(lam)), gram @ truth)
        second = np.linalg.solve(gram + penalty * np.eye(len(lam)), gram @ first)
        slopes.append(np.sum(lam * first * second) / np.sum(lam * first**2))
    return np.array(slopes)


def hidden_signal(strong: float, on_strong: float = 0.0) -> Population:
    """The population of `drawn_slopes`."""
    return Population([strong, 1.0], [on_strong / strong, 1.0 - on_strong], 0.95, 0.0, [0.9 / 0.95, 0.05 / 0.95])


def _simulation() -> Margin:
    """400 samples: signal on weak directions gives slopes above 1, the same signal on strong ones below 1."""
    found = {}
    for name, strong, on_strong, sign in (
        ("weak", 1e4, 0.0, 1.0),
        ("less_strong", 100.0, 0.0, 1.0),
        ("strong", 100.0, 1.0, -1.0),
    ):
        slopes = drawn_slopes(strong, 0.1, on_strong=on_strong)
        limit = proportional_test_slope(hidden_signal(strong, on_strong), 0.1, 0.1)
        error = np.std(slopes, ddof=1) / np.sqrt(len(slopes))
        # Finite size moves the slope by about one over the samples, times what few free samples amplify.
        found[name] = 1.0 - abs(np.mean(slopes) - limit) / (4.0 * error + 10.0 / 400)
        found[f"{name}_side"] = sign * (np.mean(slopes) - 1.0) - 4.0 * error
    return Margin(**found)


def _apart(case: HiddenSignal) -> Margin:
    """Two minus the slope, penalties as they are."""
    return Margin(2.0 - proportional_test_slope(case.population, *case.penalties))


def _below_one(case: HiddenSignal) -> Margin:
    """One minus the slope, with equal penalties."""
    penalty = case.penalties[0]
    return Margin(1.0 - proportional_test_slope(case.population, penalty, penalty))


@dataclass(frozen=True)
class Mixed(Case):
    """A student of a strongly shrunk teacher, whose own penalty is a tenth; isotropic inputs."""

    mixing: Annotated[Any, odds(0.01, 0.99, edges=True)]


def _mixed(case: Mixed) -> Margin:
    return Margin(1.0 - proportional_test_slope(Population([1.0], 1.0, 0.5, 0.5), 1.0, 0.1, case.mixing))


_HIDDEN = HiddenSignal(0.9, 0.05, 1e-4, 1e6, 1e-6, 0.1, 0.1)
COUNTEREXAMPLES = (
    Counterexample(
        "signal-on-weak-directions",
        violates="strong-signal",
        words="Useless strong directions take nine samples in ten; labels live on weak ones. A larger penalty "
        "leaves more "
        "of the labels unexplained, the strong directions fit it as noise, and outputs at test points grow.",
        case=_HIDDEN,
        restored=replace(_HIDDEN, signal=1e-9),
        margin=-0.27459345715388994,
        check=_below_one,
    ),
    Counterexample(
        "strong-and-weak-directions",
        violates="isotropic",
        words="The same problem with all directions alike has a slope below 1.",
        case=_HIDDEN,
        restored=replace(_HIDDEN, ratio=1.0),
        margin=-0.27459345715388994,
        check=_below_one,
    ),
    Counterexample(
        "different-penalties",
        violates="equal-penalties",
        words="With a student's penalty far above the teacher's the slope has no such bound.",
        case=HiddenSignal(0.998, 1e-5, 1e-10, 1e9, 0.0, 1e-4, 500.0),
        restored=HiddenSignal(0.998, 1e-5, 1e-10, 1e9, 0.0, 1e-4, 1e-4),
        margin=-9.481308911543433,
        check=_apart,
    ),
    Counterexample(
        "labels-alone",
        violates="pure-distillation",
        words="A student of the labels that is shrunk less than the teacher is steeper, with isotropic inputs, too.",
        case=Mixed(0.0),
        restored=Mixed(1.0),
        margin=-0.8187422678089962,
        check=_mixed,
    ),
)

mutate = Mutate(margins, Formulas())
MUTANTS = (
    mutate("slope-sign", "the slope moves from 1 the other way", slope=lambda *a: 2.0 - proportional_test_slope(*a)),
    mutate("slope-factor", "the slope moves twice as far", slope=lambda *a: 2.0 * proportional_test_slope(*a) - 1.0),
    mutate("power-exponent", "what is kept is not squared", power=lambda a, w: a + w[..., None] * (1.0 - a) ** 2),
    mutate("power-factor", "what is left comes back uninflated", power=lambda a, w: a**2 + (1.0 - a) ** 2),
    mutate("rise-sign", "the signal lowers the power", rise=lambda s, a, w: -_rise(s, a, w)),
    mutate("rise-factor", "the signal counts twice", rise=lambda s, a, w: 2.0 * _rise(s, a, w)),
    mutate("fall-exponent", "the kept share is not squared", fall=lambda m, a: np.sum(m * a * (1.0 - a), axis=-1)),
    mutate("fall-sign", "the noise raises the slope", fall=lambda m, a: -np.sum(m * a**2 * (1.0 - a), axis=-1)),
    mutate("pace-inverse", "the pace is upside down", pace=lambda used, shared: (1.0 - shared) / (1.0 - used)),
    mutate("pace-factor", "the effective penalty keeps pace with the penalty", pace=lambda used, shared: 1.0),
    mutate("strong-sign", "signal on weak directions keeps the slope below 1", strong=lambda a, d: a < d[..., None]),
    mutate("strong-exponent", "the bound is the square", strong=lambda a, d: a >= d[..., None] ** 2),
    mutate("mean-gain-weights", "gains are not weighed", mean_gain=lambda w, g: np.mean(g, axis=-1)),
    mutate(
        "mean-gain-exponent", "gains are squared", mean_gain=lambda w, g: np.sum(w * g**2, axis=-1) / np.sum(w, axis=-1)
    ),
)


@claim(
    id="slope-at-test-points",
    title="At test points a self-distilled ridge student is steeper than its teacher only if signal hides in weak "
    "directions",
    topic="open questions",
    source="derived here, from the two-point equivalents (dobriban2018)",
    figure="slope-at-test-points",
    statement=r"""Let $x \sim N(0, S)$, and let ridge with penalty $c$ per sample teach ridge with the same penalty, on
the same inputs and without labels, $p, n \to \infty$ in proportion. Let $\kappa$ be the effective penalty,
$A = \lambda / (\lambda + \kappa)$, $D_m = \tfrac1n \sum A^m$, $W = D_2 / (1 - D_2)$,
$v = s^2 + \sum \lambda\, b^{*2} (1 - A)^2$. The slope of the student's outputs on the teacher's at new inputs is
\[ \frac{E[f_S f_T]}{E[f_T^2]} = 1 + \frac12 \frac{d \log Q}{d \log c}, \qquad
   Q = E[f_T^2] = \sum \lambda\, b^{*2} \bigl(A^2 + W (1 - A)^2\bigr) + W s^2, \]
\[ \frac12 \frac{d \log Q}{d \log c} = \frac{1 - D_1}{(1 - D_2)\, Q} \Bigl( \sum \lambda\, b^{*2} A (1 - A)
   \bigl(W (1 - A) - A\bigr) - \frac{(D_2 - D_3)\, v}{(1 - D_2)^2} \Bigr). \]
It is below 2. It is below 1 if all signal is on directions with $A \ge D_2$, that is $\lambda / \kappa \ge W$; noise
only lowers the bracket. At train points, and at test points for $S = I$, the slope is below 1 for every sample and any
two penalties: it is a mean of the student's gains.""",
    words="At train points a ridge student is never steeper than its teacher, and at test points only as an "
    "exception: the "
    "labels must hide in directions that are so weak that the best surrogate would shrink them, below strong "
    "ones that use "
    "up most samples. Then what the model leaves unexplained is fitted by the strong directions as if it were "
    "noise, and "
    "the student, that leaves more, has the larger outputs. Real problems with signal in their leading "
    "directions are on "
    "the other side. This is a statement about ridge, Gaussian inputs and slopes through the origin: other kernels on "
    "real data, gradient flow and slopes with an intercept are not covered.",
    assumptions={
        "high-dimension": "Samples and features are many, and in proportion; inputs are Gaussian, the truth does not "
        "depend on the sample; the two-point equivalents, which are not proved here, hold.",
        "ridge": "Teacher and student are ridge regressions from zero; the slope is through the origin.",
        "pure-distillation": "The student sees the teacher's outputs only, on the teacher's inputs.",
        "equal-penalties": "Teacher and student have the same positive penalty (not for train points, and S = I).",
        "strong-signal": "For a slope below 1: no signal where the kept share A is below the shared D.",
        "isotropic": "For a slope below 1 at test points whatever the signal: all directions are alike.",
    },
    counterexamples=COUNTEREXAMPLES,
    mutants=MUTANTS,
    simulation=_simulation,
)
def slope_at_test_points(case: HiddenSignal) -> Margin:
    """Margins of the formula against divided differences, of its bounds, and of three samples solved literally."""
    return margins(case, Formulas())
