"""C11a: with isotropic inputs in high dimension, tuned ridge is the best of all filters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import roots_chebyu

from kdtheory.claims._claim import Counterexample
from kdtheory.claims._mutants import Mutate
from kdtheory.claims._registry import claim
from kdtheory.procedures import GradientFlow, Ridge
from kdtheory.risk import (
    Population,
    isotropic_risk,
    oracle_proportional_mixing,
    proportional_distillation_risk,
    proportional_risk,
)
from kdtheory.testing import Case, Margin, linear, logarithmic, tolerance

Array = NDArray[np.float64]
POINTS = 255
COSINES, _WEIGHTS = roots_chebyu(POINTS)
WEIGHTS = _WEIGHTS * 2.0 / np.pi


@dataclass(frozen=True)
class IsotropicProblem(Case):
    """Features per sample, noise, and trainings per sample: penalties, times, and a teacher's weight."""

    aspect_ratio: Annotated[Any, logarithmic(0.1, 10.0)]
    noise_variance: Annotated[Any, logarithmic(0.01, 100.0)]
    penalty: Annotated[Any, logarithmic(0.05, 20.0)]
    student_penalty: Annotated[Any, logarithmic(0.05, 20.0, simple=2.0)]
    time: Annotated[Any, logarithmic(0.05, 20.0)]
    mixing: Annotated[Any, linear(-1.0, 2.0, simple=0.5)]

    def filters(self) -> dict[str, Callable[[Array], Array]]:
        """Gains of ridge, of ridge taught by ridge, of flow taught by flow, and of flow taught by ridge."""
        ridge, flow, m = Ridge(1.0), GradientFlow(1.0), self.per_mode(self.mixing)
        c, d, time = (self.per_mode(value) for value in (self.penalty, self.student_penalty, self.time))
        return {
            "ridge": lambda x: ridge.gain(x / c),
            "ridge_by_ridge": lambda x: ridge.gain(x / d) * (1.0 - m + m * ridge.gain(x / c)),
            "flow_by_flow": lambda x: flow.gain(x * time) ** 2,
            "flow_by_ridge": lambda x: flow.gain(x * time) * (1.0 - m + m * ridge.gain(x / c)),
        }


def support(aspect_ratio: Any) -> tuple[Array, Array]:
    """Nodes of the Marchenko-Pastur law, and the width of its support, per case."""
    ratio = np.atleast_1d(aspect_ratio)[:, None]
    return np.square(1.0 - np.sqrt(ratio)) + 2.0 * np.sqrt(ratio) * (1.0 + COSINES), 4.0 * np.sqrt(ratio)


def density(x: Array, ratio: Any) -> Array:
    """Of the eigenvalues of X^T X / n, without the atom at 0."""
    lower, upper = np.square(1.0 - np.sqrt(ratio)), np.square(1.0 + np.sqrt(ratio))
    return np.sqrt((upper - x) * (x - lower)) / (2.0 * np.pi * ratio * x)


def stieltjes(penalty: Any, ratio: Any) -> tuple[Array, Array]:
    """Of the whole law at minus the penalty, and the same of its square: means of 1 / (x + c) and 1 / (x + c)^2."""
    q = 1.0 - ratio + penalty
    root = np.sqrt(q**2 + 4.0 * ratio * penalty)
    m = np.where(q > 0, 2.0 / (np.abs(q) + root), (np.abs(q) + root) / (2.0 * ratio * penalty))
    return m, m * (ratio * m + 1.0) / root


@dataclass(frozen=True)
class Formulas:
    """The formulas that the statement stands on; each mutant replaces one of them by a wrong one."""

    risk: Callable[..., Array] = isotropic_risk
    density: Callable[..., Array] = density
    unseen: Callable[..., Array] = lambda ratio: np.maximum(1.0 - 1.0 / ratio, 0.0)
    stieltjes: Callable[..., tuple[Array, Array]] = stieltjes
    best: Callable[..., Array] = lambda x, ratio, noise: x / (x + ratio * noise)
    excess: Callable[..., Array] = lambda x, ratio, noise: 1.0 + ratio * noise / x


