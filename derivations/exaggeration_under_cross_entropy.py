r"""Derivation of C14.12, ``exaggeration-under-cross-entropy``: one crossing of the slope at high temperatures.

``python derivations/exaggeration_under_cross_entropy.py`` prints it. Every ``verified`` is computed by SymPy: an
identity by simplifying the difference of its sides to zero, a sign from the signs of its factors.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from kdtheory.claims import Derivation, Step, zero

lam, k, t, tau, K = sp.symbols("lambda k t tau K", positive=True)
Z, W, d, xi = sp.symbols("Z W delta xi", positive=True)
m1, m2, lam1, lam2 = sp.symbols("m_1 m_2 lambda_1 lambda_2", positive=True)


def chance(margin: Any) -> Any:
    """Probability of the true class."""
    return sp.exp(margin) / (sp.exp(margin) + k)


def soft_time() -> Any:
    """Eigenvalue times time that the soft label W takes to leave the deficit d."""
    passed = sp.log((1 - sp.exp(-W)) / (1 - sp.exp(-d)))
    return k / (k + 1) / chance(W) * (W - d + (sp.exp(W) + k) / k * passed)


def label_time() -> Any:
    """Eigenvalue times the teacher's time at the margin Z."""
    return (k * Z + sp.exp(Z) - 1) / (k + 1)


def closed_forms() -> list[Step]:
    """Times."""
    speed = (1 + 1 / k) * (chance(W) - chance(W - d))
    return [
        Step(
            "The teacher",
            "Its time, differentiated by the margin, is one over the speed.",
            r"\lambda T = \frac{k m + e^m - 1}{K},\quad \dot m = \lambda \frac{K}{k} (1 - p(m))",
            zero(sp.diff(label_time(), Z) * (1 + 1 / k) * (1 - chance(Z)) - 1) and zero(label_time().subs(Z, 0)),
        ),
        Step(
            "The student",
            "In w = m / tau and W = m_T / tau the temperature is gone; the time, differentiated by the deficit W - w, "
            "is minus one over the speed. It begins at the deficit W.",
            r"\dot w = \lambda \frac{K}{k} \left[ p(W) - p(w) \right]",
            zero(sp.diff(soft_time(), d) * speed + 1) and zero(soft_time().subs(d, W)),
        ),
    ]


def order() -> list[Step]:
    """The easy cluster is faster at every common deficit."""
    grows = sp.diff(sp.log(label_time()), Z)
    rest = (k * Z - k - 1) / (k * Z + sp.exp(Z) - 1)
    bend = sp.diff(chance(xi), xi, 2) / sp.diff(chance(xi), xi)
    low = sp.exp(Z) - 19 * Z + 39
    at = sp.log(19)
    half = sp.Rational(1, 2)
    return [
        Step(
            "How the eigenvalue grows with the teacher's margin",
            "At one teacher's time.",
            r"\frac{d \log \lambda}{d Z} = 1 - \frac{k Z - k - 1}{k Z + e^Z - 1}",
            zero(grows - 1 + rest),
        ),
        Step(
            "How the speed changes with it",
            "At a fixed deficit in m / tau the logarithm of p(W) - p(W - delta) changes with W like p'' / p' at some "
            "xi between W - delta and W (mean value theorem): by more than -1, and upwards where e^xi < k.",
            r"\frac{p''(\xi)}{p'(\xi)} = -\frac{e^\xi - k}{e^\xi + k} > -1",
            zero(bend + (sp.exp(xi) - k) / (sp.exp(xi) + k)) and bool((bend + 1).simplify().is_positive),
        ),
        Step(
            "Two classes",
            "The fraction is below 1/20, since e^Z - 19 Z + 39 is convex and positive where it is least: speeds are "
            "ordered if 1/tau is at most 19/20.",
            r"k = 1:\ \frac{Z - 2}{Z + e^Z - 1} < \frac{1}{20} \iff e^Z - 19 Z + 39 > 0",
            zero((Z + sp.exp(Z) - 1 - 20 * (Z - 2)) - low)
            and zero(sp.diff(low, Z).subs(Z, at))
            and bool(sp.diff(low, Z, 2).is_positive)
            and bool(sp.N(low.subs(Z, at)) > 2),
        ),
        Step(
            "Any number of classes, where the label is already followed",
            "Where W > log k and tau >= 2, e^{Z/2} >= k. Then e^Z >= k e^{Z/2} > k (Z - 2), since e^{Z/2} - Z + 2 is "
            "convex with a positive least value, and the fraction is below one half. Elsewhere the speed grows with "
            "W, and the eigenvalue with Z.",
            r"\frac{k Z - k - 1}{k Z + e^Z - 1} < \frac{1}{2} \iff e^Z > k (Z - 2) - 1",
            zero((k * Z + sp.exp(Z) - 1) - 2 * (k * Z - k - 1) - (sp.exp(Z) - k * (Z - 2) + 1))
            and zero(sp.diff(sp.exp(Z * half) - Z + 2, Z).subs(Z, 2 * sp.log(2)))
            and bool(sp.N((sp.exp(Z * half) - Z + 2).subs(Z, 2 * sp.log(2))) > 2)
            and zero(1 - rest - (k + sp.exp(Z)) / (k * Z + sp.exp(Z) - 1)),
        ),
        Step(
            "One crossing",
            "The time at which the easy cluster has a deficit minus that at which the hard one has it grows with the "
            "deficit: by the difference of one over the speeds.",
            r"\frac{d}{d \delta} (t_1 - t_2) = \frac{1}{v_2} - \frac{1}{v_1} = \frac{v_1 - v_2}{v_1 v_2}",
            zero((1 / m2 - 1 / m1) - (m1 - m2) / (m1 * m2)),
        ),
    ]


