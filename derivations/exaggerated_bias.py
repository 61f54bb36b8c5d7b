r"""Derivation of C1, ``exaggerated-bias``: distillation by gradient flow exaggerates the bias of gradient flow.

``python derivations/exaggerated_bias.py`` prints it. Every ``verified`` is computed by SymPy: an identity by
simplifying the difference of its sides to zero, a sign from the signs of its factors.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from kdtheory.claims import Derivation, Step, zero

lam, T, s, t, y = sp.symbols("lambda T s t y", positive=True)
lam1, r = sp.symbols("lambda_1 r", positive=True)
a, b, z, x, p = sp.symbols("a b z x p", positive=True)
u, v, n = sp.symbols("u v n", positive=True)


def g(gain: Any) -> Any:
    """Gain of mode 2 where mode 1 has ``gain``, after one training."""
    return 1 - (1 - gain) ** r


def trained(target: Any) -> Any:
    """Gradient flow of one mode from zero on ``target``, as a function of the time t."""
    c: Any = sp.Function("c")
    solution: Any = sp.dsolve(sp.Eq(c(t).diff(t), lam * (target - c(t))), c(t), ics={c(0): 0})
    return solution.rhs


def flow() -> Step:
    """One training."""
    return Step(
        "One training",
        "Gradient flow from zero on a mode with target y reaches the gain 1 - exp(-lambda t).",
        r"\dot c = \lambda (y - c),\; c(0) = 0 \;\Rightarrow\; c(t) = (1 - e^{-\lambda t})\, y",
        zero(trained(y) - (1 - sp.exp(-lam * t)) * y),
    )


def composition() -> Step:
    """Teacher, then student."""
    teacher = trained(y).subs(t, T)
    student = trained(teacher).subs(t, s)
    return Step(
        "Teacher, then student",
        "The student's gain is the product of the two gains.",
        r"a(\lambda) = (1 - e^{-\lambda T})(1 - e^{-\lambda s})",
        zero(student / y - (1 - sp.exp(-lam * T)) * (1 - sp.exp(-lam * s))),
    )


def second_mode() -> Step:
    """Mode 2 through mode 1."""
    difference = g(1 - sp.exp(-lam1 * t)) - (1 - sp.exp(-r * lam1 * t))
    return Step(
        "Mode 2 through mode 1",
        "With r = lambda_2 / lambda_1, a training that brings mode 1 to the gain u brings mode 2 to g_r(u).",
        r"1 - e^{-\lambda_2 t} = g_r(u),\quad g_r(u) = 1 - (1 - u)^r,\quad u = 1 - e^{-\lambda_1 t}",
        zero(sp.powdenest(difference, force=True)),
    )


def match() -> list[Step]:
    """The time of the reference."""
    time = -sp.log(1 - u * v) / lam1
    kept = sp.exp(-a) + (1 - sp.exp(-a)) * sp.exp(-b)
    product = (1 - sp.exp(-a)) * (1 - sp.exp(-b))
    shorter = sp.factor(kept - sp.exp(-a))
    # exp(a) - 1 is positive for a = log(1 + p), p > 0.
    factor = zero(1 - sp.exp(-a) - (sp.exp(a) - 1) * sp.exp(-a)) and (sp.exp(a) - 1).subs(a, sp.log(1 + p)).is_positive
    positive = zero(shorter - (1 - sp.exp(-a)) * sp.exp(-b)) and bool(factor)
    slope = sp.diff(1 - sp.exp(-r * lam1 * t), t)
    return [
        Step(
            "The match",
            "Mode 1 of the reference has the student's gain uv at exactly one time.",
            r"1 - e^{-\lambda_1 t} = uv \iff t = -\tfrac{1}{\lambda_1} \log(1 - uv)",
            zero(1 - sp.exp(-lam1 * time) - u * v) and bool(sp.diff(1 - sp.exp(-lam1 * t), t).is_positive),
        ),
        Step(
            "The match is early",
            "The residual at the match is a sum of positive terms, larger than the teacher's (and by symmetry the "
            "student's): the matched time is shorter than either training.",
            r"1 - uv = e^{-a} + (1 - e^{-a})\, e^{-b} > e^{-a},\quad a = \lambda_1 T,\; b = \lambda_1 s",
            zero(1 - product - kept) and zero(kept - kept.subs({a: b, b: a}, simultaneous=True)) and positive,
        ),
        Step(
            "One side is enough",
            "Longer reference trainings have learned more of mode 2, so that strict lag at the match is strict lag for "
            "every reference that is as far on mode 1.",
            r"\partial_t (1 - e^{-\lambda_2 t}) = \lambda_2 e^{-\lambda_2 t} > 0",
            bool(slope.is_positive),
        ),
    ]


def slope_of_phi() -> list[Step]:
    """The derivative of phi, and its sign."""
    phi = -sp.log(g(sp.exp(-x)))
    slope = r * (sp.exp(z) - 1) / (sp.exp(r * z) - 1)
    # x = -log(1 - exp(-z)): the gain u = exp(-x) belongs to the progress z.
    at = sp.diff(phi, x).subs(x, -sp.log(1 - sp.exp(-z)))
    exponentials = sp.powdenest(sp.simplify(at), force=True)
    k = z / (1 - sp.exp(-z))
    growth = sp.diff(sp.log(slope), z)
    h = sp.exp(z) - 1 - z
    signs = h.subs(z, 0) == 0 and sp.diff(h, z).subs(z, 0) == 0 and bool(sp.diff(h, z, 2).is_positive)
    return [
        Step(
            "The slope of phi",
            "With phi(x) = -log g_r(exp(-x)), the slope depends on the progress z = -log(1 - u) at u = exp(-x).",
            r"\varphi'(x) = \frac{r u (1-u)^{r-1}}{1 - (1-u)^r} = \rho(z) = \frac{r (e^z - 1)}{e^{rz} - 1}",
            zero(sp.simplify((exponentials / slope).rewrite(sp.exp)) - 1),
        ),
        Step(
            "The growth of the slope",
            "It compares one function k at z and at rz.",
            r"\frac{d}{dz} \log \rho(z) = \frac{k(z) - k(rz)}{z},\quad k(z) = \frac{z}{1 - e^{-z}}",
            zero(growth - (k - k.subs(z, r * z)) / z),
        ),
        Step(
            "k increases",
            "Its slope has the sign of h(z) = exp(z) - 1 - z, which starts at 0 with slope 0 and is convex. Hence rho "
            "increases for r < 1; since z falls with x, phi' falls: phi is strictly concave.",
            r"k'(z) = \frac{e^{-z}\, h(z)}{(1 - e^{-z})^2},\quad h(0) = h'(0) = 0,\; h''(z) = e^z > 0",
            zero(sp.diff(k, z) - sp.exp(-z) * h / (1 - sp.exp(-z)) ** 2) and signs,
        ),
    ]


def upper_bound() -> list[Step]:
    """Strict subadditivity."""
    phi: Any = sp.Lambda(x, -sp.log(g(sp.exp(-x))))
    w = sp.symbols("w", positive=True)
    log_ratio = sp.log(g(u)) + sp.log(g(v)) - sp.log(g(u * v))
    as_phi = (phi(x + w) - phi(x) - phi(w)).subs({x: -sp.log(u), w: -sp.log(v)})
    return [
        Step(
            "phi starts at zero",
            "Without a second factor there is nothing to compare.",
            r"\varphi(0) = -\log g_r(1) = 0",
            bool(phi(0) == 0),
        ),
        Step(
            "The ratio is a defect of additivity",
            "A strictly concave function that starts at 0 is strictly subadditive, so that the ratio is below 1.",
            r"\log \frac{g_r(u) g_r(v)}{g_r(uv)} = \varphi(x + w) - \varphi(x) - \varphi(w) < 0,"
            r"\quad u = e^{-x},\; v = e^{-w}",
            zero(as_phi - log_ratio),
        ),
    ]


def lower_bound() -> list[Step]:
    """The bound by the ratio of eigenvalues, and a sharper one."""
    slope = r * (sp.exp(z) - 1) / (sp.exp(r * z) - 1)
    ratio = g(u) * g(v) / g(u * v)
    split = (g(v) / v) * (g(u) / u) / (g(u * v) / (u * v))
    elasticity = u * sp.diff(sp.log(g(u) / u), u) - (slope.subs(z, -sp.log(1 - u)) - 1)
    quotient = sp.limit(slope, z, 0)
    return [
        Step(
            "g_r(u) / u increases",
            "Its elasticity is rho(z) - 1, and rho increases from 1.",
            r"\frac{d \log (g_r(u)/u)}{d \log u} = \rho(z) - 1 > 0,\quad \rho(0^+) = 1",
            zero(sp.powdenest(sp.simplify(elasticity), force=True)) and quotient == 1,
        ),
        Step(
            "It increases from r",
            "Short trainings move the modes in proportion to their eigenvalues.",
            r"\lim_{u \to 0} \frac{g_r(u)}{u} = r",
            zero(sp.diff(g(u), u).subs(u, 0) - r) and g(sp.Integer(0)) == 0,
        ),
        Step(
            "The lower bounds",
            "With m = max(u, v) and n = min(u, v), n > mn, so that the last quotient exceeds 1.",
            r"\frac{g_r(m) g_r(n)}{g_r(mn)} = \frac{g_r(m)}{m} \cdot \frac{g_r(n)/n}{g_r(mn)/(mn)}"
            r" > \frac{g_r(m)}{m} > r",
            zero(sp.simplify(ratio / split) - 1),
        ),
        Step(
            "The bounds are approached",
            "The lower one as both trainings become short (along u = v), the upper one as either converges.",
            r"\frac{g_r(u)\, g_r(1)}{g_r(u)} = 1,\qquad \lim_{u \to 0} \frac{g_r(u)^2}{g_r(u^2)} = r",
            zero(ratio.subs(v, 1) - 1) and zero(sp.limit(ratio.subs(v, u), u, 0) - r),
        ),
    ]


def stable_forms() -> list[Step]:
    """The formulas that the program evaluates."""
    kept = sp.exp(-r * a) + (1 - sp.exp(-r * a)) * sp.exp(-r * b)
    late = sp.exp(-r * a) * (1 + (sp.exp(r * a) - 1) * sp.exp(-r * b))
    Q, q = sp.symbols("Q q", positive=True)
    share = (Q / q - 1) / (1 / q - 1)
    half: Any = sp.exp(-z / 2) * sp.sinh(z / 2) / (z / 2)
    return [
        Step(
            "The gap of residuals",
            "Taking the shorter training out of both residuals leaves logs of 1 plus a positive number; "
            "the extracted factors cancel in Q / q.",
            r"Q = e^{-ra}\bigl(1 + (e^{ra} - 1) e^{-rb}\bigr),\quad G = \log Q - r \log(1 - uv)",
            zero(kept - late) and zero(sp.log(sp.exp(-r * a)) - r * sp.log(sp.exp(-a))),
        ),
        Step(
            "The lag from the gap",
            "With the residuals Q of the student and q of the reference on mode 2, exp(G) = Q / q and exp(rc) = 1 / q.",
            r"\frac{1 - Q}{1 - q} = 1 - \frac{e^G - 1}{e^{rc} - 1}",
            zero((1 - Q) / (1 - q) - (1 - share)),
        ),
        Step(
            "The flattening",
            "What is left of the gain without its factor z has a small-argument series.",
            r"\frac{1 - e^{-z}}{z} = e^{-z/2}\, \frac{\sinh(z/2)}{z/2}",
            zero(sp.expand(half.rewrite(sp.exp)) - (1 - sp.exp(-z)) / z),
        ),
    ]


def prove() -> Derivation:
    """All steps."""
    return Derivation(
        claim="exaggerated-bias",
        steps=(
            flow(),
            composition(),
            second_mode(),
            *match(),
            *slope_of_phi(),
            *upper_bound(),
            *lower_bound(),
            *stable_forms(),
        ),
        not_carried=(
            "That squared loss lets the modes of the Gram matrix evolve apart (the spectral theorem).",
            "From h'' > 0 and h(0) = h'(0) = 0 to h > 0, and from the sign of a derivative to monotonicity.",
            "From strict concavity and phi(0) = 0 to strict subadditivity: phi(x + w) - phi(x) - phi(w) is the "
            "integral over [0, w] of phi'(x + tau) - phi'(tau), which is negative.",
        ),
    )


if __name__ == "__main__":
    print(prove())
