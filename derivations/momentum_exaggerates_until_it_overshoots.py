r"""Derivation of ``momentum-exaggerates-until-it-overshoots``: elasticity is concave in the depth.

``python derivations/momentum_exaggerates_until_it_overshoots.py`` prints it. Every ``verified`` is computed by SymPy.

The gain of one mode along a run, in time or in (real) numbers of steps k, is a distribution function F with the density
f. All that is needed of a procedure is how the slope c = d log f / dk depends on a number theta that rises where the
eigenvalue falls:

    F(0) = 0,   c falls with k,   c_theta > 0,   (M c_theta)' >= 0,   where M = F / f.

Then the elasticity is a strictly concave function of log(1/F), which makes it strictly subadditive.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from kdtheory.claims import Derivation, Step, zero

k, w, m, y, z = sp.symbols("k w m y z", positive=True)


def general() -> list[Step]:
    """What holds for every procedure of the kind."""
    theta = sp.symbols("theta")
    F = sp.Function("F", positive=True)(k, theta)
    f = sp.diff(F, k)
    M, c = F / f, sp.diff(f, k) / f
    c_theta = sp.diff(c, theta)
    flow = sp.diff(f * sp.diff(M, theta), k) + F * c_theta
    x, e = -sp.log(F), sp.diff(sp.log(F), theta)
    bend = sp.diff(e, k) / sp.diff(x, k) - sp.diff(sp.log(M), theta)
    return [
        Step(
            "Elasticity as a function of depth",
            "Along a run the slope of log F in theta, which is -e but for a positive factor of the mode, changes with "
            "the depth x = log(1/F) by that of log M; and x falls with k. So e is concave in x if log M has a negative "
            "mixed derivative in k and theta.",
            r"\frac{d}{dx} \partial_\theta \log F = \partial_\theta \log M,\qquad \frac{dx}{dk} = -\frac{1}{M}",
            zero(bend) and zero(sp.simplify(sp.diff(sp.log(F), k) - 1 / M)),
        ),
        Step(
            "M by its differential equation",
            "M grows by 1 - c M, which is not negative: c falls, so c F is at most the integral of c f, f - f(0). And "
            "f M_theta falls by F c_theta.",
            r"M' = 1 - c M,\qquad (f M_\theta)' = -F c_\theta,\qquad M(0) = 0",
            zero(sp.diff(M, k) - 1 + c * M) and zero(sp.simplify(flow)),
        ),
        Step(
            "The mixed derivative",
            "It has the sign of the integral of F c_theta = f (M c_theta) less M c_theta F: negative where M c_theta "
            "grows, since F is the integral of f.",
            r"\partial_k \partial_\theta \log M = \frac{1}{f M^2} \Bigl(\int_0^k F c_\theta - F(k)\, M(k)\,"
            r" c_\theta(k)\Bigr)",
            zero(sp.diff(sp.log(M), k, theta) + (sp.diff(M, theta) / M**2 + c_theta)),
        ),
        Step(
            "Concave from at least zero: subadditive",
            "A strictly concave e(x) with e(0) >= 0 has e(x + y) < e(x) + e(y) for x, y > 0: e(x) / x falls, because "
            "the slope of e(x) - x e'(x) is -x e'' > 0.",
            r"\frac{d}{dx} \frac{e}{x} = -\frac{e - x e'}{x^2},\qquad (e - x e')' = -x e''",
            _subadditive(),
        ),
    ]


def _subadditive() -> bool:
    e = sp.Function("e")(y)
    part = e - y * sp.diff(e, y)
    return zero(sp.diff(e / y, y) + part / y**2) and zero(sp.diff(part, y) + y * sp.diff(e, y, 2))


def slope_of_flow() -> Any:
    """Slope of the log of sinh(w k), the density of heavy-ball flow but for its damping."""
    return w * sp.coth(w * k)


def flow() -> list[Step]:
    """Heavy-ball flow of any friction."""
    c, j = slope_of_flow(), sp.symbols("j", positive=True)
    by_square = sp.diff(c, w) / (2 * w)
    grows = sp.diff(by_square, k).rewrite(sp.exp)
    stated = (w * k * sp.coth(w * k) - 1) / sp.sinh(w * k) ** 2
    turned = (1 - j * k * sp.cot(j * k)) / sp.sin(j * k) ** 2
    by_turn = sp.diff(j * sp.cot(j * k), j) / (-2 * j)
    friction, time = sp.symbols("g t", positive=True)
    lam = friction**2 / 4 - w**2
    half = sp.exp(-friction * time / 2)
    gain = 1 - half * (sp.cosh(w * time) + friction / (2 * w) * sp.sinh(w * time))
    return [
        Step(
            "Heavy-ball flow: the density",
            "With w^2 = g^2/4 - lambda the gain is the integral of this density, whose log has the slope -g/2 + w coth "
            "(w t) (over-damped; w imaginary where it oscillates). theta is w^2.",
            r"F' = \lambda\, e^{-gt/2}\, \frac{\sinh wt}{w}",
            zero(sp.simplify((sp.diff(gain, time) - lam * half * sp.sinh(w * time) / w).rewrite(sp.exp)))
            and gain.subs(time, 0) == 0,
        ),
        Step(
            "Over-damped",
            "The slope falls with time, and its derivative in w^2 is 0 at time 0 and grows: y coth y > 1. M grows, so "
            "M c_theta does.",
            r"\partial_t (w \coth wt) = -\frac{w^2}{\sinh^2 wt},\quad \partial_t \partial_{w^2} (w \coth wt) ="
            r" \frac{wt \coth wt - 1}{\sinh^2 wt}",
            zero(grows - stated.rewrite(sp.exp))
            and zero(sp.diff(c, k) + w**2 / sp.sinh(w * k) ** 2)
            and bool(sp.limit((sp.sinh(2 * y) / 2 - y) / sp.sinh(y) ** 2, y, 0, "+") == 0)
            and zero((by_square - (sp.sinh(2 * w * k) / 2 - w * k) / sp.sinh(w * k) ** 2 / (2 * w)).rewrite(sp.exp))
            and _more_than_one(),
        ),
        Step(
            "Under-damped",
            "The same with w = i j, as long as the velocity keeps its sign, j t < pi, which is beyond the overshoot: "
            "y cot y < 1, since sin y - y cos y has the slope y sin y.",
            r"\partial_t \partial_{w^2} (j \cot jt) = \frac{1 - jt \cot jt}{\sin^2 jt}",
            zero(sp.diff(by_turn, k) - turned)
            and zero(sp.diff(sp.sin(y) - y * sp.cos(y), y) - y * sp.sin(y))
            and bool(sp.limit(by_turn.subs(j, 1), k, 0, "+") == 0),
        ),
        Step(
            "At the overshoot",
            "The derivative of the error in lambda obeys the oscillator driven by minus the error: until the overshoot "
            "the error is positive and so is the response to an impulse, so the gain grows with lambda: e(0) >= 0.",
            r"\ddot E_\lambda + g \dot E_\lambda + \lambda E_\lambda = -E",
            _driven(),
        ),
    ]


def _more_than_one() -> bool:
    """``y cosh y > sinh y``: the power series of the difference has positive coefficients 2n / (2n+1)!."""
    n = sp.symbols("n", integer=True, positive=True)
    coefficient = 1 / sp.factorial(2 * n) - 1 / sp.factorial(2 * n + 1)
    return zero(sp.combsimp(coefficient * sp.factorial(2 * n + 1)) - 2 * n)


def _driven() -> bool:
    t, lam, g = sp.symbols("t lambda g", positive=True)
    error = sp.Function("E")(t, lam)
    equation = sp.diff(error, t, 2) + g * sp.diff(error, t) + lam * error
    through: Any = sp.diff(error, lam)
    driven = sp.diff(through, t, 2) + g * sp.diff(through, t) + lam * through + error
    return zero(sp.diff(equation, lam) - driven)


def L(argument: Any) -> Any:
    """``log(sinh(y/2) / (y/2))``."""
    return sp.log(sp.sinh(argument / 2) / (argument / 2))


def steps() -> list[Step]:
    """Heavy ball and Nesterov's method with real roots ``exp(-m + w), exp(-m - w)``."""
    p1, p2 = sp.exp(-(m - w)), sp.exp(-(m + w))
    a, b = m - w, m + w
    F = 1 - ((1 - p2) * p1 ** (k + 1) - (1 - p1) * p2 ** (k + 1)) / (p1 - p2)
    phi = sp.log(a / (sp.exp(a) - 1) / (b / (sp.exp(b) - 1))) / 2
    shape = (1 - p2) * a * p1 ** (k + 1) - (1 - p1) * b * p2 ** (k + 1)
    weights = (1 - p2) * a * p1 / ((1 - p1) * b * p2)
    numbers = {m: sp.Rational(7, 3), w: sp.Rational(5, 4), k: sp.Rational(9, 2)}
    sinh_form = 2 * sp.sqrt((1 - p2) * a * p1 * (1 - p1) * b * p2) * sp.exp(-m * k) * sp.sinh(w * k + phi)
    close = abs(sp.N((shape - sinh_form).subs(numbers), 60)) < sp.Float(10) ** -50
    T, dz, q = sp.symbols("T d q", positive=True)  # tanh w or 0; k + d phi / dw; and the shift phi in k
    Z = sp.Function("Z", positive=True)(k)
    c_w = T + sp.coth(Z) - w * dz / sp.sinh(Z) ** 2
    slope = sp.diff(c_w.subs(dz, k + q), k).subs(sp.diff(Z, k), w).subs(q, dz - k)
    stated = 2 * w / sp.sinh(Z) ** 2 * (w * dz * sp.coth(Z) - 1)
    return [
        Step(
            "Steps with real roots: the density",
            "For a real number of steps the gain vanishes at 0, and its slope in k is a multiple of exp(-m k) sinh(w k "
            "+ phi); the last identity is confirmed in 60 digits at one point, and follows from that of the weights.",
            r"F' \propto e^{-mk} \sinh(wk + \phi),\quad e^{2\phi} = \frac{a}{e^a - 1} \Big/ \frac{b}{e^b - 1},\quad"
            r" a, b = m \mp w",
            zero(sp.diff(F, k) - shape / (p1 - p2))
            and zero(F.subs(k, 0))
            and zero(sp.simplify(weights - sp.exp(2 * phi)))
            and bool(close),
        ),
        Step(
            "The shift",
            "phi is w/2 plus half the difference of L = log(sinh(y/2)/(y/2)) at b and a, so at least w/2, as L grows.",
            r"\phi = \frac{w}{2} + \frac{L(m + w) - L(m - w)}{2}",
            zero(sp.simplify(sp.exp(2 * phi) - sp.exp(w + L(b) - L(a)).rewrite(sp.exp)))
            and zero(sp.simplify((sp.diff(L(y), y) - sp.coth(y / 2) / 2 + 1 / y).rewrite(sp.exp))),
        ),
        Step(
            "What the slope depends on",
            "Z = w k + phi. Heavy ball keeps m (T = 0); Nesterov's method keeps e^m cosh w, so m falls by T = tanh w. "
            "c falls with k by w^2/sinh^2 Z; its derivative in w is c_w, which changes with k as stated.",
            r"c_w = T + \coth Z - \frac{w (k + \phi')}{\sinh^2 Z},\qquad"
            r" c_w' = \frac{2w}{\sinh^2 Z} \bigl(w (k + \phi') \coth Z - 1\bigr)",
            zero((slope - stated).rewrite(sp.exp))
            and zero(sp.diff(-sp.log(sp.cosh(w)), w) + sp.tanh(w))
            and _roots_keep(),
        ),
        Step(
            "The shift is concave",
            "L'' falls (Lazarevic: sinh(x)^3 > x^3 cosh x, whose power series has nonnegative coefficients) and L' "
            "grows; so w phi' <= phi, w (k + phi') <= Z, and c_w > 0 because sinh Z cosh Z > Z.",
            r"L''' < 0 \;\Leftrightarrow\; \sinh^3 x > x^3 \cosh x,\quad"
            r" \frac{3^{2n+1} - 3}{4} \ge (2n+1)(2n)(2n-1)",
            _lazarevic(),
        ),
        heavy_ball(),
        nesterov(),
    ]


