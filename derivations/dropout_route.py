r"""Derivation of C14.13, ``dropout-route``: the optimum under noise that is proportional to the logit.

``python derivations/dropout_route.py`` prints it.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from kdtheory.claims import Derivation, Step, zero

m, u, scale, t = sp.symbols("m u B t", positive=True)
q, c = sp.symbols("q c", real=True)
rho, b = sp.symbols("rho b", positive=True)


def sigma(z: Any) -> Any:
    """The logistic function."""
    return 1 / (1 + sp.exp(-z))


def pull(factor: Any) -> Any:
    """What one mask contributes to the balance at the logit m."""
    return factor * sigma(m * factor)


def first_order() -> Any:
    """The claimed first order of the slope in the variance of the noise."""
    return u / 2 * sp.tanh(u / 2) - 1


def _stationarity() -> list[Step]:
    loss = sp.log(1 + sp.exp(m * scale)) - q * m * scale
    slope = sp.diff(loss, m)
    return [
        Step(
            "Stationarity",
            "The derivative of the loss in m, before the mean over masks; E B = 1 turns q B into q. It grows with m, "
            "so that there is one optimum.",
            r"\frac{d \ell}{dm} = B\, \sigma(m B) - q B,\qquad \frac{d^2 \ell}{dm^2} = B^2 \sigma (1 - \sigma) > 0",
            zero(slope - (pull(scale) - q * scale))
            and zero(sp.diff(slope, m) - scale**2 * sigma(m * scale) * (1 - sigma(m * scale))),
        ),
        Step(
            "The covariance",
            "The chance grows with B: its covariance with B is positive, and acts against the flattening. With the "
            "teacher's masks in the label the balance at m = z_T is too large by just this covariance.",
            r"E[B \sigma] - E[B]\, E[\sigma] = \mathrm{Cov},\qquad \frac{d}{dB} \sigma(m B) = m \sigma (1 - \sigma) "
            r"> 0",
            zero(sp.diff(sigma(m * scale), scale) - m * sigma(m * scale) * (1 - sigma(m * scale)))
            and bool((m * sigma(m * scale) ** 2 * sp.exp(-m * scale)).is_positive),
        ),
    ]


def _first_order() -> list[Step]:
    # Two scales, 1 - rho and 1 + rho; the logit u (1 + c rho^2).
    moved = u * (1 + c * rho**2)
    balance = sum(f * sigma(moved * f) for f in (1 - rho, 1 + rho)) / 2 - sigma(u)
    second: Any = sp.diff(balance, rho, 2)
    second = second.subs(rho, 0) / 2
    (found,) = sp.solve(sp.Eq(sp.simplify(second), 0), c)
    wanted = first_order().rewrite(sp.exp)
    return [
        Step(
            "Little noise",
            "The balance at second order in the deviation of B.",
            r"\frac{m}{u} = 1 + \rho^2 \bigl(\tfrac u2 \tanh \tfrac u2 - 1\bigr) + o(\rho^2)",
            zero(sp.simplify(found.rewrite(sp.exp) - wanted)),
        ),
        Step(
            "The turning point",
            "The bracket grows with u and changes its sign once, between 2.3993 and 2.3994.",
            r"\tfrac u2 \tanh \tfrac u2 = 1 \iff u \approx 2.3994",
            bool(first_order().subs(u, sp.Rational("2.3993")).evalf(30) < 0)
            and bool(first_order().subs(u, sp.Rational("2.3994")).evalf(30) > 0)
            and zero(sp.diff(first_order(), u) - (sp.tanh(u / 2) / 2 + u / 4 * (1 - sp.tanh(u / 2) ** 2))),
        ),
    ]


def _whatever_the_noise() -> Step:
    value, line = pull(b), pull(1) + sp.diff(pull(b), b).subs(b, 1) * (b - 1)
    curvature = sp.diff(value, b, 2)
    claimed = m * sigma(m * b) * (1 - sigma(m * b)) * (2 - m * b * sp.tanh(m * b / 2))
    steep: Any = sp.diff(pull(b), b).subs(b, 1)
    return Step(
        "Whatever the noise",
        "b sigma(m b) is convex up to m b = 2.3994 and concave beyond. Its tangent at b = 1 stays below it for all b "
        "if it is not steeper than the asymptote, of slope 1: for m <= 1 + exp(-m). Then E[B sigma(m B)] >= sigma(m).",
        r"\frac{d^2}{db^2} b \sigma(m b) = m \sigma (1 - \sigma)\bigl(2 - m b \tanh \tfrac{m b}{2}\bigr),\qquad "
        r"1 - \frac{d}{db}\Big|_{1} = \sigma (1 - \sigma)(1 + e^{-m} - m)",
        zero(sp.simplify((curvature - claimed).rewrite(sp.exp)))
        and zero(1 - steep - sigma(m) * (1 - sigma(m)) * (1 + sp.exp(-m) - m))
        and zero((value - line).subs(b, 1)),
    )


def _temperature() -> list[Step]:
    concave = (1 - t**2) * sp.atanh(t)
    tanh = sp.tanh(m * scale / 2)
    size_biased = scale * sigma(m * scale) - scale / 2 - scale * tanh / 2
    return [
        Step(
            "Size-biased masks",
            "With masks weighted by B the balance is a mean of tanh. This mean has the derivative E h(t) / m in log m, "
            "where tanh(u / 2) has h / m times u' m: so m / u grows exactly if E h(t) < h(E t).",
            r"B \sigma(m B) = \tfrac B2 \bigl(1 + \tanh \tfrac{m B}{2}\bigr),\qquad "
            r"m \frac{d}{dm} \tanh \frac{m B}{2} = h(t),\; h(t) = (1 - t^2) \operatorname{artanh} t",
            zero(size_biased.rewrite(sp.exp))
            and zero(sp.simplify(m * sp.diff(tanh, m) - (1 - tanh**2) * m * scale / 2)),
        ),
        Step(
            "The slope falls with the temperature",
            "h is strictly concave between 0 and 1: Jensen's inequality.",
            r"h'' = -2 \operatorname{artanh} t - \frac{2 t}{1 - t^2} < 0",
            zero(sp.diff(concave, t, 2) + 2 * sp.atanh(t) + 2 * t / (1 - t**2)),
        ),
        Step(
            "The least slope",
            "tanh is concave for positive arguments, and the size-biased mean of B is 1 + rho^2: the slope is at least "
            "one over it, and equal at small u, where tanh is linear.",
            r"E_B \tanh \frac{m B}{2} \le \tanh \frac{m (1 + \rho^2)}{2},\qquad \frac{d^2 \tanh x}{dx^2} = "
            r"-2 \tanh x\, (1 - \tanh^2 x)",
            zero(sp.diff(sp.tanh(t), t, 2) + 2 * sp.tanh(t) * (1 - sp.tanh(t) ** 2))
            and zero(sp.limit(sp.tanh(m * scale / 2) / m, m, 0) - scale / 2),
        ),
    ]


def _masks() -> list[Step]:
    y = sp.symbols("y", positive=True)
    rate = sp.symbols("p", positive=True)
    return [
        Step(
            "A weaker mask decides at large logits",
            "sigma(-u B) is at least exp(-u B) / 2 and sigma(-u) at most exp(-u): one mask outweighs the label's rest.",
            r"\tfrac12 \pi B e^{-u B} \ge e^{-u} \iff u \ge \frac{\log(2 / (\pi B))}{1 - B}",
            zero(1 / (1 + sp.exp(y)) - sp.exp(-y) / 2 - (1 - sp.exp(-y)) / (2 * (1 + sp.exp(y))))
            and zero(sp.exp(-y) - 1 / (1 + sp.exp(y)) - sp.exp(-y) / (1 + sp.exp(y))),
        ),
        Step(
            "Without weaker masks",
            "If B is 0 or at least 1, the chance at B is at least that at 1 wherever it counts: E[B sigma(u B)] >= "
            "sigma(u). With one input the student has 1 - p of its teacher's logit.",
            r"B \bigl(\sigma(u B) - \sigma(u)\bigr) \ge 0;\qquad d = 1:\; \sigma\Bigl(\frac{m}{1 - p}\Bigr) = "
            r"\sigma(u)",
            zero(sp.diff(sigma(u * scale), scale) - u * sigma(u * scale) * (1 - sigma(u * scale)))
            and zero((1 - rate) * pull(1 / (1 - rate)).subs(m, (1 - rate) * u) - sigma(u)),
        ),
    ]


def _shared() -> Step:
    density = sp.Function("f")(u)
    weight = sigma(u) * (1 - sigma(u))
    literal = density * weight * first_order()
    by_parts = weight * (u * sp.diff(density, u) - density) / 2
    return Step(
        "Shared weights",
        "On a common direction the first order is a mean of the bracket with the weights sigma' and the noise. With "
        "equal noise and a density f it is, up to a derivative that integrates to nothing, negative where u f' <= 0.",
        r"f \sigma' \bigl(\tfrac u2 \tanh \tfrac u2 - 1\bigr) = \tfrac12 \sigma' (u f' - f) - \tfrac12 \frac{d}{du} "
        r"(u f \sigma')",
        zero(sp.simplify((literal - by_parts + sp.diff(u * density * weight, u) / 2).rewrite(sp.exp))),
    )


def prove() -> Derivation:
    """All steps."""
    return Derivation(
        claim="dropout-route",
        steps=(*_stationarity(), *_first_order(), _whatever_the_noise(), *_temperature(), *_masks(), _shared()),
        not_carried=(
            "Jensen's inequality, and that an increasing function of B has a positive covariance with it.",
            "That a convex and then concave function stays above a tangent that is not steeper than its asymptote.",
            "That the optimum over separate weights of equal inputs has equal weights: convexity and symmetry.",
        ),
    )


if __name__ == "__main__":
    print(prove())
