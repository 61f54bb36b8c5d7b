r"""Derivation of C0b, ``stable-formulas``: the rearranged forms are the textbook forms.

``python derivations/stable_formulas.py`` prints it. Every ``verified`` is computed by SymPy. What the rearranged forms
keep of sixteen digits is measured (by the claim's check), not derived.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from kdtheory.claims import Derivation, Step, zero

z, t, g, h, x, y, k = sp.symbols("z t g h x y k", positive=True)
lam, w, a, b, xi, mu = sp.symbols("lambda w a b xi mu", positive=True)


def slow(friction: Any, omega: Any, eigenvalue: Any) -> Any:
    """The slow rate of an over-damped oscillator, without a difference."""
    return eigenvalue / (friction / 2 + omega)


def homogeneous(order: int, total: Any, product: Any) -> Any:
    """Sum of all monomials of that order in two variables, from their sum and product."""
    before, here = sp.S.Zero, sp.S.One
    for _ in range(order):
        before, here = here, total * here - product * before
    return sp.expand(here)


def rates() -> list[Step]:
    """Exponentials, powers, slow rates."""
    omega = sp.symbols("omega", positive=True)
    eigenvalue = g**2 / 4 - omega**2
    s1, s2 = slow(g, omega, eigenvalue), g / 2 + omega
    s1 = sp.cancel(s1)
    gain = (s2 * (1 - sp.exp(-s1 * t)) - s1 * (1 - sp.exp(-s2 * t))) / (s2 - s1)
    stated = 1 - sp.exp(-g * t / 2) * (sp.cosh(omega * t) + g / (2 * omega) * sp.sinh(omega * t))
    p1, p2 = sp.symbols("p_1 p_2")
    distances = sp.expand((1 - p1) * (1 - p2) - (1 - (p1 + p2) + p1 * p2))
    return [
        Step(
            "Powers through logarithms",
            "(1 - h)^k is the exponential of k log1p(-h), and one less it expm1 of the same.",
            r"1 - (1 - h)^k = -\mathrm{expm1}\bigl(k\, \mathrm{log1p}(-h)\bigr)",
            zero(sp.exp(k * sp.log(z)) - z**k) and zero((1 - h).subs(h, 1 - z) - z),
        ),
        Step(
            "The slow rate",
            "The product of the two rates is the eigenvalue: the slow one is a quotient, not a difference.",
            r"\frac{g}{2} - \omega = \frac{\lambda}{g/2 + \omega},\quad \omega^2 = \frac{g^2}{4} - \lambda",
            zero(sp.simplify(s1 - (g / 2 - omega))),
        ),
        Step(
            "Over-damped flow",
            "A sum of what two exponentials have lost.",
            r"1 - e^{-gt/2} (\cosh \omega t + \tfrac{g}{2\omega} \sinh \omega t) ="
            r" \frac{s_2 (1 - e^{-s_1 t}) - s_1 (1 - e^{-s_2 t})}{s_2 - s_1}",
            zero(sp.powsimp(sp.expand(sp.simplify((gain - stated).rewrite(sp.exp))))),
        ),
        Step(
            "Steps of momentum",
            "The distances of the two roots from one have the product h: of heavy ball and of Nesterov's method.",
            r"(1 - p_1)(1 - p_2) = 1 - (1 + \mu - h) + \mu = 1 - (1 - h)(1 + \mu) + (1 - h) \mu = h",
            distances == 0
            and zero(1 - (1 + mu - h) + mu - h)
            and zero(sp.expand(1 - (1 - h) * (1 + mu) + (1 - h) * mu) - h),
        ),
    ]


def series() -> list[Step]:
    """What is used where rates meet, or are small."""
    monomials = all(
        zero(homogeneous(n, x + y, x * y) - sum(x**i * y ** (n - i) for i in range(n + 1))) for n in range(6)
    )
    second = (sp.exp(-x) - 1) / (x * (x - y)) + (sp.exp(-y) - 1) / (y * (y - x))
    expansion: Any = sum((-1) ** n * homogeneous(n, x + y, x * y) / sp.factorial(n + 2) for n in range(5))
    error = sp.expand(sp.series(second.subs({x: a * t, y: b * t}), t, 0, 4).removeO())
    n = sp.symbols("n", integer=True, nonnegative=True)
    term = (-1) ** n / (sp.factorial(n + 1) * sp.factorial(n + 2))
    early = sum(term.subs(n, i) * (x**2 / 4) ** (i + 1) for i in range(4))
    bessel = sp.series(1 - 2 * sp.besselj(1, x) / x, x, 0, 9).removeO()
    return [
        Step(
            "Where two rates meet",
            "A second difference is a power series in the sum and product of the rates, whose terms come from one "
            "another: nothing is divided by their distance.",
            r"h_n = (a + b) h_{n-1} - a b\, h_{n-2},\qquad"
            r" \frac{e^{-a} - 1}{a (a - b)} + \frac{e^{-b} - 1}{b (b - a)} = \sum_n \frac{(-1)^n h_n(a, b)}{(n + 2)!}",
            monomials
            and zero(error - sum(sp.expand(expansion.subs({x: a * t, y: b * t})).coeff(t, i) * t**i for i in range(4))),
        ),
        Step(
            "Averaged flow at short times",
            "The case of one rate 0.",
            r"1 - \frac{1 - e^{-z}}{z} = z \varphi_2(z),\quad \varphi_2 = \sum_n \frac{(-z)^n}{(n+2)!}",
            zero(
                sp.series(1 - (1 - sp.exp(-z)) / z, z, 0, 6).removeO()
                - z * sum((-z) ** i / sp.factorial(i + 2) for i in range(5))
            ),
        ),
        Step(
            "Nesterov flow at short times",
            "The Bessel function's own series, without its first term.",
            r"1 - \frac{2 J_1(x)}{x} = \sum_n \frac{(-1)^n (x/2)^{2n+2}}{(n+1)!\,(n+2)!}",
            zero(early - bessel),
        ),
    ]


def mixtures() -> list[Step]:
    """Matched progress, decay, label mixing."""
    left = sp.exp(-a) + (1 - sp.exp(-a)) * sp.exp(-b)
    gain = lam / (lam + w)
    residual = 1 - gain
    limit = (1 - xi) * gain / (1 - xi * gain)
    return [
        Step(
            "Matched progress",
            "What the product of two gains leaves is a sum of positive numbers.",
            r"1 - (1 - e^{-a})(1 - e^{-b}) = e^{-a} + (1 - e^{-a}) e^{-b}",
            zero(1 - (1 - sp.exp(-a)) * (1 - sp.exp(-b)) - left),
        ),
        Step(
            "Weight decay",
            "What is left is what is retained and what decay takes, both positive.",
            r"1 - \frac{\lambda}{\lambda + w} (1 - q) = q + \frac{w}{\lambda + w} (1 - q)",
            zero(1 - gain * (1 - z) - z - w / (lam + w) * (1 - z)),
        ),
        Step(
            "Labels mixed in",
            "The limit of rounds from gain and residual, without one less the gain.",
            r"1 - g_\infty = \frac{1 - g}{(1 - g) + (1 - \xi) g}",
            zero(1 - limit - residual / (residual + (1 - xi) * gain)),
        ),
    ]


def prove() -> Derivation:
    """All steps."""
    return Derivation(
        claim="stable-formulas",
        steps=(*rates(), *series(), *mixtures()),
        not_carried=(
            "How many digits the rearranged forms keep: that is measured against 80 digits.",
            "The truncation of the series, whose first term left out is below 1e-16 of the first where they are used.",
        ),
        method="computer algebra (SymPy); the digits are measured, in 80-digit arithmetic, by the claim's check",
    )


if __name__ == "__main__":
    print(prove())
