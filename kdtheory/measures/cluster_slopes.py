r"""What square loss makes of confidence on clusters whose kernels do not overlap, in closed form."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from kdtheory.errors import InvalidArgument
from kdtheory.measures._named import Array
from kdtheory.validation import finite_array


@dataclass(frozen=True, eq=False)
class ClusterSlopes:
    """Slopes of a student's margins on its teacher's; made by `cluster_slopes`.

    Attributes
    ----------
    through_origin : array of shape ``(*axes,)``
        Without intercept: absolute confidence. A mean of the student's gains.
    least_squares : array of shape ``(*axes,)``
        With intercept. NaN where all teacher gains are equal.
    neighbours : array of shape ``(*axes, clusters - 1)``
        Between a cluster and the next one. NaN where their teacher gains are equal.
    """

    through_origin: Array
    least_squares: Array
    neighbours: Array


def cluster_slopes(teacher: ArrayLike, student: ArrayLike, sizes: ArrayLike = 1.0) -> ClusterSlopes:
    r"""Slopes of confidence on clusters with margins :math:`a_T` (teacher) and :math:`a_S a_T` (its student).

    Derived here, for labels of 1 (after sign alignment) and students that start at zero. For a student that is trained
    as its teacher was, with gains g, they are :math:`g_1 + g_2` between two clusters and
    :math:`2 \bar g + \mu_3 / \mu_2` over many, with moments weighted by size.

    Parameters
    ----------
    teacher, student : arrays of shape ``(*axes, clusters)``
        Gains of the two trainings on the clusters' eigenvalues.
    sizes : array of shape (clusters,), positive
        Numbers of points: the weights of the lines.

    >>> slopes = cluster_slopes([0.9, 0.6], [0.9, 0.6])
    >>> slopes.neighbours.round(9).tolist(), slopes.through_origin.round(3).item()
    ([1.5], 0.808)
    """
    own, taught = (_gains(name, value) for name, value in (("teacher", teacher), ("student", student)))
    if own.shape[-1] != taught.shape[-1]:
        got = f"{own.shape[-1]} and {taught.shape[-1]}"
        fix = "pass both gains on the same clusters"
        raise InvalidArgument("student", expected="as many clusters as the teacher", got=got, fix=fix)
    weights = _weights(sizes, own.shape[-1])
    reached = own * taught
    mean_own, mean_reached = (np.sum(weights * each, axis=-1, keepdims=True) for each in (own, reached))
    centred = own - mean_own
    with np.errstate(divide="ignore", invalid="ignore"):
        origin = np.sum(weights * reached * own, axis=-1) / np.sum(weights * own**2, axis=-1)
        line = np.sum(weights * centred * (reached - mean_reached), axis=-1) / np.sum(weights * centred**2, axis=-1)
        between = np.diff(reached, axis=-1) / np.diff(own, axis=-1)
    return ClusterSlopes(origin[()], line[()], between)


def exaggeration_time(eigenvalues: ArrayLike, margins: ArrayLike) -> Array:
    r"""Student time from which the slope between two clusters is above 1.

    .. math:: s_c = \log(m_1 / m_2) / (\lambda_1 - \lambda_2)

    For gradient flow on square loss from zero (derived here): then the easy cluster lacks less to its teacher than the
    hard one, for ever. Cross-entropy of K classes at a high temperature is the same K times slower: divide the
    eigenvalues by K.

    Parameters
    ----------
    eigenvalues : array of shape ``(*axes, 2)``
        Of the easy cluster and of the hard one, the larger first.
    margins : array of shape ``(*axes, 2)``, positive
        The teacher's margins, for example its gains; the larger first.

    >>> exaggeration_time([2.0, 1.0], [0.9, 0.6]).round(3)
    np.float64(0.405)
    """
    lam, told = finite_array("eigenvalues", eigenvalues), finite_array("margins", margins)
    for name, values, least in (("eigenvalues", lam, -np.inf), ("margins", told, 0.0)):
        if values.ndim == 0 or values.shape[-1] != 2:
            fix = "pass those of the easy and of the hard cluster"
            raise InvalidArgument(name, expected="two along the last axis", got=f"shape {values.shape}", fix=fix)
        if np.any(values[..., 1] >= values[..., 0]) or values.min() <= least:
            fix = "put the easy cluster first"
            raise InvalidArgument(name, expected="the larger one first", got=f"{values.reshape(-1, 2)[0]}", fix=fix)
    easy, hard = told[..., 0], told[..., 1]
    return (np.log1p((easy - hard) / hard) / (lam[..., 0] - lam[..., 1]))[()]


def _gains(argument: str, value: ArrayLike) -> Array:
    array = finite_array(argument, value)
    if array.ndim == 0 or array.shape[-1] < 2:
        fix = "pass one gain per cluster, for example procedure.gain(eigenvalues)"
        expected = "gains of two clusters or more"
        raise InvalidArgument(argument, expected=expected, got=f"shape {array.shape}", fix=fix)
    return array


def _weights(sizes: ArrayLike, clusters: int) -> Array:
    array = finite_array("sizes", sizes, ndim=(0, 1))
    if array.min() <= 0 or array.size not in (1, clusters):
        fix = "pass one positive number of points per cluster"
        got = f"{array.size}, the smallest {array.min():g}"
        raise InvalidArgument("sizes", expected=f"{clusters} positive numbers", got=got, fix=fix)
    return np.broadcast_to(array / np.sum(np.broadcast_to(array, clusters)), clusters)