def hot() -> list[Step]:
    """The limit of high temperatures."""
    w = sp.Function("w")
    slope = sp.diff((1 + 1 / k) * chance(xi), xi).subs(xi, 0)
    solved: Any = sp.dsolve(sp.Eq(w(t).diff(t), lam / K * (Z - w(t))), w(t), ics={w(0): 0})
    s = sp.symbols("s", positive=True)
    excess = (m2 * sp.exp(-lam2 * s / K) - m1 * sp.exp(-lam1 * s / K)) / (m1 - m2)
    crossing = K * sp.log(m1 / m2) / (lam1 - lam2)
    peak = crossing + K * sp.log(lam1 / lam2) / (lam1 - lam2)
    fast = sp.log(lam1 * m1) - lam1 * s / K - sp.log(lam2 * m2) + lam2 * s / K
    even = sp.log(m1) - lam1 * s / K - sp.log(m2) + lam2 * s / K
    return [
        Step(
            "Its speed",
            "The softmax is linear at zero.",
            r"\frac{K}{k}\, p'(0) = \frac{1}{K},\quad m = m_T (1 - e^{-\lambda s / K})",
            zero(slope - 1 / (k + 1)) and zero(solved.rhs - Z * (1 - sp.exp(-lam * t / K))),
        ),
        Step(
            "Its crossing",
            "Both clusters lack the same.",
            r"m_{T1} e^{-\lambda_1 s_c / K} = m_{T2} e^{-\lambda_2 s_c / K}",
            zero(sp.expand_log(even.subs(s, crossing), force=True)),
        ),
        Step(
            "Its maximum",
            "The slope's derivative vanishes where both clusters move equally fast.",
            r"\lambda_1 m_{T1} e^{-\lambda_1 s / K} = \lambda_2 m_{T2} e^{-\lambda_2 s / K}",
            zero(sp.expand_log(fast.subs(s, peak), force=True))
            and zero(
                sp.diff(excess, s) * (m1 - m2) * K
                - (lam1 * m1 * sp.exp(-lam1 * s / K) - lam2 * m2 * sp.exp(-lam2 * s / K))
            ),
        ),
    ]


def prove() -> Derivation:
    """All steps."""
    return Derivation(
        claim="exaggeration-under-cross-entropy",
        steps=(*closed_forms(), *order(), *hot()),
        not_carried=(
            "That clusters with orthogonal kernels learn apart, and that wrong logits stay equal (symmetry).",
            "The mean value theorem, and from an order of speeds at every deficit to one crossing: the easy cluster "
            "begins with the larger deficit, and is the faster one in the end.",
            "That the slope has one maximum only (it is derived for high temperatures; elsewhere it was seen, not "
            "proved).",
        ),
    )


if __name__ == "__main__":
    print(prove())
