"""C11b, second half: the risk of two-stage ridge in high dimension with any covariance."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from kdtheory.claims._claim import Counterexample
from kdtheory.claims._mutants import Mutate
from kdtheory.claims._registry import claim
from kdtheory.claims._two_levels import TwoLevels, root_of_cubic
from kdtheory.claims.isotropic_limit import stieltjes
from kdtheory.risk import (
    Population,
    effective_penalty,
    oracle_proportional_mixing,
    proportional_distillation_risk,
    proportional_risk,
)
from kdtheory.testing import Case, Margin, linear, tolerance, whole

Array = NDArray[np.float64]


def two_point(population: Population, one: Array, other: Array) -> Array:
    """R_ij of two ridges with these effective penalties, as the statement has it."""
    lam, s = population.eigenvalues, population.noise_variance
    k, j = one[..., None], other[..., None]
    numerator = s + np.sum(population.signal * lam * k * j / ((lam + k) * (lam + j)), axis=-1)
    return numerator / (1.0 - np.sum(population.masses * lam**2 / ((lam + k) * (lam + j)), axis=-1)) - s


@dataclass(frozen=True)
class Formulas:
    """The formulas that the statement stands on; each mutant replaces one of them by a wrong one."""

    equation: Callable[..., Array] = lambda k, kept: k * (1.0 - kept)
    two_point: Callable[..., Array] = two_point
    weights: Callable[..., Array] = lambda c, d: np.stack([c / (c - d), -d / (c - d)], axis=-1)
    divided: Callable[..., Array] = lambda shared: 1.0 / (1.0 - shared)
    best_mixing: Callable[..., Array] = oracle_proportional_mixing


def margins(case: TwoLevels, formulas: Formulas) -> Margin:
    """Margins of every part of the statement."""
    p, (c, d) = case.population, case.penalties
    lam, masses = p.eigenvalues, p.masses
    k, j = (effective_penalty(p, penalty) for penalty in (c, d))
    kept, also = (lam / (lam + kappa[:, None]) for kappa in (k, j))
    shared = 1.0 - np.sum(masses * kept**2, axis=-1)
    # Rounding of the root is amplified by the slope of its equation there; that of a difference by the gap.
    rough = (1.0 + 1.0 / shared) * (1.0 + np.sum(masses, axis=-1))
    wide = rough**2 * (c + d) / (d - c)
    low, high = k - c, c + np.sum(masses * lam, axis=-1) - k
    ratio = (j - k) / (d - c)
    one, two, cross = (formulas.two_point(p, *pair) for pair in ((k, k), (j, j), (k, j)))
    w = formulas.weights(c, d)
    mixed = np.stack([w[:, 0] * case.mixing, 1.0 - case.mixing + w[:, 1] * case.mixing], axis=-1)
    ensemble = mixed[:, 0] ** 2 * one + mixed[:, 1] ** 2 * two + 2.0 * mixed[:, 0] * mixed[:, 1] * cross
    spread = np.sum(np.abs(mixed), axis=-1) ** 2 * (np.maximum(one, two) + p.noise_variance)
    taught = proportional_distillation_risk(p, c, d, case.mixing)
    best = formulas.best_mixing(p, c, d)
    sides = [proportional_distillation_risk(p, c, d, best + step) for step in (0.0, 1.0, -1.0)]
    flat = replace(case, ratio=np.ones_like(c), signal=np.ones_like(c))
    m, square = stieltjes(c, p.aspect_ratio)
    isotropic = c**2 * square + p.noise_variance * p.aspect_ratio * (m - c * square)
    mean = formulas.two_point(flat.population, *[effective_penalty(flat.population, c)] * 2)
    return Margin(
        equation=_same(formulas.equation(k, np.sum(masses * kept, axis=-1)), c, k + c, 4.0),
        cubic=_same(k, root_of_cubic(case, c), k, 100.0 * rough / case.ratio),
        above=low / k,
        below=high / k,
        divided=_same(ratio, formulas.divided(np.sum(masses * kept * also, axis=-1)), ratio, wide),
        ensemble=_same(ensemble, taught, taught + spread, wide),
        toolkit=_same(proportional_risk(p, np.stack([c, d], axis=-1), mixed), ensemble, spread, rough**2),
        isotropic=_same(mean, isotropic, isotropic + p.noise_variance * p.aspect_ratio * m, 10.0 * rough**2),
        best=np.minimum(sides[1], sides[2]) / sides[0] - 1.0,
        parabola=_same(sides[1], sides[2], sides[1] * (1.0 + np.abs(best)) ** 2, wide),
    )


def _same(one: Array, other: Array, scale: Array, condition: Any) -> Array:
    return 1.0 - np.abs(one - other) / (scale * tolerance(condition=condition))


def limit_and_draws(
    ridges: tuple[float, float], mixing: float, features: int = 300, samples: int = 400, draws: int = 10
) -> tuple[float, Array]:
    """The limit for a power law, and the toolkit's exact risks given inputs that are drawn."""
    import kdtheory as kd

    spectrum = kd.tasks.power_law(features, exponent=1.0)
    population = Population(spectrum, spectrum, features / samples, 0.1)
    limit = proportional_distillation_risk(population, *ridges, mixing)
    teacher, student = (kd.Ridge(samples * penalty) for penalty in ridges)
    recipe, risks = kd.self_distillation(teacher, student, mixing=mixing), []
    for seed in range(draws):
        task = kd.tasks.regression(spectrum, spectrum, train=samples, test=0, noise_variance=0.1, seed=seed)
        fit = kd.solve(recipe, kd.LinearModel(), task)["student"]
        risks.append(float(kd.risk.decompose(fit, on="population").total))
    return float(limit), np.array(risks)


