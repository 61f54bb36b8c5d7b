r"""Derivation of C7d, ``noise-floor``: SGD on labels mixed with a realisable teacher.

``python derivations/noise_floor.py`` prints it. Every ``verified`` is computed by SymPy: an identity by
simplifying the difference of its sides to zero, a sign from the signs of its factors.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from kdtheory.claims import Derivation, Step, zero

eta = sp.symbols("eta", positive=True)
xi, y = sp.symbols("xi y", real=True)


def vector(name: str) -> Any:
    """A column of two symbols."""
    return sp.Matrix(sp.symbols(f"{name}_1 {name}_2", real=True))


def floor_factor() -> Any:
    """By what the noise of SGD is multiplied."""
    return (1 - xi) ** 2


def floor() -> list[Step]:
    """Constant-step SGD."""
    x, least, teacher, e = vector("x"), vector("b"), vector("q"), vector("e")
    r = sp.symbols("r", real=True)
    mixed = (1 - xi) * y + xi * (x.T * teacher)[0]
    center = least + xi * (teacher - least)
    left, own = mixed - (x.T * center)[0], y - (x.T * least)[0]

    def step(error: Any, residual: Any) -> Any:
        """One step of the deviation from the center."""
        return error - eta * x * ((x.T * error)[0] - residual)

    b = center + e
    literal = b - eta * x * ((x.T * b)[0] - mixed) - center
    M = sp.Matrix([[sp.Symbol("m_11"), sp.Symbol("m_12")], [sp.Symbol("m_12"), sp.Symbol("m_22")]])
    shrink = sp.eye(2) - eta * x * x.T
    equation = M - shrink * M * shrink - eta**2 * r**2 * x * x.T
    f = floor_factor()
    scaled = f * M - shrink * f * M * shrink - eta**2 * ((1 - xi) * r) ** 2 * x * x.T
    G, C = vector("g"), vector("c")
    best = (G.T * C)[0] / (C.T * C)[0]
    variance = ((G - xi * C).T * (G - xi * C))[0]
    return [
        Step(
            "The residuals",
            "At the center each is 1 - xi times that of least squares; so their sum against x is zero again: it is "
            "the least-squares solution of the mixed targets.",
            r"t - x \cdot (b_{LS} + \xi (b_T - b_{LS})) = (1 - \xi)(y - x \cdot b_{LS})",
            zero(left - (1 - xi) * own),
        ),
        Step(
            "The deviation from the center",
            "A step of SGD on one sample.",
            r"e \leftarrow (I - \eta x x^T)\, e + \eta\, (1 - \xi)\, r\, x",
            all(zero(entry) for entry in literal - step(e, (1 - xi) * own)),
        ),
        Step(
            "With the same samples",
            "It is linear in e and r together: with the same samples, 1 - xi times the deviations of labels are the "
            "deviations of the mixture.",
            r"(1 - \xi)\, e \leftarrow (1 - \xi) \left[ (I - \eta x x^T)\, e + \eta\, r\, x \right]",
            all(zero(entry) for entry in step((1 - xi) * e, (1 - xi) * r) - (1 - xi) * step(e, r)),
        ),
        Step(
            "The floor",
            "If M solves the equation of the stationary second moment for labels, (1 - xi)^2 M solves that of the "
            "mixture (term by term in the mean over samples).",
            r"M = E[(I - \eta x x^T) M (I - \eta x x^T)] + \eta^2 E[r^2 x x^T]",
            all(zero(entry) for entry in scaled - (1 - xi) ** 2 * equation),
        ),
        Step(
            "The control variate",
            "Centred gradients of samples at the point, G, and at the teacher, C: the mixture has G - xi C.",
            r"|G - \xi C|^2 = |G|^2 + |C|^2\, \xi\, (\xi - 2 \xi^*),\quad \xi^* = \langle G, C \rangle / |C|^2",
            zero(variance - (G.T * G)[0] - (C.T * C)[0] * xi * (xi - 2 * best)),
        ),
    ]


def prove() -> Derivation:
    """All steps."""
    return Derivation(
        claim="noise-floor",
        steps=tuple(floor()),
        not_carried=(
            "From two features to any number: the identities are linear in outer products of the same vectors.",
            "That the equation of the stationary second moment has one solution (its map contracts for stable steps), "
            "and that SGD tends to it.",
        ),
    )


if __name__ == "__main__":
    print(prove())
