r"""Derivation of C8d, ``ridge-is-special``: which families are distilled along their own path.

``python derivations/ridge_is_special.py`` prints it. Every ``verified`` is computed by SymPy.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from kdtheory.claims import Derivation, Step, zero

z, kappa, z0, lam, s = sp.symbols("z kappa z_0 lambda s", positive=True)
b1, b2, r1, r2, x = sp.symbols("b_1 b_2 r_1 r_2 x", positive=True)
F = sp.Function("F")


def slope(gain: Any) -> Any:
    """Of log-odds against log-eigenvalue: speed along the path over that of distillation."""
    return z * sp.diff(gain, z) / (gain * (1 - gain))


def power() -> Any:
    """The gain whose odds are a power."""
    return (z / z0) ** kappa / (1 + (z / z0) ** kappa)


def flow() -> Any:
    """The gain of gradient flow."""
    return 1 - sp.exp(-z)


def iterated() -> Any:
    """The gain of Tikhonov regularization, iterated twice."""
    return 1 - (1 + z) ** -2


def path() -> list[Step]:
    """Families that stay on their path."""
    odds = sp.Function("omega")
    gain = odds(z) / (1 + odds(z))
    equation = sp.Eq(z * sp.diff(odds(z), z), kappa * odds(z))
    solved: Any = sp.dsolve(equation, odds(z))
    solution = solved.rhs
    constant = next(iter(solution.free_symbols - {z, kappa}))
    return [
        Step(
            "Two directions",
            "The path moves gains by z F' per log of the scale; infinitesimal distillation takes F (1 - F) away.",
            r"s \frac{d}{ds} F(\lambda s) = z F'(z),\quad \frac{d}{d \xi} F (1 - \xi (1 - F)) = -F (1 - F)",
            zero(s * sp.diff(F(lam * s), s).doit() - (z * sp.diff(F(z), z)).subs(z, lam * s).doit())
            and zero(sp.diff(F(z) * (1 - x * (1 - F(z))), x) + F(z) * (1 - F(z))),
        ),
        Step(
            "Odds",
            "The ratio of the two is the slope of the log-odds; one ratio for all eigenvalues and scales is constant.",
            r"\frac{z F'}{F (1 - F)} = z \frac{d}{dz} \log \frac{F}{1 - F} = z \frac{\omega'}{\omega}",
            zero(slope(gain) - z * sp.diff(odds(z), z) / odds(z)),
        ),
        Step(
            "The families on their path",
            "A constant slope of log-odds gives a power, and nothing else: the equation is linear in the odds.",
            r"z \omega' = \kappa \omega \;\Rightarrow\; \omega = (z / z_0)^\kappa",
            zero(solution / z**kappa - constant) and zero(slope(power()) - kappa),
        ),
        Step(
            "Ridge among them",
            "The gain of small eigenvalues is proportional to them only for power 1, which is ridge.",
            r"\frac{F(z)}{z} \approx z_0^{-\kappa} z^{\kappa - 1},\quad \kappa = 1:\; F = \frac{z}{z + z_0}",
            zero(sp.limit(power() / (z / z0) ** kappa, z, 0) - 1) and zero(power().subs(kappa, 1) - z / (z + z0)),
        ),
    ]


def rule() -> list[Step]:
    """Families that leave it."""
    # Slopes r1 > r2 of the log-odds; distillation's part of the risk is -1 on mode 1 and y on mode 2.
    y = sp.sqrt(r1 / r2)
    helps, rises = y - 1, r2 * y - r1
    rising = sp.exp(z) - 1 - z
    return [
        Step(
            "A problem that breaks the rule",
            "If slopes differ, there is room between: by the slopes risk falls with training, by the sum with "
            "distillation. Any parts can be had: s^2 g - c^2 (1 - g) is any number up to s^2 g.",
            r"y = \sqrt{r_1 / r_2} > 1:\quad r_2 y - r_1 = -\sqrt{r_1 r_2}\,(y - 1) < 0 < y - 1",
            zero(rises + sp.sqrt(r1 * r2) * helps) and bool(sp.sqrt(r1 * r2).is_positive),
        ),
        Step(
            "Gradient flow",
            "Its slope rises strictly: the numerator vanishes at 0 and rises.",
            r"\frac{d}{dz} \frac{z}{1 - e^{-z}} = \frac{e^{-z} (e^z - 1 - z)}{(1 - e^{-z})^2},"
            r"\quad (e^z - 1 - z)' = e^z - 1 > 0",
            zero(slope(flow()) - z / (1 - sp.exp(-z)))
            and zero(
                sp.diff(z / (1 - sp.exp(-z)), z)
                - sp.exp(-z) * rising / (1 - sp.exp(-z)) ** 2
            )
            and rising.subs(z, 0) == 0
            and zero(sp.diff(rising, z) - (sp.exp(z) - 1))
            and bool(sp.diff(sp.exp(z) - 1, z).is_positive),
        ),
        Step(
            "Tikhonov iterated twice",
            "Its slope rises strictly from 1 to 2.",
            r"\frac{2 (1 + z)}{2 + z},\quad \frac{d}{dz} = \frac{2}{(2 + z)^2} > 0",
            zero(slope(iterated()) - 2 * (1 + z) / (2 + z))
            and zero(sp.diff(2 * (1 + z) / (2 + z), z) - 2 / (2 + z) ** 2)
            and bool((2 / (2 + z) ** 2).is_positive),
        ),
    ]  # fmt: skip


def prove() -> Derivation:
    """All steps."""
    return Derivation(
        claim="ridge-is-special",
        steps=(*path(), *rule()),
        not_carried=(
            "That a ratio which depends on the scale alone is constant: z takes all values at one scale.",
            "That solutions of a linear equation of first order are unique up to a factor.",
            "From the sign of a derivative to monotonicity.",
        ),
    )


if __name__ == "__main__":
    print(prove())
