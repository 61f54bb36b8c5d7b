"""What derivations decide by algebra."""

from __future__ import annotations

from typing import Any

_DIGITS, _NOTHING = 20, 1e-8


def zero(expression: Any) -> bool:
    """Whether SymPy reduces an expression to zero; ``False`` also where it does not find out.

    >>> import sympy as sp
    >>> x = sp.symbols("x", positive=True)
    >>> zero(sp.log(x**2) - 2 * sp.log(x)), zero(sp.exp(x) - 1)
    (True, False)
    """
    import sympy as sp

    expression = sp.sympify(expression)
    if _differs_from_zero(expression):
        return False
    if expression.is_algebraic_expr() and sp.cancel(sp.together(expression)) == 0:
        return True
    return bool(sp.simplify(sp.expand(sp.powsimp(sp.expand(expression)))) == 0)


def _differs_from_zero(expression: Any) -> bool:
    """Whether it has another value at one point, which is found out sooner than that nothing simplifies it."""
    import sympy as sp

    symbols = sorted(expression.free_symbols, key=str)
    point = {symbol: _value(symbol, number) for number, symbol in enumerate(symbols)}
    if None in point.values():
        return False
    value = expression.evalf(_DIGITS, subs=point, maxn=_DIGITS)
    return bool(value.is_number and value.is_finite and sp.Abs(value) > _NOTHING)


def _value(symbol: Any, number: int) -> Any:
    """A value that the symbol may have, another one for each number; ``None`` if there is none at hand."""
    import sympy as sp

    share = sp.Rational(number + 2, number + 5) + sp.Rational(1, 50 + 9 * number)
    for value in (share, -share, sp.Integer(2 * number + 3)):
        if all(getattr(value, f"is_{name}", known) == known for name, known in symbol.assumptions0.items()):
            return value
    return None
