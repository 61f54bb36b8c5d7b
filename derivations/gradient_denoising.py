r"""Derivation of C7b, d, f and c, ``gradient-denoising``: distillation's gradient and its noise are one matter.

``python derivations/gradient_denoising.py`` prints it. Every ``verified`` is computed by SymPy: an identity by
simplifying the difference of its sides to zero, a sign from the signs of its factors. Along the direction of a mode
with eigenvalue lambda, a gradient is the square root of lambda times the difference of coefficients.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from kdtheory.claims import Derivation, Step, zero

lam, T, s, t, S, eta, sigma = sp.symbols("lambda T s t S eta sigma", positive=True)
a, xi, y, c, c0, star, noise = sp.symbols("a xi y c c_0 c_* varepsilon", real=True)


def vector(name: str) -> Any:
    """A column of two symbols."""
    return sp.Matrix(sp.symbols(f"{name}_1 {name}_2", real=True))


def trained(target: Any, start: Any, time: Any) -> Any:
    """Gradient flow of one mode."""
    f: Any = sp.Function("f")
    solution: Any = sp.dsolve(sp.Eq(f(t).diff(t), lam * (target - f(t))), f(t), ics={f(0): start})
    return solution.rhs.subs(t, time)


def gradient(at: Any, target: Any) -> Any:
    """Along a mode's direction."""
    return sp.sqrt(lam) * (at - target)


def floor_factor() -> Any:
    """By what the noise of SGD is multiplied."""
    return (1 - xi) ** 2


def error_ratio() -> Any:
    """Mean squared error of distillation's gradient over that of the one-hot gradient."""
    return a**2 + (1 - a) ** 2 * S


def relations() -> list[Step]:
    """The exact relation and the low-pass form."""
    x, b, teacher = vector("x"), vector("b"), vector("q")
    output, taught = (x.T * b)[0], (x.T * teacher)[0]
    per_sample = x * (output - taught) - (x * (output - y) - x * (taught - y))
    learned = trained(y, c0, T)
    low = (1 - sp.exp(-lam * T)) * gradient(c, y)
    rest = gradient(c, learned) - low
    return [
        Step(
            "The relation, sample by sample",
            "For features x, weights b and teacher weights b_T; sums of it are the relation for every minibatch.",
            r"x\,(x \cdot b - x \cdot b_T) = x\,(x \cdot b - y) - x\,(x \cdot b_T - y)",
            all(zero(entry) for entry in per_sample),
        ),
        Step(
            "The one-hot gradient at the teacher",
            "Gradient flow from b_0 has left exp(-lambda T) of it.",
            r"-g_{OH}(b_T) = e^{-\lambda T} \sqrt{\lambda}\,(y - c_0)",
            zero(-gradient(learned, y) - sp.exp(-lam * T) * sp.sqrt(lam) * (y - c0)),
        ),
        Step(
            "The low-pass form and what it lacks",
            "The rest vanishes for finite T only where the student's function is that of the teacher's start.",
            r"g_{KD} - (1 - e^{-\lambda T})\, g_{OH} = e^{-\lambda T} \sqrt{\lambda}\,(c - c_0)",
            zero(rest - sp.exp(-lam * T) * sp.sqrt(lam) * (c - c0)) and zero(rest.subs(c, c0)),
        ),
    ]


def duality() -> list[Step]:
    """One number in three places."""
    gain = 1 - sp.exp(-lam * T)
    onehot = trained(y, 0, s)
    distilled = trained(trained(y, 0, T), 0, s)
    response = sp.diff(gradient(c, trained(star + noise, 0, T)), noise) / sp.diff(gradient(c, star + noise), noise)
    return [
        Step(
            "The ratio of coefficients",
            "At every time s of the student.",
            r"c_{KD}(s) = a\, c_{OH}(s),\quad a = 1 - e^{-\lambda T}",
            zero(distilled - gain * onehot),
        ),
        Step(
            "The ratio of noise",
            "How the two gradients answer to noise in the label: the same number, that of the filter.",
            r"\frac{\partial g_{KD} / \partial \varepsilon}{\partial g_{OH} / \partial \varepsilon} = a",
            zero(response - gain),
        ),
    ]


