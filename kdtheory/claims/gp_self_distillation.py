"""C14.3: the two ways to distil a Gaussian process into itself regularize in opposite directions."""

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
from kdtheory.testing import Case, Margin, linear, logarithmic, tolerance, whole
from kdtheory.testing.seeded import seeded

Array = NDArray[np.float64]
TRAIN, POINTS = 4, 6


@dataclass(frozen=True)
class Processes(Case):
    """A Gaussian process at six points, four of which have noisy labels; largest eigenvalue of its covariance 1."""

    seed: Annotated[Any, linear(0.0, 1e9, simple=0.0)]
    decades: Annotated[Any, linear(0.0, 3.0, simple=1.0)]
    noise_variance: Annotated[Any, logarithmic(1e-3, 1e3, simple=1.0)]
    rounds: Annotated[Any, whole(2, 8, simple=2)]

    @cached_property
    def _random(self) -> Array:
        return seeded(self.seed, POINTS, POINTS + 2)

    @property
    def covariance(self) -> Array:
        """Prior covariance of all six points."""
        basis = np.linalg.qr(self._random[..., :POINTS])[0]
        values = np.power(10.0, -self.per_mode(self.decades) * np.linspace(0.0, 1.0, POINTS))
        return (basis * values[..., None, :]) @ np.swapaxes(basis, -1, -2)

    @property
    def labels(self) -> Array:
        """Of the first four points, shape (cases, 4, 1)."""
        return self._random[..., :TRAIN, POINTS:][..., :1]


def _fitted(mean: Array, covariance: Array, labels: Array, noise: Any) -> tuple[Array, Array]:
    """Posterior at all points of a process with that prior, by its definition."""
    cross = covariance[..., :TRAIN]
    noisy = covariance[..., :TRAIN, :TRAIN] + np.asarray(noise)[..., None, None] * np.eye(TRAIN)
    gain = np.swapaxes(np.linalg.solve(noisy, np.swapaxes(cross, -1, -2)), -1, -2)
    return mean + gain @ (labels - mean[..., :TRAIN, :]), covariance - gain @ np.swapaxes(cross, -1, -2)


def _chain(case: Processes, *, prior_moves: bool) -> tuple[Array, Array]:
    """Round by round: the posterior as the next prior, or the mean as the next labels."""
    prior, counts = case.covariance, np.asarray(case.rounds)[..., None, None]
    mean, covariance, labels = np.zeros((*prior.shape[:-1], 1)), prior, case.labels
    for number in range(int(np.max(case.rounds))):
        if prior_moves:
            found = _fitted(mean, covariance, case.labels, case.noise_variance)
        else:
            found = _fitted(np.zeros_like(mean), prior, labels, case.noise_variance)
        mean, covariance = (
            np.where(number < counts, new, old) for new, old in zip(found, (mean, covariance), strict=True)
        )
        labels = mean[..., :TRAIN, :]
    return mean, covariance


@dataclass(frozen=True)
class Formulas:
    """Gains of a mode after all rounds, and the noise of the one fit that the posteriors' rounds amount to."""

    repeated: Callable[..., Array] = lambda g, rounds: g**rounds
    noise: Callable[..., Array] = lambda variance, rounds: variance / rounds
    kept: Callable[..., Array] = lambda lam, noise: lam * noise / (lam + noise)


def margins(case: Processes, formulas: Formulas) -> Margin:
    """Rounds by definition against the formulas, at training and other points."""
    prior, noise, rounds = case.covariance, np.asarray(case.noise_variance), np.asarray(case.rounds)
    lam, basis = np.linalg.eigh(prior[..., :TRAIN, :TRAIN])
    g = lam / (lam + noise[..., None])
    seen = formulas.noise(noise, rounds)
    once = _fitted(np.zeros((*prior.shape[:-1], 1)), prior, case.labels, seen)
    by_data, by_distribution = _chain(case, prior_moves=False), _chain(case, prior_moves=True)
    turned = np.swapaxes(basis, -1, -2)
    powers = (basis * formulas.repeated(g, rounds[..., None])[..., None, :]) @ turned @ case.labels
    kept = (basis * formulas.kept(lam, seen[..., None])[..., None, :]) @ turned
    size = np.max(np.abs(case.labels), axis=(-2, -1))
    spare = tolerance(POINTS**2, rounds * (1.0 + rounds / noise))
    less = np.log(formulas.repeated(g, rounds[..., None])) - np.log(g)
    more = np.log(lam / (lam + seen[..., None])) - np.log(g)

    def error(one: Array, other: Array, unit: Any) -> Array:
        return Margin.within(np.max(np.abs(one - other), axis=(-2, -1)), spare * unit).values

    return Margin(
        data_mean=error(by_data[0][..., :TRAIN, :], powers, size),
        data_covariance=error(by_data[1], _fitted(once[0], prior, case.labels, noise)[1], 1.0),
        distribution_mean=error(by_distribution[0], once[0], size),
        distribution_covariance=error(by_distribution[1], once[1], 1.0),
        remaining_covariance=error(by_distribution[1][..., :TRAIN, :TRAIN], kept, 1.0),
        data_regularizes_more=-np.max(less, axis=-1),
        distribution_regularizes_less=np.min(more, axis=-1),
    )


@dataclass(frozen=True)
class OneMode:
    """Rounds on one mode of eigenvalue 1."""

    noise_variance: float = 0.5
    rounds: int = 4
    fresh: bool = False
    learned_noise: float = 0.5


