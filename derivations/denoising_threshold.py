r"""Derivation of C7c, ``denoising-threshold``: when a teacher of noisy labels has the better gradient.

``python derivations/denoising_threshold.py`` prints it. Every ``verified`` is computed by SymPy: an identity by
simplifying the difference of its sides to zero, a sign from the signs of its factors. Along the direction of a mode
with eigenvalue lambda, a gradient is the square root of lambda times the difference of coefficients.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from kdtheory.claims import Derivation, Step, zero

lam, t, S, sigma = sp.symbols("lambda t S sigma", positive=True)
a, c, star, noise = sp.symbols("a c c_* varepsilon", real=True)


def gradient(at: Any, target: Any) -> Any:
    """Along a mode's direction."""
    return sp.sqrt(lam) * (at - target)


def error_ratio() -> Any:
    """Mean squared error of distillation's gradient over that of the one-hot gradient."""
    return a**2 + (1 - a) ** 2 * S


def noisy() -> list[Step]:
    """The corollary for noisy labels."""
    error = sp.Poly(sp.expand((gradient(c, a * (star + noise)) - gradient(c, star)) ** 2), noise)
    # Mean over noise: odd powers vanish, the square has the mean sigma^2.
    mean = error.coeff_monomial(1) + error.coeff_monomial(noise**2) * sigma**2
    ratio = sp.simplify(mean / (lam * sigma**2)).subs(star, sp.sqrt(S) * sigma)
    threshold, wiener = sp.log((1 + S) / 2), sp.log(1 + S)

    def gain(progress: Any) -> Any:
        return 1 - sp.exp(-progress)

    best = S / (1 + S)
    return [
        Step(
            "The ratio of mean squared errors",
            "Against the gradient of the clean target at the same point c, which drops out: it may be any point.",
            r"\frac{E (g_{KD} - g_*)^2}{E (g_{OH} - g_*)^2} = a^2 + (1 - a)^2\, \mathrm{SNR}",
            zero(ratio - error_ratio()) and not mean.has(c),
        ),
        Step(
            "When it is below 1",
            "For a < 1 the sign is that of the last factor.",
            r"a^2 + (1-a)^2\, \mathrm{SNR} - 1 = (1 - a)(1 + \mathrm{SNR})"
            r"\left( \frac{\mathrm{SNR} - 1}{\mathrm{SNR} + 1} - a \right)",
            zero(error_ratio() - 1 - (1 - a) * (1 + S) * ((S - 1) / (S + 1) - a)),
        ),
        Step(
            "The threshold",
            "The gain grows with time, and passes that value here.",
            r"1 - e^{-\lambda T} > \frac{\mathrm{SNR} - 1}{\mathrm{SNR} + 1}"
            r" \iff \lambda T > \log \frac{1 + \mathrm{SNR}}{2}",
            zero(gain(threshold) - (S - 1) / (S + 1)) and bool(sp.diff(gain(t), t).is_positive),
        ),
        Step(
            "The best time",
            "Completing the square; the Wiener gain is reached at log(1 + SNR), and the ratio there is the gain.",
            r"a^2 + (1-a)^2\, \mathrm{SNR} = a_* + (1 + \mathrm{SNR})(a - a_*)^2,\quad"
            r" a_* = \frac{\mathrm{SNR}}{1 + \mathrm{SNR}} = 1 - e^{-\log(1 + \mathrm{SNR})}",
            zero(error_ratio() - best - (1 + S) * (a - best) ** 2) and zero(gain(wiener) - best),
        ),
        Step(
            "The best time is late enough",
            "It is always beyond the threshold, by log 2.",
            r"\log(1 + \mathrm{SNR}) - \log \frac{1 + \mathrm{SNR}}{2} = \log 2 > 0",
            zero(sp.expand_log(wiener - threshold, force=True) - sp.log(2)) and bool(sp.log(2).is_positive),
        ),
    ]


def prove() -> Derivation:
    """All steps."""
    return Derivation(
        claim="denoising-threshold",
        steps=tuple(noisy()),
        not_carried=(
            "That squared loss lets the modes evolve apart, so that a teacher of noisy labels has the coefficient "
            "a (c_* + noise) in each.",
            "That a mean over noise is the coefficient of its square times its variance (odd moments drop out by "
            "symmetry, or because only the mean of the noise enters).",
        ),
    )


if __name__ == "__main__":
    print(prove())
