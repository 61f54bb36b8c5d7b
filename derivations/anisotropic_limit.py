r"""Derivation of C11b, second half, ``anisotropic-limit``: variance and bias from the one-point equivalent, and the
form without differences.

``python derivations/anisotropic_limit.py`` prints it. Every ``verified`` is computed by SymPy. Sums over eigenvalues
are
carried by two of them, of shares m_1 and m_2 of the features per sample: all identities are linear in the shares.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from kdtheory.claims import Derivation, Step, zero

k, k1, k2, c, c1, c2, t, eta = sp.symbols("kappa kappa_1 kappa_2 c c_1 c_2 t eta", positive=True)
x = sp.symbols("x", positive=True)
lams, masses, signals = (sp.symbols(f"{name}_1:3", positive=True) for name in ("lambda", "m", "q"))
noise = sp.symbols("s", positive=True) ** 2


def kept(lam: Any, kappa: Any) -> Any:
    """Share of a direction that ridge keeps."""
    return lam / (lam + kappa)


def per_sample(term: Any) -> Any:
    """Sum over the features, per sample."""
    return sum(mass * term(lam) for lam, mass in zip(lams, masses, strict=True))


def penalty(kappa: Any) -> Any:
    """The penalty whose effective one is kappa."""
    return kappa * (1 - per_sample(lambda lam: kept(lam, kappa)))


def shared(one: Any, other: Any) -> Any:
    """D of two effective penalties."""
    return per_sample(lambda lam: kept(lam, one) * kept(lam, other))


def equation() -> list[Step]:
    """The equation of the effective penalty."""
    newton = k - (penalty(k) - c) / sp.diff(penalty(k), k)
    positive = c + k * per_sample(lambda lam: kept(lam, k) * (1 - kept(lam, k)))
    upper = k * per_sample(lambda lam: kept(lam, k))
    return [
        Step(
            "Convexity",
            "Slope and curvature in the effective penalty.",
            r"\frac{dc}{d\kappa} = 1 - D, \quad \frac{d^2 c}{d \kappa^2} = \frac2n \sum "
            r"\frac{\lambda^2}{(\lambda + \kappa)^3} > 0",
            zero(sp.diff(penalty(k), k) - 1 + shared(k, k))
            and zero(sp.diff(penalty(k), k, 2) - 2 * per_sample(lambda lam: lam**2 / (lam + k) ** 3))
            and bool(per_sample(lambda lam: lam**2 / (lam + k) ** 3).is_positive),
        ),
        Step(
            "The bracket",
            "What the features use up is positive, and less than the trace.",
            r"0 < \kappa - c = \frac1n \sum \frac{\kappa \lambda}{\lambda + \kappa} < \frac1n \sum \lambda",
            zero(k - penalty(k) - upper)
            and bool(upper.is_positive)
            and bool(sp.together(per_sample(lambda lam: lam * (1 - k / (lam + k)))).is_positive),
        ),
        Step(
            "Newton's step",
            "A ratio of sums of positive terms.",
            r"\frac{c + \kappa \frac1n \sum A (1 - A)}{1 - D}",
            zero(newton - positive / (1 - shared(k, k))),
        ),
        Step(
            "The divided difference",
            "Of effective penalties, exactly.",
            r"\frac{\kappa_1 - \kappa_2}{c_1 - c_2} = \frac{1}{1 - D_{12}}",
            zero(penalty(k1) - penalty(k2) - (k1 - k2) * (1 - shared(k1, k2))),
        ),
    ]


def variance() -> list[Step]:
    """Two resolvents from one."""
    pair = x / ((x + c1) * (x + c2))
    single = (c1 / (x + c1) - c2 / (x + c2)) / (c1 - c2)
    traced = (per_sample(lambda lam: k1 * kept(lam, k1)) - per_sample(lambda lam: k2 * kept(lam, k2))) / (
        penalty(k1) - penalty(k2)
    )
    return [
        Step(
            "Two resolvents from one",
            "On every eigenvalue x of the sample covariance.",
            r"\frac{x}{(x + c_1)(x + c_2)} = \frac{1}{c_1 - c_2} \Bigl(\frac{c_1}{x + c_1} - \frac{c_2}{x + c_2}\Bigr)",
            zero(pair - single),
        ),
        Step(
            "Variance",
            "With c / (x + c) replaced by kappa / (lambda + kappa), under S.",
            r"\frac{1}{n (c_1 - c_2)} \Bigl(\sum \frac{\kappa_1 \lambda}{\lambda + \kappa_1} - \sum "
            r"\frac{\kappa_2 \lambda}{\lambda + \kappa_2}\Bigr) = \frac{D_{12}}{1 - D_{12}}",
            zero(traced - shared(k1, k2) / (1 - shared(k1, k2))),
        ),
    ]


def bias() -> list[Step]:
    """The bias with equal penalties, from a penalty c + t S: (X^T X / n + c + t S)^{-1} is (eta S + c + t S)^{-1}."""
    fixed = eta * (1 + per_sample(lambda lam: lam / (eta * lam + c + t * lam))) - 1
    rate = (-sp.diff(fixed, t) / sp.diff(fixed, eta)).subs(t, 0)
    resolvent: Any = sum(q / (eta * lam + c + t * lam) for q, lam in zip(signals, lams, strict=True))
    change: Any = sp.diff(resolvent, t) + rate * sp.diff(resolvent, eta)
    total = -change.subs(t, 0)
    at = {c: c, eta: c / k}
    expected = sum(q * lam * (k / (lam + k)) ** 2 for q, lam in zip(signals, lams, strict=True)) / (1 - shared(k, k))
    root = sp.solve(fixed.subs(t, 0).subs(eta, c / k), c)[0]
    found = sp.together((c**2 * total.subs(at)).subs(c, root))
    v, d = sp.symbols("v D", positive=True)
    return [
        Step(
            "The same effective penalty",
            "Without t the equation of eta is that of kappa = c / eta.",
            r"\eta \Bigl(1 + \frac1n \sum \frac{\lambda}{\eta \lambda + c}\Bigr) = 1 \iff c = \kappa (1 - "
            r"\tfrac1n \sum A)",
            zero(root - penalty(k)),
        ),
        Step(
            "Bias",
            "The derivative by t at 0 of the quadratic form of the resolvent in the truth, whose squares are q.",
            r"c^2 b^{*\top} (\hat S + c)^{-1} S (\hat S + c)^{-1} b^* \to \frac{\sum \lambda q (1 - A)^2}{1 - D}",
            zero(found - expected),
        ),
        Step(
            "Risk",
            "Bias and variance add up to the statement's form.",
            r"\frac{v}{1 - D} + s^2 \frac{D}{1 - D} = \frac{s^2 + v}{1 - D} - s^2",
            zero(v / (1 - d) + noise * d / (1 - d) - (noise + v) / (1 - d) + noise),
        ),
    ]


def prove() -> Derivation:
    """All steps."""
    return Derivation(
        claim="anisotropic-limit",
        steps=(*equation(), *variance(), *bias()),
        not_carried=(
            "The one-point equivalent of the resolvent, for the penalty c and for c + t S.",
            "That it may be differentiated by t and by c.",
            "The bias of two different penalties: the form is checked by simulation, and its variance is derived "
            "above.",
            "That the ensemble's weights are those of two-stage-ridge-is-an-ensemble.",
        ),
    )


if __name__ == "__main__":
    print(prove())
