r"""Derivation of C14.5, ``label-averaging``: scores after m trainings in a class of equally similar points.

``python derivations/label_averaging.py`` prints it.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from kdtheory.claims import Derivation, Step, zero

p, q, ratio = sp.symbols("p q x", positive=True)
gap, share, rho = sp.symbols("D pi rho", positive=True)
m, n = sp.symbols("m n", positive=True)


def output(label: Any, mean: Any) -> Any:
    """Of a point with that label component in a class with that mean label component, after m trainings."""
    return p**m * mean + q**m * (label - mean)


def score(own: Any, *, right: Any, wrong: Any) -> Any:
    """Right minus wrong component; ``own`` is the point's label as (right, wrong)."""
    return output(own[0], right) - output(own[1], wrong)


def prove() -> Derivation:
    """All steps."""
    size = 4
    ones = sp.ones(size, 1)
    gram = (1 - rho) * sp.eye(size) + rho * ones * ones.T
    difference = sp.Matrix([1, -1, 0, 0])
    mislabelled = score((0, 1), right=share + gap, wrong=share)
    # Divided by q^m, with x = (p / q)^m.
    relative = sp.simplify(sp.expand(mislabelled / q**m).subs(p**m, ratio * q**m))
    threshold = sp.log(1 + 1 / gap) / sp.log(p / q)
    return Derivation(
        claim="label-averaging",
        steps=(
            Step(
                "Two eigenvalues",
                "The class mean is one mode, all differences within the class are the other (shown for four points).",
                r"K 1 = (1 - \rho + n \rho)\, 1, \qquad K v = (1 - \rho)\, v \quad (1 \cdot v = 0)",
                zero(sum(abs(x) for x in gram * ones - (1 - rho + size * rho) * ones))
                and zero(sum(abs(x) for x in gram * difference - (1 - rho) * difference)),
            ),
            Step(
                "A mislabelled point",
                "Its own label is the wrong one.",
                r"f_{right} - f_{wrong} = p^m D - q^m (1 + D)",
                zero(mislabelled - (p**m * gap - q**m * (1 + gap))),
            ),
            Step(
                "A rightly labelled point",
                "Positive for 0 < D < 1.",
                r"f_{right} - f_{wrong} = p^m D + q^m (1 - D)",
                zero(score((1, 0), right=share + gap, wrong=share) - (p**m * gap + q**m * (1 - gap))),
            ),
            Step(
                "A third label",
                "Neither label is the point's own: only the class speaks.",
                r"f_{right} - f_{third} = (p^m - q^m)\, D'",
                zero(score((0, 0), right=share + gap, wrong=share) - (p**m - q**m) * gap),
            ),
            Step(
                "The number of rounds",
                "The score grows with (p / q)^m and vanishes at 1 + 1 / D.",
                r"\Bigl(\frac pq\Bigr)^m = 1 + \frac1D \iff m = \frac{\log(1 + 1/D)}{\log(p/q)}",
                zero(relative - (ratio * gap - 1 - gap))
                and bool(sp.diff(ratio * gap - 1 - gap, ratio).is_positive)
                and zero(sp.solve(ratio * gap - 1 - gap, ratio)[0] - (1 + 1 / gap))
                and zero(threshold * sp.log(p / q) - sp.log(1 + 1 / gap)),
            ),
            Step(
                "Without a majority",
                "For D = 0 and D = -d < 0 the score is negative for all m.",
                r"D = 0:\; -q^m, \qquad D = -d:\; -p^m d - q^m (1 - d)",
                zero(mislabelled.subs(gap, 0) + q**m)
                and zero(mislabelled.subs(gap, -n) - (-(p**m) * n - q**m * (1 - n))),
            ),
        ),
        not_carried=(
            "The eigenvalues for every number of points; that m trainings raise gains to the power m.",
            "That points of other classes, with which the kernel vanishes, change nothing.",
        ),
    )


if __name__ == "__main__":
    print(prove())
