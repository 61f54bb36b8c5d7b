"""Independent references in high precision: each family's own definition, and how far float64 may be from it.

Discrete momentum is iterated (powers of a 2 x 2 matrix by repeated squaring), everything else is the textbook formula,
which at 100 digits has no cancellation left to fear. The error may be 1e-12 times the larger of the value and its
sensitivity: the sum over inputs of |input * derivative|, which is how far the value moves when inputs are off by a
relative rounding error.
"""

import mpmath
import numpy as np

TOLERANCE = 1e-12
DIGITS = 100
# Below this, float64 is about to lose digits by underflow whatever the formula.
UNDERFLOW = mpmath.mpf(10) ** -290
_TRANSITION = {
    "velocity to position": lambda rows: rows.position.memory,
    "error to velocity": lambda rows: rows.memory.position,
    "velocity to velocity": lambda rows: rows.memory.memory,
    "dual of velocity": lambda rows: rows.memory.dual_target,
}


def worst_error(procedure, formula, *arguments):
    """Largest error of the procedure at ``arguments`` (the eigenvalue first), in units of what is allowed times 1e12."""
    with mpmath.workdps(DIGITS):
        exact_arguments = [mpmath.mpf(float(value)) for value in arguments]
        exact = formula(*exact_arguments)
        moves = sensitivities(formula, exact_arguments)
        errors = [
            abs(mpmath.mpf(computed(procedure, name, arguments[0])) - value) / max(abs(value), moves[name], UNDERFLOW)
            for name, value in exact.items()
        ]
        return float(np.max([float(error) for error in errors]))  # which lets no NaN pass


def computed(procedure, name, lam):
    if name in _TRANSITION:
        return np.broadcast_to(_TRANSITION[name](procedure.transition([lam])), (1,)).item()
    return getattr(procedure, name)([lam]).item()


def sensitivities(formula, arguments):
    """Sum over the arguments of |argument * derivative|, by central differences."""
    total = dict.fromkeys(formula(*arguments), mpmath.mpf(0))
    part = mpmath.mpf(10) ** -30
    for position, value in enumerate(arguments):
        if value == 0:
            continue
        up, down = (
            formula(*[x * (1 + sign * part) if i == position else x for i, x in enumerate(arguments)])
            for sign in (1, -1)
        )
        for name in total:
            total[name] += abs(up[name] - down[name]) / (2 * part)
    return total


def _centred(retain, lam, limit):
    """The four weights of a procedure that keeps what the target does not get; ``limit`` is gain / eigenvalue at zero."""
    return {"gain": 1 - retain, "retain": retain, "residual": retain, "dual_gain": (1 - retain) / lam if lam else limit}


def flow(lam, time):
    return _centred(mpmath.exp(-lam * time), lam, time)


def descent(steps):
    return lambda lam, step: _centred((1 - lam * step) ** steps, lam, steps * step)


def ridge(lam, penalty):
    total = lam + penalty
    return {"gain": lam / total, "retain": mpmath.mpf(0), "residual": penalty / total, "dual_gain": 1 / total}


def iterated_tikhonov(iterations):
    return lambda lam, penalty: _centred((1 + lam / penalty) ** -iterations, lam, iterations / penalty)


def averaged_flow(lam, time):
    z = lam * time
    return _centred((1 - mpmath.exp(-z)) / z if z else mpmath.mpf(1), lam, time / 2)


def averaged_descent(steps):
    def formula(lam, step):
        h = lam * step
        left = (1 - (1 - h) ** steps) / (steps * h) if h else mpmath.mpf(1)
        return _centred(left, lam, step * (steps - 1) / 2)

    return formula


def _decayed(lam, decay, retain, retain_at_zero, limit):
    share = (1 - retain) / (lam + decay)
    return {
        "gain": lam * share,
        "retain": retain,
        "anchoring": decay * share,
        "residual": 1 - lam * share,
        "dual_gain": share,
        "dual_retain": (retain_at_zero - retain) / lam if lam else limit,
    }


def weight_decay_flow(lam, time, decay):
    frozen = mpmath.exp(-decay * time)
    return _decayed(lam, decay, mpmath.exp(-(lam + decay) * time), frozen, time * frozen)


def weight_decay_descent(steps):
    def formula(lam, decay, step):
        frozen = 1 - step * decay
        limit = steps * step * frozen ** (steps - 1)
        return _decayed(lam, decay, (frozen - step * lam) ** steps, frozen**steps, limit)

    return formula


def nesterov_flow(lam, time):
    x = mpmath.sqrt(lam) * time
    return _centred(2 * mpmath.besselj(1, x) / x if x else mpmath.mpf(1), lam, time**2 / 8)


def _motion(error, coupled, answer, velocity, lam, dual):
    return {
        "gain": 1 - error, "residual": error, "dual_gain": dual, "velocity to position": coupled,
        "error to velocity": -lam * answer, "velocity to velocity": velocity, "dual of velocity": answer,
    }  # fmt: skip


def heavy_ball_flow(lam, time, friction):
    root = mpmath.sqrt(mpmath.mpc(friction**2 / 4 - lam))
    slow, fast = friction / 2 - root, friction / 2 + root
    if root == 0:
        left = mpmath.exp(-slow * time)
        error, answer, velocity = left * (1 + slow * time), time * left, left * (1 - slow * time)
    else:
        one, other = mpmath.exp(-slow * time), mpmath.exp(-fast * time)
        error, answer, velocity = (
            (value / (fast - slow)).real
            for value in (fast * one - slow * other, one - other, fast * other - slow * one)
        )
    if lam:
        dual = (1 - error) / lam
    else:
        dual = time / friction - (1 - mpmath.exp(-friction * time)) / friction**2 if friction else time**2 / 2
    return _motion(error, answer, answer, velocity, lam, dual)


def momentum(steps, kind):
    """Heavy ball, Nesterov's iterate, or the look-ahead point, by their one-step matrices."""

    def formula(lam, step, mu):
        h = step * lam
        one_step = {
            "heavy ball": (1 - h, mu, -h, mu),
            "iterate": (1 - h, mu * (1 - h), -h, mu * (1 - h)),
            "look-ahead": (1 - h - mu * h, mu**2, -h, mu),
        }[kind]
        error, coupled, answer, velocity = _matrix_power(one_step, steps)
        if lam:
            return _motion(error, coupled, -answer / lam, velocity, lam, (1 - error) / lam)
        response = (1 - mu**steps) / (1 - mu)
        progress = (steps - mu * response) / (1 - mu) + (mu * response if kind == "look-ahead" else 0)
        return _motion(error, coupled, step * response, velocity, lam, step * progress)

    return formula


def _matrix_power(matrix, exponent):
    result = (mpmath.mpf(1), mpmath.mpf(0), mpmath.mpf(0), mpmath.mpf(1))
    while exponent:
        if exponent % 2:
            result = _product(result, matrix)
        matrix, exponent = _product(matrix, matrix), exponent // 2
    return result


def _product(a, b):
    return (
        a[0] * b[0] + a[1] * b[2], a[0] * b[1] + a[1] * b[3], a[2] * b[0] + a[3] * b[2], a[2] * b[1] + a[3] * b[3]
    )  # fmt: skip