def _simulation() -> Margin:
    """Pure, mixed and extrapolating students on 400 samples with 300 features: within four standard errors."""
    found = {}
    for name, ridges, mixing in (
        ("pure", (0.02, 0.05), 1.0),
        ("equal", (0.03, 0.03), 0.6),
        ("beyond", (0.2, 0.1), -0.5),
    ):
        limit, risks = limit_and_draws(ridges, mixing)
        error = np.std(risks, ddof=1) / np.sqrt(len(risks))
        found[name] = 1.0 - abs(np.mean(risks) - limit) / (4.0 * error)
    return Margin(**found)


@dataclass(frozen=True)
class Sampled(Case):
    """A student and its teacher, trained literally on samples that are drawn again and again."""

    samples: Annotated[Any, whole(4, 400, simple=400)]
    own_samples: Annotated[Any, linear(0.0, 1.0)]
    aligned: Annotated[Any, linear(0.0, 1.0)]


def _sampled(case: Sampled) -> Margin:
    """Of the limit within four standard errors, over draws of 4000 samples in all."""
    n, ridges, noise = int(case.samples), (0.01, 0.01), 0.0
    lam, generator, risks = 1.0 / np.arange(1.0, 3 * n // 4 + 1), np.random.default_rng(2), []

    def ridge(inputs: Array, labels: Array, penalty: float) -> Any:
        return np.linalg.solve(inputs.T @ inputs + n * penalty * np.eye(len(lam)), inputs.T @ labels)

    for _ in range(4000 // n):
        inputs, others = generator.standard_normal((2, n, len(lam))) * np.sqrt(lam)
        truth = np.linalg.svd(inputs)[2][0] * np.sqrt(np.sum(lam)) if case.aligned else np.sqrt(lam)
        teacher = ridge(inputs, inputs @ truth + np.sqrt(noise) * generator.standard_normal(n), ridges[0])
        seen = others if case.own_samples else inputs
        risks.append(np.sum(lam * np.square(ridge(seen, seen @ teacher, ridges[1]) - truth)))
    limit = proportional_distillation_risk(Population(lam, lam, len(lam) / n, noise), *ridges)
    return Margin(1.0 - abs(np.mean(risks) - limit) / (4.0 * np.std(risks, ddof=1) / np.sqrt(len(risks))))


COUNTEREXAMPLES = (
    Counterexample(
        "eight-samples",
        violates="high-dimension",
        words="With eight samples and six features the mean risk is not that of the limit.",
        case=Sampled(8, 0.0, 0.0),
        restored=Sampled(400, 0.0, 0.0),
        margin=-0.4281625305410861,
        check=_sampled,
    ),
    Counterexample(
        "student-on-samples-of-its-own",
        violates="same-inputs",
        words="A student on fresh inputs shrinks in other directions than its teacher did: it is no ensemble of "
        "the two.",
        case=Sampled(400, 1.0, 0.0),
        restored=Sampled(400, 0.0, 0.0),
        margin=-0.958407355658393,
        check=_sampled,
    ),
    Counterexample(
        "truth-along-a-sample-eigenvector",
        violates="truth-apart",
        words="A truth of the same length that follows the first eigenvector of each sample is learned far better.",
        case=Sampled(400, 0.0, 1.0),
        restored=Sampled(400, 0.0, 0.0),
        margin=-46.77993180552689,
        check=_sampled,
    ),
)


def _scaled(strength: float, noise: float, back: float) -> Callable[..., Array]:
    """Two-point equivalent with multiples of the signal, of the noise above, and of the noise taken off."""

    def wrong(p: Population, k: Array, j: Array) -> Array:
        changed = Population(p.eigenvalues, p.signal * strength, p.aspect_ratio, p.noise_variance * noise, p.shares)
        return two_point(changed, k, j) + (noise - back) * p.noise_variance

    return wrong


mutate = Mutate(margins, Formulas())
MUTANTS = (
    mutate("equation-sign", "the features add to the penalty", equation=lambda k, kept: k * (1.0 + kept)),
    mutate("equation-factor", "the kept features count twice", equation=lambda k, kept: k * (1.0 - 2.0 * kept)),
    mutate("two-point-signal", "the signal counts twice", two_point=_scaled(2.0, 1.0, 1.0)),
    mutate("two-point-noise", "the noise above counts twice", two_point=_scaled(1.0, 2.0, 1.0)),
    mutate("two-point-back", "the noise is not taken off again", two_point=_scaled(1.0, 1.0, 0.0)),
    mutate(
        "two-point-exponent",
        "one effective penalty stands for both",
        two_point=lambda p, k, j: two_point(p, np.sqrt(k * j), np.sqrt(k * j)),
    ),
    mutate("weights-sign", "the weights add", weights=lambda c, d: np.stack([c / (c + d), d / (c + d)], axis=-1)),
    mutate(
        "weights-exchanged",
        "the weights are exchanged",
        weights=lambda c, d: np.stack([-d, c], axis=-1) / (c - d)[:, None],
    ),
    mutate("divided-inverse", "the slope is upside down", divided=lambda shared: 1.0 - shared),
    mutate("divided-sign", "what both keep is added", divided=lambda shared: 1.0 / (1.0 + shared)),
    mutate(
        "mixing-factor", "the best mixing is twice as large", best_mixing=lambda *a: 2 * oracle_proportional_mixing(*a)
    ),
    mutate("mixing-sign", "the best mixing has the other sign", best_mixing=lambda *a: -oracle_proportional_mixing(*a)),
    mutate(
        "penalties-exchanged",
        "teacher and student change places in the best mixing",
        best_mixing=lambda p, c, d: oracle_proportional_mixing(p, d, c),
    ),
)


@claim(
    id="anisotropic-limit",
    title="In high dimension two-stage ridge has the risk of an ensemble of two effective penalties",
    topic="high dimension",
    source="dobriban2018, one ridge; dang2026, self-distilled ridge; divided differences derived here",
    figure="high-dimension",
    statement=r"""Let $x \sim N(0, S)$, noise variance $s^2$, and $p, n 	o \infty$ in proportion. Ridge with penalty
$c_i$ per sample has the effective penalty $\kappa_i$,
\[ \kappa \Bigl(1 - 	frac1n \mathrm{tr}igl[S (S + \kappa)^{-1}igr]\Bigr) = c, \qquad
   c < \kappa < c + 	frac1n \mathrm{tr}\, S, \]
and the error of the affine ensemble $\sum_i w_i b_{c_i}$, $\sum_i w_i = 1$, is $\sum_{ij} w_i w_j R_{ij}$ with
\[ R_{ij} + s^2 = rac{s^2 + \kappa_i \kappa_j\, b^{*	op} (S + \kappa_i)^{-1} S (S + \kappa_j)^{-1} b^*}
   {1 - D_{ij}}, \qquad D_{ij} = 	frac1n \mathrm{tr}igl[S^2 (S + \kappa_i)^{-1} (S + \kappa_j)^{-1}igr]. \]
Ridge $c_2$ taught by ridge $c_1$ has the weights $c_1 / (c_1 - c_2)$ and $-c_2 / (c_1 - c_2)$. Since
\[ rac{\kappa_1 - \kappa_2}{c_1 - c_2} = rac{1}{1 - D_{12}}, \]
its risk has a form without differences, that goes on to $c_1 = c_2$, and is a parabola in the mixing.""",
    words="The sample makes ridge stronger than its penalty says: by the share of the samples that the features "
    "use up. "
    "With that one number per penalty, the risk of a teacher, of its student and of every mixture with the labels is "
    "known before any sample is drawn, from the eigenvalues of the inputs and the signal along them.",
    assumptions={
        "high-dimension": "Samples and features are many, and in proportion.",
        "gaussian": "Inputs are Gaussian, or a linear map of independent entries.",
        "truth-apart": "The truth does not depend on the sample.",
        "same-inputs": "Teacher and student are trained on the same inputs, from zero, by ridge and squared loss.",
        "positive-penalty": "Penalties are positive.",
    },
    counterexamples=COUNTEREXAMPLES,
    mutants=MUTANTS,
    simulation=_simulation,
)
def anisotropic_limit(case: TwoLevels) -> Margin:
    """Margins against the roots of a cubic, the literal ensemble, the isotropic law, and steps off the best mixing."""
    return margins(case, Formulas())
