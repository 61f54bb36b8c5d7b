r"""Which procedures exaggerate: the criterion for one teacher, one student and one reference, and its verdict.

Distillation gives a mode the gain :math:`A_T A_S`, the reference gives it :math:`A_R`. With elasticities
:math:`e = d\log A/d\log\lambda`, the log of the reference's gain over the student's,

.. math:: D(\lambda) = \log A_R - \log A_T - \log A_S, \qquad -\frac{dD}{d\log\lambda} = e_T + e_S - e_R,

has at most one zero if the right side, the *slack*, is positive at all zeros: a reference as far as the student on a
leading mode is ahead on all lower ones. Derived in ``derivations/which_procedures_exaggerate.py``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from kdtheory.procedures.base import Array, Procedure
from kdtheory.procedures.elasticity import Family, elasticity_estimate, parameter_at_gain, refuse_unless_family
from kdtheory.procedures.matching import Estimate

GAINS = 1.0 / (1.0 + np.power(10.0, -np.linspace(-6.0, 6.0, 25)))
"""Gains on which a verdict is computed: from 1e-6 to 1 - 1e-6, evenly spaced in log-odds."""

RATIOS = 1.0 / (1.0 + np.power(10.0, -np.linspace(-3.0, 3.0, 25)))
"""Ratios of eigenvalues on which lags are computed: from 0.001 to 0.999."""

ROUNDING, TINY, UNDERFLOW = 1e-13, 1e-300, 1e-290


class Matched(NamedTuple):
    """Teacher, student, and the reference that has come as far as the student at eigenvalue 1."""

    teacher: Procedure
    student: Procedure
    reference: Procedure


@dataclass(frozen=True)
class Verdict:
    """What the criterion says of a teacher's, a student's and a reference's family, on a grid of gains.

    Attributes
    ----------
    verdict : {"holds", "equality", "fails", "undecided"}
        Whether the slack is positive for all gains, zero for all, negative for some, or below its error. Where
        references are only as far *at least* (numbers of steps): whether all lower modes lag.
    slack : float
        The smallest slack over the sum of the two elasticities, between minus infinity and 1.
    gains : (float, float)
        Gains of teacher and student where it is smallest.
    least, most : float
        Smallest and largest ratio of the student's to the reference's gain on lower modes.
    at : (float, float, float)
        Gains of teacher and student, and ratio of eigenvalues, where that ratio is largest.
    worst : int
        Position of the smallest slack among the cases.
    """

    verdict: str
    slack: float
    gains: tuple[float, float]
    least: float
    most: float
    at: tuple[float, float, float]
    worst: int


def slack(teacher: Procedure, student: Procedure, reference: Procedure, eigenvalues: ArrayLike) -> Estimate:
    """``e_T + e_S - e_R``: where positive, the student loses ground towards lower eigenvalues.

    >>> from kdtheory.procedures import Ridge
    >>> runs = Ridge(1.0), Ridge(1.0), Ridge(3.0)
    >>> float(slack(*runs, 1.0).value.round(12))
    0.25
    """
    e = [elasticity_estimate(run, eigenvalues) for run in (teacher, student, reference)]
    return Estimate(e[0].value + e[1].value - e[2].value, e[0].error + e[1].error + e[2].error)


def log_gain(procedure: Procedure, eigenvalues: ArrayLike) -> Array:
    """Logarithm of the gain, from the residual where that is small; minus infinity where the gain underflows."""
    gain, residual = procedure.gain(eigenvalues), procedure.residual(eigenvalues)
    near = np.abs(residual) < 0.5
    logarithm = np.where(near, np.log1p(-np.where(near, residual, 0.0)), np.log(np.where(near, 1.0, gain.clip(TINY))))
    return np.where(gain < UNDERFLOW, -np.inf, logarithm)


def log_ahead(teacher: Procedure, student: Procedure, reference: Procedure, eigenvalues: ArrayLike) -> Array:
    """Logarithm of the reference's gain over the student's, :math:`D`; 0 where one underflows."""
    taught = log_gain(teacher, eigenvalues) + log_gain(student, eigenvalues)
    gained = log_gain(reference, eigenvalues)
    learned = np.isfinite(gained) & np.isfinite(taught)
    return np.where(learned, gained, 0.0) - np.where(learned, taught, 0.0)


def matched(teacher: Procedure, student: Procedure, family: Family, *, longest: Any = None) -> Matched:
    """The two with the reference of that family whose gain at eigenvalue 1 is the student's."""
    one = np.ones(np.broadcast_shapes(*(np.shape(run.gain(1.0)) for run in (teacher, student))))
    gain = teacher.gain(one) * student.gain(one)
    left, right = teacher.residual(one), student.residual(one)
    found = parameter_at_gain(family, gain, residual=left + right - left * right, longest=longest)
    return Matched(teacher, student, family(found))


