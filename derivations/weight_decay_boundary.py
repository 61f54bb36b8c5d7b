r"""Derivation of ``weight-decay-boundary``: descent with weight decay as gradient flow with a ceiling.

``python derivations/weight_decay_boundary.py`` prints it. Every ``verified`` is computed by SymPy.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from kdtheory.claims import Derivation, Step, zero

lam, w, eta, k = sp.symbols("lambda w eta k", positive=True)
u, v, rho, s, x = sp.symbols("u v rho s x", positive=True)


def K(gain: Any) -> Any:
    """Elasticity of gradient flow at a gain."""
    return -(1 - gain) * sp.log(1 - gain) / gain


def sigma(step: Any) -> Any:
    """Elasticity of the time per step, -log(1 - s), in s."""
    return step / ((1 - step) * -sp.log(1 - step))


def gain(steps: Any) -> Any:
    """Gain after that many steps."""
    return lam / (lam + w) * (1 - (1 - eta * (lam + w)) ** steps)


def elasticity(expression: Any) -> Any:
    """Slope of its log in the log of the eigenvalue."""
    return lam * sp.diff(expression, lam) / expression


def threshold() -> list[Step]:
    """Where the slack of converged trainings changes its sign."""
    share, step = lam / (lam + w), eta * (lam + w)
    level = 1 - (1 - step) ** k
    stated = (1 - share) + share * sigma(step) * K(level)
    slack = (1 - rho) + rho * sigma(s) * (K(u) + K(v) - K(rho * u * v))
    ends = sp.limit(sp.limit(slack, u, 1, "-"), v, 1, "-")
    side = K(s)
    return [
        Step(
            "The elasticity",
            "With rho = lambda/(lambda + w), s = eta (lambda + w) and the gain rho u: that of the ceiling, and that of "
            "gradient flow at u times the elasticity of the time per step.",
            r"e = (1 - \rho) + \rho\, \sigma(s) K(u),\quad \sigma(s) = \frac{s}{(1-s)(-\log(1-s))}",
            zero(sp.expand_log(sp.simplify(elasticity(gain(k)) - stated), force=True)),
        ),
        Step(
            "The worst case",
            "K(rho u v) < K(rho) + K(u) + K(v), the criterion of gradient flow twice, so the slack is more than that "
            "of two converged trainings, where K(u) = K(v) = 0.",
            r"\text{slack} > (1 - \rho) - \rho\, \sigma K(\rho) = (1 - \rho)\bigl(1 + \sigma \log(1 - \rho)\bigr)",
            zero(ends - (1 - rho) * (1 + sigma(s) * sp.log(1 - rho)))
            and zero(rho * K(rho) + (1 - rho) * sp.log(1 - rho)),
        ),
        Step(
            "The threshold",
            "It is not negative where log(1/(1 - rho)) = log((lambda + w)/w) is at most 1/sigma(s), which is K(s).",
            r"\frac{1}{\sigma(s)} = \frac{(1 - s)(-\log(1 - s))}{s} = K(s)",
            zero(1 / sigma(s) - side) and zero(1 / (1 - share) - (lam + w) / w),
        ),
        Step(
            "One threshold",
            "The left side grows with the eigenvalue, the right side falls: K' has the sign of s + log(1 - s) < 0.",
            r"K'(s) = \frac{s + \log(1 - s)}{s^2},\qquad \frac{d}{ds}\bigl(s + \log(1 - s)\bigr) = -\frac{s}{1 - s}",
            zero(sp.diff(side, s) - (s + sp.log(1 - s)) / s**2) and zero(sp.diff(s + sp.log(1 - s), s) + s / (1 - s)),
        ),
        Step(
            "Gradient flow",
            "For small steps the right side is 1, and the threshold (e - 1) w.",
            r"\lim_{s \to 0} K(s) = 1,\qquad \log\frac{(e - 1) w + w}{w} = 1",
            bool(sp.limit(side, s, 0, "+") == 1) and zero(sp.log(((sp.E - 1) * w + w) / w) - 1),
        ),
    ]


def reversal() -> list[Step]:
    """Converged trainings beyond the threshold."""
    time = -sp.log(1 - eta * w * x)
    fitted = sp.log(x) / time
    slope = sp.diff(fitted, x)
    numerator = time / x - sp.log(x) * eta * w / (1 - eta * w * x)
    return [
        Step(
            "The matched reference",
            "Converged teacher and student have rho^2 on mode 1; the reference has it after k steps, with x = "
            "(lambda + w)/w.",
            r"\rho\,(1 - q^k) = \rho^2 \;\Leftrightarrow\; q_1^k = \frac{1}{x_1},\quad k = \frac{\log x_1}{-\log q_1}",
            zero(1 - lam / (lam + w) - 1 / ((lam + w) / w)),
        ),
        Step(
            "Which way lower modes go",
            "The student leads on mode 2 where k (-log q_2) < log x_2, that is where log(x)/(-log q) falls from x_2 to "
            "x_1. It falls exactly where K(s) < log x, s = eta w x: beyond the threshold.",
            r"\frac{d}{dx} \frac{\log x}{-\log(1 - \eta w x)} "
            r"\propto \frac{-\log(1 - s)}{x} - \frac{s \log x}{x (1 - s)}",
            zero(slope * time**2 - numerator)
            and zero(numerator.subs(eta, s / (w * x)) - s / (x * (1 - s)) * (K(s) - sp.log(x))),
        ),
    ]


def prove() -> Derivation:
    """All steps."""
    return Derivation(
        claim="weight-decay-boundary",
        steps=(*threshold(), *reversal()),
        not_carried=(
            "The criterion itself, and K(uv) < K(u) + K(v) for gradient flow: `which-procedures-exaggerate`.",
            "From whole numbers of steps to real ones: the reference takes the fewest steps that are as far as the "
            "student, and more steps only help it.",
            "From the sign of a derivative to monotonicity.",
        ),
    )


if __name__ == "__main__":
    print(prove())
