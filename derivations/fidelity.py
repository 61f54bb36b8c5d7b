r"""Derivation of C14.8, ``fidelity``: the distance between student and teacher, how it falls, and what it bounds.

``python derivations/fidelity.py`` prints it.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from kdtheory.claims import Derivation, Step, zero

lam, s, t, h, more = sp.symbols("lambda s t h delta", positive=True)
taught = sp.symbols("f_T", real=True)
k = sp.symbols("k", integer=True, nonnegative=True)


def left_by_flow(time: Any) -> Any:
    """Teacher minus student after gradient flow on the teacher's output."""
    return taught * sp.exp(-lam * time)


def left_by_steps(count: Any) -> Any:
    """Teacher minus student after that many descent steps of share h."""
    return taught * (1 - h) ** count


def prove() -> Derivation:
    """All steps."""
    flow, steps = left_by_flow(t), left_by_steps(k)
    square = sp.exp(-2 * lam * s) * taught**2
    a, b, c = (sp.Matrix(sp.symbols(f"{name}_1:3", real=True)) for name in "abc")
    cosine = (a - c).dot(b - c)
    return Derivation(
        claim="fidelity",
        steps=(
            Step(
                "Gradient flow",
                "The student's output f solves f' = lambda (f_T - f) from zero: what is left falls exponentially.",
                r"\frac{d}{ds}(f_T - f) = -\lambda (f_T - f),\quad f(0) = 0 \;\Rightarrow\; f_T - f = f_T "
                r"e^{-\lambda s}",
                zero(sp.diff(flow, t) + lam * flow) and zero(flow.subs(t, 0) - taught),
            ),
            Step(
                "Descent",
                "Every step multiplies what is left by 1 - eta lambda.",
                r"f_T - f_{k + 1} = (1 - \eta \lambda)(f_T - f_k)",
                zero(sp.expand_power_exp(left_by_steps(k + 1) - (1 - h) * steps)) and zero(left_by_steps(0) - taught),
            ),
            Step(
                "The square",
                "Squared and summed over the modes, with f_T = a_T y.",
                r"|f_T - f_S|^2 = \sum_k e^{-2 \lambda_k s} a_T^2 y_k^2",
                zero(left_by_flow(s) ** 2 - square),
            ),
            Step(
                "How it falls",
                "Each mode falls by its own factor; a sum of modes by a mean of these factors, which lies between the "
                "largest and the smallest.",
                r"\frac{e^{-2 \lambda s}}{e^{-2 \lambda (s + \delta)}} = e^{2 \lambda \delta}",
                zero(square / square.subs(s, s + more) - sp.exp(2 * lam * more)),
            ),
            Step(
                "What it bounds",
                "With c = y*, a = f_S, b = f_T: the square of the distance exceeds that of the difference of the "
                "errors by twice what the inequality of Cauchy and Schwarz leaves.",
                r"|a - b|^2 - (|a - c| - |b - c|)^2 = 2 \bigl(|a - c| |b - c| - (a - c) \cdot (b - c)\bigr) \ge 0",
                zero((a - b).dot(a - b) - ((a - c).dot(a - c) + (b - c).dot(b - c)) + 2 * cosine)
                and zero((a - c).dot(a - c) * (b - c).dot(b - c) - cosine**2 - (a - c).row_join(b - c).det() ** 2),
            ),
            Step(
                "Perfect fidelity",
                "A student trained without end reproduces its teacher: distillation has had no effect.",
                r"\lim_{s \to \infty} e^{-2 \lambda s} a_T^2 y^2 = 0",
                zero(sp.limit(square, s, sp.oo)),
            ),
        ),
        not_carried=(
            "That squared loss lets the modes of the Gram matrix evolve apart (the spectral theorem).",
            "Induction over the steps; the inequality of Cauchy and Schwarz beyond two dimensions.",
        ),
    )


if __name__ == "__main__":
    print(prove())
