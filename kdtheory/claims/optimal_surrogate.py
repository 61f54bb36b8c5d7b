"""C11c: the best labels for a student that interpolates are not the true ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from kdtheory.claims._claim import Counterexample
from kdtheory.claims._mutants import Mutate
from kdtheory.claims._registry import claim
from kdtheory.claims._two_levels import population
from kdtheory.risk import Population, effective_penalty, oracle_surrogate, proportional_risk, surrogate_risk
from kdtheory.testing import Case, Margin, logarithmic, odds, tolerance

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Interpolated(Case):
    """More features than samples, two eigenvalues, and labels that multiply the truth by one factor on each.

    ``excess`` is how many features per sample there are beyond one, ``signal`` the smaller eigenvalue's over the
    larger's.
    """

    ratio: Annotated[Any, logarithmic(1e-2, 0.99, simple=0.1)]
    share: Annotated[Any, odds(0.01, 0.99)]
    excess: Annotated[Any, logarithmic(0.1, 10.0)]
    signal: Annotated[Any, logarithmic(1e-3, 1e3)]
    noise_variance: Annotated[Any, logarithmic(1e-3, 10.0)]
    factor: Annotated[Any, logarithmic(0.01, 10.0, simple=2.0)]
    other_factor: Annotated[Any, logarithmic(0.01, 10.0, simple=0.5)]

    @property
    def population(self) -> Population:
        """One per case."""
        return population(self.ratio, self.share, 1.0 + np.asarray(self.excess), self.signal, self.noise_variance)


@dataclass(frozen=True)
class Formulas:
    """The formulas that the statement stands on; each mutant replaces one of them by a wrong one."""

    bias: Callable[..., Array] = lambda kept, f: np.square(kept * f - 1.0)
    lost: Callable[..., Array] = lambda left, f: np.square(left * f)
    inflation: Callable[..., Array] = lambda shared: shared / (1.0 - shared)
    best: Callable[..., Array] = lambda kept, left, w: kept / (kept**2 + left**2 * w)
    amplified: Callable[..., Array] = lambda ratio, w: np.log(ratio / w)


def margins(case: Interpolated, formulas: Formulas) -> Margin:
    """Margins of every part of the statement."""
    p = case.population
    lam, power, noise = p.eigenvalues, p.strengths, p.noise_variance
    k = effective_penalty(p, 0.0)[:, None]
    kept, left = lam / (lam + k), k / (lam + k)
    shared = np.sum(p.masses * kept**2, axis=-1)
    w = formulas.inflation(shared)
    # The root of the equation, and what both eigenvalues share, decide how roundings are amplified.
    rough = 10.0 / np.square(1.0 - shared)
    f = np.stack(np.broadcast_arrays(np.atleast_1d(case.factor), np.atleast_1d(case.other_factor)), axis=-1)
    stated = _total(power, formulas.bias(kept, f)) + w * (noise + _total(power, formulas.lost(left, f)))
    # Around the surrogate itself, its own risk by the two-point equivalent; then back to the truth.
    own = Population(lam, p.signal * f**2, p.aspect_ratio, noise, p.shares)
    moved = proportional_risk(own, 0.0) - 2.0 * _total(power, left * f * (f - 1.0)) + _total(power, np.square(f - 1.0))
    best = formulas.best(kept, left, w[:, None])
    vertex = np.stack([_vertex(p, f, mode) for mode in (0, 1)], axis=-1)
    off = _total(power, (kept**2 + left**2 * w[:, None]) * np.square(f - best))
    amplified = formulas.amplified(lam / k, w[:, None])
    size = (1.0 + w) * (noise + _total(power, 1.0 + f**2))
    least = surrogate_risk(p, best)
    return Margin(
        features=_same(np.sum(p.masses * kept, axis=-1), 1.0, 1.0, 10.0 / (1.0 - shared)),
        stated=_same(stated, surrogate_risk(p, f), size, rough),
        two_point=_same(moved, surrogate_risk(p, f), size, rough),
        excess=_same(surrogate_risk(p, f) - least, off, size + w * _total(power, best**2), rough),
        best=np.min(_same(best, vertex, vertex * (1.0 + w / (1.0 - shared))[:, None], 100.0 * rough[:, None]), axis=-1),
        better=(surrogate_risk(p) - least) / size + tolerance(condition=rough),
        amplified=np.min(np.log(vertex) * np.sign(amplified), axis=-1) + tolerance(condition=rough) * (1.0 + w),
    )


def _total(power: Array, values: Array) -> Array:
    return np.sum(power * values, axis=-1)


def _vertex(p: Population, factors: Array, mode: int) -> Array:
    """Factor of least risk on one eigenvalue, from three values of the risk without noise: it is a parabola."""
    only = Population(p.eigenvalues, np.where(np.arange(2) == mode, p.signal, 0.0), p.aspect_ratio, 0.0, p.shares)
    down, here, up = (surrogate_risk(only, np.where(np.arange(2) == mode, at, factors)) for at in (-1.0, 0.0, 1.0))
    return 0.5 * (down - up) / (down - 2.0 * here + up)


def _same(one: Any, other: Any, scale: Any, condition: Any) -> Array:
    return 1.0 - np.abs(one - other) / (scale * tolerance(condition=condition))


LEVELS = (np.repeat([1.0, 0.1], [100, 400]), np.repeat([0.6, 0.4], [100, 400]) / np.repeat([100.0, 400.0], [100, 400]))
"""Eigenvalues and signal of the simulated problem: 500 features."""


def interpolate(factors: Any, draws: int = 20, samples: int = 200, seed: int = 0) -> Array:
    """Risks of the least-norm interpolator of noisy surrogate labels, draw by draw; noise variance 0.1."""
    lam, signal = LEVELS
    truth, generator, risks = np.sqrt(signal), np.random.default_rng(seed), []
    for _ in range(draws):
        inputs = generator.standard_normal((samples, len(lam))) * np.sqrt(lam)
        labels = inputs @ (truth * factors) + np.sqrt(0.1) * generator.standard_normal(samples)
        weights = inputs.T @ np.linalg.solve(inputs @ inputs.T, labels)
        risks.append(np.sum(lam * np.square(weights - truth)))
    return np.array(risks)


def _simulation() -> Margin:
    """20 draws of 200 samples with 500 features: labels of the truth, and of the best surrogate, on the same inputs."""
    p = Population(*LEVELS, aspect_ratio=2.5, noise_variance=0.1)
    best, found = oracle_surrogate(p), {}
    drawn = {"true": interpolate(1.0), "best": interpolate(best)}
    for name, factors in (("true", 1.0), ("best", best)):
        error = np.std(drawn[name], ddof=1) / np.sqrt(20)
        found[name] = 1.0 - abs(np.mean(drawn[name]) - surrogate_risk(p, factors)) / (4.0 * error)
    gap = drawn["true"] - drawn["best"]
    found["better"] = np.mean(gap) - 4.0 * np.std(gap, ddof=1) / np.sqrt(20)
    return Margin(**found)


def _improved(case: Interpolated) -> Margin:
    """By how much the best surrogate lowers the log-risk; for ridge with a penalty, by the surrogate of none."""
    p = case.population
    return Margin(np.log(surrogate_risk(p) / surrogate_risk(p, oracle_surrogate(p))) - 1e-6)


@dataclass(frozen=True)
class Penalized(Case):
    """A student with this penalty, taught by the best surrogate of a student without."""

    penalty: Annotated[Any, logarithmic(1e-9, 1.0)]


def _penalized(case: Penalized) -> Margin:
    """Log-risk of true labels over that of the surrogate, without noise, all signal on the smaller eigenvalue."""
    p = Population([1.0, 0.1], [0.0, 1.0], 1.2, 0.0, [0.2, 0.8])
    f = oracle_surrogate(p)
    own = Population(p.eigenvalues, p.signal * f**2, p.aspect_ratio, 0.0, p.shares)
    left = 1.0 - p.eigenvalues / (p.eigenvalues + effective_penalty(p, float(case.penalty)))
    taught = proportional_risk(own, case.penalty) + _total(p.strengths, (f - 1.0) * (f - 1.0 - 2.0 * left * f))
    return Margin(np.log(proportional_risk(p, case.penalty) / taught))


_PLAIN = Interpolated(0.1, 0.5, 1.0, 1.0, 1.0, 2.0, 0.5)
COUNTEREXAMPLES = (
    Counterexample(
        "balanced-isotropic",
        violates="distinct-eigenvalues",
        words="With one eigenvalue and twice as many features as samples, the true labels are the best ones.",
        case=replace(_PLAIN, ratio=1.0),
        restored=_PLAIN,
        margin=-1e-06,
        check=_improved,
    ),
    Counterexample(
        "student-with-a-penalty",
        violates="ridgeless",
        words="Of signal on weak directions an interpolator is best taught little, because what it loses of it "
        "comes back "
        "as noise. A penalty damps that noise by itself, and that surrogate makes the risk larger.",
        case=Penalized(0.01),
        restored=Penalized(1e-9),
        margin=-0.018154312987015135,
        check=_penalized,
    ),
)

mutate = Mutate(margins, Formulas())
MUTANTS = (
    mutate("bias-sign", "kept and truth add up", bias=lambda kept, f: np.square(kept * f + 1.0)),
    mutate("bias-exponent", "the bias is not squared", bias=lambda kept, f: np.abs(kept * f - 1.0)),
    mutate("lost-factor", "the lost part counts twice", lost=lambda left, f: 2.0 * np.square(left * f)),
    mutate("lost-exponent", "the lost part is not squared", lost=lambda left, f: left * f**2),
    mutate("inflation-sign", "the inflation is d / (1 + d)", inflation=lambda d: d / (1.0 + d)),
    mutate("inflation-factor", "the inflation lacks d above", inflation=lambda d: 1.0 / (1.0 - d)),
    mutate("best-exponent", "the kept share is not squared below", best=lambda a, b, w: a / (a + b**2 * w)),
    mutate("best-factor", "the best factors lack the inflation", best=lambda a, b, w: a / (a**2 + b**2)),
    mutate("best-inverse", "the best factors undo the shrinkage", best=lambda a, b, w: 1.0 / a),
    mutate("amplified-sign", "weak eigenvalues are amplified", amplified=lambda r, w: np.log(w / r)),
    mutate("amplified-inverse", "the bound is 1 / W", amplified=lambda r, w: np.log(r * w)),
    mutate("amplified-exponent", "the bound is W squared", amplified=lambda r, w: np.log(r / w**2)),
)


@claim(
    id="optimal-surrogate",
    title="The best teacher of an interpolating student amplifies strong directions and shrinks weak ones",
    topic="high dimension",
    source="ildiz2025, risk and optimal surrogate; excess and sign derived here",
    figure="high-dimension",
    statement=r"""Let $x \sim N(0, S)$, $p > n$, both large, and let a student be the least-norm interpolator of the
