r"""Derivation of C7d, ``uniform-student-residual``: residuals of soft and of one-hot labels.

``python derivations/uniform_student_residual.py`` prints it. Every ``verified`` is computed by SymPy: an
identity by simplifying the difference of its sides to zero, a sign from the signs of its factors.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from kdtheory.claims import Derivation, Step, zero

q = sp.symbols("q_1:5", positive=True)
s = sp.symbols("s_1:5", real=True)
LAST = {q[3]: 1 - q[0] - q[1] - q[2]}


def soft() -> Any:
    """Squared residual of the soft label at the uniform student."""
    return sum((sp.Rational(1, 4) - each) ** 2 for each in q)


def residuals() -> list[Step]:
    """Four classes stand for any number."""
    power: Any = sum(each**2 for each in q)
    hard = (sp.Rational(1, 4) - 1) ** 2 + 3 * sp.Rational(1, 16)
    pairs: Any = sum(q[i] * q[j] for i in range(4) for j in range(4) if i != j)
    drawn: Any = sum(q[y] * sum((s[j] - (1 if j == y else 0)) ** 2 for j in range(4)) for y in range(4))
    own: Any = sum((each - told) ** 2 for each, told in zip(s, q, strict=True))
    return [
        Step(
            "The soft label's residual",
            "Probabilities sum to 1.",
            r"\lVert 1/K - q \rVert^2 = \lVert q \rVert^2 - 1/K",
            zero((soft() - power + sp.Rational(1, 4)).subs(LAST)),
        ),
        Step(
            "The label's residual",
            "The same with a one-hot q.",
            r"\lVert 1/K - e_y \rVert^2 = 1 - 1/K",
            zero(hard - sp.Rational(3, 4)),
        ),
        Step(
            "The difference",
            "Products of probabilities: positive, unless all but one vanish.",
            r"1 - \lVert q \rVert^2 = \sum_{i \ne j} q_i q_j \ge 0",
            zero((1 - power - pairs).subs(LAST)) and bool(pairs.is_positive),
        ),
        Step(
            "On average at any student",
            "Labels drawn from q.",
            r"E_{Y \sim q} \lVert p_s - e_Y \rVert^2 = \lVert p_s - q \rVert^2 + 1 - \lVert q \rVert^2",
            zero(sp.expand((drawn - own - 1 + power).subs(LAST))),
        ),
    ]


def prove() -> Derivation:
    """All steps."""
    return Derivation(
        claim="uniform-student-residual",
        steps=tuple(residuals()),
        not_carried=("From four classes to any number: sums of the same terms.",),
    )


if __name__ == "__main__":
    print(prove())
