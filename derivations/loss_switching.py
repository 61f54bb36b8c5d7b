r"""Derivation of C6, ``loss-switching``: what a switch of the loss recovers, and every other schedule of mixing.

``python derivations/loss_switching.py`` prints it. Every ``verified`` is computed by SymPy: an identity by simplifying
the difference of its sides to zero, a sign from the signs of its factors.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from kdtheory.claims import Derivation, Step, zero

lam, T, H, s, t = sp.symbols("lambda T H s t", positive=True)
a, b, h, z = sp.symbols("a b h z", positive=True)
y, f, c0 = sp.symbols("y f c_0", real=True)
tau = sp.symbols("tau", real=True)
k = sp.symbols("k", integer=True, positive=True)


def trained(target: Any, start: Any, time: Any) -> Any:
    """Gradient flow of one mode on a fixed target."""
    c: Any = sp.Function("c")
    solution: Any = sp.dsolve(sp.Eq(c(t).diff(t), lam * (target - c(t))), c(t), ics={c(0): start})
    return solution.rhs.subs(t, time)


def phi() -> Any:
    """The fraction that a switch recovers."""
    return (1 - sp.exp(-lam * (H - s))) / (1 - sp.exp(-lam * H))


def students() -> dict[str, Any]:
    """What the four students end with: target y, teacher f, start c_0."""
    return {
        "labels": trained(y, c0, H),
        "distilled": trained(f, c0, H),
        "switched": trained(f, trained(y, c0, s), H - s),
        "reversed": trained(y, trained(f, c0, s), H - s),
    }


def switching() -> list[Step]:
    """The first three statements."""
    end = students()
    effect = end["distilled"] - end["labels"]
    gap = (end["switched"] - end["distilled"]).subs(f, trained(y, 0, T))
    return [
        Step(
            "A switch against distillation throughout",
            "Two phases of gradient flow on a teacher that was trained from zero for the time T.",
            r"c_{switch} - c_{KD} = y\, e^{-\lambda T} e^{-\lambda (H-s)} (1 - e^{-\lambda s})",
            zero(gap - y * sp.exp(-lam * T) * sp.exp(-lam * (H - s)) * (1 - sp.exp(-lam * s))),
        ),
        Step(
            "The effect of distillation",
            "It is proportional to what the teacher differs from the target by; the start is gone.",
            r"c_{KD} - c_{labels} = (1 - e^{-\lambda H})(f - y)",
            zero(effect - (1 - sp.exp(-lam * H)) * (f - y)),
        ),
        Step(
            "The fraction that is recovered",
            "It holds for every teacher f, target y and start c_0, none of which it contains.",
            r"c_{switch} - c_{labels} = \varphi\, (c_{KD} - c_{labels}),\quad"
            r" \varphi = \frac{1 - e^{-\lambda (H-s)}}{1 - e^{-\lambda H}}",
            zero(end["switched"] - end["labels"] - phi() * effect) and not phi().has(f, y, c0),
        ),
        Step(
            "The reverse switch",
            "It retains the rest.",
            r"c_{reverse} - c_{labels} = (1 - \varphi)(c_{KD} - c_{labels})",
            zero(end["reversed"] - end["labels"] - (1 - phi()) * effect),
        ),
        Step(
            "Conservation",
            "Both switches together have both targets all the time.",
            r"c_{switch} + c_{reverse} = c_{KD} + c_{labels}",
            zero(end["switched"] + end["reversed"] - end["distilled"] - end["labels"]),
        ),
    ]


def order() -> list[Step]:
    """Limits and monotonicity of the fraction; a = lambda (H - s), b = lambda s."""
    odds = (sp.exp(a) - 1) / (1 - sp.exp(-b))
    fraction = (1 - sp.exp(-a)) / (1 - sp.exp(-a - b))
    growth = sp.diff(sp.log(odds.subs({a: lam * a, b: lam * b})), lam)
    up, down = a * sp.exp(lam * a) / (sp.exp(lam * a) - 1), b / (sp.exp(lam * b) - 1)
    rest = sp.exp(z) - 1 - z
    sign = rest.subs(z, 0) == 0 and sp.diff(rest, z).subs(z, 0) == 0 and bool(sp.diff(rest, z, 2).is_positive)
    return [
        Step(
            "The odds of the fraction",
            "With a = lambda (H - s) and b = lambda s.",
            r"\frac{\varphi}{1 - \varphi} = \frac{e^a - 1}{1 - e^{-b}}",
            zero(sp.simplify(fraction / (1 - fraction) / odds) - 1),
        ),
        Step(
            "Their growth with the eigenvalue",
            "For a and b per unit of the eigenvalue.",
            r"\frac{d}{d\lambda} \log \frac{\varphi}{1-\varphi}"
            r" = \frac{a e^{\lambda a}}{e^{\lambda a} - 1} - \frac{b}{e^{\lambda b} - 1}",
            zero(sp.simplify(growth - up + down)),
        ),
        Step(
            "It is positive",
            "The first term exceeds 1 / lambda and the second one stays below, by exp(z) > 1 + z in both cases: "
            "with a positive rest, exp(z) - 1 - z, over positive denominators (for the first one at -z).",
            r"\lambda a\, e^{\lambda a} - (e^{\lambda a} - 1) = e^{\lambda a} (e^{-\lambda a} - 1 + \lambda a) > 0,"
            r"\quad e^{\lambda b} - 1 - \lambda b > 0",
            sign
            and zero(z * sp.exp(z) - sp.exp(z) + 1 - sp.exp(z) * rest.subs(z, -z))
            and zero(sp.diff(rest.subs(z, -z), z) - (1 - sp.exp(-z))),
        ),
        Step(
            "The limits",
            "Trailing modes recover the share of the training that is left, leading modes everything.",
            r"\lim_{\lambda \to 0} \varphi = 1 - \frac{s}{H},\qquad \lim_{\lambda \to \infty} \varphi = 1",
            zero(sp.limit(fraction.subs({a: lam * a, b: lam * b}), lam, 0) - a / (a + b))
            and sp.limit(fraction.subs({a: lam * a, b: lam * b}), lam, sp.oo) == 1,
        ),
        Step(
            "The boundaries",
            "A switch at the beginning is distillation, one at the end is none; after an infinite training of the "
            "teacher there is no effect.",
            r"\varphi|_{s=0} = 1,\quad \varphi|_{s=H} = 0,\quad \lim_{T \to \infty} (c_{switch} - c_{KD}) = 0",
            zero(phi().subs(s, 0) - 1) and zero(phi().subs(s, H)) and sp.limit(sp.exp(-lam * T), T, sp.oo) == 0,
        ),
    ]


def schedules() -> list[Step]:
    """The schedule theorem, in continuous time and in steps."""
    xi: Any = sp.Function("xi")
    felt = sp.Integral(lam * sp.exp(-lam * (t - tau)) * xi(tau), (tau, 0, t))
    state = y + (c0 - y) * sp.exp(-lam * t) + (f - y) * felt
    equation = sp.diff(state, t) - lam * (y + xi(t) * (f - y) - state)
    w = lam * sp.exp(-lam * (H - tau)) / (1 - sp.exp(-lam * H))
    mass = sp.exp(-lam * (H - tau)) / (1 - sp.exp(-lam * H))  # whose slope is w
    slope = zero(sp.diff(mass, tau) - w)
    j = sp.symbols("j", integer=True, nonnegative=True)
    steps = y + (c0 - y) * (1 - h) ** k
    added: Any = sp.Function("S")  # S(k) = sum over j < k of h (1 - h)^(k - 1 - j) xi_j
    after = y + (c0 - y) * (1 - h) ** (k + 1) + (f - y) * ((1 - h) * added(k) + h * xi(k))
    one_step = (1 - h) * (steps + (f - y) * added(k)) + h * (y + xi(k) * (f - y))
    weight, power = h * (1 - h) ** (k - 1 - j), (1 - h) ** (k - j)
    telescope = zero((power.subs(j, j + 1) - power - weight) / (1 - h) ** (k - 1 - j))
    return [
        Step(
            "Every schedule, in continuous time",
            "The student of a schedule xi of mixing weights, from any start; differentiating gives gradient flow on "
            "the mixture of the moment.",
            r"c(t) = y + (c_0 - y) e^{-\lambda t} + (f - y) \int_0^t \lambda e^{-\lambda (t - \tau)} \xi(\tau)\, d\tau",
            zero(equation.doit()) and zero(state.subs(t, 0).doit() - c0),
        ),
        Step(
            "The mixing that is felt",
            "The weights add up to 1, so that a constant mixing is felt as it is.",
            r"w(\tau) = \frac{\lambda e^{-\lambda (H - \tau)}}{1 - e^{-\lambda H}},\qquad \int_0^H w\, d\tau = 1",
            slope and zero(mass.subs(tau, H) - mass.subs(tau, 0) - 1),
        ),
        Step(
            "A switch is a schedule",
            "With mixing 0 before s and 1 after it, what is felt is the fraction that is recovered.",
            r"\int_s^H w(\tau)\, d\tau = \varphi",
            slope and zero(sp.simplify(mass.subs(tau, H) - mass.subs(tau, s) - phi())),
        ),
        Step(
            "What is remembered",
            "Trailing modes weigh all times alike; on leading modes times before the end fade exponentially.",
            r"\lim_{\lambda \to 0} w(\tau) = \frac{1}{H},\qquad \frac{w(\tau)}{w(H)} = e^{-\lambda (H - \tau)}",
            zero(sp.limit(w, lam, 0) - 1 / H) and zero(w / w.subs(tau, H) - sp.exp(-lam * (H - tau))),
        ),
        Step(
            "Every schedule, in steps",
            "One step of gradient descent, h = eta lambda, takes the sum S to (1 - h) S + h xi: by induction a step's "
            "weight is h (1 - h)^(steps after it), and the weights add up (they telescope) to the gain.",
            r"c_{k+1} = (1-h) c_k + h\,(y + \xi_k (f - y)),\qquad \sum_{j<k} h (1-h)^{k-1-j} = 1 - (1-h)^k",
            zero(one_step - after) and telescope and zero(power.subs(j, k) - power.subs(j, 0) - 1 + (1 - h) ** k),
        ),
    ]


def prove() -> Derivation:
    """All steps."""
    return Derivation(
        claim="loss-switching",
        steps=(*switching(), *order(), *schedules()),
        not_carried=(
            "That squared loss lets the modes of the Gram matrix evolve apart (the spectral theorem).",
            "From a convex function that starts at 0 with slope 0 to its positivity, and from the sign of a derivative "
            "to monotonicity; the bounds follow from the limits.",
            "That gradient descent with eta lambda < 1 is gradient flow for -log(1 - eta lambda) per step, which grows "
            "with lambda: its bounds and order are those of the flow.",
        ),
    )


if __name__ == "__main__":
    print(prove())
