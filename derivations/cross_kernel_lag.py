r"""Derivation of C12, ``cross-kernel-lag``: the criterion for commuting kernels and the threshold of gradient flow.

``python derivations/cross_kernel_lag.py`` prints it.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from kdtheory.claims import Derivation, Step, zero

lam, a, b, c, r, taught, kappa = sp.symbols("lambda a b c r r_T kappa", positive=True)
u, v = sp.symbols("u v", positive=True)


def flow(progress: Any) -> Any:
    """Gain of gradient flow."""
    return 1 - sp.exp(-progress)


def second(ratio: Any, gain: Any) -> Any:
    """Gain on mode 2 where mode 1 has ``gain``."""
    return 1 - (1 - gain) ** ratio


def threshold() -> Any:
    """The teacher's ratio at which the student is neither behind nor ahead."""
    return -sp.log(1 - second(r, u * v) / second(r, v)) / a


def prove() -> Derivation:
    """All steps."""
    chain = sp.Function("phi")(lam)
    gain = sp.Function("A")
    through = lam * sp.diff(sp.log(gain(chain)), lam).doit()
    z = sp.symbols("z", positive=True)
    elasticity = sp.simplify(z * sp.diff(flow(z), z) / flow(z))
    by_gain = -(1 - u) * sp.log(1 - u) / u
    at = flow(threshold() * a)
    x = sp.symbols("x", positive=True)
    # In the residual x = 1 - u, whose second derivative is the same.
    convex = sp.diff(second(r, 1 - x), x, 2)
    return Derivation(
        claim="cross-kernel-lag",
        steps=(
            Step(
                "Through another kernel",
                "The elasticity of the teacher's gain in the student's eigenvalue is that in its own, times that of "
                "phi.",
                r"\frac{d \log A(\varphi(\lambda))}{d \log \lambda} = e_\varphi\, E_A",
                zero(
                    through
                    - (lam * sp.diff(chain, lam) / chain) * chain * sp.Subs(sp.diff(gain(x), x), x, chain) / gain(chain)
                ),
            ),
            Step(
                "Elasticity of gradient flow",
                "As a function of the gain, with z = -log(1 - u).",
                r"E(u) = -\frac{(1 - u) \log(1 - u)}{u}",
                zero(elasticity.subs(z, -sp.log(1 - u)) - by_gain),
            ),
            Step(
                "It falls with the gain",
                "The derivative has the sign of u + log(1 - u), which starts at 0 and falls.",
                r"E'(u) = \frac{u + \log(1 - u)}{u^2},\quad \frac{d}{du}(u + \log(1 - u)) = -\frac{u}{1 - u}",
                zero(sp.diff(by_gain, u) - (u + sp.log(1 - u)) / u**2)
                and zero(sp.diff(u + sp.log(1 - u), u) + u / (1 - u))
                and zero((u + sp.log(1 - u)).subs(u, 0)),
            ),
            Step(
                "The threshold",
                "A teacher of that ratio gives mode 2 just the gain with which the student meets the reference.",
                r"g_{r_T^*}(u)\, g_r(v) = g_r(u v)",
                zero(at * second(r, v) - second(r, u * v)),
            ),
            Step(
                "Below it the student lags",
                "The teacher's gain on mode 2 grows with its ratio.",
                r"\frac{d}{d r_T} (1 - e^{-a r_T}) = a e^{-a r_T} > 0",
                zero(sp.diff(flow(a * taught), taught) - a * sp.exp(-a * taught))
                and bool(sp.diff(flow(a * taught), taught).is_positive),
            ),
            Step(
                "Not flat",
                "g_r is 0 at 0 and strictly convex for r < 1: g_r(u v) < u g_r(v), which is the gain of a flat teacher "
                "times the student's.",
                r"g_r'' = r (1 - r)(1 - u)^{r - 2} > 0",
                zero(convex - r * (1 - r) * x ** (r - 2)) and second(r, 0) == 0,
            ),
        ),
        not_carried=(
            "That r < r_T^*: with r_T = r this is the lag of one kernel, derived in exaggerated_bias.py.",
            "That commuting Gram matrices share eigenvectors; from slopes at matches to all lower modes, derived in "
            "which_procedures_exaggerate.py.",
        ),
    )


if __name__ == "__main__":
    print(prove())