def opposite_margin(case: OneMode) -> Margin:
    """By how much one fit's log-gain is above that of data rounds, and below that of distribution rounds."""
    once = 1.0 / (1.0 + case.noise_variance)
    data = once if case.rounds == 1 else once / (1.0 + case.learned_noise) ** (case.rounds - 1)
    copies = 1 if case.fresh else case.rounds
    distribution = 1.0 / (1.0 + case.noise_variance / copies)
    return Margin(more=np.log(once / data), less=np.log(distribution / once))


COUNTEREXAMPLES = (
    Counterexample(
        "one-round",
        violates="several-rounds",
        words="One round of either kind is ordinary regression.",
        case=OneMode(rounds=1),
        restored=OneMode(),
        margin=0.0,
        check=opposite_margin,
    ),
    Counterexample(
        "labels-once",
        violates="labels-again",
        words="A posterior that is handed on without showing the labels again stays what it is.",
        case=OneMode(fresh=True),
        restored=OneMode(),
        margin=0.0,
        check=opposite_margin,
    ),
    Counterexample(
        "noise-free-students",
        violates="same-noise",
        words="Students that know their teacher's means to be free of noise reproduce them.",
        case=OneMode(learned_noise=0.0),
        restored=OneMode(),
        margin=0.0,
        check=opposite_margin,
    ),
)

mutate = Mutate(margins, Formulas())
MUTANTS = (
    mutate("repeated-exponent", "one round less", repeated=lambda g, m: g ** (m - 1)),
    mutate("repeated-inverse", "rounds undo each other", repeated=lambda g, m: g ** (1.0 / m)),
    mutate("noise-inverse", "noise grows with the rounds", noise=lambda variance, m: variance * m),
    mutate("noise-exponent", "noise falls with the square", noise=lambda variance, m: variance / m**2),
    mutate("noise-factor", "one round less", noise=lambda variance, m: variance / (m - 0.5)),
    mutate("kept-sign", "the remaining covariance has a minus", kept=lambda lam, noise: lam * noise / (lam - noise)),
    mutate("kept-exponent", "the eigenvalue squared", kept=lambda lam, noise: lam**2 * noise / (lam + noise)),
    mutate.flipped("opposite-sign", "distribution rounds regularize more", "distribution_regularizes_less"),
)


def _simulation() -> Margin:
    """Monte Carlo: functions drawn from the process; what is left of them has the covariance of both kinds."""
    import kdtheory as kd

    lam, noise, rounds, draws = np.array([2.0, 0.3]), 0.5, 4, 100_000
    task, model = kd.tasks.from_spectrum(lam, coefficients=[1.0, 1.0], seed=0), kd.LinearModel()
    spectrum = model.spectrum(task)
    generator = np.random.default_rng(1)
    function = np.sqrt(lam) * generator.standard_normal((draws, 2))
    # As many labels of each point as there are rounds: their mean is what one fit with less noise sees.
    labels = function + np.sqrt(noise / rounds) * generator.standard_normal((draws, 2))
    found = kd.distillation.gaussian_process(model, task, noise, rounds=rounds, kind="distribution")
    gain = np.squeeze(spectrum.coefficients(found.mean())) / np.squeeze(spectrum.coefficients(np.asarray(task.targets)))
    left = (function - gain * labels) ** 2
    expected = np.diag(spectrum.basis.T @ found.covariance() @ spectrum.basis)
    allowed = 4.0 * np.std(left, axis=0) / np.sqrt(draws)
    return Margin(covariance=Margin.within(np.mean(left, axis=0) - expected, allowed).values.min())


@claim(
    id="gp-self-distillation",
    title="The two ways to distil a Gaussian process into itself regularize in opposite directions",
    topic="rounds and mixing",
    source="borup2023, theorems on both kinds; order of the gains derived here",
    statement=r"""Let $K$ be the prior covariance at the training points, $s^2$ the noise variance, $m \ge 2$ the number
of fits, and $g = \lambda / (\lambda + s^2)$ in a mode of $K$. If every fit is to the previous mean, the mean is
\[ \bigl(K (K + s^2 I)^{-1}\bigr)^m y, \]
and the covariance that of one fit. If every fit takes the previous posterior as its prior and sees the labels again,
mean and covariance, at all points, are those of one fit with the noise variance $s^2 / m$; at the training points the
covariance is $K \tfrac{s^2}{m} (K + \tfrac{s^2}{m} I)^{-1}$. In every mode
\[ g^m < g < \frac{\lambda}{\lambda + s^2 / m}. \]""",
    words="Handing on the means smooths more with every round, handing on the posterior smooths less: the first "
    "forgets "
    "what labels there were, the second counts them again and again, as if they were that many independent ones, and "
    "becomes as sure of itself.",
    assumptions={
        "gaussian": "Prior and noise are Gaussian, the noise is independent with one variance.",
        "same-modes": "All fits have the same inputs; the first prior has mean zero.",
        "same-noise": "All fits assume the same noise variance.",
        "several-rounds": "There are at least two fits: for strict order.",
        "labels-again": "In the second kind the whole posterior is handed on, and every fit sees the labels again.",
    },
    counterexamples=COUNTEREXAMPLES,
    mutants=MUTANTS,
    simulation=_simulation,
)
def gp_self_distillation(case: Processes) -> Margin:
    """Margins of means and covariances of both kinds, round by round, and of the order of their gains."""
    return margins(case, Formulas())