def _roots_keep() -> bool:
    """Product of heavy ball's roots is mu; the sum of one over Nesterov's roots is (1 + mu) / mu."""
    mu, h = sp.symbols("mu h", positive=True)
    product, total = (1 - h) * mu, (1 - h) * (1 + mu)
    return zero(total / product - (1 + mu) / mu) and zero(sp.exp(-(m - w)) * sp.exp(-(m + w)) - sp.exp(-2 * m))


def _lazarevic() -> bool:
    third = sp.diff(L(2 * y), y, 3) / 8
    stated = (y**3 * sp.cosh(y) - sp.sinh(y) ** 3) / (4 * y**3 * sp.sinh(y) ** 3)
    n = sp.symbols("n", integer=True, positive=True)
    low = all((3 ** (2 * i + 1) - 3) // 4 >= (2 * i + 1) * 2 * i * (2 * i - 1) for i in range(1, 6))
    # From n = 3 on each side is multiplied by 9 plus something, and by less than 9.
    growth = sp.expand(9 * (2 * n + 1) * 2 * n * (2 * n - 1) - (2 * n + 3) * (2 * n + 2) * (2 * n + 1))
    later = sp.Poly(growth.subs(n, n + 3), n)
    cube = sp.sinh(y) ** 3 - (sp.sinh(3 * y) - 3 * sp.sinh(y)) / 4
    return (
        zero(sp.simplify((third - stated).rewrite(sp.exp)))
        and zero(cube.rewrite(sp.exp))
        and low
        and all(value >= 0 for value in later.all_coeffs())
    )


def heavy_ball() -> Step:
    """c_w grows with k because w phi' >= tanh phi."""
    s = sp.symbols("s", positive=True)
    third = 4 * s * (s**2 - 3) / (1 + s**2) ** 3
    term = sp.diff(sp.log(1 + y**2 / z**2), y, 3).subs(y, s * z)
    bound = 6 * sp.zeta(3) / (8 * sp.pi**3)
    room, phi = sp.tanh(1) ** 2 / 8, sp.Function("phi")(w)
    rise = sp.diff(phi, w)
    return Step(
        "Heavy ball, over-damped",
        "c_w grows with k if w (k + phi') >= tanh Z, and as the difference grows with k, if w phi' >= tanh phi. Where "
        "w >= 2 that is w phi' >= w/2 >= 1. Below, w phi' - tanh phi has the slope phi' tanh^2 phi + w phi'' >= w^2 "
        "(T_1 - B) > 0: tanh^2(w/2)/2 >= w^2 T_1, T_1 = tanh^2(1)/8, and |phi''| <= w max|L'''| <= w B, B = 6 "
        "zeta(3)/(8 pi^3), by the product formula of sinh.",
        r"(w\phi' - \tanh\phi)' = \phi' \tanh^2\phi + w\phi'',\qquad |L'''| \le \sum_n \frac{6}{(2\pi n)^3}",
        zero(sp.simplify(term - third / z**3))
        and sp.Poly(sp.expand(6 * (1 + s**2) ** 3 - 4 * s * (3 - s**2)), s).count_roots(0, sp.oo) == 0
        and sp.Poly(sp.expand(6 * (1 + s**2) ** 3 - 4 * s * (s**2 - 3)), s).count_roots(0, sp.oo) == 0
        and bool(room > bound)
        and zero(sp.diff(w * rise - sp.tanh(phi), w) - rise * sp.tanh(phi) ** 2 - w * sp.diff(rise, w)),
    )


def nesterov() -> Step:
    """M c_w grows although c_w itself may fall for the first fraction of a step."""
    x = sp.symbols("x", positive=True)
    bound = 6 * sp.zeta(3) / (8 * sp.pi**3)
    bend = 2 * bound + sp.Rational(1, 4)
    factor = 4 * bend / 3
    chord = (sp.exp(sp.Rational(4, 9)) - 1) / sp.Rational(4, 9)
    cubic = sp.Poly(sp.Rational(24, 10) * x**3 - sp.Rational(126, 100) * (2 * x - 1), x)
    return Step(
        "Nesterov's method, over-damped",
        "Where c_w falls, s = w (k + phi') < tanh Z, so c_w >= T + tanh Z, w (k + 1/2) < 1, and -c_w'/c_w <= 2 w (Z - "
        "s) cosh^2 Z / sinh^4 Z <= C / x^4, x = k + 1/2, because -phi'' <= w (2 B + 1/4), Z - s = phi - w phi' <= w^3 "
        "(2 B + 1/4)/3 and Z >= w x; C = 4 (2 B + 1/4)/3. On the other side M'/M >= c/(e^{ck} - 1) with c <= 1/x "
        "(log-concave f). So M c_w grows if e^{1 - 1/(2x)} - 1 <= x^3/C: the left side is at most e - 1 for x >= 9/10, "
        "and 1.26 (2x - 1) below.",
        r"\frac{-c_w'}{c_w} \le \frac{C}{x^4} \le \frac{1/x}{e^{k/x} - 1} \le \frac{M'}{M},\qquad x = k + \tfrac12",
        bool(1 / factor > sp.Rational(24, 10))
        and bool(sp.Rational(24, 10) * sp.Rational(9, 10) ** 3 > sp.E - 1)
        and bool(chord < sp.Rational(126, 100))
        and cubic.count_roots(0, sp.oo) == 0
        and zero(sp.coth(y) - 1 / (sp.sinh(y) * sp.cosh(y)) - sp.tanh(y)),
    )


def prove() -> Derivation:
    """All steps."""
    return Derivation(
        claim="momentum-exaggerates-until-it-overshoots",
        steps=(*general(), *flow(), *steps()),
        not_carried=(
            "The criterion: `which-procedures-exaggerate`. Steps are whole numbers there: the gain of real numbers of "
            "steps only serves to compare whole ones.",
            "From the sign of a derivative to monotonicity, and limits where the two rates meet.",
            "That the response of an oscillator to an impulse is positive as long as its phase is below pi.",
            "The product formula of sinh, by which L is a sum of log(1 + y^2 / (2 pi n)^2), and that L'' falls from "
            "1/12 and is positive.",
            "The bounds that words name in the last two steps (concavity of tanh, e^x - 1 below its chord).",
        ),
        method="computer algebra (SymPy); one identity of densities also in 60 digits at one point",
    )


if __name__ == "__main__":
    print(prove())
