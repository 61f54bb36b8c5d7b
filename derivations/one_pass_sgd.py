r"""Derivation of C11d, ``one-pass-sgd``: moments of one step on a fresh Gaussian sample, and the horizon.

``python derivations/one_pass_sgd.py`` prints it. Every ``verified`` is computed by SymPy: expectations are integrals
over
two independent standard normal numbers, which carry the off-diagonal and both diagonal entries.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import sympy as sp

from kdtheory.claims import Derivation, Step, zero

u, v, e1, e2 = sp.symbols("u v e_1 e_2", real=True)
eta, s, l1, l2 = sp.symbols("eta s lambda_1 lambda_2", positive=True)
m11, m12, m22 = sp.symbols("M_11 M_12 M_22", real=True)
n = sp.symbols("N", positive=True, integer=True)
z = sp.symbols("z", positive=True)
S, M = sp.diag(l1, l2), sp.Matrix([[m11, m12], [m12, m22]])


def mean(expression: Any) -> Any:
    """Over two independent standard normal numbers u and v: moment by moment of the polynomial."""
    total = 0
    for (i, j), factor in sp.Poly(sp.expand(expression), u, v).terms():
        total += factor * _moment(i) * _moment(j)
    return sp.expand(total)


@cache
def _moment(order: int) -> Any:
    weight = sp.exp(-(u**2) / 2) / sp.sqrt(2 * sp.pi)
    return sp.integrate(u**order * weight, (u, -sp.oo, sp.oo))


def sample() -> Any:
    """A sample of covariance S."""
    return sp.Matrix([sp.sqrt(l1) * u, sp.sqrt(l2) * v])


def stepped() -> Any:
    """M after one step, as the statement has it."""
    return M - eta * (S * M + M * S) + eta**2 * (2 * S * M * S + (S * M).trace() * S + s**2 * S)


def literal() -> Any:
    """M after one step, by the expectation of the step; the noise is independent with mean zero."""
    x = sample()
    move = sp.eye(2) - eta * x * x.T
    return (move * M * move.T + eta**2 * s**2 * x * x.T).applyfunc(mean)


def prove() -> Derivation:
    """All steps."""
    x = sample()
    fourth = (x * x.T * M * x * x.T).applyfunc(mean)
    drift = ((sp.eye(2) - eta * x * x.T) * sp.Matrix([e1, e2])).applyfunc(mean)
    h = 1 - 2 ** (-1 / n)
    a = sp.log(2) / n
    h1, more = eta * l1, sp.symbols("N_2", positive=True, integer=True)
    taught = (1 - (1 - h1) ** n) * e1
    steps = (
        Step(
            "The mean",
            "One step on a fresh sample contracts the mean error by I - eta S.",
            r"E[e'] = (I - \eta S)\, E[e]",
            (drift - (sp.eye(2) - eta * S) * sp.Matrix([e1, e2])).applyfunc(sp.expand).is_zero_matrix is True,
        ),
        Step(
            "Gaussian fourth moments",
            "By integrals over the normal density.",
            r"E[x x^\top M x x^\top] = 2 S M S + \mathrm{tr}(S M)\, S",
            (fourth - 2 * S * M * S - (S * M).trace() * S).applyfunc(sp.expand).is_zero_matrix is True,
        ),
        Step(
            "The second moment",
            "The whole step.",
            r"M' = M - \eta (S M + M S) + \eta^2 \bigl(2 S M S + \mathrm{tr}(S M) S + s^2 S\bigr)",
            (literal() - stepped()).applyfunc(sp.expand).is_zero_matrix is True,
        ),
        Step(
            "The diagonal moves by itself",
            "Entries off the diagonal enter no entry on it.",
            r"m_k' = \bigl((1 - \eta \lambda_k)^2 + \eta^2 \lambda_k^2\bigr) m_k + \eta^2 \lambda_k "
            r"\bigl(\textstyle\sum_j \lambda_j m_j + s^2\bigr)",
            zero(sp.diff(stepped()[0, 0], m12))
            and zero(
                stepped()[0, 0]
                - ((1 - eta * l1) ** 2 + eta**2 * l1**2) * m11
                - eta**2 * l1 * (l1 * m11 + l2 * m22 + s**2)
            ),
        ),
        Step(
            "The horizon",
            "Where the mean gain is one half.",
            r"1 - (1 - h)^N = \tfrac12 \iff h = 1 - 2^{-1/N}",
            zero(1 - (1 - h) ** n - sp.Rational(1, 2)) and zero(h - (1 - sp.exp(-a))),
        ),
        Step(
            "Its bounds",
            "For z > 0, z - z^2 / 2 < 1 - exp(-z) < z: differences that are 0 at 0 and increase.",
            r"z - \tfrac12 z^2 < 1 - e^{-z} < z",
            _rises(z - 1 + sp.exp(-z), 1) and _rises(1 - sp.exp(-z) - z + z**2 / 2, 2),
        ),
        Step(
            "The student's mean",
            "Its error from the teacher starts at minus the teacher's weights and contracts, given these: gains "
            "multiply.",
            r"E[b_S] = \bigl(1 - (1 - \eta \lambda)^{N'}\bigr) \bigl(1 - (1 - \eta \lambda)^N\bigr)\, b^*",
            zero(-((1 - h1) ** more) * taught + taught - (1 - (1 - h1) ** more) * (1 - (1 - h1) ** n) * e1),
        ),
        Step(
            "The student's second moment",
            "From that of its error (m) and of the teacher's weights (q), with -(1 - g) q for their product.",
            r"E[b_S^2] = m - 2 (1 - g) q + q = m + (2 g - 1) q",
            zero(sp.expand((e2 + e1) ** 2).subs(e2 * e1, -(1 - z) * e1**2) - e2**2 - (2 * z - 1) * e1**2),
        ),
    )
    return Derivation(
        claim="one-pass-sgd",
        steps=steps,
        not_carried=(
            "Induction over the steps; independence of a fresh sample from the weights.",
            "More than two directions: fourth moments of Gaussian numbers involve two at a time in these entries.",
        ),
    )


def _rises(function: Any, order: int) -> bool:
    """Zero at 0 with its derivatives below ``order``, and a positive derivative of that order for z > 0."""
    flat = all(zero(sp.diff(function, z, i).subs(z, 0)) for i in range(order))
    last = sp.simplify(sp.diff(function, z, order))
    return flat and bool(sp.simplify(last.subs(z, sp.log(1 + n)) * (1 + n)).is_positive)


if __name__ == "__main__":
    print(prove())
