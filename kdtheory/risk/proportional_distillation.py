r"""Ridge taught by ridge on one sample, in high dimension: risk, best mixing, and the slope at test points.

The student is :math:`b_{c_2} + \xi c_1 b[c_1, c_2]` with the divided difference :math:`b[c_1, c_2] = (b_{c_1} -
b_{c_2}) / (c_1 - c_2)`. Divided differences of the two-point equivalents have closed forms, in which nothing cancels
and which are derivatives where the penalties are equal (derived here).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from kdtheory.distillation.results import Array
from kdtheory.errors import InvalidArgument
from kdtheory.risk.deterministic_equivalents import checked_penalty, shares_kept, solved_penalty, unexplained
from kdtheory.risk.population import Population, refuse_other_populations, refuse_other_shapes
from kdtheory.validation import finite_array


def proportional_distillation_risk(
    population: Population, teacher_penalty: ArrayLike, student_penalty: ArrayLike, mixing: ArrayLike = 1.0
) -> Array:
    r"""Risk of a ridge student that is taught by a ridge teacher and by the labels, as p and n grow.

    The ensemble of `proportional_risk` with weights from `ridge_ensemble_weights`, for penalties that may be close or
    equal. Derived here from the two-point equivalents.

    Parameters
    ----------
    population : Population
    teacher_penalty, student_penalty : numbers or arrays of shape ``(...)``
        **Per sample**: those of `kd.Ridge` over n.
    mixing : number or array
        Weight of the teacher's outputs in the student's target.

    >>> population = Population([1.0], signal=1.0, aspect_ratio=1.0, noise_variance=0.5)
    >>> float(proportional_distillation_risk(population, 0.5, 0.5, 0.0))
    0.5
    >>> float(proportional_distillation_risk(population, 0.5, 0.5, 0.1))  # ridge was tuned
    0.5007...
    """
    forms = _Forms.of(population, teacher_penalty, student_penalty)
    weight = _mixing(forms, mixing) * forms.teacher_penalty
    return (forms.student + 2.0 * weight * forms.cross + weight**2 * forms.moved)[()]


def oracle_proportional_mixing(population: Population, teacher_penalty: ArrayLike, student_penalty: ArrayLike) -> Array:
    r"""The ``mixing`` of least risk in `proportional_distillation_risk`, which is a parabola in it; any real number.

    With equal penalties its sign is that of :math:`-dR/dc` (dang2026). 0 where the teacher changes nothing.

    >>> under = Population([1.0], signal=1.0, aspect_ratio=1.0, noise_variance=5.0)
    >>> float(oracle_proportional_mixing(under, 0.5, 0.5)) > 0  # a larger penalty is better
    True
    """
    forms = _Forms.of(population, teacher_penalty, student_penalty)
    moved = forms.teacher_penalty * forms.moved
    return np.divide(-forms.cross, moved, out=np.zeros(np.shape(moved)), where=moved > 0)[()]


def proportional_test_slope(
    population: Population, teacher_penalty: ArrayLike, student_penalty: ArrayLike, mixing: ArrayLike = 1.0
) -> Array:
    r"""Slope of the student's outputs on the teacher's at new inputs, through the origin, as p and n grow.

    :math:`E[f_S f_T] / E[f_T^2]` over one new input. At the training points the slope of pure distillation is below 1:
    a weighted mean of gains. Here it may exceed 1. With :math:`Q_{ij} = \sum \lambda\, b^{*2} A_i A_j + (1 - D_{ij})
    (R_{ij} + s^2)`, :math:`D_{ij}` the denominator in `proportional_risk`, it is (derived here)

    .. math:: 1 + \bigl(c_2 - (1 - \xi) c_1\bigr) \frac{Q_{11} - Q_{12}}{(c_1 - c_2)\, Q_{11}}; \qquad
       c_1 = c_2 = c,\ \xi = 1:\quad 1 + \tfrac12 \frac{d \log Q_{cc}}{d \log c}.

    Parameters
    ----------
    population, teacher_penalty, student_penalty, mixing
        As in `proportional_distillation_risk`.

    >>> hidden = Population([1e4, 1.0], [0.0, 1.0], aspect_ratio=0.95, shares=[0.95, 0.05])
    >>> float(proportional_test_slope(hidden, 0.1, 0.1))
    1.2...
    """
    forms = _Forms.of(population, teacher_penalty, student_penalty)
    weight = forms.student_penalty - (1.0 - _mixing(forms, mixing)) * forms.teacher_penalty
    return (1.0 + weight * forms.power_change / forms.power)[()]


@dataclass(frozen=True)
class _Forms:
    """Second moments in the norm of S: of the student's error on labels (``student``), of it with the divided
    difference (``cross``), of the divided difference (``moved``); of the teacher's outputs (``power``), and of these
    with the divided difference (``power_change``)."""

    teacher_penalty: Array
    student_penalty: Array
    student: Array
    cross: Array
    moved: Array
    power: Array
    power_change: Array

    @classmethod
    def of(cls, population: Population, teacher_penalty: ArrayLike, student_penalty: ArrayLike) -> _Forms:
        refuse_other_populations(population)
        c1 = checked_penalty("teacher_penalty", finite_array("teacher_penalty", teacher_penalty))
        c2 = checked_penalty("student_penalty", finite_array("student_penalty", student_penalty))
        refuse_other_shapes(population, teacher_penalty=c1, student_penalty=c2)
        lam, masses, strengths = population.eigenvalues, population.masses, population.strengths
        noise = population.noise_variance

        def signal(*factors: Array) -> Array:
            return np.sum(strengths * np.prod(np.broadcast_arrays(*factors), axis=0), axis=-1)

        def features(*factors: Array) -> Array:
            return np.sum(masses * np.prod(np.broadcast_arrays(*factors), axis=0), axis=-1)

        k1, k2 = solved_penalty(lam, masses, c1), solved_penalty(lam, masses, c2)
        (a1, b1), (a2, b2) = shares_kept(lam, k1), shares_kept(lam, k2)
        d11, d12, d22 = (unexplained(1.0 - features(*pair)) for pair in ((a1, a1), (a1, a2), (a2, a2)))
        # Both divided differences of what is kept and left: (k1 - k2) / (c1 - c2) = 1 / d12.
        total = (lam + k1[..., None]) * (lam + k2[..., None]) * d12[..., None]
        left = np.divide(lam, total, out=np.zeros(total.shape), where=total > 0)
        one, two = ((noise + signal(left_out, b2)) / below for left_out, below in ((b1, d12), (b2, d22)))
        # Divided differences of the denominators, with either share kept, and of both arguments.
        change1, change2, change = features(a1, left), features(a2, left), -features(left, left)
        first = (signal(b1, left) - one * change1) / d11
        second = (signal(b2, left) - two * change2) / d12
        moved = (signal(left, left) - 2.0 * second * change1 - two * change) / d11
        power = signal(a1, a1) + (1.0 - d11) * (noise + signal(b1, b1)) / d11
        return cls(c1, c2, two - noise, second, moved, power, first - signal(left))


def _mixing(forms: _Forms, mixing: ArrayLike) -> Array:
    weight = finite_array("mixing", mixing)
    try:
        np.broadcast_shapes(weight.shape, forms.power.shape)
    except ValueError:
        expected, fix = f"a shape that broadcasts with {forms.power.shape}", "give a number, or one more axis"
        raise InvalidArgument("mixing", expected=expected, got=f"shape {weight.shape}", fix=fix) from None
    return weight
