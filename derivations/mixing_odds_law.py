r"""Derivation of C4, ``mixing-odds-law``: rounds with labels mixed in multiply the odds of the gain.

``python derivations/mixing_odds_law.py`` prints it. Every ``verified`` is computed by SymPy: an identity by simplifying
the difference of its sides to zero, a sign from the signs of its factors.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from kdtheory.claims import Derivation, Step, zero

g, g0, x = sp.symbols("g g_0 x", real=True)
alpha, lam, c, t, z = sp.symbols("alpha lambda c t z", positive=True)
j = sp.symbols("j", integer=True, nonnegative=True)


def odds(gain: Any) -> Any:
    """What is learned over what is left."""
    return gain / (1 - gain)


def taught(gain: Any) -> Any:
    """Gain of the next round after one with ``gain``: training on the mixture of labels and outputs."""
    return g * (alpha + (1 - alpha) * gain)


def limit(gain: Any = g) -> Any:
    """The gain that repeats itself."""
    (fixed,) = sp.solve(sp.Eq(x, gain * (alpha + (1 - alpha) * x)), x)
    return fixed


def after(rounds: Any) -> Any:
    """Gain after that many rounds, from a teacher with gain g_0."""
    return limit() + ((1 - alpha) * g) ** rounds * (g0 - limit())


def transient() -> list[Step]:
    """All rounds, and the limit."""
    return [
        Step(
            "The fixed point",
            "One round takes the gain x to g (alpha + (1 - alpha) x); one gain repeats itself.",
            r"g_\infty = \frac{\alpha g}{1 - (1 - \alpha) g}",
            zero(limit() - alpha * g / (1 - (1 - alpha) * g)) and zero(taught(limit()) - limit()),
        ),
        Step(
            "The transient, begun",
            "At round 0 the formula is the teacher's gain, whatever it is.",
            r"g_\infty + (g_0 - g_\infty) = g_0",
            zero(after(0) - g0),
        ),
        Step(
            "The transient, continued",
            "One more round takes the formula of round j to that of round j + 1.",
            r"g \bigl(\alpha + (1 - \alpha) g_j\bigr) = g_\infty + \bigl((1 - \alpha) g\bigr)^{j + 1} (g_0 - g_\infty)",
            zero(sp.expand_power_exp(taught(after(j)) - after(j + 1))),
        ),
        Step(
            "Contraction",
            "Every round multiplies every distance by the same factor.",
            r"\frac{d}{dx}\, g \bigl(\alpha + (1 - \alpha) x\bigr) = (1 - \alpha) g",
            zero(sp.diff(taught(x), x) - (1 - alpha) * g),
        ),
        Step(
            "Without labels",
            "With alpha = 0 every round multiplies by the gain.",
            r"\alpha = 0:\quad g_j = g^j g_0",
            zero(after(j).subs(alpha, 0) - g**j * g0) and zero(limit().subs(alpha, 0)),
        ),
    ]


def law() -> list[Step]:
    """The odds, and which way they move."""
    e = 1 - g
    return [
        Step(
            "The odds law",
            "What is learned over what is left is multiplied by the label weight.",
            r"\frac{g_\infty}{1 - g_\infty} = \alpha\, \frac{g}{1 - g}",
            zero(odds(limit()) - alpha * odds(g)),
        ),
        Step(
            "The residual",
            "Without cancellation: e = 1 - g is known directly, and for 0 < g < 1 the denominator is a sum of positive "
            "terms.",
            r"1 - g_\infty = \frac{e}{e + \alpha g},\quad g_\infty = \frac{\alpha g}{e + \alpha g},\quad e = 1 - g",
            zero(1 - limit() - e / (e + alpha * g)) and zero(limit() - alpha * g / (e + alpha * g)),
        ),
        Step(
            "More or less regularization",
            "For 0 < g < 1 the limit is below the gain of one training if alpha < 1, above it if alpha > 1.",
            r"g_\infty - g = -\frac{(1 - \alpha)\, g (1 - g)}{1 - (1 - \alpha) g}",
            zero(limit() - g + (1 - alpha) * g * (1 - g) / (1 - (1 - alpha) * g)),
        ),
    ]


def ridge() -> Step:
    """Ridge stays ridge."""
    return Step(
        "Ridge",
        "The limit of ridge rounds is ridge with the penalty divided by the label weight.",
        r"g = \frac{\lambda}{\lambda + c} \;\Rightarrow\; g_\infty = \frac{\lambda}{\lambda + c / \alpha}",
        zero(limit(lam / (lam + c)) - lam / (lam + c / alpha)),
    )


def flow() -> list[Step]:
    """Gradient flow does not stay gradient flow."""
    gain = 1 - sp.exp(-z)
    psi = sp.log(1 + alpha * (sp.exp(z) - 1))
    # d/dz (psi / z) = rise / z^2
    rise = z * sp.diff(psi, z) - psi
    curvature = alpha * (1 - alpha) * sp.exp(z) / (1 + alpha * (sp.exp(z) - 1)) ** 2
    positive = (alpha * sp.exp(z)).is_positive and sp.diff(sp.exp(z) - 1, z).is_positive
    return [
        Step(
            "Gradient flow",
            "The limit at progress z = lambda t.",
            r"g = 1 - e^{-z} \;\Rightarrow\; g_\infty = \frac{e^z - 1}{e^z - 1 + 1 / \alpha}",
            zero(limit(gain) - (sp.exp(z) - 1) / (sp.exp(z) - 1 + 1 / alpha)),
        ),
        Step(
            "Its progress",
            "The limit is gradient flow that has come to the progress psi(z), in this mode.",
            r"1 - g_\infty = e^{-\psi(z)},\quad \psi(z) = \log\bigl(1 + \alpha (e^z - 1)\bigr)",
            zero(1 - limit(gain) - sp.exp(-psi)),
        ),
        Step(
            "The time grows with the eigenvalue",
            "The slope of psi(z) / z has the sign of z psi' - psi, which starts at 0 and whose own slope is z psi''. "
            "psi'' has the sign of 1 - alpha.",
            r"\frac{d}{dz} \frac{\psi}{z} = \frac{z \psi' - \psi}{z^2},\quad (z \psi' - \psi)' = z \psi'',\quad "
            r"\psi'' = \frac{\alpha (1 - \alpha) e^z}{(1 + \alpha (e^z - 1))^2}",
            zero(sp.diff(psi / z, z) - rise / z**2)
            and zero(sp.diff(rise, z) - z * sp.diff(psi, z, 2))
            and zero(sp.diff(psi, z, 2) - curvature)
            and rise.subs(z, 0) == 0
            and bool(positive),
        ),
        Step(
            "From the label weight to one",
            "Small modes are trained for alpha t, large modes for t.",
            r"\lim_{z \to 0} \frac{\psi(z)}{z} = \psi'(0) = \alpha,\quad "
            r"\psi(z) - z = \log(\alpha + (1 - \alpha) e^{-z}) \to \log \alpha",
            psi.subs(z, 0) == 0
            and zero(sp.diff(psi, z).subs(z, 0) - alpha)
            and zero(sp.exp(psi - z) - (alpha + (1 - alpha) * sp.exp(-z)))
            and zero(sp.limit(alpha + (1 - alpha) * sp.exp(-z), z, sp.oo) - alpha),
        ),
    ]


def prove() -> Derivation:
    """All steps."""
    return Derivation(
        claim="mixing-odds-law",
        steps=(*transient(), *law(), ridge(), *flow()),
        not_carried=(
            "That squared loss lets the modes of the Gram matrix evolve apart (the spectral theorem).",
            "Induction over the rounds, and that powers of q go to zero exactly if |q| < 1.",
            "From the sign of a derivative to monotonicity.",
        ),
    )


if __name__ == "__main__":
    print(prove())
