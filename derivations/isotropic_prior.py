r"""Derivation of C8f, ``isotropic-prior``: where the truth is isotropic, ridge has the best gains.

``python derivations/isotropic_prior.py`` prints it. Every ``verified`` is computed by SymPy.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from kdtheory.claims import Derivation, Step, zero

a = sp.symbols("a", real=True)
lam, tau, s, c = sp.symbols("lambda tau s c", positive=True)
size, beta, noise = sp.symbols("m beta epsilon", real=True)


def ridge(penalty: Any) -> Any:
    """Gain of ridge."""
    return lam / (lam + penalty)


def best() -> Any:
    """The penalty of the statement."""
    return s**2 / tau


def risk(gain: Any) -> Any:
    """One mode's part of the average risk, per unit of v^T Sigma v."""
    return tau * (1 - gain) ** 2 + s**2 * gain**2 / lam


def weight() -> Any:
    """Of squared distances from ridge's gain."""
    return tau + s**2 / lam


def prove() -> Derivation:
    """All steps."""
    # The weight along v_k is a (beta + noise / sqrt(lambda)); independent, with means zero and variances tau and s^2.
    error = sp.expand((a * (beta + noise / sp.sqrt(lam)) - beta) ** 2)
    expected = error.coeff(beta, 2) * tau + error.coeff(noise, 2) * s**2
    steps = (
        Step(
            "One direction",
            "Errors along different v_k are uncorrelated on average over truth and noise, so that any second moment "
            "weighs their squares.",
            r"E\, (v_k^T (b - b^*))^2 = \tau (1 - a)^2 + s^2 a^2 / \lambda",
            zero(expected - risk(a)),
        ),
        Step(
            "The best gain",
            "It is ridge's, whatever the second moment is, which multiplies the whole.",
            r"g = \frac{\lambda}{\lambda + s^2 / \tau}:\quad \frac{d}{da} E R \Big|_{a = g} = 0",
            zero(sp.diff(risk(a), a).subs(a, ridge(best()))),
        ),
        Step(
            "The excess",
            "Completing the square.",
            r"E R(a) - E R(g) = (\tau + s^2 / \lambda)(a - g)^2",
            zero(risk(a) - risk(ridge(best())) - weight() * (a - ridge(best())) ** 2) and bool(weight().is_positive),
        ),
        Step(
            "The Wiener gains",
            "At the train points with coefficients as large as on average.",
            r"c_k^2 = \tau \lambda_k:\quad \frac{c_k^2}{c_k^2 + s^2} = \frac{\lambda_k}{\lambda_k + s^2 / \tau}",
            zero(tau * lam / (tau * lam + s**2) - ridge(best())),
        ),
        Step(
            "And no others",
            "If ridge has the Wiener gain in a mode, the squared coefficient is a multiple of the eigenvalue.",
            r"\frac{c_k^2}{c_k^2 + s^2} = \frac{\lambda_k}{\lambda_k + c} \;\Rightarrow\; c_k^2 = s^2 \lambda_k / c",
            sp.solve(sp.Eq(a / (a + s**2), ridge(c)), a) == [s**2 * lam / c],
        ),
    )
    return Derivation(
        claim="isotropic-prior",
        steps=steps,
        not_carried=(
            "That weights off the row space are lost by every training, and add the same to every risk.",
            "That V^T turns an isotropic truth into an isotropic one, and U^T noise of one variance into the same.",
        ),
    )


if __name__ == "__main__":
    print(prove())
