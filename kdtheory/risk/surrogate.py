r"""Surrogate labels in high dimension: what a teacher should teach a ridgeless student that interpolates."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from kdtheory.distillation.results import Array
from kdtheory.errors import InvalidArgument
from kdtheory.risk.deterministic_equivalents import shares_kept, solved_penalty
from kdtheory.risk.population import Population, refuse_other_populations, refuse_other_shapes
from kdtheory.validation import finite_array


def surrogate_risk(population: Population, amplification: ArrayLike = 1.0) -> Array:
    r"""Risk of the least-norm interpolator of labels :math:`x \cdot b^s + \text{noise}`, as p > n and n grow.

    The surrogate :math:`b^s = f b^*` multiplies the truth by one factor f per eigenspace. With :math:`\kappa` of
    `effective_penalty` at penalty 0, :math:`A = \lambda / (\lambda + \kappa)` and :math:`W = d / (1 - d)`,
    :math:`d = \sum A^2 / n`:

    .. math:: \sum \lambda\, b^{*2} (A f - 1)^2 + W \Big( s^2 + \sum \lambda\, b^{*2} (1 - A)^2 f^2 \Big).

    It is the expected squared error on one new input against :math:`x \cdot b^*`. Source: ildiz2025.

    Parameters
    ----------
    population : Population
        With more features of positive eigenvalue than samples.
    amplification : number or array of shape ``(..., k)``
        The factors f; 1: the true labels.

    >>> population = Population([1.0], signal=1.0, aspect_ratio=2.0, noise_variance=0.1)
    >>> float(surrogate_risk(population)), float(surrogate_risk(population, 0.5))
    (0.6, 0.7...)
    """
    factor = finite_array("amplification", amplification)
    kept, left, inflation = _interpolated(population)
    refuse_other_shapes(population, per_mode=True, amplification=factor)
    bias = np.sum(population.strengths * np.square(kept * factor - 1.0), axis=-1)
    lost = np.sum(population.strengths * np.square(left * factor), axis=-1)
    return (bias + inflation * (population.noise_variance + lost))[()]


def oracle_surrogate(population: Population) -> Array:
    r"""The factors f of least `surrogate_risk`, :math:`A / (A^2 + (1 - A)^2 W)`; shape ``(..., k)``.

    Above 1 exactly where :math:`\lambda / \kappa > W`: the best teacher amplifies strong eigenspaces and shrinks weak
    ones, whatever the signal and the noise. Source: ildiz2025; sign derived here.

    >>> population = Population([4.0, 1.0], signal=1.0, aspect_ratio=2.0)
    >>> oracle_surrogate(population).round(3).tolist()
    [1.143, 0.5]
    """
    kept, left, inflation = _interpolated(population)
    return kept / (kept**2 + left**2 * inflation[..., None])


def _interpolated(population: Population) -> tuple[Array, Array, Array]:
    """Shares kept and left by the least-norm interpolator, and W."""
    refuse_other_populations(population)
    lam, masses = population.eigenvalues, population.masses
    if np.any(np.sum(masses * (lam > 0), axis=-1) <= 1.0):
        fix = "raise the aspect ratio above 1"
        expected = "more features of positive eigenvalue than samples"
        raise InvalidArgument("population", expected=expected, got="no more than samples", fix=fix)
    kept, left = shares_kept(lam, solved_penalty(lam, masses, np.asarray(0.0)))
    # 1 - d = sum of kept * left per sample, since the kept shares sum to the number of samples.
    return kept, left, np.sum(masses * kept**2, axis=-1) / np.sum(masses * kept * left, axis=-1)
