r"""Derivation of C13, ``random-features-converge``: moments of feature products, the bound on filters, the bias.

``python derivations/random_features_converge.py`` prints it.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from kdtheory.claims import Derivation, Step, zero

theta, x = sp.symbols("theta x", positive=True)
rho, lam, big_t, s, w, t = sp.symbols("rho lambda T s w t", positive=True)
phi = sp.symbols("phi", real=True)


def radial(power: int) -> Any:
    """Expectation of the 2 * power-th moment of the length of a standard Gaussian vector in the plane."""
    return sp.integrate(rho ** (2 * power) * rho * sp.exp(-(rho**2) / 2), (rho, 0, sp.oo))


def angular(power: int) -> Any:
    """Mean over directions of the product of the two positive cosines, to a power."""
    product = sp.expand(sp.expand_trig(sp.cos(phi) * sp.cos(phi - theta)) ** power)
    return sp.integrate(product, (phi, theta - sp.pi / 2, sp.pi / 2)) / (2 * sp.pi)


def kernel() -> Any:
    """Of unit vectors at the angle."""
    return (sp.sin(theta) + (sp.pi - theta) * sp.cos(theta)) / sp.pi


def second_kernel() -> Any:
    """Order two."""
    even = 3 * sp.sin(theta) * sp.cos(theta) + (sp.pi - theta) * (1 + 2 * sp.cos(theta) ** 2)
    return even / sp.pi


def prove() -> Derivation:
    """All steps."""
    p, q = sp.symbols("p q", positive=True)
    slope = sp.diff((1 - sp.exp(-lam * big_t)) * (1 - sp.exp(-lam * s)), lam)
    transform = sp.Rational(1, 2) + sp.integrate(sp.exp(-(t + sp.Rational(1, 2)) * w**2), (w, 0, sp.oo)) / sp.sqrt(
        2 * sp.pi
    )
    fourth = sp.integrate(w**4 * sp.exp(-(w**2) / 2), (w, 0, sp.oo)) / sp.sqrt(2 * sp.pi)
    squared = sp.integrate(w**2 * sp.exp(-(w**2) / 2), (w, 0, sp.oo)) / sp.sqrt(2 * sp.pi)
    return Derivation(
        claim="random-features-converge",
        steps=(
            Step(
                "The kernel",
                "The expectation in the plane of the two inputs, over lengths and directions.",
                r"E\, 2 (w \cdot x)_+ (w \cdot x')_+ = \frac{1}{\pi} (\sin\theta + (\pi - \theta) \cos\theta)",
                zero(2 * radial(1) * angular(1) - kernel()),
            ),
            Step(
                "The second moment",
                "The square of the product is twice the kernel of order two.",
                r"E\, 4 (w \cdot x)_+^2 (w \cdot x')_+^2 = 2 k_2",
                zero(sp.expand_trig(sp.expand(4 * radial(2) * angular(2) - 2 * second_kernel()))),
            ),
            Step(
                "Of one input",
                "The variance is five times the squared kernel.",
                r"4 E (w)_+^4 - (2 E (w)_+^2)^2 = 5",
                zero(4 * fourth - (2 * squared) ** 2 - 5)
                and zero(sp.limit(2 * second_kernel() - kernel() ** 2, theta, 0) - 5),
            ),
            Step(
                "The slope of the distilled gain",
                "With p, q between 0 and 1 the two weights sum to at most 1, so that the slope is at most the longer "
                "time.",
                r"a' = T p (1 - q) + s q (1 - p),\quad 1 - p(1 - q) - q(1 - p) = (1 - p)(1 - q) + p q \ge 0",
                zero(
                    slope.subs(sp.exp(-lam * big_t), p).subs(sp.exp(-lam * s), q)
                    - (big_t * p * (1 - q) + s * q * (1 - p))
                )
                and zero(1 - p * (1 - q) - q * (1 - p) - (1 - p) * (1 - q) - p * q),
            ),
            Step(
                "The bias of one input, exactly",
                "Half of the features are zero, the squares of the others are chi-squared: the expectation of the "
                "residual is this to the power m, with t = 2 K T / m.",
                r"E\, e^{-t (w)_+^2} = \tfrac12 + \tfrac12 (1 + 2 t)^{-1/2}",
                zero(transform - sp.Rational(1, 2) - 1 / (2 * sp.sqrt(1 + 2 * t))),
            ),
            Step(
                "Its sign and its bound",
                "The exponential is convex, and its second derivative is at most 1 for positive arguments: the bias is "
                "between 0 and half of the variance, 5 (K T)^2 / m.",
                r"\frac{d^2}{dx^2} e^{-x} = e^{-x} \in (0, 1)",
                zero(sp.diff(sp.exp(-x), x, 2) - sp.exp(-x))
                and bool(sp.exp(-x).is_positive)
                and bool((sp.diff(1 - sp.exp(-x), x)).is_positive),
            ),
        ),
        not_carried=(
            "That the variance of a mean of m independent matrices is that of one over m.",
            "That a function with Lipschitz constant L moves symmetric matrices by at most L in the Frobenius norm.",
            "Jensen's inequality and Taylor's theorem.",
        ),
    )


if __name__ == "__main__":
    print(prove())
