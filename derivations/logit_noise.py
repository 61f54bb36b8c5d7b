r"""Derivation of C14.13, ``logit-noise``: what noise of a given size does to the optimal logit.

Noise is taken in pairs of opposite values, which is what symmetry allows. ``python derivations/logit_noise.py`` prints
it.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from kdtheory.claims import Derivation, Step, zero

m, b, x, s = sp.symbols("m b x s", positive=True)
t = sp.symbols("t", positive=True)
q, noise = sp.symbols("q epsilon", real=True)


def sigma(z: Any) -> Any:
    """The logistic function."""
    return 1 / (1 + sp.exp(-z))


def pair(noise_size: Any) -> Any:
    """Mean probability over two opposite values of the noise."""
    return (sigma(m + noise_size) + sigma(m - noise_size)) / 2


def concave() -> Any:
    """The function whose mean decides how the slope moves with the temperature, of t = tanh(half logit)."""
    return (1 - t**2) * sp.atanh(t)


def confidence() -> list[Step]:
    """Noise lowers the mean probability, and by how much at most."""
    loss = sp.log(1 + sp.exp(m + noise)) - q * (m + noise)
    closed = sp.Rational(1, 2) + sp.sinh(m) / (2 * (sp.cosh(m) + sp.cosh(b)))
    falling = sp.diff(sp.sinh(m) / (sp.cosh(m) + sp.cosh(b)), b)
    return [
        Step(
            "Stationarity",
            "The derivative of the loss in m, before the mean over the noise; the second derivative is positive, "
            "so that the root is the only optimum.",
            r"\frac{d}{dm} \ell = \sigma(m + \varepsilon) - q,\qquad \frac{d^2}{dm^2} \ell = \sigma (1 - \sigma) "
            r"> 0",
            zero(sp.diff(loss, m) - (sigma(m + noise) - q))
            and zero(sp.diff(loss, m, 2) - sigma(m + noise) * (1 - sigma(m + noise))),
        ),
        Step(
            "A pair",
            "Two opposite values of the noise.",
            r"\tfrac12 \bigl(\sigma(m + b) + \sigma(m - b)\bigr) = \tfrac12 + \frac{\sinh m}{2 (\cosh m + \cosh "
            r"b)}",
            zero(sp.simplify((pair(b) - closed).rewrite(sp.exp))),
        ),
        Step(
            "More noise, less confidence",
            "Strictly falling in b for m > 0, from sigma(m) at b = 0: the mean is below sigma(m), and m has to grow.",
            r"\frac{d}{db} = -\frac{\sinh m\, \sinh b}{(\cosh m + \cosh b)^2} < 0",
            zero(sp.simplify(falling + sp.sinh(m) * sp.sinh(b) / (sp.cosh(m) + sp.cosh(b)) ** 2))
            and bool((sp.sinh(m) * sp.sinh(b) / (sp.cosh(m) + sp.cosh(b)) ** 2).is_positive)
            and zero((closed.subs(b, 0) - sigma(m)).rewrite(sp.exp)),
        ),
        Step(
            "The upper bound",
            "For Gaussian noise y = exp(-(u + s^2 / 2 + s eps)) has the mean exp(-u), and y / (1 + y) is concave: "
            "the other class has on average at most its chance at u.",
            r"E\, e^{-s \varepsilon} = e^{s^2 / 2},\qquad \frac{d^2}{dy^2} \frac{y}{1 + y} = -\frac{2}{(1 + "
            r"y)^3} < 0",
            zero(
                sp.integrate(sp.exp(-s * noise - noise**2 / 2), (noise, -sp.oo, sp.oo)) / sp.sqrt(2 * sp.pi)
                - sp.exp(s**2 / 2)
            )
            and zero(sp.diff(x / (1 + x), x, 2) + 2 / (1 + x) ** 3),
        ),
    ]


def temperature() -> list[Step]:
    """How the slope moves with the temperature, and the usual approximation."""
    k, mu = sp.symbols("k", positive=True), sp.Function("mu")
    tanh = sp.tanh(k * (mu(k) + noise) / 2)
    slope = sp.diff(tanh, k)
    parts = (mu(k) + noise) / 2 * (1 - tanh**2) + k / 2 * (1 - tanh**2) * sp.diff(mu(k), k)
    second = sp.diff(concave(), t, 2)
    return [
        Step(
            "Temperature",
            "With k = 1 / tau the balance is E tanh(k (m + eps) / 2) = tanh(k z / 2). Its derivative in k says "
            "that m grows with k exactly if E h(t) < h(E t), h(t) = (1 - t^2) artanh t.",
            r"\frac{d}{dk} \tanh \frac{k (m + \varepsilon)}{2} = \frac{h(t)}{k} + \frac k2 (1 - t^2)\, m'",
            zero(slope - parts),
        ),
        Step(
            "The function is concave",
            "And odd: within a pair, h(t+) - h(t-) <= h(t+ - t-), whose half is at most h of the half; over pairs "
            "it is Jensen's inequality.",
            r"h''(t) = -2 \operatorname{artanh} t - \frac{2 t}{1 - t^2} < 0 \quad (0 < t < 1),\qquad h(0) = 0",
            zero(second + 2 * sp.atanh(t) + 2 * t / (1 - t**2)) and concave().subs(t, 0) == 0,
        ),
        Step(
            "The probit approximation",
            "A logistic function is replaced by a Gaussian one of the same slope at 0, whose mean over Gaussian "
            "noise is one again.",
            r"\sigma'(0) = \tfrac14 = \Phi'(0) \sqrt{\pi / 8} \;\Rightarrow\; E\, \Phi(c (m + s \varepsilon)) = "
            r"\Phi\Bigl(\frac{c m}{\sqrt{1 + c^2 s^2}}\Bigr),\; c^2 = \pi / 8",
            zero(sp.diff(sigma(x), x).subs(x, 0) - sp.sqrt(sp.pi / 8) / sp.sqrt(2 * sp.pi)),
        ),
    ]


def prove() -> Derivation:
    """All steps."""
    return Derivation(
        claim="logit-noise",
        steps=(*confidence(), *temperature()),
        not_carried=(
            "Jensen's inequality, and that subadditivity follows from concavity and h(0) = 0.",
            "How good the probit approximation is: measured by the claim's check.",
            "That a teacher's noise enters the soft label only: its mean is again of the form of the left side.",
        ),
    )


if __name__ == "__main__":
    print(prove())
