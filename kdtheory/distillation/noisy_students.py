r"""Logits of a binary student whose own logit is noisy while it is trained, at the optimum of its expected loss.

The student minimises the expected cross-entropy between a soft label :math:`q = \sigma(z_T / \tau)` and
:math:`\sigma(z / \tau)`, where its training logit z is noisy around the evaluation logit m. Two kinds of noise:

- *additive*, :math:`z = m + s \varepsilon`, which m does not change. Stationarity in m is
  :math:`E\,\sigma(z / \tau) = q`: averaging flattens, and m is larger than the teacher's logit;
- *multiplicative*, :math:`z = m B` with :math:`E B = 1`: dropout on the inputs of a linear model. Stationarity in m is
  :math:`E\,[B\,\sigma(m B / \tau)] = q`, whose left side is larger by the covariance of B and the probability: it pays
  to have less noise, and that is to have a smaller m.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, gammaln

from kdtheory.errors import InvalidArgument
from kdtheory.validation import finite_array

Array = NDArray[np.float64]

# The trapezoidal rule converges exponentially: with this step and a deviation of up to 3 to below 1e-15.
_NODES = np.linspace(-9.0, 9.0, 97)
_WEIGHTS = np.exp(-(_NODES**2) / 2) / np.sum(np.exp(-(_NODES**2) / 2))
_WIDEST = 3.0
# Beyond it probabilities of the other class leave the range of float64.
_FARTHEST = 500.0
_MOST = 4096
_STEPS = 80


def noisy_student_logits(
    teacher_logits: ArrayLike, deviation: ArrayLike, *, temperature: ArrayLike = 1.0, teacher_deviation: ArrayLike = 0.0
) -> Array:
    r"""Evaluation logits of a student with Gaussian noise on its training logits: :math:`E\,\sigma(z/\tau) = q`.

    Parameters
    ----------
    teacher_logits : array
        Log-odds of the teacher in evaluation; broadcast with the other arguments.
    deviation : array
        Standard deviation of the student's noise, at most 3 temperatures.
    temperature : array of positive numbers
        Of teacher and student.
    teacher_deviation : array
        Of noise on the teacher's logits, averaged over in the soft label.

    Notes
    -----
    Derived here. The probit approximation is
    :math:`z_T \sqrt{1 + \pi s^2 / (8 \tau^2)}` for a teacher without noise.

    >>> noisy_student_logits(2.0, deviation=2.0, temperature=[1.0, 2.0, 4.0]).round(3).tolist()
    [3.137, 2.398, 2.116]
    """
    logits, own, tau, other = np.broadcast_arrays(
        finite_array("teacher_logits", teacher_logits),
        _at_least("deviation", deviation, 0.0),
        _positive("temperature", temperature),
        _at_least("teacher_deviation", teacher_deviation, 0.0),
    )
    for name, noise in (("deviation", own), ("teacher_deviation", other)):
        if np.max(noise / tau) > _WIDEST:
            got = f"{np.max(noise / tau):.3g} temperatures"
            fix = "raise the temperature, or use less noise"
            raise InvalidArgument(name, expected=f"at most {_WIDEST:g} temperatures", got=got, fix=fix)
    u = _in_temperatures(logits, tau)
    target, _ = _log_mean(u, other / tau)
    # An additive noise of deviation s moves a logit by less than the factor 1 + s: see the probit approximation.
    found = _root(lambda x: _log_mean(x, own / tau), target, u, np.zeros_like(u), 2.0 * u * (1 + own / tau))
    return np.copysign(found, logits) * tau


def dropout_student_logits(
    teacher_logits: ArrayLike,
    rate: ArrayLike,
    features: ArrayLike,
    *,
    temperature: ArrayLike = 1.0,
    teacher_dropout: bool = False,
) -> Array:
    r"""Evaluation logits of a linear student trained with dropout on inputs that share a logit evenly.

    A point has ``features`` inputs of its own, each of which is dropped with probability p and scaled by
    :math:`1/(1-p)` otherwise: :math:`B = k / (d (1-p))`, k binomial, and :math:`E\,[B\,\sigma(m B / \tau)] = q`.

    Parameters
    ----------
    teacher_logits : array
        Log-odds of the teacher in evaluation; broadcast with the other arrays.
    rate : array of numbers from 0 to below 1
    features : array of whole numbers
        Number d of inputs over which a logit is spread, at most 4096.
    temperature : array of positive numbers
    teacher_dropout : bool
        Whether the teacher's dropout, of the same rate, is left on: the soft label is :math:`E\,\sigma(z_T B / \tau)`.

    Notes
    -----
    Derived here. With a variance :math:`\rho^2 = p / ((1-p) d)` that is small the slope is
    :math:`1 + \rho^2 (\tfrac u2 \tanh \tfrac u2 - 1)`, :math:`u = z_T / \tau`.

    >>> (dropout_student_logits([1.0, 3.0, 6.0], rate=0.5, features=16) / [1, 3, 6]).round(3)
    array([0.953, 1.016, 1.15 ])
    """
    logits, drop, spread, tau = np.broadcast_arrays(
        finite_array("teacher_logits", teacher_logits),
        _at_least("rate", rate, 0.0),
        _at_least("features", features, 1.0),
        _positive("temperature", temperature),
    )
    if spread.max() > _MOST or np.any(spread != np.rint(spread)):
        got = f"{spread[(spread > _MOST) | (spread != np.rint(spread))].flat[0]:g}"
        fix = "a logit is spread over a whole number of inputs"
        raise InvalidArgument("features", expected=f"whole numbers from 1 to {_MOST}", got=got, fix=fix)
    if drop.max() >= 1:
        fix = "a rate is the probability of being dropped"
        raise InvalidArgument("rate", expected="numbers from 0 to below 1", got=f"{drop.max():g}", fix=fix)
    if not isinstance(teacher_dropout, bool):
        fix = "say whether the teacher's dropout is left on"
        raise InvalidArgument("teacher_dropout", expected="True or False", got=repr(teacher_dropout), fix=fix)
    u = _in_temperatures(logits, tau)
    scales, chances = dropout_scales(drop, spread)
    target = _log_mean_chance(u[..., None] * scales, chances)[0] if teacher_dropout else -np.logaddexp(0.0, u)
    # The smallest scale decides at the latest: log(1 + exp(x * least)) <= -target.
    least = 1.0 / (spread * (1.0 - drop))
    found = _root(
        lambda x: _log_mean_chance(x[..., None] * scales, chances * scales, scales),
        target,
        u,
        0 * u,
        1 - target / least,
    )
    return np.copysign(np.where(u == 0, 0.0, found), logits) * tau


def dropout_scales(rate: Array, features: Array) -> tuple[Array, Array]:
    """Values of the scale B and their chances, shapes ``(*cases, most features + 1)``; chance 0 beyond the features."""
    kept, d = np.arange(np.max(features) + 1.0), np.asarray(features, dtype=float)[..., None]
    p, lost = np.asarray(rate, dtype=float)[..., None], np.maximum(d - kept, 0.0)
    ways = gammaln(d + 1.0) - gammaln(kept + 1.0) - gammaln(lost + 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        dropped = np.where(lost > 0, lost * np.log(p), 0.0)
    return kept / (d * (1.0 - p)), np.where(kept <= d, np.exp(ways + kept * np.log1p(-p) + dropped), 0.0)


def _log_mean(logit: Array, deviation: Array) -> tuple[Array, Array]:
    return _log_mean_chance(logit[..., None] + deviation[..., None] * _NODES, _WEIGHTS)


def _log_mean_chance(logits: Array, weights: Array, slopes: Array | float = 1.0) -> tuple[Array, Array]:
    """Log of ``sum(weights * sigma(-logits))`` over the last axis, and its derivative if logits move by ``slopes``."""
    chance = expit(-logits)
    other = weights * chance
    total = np.sum(other, axis=-1)
    return np.log(total), -np.sum(slopes * other * (1.0 - chance), axis=-1) / total


def _root(
    function: Callable[[Array], tuple[Array, Array]], target: Array, start: Array, low: Array, high: Array
) -> Array:
    """Where a falling function meets its target: Newton's steps, and bisection where they leave the bracket."""
    here, epsilon = np.clip(start, low, high), np.finfo(float).eps
    for _ in range(_STEPS):
        value, slope = function(here)
        low, high = np.where(value >= target, here, low), np.where(value <= target, here, high)
        there = here - (value - target) / slope
        there = np.where((there >= low) & (there <= high), there, (low + high) / 2)
        settled = (np.abs(there - here) <= 8 * epsilon * here) | (np.abs(value - target) <= 4 * epsilon * -target)
        here = there
        if np.all(settled):
            break
    return here


def _in_temperatures(logits: Array, temperature: Array) -> Array:
    found = np.abs(logits / temperature)
    if found.max() > _FARTHEST:
        got, fix = f"{found.max():.3g}", "raise the temperature"
        expected = f"at most {_FARTHEST:g} temperatures"
        raise InvalidArgument("teacher_logits", expected=expected, got=got, fix=fix)
    return found


def _at_least(argument: str, value: ArrayLike, least: float) -> Array:
    array = finite_array(argument, value)
    if array.min() < least:
        fix = f"change {argument}"
        raise InvalidArgument(argument, expected=f"numbers of at least {least:g}", got=f"{array.min():g}", fix=fix)
    return array


def _positive(argument: str, value: ArrayLike) -> Array:
    array = finite_array(argument, value)
    if array.min() <= 0:
        fix = f"change {argument}"
        raise InvalidArgument(argument, expected="positive numbers", got=f"{array.min():g}", fix=fix)
    return array
