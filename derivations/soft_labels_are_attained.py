r"""Derivation of C9, softmax and logistic, ``soft-labels-are-attained``: why soft labels have a finite minimiser.

``python derivations/soft_labels_are_attained.py`` prints it. Every ``verified`` is computed by SymPy: an
identity by simplifying the difference of its sides to zero, a sign from the signs of its factors.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from kdtheory.claims import Derivation, Step, zero

z, q = sp.symbols("z q", real=True)
m, lam, t, u = sp.symbols("m lambda t u", positive=True)


def softplus(logit: Any) -> Any:
    """log(1 + e^z)."""
    return sp.log(1 + sp.exp(logit))


def loss() -> Any:
    """Cross-entropy of a soft label q at the logit z."""
    return q * softplus(-z) + (1 - q) * softplus(z)


def grown() -> Any:
    """1 + 2 lambda t at the margin m, two classes: one-hot labels."""
    return m + sp.exp(m)


def coercive() -> list[Step]:
    """The loss of one point."""
    sigma = 1 / (1 + sp.exp(-z))
    short = softplus(z) - q * z
    return [
        Step(
            "The loss of one soft label",
            "A softplus, tilted by the label.",
            r"\ell(z) = \log(1 + e^z) - q z = \log(1 + e^{-z}) + (1 - q) z",
            zero(sp.expand_log(sp.simplify(loss() - short), force=True).subs(z, 1))
            and zero(sp.diff(loss() - short, z))
            and zero(sp.diff(short - softplus(-z) - (1 - q) * z, z)),
        ),
        Step(
            "It grows in both directions",
            "A softplus is positive: the loss exceeds (1 - q) z for positive logits, q |z| for negative ones; so it "
            "is at least min(q, 1 - q) |z|. At zero it is log 2, and a minimiser is not above that.",
            r"\ell(z) > \min(q, 1 - q)\, |z|,\quad \ell(0) = \log 2",
            bool(softplus(m).is_positive) and bool(softplus(-m).is_positive) and zero(loss().subs(z, 0) - sp.log(2)),
        ),
        Step(
            "One logit is best",
            "The loss is strictly convex in the logit, with its zero slope where the probability is the label.",
            r"\ell'(z) = \sigma(z) - q,\quad \ell''(z) = \sigma (1 - \sigma) > 0",
            zero(sp.diff(loss(), z) - (sigma - q))
            and zero(sp.simplify(sp.diff(loss(), z, 2) - sigma * (1 - sigma)))
            and zero((sigma * (1 - sigma)).subs(z, -sp.log(u)) - u / (1 + u) ** 2)
            and bool((u / (1 + u) ** 2).is_positive),
        ),
        Step(
            "The speed near the goal",
            "Gradient flow of a logit with the eigenvalue lambda, linearized where the probability is q.",
            r"\frac{d}{dz}\, \lambda (q - \sigma(z)) = -\lambda\, q (1 - q)",
            zero(sp.diff(lam * (q - sigma), z).subs(z, sp.log(u)) + lam * u / (1 + u) ** 2),
        ),
    ]


def growth() -> list[Step]:
    """One-hot labels."""
    chance = sp.exp(m) / (1 + sp.exp(m))
    share = m * sp.exp(-m)
    return [
        Step(
            "The margin on one-hot labels",
            "Two classes: its speed is 2 lambda (1 - p), so that m + e^m grows at the constant rate 2 lambda.",
            r"\frac{d}{dt} (m + e^m) = (1 + e^m)\, 2 \lambda (1 - p(m)) = 2 \lambda",
            zero(sp.diff(grown(), m) * 2 * lam * (1 - chance) - 2 * lam),
        ),
        Step(
            "Like the logarithm of time",
            "m is positive, and at most e^m / e, where m e^{-m} is largest (m = 1).",
            r"e^m \le 1 + 2 \lambda t = m + e^m \le e^m (1 + 1/e)",
            sp.solve(sp.diff(share, m), m) == [1]
            and zero(share.subs(m, 1) - sp.exp(-1))
            and bool((sp.diff(share, m, 2).subs(m, 1)).is_negative)
            and zero(grown() - sp.exp(m) - m),
        ),
    ]


def prove() -> Derivation:
    """All steps."""
    return Derivation(
        claim="soft-labels-are-attained",
        steps=(*coercive(), *growth()),
        not_carried=(
            "That a continuous function that grows in all directions of the logits has a least value, and a strictly "
            "convex one of the logits only one there.",
            "That gradients lie in the row space, and that gradient descent with small steps comes to the minimiser.",
        ),
    )


if __name__ == "__main__":
    print(prove())
