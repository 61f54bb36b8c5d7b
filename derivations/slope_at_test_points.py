r"""Derivation of ``slope-at-test-points``: the slope as a derivative of the outputs' power, its sign and its bounds.

``python derivations/slope_at_test_points.py`` prints it. Every ``verified`` is computed by SymPy. Two eigenvalues carry
the sums: identities are linear in the shares and signals. The two-point equivalents themselves are not derived.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from kdtheory.claims import Derivation, Step, zero

k, c = sp.symbols("kappa c", positive=True)
lams, masses, powers = (sp.symbols(f"{name}_1:3", positive=True) for name in ("lambda", "m", "q"))
noise, lam, w, a, d1, d2, g = sp.symbols("s lambda W A D_1 D_2 gamma", positive=True)
x, c2 = sp.symbols("x c_2", positive=True)


def kept(value: Any) -> Any:
    """Share of a direction that ridge keeps."""
    return value / (value + k)


def used(order: int) -> Any:
    """D_m: features per sample, weighed by a power of the kept share."""
    return sum(m * kept(value) ** order for m, value in zip(masses, lams, strict=True))


def signal(term: Any) -> Any:
    """Sum over directions, weighed by the power of the labels along them."""
    return sum(q * term(kept(value)) for q, value in zip(powers, lams, strict=True))


def unexplained() -> Any:
    """Noise, and what is left of the labels."""
    return noise + signal(lambda share: (1 - share) ** 2)


def output_power() -> Any:
    """Q: expected square of the teacher's output at a test point."""
    return signal(lambda share: share**2) + used(2) / (1 - used(2)) * unexplained()


def bracket() -> Any:
    """What decides whether the slope is above one."""
    ratio = used(2) / (1 - used(2))
    gain = signal(lambda share: share * (1 - share) * (ratio * (1 - share) - share))
    return gain - (used(2) - used(3)) * unexplained() / (1 - used(2)) ** 2


def prove() -> Derivation:
    """All steps."""
    own = x / (x + c)
    pace = (1 - used(1)) / (1 - used(2))
    penalty = k * (1 - used(1))
    per_mode = w * (1 - a) - a
    # One eigenvalue: D_1 = gamma A <= 1, W = gamma A^2 / (1 - gamma A^2).
    alike = (per_mode.subs(w, g * a**2 / (1 - g * a**2)) * (1 - g * a**2)).expand()
    below = -a * (1 - g * a)
    steps = (
        Step(
            "A student is a step along the ridge path",
            "With equal penalties, in every mode of the sample.",
            r"b_S = b_c + c \frac{d b_c}{dc} \;\Rightarrow\; \frac{\langle b_S, b_c \rangle_S}{|b_c|_S^2} = "
            r"1 + \frac12 \frac{d \log |b_c|_S^2}{d \log c}",
            zero(own**2 - own - c * sp.diff(own, c)) and zero(own * sp.diff(own, c) - sp.diff(own**2, c) / 2),
        ),
        Step(
            "The pace of the effective penalty",
            "Its logarithmic derivative, below 1 because squares of shares are below shares.",
            r"\frac{d \log \kappa}{d \log c} = \frac{1 - D_1}{1 - D_2} < 1",
            zero(sp.together(penalty / (k * sp.diff(penalty, k)) - pace))
            and bool(sp.factor(sp.together(used(1) - used(2))).is_positive),
        ),
        Step(
            "The power's derivative",
            "Half of that in log kappa is the bracket of the statement.",
            r"\frac{\kappa}{2} \frac{dQ}{d\kappa} = \sum \lambda b^{*2} A (1 - A) \bigl(W (1 - A) - A\bigr) - "
            r"\frac{(D_2 - D_3)\, v}{(1 - D_2)^2}",
            zero(k * sp.diff(output_power(), k) / 2 - bracket()),
        ),
        Step(
            "Strong signal",
            "A direction can raise the slope only where its kept share is below D_2, which is lambda / kappa < W.",
            r"W (1 - A) - A = \frac{D_2 - A}{1 - D_2}, \qquad A < D_2 \iff \frac{A}{1 - A} < W",
            zero(sp.together(per_mode.subs(w, d2 / (1 - d2)) - (d2 - a) / (1 - d2)))
            and zero(sp.together(a / (1 - a) - d2 / (1 - d2) - (a - d2) / ((1 - a) * (1 - d2)))),
        ),
        Step(
            "Below two",
            "Bounding the bracket by W (1 - A)^2, which is part of the power, as A <= 1: d log Q / d log kappa < 2.",
            r"A^2 + W (1 - A)^2 - A (1 - A) \bigl(W (1 - A) - A\bigr) = (1 - A) \bigl(A^2 + W (1 - A)^2\bigr) + A^2",
            zero(
                sp.expand(a**2 + w * (1 - a) ** 2 - a * (1 - a) * per_mode - (1 - a) * (a**2 + w * (1 - a) ** 2) - a**2)
            ),
        ),
        Step(
            "Isotropic inputs",
            "Of one eigenvalue the signal's part is not positive either, since gamma A < 1.",
            r"(1 - D_2) \bigl(W (1 - A) - A\bigr) = -A (1 - \gamma A)",
            zero(alike - below),
        ),
        Step(
            "Two can be approached",
            "All signal on a weak direction, W large, 1 - A small with W (1 - A)^2 large: the bracket over Q "
            "tends to 1.",
            r"\lim_{A \to 1} \lim_{W \to \infty} \frac{A (1 - A) (W (1 - A) - A)}{A^2 + W (1 - A)^2} = 1",
            sp.limit(sp.limit(a * (1 - a) * per_mode / (a**2 + w * (1 - a) ** 2), w, sp.oo), a, 1) == 1,
        ),
        Step(
            "Train points and isotropic test points",
            "The student's gain on the teacher's output, mode by mode: a mean of gains below 1 with positive weights.",
            r"\frac{\sum v_k g_k}{\sum v_k} < 1, \qquad 1 - g = \frac{c_2}{x + c_2} > 0",
            zero(1 - x / (x + c2) - c2 / (x + c2)) and bool((c2 / (x + c2)).is_positive),
        ),
    )
    return Derivation(
        claim="slope-at-test-points",
        steps=steps,
        not_carried=(
            "The two-point equivalents (see anisotropic-limit), and that products of a ridge with the truth tend to "
            "sums of A.",
            "That the slope of a sample tends to that of the limit.",
        ),
    )


if __name__ == "__main__":
    print(prove())
