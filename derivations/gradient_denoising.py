r"""Derivation of C7b and f, ``gradient-denoising``: distillation's gradient is the one-hot gradient with less noise.

``python derivations/gradient_denoising.py`` prints it. Every ``verified`` is computed by SymPy: an identity by
simplifying the difference of its sides to zero, a sign from the signs of its factors. Along the direction of a mode
with eigenvalue lambda, a gradient is the square root of lambda times the difference of coefficients.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from kdtheory.claims import Derivation, Step, zero

lam, T, s, t = sp.symbols("lambda T s t", positive=True)
y, c, c0, star, noise = sp.symbols("y c c_0 c_* varepsilon", real=True)


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


def prove() -> Derivation:
    """All steps."""
    return Derivation(
        claim="gradient-denoising",
        steps=(*relations(), *duality()),
        not_carried=(
            "That squared loss lets the modes evolve apart, and that X^T f(X X^T) = f(X^T X) X^T (the singular value "
            "decomposition): from modes to matrices.",
        ),
    )


if __name__ == "__main__":
    print(prove())
