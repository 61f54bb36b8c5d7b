"""Section "Numbers" of the design: every closed form against high precision (``exact.py``), over its whole domain.

Eigenvalues 1e-8..1e8 and zero, times 1e-6..1e6, up to a million steps, step sizes over the whole stable range, and
critical points met exactly and within 1e-3..1e-15.
"""

import numpy as np
import pytest

from kdtheory import procedures as p
from tests.unit.procedures import exact
from tests.unit.procedures.exact import TOLERANCE, worst_error

DRAWS = 120
MOMENTA = [0.0, 0.25, 0.5, 0.9, 0.999]


class Draw:
    """Random inputs: ``of`` scales, step counts, and step sizes as ``h = step_size * eigenvalue``."""

    def __init__(self, seed):
        self.generator = np.random.default_rng(seed)

    def log(self, low, high):
        return float(10.0 ** self.generator.uniform(low, high))

    def pick(self, *values):
        return values[self.generator.integers(len(values))]

    def eigenvalue(self):
        return self.pick(0.0, 1e-8, 1e8, *[self.log(-8, 8) for _ in range(9)])

    def steps(self):
        return self.pick(int(self.log(0, 6)), int(self.generator.integers(1, 8)), 10**6)

    def near(self, point):
        """A point exactly, or within 1e-3 to 1e-15 of it."""
        return self.pick(point, point * (1 + self.log(-15, -3)), point * (1 - self.log(-15, -3)))

    def rate(self, limit, *critical):
        """``h`` below its limit: small, anywhere, close to the limit or to a critical point."""
        anywhere = float(self.generator.uniform(0, limit))
        h = self.pick(self.log(-14, 0), anywhere, limit * (1 - self.log(-12, -3)), *(self.near(c) for c in critical))
        return min(h, limit * (1 - 1e-14))

    def step_size(self, eigenvalue, *args):
        return self.rate(*args) / eigenvalue if eigenvalue else self.log(-8, 2)


def gradient_flow(draw):
    lam, time = draw.eigenvalue(), draw.log(-6, 6)
    return p.GradientFlow(time), exact.flow, lam, time


def gradient_descent(draw):
    lam, steps = draw.eigenvalue(), draw.steps()
    step = draw.step_size(lam, 2.0, 1.0)
    return p.GradientDescent(steps, step), exact.descent(steps), lam, step


def ridge(draw):
    lam, penalty = draw.eigenvalue(), draw.log(-8, 8)
    return p.Ridge(penalty), exact.ridge, lam, penalty


def iterated_tikhonov(draw):
    lam, penalty, iterations = draw.eigenvalue(), draw.log(-8, 8), draw.steps()
    return p.IteratedTikhonov(penalty, iterations), exact.iterated_tikhonov(iterations), lam, penalty


def averaged_flow(draw):
    lam, time = draw.eigenvalue(), draw.log(-6, 6)
    return p.AveragedFlow(time), exact.averaged_flow, lam, time


def averaged_descent(draw):
    lam, steps = draw.eigenvalue(), draw.steps()
    step = draw.step_size(lam, 2.0, 1.0)
    return p.AveragedDescent(steps, step), exact.averaged_descent(steps), lam, step


def weight_decay_flow(draw):
    lam, time, decay = draw.eigenvalue(), draw.log(-6, 6), draw.log(-8, 8)
    return p.WeightDecayFlow(time, decay), exact.weight_decay_flow, lam, time, decay


def weight_decay_descent(draw):
    lam, steps = draw.eigenvalue(), draw.steps()
    decay = draw.pick(draw.log(-8, 8), (lam or 1.0) * draw.log(-3, 3))
    step = draw.rate(2.0, 1.0) / (lam + decay)
    return p.WeightDecayDescent(steps, decay, step), exact.weight_decay_descent(steps), lam, decay, step


def heavy_ball_flow(draw):
    lam, time = draw.eigenvalue(), draw.log(-6, 6)
    critical = 2 * float(np.sqrt(lam))
    friction = draw.pick(0.0, draw.log(-6, 6), draw.near(critical), draw.near(critical), critical * draw.log(-2, 2))
    return p.HeavyBallFlow(time, friction), exact.heavy_ball_flow, lam, time, friction


def nesterov_flow(draw):
    lam = draw.eigenvalue()
    time = draw.pick(draw.log(-6, 6), float(draw.generator.uniform(0, 30) / np.sqrt(lam or 1.0)))
    return p.NesterovFlow(time), exact.nesterov_flow, lam, time


def _momentum(draw):
    return draw.eigenvalue(), draw.steps(), draw.pick(*MOMENTA, 1 - draw.log(-9, 0))


def heavy_ball(draw):
    lam, steps, mu = _momentum(draw)
    critical = [(1 - np.sqrt(mu)) ** 2, (1 + np.sqrt(mu)) ** 2]
    step = draw.step_size(lam, 2 * (1 + mu), *critical, *critical)
    return p.HeavyBall(steps, mu, step), exact.momentum(steps, "heavy ball"), lam, step, mu


