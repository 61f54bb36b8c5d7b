r"""Many rounds of self-distillation, and the filters that they tend to.

A gain that rises from 0 to 1 with the eigenvalue is the distribution function of a positive random number, and ``m``
rounds, :math:`F^m`, are that of the largest of ``m`` such numbers. What many rounds look like is therefore decided by
the tail :math:`1 - F` alone (the limit laws of extreme values).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from kdtheory.errors import InvalidArgument
from kdtheory.procedures.averaged_flow import AveragedFlow
from kdtheory.procedures.base import Array, Procedure
from kdtheory.procedures.exaggeration import log_gain
from kdtheory.procedures.gradient_flow import GradientFlow
from kdtheory.procedures.iterated_tikhonov import IteratedTikhonov
from kdtheory.procedures.ridge import Ridge
from kdtheory.validation import describe, finite_array


def gain_of_rounds(procedure: Procedure, rounds: ArrayLike, eigenvalues: ArrayLike) -> Array:
    """Gain after that many rounds of one procedure, each from the start on the outputs before it: the gain's power.

    Parameters
    ----------
    procedure : Procedure
        Of gains between 0 and 1.
    rounds : number or array
        Number of trainings, the first teacher's included; real numbers are taken as powers.
    eigenvalues : array
        Broadcasts against ``rounds``.

    >>> from kdtheory.procedures import Ridge
    >>> gain_of_rounds(Ridge(penalty=1.0), 2, [0.0, 1.0]).tolist()
    [0.0, 0.25]
    """
    count = _rounds(rounds)
    return np.exp(count * log_gain(_procedure(procedure), eigenvalues))


def limiting_gain(procedure: Procedure, rounds: ArrayLike, eigenvalues: ArrayLike) -> Array:
    r"""The filter that many rounds tend to: a Fréchet law for slow tails, a Gumbel law for exponential ones.

    ============================  ==============================================
    Ridge, penalty c              :math:`\exp(-m c / \lambda)`
    averaged gradient flow        :math:`\exp(-m / (\lambda t))`
    iterated Tikhonov, order p    :math:`\exp(-m (c / \lambda)^p)`
    gradient flow                 :math:`\exp(-m e^{-\lambda t})`
    ============================  ==============================================

    The first three are stable: distilled by themselves they are themselves again. The last is, on the scale of the
    eigenvalues it keeps, a hard cut-off at :math:`\log(m) / t`. At eigenvalue 0 the gain is 0.

    Parameters
    ----------
    procedure : Ridge, AveragedFlow, IteratedTikhonov or GradientFlow
        Ridge towards zero.
    rounds : number or array
        As for `gain_of_rounds`.
    eigenvalues : array

    Notes
    -----
    Derived here; the limit laws are those of Fisher and Tippett, and Gnedenko (``gnedenko1943``). With
    :math:`T = 1 - F`, :math:`m T \le -\log F^m \le m T / (1 - T)`.

    Examples
    --------
    >>> from kdtheory.procedures import Ridge
    >>> exact = gain_of_rounds(Ridge(1.0), 1e4, 2e4)
    >>> float(exact.round(6)), float(limiting_gain(Ridge(1.0), 1e4, 2e4).round(6))
    (0.606538, 0.606531)
    """
    count, lam = _rounds(rounds), finite_array("eigenvalues", eigenvalues)
    if lam.min() < 0:
        fix = "pass those of a Gram matrix"
        raise InvalidArgument("eigenvalues", expected="no negative number", got=f"{lam.min():g}", fix=fix)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        return np.where(lam > 0, np.exp(-count * _tail(_procedure(procedure), lam)), 0.0)


def _tail(procedure: Procedure, lam: Array) -> Array:
    """What a procedure's residual comes to at large eigenvalues."""
    if isinstance(procedure, GradientFlow):
        return np.exp(-lam * procedure.time)
    if isinstance(procedure, AveragedFlow):
        return 1.0 / (lam * procedure.time)
    if isinstance(procedure, IteratedTikhonov):
        return np.power(procedure.penalty / lam, procedure.iterations)
    if isinstance(procedure, Ridge):
        return procedure.penalty / lam
    fix = "compute the rounds themselves with gain_of_rounds"
    expected = "Ridge, AveragedFlow, IteratedTikhonov or GradientFlow"
    raise InvalidArgument("procedure", expected=expected, got=describe(procedure), fix=fix)


def _procedure(procedure: object) -> Procedure:
    if not isinstance(procedure, Procedure):
        fix = "pass for example GradientFlow(time=1.0)"
        raise InvalidArgument("procedure", expected="a procedure", got=describe(procedure), fix=fix)
    return procedure


def _rounds(rounds: ArrayLike) -> Array:
    count = finite_array("rounds", rounds)
    if isinstance(rounds, bool) or count.min() <= 0:
        got, fix = describe(rounds), "count the first teacher, too"
        raise InvalidArgument("rounds", expected="numbers above 0", got=got, fix=fix)
    return count
