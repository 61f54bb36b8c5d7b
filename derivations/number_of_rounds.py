r"""Derivation of C3d, ``number-of-rounds``: the triangle inequality from below, Pythagoras from above.

``python derivations/number_of_rounds.py`` prints it. Every ``verified`` is computed by SymPy; that the upper bound is
attained is computed in high precision (mpmath).
"""

from __future__ import annotations

from typing import Any

import mpmath
import sympy as sp

from kdtheory.claims import Derivation, Step, zero

g, y, r, r0, d = sp.symbols("g y r r_0 d", positive=True)
t, N = sp.symbols("t N", integer=True, positive=True)
v, w, cosine = sp.symbols("v w q", positive=True)


def rounds_of(separation: int, modes: int, bump: Any) -> int:
    """Number of rounds with eigenvalues that far apart and coefficients of equal size, 1 + bump times the tolerance."""
    with mpmath.workdps(60):
        d = [mpmath.mpf(10) ** (-separation * k) for k in range(modes)]
        squares, count = [mpmath.mpf(1) + bump] * modes, 0
        while sum(squares) > 1:
            low, high = mpmath.log(d[-1]) - 400, mpmath.log(d[0]) + 400
            c = mpmath.mpf(1)
            for _ in range(160):
                middle = (low + high) / 2
                c = mpmath.exp(middle)
                over = sum((c / (c + one)) ** 2 * s for one, s in zip(d, squares, strict=True)) > 1
                low, high = (low, middle) if over else (middle, high)
            squares = [(one / (one + c)) ** 2 * s for one, s in zip(d, squares, strict=True)]
            count += 1
        return count


def prove() -> Derivation:
    """All steps."""
    before, after, lost = (y**2, (g * y) ** 2, ((1 - g) * y) ** 2)
    fall = sp.expand(before - after - lost)
    triangle = sp.expand((v + w) ** 2 - (v**2 + w**2 + 2 * v * w * cosine))
    (slowest,) = sp.solve(sp.Eq(d / (d + v), 1 - 1 / r), v)
    steps = (
        Step(
            "Every round leaves out the tolerance",
            "In units of the tolerance the vector left out has length 1. The longest sum of two vectors is that of one "
            "direction, so the ratio falls by at most 1.",
            r"|y_{t-1}| \le |y_t| + |y_{t-1} - y_t|, \qquad r_t \ge r_{t-1} - 1",
            zero(triangle - 2 * v * w * (1 - cosine)),
        ),
        Step(
            "At least r_0 - 1 rounds",
            "After t rounds the ratio is at least r_0 - t. The rounds end at the first N with r_N <= 1.",
            r"1 \ge r_N \ge r_0 - N",
            zero(sp.solve(sp.Eq(r0 - N, 1), N)[0] - (r0 - 1)),
        ),
        Step(
            "What is kept and what is lost",
            "Their inner product is a sum of g (1 - g) y^2, positive because all gains lie between 0 and 1.",
            r"y^2 - (g y)^2 - ((1 - g) y)^2 = 2 g (1 - g) y^2",
            zero(fall - 2 * g * (1 - g) * y**2),
        ),
        Step(
            "Fewer than r_0^2 rounds",
            "Squares of ratios fall by more than 1. The last round still starts above 1.",
            r"1 < r_{N-1}^2 \le r_0^2 - (N - 1)",
            zero(sp.solve(sp.Eq(r**2 - (N - 1), 1), N)[0] - r**2),
        ),
        Step(
            "Equal eigenvalues",
            "One gain for all modes, 1 - 1/r: each round takes exactly 1 from the ratio, which is the lower bound.",
            r"\frac{d}{d + c} = 1 - \frac1r \;\Rightarrow\; r_t = r_{t-1} - 1,\quad c = \frac{d}{r - 1}",
            zero(slowest - d / (r - 1)) and zero(r * (1 - 1 / r) - (r - 1)),
        ),
        Step(
            "Separated eigenvalues",
            "Modes of equal size just above the tolerance, and 10^12 apart, are lost one per round: 4, 9 and 16 modes "
            "last 4, 9 and 16 rounds, the largest numbers below r_0^2 (in 60 digits).",
            r"r_0^2 = n (1 + 10^{-3}) \;\Rightarrow\; N = n",
            all(rounds_of(12, modes, mpmath.mpf("1e-3")) == modes for modes in (4, 9, 16)),
        ),
    )
    return Derivation(
        claim="number-of-rounds",
        steps=steps,
        not_carried=(
            "That a round of smallest norm uses all of the tolerance (see `constrained-rounds`).",
            "The triangle inequality from the sign of 1 - cosine, and summing over modes and rounds.",
            "The last step is a computation in 60 digits for three numbers of modes, not a proof for all of them.",
        ),
        method="computer algebra (SymPy), and 60 digits (mpmath) for the last step",
    )


if __name__ == "__main__":
    print(prove())
