r"""Derivation of C2, ``which-procedures-exaggerate``: elasticities decide.

``python derivations/which_procedures_exaggerate.py`` prints it. Every ``verified`` is computed by SymPy: an identity by
simplifying the difference of its sides to zero, a sign from the signs of factors, of coefficients, or by counting the
roots of a polynomial with rational coefficients.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from kdtheory.claims import Derivation, Step, zero

lam, z, t, y, p, q, k, w = sp.symbols("lambda z t y p q k w", positive=True)
m, r, s, x = sp.symbols("m r s x", positive=True)
u, v, rho = sp.symbols("u v rho", positive=True)
A_T, A_S, A_R = (sp.Function(name, positive=True)(lam) for name in ("A_T", "A_S", "A_R"))
a, b = sp.symbols("a b", positive=True)


def elasticity(gain: Any, scale: Any = z) -> Any:
    """Slope of the log-gain in the log of the eigenvalue (or of what it is multiplied with)."""
    return scale * sp.diff(gain, scale) / gain


def E_flow(gain: Any) -> Any:
    """Elasticity of gradient flow at a gain."""
    return -(1 - gain) * sp.log(1 - gain) / gain


def E_ridge(gain: Any) -> Any:
    """Elasticity of ridge at a gain."""
    return 1 - gain


def E_iterated(gain: Any, order: Any = m) -> Any:
    """Elasticity of iterated Tikhonov of that order; of descent in ``-order`` steps."""
    return order * (1 - (1 - gain) ** (1 / order)) * (1 - gain) / gain


def criterion() -> list[Step]:
    """The zero-crossing proof."""
    D = sp.log(A_R) - sp.log(A_T) - sp.log(A_S)
    slope = elasticity(A_R, lam) - elasticity(A_T, lam) - elasticity(A_S, lam)
    quotient = sp.Function("q", positive=True)
    split = a * quotient(a) + b * quotient(b) - (a + b) * quotient(a + b)
    parts = a * (quotient(a) - quotient(a + b)) + b * (quotient(b) - quotient(a + b))
    e = sp.Function("e", positive=True)
    ratio = sp.log(e(r * z)) - sp.log(e(z))
    growth = z * sp.diff(ratio, z).doit()
    log_slope: Any = sp.Lambda(z, (z * sp.diff(sp.log(e(z)), z)))
    return [
        Step(
            "Elasticities add up",
            "The log of the reference's gain over the student's falls with the eigenvalue by the slack. Where it is "
            "zero and the slack positive it crosses downwards: going down from a leading mode where it is not "
            "negative, it cannot come back to zero. If the slack is negative at a zero, it crosses upwards.",
            r"\frac{dD}{d\log\lambda} = e_R - e_T - e_S,\quad D = \log A_R - \log A_T - \log A_S",
            zero(lam * sp.diff(D, lam) - slope),
        ),
        Step(
            "One family: a sufficient condition",
            "With x = log(1/u) and q = E / x, which falls with x if E / log(1/u) increases with u, both terms are "
            "positive.",
            r"E(u) + E(v) - E(uv) = x (q(x) - q(x+y)) + y (q(y) - q(x+y)),\quad x = \log\tfrac1u,\; y = \log\tfrac1v",
            bool(sp.expand(split - parts) == 0),
        ),
        Step(
            "What the elasticity's own slope must do",
            "e(rz) / e(z) increases with z if the elasticity of the elasticity falls. Then -log g_r(exp(-x)), with the "
            "slope e(rz) / e(z), is concave in x for every r, and the product of two gains lags.",
            r"z \frac{d}{dz} \log \frac{e(rz)}{e(z)} = \varepsilon(rz) - \varepsilon(z),\quad \varepsilon = z e' / e",
            zero((growth - (log_slope(x).doit().subs(x, r * z) - log_slope(z))).doit()),
        ),
        Step(
            "The stable family",
            "Equality for all u and v is Cauchy's equation for E in log(1/u): E = p log(1/u), the gains "
            "exp(-k / lambda^p).",
            r"\lambda \frac{d}{d\lambda} \log e^{-k \lambda^{-p}} = p \log\frac{1}{e^{-k \lambda^{-p}}}",
            zero(elasticity(sp.exp(-k * lam**-p), lam) - p * k * lam**-p),
        ),
    ]


def flow() -> list[Step]:
    """Gradient flow, and descent in its time."""
    gain = 1 - sp.exp(-z)
    e = elasticity(gain)
    # h = 1 - exp(-y): an elasticity in h is one in y over that of h.
    h = 1 - sp.exp(-y)
    warped = elasticity((1 - (1 - h) ** k), y) / elasticity(h, y)
    clock = elasticity(y, y) / elasticity(h, y)
    growth = sp.diff(z / (1 - sp.exp(-z)), z) - sp.exp(-z) * (sp.exp(z) - 1 - z) / (1 - sp.exp(-z)) ** 2
    return [
        Step(
            "Gradient flow",
            "Its elasticity at the gain u; its own elasticity falls because z / (1 - exp(-z)) increases "
            "(exp(z) - 1 - z is convex with a double zero at 0).",
            r"E(u) = -\frac{(1-u)\log(1-u)}{u},\qquad \varepsilon(z) = 1 - \frac{z}{1 - e^{-z}}",
            zero(e - E_flow(gain)) and zero(elasticity(e) - (1 - z / (1 - sp.exp(-z)))) and zero(growth),
        ),
        Step(
            "Gradient descent with small steps",
            "With one step size h / lambda < 1 / lambda all three elasticities are those of gradient flow times one "
            "factor, the elasticity of the time -log(1 - h): the slack keeps its sign.",
            r"\frac{d \log(1 - (1-h)^k)}{d \log h} = e(z) \cdot \frac{d \log z}{d \log h},\quad z = -k \log(1-h)",
            zero(warped - e.subs(z, k * y) * clock),
        ),
    ]


def ridge() -> list[Step]:
    """Ridge, iterated ridge, descent by the size of steps."""
    gain = z / (1 + z)

    def g(level: Any) -> Any:
        return r * level / (r * level + 1 - level)

    gap = r * (1 - r) * u * v * (1 - u) * (1 - v) / ((r * u * v + 1 - u * v) * (r * u + 1 - u) * (r * v + 1 - v))
    repeated = 1 - (1 + z) ** -m
    # X = exp(-y) and Y = exp(-my) as symbols of their own, whose slopes in y are -X and -mY.
    X, Y = sp.symbols("X Y", positive=True)
    e = m * (1 - X) * Y / (1 - Y)

    def slope(expression: Any) -> Any:
        return -X * sp.diff(expression, X) - m * Y * sp.diff(expression, Y)

    same = elasticity(repeated) - e.subs({X: 1 / (1 + z), Y: (1 + z) ** -m})
    own = slope(sp.log(e)) * (1 - X) - (X - m * (1 - X) / (1 - Y))
    falls = slope(sp.log((1 - X) / (1 - Y))) - X / (1 - X) + m * Y / (1 - Y)
    steps = []
    for count in (2, 3, 7):
        size = elasticity(1 - (1 - z) ** count)
        total = sum(w**i for i in range(count))
        rest = sum(w**i for j in range(count) for i in range(j))
        steps += [
            sp.cancel(elasticity(size).subs(z, 1 - w) + (1 - w) * rest / (w * total)) == 0,
            sp.expand(count - total - (1 - w) * rest) == 0,
        ]
    return [
        Step(
            "Ridge",
            "The slack is a product of positive factors.",
            r"E(u) = 1 - u,\qquad E(u) + E(v) - E(uv) = (1-u)(1-v)",
            zero(elasticity(gain) - E_ridge(gain))
            and zero(E_ridge(u) + E_ridge(v) - E_ridge(u * v) - (1 - u) * (1 - v)),
        ),
        Step(
            "The gap of ridge",
            "On a mode of eigenvalue ratio r, exactly.",
            r"g_r(uv) - g_r(u) g_r(v) = \frac{r(1-r)\,uv(1-u)(1-v)}{(ruv+1-uv)(ru+1-u)(rv+1-v)}",
            sp.factor(g(u * v) - g(u) * g(v) - gap) == 0,
        ),
        Step(
            "Iterated Tikhonov",
            "With y = log(1 + z), the elasticity of the elasticity is a falling term minus one whose log grows by "
            "(f(y) - f(my)) / y, where f(y) = y / (exp(y) - 1), which falls: it falls for every order m >= 1.",
            r"\varepsilon = e^{-y} - m\,\frac{1 - e^{-y}}{1 - e^{-my}},\qquad E(u) = m (1 - (1-u)^{1/m}) \frac{1-u}{u}",
            zero(elasticity(repeated) - E_iterated(repeated))
            and zero(same)
            and sp.cancel(own) == 0
            and sp.cancel(falls) == 0,
        ),
        Step(
            "Descent, step sizes of one number of steps",
            "With w = 1 - h the elasticity of the elasticity is minus a quotient whose numerator falls with w and "
            "whose denominator grows (k = 2, 3, 7 expanded; the formula holds for every k). One step is E = 1.",
            r"\varepsilon = -\frac{k - S}{w S},\quad S = \sum_{j<k} w^j,\quad k - S = (1-w)\sum_{j<k}\sum_{i<j} w^i",
            all(steps),
        ),
    ]


def momentum() -> list[Step]:
    """Momentum before the first overshoot."""
    half = sp.symbols("half", positive=True)
    gain = 1 - sp.cos(x)
    e = elasticity(gain, x) / 2
    cotangent = x / 2 * sp.cos(x / 2) / sp.sin(x / 2)
    falls = sp.diff(cotangent, x) - (sp.sin(x) - x) / (4 * sp.sin(x / 2) ** 2)

    def vanishes(expression: Any) -> bool:
        return bool(sp.simplify(sp.expand_trig(expression.subs(x, 2 * half))) == 0)

    return [
        Step(
            "Momentum without damping",
            "With x = t sqrt(lambda); it falls (x > sin x) from 1 to pi/4 at the first overshoot, x = pi/2. Two "
            "elasticities above 1/2 add up to more than 1, which no third one exceeds.",
            r"e = \frac{x}{2} \cot \frac{x}{2},\quad e(\pi/2) = \pi/4 > 1/2",
            vanishes(e - cotangent)
            and vanishes(falls)
            and bool(sp.limit(e, x, 0) == 1)
            and bool(e.subs(x, sp.pi / 2) > sp.Rational(1, 2)),
        ),
        *nesterov_flow(),
    ]


def nesterov_flow(terms: int = 14) -> list[Step]:
    """The Bessel gain, by rational bounds on its power series."""
    end, tail = sp.Rational(3671, 1000), sp.Rational(1, 10**7)
    weight = [sp.S.Zero] + [
        sp.Rational((-1) ** (n + 1), sp.factorial(n) * sp.factorial(n + 1)) for n in range(1, terms)
    ]
    P: Any = sum(c * s**n for n, c in enumerate(weight))
    bessel = sp.series(1 - 2 * sp.besselj(1, 2 * sp.sqrt(s)) / (2 * sp.sqrt(s)), s, 0, 6).removeO()
    same = zero(bessel - sum(c * s**n for n, c in enumerate(weight[:6])))
    # Coefficients of P P' + s P P'' - s P'^2 up to s^(terms - 1), which those of P left out do not reach.
    known = [
        sum(weight[i] * weight[n + 1 - i] * (n + 1 - i) * (n + 1 - 2 * i) for i in range(1, n + 1))
        for n in range(terms)
    ]
    polynomial: Any = sp.Poly(sum(c * s ** (n - 2) for n, c in enumerate(known) if n >= 2) + tail, s)
    n = terms
    left_out = (n + 1) ** 2 * sp.Rational(2 ** (2 * n + 4), sp.factorial(n + 1) * sp.factorial(n + 3)) * end ** (n - 2)
    negative = known[:2] == [0, 0] and polynomial.eval(0) < 0 and polynomial.count_roots(0, end) == 0
    e = {place: (s * sp.diff(P, s) / P).subs(s, place) for place in (sp.Rational(36, 25), sp.Rational(9, 4), end)}
    P_at = {place: P.subs(s, place) for place in e}
    low, high = sp.Rational(36, 25), sp.Rational(9, 4)
    room = sp.Rational(1, 1000)
    return [
        Step(
            "Nesterov flow: its elasticity falls",
            "With s = lambda t^2 / 4, the slope of e has the sign of G = P P' + s P P'' - s P'^2. Its power series to "
            f"s^{terms - 1}, plus a bound on the rest (each term below half of the one before), has no root up to s = "
            "3.671, where the gain P already exceeds 1.",
            r"P(s) = \sum_{n \ge 1} \frac{(-1)^{n+1} s^n}{n!\,(n+1)!},\quad e = \frac{s P'}{P},\quad G(s) < 0",
            same and bool(negative) and bool(2 * left_out < tail) and bool(P_at[end] > 1 + room**2),
        ),
        Step(
            "Nesterov flow",
            "E falls from 1 to more than 2/5. If E(v) >= 3/5, then E(u) + E(v) > 1 > E(uv). If both are below, u and v "
            "exceed the gain at s = 9/4, and uv that at s = 36/25, where E < 4/5 < E(u) + E(v).",
            r"E(P(\tfrac94)) > \tfrac35,\quad P(\tfrac94)^2 > P(\tfrac{36}{25}),\quad E(P(\tfrac{36}{25})) < \tfrac45,"
            r"\quad E(1) > \tfrac25",
            bool(e[high] > sp.Rational(3, 5) + room)
            and bool(P_at[high] ** 2 > P_at[low] + room)
            and bool(e[low] < sp.Rational(4, 5) - room)
            and bool(e[end] > sp.Rational(2, 5) + room),
        ),
    ]


def decay() -> list[Step]:
    """Weight decay, and its threshold."""
    K = E_flow
    gain = lam / (lam + w) * (1 - sp.exp(-(lam + w) * t))
    level = 1 - sp.exp(-(lam + w) * t)
    share = lam / (lam + w)
    slack = 2 * (1 - rho) + rho * (K(u) + K(v)) - (1 - rho) - rho * K(rho * u * v)
    ends = sp.limit(sp.limit(slack, u, 1, "-"), v, 1, "-")
    at = (1 + sp.log(1 - rho)).subs(rho, share.subs(lam, (sp.E - 1) * w))
    fitted = sp.log((lam + w) / w) / (lam + w)
    return [
        Step(
            "Weight decay",
            "With rho = lambda / (lambda + w) the gain is rho times one of gradient flow, of level u.",
            r"e = (1 - \rho) + \rho K(u),\quad K(u) = -\tfrac{(1-u)\log(1-u)}{u}",
            zero(elasticity(gain, lam) - (1 - share) - share * K(level)),
        ),
        Step(
            "The threshold of weight decay",
            "The slack of two long runs is (1 - rho)(1 + log(1 - rho)): zero at lambda = (e - 1) w, negative above. Up "
            "to there it is positive for all runs, since K(rho u v) < K(rho) + K(u) + K(v) (gradient flow, twice) and "
            "rho K(rho) <= 1 - rho.",
            r"\lim_{u,v \to 1} = (1-\rho)(1 + \log(1-\rho)),\qquad \rho K(\rho) = -(1-\rho)\log(1-\rho)",
            zero(ends - (1 - rho) * (1 + sp.log(1 - rho)))
            and zero(at)
            and zero(rho * K(rho) + (1 - rho) * sp.log(1 - rho)),
        ),
        Step(
            "Beyond it long runs reverse",
            "The reference that matches two long runs on lambda_1 has, with x = (lambda + w) / w, less of lambda_2 "
            "exactly if log(x_1)/x_1 < log(x_2)/x_2; log(x)/x falls from x = e on.",
            r"e^{-(\lambda_1 + w) t} = \frac{w}{\lambda_1 + w},\qquad"
            r" \frac{d}{dx}\frac{\log x}{x} = \frac{1 - \log x}{x^2}",
            zero(sp.exp(-(lam + w) * fitted) - w / (lam + w))
            and zero(sp.diff(sp.log(x) / x, x) - (1 - sp.log(x)) / x**2),
        ),
    ]


def failures() -> list[Step]:
    """Why averages, shrinkage and mixed families fail."""
    average = 1 - (1 - sp.exp(-z)) / z
    gain = sp.lambdify(z, average, "mpmath")
    both: Any = sp.nsolve(
        sp.Matrix([2 * elasticity(average) - elasticity(average).subs(z, y), average**2 - average.subs(z, y)]),
        [z, y],
        [7.6, 3.4],
    )
    alpha = sp.symbols("alpha", positive=True)
    return [
        Step(
            "Averaged flow",
            "Towards the end E is (1 - u) / u, and two long averages are flatter than one short; equal ones from "
            "lambda t = 7.659, gain .8695, on.",
            r"\lim_{u \to 1} \frac{E(u)}{1-u} = 1,\qquad 2E(u) = E(u^2) \text{ at } z = 7.659,\; u = .8695",
            bool(sp.limit(z * elasticity(average), z, sp.oo) == 1)
            and bool(abs(float(both[0]) - 7.6593) < 1e-4 and abs(float(gain(both[0])) - 0.8695) < 1e-4),
        ),
        Step(
            "Shrunk outputs",
            "Long runs have no elasticity left, their reference at the gain alpha still has.",
            r"\lim_{u, v \to 1} E(u) + E(v) - E(\alpha u v) = -E(\alpha) < 0",
            zero(sp.limit(E_flow(u), u, 1, "-")) and bool((-E_flow(alpha)).subs(alpha, sp.Rational(9, 10)) < 0),
        ),
        Step(
            "Ridge is flatter than gradient flow",
            "The difference has the sign of -log(1 - u) - u > 0. Against ridge, flow and ridge may be mixed; against "
            "flow a long student of a ridge teacher leads.",
            r"E_{\text{flow}}(u) - E_{\text{ridge}}(u) = \tfrac{1-u}{u} \left(-\log(1-u) - u\right)",
            zero(E_flow(u) - E_ridge(u) - (1 - u) / u * (-sp.log(1 - u) - u))
            and zero(sp.diff(-sp.log(1 - u) - u, u) - u / (1 - u)),
        ),
    ]


def prove() -> Derivation:
    """All steps."""
    return Derivation(
        claim="which-procedures-exaggerate",
        steps=(*criterion(), *flow(), *ridge(), *momentum(), *decay(), *failures()),
        not_carried=(
            "From the sign of the slope at every zero to a single zero: above the largest zero below the leading mode "
            "the function would be positive, so its slope there could not be negative.",
            "From the sign of a derivative to monotonicity, and from concavity with phi(0) = 0 to subadditivity.",
            "That y / (exp(y) - 1) falls (the mirror image of z / (1 - exp(-z)), which increases).",
            "The bound on the coefficients left out of the Bessel series: |coefficient n| <= "
            "(n+1)^2 2^(2n+4) / ((n+1)! (n+3)!), by binomial sums.",
            "Momentum that is over-damped (in continuous time, heavy ball, Nesterov's method), and damped flow before "
            "its first overshoot: proved in `momentum-exaggerates-until-it-overshoots`. Descent with weight decay: in "
            "`weight-decay-boundary`.",
        ),
    )


if __name__ == "__main__":
    print(prove())