def margins(case: IsotropicProblem, formulas: Formulas) -> Margin:
    """Margins of every part of the statement."""
    ratio, noise = np.atleast_1d(case.aspect_ratio), np.atleast_1d(case.noise_variance)
    x, width = support(ratio)
    r, s = ratio[:, None], noise[:, None]
    # Gauss-Chebyshev quadrature of a function times the density, and its error from the pole at 0 of the density.
    root = np.sqrt((1.0 - COSINES) * (1.0 + COSINES)) * width / 2.0
    rho = formulas.density(x, r) / root * np.square(width) / 4.0 * WEIGHTS * (np.pi / 2.0)
    truncated = 8.0 * np.minimum(ratio, 1.0 / ratio) ** (POINTS + 1)
    best, excess = formulas.best(x, r, s), formulas.excess(x, r, s)
    (m, square), tuned = (formulas.stieltjes(c, ratio) for c in (np.atleast_1d(case.penalty), ratio * noise))
    least = _risk_of_ridge(*tuned, ratio * noise, ratio, noise)
    closed = _risk_of_ridge(m, square, np.atleast_1d(case.penalty), ratio, noise)
    ridge = formulas.risk(case.filters()["ridge"], ratio, noise, points=POINTS)
    found = {"stieltjes": _same(ridge, closed, noise * ratio * m)}
    for name, gain in case.filters().items():
        risk, h = formulas.risk(gain, ratio, noise, points=POINTS), gain(x)
        literal = np.sum(np.square(1.0 - h) * rho, axis=1) + formulas.unseen(ratio)
        literal = literal + noise * ratio * np.sum(np.square(h) / x * rho, axis=1)
        above = np.sum(excess * np.square(h - best) * rho, axis=1)
        found[f"{name}_literal"] = _same(risk, literal, 1.0 + noise * ratio * m, truncated)
        found[f"{name}_excess"] = _same(risk, least + above, 1.0 + noise * ratio * (1.0 + m))
        # A filter may be tuned ridge itself: at least as large, but for a rounding.
        found[f"{name}_above"] = above / least + tolerance()
    return Margin(**found)


def _risk_of_ridge(m: Array, square: Array, penalty: Array, ratio: Array, noise: Array) -> Array:
    return penalty**2 * square + noise * ratio * (m - penalty * square)


def _same(one: Array, other: Array, scale: Array, more: Any = 0.0) -> Array:
    """Margin of an identity; terms of size ``scale`` cancel on the way."""
    return 1.0 - np.abs(one - other) / ((np.abs(one) + scale) * (tolerance(POINTS) + more))


def _simulation() -> Margin:
    """The toolkit's exact risk given the inputs, on average over eight draws of 400 samples; finite size adds less."""
    import kdtheory as kd

    found = {}
    for ratio in (0.5, 1.5):
        runs, risks = (kd.Ridge(400 * 0.5 * ratio), kd.GradientFlow(2.0 / 400)), []
        for seed in range(8):
            weights = np.full(int(400 * ratio), 1.0 / np.sqrt(400 * ratio))
            task = kd.tasks.regression(np.ones(len(weights)), weights, train=400, test=0, noise_variance=0.5, seed=seed)
            fits = [kd.solve(kd.self_distillation(run, run), kd.LinearModel(), task) for run in runs]
            risks.append([kd.risk.decompose(f[n], on="population").total for f in fits for n in ("teacher", "student")])
        gains = (kd.Ridge(0.5 * ratio).gain, kd.GradientFlow(2.0).gain)
        limits = [isotropic_risk(lambda x, h=h, k=k: h(x) ** k, ratio, 0.5) for h in gains for k in (1, 2)]
        error, worse = np.array(risks) - limits, np.array(risks)[:, 1:] - np.array(risks)[:, :1]
        root = np.sqrt(len(risks))
        found[f"agreement_{ratio:g}"] = np.min(1.0 - np.abs(error.mean(0)) / (4.0 * error.std(0, ddof=1) / root))
        found[f"worse_{ratio:g}"] = np.min(worse.mean(0) - 4.0 * worse.std(0, ddof=1) / root)
    return Margin(**found)


@dataclass(frozen=True)
class Retuned(Case):
    """Two eigenvalues, all signal on the larger, and how far below its best the penalty of plain ridge is."""

    ratio: Annotated[Any, logarithmic(1e-3, 1.0)]
    factor: Annotated[Any, logarithmic(0.01, 1.0)]


def _retuned(case: Retuned) -> Margin:
    """Log-risk of the best student of equal penalties over that of ridge, if it is lower; 1 if none is."""
    population = Population([1.0, float(case.ratio)], [1.0, float(case.ratio == 1.0)], 0.5, 0.5)
    grid = np.geomspace(1e-3, 10.0, 4001)
    ridge = proportional_risk(population, grid[:, None])
    taught = proportional_distillation_risk(population, grid, grid, oracle_proportional_mixing(population, grid, grid))
    gain = np.log(proportional_risk(population, grid[np.argmin(ridge)] * float(case.factor)) / np.min(taught))
    return Margin(np.where(gain > 1e-6, -gain, 1.0))


COUNTEREXAMPLES = (
    Counterexample(
        "signal-on-strong-directions",
        violates="isotropic",
        words="Half of the directions are a tenth as strong and carry no signal: a student whose penalty and "
        "mixing are "
        "tuned together beats the best ridge.",
        case=Retuned(0.1, 1.0),
        restored=Retuned(1.0, 1.0),
        margin=-0.061543594576003745,
        check=_retuned,
    ),
    Counterexample(
        "ridge-too-weak",
        violates="tuned",
        words="A student beats ridge with a tenth of the best penalty, isotropic inputs or not.",
        case=Retuned(1.0, 0.1),
        restored=Retuned(1.0, 1.0),
        margin=-0.26491060868169825,
        check=_retuned,
    ),
)


