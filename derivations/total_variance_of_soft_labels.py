r"""Derivation of C7a, ``total-variance-of-soft-labels``: the law of total variance, and the critical batch.

``python derivations/total_variance_of_soft_labels.py`` prints it. Every ``verified`` is computed by SymPy: an
identity by simplifying the difference of its sides to zero, a sign from the signs of its factors.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from kdtheory.claims import Derivation, Step, zero

p = sp.symbols("p_1:4", positive=True)
r = sp.symbols("r", positive=True)
s = sp.symbols("s_1:4", real=True)
J = sp.Matrix(3, 2, sp.symbols("J_1:7", real=True))
B, V, Vq, bias, n = sp.symbols("B V V_q beta n", positive=True)
eye = sp.eye(3)


def label_noise() -> Any:
    """Covariance of a one-hot label."""
    column = sp.Matrix(p)
    return sp.diag(*p) - column * column.T


def difference() -> Any:
    """Mean squared error of labels minus that of the teacher."""
    return V / B - (bias + Vq / B)


def one_input() -> list[Step]:
    """At a given input."""
    shift = {p[2]: 1 - p[0] - p[1]}
    gradients = [J.T * (sp.Matrix(s) - eye[:, j]) for j in range(3)]
    mean: Any = sum((p[j] * gradients[j] for j in range(3)), sp.zeros(2, 1))
    clean = J.T * (sp.Matrix(s) - sp.Matrix(p))
    outer: Any = sum((p[j] * gradients[j] * gradients[j].T for j in range(3)), sp.zeros(2, 2))
    spread = outer - mean * mean.T - J.T * label_noise() * J
    return [
        Step(
            "The mean over labels",
            "One-hot gradients have the mean of the truth's.",
            r"E[J^T (p_s - e_Y) | x] = J^T (p_s - p^*)",
            all(zero((mean - clean)[i].subs(shift)) for i in range(2)),
        ),
        Step(
            "The variance over labels",
            "The covariance of a one-hot label is diag p - p p^T.",
            r"\text{Cov}(g | x) = J^T (\text{diag}\, p^* - p^* p^{*T}) J",
            all(zero(sp.expand(entry.subs(shift))) for entry in spread),
        ),
    ]


def all_inputs() -> list[Step]:
    """Over inputs and batches."""
    one, two, v1, v2 = sp.symbols("mu_1 mu_2 v_1 v_2", real=True)
    mean = r * one + (1 - r) * two
    total = r * (v1 + one**2) + (1 - r) * (v2 + two**2) - mean**2
    split = r * v1 + (1 - r) * v2 + r * (one - mean) ** 2 + (1 - r) * (two - mean) ** 2
    g1, g2, aim, level, var = sp.symbols("g_1 g_2 a m v", real=True)
    error = sp.Poly(sp.expand(((g1 + g2) / 2 - aim) ** 2), g1, g2)
    moments: Any = {
        (2, 0): var + level**2,
        (0, 2): var + level**2,
        (1, 1): level**2,
        (1, 0): level,
        (0, 1): level,
        (0, 0): 1,
    }
    expected = sum(coefficient * moments[powers] for powers, coefficient in error.terms())
    return [
        Step(
            "The law of total variance",
            "Two inputs, with the share r of the first: variance of means plus mean of variances. Soft labels of the "
            "truth have the first part alone.",
            r"\text{Var}(g) = \text{Var}(E[g|x]) + E[\text{Var}(g|x)]",
            zero(total - split),
        ),
        Step(
            "Batches",
            "Two independent samples with mean m and variance v: squared bias plus variance over two.",
            r"E \left( \tfrac{g_1 + g_2}{2} - a \right)^2 = (m - a)^2 + \frac{v}{2}",
            zero(expected - (level - aim) ** 2 - var / 2),
        ),
        Step(
            "The critical batch",
            "The teacher's advantage has the sign of B_c - B, for a positive bias.",
            r"\frac{V}{B} - \beta - \frac{V_q}{B} = \frac{\beta}{B} \left( \frac{V - V_q}{\beta} - B \right)",
            zero(difference() - bias / B * ((V - Vq) / bias - B)) and bool((bias / B).is_positive),
        ),
    ]


def prove() -> Derivation:
    """All steps."""
    return Derivation(
        claim="total-variance-of-soft-labels",
        steps=(*one_input(), *all_inputs()),
        not_carried=(
            "From two inputs to any number, and from batches of two to any size: independence, term by term.",
            "The empirical risk is the same with losses in place of gradients.",
        ),
    )


if __name__ == "__main__":
    print(prove())
