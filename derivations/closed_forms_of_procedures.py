r"""Derivation of C0a, ``closed-forms-of-procedures``: each form solves its recursion or differential equation.

``python derivations/closed_forms_of_procedures.py`` prints it. Every ``verified`` is computed by SymPy.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from kdtheory.claims import Derivation, Step, zero

lam, h, d, w, c, t, mu, g, y, y0 = sp.symbols("lambda h d w c t mu g y c_0", positive=True)
k = sp.symbols("k", integer=True, nonnegative=True)
p, p1, p2 = sp.symbols("p p_1 p_2")


def state(gain: Any, retain: Any = None) -> Any:
    """Where a mode is, from the gain and what is kept of the start."""
    return gain * y + (1 - gain if retain is None else retain) * y0


def flow(time: Any = t) -> Any:
    """Gain of gradient flow."""
    return 1 - sp.exp(-lam * time)


def descent(steps: Any = k) -> Any:
    """Gain of gradient descent."""
    return 1 - (1 - h) ** steps


def left(steps: Any) -> Any:
    """What momentum has left of the error."""
    return ((1 - p2) * p1 ** (steps + 1) - (1 - p1) * p2 ** (steps + 1)) / (p1 - p2)


def without_memory() -> list[Step]:
    """Flow, descent, ridge, iterated ridge."""
    moved, stepped = state(flow()), state(descent())
    fitted = (1 - (1 + lam / c) ** -k) * y + (1 + lam / c) ** -k * y0
    repeated = fitted.subs(k, k + 1)
    x = sp.symbols("x")
    (shrunk,) = sp.solve(sp.diff((x - y) ** 2 / 2 + c / lam * x**2 / 2, x), x)
    (near,) = sp.solve(sp.diff((x - y) ** 2 / 2 + c / lam * (x - y0) ** 2 / 2, x), x)
    return [
        Step(
            "Gradient flow",
            "The mode moves towards the target at the rate lambda.",
            r"\dot c = -\lambda (c - y),\quad c(0) = c_0",
            zero(sp.diff(moved, t) + lam * (moved - y)) and zero(moved.subs(t, 0) - y0),
        ),
        Step(
            "Gradient descent",
            "A step takes the share h of the way.",
            r"c_{k+1} = c_k - h (c_k - y)",
            zero(state(descent(k + 1)) - stepped + h * (stepped - y)) and zero(stepped.subs(k, 0) - y0),
        ),
        Step(
            "Ridge",
            "In the eigenbasis the norm of the weights is c^2 / lambda.",
            r"\min_x \tfrac12 (x - y)^2 + \tfrac{c}{2 \lambda} x^2 \;\Rightarrow\; x = \frac{\lambda}{\lambda + c} y",
            zero(shrunk - state(lam / (lam + c), 0)),
        ),
        Step(
            "Iterated Tikhonov",
            "Each iteration is drawn to the iterate before it.",
            r"\min_x \tfrac12 (x - y)^2 + \tfrac{c}{2 \lambda} (x - c_m)^2",
            zero(near.subs(y0, fitted) - repeated) and zero(fitted.subs(k, 0) - y0),
        ),
    ]


def averages_and_decay() -> list[Step]:
    """Averaged flow and descent, weight decay."""
    averaged = 1 - (1 - sp.exp(-lam * t)) / (lam * t)
    mean = 1 - (1 - (1 - h) ** k) / (k * h)
    share, rest = lam / (lam + w), sp.exp(-(lam + w) * t)
    decayed = state(share * (1 - rest), rest)
    q = 1 - h - d
    pulled = state(h / (h + d) * (1 - q**k), q**k)
    return [
        Step(
            "Averaged gradient flow",
            "Time times the average grows by what the flow has reached, and starts at 0.",
            r"\frac{d}{dt} \bigl(t\, \bar c\bigr) = c(t)",
            zero(sp.diff(t * averaged, t) - flow()) and bool(sp.limit(t * averaged, t, 0) == 0),
        ),
        Step(
            "Averaged gradient descent",
            "The sum of k + 1 iterates is that of k and the iterate number k.",
            r"(k+1)\, \bar c_{k+1} = k\, \bar c_k + c_k",
            zero((k + 1) * mean.subs(k, k + 1) - k * mean - descent()),
        ),
        Step(
            "Gradient flow with weight decay",
            "The mode is drawn to zero, too, and forgets its start faster.",
            r"\dot c = -\lambda (c - y) - w c",
            zero(sp.diff(decayed, t) + lam * (decayed - y) + w * decayed) and zero(decayed.subs(t, 0) - y0),
        ),
        Step(
            "Gradient descent with weight decay",
            "The same by steps, d is step size times decay.",
            r"c_{k+1} = c_k - h (c_k - y) - d c_k",
            zero(pulled.subs(k, k + 1) - pulled + h * (pulled - y) + d * pulled) and zero(pulled.subs(k, 0) - y0),
        ),
    ]


def momentum() -> list[Step]:
    """Heavy ball, Nesterov, and their limits."""
    e, before = sp.symbols("e e_b")
    ball = sp.expand(e + mu * (e - before) - h * e - ((1 + mu - h) * e - mu * before))
    ahead = e + mu * (e - before)
    nesterov = sp.expand(ahead - h * ahead - ((1 - h) * (1 + mu) * e - (1 - h) * mu * before))
    recurrence = left(k + 2) - (p1 + p2) * left(k + 1) + p1 * p2 * left(k)
    ball_roots = (1 + mu - h) ** 2 - 4 * mu
    split = (h - (1 - sp.sqrt(mu)) ** 2) * (h - (1 + sp.sqrt(mu)) ** 2)
    nesterov_roots = ((1 - h) * (1 + mu)) ** 2 - 4 * (1 - h) * mu
    product = (1 - h) * (1 + mu) ** 2 * (((1 - mu) / (1 + mu)) ** 2 - h)
    end = 1 + (1 - h) * (1 + mu) + (1 - h) * mu
    return [
        Step(
            "Two-term recurrences",
            "With the velocity as the last difference of positions, both methods are recurrences of the error.",
            r"e_{k+1} = (1 + \mu - h) e_k - \mu e_{k-1},\quad e_{k+1} = (1 - h)(1 + \mu) e_k - (1 - h) \mu e_{k-1}",
            ball == 0 and nesterov == 0,
        ),
        Step(
            "Their solution from rest",
            "Rest means equal errors before the start and at it.",
            r"e_k = \frac{(1 - p_2) p_1^{k+1} - (1 - p_1) p_2^{k+1}}{p_1 - p_2},\quad e_{-1} = e_0 = 1",
            zero(recurrence) and zero(sp.simplify(left(0) - 1)) and zero(left(-1) - 1),
        ),
        Step(
            "Convergence",
            "The range ends where one root is -1 (the product of the roots is below 1 in it).",
            r"p = -1:\quad 2 + 2\mu - h = 0,\qquad 2 + 2\mu - h (1 + 2\mu) = 0",
            zero((p**2 - (1 + mu - h) * p + mu).subs(p, -1) - (2 + 2 * mu - h))
            and zero(end - (2 + 2 * mu - h * (1 + 2 * mu))),
        ),
        Step(
            "Real roots",
            "The discriminants factor; up to the smaller zero both roots are real and positive.",
            r"(h - (1 - \sqrt\mu)^2)(h - (1 + \sqrt\mu)^2),\qquad"
            r" (1 - h)(1 + \mu)^2 \Bigl(\bigl(\tfrac{1 - \mu}{1 + \mu}\bigr)^2 - h\Bigr)",
            zero(ball_roots - split) and zero(sp.simplify(nesterov_roots - product)),
        ),
        *oscillators(),
    ]


def oscillators() -> list[Step]:
    """Heavy-ball flow and Nesterov flow."""
    omega = sp.sqrt(g**2 / 4 - lam)
    error = sp.exp(-g * t / 2) * (sp.cosh(omega * t) + g / (2 * omega) * sp.sinh(omega * t))
    moves = sp.diff(error, t, 2) + g * sp.diff(error, t) + lam * error
    n = sp.symbols("n", integer=True, nonnegative=True)
    coefficient = 2 * (-1) ** n / (sp.factorial(n) * sp.factorial(n + 1) * 2 ** (2 * n + 1))
    ratio = sp.gammasimp(sp.combsimp(coefficient.subs(n, n + 1) / coefficient))
    x = sp.symbols("x", positive=True)
    head = sum(coefficient.subs(n, i) * x ** (2 * i) for i in range(5))
    bessel = sp.series(2 * sp.besselj(1, x) / x, x, 0, 10).removeO()
    return [
        Step(
            "Heavy-ball flow",
            "The error of the damped oscillator, from rest.",
            r"\ddot e + g \dot e + \lambda e = 0,\quad e(0) = 1,\; \dot e(0) = 0",
            zero(sp.simplify(moves.rewrite(sp.exp)))
            and zero(error.subs(t, 0) - 1)
            and zero(sp.simplify(sp.diff(error, t).subs(t, 0))),
        ),
        Step(
            "Nesterov flow",
            "With x = t sqrt(lambda), the power series that solves the equation is that of the Bessel function.",
            r"\ddot e + \tfrac3x \dot e + e = 0:\quad (2n+2)(2n+4)\, c_{n+1} = -c_n,\qquad e = \frac{2 J_1(x)}{x}",
            zero(sp.simplify(ratio * (2 * n + 2) * (2 * n + 4) + 1))
            and zero(sp.expand(head - bessel))
            and bool(abs(sp.besselj(1, sp.Float("3.8317059702075123156", 25)).evalf(20)) < 1e-15),
        ),
    ]


def prove() -> Derivation:
    """All steps."""
    return Derivation(
        claim="closed-forms-of-procedures",
        steps=(*without_memory(), *averages_and_decay(), *momentum()),
        not_carried=(
            "That squared loss lets the modes of the Gram matrix evolve apart (the spectral theorem).",
            "Induction over the steps, and that linear differential equations have one solution from a given start.",
            "That 3.8317 is the first zero of the Bessel function (it is checked to be one).",
        ),
    )


if __name__ == "__main__":
    print(prove())