def exaggeration(
    teacher: Family,
    student: Family | None = None,
    reference: Family | None = None,
    *,
    longest: tuple[Any, Any, Any] = (None, None, None),
    top: float = 1.0,
) -> Verdict:
    """Evaluate the criterion on a grid of gains from 1e-6 to 1 - 1e-6, and the lag on lower modes.

    Parameters
    ----------
    teacher, student, reference : callables
        From a parameter to a procedure; default: all are the teacher's. Families that depend on a scale times the
        eigenvalue are judged for all eigenvalues; others as they are at eigenvalue 1.
    longest : three numbers
        See `kdtheory.procedures.elasticity.parameter_at_gain`.
    top : float
        The largest gain that the families reach, of which the grid takes shares.

    Examples
    --------
    >>> from kdtheory.procedures import AveragedFlow, Ridge
    >>> exaggeration(Ridge).verdict, exaggeration(AveragedFlow).verdict
    ('holds', 'fails')
    """
    families = tuple(teacher if family is None else family for family in (teacher, student, reference))
    for argument, family in zip(("teacher", "student", "reference"), families, strict=True):
        refuse_unless_family(argument, family)
    u, v = (axis.ravel() for axis in np.meshgrid(GAINS, GAINS))
    first, second = (
        family(parameter_at_gain(family, top * gain, residual=1.0 - top * gain, longest=end))
        for family, gain, end in zip(families, (u, v), longest, strict=False)
    )
    return judge(matched(first, second, families[2], longest=longest[2]))


def judge(runs: Matched, *, one_sided: bool = False) -> Verdict:
    """The verdict on many cases, of procedures with parameters of shape (cases,), in units of eigenvalue 1.

    ``one_sided``: the references are at least as far as the students, and lower modes decide.
    """
    one = np.ones(np.broadcast_shapes(*(np.shape(run.gain(1.0)) for run in runs)))
    u, v = runs.teacher.gain(one), runs.student.gain(one)
    found = slack(*runs, one)
    total = elasticity_estimate(runs.teacher, one).value + elasticity_estimate(runs.student, one).value
    share = found.value / np.maximum(total, TINY)
    start = 0.0 if one_sided else log_ahead(*runs, one)
    behind = np.array([log_ahead(*runs, ratio * one) - start for ratio in RATIOS])
    lead = np.unravel_index(np.argmin(behind), behind.shape)
    worst = int(np.argmin(share))
    return Verdict(
        verdict=_verdict(Estimate(behind, np.full(behind.shape, ROUNDING)) if one_sided else found),
        slack=float(share[worst]),
        gains=(float(u[worst]), float(v[worst])),
        least=float(np.exp(-behind.max())),
        most=float(np.exp(-behind.min())),
        at=(float(u[lead[1]]), float(v[lead[1]]), float(RATIOS[lead[0]])),
        worst=worst,
    )


def increasing(family: Family, *, longest: Any = None) -> bool:
    """Whether ``E(u) / log(1/u)`` increases with the gain, on the grid: enough for one family of one scale.

    >>> from kdtheory.procedures import AveragedFlow, GradientFlow
    >>> increasing(GradientFlow), increasing(AveragedFlow)
    (True, False)
    """
    found = elasticity_estimate(family(parameter_at_gain(family, GAINS, longest=longest)), np.ones(GAINS.shape))
    share, error = found.value / -np.log(GAINS), found.error / -np.log(GAINS)
    return bool(np.all(np.diff(share) > error[1:] + error[:-1]))


def _verdict(found: Estimate) -> str:
    if np.any(found.value < -found.error):
        return "fails"
    if np.all(found.value > found.error):
        return "holds"
    return "equality" if np.all(np.abs(found.value) <= found.error) else "undecided"
