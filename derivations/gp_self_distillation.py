r"""Derivation of C14.3, ``gp-self-distillation``: means and covariances of both kinds of rounds.

``python derivations/gp_self_distillation.py`` prints it.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from kdtheory.claims import Derivation, Step, zero

lam, noise, g = sp.symbols("lambda nu g", positive=True)
cross, prior, y = sp.symbols("k k_0 y", real=True)
m, n = sp.symbols("m n", positive=True)


def posterior(mean: Any, other: Any, variance: Any, covariance: Any, point: Any) -> tuple[Any, ...]:
    """One fit: means, variances and covariance of a mode and of another point, prior to posterior."""
    gain, reach = variance / (variance + noise), covariance / (variance + noise)
    return (
        mean + gain * (y - mean),
        other + reach * (y - mean),
        variance - gain * variance,
        covariance - gain * covariance,
        point - reach * covariance,
    )


def after(rounds: Any) -> tuple[Any, ...]:
    """The claim: one fit with the noise variance divided by the rounds."""
    less = noise / rounds
    return (
        lam / (lam + less) * y,
        cross / (lam + less) * y,
        lam * less / (lam + less),
        cross * less / (lam + less),
        prior - cross**2 / (lam + less),
    )


def once() -> Any:
    """Gain of one fit."""
    return lam / (lam + noise)


def prove() -> Derivation:
    """All steps."""
    first = posterior(0, 0, lam, cross, prior)
    again = posterior(*after(m))
    names = "mean", "mean elsewhere", "variance", "covariance", "variance elsewhere"
    same = [zero(one - two) for one, two in zip(again, after(m + 1), strict=True)]
    start = [zero(one - two) for one, two in zip(first, after(1), strict=True)]
    ratio = lam / (lam + noise / (1 + n)) / once()
    return Derivation(
        claim="gp-self-distillation",
        steps=(
            Step(
                "Data-centric",
                "Every fit multiplies the labels it is given by g.",
                r"\mu_m = g\, \mu_{m - 1} = g^m y",
                zero(posterior(0, 0, lam, cross, prior)[0] - once() * y) and zero(sp.powsimp(g * g ** (m - 1)) - g**m),
            ),
            Step(
                "The covariance does not see labels",
                "Neither variance nor covariance of a fit depends on y: in the data-centric kind it is that of one "
                "fit.",
                r"\frac{\partial}{\partial y} \bigl(\text{covariance}\bigr) = 0",
                all(zero(sp.diff(part, y)) for part in first[2:]),
            ),
            Step(
                "Distribution-centric, begun",
                "After one fit: the formula with m = 1, at a training mode and at any other point.",
                r"m = 1:\quad \frac{s^2}{m} = s^2",
                all(start),
            ),
            *(
                Step(
                    f"Distribution-centric, continued: {name}",
                    "One more fit takes the formula for m fits to that for m + 1.",
                    latex,
                    done,
                )
                for name, done, latex in zip(
                    names,
                    same,
                    (
                        r"\mu = \frac{\lambda}{\lambda + s^2/m} y",
                        r"\mu = \frac{k}{\lambda + s^2/m} y",
                        r"\lambda \frac{s^2/m}{\lambda + s^2/m}",
                        r"k \frac{s^2/m}{\lambda + s^2/m}",
                        r"k_0 - \frac{k^2}{\lambda + s^2/m}",
                    ),
                    strict=True,
                )
            ),
            Step(
                "Opposite directions",
                "With 1 + n fits, n > 0: the one gain is g times a power of g below 1, the other g times a number "
                "above 1.",
                r"g^{1 + n} / g = g^n < 1,\quad \frac{\lambda}{\lambda + s^2 / (1 + n)} \Big/ g - 1 = "
                r"\frac{n s^2}{(1 + n) \lambda + s^2} > 0",
                zero(ratio - 1 - n * noise / ((1 + n) * lam + noise))
                and bool((n * noise / ((1 + n) * lam + noise)).is_positive)
                and bool(sp.simplify(1 - once()).is_positive),
            ),
        ),
        not_carried=(
            "That the modes of the prior covariance at the training points evolve apart, and several of them add up at "
            "other points.",
            "Induction over the rounds; that a power with positive exponent of a number below 1 is below 1.",
        ),
    )


if __name__ == "__main__":
    print(prove())
