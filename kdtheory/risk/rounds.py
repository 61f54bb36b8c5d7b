r"""The best weights for rounds of self-distillation, for somebody who knows the truth (derived here).

Every round trains the same procedure from zero, with gains :math:`g`, on ``(1 - mixing) * labels + mixing * outputs of
the round before``. With the weights :math:`\xi_1, \dots, \xi_k` and :math:`T_m = \xi_k \xi_{k-1} \cdots \xi_{k-m+1}`,
the product of the last m of them, round k has the gains

.. math:: h = g - g (1 - g) \sum_{m=0}^{k-1} T_{m+1}\, g^m.

The T are free, so the best ones are least squares; the weights are their ratios.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from kdtheory.distillation.results import Array
from kdtheory.errors import InvalidArgument
from kdtheory.risk._products import best_products, polynomial, weights_of
from kdtheory.risk.quadratic import QuadraticRisk
from kdtheory.validation import count, describe, number


@dataclass(frozen=True, eq=False)
class OptimalMixings:
    """Weights of the previous fit, round by round, and what they reach.

    Attributes
    ----------
    mixings : tuple of float
        For ``kd.self_distillation(run, run, mixing=optimal.mixings, rounds=len(optimal.mixings))``.
    gains : array of shape (modes,)
        Of the last round.
    risk : float
        Its expected risk.
    condition : float
        By how much relative errors of weights and gains come back in the last round's gains, at most, per round.
    """

    mixings: tuple[float, ...]
    gains: Array
    risk: float
    condition: float


def oracle_step_mixing(
    risk: QuadraticRisk,
    gains: ArrayLike,
    *,
    residuals: ArrayLike | None = None,
    teacher_residuals: ArrayLike | None = None,
) -> Array:
    r"""The ``mixing`` of least expected risk for one student, shape ``(*axes,)``.

    The student has the gains :math:`g`, on labels alone (mixing 0), its teacher the gains :math:`g_T`; mixing
    :math:`\xi` gives :math:`h = g - \xi b` with :math:`b = g (1 - g_T)`. At the train points

    .. math:: \xi^* = \frac{\sum_k b_k (s^2 g_k - c_k^2 (1 - g_k))}{\sum_k b_k^2 (c_k^2 + s^2)}

    (das2023 for ridge; for every procedure and every quadratic risk derived here). It may lie outside [0, 1].

    Parameters
    ----------
    risk : QuadraticRisk
        Of `oracle_fixed_design` or `oracle_random_design`.
    gains : array of shape ``(*axes, modes)``
        Of the student's procedure.
    residuals : array like ``gains``, optional
        ``1 - gains``, without cancellation.
    teacher_residuals : array like ``gains``, optional
        ``1 - gains`` of the teacher; default: those of the student (self-distillation).

    Raises
    ------
    InvalidArgument
        Where the teacher changes nothing: every mixing is the same there.

    >>> from kdtheory.risk import oracle_fixed_design
    >>> risk = oracle_fixed_design([1.0, 0.0], noise_variance=1.0)
    >>> float(oracle_step_mixing(risk, [0.5, 0.5]))  # 0.25 (0 + 0.5) / (0.0625 (2 + 1))
    0.666...
    """
    g, left = _checked(risk, gains, residuals)
    change = g * (left if teacher_residuals is None else risk.checked(g, teacher_residuals)[1])
    seen = risk.errors(change)
    curvature = np.sum(seen**2, axis=-1) + change**2 @ risk.noise
    if np.any(curvature <= np.finfo(float).tiny):
        fix = "every mixing gives the same student: use a teacher that changes it"
        raise InvalidArgument("gains", expected="a teacher that changes the risk", got="none that does", fix=fix)
    slope = np.sum(seen * (risk.errors(left) + risk.unreachable), axis=-1) - (change * g) @ risk.noise
    return (-slope / curvature)[()]


def oracle_mixings_one_by_one(
    risk: QuadraticRisk, gains: ArrayLike, rounds: int, *, residuals: ArrayLike | None = None
) -> OptimalMixings:
    """Weights that are best for each round's own student, one round after the other; see `oracle_mixings`.

    No later round is thought of, so that more rounds can be worse than fewer, though never worse than none.

    Parameters
    ----------
    risk, gains, rounds, residuals
        As in `oracle_mixings`.

    >>> from kdtheory.risk import oracle_fixed_design
    >>> risk = oracle_fixed_design([2.0, 0.0], noise_variance=1.0)
    >>> [round(xi, 6) for xi in oracle_mixings_one_by_one(risk, [0.8, 0.4], 2).mixings]
    [0.517241, 0.341024]
    """
    g, left = _checked(risk, gains, residuals, one=True)
    found, teacher = [], left
    condition = np.zeros(len(g))
    for _ in range(count("rounds", rounds, at_least=1)):
        xi = float(oracle_step_mixing(risk, g, residuals=left, teacher_residuals=teacher))
        condition = np.abs(xi) * g * (np.abs(teacher) + condition)
        teacher = left + xi * g * teacher
        found.append(xi)
    reached = 1.0 - teacher
    return OptimalMixings(tuple(found), reached, float(risk.total(reached, teacher)), float(condition.max()))


def oracle_mixings(
    risk: QuadraticRisk,
    gains: ArrayLike,
    rounds: int,
    *,
    residuals: ArrayLike | None = None,
    condition_limit: float = 1e8,
) -> OptimalMixings:
    r"""The weights with which the last of several rounds has the least expected risk, chosen together.

    Reachable gains are :math:`g\, q(g)` with a polynomial q of degree at most ``rounds`` and :math:`q(1) = 1`. As many
    rounds as there are distinct gains between 0 and 1 reach the Wiener gains (pareek2024: the gain over one round can
    be as large as the rank; products of weights, and best weights, derived here). Solved in as many digits as it takes;
    the weights themselves are ill-conditioned where gains cluster, and are refused beyond ``condition_limit``.

    Parameters
    ----------
    risk : QuadraticRisk
        Of `oracle_fixed_design` or `oracle_random_design`.
    gains : array of shape (modes,)
        Of one training on labels. Gains closer than 1e-12 count as tied.
    rounds : int
        Number of students.
    residuals : array of shape (modes,), optional
        ``1 - gains``, without cancellation.
    condition_limit : float
        Largest `OptimalMixings.condition`; the last round's gains carry rounding of about that times 1e-16.

    >>> from kdtheory.risk import oracle_fixed_design
    >>> risk = oracle_fixed_design([2.0, 0.0], noise_variance=1.0)
    >>> best = oracle_mixings(risk, [0.8, 0.4], rounds=2)  # two modes: the Wiener gains
    >>> best.gains.round(12).tolist(), [round(xi, 6) for xi in best.mixings]
    ([0.8, 0.0], [-1.25, 3.333333])
    """
    g, left = _checked(risk, gains, residuals, one=True)
    rounds = count("rounds", rounds, at_least=1)
    limit = number("condition_limit", condition_limit, above=0.0)
    products = best_products(risk, g, left, rounds)
    change = g * left
    sizes = np.abs(np.array(products, dtype=float)) @ np.abs(g) ** np.arange(rounds)[:, None]
    condition = float(np.max(np.abs(change) * sizes))
    if not condition <= limit:
        fix = "ask for fewer rounds, or pass a larger condition_limit"
        got = f"{condition:.3g} with {rounds} rounds"
        raise InvalidArgument("rounds", expected=f"weights of condition at most {limit:.3g}", got=got, fix=fix)
    moved = change * polynomial(products, g)
    total = float(risk.total(g - moved, left + moved))
    return OptimalMixings(weights_of(products), g - moved, total, condition)


def _checked(risk: object, gains: ArrayLike, residuals: ArrayLike | None, one: bool = False) -> tuple[Array, Array]:
    if not isinstance(risk, QuadraticRisk):
        fix = "pass kd.risk.oracle_fixed_design(...) or kd.risk.oracle_random_design(...)"
        raise InvalidArgument("risk", expected="a QuadraticRisk", got=describe(risk), fix=fix)
    g, left = risk.checked(gains, residuals)
    if one and g.ndim != 1:
        fix = "pass one training's gains"
        raise InvalidArgument("gains", expected="an array of shape (modes,)", got=f"shape {g.shape}", fix=fix)
    return g, left
