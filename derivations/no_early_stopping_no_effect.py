r"""Derivation of C5, ``no-early-stopping-no-effect``: distillation needs early stopping of teacher and student.

``python derivations/no_early_stopping_no_effect.py`` prints it. In the singular vectors of the inputs every direction
of the weights moves alone, so that one coordinate of each kind stands for all of them: one that the training inputs see
(singular value sigma), one that they do not see, and one of the targets that no weights reach. Every ``verified`` is
computed by SymPy.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from kdtheory.claims import Derivation, Step, zero

sigma, t, T, s, c = sp.symbols("sigma t T s c", positive=True)
# Target coordinate u.y of a seen direction and of one that no weights reach; teacher's and student's starts.
y, lost, b0T, b0S = sp.symbols("y y_perp b_0T b_0S", real=True)
w = sp.symbols("w", real=True)
lam = sigma**2


def trained(target: Any, start: Any, size: Any = sigma) -> Any:
    """One coordinate of the weights under gradient flow, at time t; ``size`` is its singular value."""
    b: Any = sp.Function("b")
    solution: Any = sp.dsolve(sp.Eq(b(t).diff(t), size * (target - size * b(t))), b(t), ics={b(0): start})
    return solution.rhs


def outputs(weights: Any) -> Any:
    """The coordinate of the train outputs that belongs to a seen direction."""
    return sigma * weights


def teacher(time: Any = T) -> Any:
    """A seen coordinate of the teacher's weights."""
    return trained(y, b0T).subs(t, time)


def converged(target: Any, start: Any) -> Any:
    """A seen coordinate at the end of training."""
    return sp.limit(trained(target, start), t, sp.oo)


def single() -> list[Step]:
    """One training."""
    loss = ((sigma * w - y) ** 2 + lost**2) / 2
    return [
        Step(
            "The gradient",
            "What no weights reach of the targets does not enter the gradient, interpolation or not.",
            r"\partial_w\, \tfrac12 \bigl[(\sigma w - y)^2 + y_\perp^2\bigr] = \sigma (\sigma w - y)",
            zero(sp.diff(loss, w) - sigma * (sigma * w - y)) and zero(sp.diff(loss, w, lost)),
        ),
        Step(
            "One training",
            "A seen coordinate goes from its start to the least-squares weights.",
            r"b(t) = \tfrac{y}{\sigma} + e^{-\sigma^2 t} \bigl(b_0 - \tfrac{y}{\sigma}\bigr)",
            zero(trained(y, b0S) - (y / sigma + sp.exp(-lam * t) * (b0S - y / sigma))),
        ),
        Step(
            "What is not seen stays",
            "A coordinate off the row space keeps its start, whatever the target.",
            r"\sigma = 0:\quad b(t) = b_0",
            zero(trained(y, b0S, sp.Integer(0)) - b0S),
        ),
    ]


def teacher_to_the_end() -> list[Step]:
    """Part (a), and the effect of stopping."""
    student = trained(outputs(teacher()), b0S).subs(t, s)
    onehot = trained(y, b0S).subs(t, s)
    effect = -(1 - sp.exp(-lam * s)) / lam * sp.exp(-lam * T) * sigma * (y - sigma * b0T)
    fixed = trained(outputs(converged(y, b0T)), b0S).subs(t, s)
    return [
        Step(
            "(a) A converged teacher",
            "Its train outputs are the reachable part of the labels, from every start.",
            r"\sigma\, b_T(\infty) = y",
            zero(outputs(converged(y, b0T)) - y),
        ),
        Step(
            "(a) No effect",
            "Hence its student is the one-hot run, at every time s and from every start.",
            r"T = \infty:\quad b_S = b_1(s)",
            zero(fixed - onehot),
        ),
        Step(
            "The effect of stopping",
            "With a stopped teacher the student is off by what the teacher lacks, as far as s lets it act.",
            r"b_S - b_1(s) = -\frac{1 - e^{-\lambda s}}{\lambda}\, e^{-\lambda T} \sigma (y - \sigma b_{0T}),\quad "
            r"\lambda = \sigma^2",
            zero(student - onehot - effect),
        ),
        Step(
            "It needs both to stop",
            "The effect vanishes for T to infinity; for s to infinity it is what separates the teacher from the "
            "least-squares weights.",
            r"T \to \infty:\; 0,\qquad s \to \infty:\; b_T - y / \sigma",
            zero(sp.limit(effect, T, sp.oo)) and zero(sp.limit(effect, s, sp.oo) - (teacher() - y / sigma)),
        ),
    ]


def student_to_the_end() -> list[Step]:
    """Parts (b) and (c)."""
    ridge = sp.solve(sp.diff((sigma * w - y) ** 2 + c * w**2, w), w)[0]
    unseen = trained(y, b0S, sp.Integer(0)) - trained(y, b0T, sp.Integer(0))
    return [
        Step(
            "(b) The seen coordinates",
            "A converged student has its teacher's, wherever that stopped.",
            r"s = \infty:\quad P b_S = P b_T",
            zero(converged(outputs(teacher()), b0S) - teacher()),
        ),
        Step(
            "(b) The others",
            "They are those of the starts: no train point sees them; test points see the difference.",
            r"(I - P)(b_S - b_T) = (I - P)(b_{0S} - b_{0T})",
            zero(unseen - (b0S - b0T)),
        ),
        Step(
            "(c) A ridge teacher",
            "Its seen coordinates are shrunk, its others zero.",
            r"b_T = \frac{\sigma y}{\sigma^2 + c}",
            zero(ridge - sigma * y / (lam + c)) and zero(ridge.subs(sigma, 0)),
        ),
        Step(
            "(c) Regularization is inherited",
            "The converged student from zero has the same weights: it adds no shrinkage and undoes none.",
            r"s = \infty,\; b_{0S} = 0:\quad b_S = b_T",
            zero(converged(outputs(ridge), 0) - ridge) and zero(trained(y, 0, sp.Integer(0))),
        ),
    ]


def prove() -> Derivation:
    """All steps."""
    return Derivation(
        claim="no-early-stopping-no-effect",
        steps=(*single(), *teacher_to_the_end(), *student_to_the_end()),
        not_carried=(
            "The singular value decomposition: that in its vectors the coordinates of the weights move apart, and that "
            "sums over them are P, I - P and functions of Sigma.",
            "All test predictions agree exactly if (I - P)(b_0S - b_0T) = 0: a linear function that vanishes at every "
            "test point is zero.",
        ),
    )


if __name__ == "__main__":
    print(prove())
