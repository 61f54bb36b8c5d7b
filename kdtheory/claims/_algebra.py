"""What derivations decide by algebra."""

from __future__ import annotations

from typing import Any


def zero(expression: Any) -> bool:
    """Whether SymPy reduces an expression to zero; ``False`` also where it does not find out.

    >>> import sympy as sp
    >>> x = sp.symbols("x", positive=True)
    >>> zero(sp.log(x**2) - 2 * sp.log(x)), zero(sp.exp(x) - 1)
    (True, False)
    """
    import sympy as sp

    return bool(sp.simplify(sp.expand(sp.powsimp(sp.expand(expression)))) == 0)
