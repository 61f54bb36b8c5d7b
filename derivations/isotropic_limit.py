r"""Derivation of C11a, ``isotropic-limit``: the risk of filters over the Marchenko-Pastur law, and the best of them.

``python derivations/isotropic_limit.py`` prints it. Every ``verified`` is computed by SymPy. That eigenvalues of
X^T X / n follow the law, with b^* spread evenly over the eigenvectors, is not derived.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from kdtheory.claims import Derivation, Step, zero

x, gamma, c, theta, s = sp.symbols("x gamma c theta s", positive=True)
h = sp.symbols("h", real=True)
m = sp.Function("m")(c)


def integrand(gain: Any) -> Any:
    """Risk per unit of density."""
    return (1 - gain) ** 2 + s**2 * gamma * gain**2 / x


def best() -> Any:
    """The gain of least risk."""
    (gain,) = sp.solve(sp.diff(integrand(h), h), h)
    return gain


def excess(gain: Any) -> Any:
    """What another gain costs."""
    return (1 + gamma * s**2 / x) * (gain - x / (x + gamma * s**2)) ** 2


def optimum() -> list[Step]:
    """The best filter is ridge."""
    return [
        Step(
            "The best gain",
            "Pointwise the integrand is a parabola in the gain, with positive curvature.",
            r"h^*(x) = \frac{x}{x + \gamma s^2}",
            zero(best() - x / (x + gamma * s**2)) and bool(sp.diff(integrand(h), h, 2).is_positive),
        ),
        Step(
            "The excess",
            "Completing the square.",
            r"(1-h)^2 + \frac{s^2 \gamma h^2}{x} = \frac{\gamma s^2}{x + \gamma s^2} + "
            r"\Bigl(1 + \frac{\gamma s^2}{x}\Bigr) (h - h^*)^2",
            zero(integrand(h) - integrand(best()) - excess(h)),
        ),
    ]


def quadrature() -> list[Step]:
    """The cosine takes the singularities away."""
    place = 1 + gamma + 2 * sp.sqrt(gamma) * sp.cos(theta)
    low, high = (1 - sp.sqrt(gamma)) ** 2, (1 + sp.sqrt(gamma)) ** 2
    inside = sp.expand((high - place) * (place - low))
    dual = sp.symbols("d", real=True)
    return [
        Step(
            "The substitution",
            "Under the root of the density stands a square; its factor x in the denominator is all that is left.",
            r"(x_+ - x)(x - x_-) = 4 \gamma \sin^2 \theta, \quad \rho\, dx = \frac{2 \sin^2 \theta}{\pi x}\, d\theta",
            zero(inside - 4 * gamma * sp.sin(theta) ** 2)
            and zero(
                2 * sp.sqrt(gamma) * sp.sin(theta) * (2 * sp.sqrt(gamma) * sp.sin(theta)) / (2 * sp.pi * gamma)
                - 2 * sp.sin(theta) ** 2 / sp.pi
            ),
        ),
        Step(
            "No pole",
            "With h = x d the density's 1 / x cancels: mass 1 is taken off before, seen and unseen together.",
            r"\frac{(1-h)^2 - 1}{x} = -d (2 - h), \quad \frac{h^2}{x^2} = d^2",
            zero(((1 - x * dual) ** 2 - 1) / x + dual * (2 - x * dual)),
        ),
        Step(
            "Unit mass",
            "The weights of the quadrature sum to one.",
            r"\frac{2}{\pi} \int_0^\pi \sin^2 \theta\, d\theta = 1",
            zero(sp.integrate(2 * sp.sin(theta) ** 2 / sp.pi, (theta, 0, sp.pi)) - 1),
        ),
    ]


def closed_form() -> list[Step]:
    """Ridge by the Stieltjes transform."""
    quadratic = gamma * c * m**2 + (1 - gamma + c) * m - 1
    slope = sp.solve(sp.diff(quadratic, c), sp.diff(m, c))[0]
    root = 2 * gamma * c * m + 1 - gamma + c
    e = x + c
    return [
        Step(
            "The transform's derivative",
            "Differentiating its quadratic equation.",
            r"m_2 = -m' = \frac{m (\gamma m + 1)}{2 \gamma c\, m + 1 - \gamma + c}",
            zero(slope + m * (gamma * m + 1) / root),
        ),
        Step(
            "The root",
            "The denominator is the root of the discriminant.",
            r"(2 \gamma c\, m + 1 - \gamma + c)^2 = (1 - \gamma + c)^2 + 4 \gamma c",
            zero(root**2 - (1 - gamma + c) ** 2 - 4 * gamma * c - 4 * gamma * c * quadratic),
        ),
        Step(
            "Risk of ridge",
            "Bias and variance of h = x / (x + c) in means of 1 / (x + c) and its square.",
            r"(1-h)^2 = \frac{c^2}{(x + c)^2}, \quad \frac{h^2}{x} = \frac{1}{x + c} - \frac{c}{(x + c)^2}",
            zero((1 - x / e) ** 2 - c**2 / e**2) and zero((x / e) ** 2 / x - 1 / e + c / e**2),
        ),
    ]


def prove() -> Derivation:
    """All steps."""
    return Derivation(
        claim="isotropic-limit",
        steps=(*optimum(), *quadrature(), *closed_form()),
        not_carried=(
            "The Marchenko-Pastur law, and the quadratic equation of its transform.",
            "That the risk given the inputs tends to its mean, in which the truth has no preferred eigenvector.",
            "That a chain of trainings on the same inputs acts on each eigenvalue by itself.",
        ),
    )


if __name__ == "__main__":
    print(prove())
