r"""Derivation of C14.10, ``earlier-findings``: eight findings as lines of one calculus of gains.

``python derivations/earlier_findings.py`` prints it. Every ``verified`` is computed by SymPy.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from kdtheory.claims import Derivation, Step, zero

y, c0, gT, gS, eS, g, x = sp.symbols("y c_0 g_T g_S e_S g x", real=True)
lam, lam1, lam2, c, c1, c2, alpha, sigma = sp.symbols("lambda lambda_1 lambda_2 c c_1 c_2 alpha sigma", positive=True)
theta = sp.symbols("theta", real=True)
m = sp.symbols("m", integer=True, nonnegative=True)
K = 3


def trained(gain: Any, target: Any) -> Any:
    """What a training from zero makes of a target, in one mode."""
    return gain * target


def ridge(penalty: Any) -> Any:
    """Gain of ridge regression."""
    return lam / (lam + penalty)


def turned(values: tuple[Any, Any]) -> Any:
    """The symmetric matrix with these eigenvalues and eigenvectors turned by theta."""
    turn = sp.Matrix([[sp.cos(theta), -sp.sin(theta)], [sp.sin(theta), sp.cos(theta)]])
    return turn * sp.diag(*values) * turn.T


def products() -> list[Step]:
    """Findings about gains that multiply."""
    rounds = trained(ridge(c2), trained(ridge(c1), y)) / y
    (fixed,) = sp.solve(sp.Eq(x, trained(ridge(c), alpha + (1 - alpha) * x)), x)
    sharper = ridge(c).subs(lam, lam1) / ridge(c).subs(lam, lam2)
    excess = sp.factor(sp.together(sharper - 1))
    positive = sp.simplify(excess * lam2 * (lam1 + c) - c * (lam1 - lam2)) == 0
    return [
        Step(
            "A student multiplies",
            "In every mode the student learns its gain of what the teacher hands on, which is the teacher's gain of "
            "the labels.",
            r"c_S = g_S\, g_T\, y",
            zero(trained(gS, trained(gT, y)) - gS * gT * y),
        ),
        Step(
            "No effect without early stopping",
            "A student without residual is its teacher, and so is, for the student, a teacher without one the labels.",
            r"g_S = 1:\; c_S = g_T\, y,\qquad g_T = 1:\; c_S = g_S\, y",
            zero(trained(gS, trained(gT, y)).subs(gS, 1) - gT * y)
            and zero(trained(gS, trained(gT, y)).subs(gT, 1) - gS * y),
        ),
        Step(
            "Rounds amplify regularization",
            "Two rounds of ridge are the product of two ridge gains.",
            r"\frac{\lambda}{\lambda + c_1}\, \frac{\lambda}{\lambda + c_2}",
            zero(rounds - lam**2 / ((lam + c1) * (lam + c2))),
        ),
        Step(
            "They sharpen",
            "Each round raises the ratio of a larger mode to a smaller one by a factor above 1.",
            r"\frac{\lambda_1 (\lambda_2 + c)}{\lambda_2 (\lambda_1 + c)} - 1 = "
            r"\frac{c\, (\lambda_1 - \lambda_2)}{\lambda_2 (\lambda_1 + c)}",
            bool(positive),
        ),
        Step(
            "Labels dampen it",
            "What ridge on labels and its own outputs gives back is ridge with the penalty over the labels' weight.",
            r"x = \frac{\lambda}{\lambda + c} (\alpha + (1 - \alpha) x) \;\Rightarrow\; x = \frac{\lambda}{\lambda + "
            r"c / \alpha}",
            zero(fixed - ridge(c / alpha)),
        ),
        Step(
            "Early-stopped rounds",
            "A teacher and m students of one gain.",
            r"g \cdot g^{m} = g^{m + 1}",
            zero(trained(g, g**m * y) - g ** (m + 1) * y),
        ),
    ]


def smoothing() -> Step:
    """Label smoothing of three classes."""
    centre = sp.eye(K) - sp.ones(K, K) / K
    smooth = (1 - alpha) * sp.eye(K) + alpha * sp.ones(K, K) / K
    return Step(
        "Label smoothing is a flat gain",
        "Centred, smoothed labels are the centred labels times one number (three classes).",
        r"C \bigl((1 - \alpha) e_y + \tfrac{\alpha}{K} 1\bigr) = (1 - \alpha)\, C e_y",
        all(zero(entry) for entry in centre * smooth - (1 - alpha) * centre),
    )


def gradients() -> list[Step]:
    """Findings about gradients, and the distance to the teacher."""
    a1, a2, y1, y2 = sp.symbols("a_1 a_2 y_1 y_2", real=True)
    filter_, gram = turned((a1, a2)), turned((lam1, lam2))
    variance = sigma**2 * (filter_ * gram * filter_).trace()
    s1, s2 = sp.symbols("s_1 s_2", real=True)
    labels = sp.Matrix([y1, y2])
    apart = (turned((a1, a2)) - turned((s1 * a1, s2 * a2))) * labels
    turn = sp.Matrix([[sp.cos(theta), -sp.sin(theta)], [sp.sin(theta), sp.cos(theta)]])
    modes = turn.T * labels
    parseval = ((1 - s1) * a1 * modes[0]) ** 2 + ((1 - s2) * a2 * modes[1]) ** 2
    batch = sp.Matrix(1, 2, sp.symbols("x_1 x_2", real=True))
    b, taught = sp.Matrix(sp.symbols("b_1 b_2", real=True)), sp.Matrix(sp.symbols("t_1 t_2", real=True))
    label = sp.Matrix([y])
    distilled = batch.T * (batch * b - batch * taught)
    plain = batch.T * (batch * b - label) - batch.T * (batch * taught - label)
    return [
        Step(
            "Soft labels lower the variance",
            "The gradient passes on what the teacher lets through of the noise (two modes, any basis).",
            r"\operatorname{tr}(A\, G\, A)\, \sigma^2 = \sigma^2 (\lambda_1 a_1^2 + \lambda_2 a_2^2)",
            zero(sp.trigsimp(sp.expand(variance - sigma**2 * (lam1 * a1**2 + lam2 * a2**2)))),
        ),
        Step(
            "Students are not faithful",
            "What a student misses of its teacher, squared and summed (two modes, any basis).",
            r"|f_T - f_S|^2 = \sum_k (e_S\, g_T\, u_k^\top y)^2",
            zero(sp.trigsimp(sp.expand((apart.T * apart)[0] - parseval))),
        ),
        Step(
            "Distillation subtracts the gradient at the teacher",
            "The labels cancel, in every batch, if the teacher's outputs are those of some weights.",
            r"x_B^\top (x_B b - x_B b_T) = x_B^\top (x_B b - y) - x_B^\top (x_B b_T - y)",
            all(zero(entry) for entry in distilled - plain),
        ),
    ]


def prove() -> Derivation:
    """All steps."""
    return Derivation(
        claim="earlier-findings",
        steps=(*products(), smoothing(), *gradients()),
        not_carried=(
            "That squared loss lets the modes of the Gram matrix evolve apart (the spectral theorem).",
            "From two modes and three classes to any number: the sums are the same.",
            "What the cited papers show beyond linear and kernel models, and their constants.",
        ),
    )


if __name__ == "__main__":
    print(prove())
