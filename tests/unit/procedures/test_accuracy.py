"""Section "Numbers" of the design: every closed form against 50-digit arithmetic.

The error may be 1e-12 times the larger of the value and its sensitivity: the sum over inputs of |input * derivative|,
which is how far the value moves when an input is off by a relative rounding error.
"""

import mpmath
import numpy as np
import pytest

import kdtheory as kd

mpmath.mp.dps = 50
DRAWS = 250
# Below this, float64 is about to lose digits by underflow whatever the formula.
UNDERFLOW = mpmath.mpf(10) ** -290


def flow_formulas(lam, time):
    retain = mpmath.exp(-lam * time)
    return {"gain": 1 - retain, "retain": retain, "residual": retain, "dual_gain": (1 - retain) / lam if lam else time}


def descent_formulas(steps):
    def formulas(lam, step_size):
        power = (1 - lam * step_size) ** steps
        dual = (1 - power) / lam if lam else steps * step_size
        return {"gain": 1 - power, "retain": power, "residual": power, "dual_gain": dual}

    return formulas


def ridge_formulas(lam, penalty):
    total = lam + penalty
    return {"gain": lam / total, "retain": mpmath.mpf(0), "residual": penalty / total, "dual_gain": 1 / total}


def sensitivity(formula, arguments, name):
    total = mpmath.mpf(0)
    for position, value in enumerate(arguments):
        if value == 0:
            continue

        def along(x, position=position):
            moved = [*arguments[:position], x, *arguments[position + 1 :]]
            return formula(*moved)[name]

        total += abs(value * mpmath.diff(along, value, h=value * mpmath.mpf(10) ** -20))
    return total


def worst_error(procedure, formula, lam, parameter):
    arguments = (mpmath.mpf(float(lam)), mpmath.mpf(float(parameter)))
    worst = 0.0
    for name, exact in formula(*arguments).items():
        computed = mpmath.mpf(float(getattr(procedure, name)(np.array([lam]))[0]))
        scale = max(abs(exact), sensitivity(formula, arguments, name), UNDERFLOW)
        worst = max(worst, float(abs(computed - exact) / scale))
    return worst


def draws(seed, low, high):
    generator = np.random.default_rng(seed)
    lam = np.append(10.0 ** generator.uniform(-8, 8, DRAWS), [0.0, 1e-8, 1e8])
    return lam, np.append(10.0 ** generator.uniform(low, high, DRAWS), [1.0, 1e6, 1e-6])


def test_gradient_flow_is_accurate_over_sixteen_decades():
    errors = [
        worst_error(kd.GradientFlow(time=t), flow_formulas, lam, t) for lam, t in zip(*draws(0, -6, 6), strict=True)
    ]
    assert max(errors) <= 1e-12


def test_gradient_descent_is_accurate_over_its_stable_range():
    generator = np.random.default_rng(1)
    errors = []
    for _ in range(DRAWS):
        steps = int(10 ** generator.uniform(0, 6))
        lam = 10.0 ** generator.uniform(-8, 8)
        step_size = float(generator.choice([10.0 ** generator.uniform(-12, 0), generator.uniform(0, 2)])) / lam
        if lam * step_size < 2:
            procedure = kd.GradientDescent(steps=steps, step_size=step_size)
            errors.append(worst_error(procedure, descent_formulas(steps), lam, step_size))
    assert len(errors) > DRAWS / 2
    assert max(errors) <= 1e-12


@pytest.mark.parametrize("h", [0.5, 1.0, 1.5, 2 - 2**-30, 2**-40])
@pytest.mark.parametrize("steps", [0, 1, 2, 3, 1000])
def test_gradient_descent_at_the_edges_of_its_stable_range(h, steps):
    procedure = kd.GradientDescent(steps=steps, step_size=h)
    assert worst_error(procedure, descent_formulas(steps), 1.0, h) <= 1e-12


def test_ridge_is_accurate_over_sixteen_decades():
    errors = [worst_error(kd.Ridge(penalty=c), ridge_formulas, lam, c) for lam, c in zip(*draws(2, -8, 8), strict=True)]
    assert max(errors) <= 1e-12


def test_an_inaccurate_gain_would_be_seen():
    """The naive ``1 - exp(-x)`` fails the bound that the tests above set."""

    class Naive(kd.GradientFlow):
        def _gain(self, lam):
            return 1 - np.exp(-lam * self.time)

    assert worst_error(Naive(time=1e-6), flow_formulas, 1e-6, 1e-6) > 1e-6
