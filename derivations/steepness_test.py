r"""Derivation of C8e, ``steepness-test``: the Hessian of the risk in penalty and mixing at the best ridge penalty.

``python derivations/steepness_test.py`` prints it. Every ``verified`` is computed by SymPy: the terms of one mode, of
which the risk is a sum, and the algebra of the sums.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from kdtheory.claims import Derivation, Step, zero

lam, c, s, penalty = sp.symbols("lambda c_k s c", positive=True)
u, xi = sp.symbols("u xi", real=True)
A, Q = sp.Symbol("A", positive=True), sp.Symbol("Q", real=True)


def gain(log_shift: Any = 0) -> Any:
    """Ridge's, penalty shifted in logs."""
    return lam / (lam + penalty * sp.exp(log_shift))


def student() -> Any:
    """Gain after one round."""
    g = gain(u)
    return g - xi * g * (1 - g)


def risk() -> Any:
    """Of one mode."""
    return (1 - student()) ** 2 * c**2 + student() ** 2 * s**2


def coefficient(by_log: int, by_weight: int) -> Any:
    """A derivative of the mode's risk at the best penalty and weight 0."""
    return sp.diff(risk(), *([u] * by_log), *([xi] * by_weight)).subs({u: 0, xi: 0})


def terms() -> dict[str, Any]:
    """Of one mode: what sums to A, to Q, and to the slope that vanishes at the best penalty."""
    g = gain()
    b, pull = g * (1 - g), s**2 * g - c**2 * (1 - g)
    return {"A": (c**2 + s**2) * b**2, "Q": pull * g * b, "slope": pull * b}


def hessian() -> Any:
    """Halved, as the statement has it."""
    return sp.Matrix([[A - 2 * Q, A - 2 * Q], [A - 2 * Q, A]])


def prove() -> Derivation:
    """All steps."""
    a, q, slope = (terms()[name] for name in ("A", "Q", "slope"))
    wiener = c**2 / (c**2 + s**2)
    matrix = hessian()
    steps = (
        Step(
            "Both slopes",
            "The risk has the same slope along the log of the penalty and along the weight: both vanish together.",
            r"\partial_u R = \partial_\xi R = -2 \sum b_k (s^2 g_k - c_k^2 (1 - g_k))",
            zero(coefficient(1, 0) + 2 * slope) and zero(coefficient(0, 1) + 2 * slope),
        ),
        Step(
            "Steepness",
            "The pull on a gain is its weighted distance from the Wiener gain.",
            r"s^2 g - c^2 (1 - g) = (c^2 + s^2)(g - a^*)",
            zero((c**2 + s**2) * (gain() - wiener) * gain() ** 2 * (1 - gain()) - q),
        ),
        Step(
            "Along the penalty",
            "Second order in the log of the penalty; the last term sums to zero.",
            r"\tfrac12 \partial_u^2 R = A - 2 Q + \sum b_k (s^2 g_k - c_k^2 (1 - g_k))",
            zero(coefficient(2, 0) / 2 - (a - 2 * q + slope)),
        ),
        Step(
            "Mixed",
            "One order in each; the last term sums to zero.",
            r"\tfrac12 \partial_u \partial_\xi R = A - 2 Q + \sum b_k (s^2 g_k - c_k^2 (1 - g_k))",
            zero(coefficient(1, 1) / 2 - (a - 2 * q + slope)),
        ),
        Step(
            "Along the weight",
            "Second order in the weight.",
            r"\tfrac12 \partial_\xi^2 R = A",
            zero(coefficient(0, 2) / 2 - a),
        ),
        Step(
            "The verdict",
            "The determinant factors. For Q < 0 it is negative though the penalty is best for ridge; between 0 and "
            "A / 2 both it and the trace are positive.",
            r"\det = 2 Q (A - 2 Q),\quad \mathrm{tr} = A + (A - 2 Q)",
            zero(matrix.det() - 2 * Q * (A - 2 * Q)) and zero(matrix.trace() - A - (A - 2 * Q)),
        ),
    )
    return Derivation(
        claim="steepness-test",
        steps=steps,
        not_carried=(
            "That a stationary point with a definite Hessian is a strict extremum, with an indefinite one a saddle.",
            "That A > 0: some mode has 0 < g < 1 and signal or noise.",
        ),
    )


if __name__ == "__main__":
    print(prove())