labels $x \cdot b^s + \text{noise}$ of variance $s^2$. With $\mathrm{tr}[S (S + \kappa)^{-1}] = n$,
$A = \lambda / (\lambda + \kappa)$, $d = \tfrac1n \sum A^2$ and $W = d / (1 - d)$ its risk on the truth $b^*$ is
\[ R(b^s) = \sum \lambda (A b^s - b^*)^2 + W \Bigl(s^2 + \sum \lambda (1 - A)^2 (b^s)^2\Bigr). \]
It is least for
\[ b^s = \frac{A}{A^2 + (1 - A)^2 W}\, b^*, \]
whatever the noise, and exceeds the least risk by $\sum \lambda \bigl(A^2 + (1 - A)^2 W\bigr) (b^s - b^s_{best})^2$.
The best surrogate is larger than the truth exactly where $\lambda / \kappa > W$.""",
    words="A student that interpolates shrinks every direction, weak ones most, and what it loses there comes back as "
    "noise everywhere. A teacher that knows the truth does best by not telling it: more than the truth on strong "
    "directions, to make up for the shrinkage, and less on weak ones, which the student cannot learn anyway.",
    assumptions={
        "high-dimension": "Samples and features are many, and in proportion; inputs are Gaussian.",
        "ridgeless": "The student interpolates with least norm: more features than samples, no penalty.",
        "distinct-eigenvalues": "Some signal is on eigenvalues off the balance with W, so that the truth is not best.",
    },
    counterexamples=COUNTEREXAMPLES,
    mutants=MUTANTS,
    simulation=_simulation,
)
def optimal_surrogate(case: Interpolated) -> Margin:
    """Margins against the two-point equivalent, vertices of measured parabolas, and the true labels."""
    return margins(case, Formulas())