def nesterov(draw):
    lam, steps, mu = _momentum(draw)
    critical = [((1 - mu) / (1 + mu)) ** 2, 1.0]
    step, output = (
        draw.step_size(lam, (2 + 2 * mu) / (1 + 2 * mu), *critical, *critical),
        draw.pick("iterate", "look-ahead"),
    )
    return p.Nesterov(steps, mu, step, output), exact.momentum(steps, output), lam, step, mu


FAMILIES = [
    gradient_flow, gradient_descent, ridge, iterated_tikhonov, averaged_flow, averaged_descent, weight_decay_flow,
    weight_decay_descent, heavy_ball_flow, nesterov_flow, heavy_ball, nesterov,
]  # fmt: skip


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.__name__)
def test_every_closed_form_is_accurate_over_its_whole_domain(family):
    draw = Draw(seed=FAMILIES.index(family))
    cases = [family(draw) for _ in range(2 * DRAWS if family in (heavy_ball, nesterov) else DRAWS)]
    errors = [worst_error(*case) for case in cases]
    worst = int(np.argmax(errors))
    assert errors[worst] <= TOLERANCE, cases[worst]


@pytest.mark.parametrize("h", [0.5, 1.0, 1.5, 2 - 2**-30, 2**-40])
@pytest.mark.parametrize("steps", [0, 1, 2, 3, 1000])
def test_gradient_descent_at_the_edges_of_its_stable_range(h, steps):
    assert worst_error(p.GradientDescent(steps, h), exact.descent(steps), 1.0, h) <= TOLERANCE


@pytest.mark.parametrize("mu", [0.0, 0.25, 0.5625])  # with square roots in float64
@pytest.mark.parametrize("steps", [0, 1, 2, 3, 10, 10**6])
def test_heavy_ball_where_its_roots_meet_exactly(mu, steps):
    for h in ((1 - np.sqrt(mu)) ** 2, (1 + np.sqrt(mu)) ** 2):
        for lam in (1e-8, 1.0, 2.0**20):
            procedure = p.HeavyBall(steps, mu, h / lam)
            assert worst_error(procedure, exact.momentum(steps, "heavy ball"), lam, h / lam, mu) <= TOLERANCE


@pytest.mark.parametrize("steps", [0, 1, 2, 3, 1000])
def test_nesterov_where_both_roots_are_zero(steps):
    for output in ("iterate", "look-ahead"):
        procedure = p.Nesterov(steps, 0.5, 1.0, output)
        assert worst_error(procedure, exact.momentum(steps, output), 1.0, 1.0, 0.5) <= TOLERANCE


@pytest.mark.parametrize("time", [0.0, 1e-6, 1.0, 1e3])
def test_heavy_ball_flow_at_critical_damping(time):
    for lam in (2.0**-26, 1.0, 2.0**26):
        friction = 2 * np.sqrt(lam)
        assert worst_error(p.HeavyBallFlow(time, friction), exact.heavy_ball_flow, lam, time, friction) <= TOLERANCE


class NaiveFlow(p.GradientFlow):
    """``1 - exp(-x)``."""

    def _gain(self, lam):
        return 1 - np.exp(-lam * self.time)


class RootFormula(p.HeavyBall):
    """The textbook formula with two roots."""

    def _gain(self, lam):
        half = (1 + self.momentum - self.step_size * lam) / 2
        apart = np.sqrt(half**2 - self.momentum + 0j)
        one, other, k = half + apart, half - apart, self.steps + 1
        return (1 - ((1 - other) * one**k - (1 - one) * other**k) / (one - other)).real


class NaiveBessel(p.NesterovFlow):
    """``1 - 2 J1(x) / x`` at any argument."""

    def _gain(self, lam):
        from scipy.special import j1

        x = np.sqrt(lam) * self.time
        return 1 - 2 * j1(x) / x


@pytest.mark.parametrize(
    "naive, formula, arguments",
    [
        (NaiveFlow(time=1e-6), exact.flow, (1e-6, 1e-6)),
        (RootFormula(1000, 0.5, 1e-9), exact.momentum(1000, "heavy ball"), (1.0, 1e-9, 0.5)),
        (RootFormula(5, 0.999, 1e-9), exact.momentum(5, "heavy ball"), (1.0, 1e-9, 0.999)),
        (NaiveBessel(time=1e-5), exact.nesterov_flow, (1.0, 1e-5)),
    ],
    ids=["flow", "roots of small steps", "few steps with much momentum", "Bessel at small arguments"],
)
def test_an_inaccurate_gain_would_be_seen(naive, formula, arguments):
    assert worst_error(naive, formula, *arguments) > 100 * TOLERANCE
