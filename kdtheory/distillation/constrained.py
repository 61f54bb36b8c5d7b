"""Rounds of self-distillation that each fit the outputs of the one before within a tolerance (``mobahi2020``)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit

from kdtheory.distillation.recipe import Fit, Phase, Recipe
from kdtheory.distillation.targets import labels, output_of
from kdtheory.errors import InvalidArgument
from kdtheory.procedures.ridge import Ridge
from kdtheory.validation import count, finite_array

Array = NDArray[np.float64]
_STEPS = 200
_TINY = 1e-300
_EPSILON = float(np.finfo(np.float64).eps)


@dataclass(frozen=True, eq=False)
class ConstrainedRounds:
    r"""What `constrained_rounds` found.

    Attributes
    ----------
    eigenvalues : array of shape (..., modes)
    penalties : array of shape (..., rounds)
        Ridge penalty :math:`c_t` of each round; infinity from the collapse on.
    coefficients : array of shape (..., rounds + 1, modes)
        Targets :math:`y_0`, then what each round fitted, :math:`y_t`; zero from the collapse on.
    ratios : array of shape (..., rounds + 1)
        :math:`r_t = |y_t| / \sqrt{K\epsilon}`: a round fits more than nothing where its targets have a ratio above 1.
    """

    eigenvalues: Array
    penalties: Array
    coefficients: Array
    ratios: Array

    @property
    def gains(self) -> Array:
        """Gain of each round in each mode, shape (..., rounds, modes)."""
        lam = self.eigenvalues[..., None, :]
        return np.divide(lam, lam + self.penalties[..., None], out=np.zeros(self.coefficients[..., 1:, :].shape))

    @property
    def rounds(self) -> NDArray[np.int_]:
        """Number of rounds that fitted more than nothing, shape (...)."""
        return np.sum(np.isfinite(self.penalties), axis=-1)

    @property
    def collapsed(self) -> NDArray[np.bool_]:
        """Whether the next round would fit nothing, shape (...): otherwise more rounds were possible than computed."""
        return self.ratios[..., -1] <= 1.0

    def recipe(self) -> Recipe:
        """One problem's rounds as a recipe of ridge trainings, for `kdtheory.solve`."""
        if self.penalties.ndim > 1 or not self.rounds:
            got = f"shape {self.penalties.shape[:-1]} with {np.max(self.rounds)} round(s)"
            fix = "ask for the rounds of one problem whose labels are not within the tolerance"
            raise InvalidArgument("rounds", expected="one problem with at least one round", got=got, fix=fix)
        names = ["teacher", "student", *(f"student_{j}" for j in range(2, int(self.rounds)))][: int(self.rounds)]
        targets = [labels, *(output_of(name) for name in names)]
        runs = [Ridge(float(penalty)) for penalty in self.penalties]
        return Recipe(**{n: Fit(Phase(t, run)) for n, t, run in zip(names, targets, runs, strict=False)})


def constrained_rounds(
    eigenvalues: ArrayLike, coefficients: ArrayLike, tolerance: ArrayLike, *, most: int = 1000
) -> ConstrainedRounds:
    r"""Rounds in which each student is the smallest function within a tolerance of the outputs before it.

    Round t minimizes the Hilbert norm subject to :math:`\frac1K \sum_k (f(x_k) - y_{t-1,k})^2 \le \epsilon`: ridge with
    the penalty :math:`c_t` that solves :math:`\sum_k (c_t / (c_t + \lambda_k))^2 y_{t-1,k}^2 = K\epsilon`. As the
    targets shrink and the tolerance does not, the penalties grow until a round fits nothing: the collapse.

    Parameters
    ----------
    eigenvalues : array of shape (..., modes)
        Of the Gram matrix, all of them (:math:`K` is their number).
    coefficients : array of shape (..., modes)
        Of the labels in the eigenbasis; for several outputs the root of the sum of their squares.
    tolerance : array of shape (...)
        :math:`\epsilon > 0`.
    most : int
        Largest number of rounds to compute; there are at least :math:`r_0 - 1` and fewer than :math:`r_0^2`.

    Raises
    ------
    InvalidArgument
        Where the labels' part on eigenvalues of 0, which no function can fit, exceeds the tolerance.

    Notes
    -----
    Source: Mobahi, Farajtabar and Bartlett 2020 (``mobahi2020``). `kdtheory.conventions.from_mobahi` is one round.

    Examples
    --------
    >>> found = constrained_rounds([2.0, 2.0], [3.0, 4.0], tolerance=2.0)
    >>> found.rounds.item(), found.penalties.round(3).tolist(), found.ratios.round(3).tolist()
    (2, [1.333, 4.0], [2.5, 1.5, 0.5])
    """
    lam, start, limit = _problem(eigenvalues, coefficients, tolerance)
    most = count("most", most, at_least=1)
    targets, penalties = [start], []
    while len(penalties) < most and (np.any(_ratio(targets[-1], limit) > 1.0) or not penalties):
        penalty = np.exp(_log_penalty(lam, targets[-1], limit))
        gain = np.divide(lam, lam + penalty[..., None], out=np.zeros(lam.shape), where=lam > 0)
        penalties.append(penalty)
        targets.append(gain * targets[-1])
    states = np.stack(targets, axis=-2)
    return ConstrainedRounds(lam, np.stack(penalties, axis=-1), states, _ratio(states, limit[..., None]))


