r"""Derivation of C2h, ``many-stages-lag-more``: depths of two modes along a family.

``python derivations/many_stages_lag_more.py`` prints it. Every ``verified`` is computed by SymPy.

The depth of a mode is minus the log of its gain. ``psi(x)`` is the depth of the lower mode where the leading one has
the depth x.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from kdtheory.claims import Derivation, Step, zero

x, y, z, m, r, p, t = sp.symbols("x y z m r p t", positive=True)
u, v = sp.symbols("u v", positive=True)


def E_flow(gain: Any) -> Any:
    """Elasticity of gradient flow at a gain."""
    return -(1 - gain) * sp.log(1 - gain) / gain


def depth_of_ridge(depth: Any) -> Any:
    """Depth of the lower mode under ridge: its odds are those of the leading one times r."""
    return sp.log(1 + (sp.exp(depth) - 1) / r)


def depth_of_flow(depth: Any) -> Any:
    """Depth of the lower mode under gradient flow."""
    return -sp.log(1 - (1 - sp.exp(-depth)) ** r)


def paths() -> list[Step]:
    """Depths as solutions of one differential equation."""
    E: Any = sp.Function("E", positive=True)
    one, two = (sp.Function(name, positive=True)(t) for name in ("x_1", "x_2"))
    along: Any = {sp.Derivative(one, t): E(one), sp.Derivative(two, t): E(two)}
    quotient = sp.diff(sp.log(two / one), t).subs(along)
    psi = sp.Function("psi", positive=True)
    share = sp.diff(m * psi(x / m), m)
    gain = sp.Function("F", positive=True)
    slope = -z * sp.diff(sp.log(gain(z)), z)
    return [
        Step(
            "Depths grow towards lower modes",
            "Going down by t in the log of the eigenvalue, the depth x of a mode grows by its elasticity: x' = E.",
            r"\frac{d}{dt} \bigl(-\log F(e^{-t} z)\bigr) = \frac{z F'(z)}{F(z)} = E",
            zero(slope + z * sp.diff(gain(z), z) / gain(z)),
        ),
        Step(
            "Deeper modes grow by a smaller factor",
            "Of two depths x_1 < x_2 the log ratio changes by E(x_2)/x_2 - E(x_1)/x_1. If E / log(1/u) increases with "
            "u, it falls with x = log(1/u), so this is negative: psi(x) / x falls strictly with x.",
            r"\frac{d}{dt} \log\frac{x_2}{x_1} = \frac{E(x_2)}{x_2} - \frac{E(x_1)}{x_1}",
            zero(quotient - (E(two) / two - E(one) / one)),
        ),
        Step(
            "Equal stages",
            "m equal stages of the depth x / m have the depth m psi(x/m) on the lower mode. With y = x / m this is x "
            "psi(y) / y, which grows as y falls: its slope in m is psi - y psi' > 0.",
            r"\frac{\partial}{\partial m}\, m\, \psi(x/m) = \psi(y) - y\, \psi'(y)",
            zero((share - (psi(x / m) - x / m * sp.diff(psi(y), y).subs(y, x / m))).doit()),
        ),
        Step(
            "Any stages",
            "A function with psi(x)/x falling is strictly subadditive.",
            r"\psi(x) + \psi(y) - \psi(x+y) = x (q(x) - q(x+y)) + y (q(y) - q(x+y)),\quad q = \psi(x)/x",
            _subadditive(),
        ),
    ]


def _subadditive() -> bool:
    q: Any = sp.Function("q", positive=True)
    split = x * q(x) + y * q(y) - (x + y) * q(x + y)
    return bool(sp.expand(split - x * (q(x) - q(x + y)) - y * (q(y) - q(x + y))) == 0)


def bounds() -> list[Step]:
    """The lower bound, and the limits of many stages."""
    slope = sp.diff(depth_of_ridge(x), x).subs(x, 0)
    small = sp.symbols("epsilon", positive=True)
    tail = sp.limit(sp.log(1 - small) / -small, small, 0, "+")
    flow = sp.limit(depth_of_flow(-sp.log(1 - small)).subs(r, sp.Rational(1, 2)) / sp.sqrt(small), small, 0, "+")
    falls = sp.diff(E_flow(u), u)
    return [
        Step(
            "The lower bound, two stages",
            "The log of the ratio changes by E(u) + E(v) - E(uv) per unit of t; with E falling, E(u) <= E(uv), and "
            "E(v) <= 1: at most 1, so it stays below t = log(1/r). Stage by stage, m - 1 times.",
            r"\frac{d}{dt}\bigl(\psi(x) + \psi(y) - \psi(x + y)\bigr) = E(u) + E(v) - E(uv) \le E(v) \le 1",
            zero(falls - (u + sp.log(1 - u)) / u**2)
            and bool(sp.limit(E_flow(u), u, 0, "+") == 1)
            and zero(sp.diff(u + sp.log(1 - u), u) + u / (1 - u))
            and (u + sp.log(1 - u)).subs(u, 0) == 0,
        ),
        Step(
            "The limit of ridge",
            "m psi(x/m) tends to x psi'(0), which is x / r.",
            r"\psi(x) = \log\bigl(1 + (e^x - 1)/r\bigr),\qquad \psi'(0) = 1/r",
            zero(slope - 1 / r),
        ),
        Step(
            "The limit of tails of order p",
            "A small depth is the tail 1 - F ~ z^(-p), which is r^(-p) times as large on the lower mode.",
            r"-\log(1 - T) \sim T,\qquad \frac{(r z)^{-p}}{z^{-p}} = r^{-p}",
            bool(tail == 1) and zero((r * z) ** -p / z**-p - r**-p),
        ),
        Step(
            "Gradient flow loses lower modes altogether",
            "A small depth x comes with e^{-z} ~ x, and the lower mode's depth is about x^r, so that m (x/m)^r grows "
            "like m^(1-r) (shown for r = 1/2).",
            r"\psi(x) = -\log\bigl(1 - (1 - e^{-x})^r\bigr) \sim x^r",
            bool(flow == 1),
        ),
    ]


def prove() -> Derivation:
    """All steps."""
    return Derivation(
        claim="many-stages-lag-more",
        steps=(*paths(), *bounds()),
        not_carried=(
            "From the sign of a derivative to monotonicity.",
            "That E(u) / log(1/u) increases for gradient flow, ridge and iterated ridge: "
            "`which-procedures-exaggerate`.",
            "The last step for other ratios than 1/2.",
        ),
    )


if __name__ == "__main__":
    print(prove())
