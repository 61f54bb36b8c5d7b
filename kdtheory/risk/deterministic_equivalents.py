r"""Risk in high dimension with any covariance: ridge and affine ensembles of ridges by deterministic equivalents."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from kdtheory.distillation.results import Array
from kdtheory.errors import InvalidArgument
from kdtheory.risk.population import Population, refuse_other_populations, refuse_other_shapes
from kdtheory.validation import finite_array

_STEPS = 200
_SETTLED = 4.0 * float(np.finfo(float).eps)


def effective_penalty(population: Population, penalty: ArrayLike) -> Array:
    r"""The penalty :math:`\kappa` that ridge has on the population when it has ``penalty`` c on the sample.

    It solves :math:`\kappa (1 - \mathrm{tr}[S (S + \kappa)^{-1}] / n) = c`, lies between c and
    :math:`c + \mathrm{tr}(S) / n`, and :math:`c (X^T X / n + c)^{-1} \approx \kappa (S + \kappa)^{-1}`. Without penalty
    it is 0 where the features of positive eigenvalue are at most as many as the samples, and positive where they are
    more. The equation is convex in :math:`\kappa`: Newton's steps from the upper end of the bracket fall to the root
    and never pass it, and each is a ratio of sums of positive terms (derived here). Source: dobriban2018 among many.

    Parameters
    ----------
    population : Population
    penalty : number or array of shape ``(...)``
        **Per sample**: that of `kd.Ridge` over n. Broadcasts with the population's leading axes; ``inf`` gives ``inf``.

    >>> population = Population([1.0], signal=1.0, aspect_ratio=2.0)
    >>> float(effective_penalty(population, 0.0)), float(effective_penalty(population, 2.0))
    (1.0, 3.5615528128...)
    """
    refuse_other_populations(population)
    c = checked_penalty("penalty", penalty)
    refuse_other_shapes(population, penalty=c)
    return solved_penalty(population.eigenvalues, population.masses, c)[()]


def proportional_risk(population: Population, penalties: ArrayLike, weights: ArrayLike = 1.0) -> Array:
    r"""Risk of an affine ensemble of ridges :math:`\sum_i w_i b_{c_i}`, trained on one sample, as p and n grow.

    With :math:`A_i = \lambda / (\lambda + \kappa_i)`, :math:`\kappa_i` of `effective_penalty`:

    .. math:: R_{ij} + s^2 = \frac{s^2 + \sum \lambda\, b^{*2} (1 - A_i)(1 - A_j)}{1 - \sum A_i A_j / n}, \qquad
       \text{risk} = \sum_{ij} w_i w_j R_{ij}.

    It is the expected squared error on one new input against the clean label. Recipes of ridges on one sample are such
    ensembles (`ridge_ensemble_weights`); nearly equal penalties have huge weights of both signs: for a teacher and its
    student `proportional_distillation_risk` has a form without. Source: dang2026 and others for two-point equivalents.

    Parameters
    ----------
    population : Population
    penalties : number, or array of shape ``(..., ridges)``
        **Per sample**: those of `kd.Ridge` over n. A penalty of ``inf`` is the model that predicts zero.
    weights : number, or array of shape ``(..., ridges)``
        They sum to 1.

    Raises
    ------
    InvalidArgument
        Where the risk is infinite: no penalty, and exactly as many features as samples.

    >>> population = Population([1.0], signal=1.0, aspect_ratio=1.0, noise_variance=0.5)
    >>> float(proportional_risk(population, 0.5))
    0.5
    """
    refuse_other_populations(population)
    c = np.atleast_1d(checked_penalty("penalties", penalties))
    w = np.atleast_1d(finite_array("weights", weights))
    _refuse_weights(c, w)
    refuse_other_shapes(population, penalties=c[..., 0], weights=w[..., 0])
    lam, masses = population.eigenvalues[..., None, :], population.masses[..., None, :]
    kept, left = shares_kept(lam, solved_penalty(lam, masses, c))
    noise = population.noise_variance[..., None, None]
    numerator = noise + np.einsum("...k,...ik,...jk->...ij", population.strengths, left, left)
    denominator = unexplained(1.0 - np.einsum("...k,...ik,...jk->...ij", population.masses, kept, kept))
    return np.einsum("...i,...j,...ij->...", w, w, numerator / denominator - noise)[()]


def solved_penalty(eigenvalues: Array, masses: Array, penalty: Array) -> Array:
    """Root of the equation of `effective_penalty`, for arrays of shape ``(..., k)``, ``(..., k)`` and ``(...)``."""
    finite = np.isfinite(penalty)
    c = np.where(finite, penalty, 1.0)
    kappa = c + np.sum(masses * eigenvalues, axis=-1)
    free = (c == 0) & (np.sum(masses * (eigenvalues > 0), axis=-1) <= 1.0)
    kappa = np.where(free, 0.0, kappa)
    for _ in range(_STEPS):
        kept, left = shares_kept(eigenvalues, kappa)
        curved = np.sum(masses * kept * left, axis=-1)
        step = np.where(free, 0.0, (c + kappa * curved) / np.where(free, 1.0, 1.0 - np.sum(masses * kept**2, axis=-1)))
        settled = np.all(kappa - step <= _SETTLED * kappa)
        kappa = np.minimum(step, kappa)
        if settled:
            break
    return np.where(finite, kappa, np.inf)


def shares_kept(eigenvalues: Array, kappa: Array) -> tuple[Array, Array]:
    """What ridge with the effective penalty keeps of each eigenspace, and what it leaves; 0 and 1 at eigenvalue 0."""
    width = np.broadcast_shapes(eigenvalues.shape, (*kappa.shape, 1))
    lam, k = np.broadcast_to(eigenvalues, width), np.broadcast_to(kappa[..., None], width)
    endless = np.isinf(k)
    total = np.where(endless, 1.0, lam + k)
    kept = np.divide(lam, total, out=np.zeros(width), where=(total > 0) & ~endless)
    left = np.divide(np.where(endless, 1.0, k), total, out=np.ones(width), where=(total > 0) & ~endless)
    return kept, left


def unexplained(denominators: Array) -> Array:
    """Denominators of two-point equivalents, which vanish only where the risk is infinite."""
    if np.any(denominators <= 0):
        fix = "use a positive penalty, or another aspect ratio"
        got = "none, with as many features as samples"
        raise InvalidArgument("penalty", expected="a penalty that keeps the risk finite", got=got, fix=fix)
    return denominators


def checked_penalty(argument: str, value: ArrayLike) -> Array:
    """Penalties as an array without NaN and negative numbers."""
    array = finite_array(argument, value, infinity=True)
    if array.min() < 0:
        raise InvalidArgument(argument, expected="no negative number", got=f"{array.min():g}", fix="pass a penalty")
    return array


def _refuse_weights(penalties: Array, weights: Array) -> None:
    count = max(penalties.shape[-1], weights.shape[-1])
    if penalties.shape[-1] != weights.shape[-1]:
        got = f"{weights.shape[-1]} for {penalties.shape[-1]} penalties"
        raise InvalidArgument("weights", expected="one weight per ridge", got=got, fix="pass as many as penalties")
    size = np.maximum(1.0, np.sum(np.abs(weights), axis=-1))
    off = np.abs(np.sum(weights, axis=-1) - 1.0) / size
    if off.max() > 1e-12 * count:
        fix = "give the rest to a penalty of inf, the model that predicts zero"
        got = f"a sum of {np.sum(weights, axis=-1).flat[np.argmax(off)]:g}"
        raise InvalidArgument("weights", expected="weights that sum to 1", got=got, fix=fix)