def _problem(eigenvalues: ArrayLike, coefficients: ArrayLike, tolerance: ArrayLike) -> tuple[Array, Array, Array]:
    """Eigenvalues and coefficients of one shape, and the radius of the tolerance, :math:`\\sqrt{K\\epsilon}`."""
    lam, start = finite_array("eigenvalues", eigenvalues), finite_array("coefficients", coefficients)
    allowed = finite_array("tolerance", tolerance)
    if isinstance(tolerance, bool):
        raise InvalidArgument("tolerance", expected="a number", got=repr(tolerance), fix="pass the mean squared error")
    for name, values, floor in (("eigenvalues", lam, lam >= 0), ("tolerance", allowed, allowed > 0)):
        if not floor.all():
            expected = "numbers above 0" if name == "tolerance" else "non-negative numbers"
            got, fix = f"{values[~floor].flat[0]:g}", "pass those of a Gram matrix"
            fix = "raise it" if name == "tolerance" else fix
            raise InvalidArgument(name, expected=expected, got=got, fix=fix)
    try:
        lam, start, _ = np.broadcast_arrays(np.atleast_1d(lam), np.atleast_1d(start), allowed[..., None])
    except ValueError:
        got = f"shapes {lam.shape}, {start.shape} and {allowed.shape}"
        fix = "pass one coefficient per eigenvalue, and one tolerance per problem"
        raise InvalidArgument("coefficients", expected="shapes that fit together", got=got, fix=fix) from None
    limit = np.sqrt(lam.shape[-1] * np.broadcast_to(allowed, lam.shape[:-1]))
    unreachable = np.sqrt(np.sum(np.square(np.where(lam == 0, start, 0.0)), axis=-1))
    bad = (unreachable >= limit) & (_ratio(start, limit) > 1.0)
    if bad.any():
        least = float(np.max(np.square(unreachable)[bad])) / lam.shape[-1]
        got, fix = f"{np.min(allowed):g}", "raise it: that part of the labels is out of reach"
        raise InvalidArgument("tolerance", expected=f"more than {least:.6g}", got=got, fix=fix)
    return lam, start, limit


def _ratio(coefficients: Array, limit: Array) -> Array:
    return np.sqrt(np.sum(np.square(coefficients), axis=-1)) / limit


def _log_penalty(lam: Array, targets: Array, limit: Array) -> Array:
    """Log of the penalty; infinity where nothing is fitted."""
    squares = np.square(targets / limit[..., None])
    missed = np.sum(np.where(lam == 0, squares, 0.0), axis=-1)
    seen = (lam > 0) & (squares > 0)
    squares = np.where(seen, squares, 0.0) / np.where(missed < 1, 1.0 - missed, 1.0)[..., None]
    total = np.sum(squares, axis=-1)
    learned = _ratio(targets, limit) > 1.0
    found = np.full(learned.shape, np.inf)
    if learned.any():
        found[learned] = _root(np.log(np.where(seen, lam, np.nan))[learned], squares[learned], total[learned])
    return found


def _root(logs: Array, squares: Array, total: Array) -> Array:
    """Where ``log(sum of squares * expit(x - logs)^2)`` is zero, per row; logs are NaN where there is no mode.

    Newton's method, kept between the roots that all modes at the lowest and at the highest log would have.
    """
    middle = -np.log(np.maximum(np.sqrt(np.maximum(total, 1.0)) - 1.0, _EPSILON))
    low, high = np.nanmin(logs, axis=-1) + middle - 1.0, np.nanmax(logs, axis=-1) + middle + 1.0
    logs, result = np.where(np.isnan(logs), 0.0, logs), middle.copy()
    here, row = np.clip(middle, low, high), np.arange(len(middle))
    for _ in range(_STEPS):
        left = squares * np.square(expit(here[:, None] - logs))
        sum_left = np.maximum(np.sum(left, axis=-1), _TINY)
        excess, slope = np.log(sum_left), 2.0 * np.sum(left * expit(logs - here[:, None]), axis=-1) / sum_left
        low, high = np.where(excess < 0, here, low), np.where(excess < 0, high, here)
        step = -excess / np.maximum(slope, _TINY)
        moving = (np.abs(step) > 4.0 * _EPSILON * np.maximum(1.0, np.abs(here))) & (np.abs(excess) > _EPSILON)
        result[row] = here
        inside = (here + step > low) & (here + step < high)
        new = np.where(inside, here + step, 0.5 * (low + high))
        if not moving.any():
            break
        row = row[moving]
        here, low, high, logs, squares = (array[moving] for array in (new, low, high, logs, squares))
    return result