def _wrong(noise: float = 0.0, power: float = 1.0) -> Callable[..., Array]:
    """The risk with noise multiplied by a power of the aspect ratio, or with the aspect ratio to a power."""
    return lambda gain, ratio, variance, **kw: isotropic_risk(gain, ratio**power, variance * ratio**noise, **kw)


mutate = Mutate(margins, Formulas())
MUTANTS = (
    mutate("risk-factor", "the variance lacks the aspect ratio", risk=_wrong(noise=-1.0)),
    mutate("risk-exponent", "the variance has the aspect ratio squared", risk=_wrong(noise=1.0)),
    mutate("density-factor", "the density lacks the aspect ratio", density=lambda x, r: density(x, r) * r),
    mutate("density-exponent", "the density lacks the eigenvalue", density=lambda x, r: density(x, r) * x),
    mutate("unseen-inverse", "the unseen share is 1 - gamma", unseen=lambda r: np.maximum(1.0 - r, 0.0)),
    mutate("unseen-sign", "the unseen share lowers the risk", unseen=lambda r: -np.maximum(1.0 - 1.0 / r, 0.0)),
    mutate("stieltjes-sign", "the transform is that at plus the penalty", stieltjes=lambda c, r: stieltjes(c, -r)),
    mutate(
        "stieltjes-derivative",
        "the mean of squares is the square of the mean",
        stieltjes=lambda c, r: (stieltjes(c, r)[0], stieltjes(c, r)[0] ** 2),
    ),
    mutate("best-factor", "the best penalty lacks the aspect ratio", best=lambda x, r, s: x / (x + s)),
    mutate("best-exponent", "the best gain is squared", best=lambda x, r, s: (x / (x + r * s)) ** 2),
    mutate("excess-inverse", "the excess is weighed by x", excess=lambda x, r, s: 1.0 + r * s * x),
    mutate("excess-sign", "the excess is weighed by the difference", excess=lambda x, r, s: 1.0 - r * s / x),
    mutate.flipped("below-ridge", "flow taught by flow is better than tuned ridge", "flow_by_flow_above"),
)


@claim(
    id="isotropic-limit",
    title="With isotropic inputs in high dimension no distillation beats tuned ridge",
    topic="high dimension",
    source="marchenko1967, law of the eigenvalues; dobriban2018, ridge; any filter and its excess derived here",
    figure="high-dimension",
    statement=r"""Let $x \sim N(0, I)$, $|b^*| = 1$, noise variance $s^2$, and $p, n \to \infty$ with
$p / n \to \gamma$. A training with gain $h(x)$ on the eigenvalues of $X^\top X / n$ has the risk
\[ R(h) = \int (1 - h)^2 \rho\, dx + (1 - 1/\gamma)_+ + s^2 \gamma \int \frac{h^2}{x}\, \rho\, dx, \qquad
   \rho(x) = \frac{\sqrt{(x_+ - x)(x - x_-)}}{2 \pi \gamma x}, \quad x_\pm = (1 \pm \sqrt\gamma)^2. \]
It is least for $h^*(x) = x / (x + \gamma s^2)$, which is ridge, and
\[ R(h) = R(h^*) + \int \Bigl(1 + \frac{\gamma s^2}{x}\Bigr) (h - h^*)^2 \rho\, dx. \]
Ridge with penalty $c$ has $R = c^2 m_2 + s^2 \gamma (m - c\, m_2)$, where
$\gamma c\, m^2 + (1 - \gamma + c) m = 1$, $m > 0$ and $m_2 = -dm/dc$.""",
    words="If all input directions are alike, nothing tells signal from noise but the eigenvalues of the sample. "
    "The best "
    "use of them is ridge with the right penalty. Every chain of trainings on the same inputs is some other "
    "filter, and "
    "pays for its distance from that one.",
    assumptions={
        "isotropic": "The covariance of the inputs is the identity (or the truth has no preferred direction).",
        "high-dimension": "Samples and features grow together; inputs are Gaussian, or have independent entries.",
        "same-inputs": "All trainings are on the same inputs, by squared loss, from zero: together they are a filter.",
        "tuned": "Ridge has its best penalty, noise variance times features per sample.",
    },
    counterexamples=COUNTEREXAMPLES,
    mutants=MUTANTS,
    simulation=_simulation,
)
def isotropic_limit(case: IsotropicProblem) -> Margin:
    """Margins for ridge and three distilled students: integral, closed form, and excess above tuned ridge."""
    return margins(case, Formulas())