def floor() -> list[Step]:
    """Constant-step SGD."""
    x, least, teacher, e = vector("x"), vector("b"), vector("q"), vector("e")
    r = sp.symbols("r", real=True)
    mixed = (1 - xi) * y + xi * (x.T * teacher)[0]
    center = least + xi * (teacher - least)
    left, own = mixed - (x.T * center)[0], y - (x.T * least)[0]

    def step(error: Any, residual: Any) -> Any:
        """One step of the deviation from the center."""
        return error - eta * x * ((x.T * error)[0] - residual)

    b = center + e
    literal = b - eta * x * ((x.T * b)[0] - mixed) - center
    M = sp.Matrix([[sp.Symbol("m_11"), sp.Symbol("m_12")], [sp.Symbol("m_12"), sp.Symbol("m_22")]])
    shrink = sp.eye(2) - eta * x * x.T
    equation = M - shrink * M * shrink - eta**2 * r**2 * x * x.T
    f = floor_factor()
    scaled = f * M - shrink * f * M * shrink - eta**2 * ((1 - xi) * r) ** 2 * x * x.T
    G, C = vector("g"), vector("c")
    best = (G.T * C)[0] / (C.T * C)[0]
    variance = ((G - xi * C).T * (G - xi * C))[0]
    return [
        Step(
            "The residuals",
            "At the center each is 1 - xi times that of least squares; so their sum against x is zero again: it is "
            "the least-squares solution of the mixed targets.",
            r"t - x \cdot (b_{LS} + \xi (b_T - b_{LS})) = (1 - \xi)(y - x \cdot b_{LS})",
            zero(left - (1 - xi) * own),
        ),
        Step(
            "The deviation from the center",
            "A step of SGD on one sample.",
            r"e \leftarrow (I - \eta x x^T)\, e + \eta\, (1 - \xi)\, r\, x",
            all(zero(entry) for entry in literal - step(e, (1 - xi) * own)),
        ),
        Step(
            "With the same samples",
            "It is linear in e and r together: with the same samples, 1 - xi times the deviations of labels are the "
            "deviations of the mixture.",
            r"(1 - \xi)\, e \leftarrow (1 - \xi) \left[ (I - \eta x x^T)\, e + \eta\, r\, x \right]",
            all(zero(entry) for entry in step((1 - xi) * e, (1 - xi) * r) - (1 - xi) * step(e, r)),
        ),
        Step(
            "The floor",
            "If M solves the equation of the stationary second moment for labels, (1 - xi)^2 M solves that of the "
            "mixture (term by term in the mean over samples).",
            r"M = E[(I - \eta x x^T) M (I - \eta x x^T)] + \eta^2 E[r^2 x x^T]",
            all(zero(entry) for entry in scaled - (1 - xi) ** 2 * equation),
        ),
        Step(
            "The control variate",
            "Centred gradients of samples at the point, G, and at the teacher, C: the mixture has G - xi C.",
            r"|G - \xi C|^2 = |G|^2 + |C|^2\, \xi\, (\xi - 2 \xi^*),\quad \xi^* = \langle G, C \rangle / |C|^2",
            zero(variance - (G.T * G)[0] - (C.T * C)[0] * xi * (xi - 2 * best)),
        ),
    ]


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
        claim="gradient-denoising",
        steps=(*relations(), *duality(), *floor(), *noisy()),
        not_carried=(
            "That squared loss lets the modes evolve apart, and that X^T f(X X^T) = f(X^T X) X^T (the singular value "
            "decomposition): from modes to matrices.",
            "From two features to any number: the identities are linear in outer products of the same vectors.",
            "That the equation of the stationary second moment has one solution (its map contracts for stable steps), "
            "and that SGD tends to it.",
        ),
    )


if __name__ == "__main__":
    print(prove())
