r"""Derivation of C14.7, ``weak-to-strong``: the sharp barrier for students that only regularize.

What a symmetric filter can make of a vector v is the ball with v as its diameter; the barrier is the distance of the
target from that ball. ``python derivations/weak_to_strong.py`` prints it.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from kdtheory.claims import Derivation, Step, zero

e, kept = sp.symbols("e sigma", positive=True)
filter_gain, share = sp.symbols("g x", real=True)
# In the plane of target and teacher: f = (1, 0), v = P f with v.v = v.f = 1 - e.
target = sp.Matrix([1, 0])
taught: Any = sp.Matrix([1 - e, sp.sqrt(e * (1 - e))])


def root() -> Any:
    """Square root of the barrier."""
    return (sp.sqrt(1 + 3 * e) - sp.sqrt(1 - e)) / 2


def ball() -> list[Step]:
    """What the student can reach is a ball, and how far it is from the target."""
    away = (target - taught / 2).dot(target - taught / 2)
    x = sp.Matrix(sp.symbols("x_1:3", real=True))
    inside = (x - taught / 2).dot(x - taught / 2) - taught.dot(taught) / 4
    onto = x * x.T / x.dot(x)
    return [
        Step(
            "The teacher",
            "An orthogonal projection v of the target f, |f| = 1, has its error as the only free number.",
            r"v \cdot v = v \cdot f = 1 - e,\quad |f - v|^2 = e",
            zero(taught.dot(taught) - (1 - e))
            and zero(taught.dot(target) - (1 - e))
            and zero((target - taught).dot(target - taught) - e),
        ),
        Step(
            "The ball",
            "For every eigenvalue g of S, g^2 <= g: so |S v|^2 <= (S v) . v, which says that S v lies in the ball "
            "with v as its diameter.",
            r"g - g^2 = g (1 - g) \ge 0;\quad |x|^2 - x \cdot v = |x - \tfrac v2|^2 - |\tfrac v2|^2",
            zero(filter_gain - filter_gain**2 - filter_gain * (1 - filter_gain))
            and zero(x.dot(x) - x.dot(taught) - inside),
        ),
        Step(
            "The distance",
            "From the target to the ball: to its centre, less its radius.",
            r"|f - \tfrac v2| - |\tfrac v2| = \tfrac12 (\sqrt{1 + 3 e} - \sqrt{1 - e}) = \sqrt{\beta}",
            zero(away - (1 + 3 * e) / 4)
            and zero(taught.dot(taught) / 4 - (1 - e) / 4)
            and zero(root() - (sp.sqrt(1 + 3 * e) - sp.sqrt(1 - e)) / 2),
        ),
        Step(
            "Attained",
            "The projection onto any point x of the sphere of the ball, x . v = |x|^2, takes v to x.",
            r"\frac{x x^\top}{|x|^2} v = x \,\frac{x \cdot v}{|x|^2} = x",
            all(zero(entry) for entry in onto * taught - x * (x.dot(taught) / x.dot(x))),
        ),
    ]


def size() -> list[Step]:
    """The barrier against the square of the error."""
    total = sp.sqrt(1 + 3 * e) + sp.sqrt(1 - e)
    return [
        Step(
            "Without cancellation",
            "The two roots multiplied by their sum.",
            r"\sqrt{\beta} = \frac{2 e}{\sqrt{1 + 3 e} + \sqrt{1 - e}}",
            zero(sp.expand(root() * total) - 2 * e),
        ),
        Step(
            "At least three quarters of the square",
            "The sum of the roots is at most 4 / sqrt(3), by Cauchy and Schwarz; with equality at e = 2/3.",
            r"\Bigl(\tfrac{4}{\sqrt 3}\Bigr)^2 - (\sqrt{1 + 3 e} + \sqrt{1 - e})^2 = "
            r"\tfrac13 \bigl(\sqrt{1 + 3e} - 3 \sqrt{1 - e}\bigr)^2",
            zero(sp.Rational(16, 3) - total**2 - (sp.sqrt(1 + 3 * e) - 3 * sp.sqrt(1 - e)) ** 2 / 3)
            and zero((root() ** 2).subs(e, sp.Rational(2, 3)) - sp.Rational(3, 4) * sp.Rational(4, 9)),
        ),
        Step(
            "At most the square",
            "The sum of the roots is at least 2, since its square is 2 + 2 e plus twice a root that is at least 1 - e.",
            r"(\sqrt{1 + 3 e} + \sqrt{1 - e})^2 = 2 + 2 e + 2 \sqrt{(1 + 3 e)(1 - e)},\quad "
            r"(1 + 3 e)(1 - e) - (1 - e)^2 = 4 e (1 - e)",
            zero(sp.expand(total**2) - (2 + 2 * e + 2 * sp.sqrt(1 + 3 * e) * sp.sqrt(1 - e)))
            and zero((1 + 3 * e) * (1 - e) - (1 - e) ** 2 - 4 * e * (1 - e)),
        ),
    ]


def sides() -> list[Step]:
    """Filters that keep the target, and filters that are no contractions."""
    return [
        Step(
            "An eigenvector",
            "If S keeps sigma of the target's direction, the part of the error along the target is this; the "
            "projection onto the target keeps all.",
            r"f \cdot (f - S v) = 1 - \sigma (1 - e),\quad 1 - \sigma (1 - e) - e = (1 - \sigma)(1 - e) \ge 0",
            zero(1 - kept * (1 - e) - e - (1 - kept) * (1 - e)) and zero((1 - taught[0]) - e),
        ),
        Step(
            "Extrapolation",
            "A gain of 1 / (1 - e) in the target's direction restores it: no barrier without contraction.",
            r"\frac{1}{1 - e} f f^\top v = f",
            all(zero(entry) for entry in target * target.dot(taught) / (1 - e) - target),
        ),
    ]


def prove() -> Derivation:
    """All steps."""
    return Derivation(
        claim="weak-to-strong",
        steps=(*ball(), *size(), *sides()),
        not_carried=(
            "That symmetric filters are sums of their eigenvalues times projections; the nearest point of a ball.",
            "That the nearest point is reached inside the span of target and teacher.",
        ),
    )


if __name__ == "__main__":
    print(prove())
