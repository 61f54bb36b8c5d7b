"""Checks of arguments: each returns the clean value or raises one line that says what to do."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kdtheory.errors import InvalidArgument, UnknownName


def describe(value: object) -> str:
    """A short description of a value for an error message: its number, text, or type and shape."""
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape} and type {value.dtype}" if value.ndim else repr(value.item())
    if isinstance(value, str | int | float | bool | None):
        text = repr(value)
        return text if len(text) <= 60 else text[:57] + "..."
    if isinstance(value, list | tuple):
        text = repr(value)
        return text if len(text) <= 60 else f"a {type(value).__name__} of length {len(value)}"
    return f"a value of type {type(value).__name__}"


def finite_array(
    argument: str, value: object, *, ndim: int | tuple[int, ...] | None = None, infinity: bool = False
) -> NDArray[np.float64]:
    """``value`` as a non-empty float64 array without NaN (and without infinity unless allowed).

    ``ndim`` is the number of dimensions, or the accepted numbers of dimensions.
    """
    fix = "pass a non-empty array of real numbers"
    try:
        array = np.asarray(value)
    except (ValueError, TypeError, RuntimeError) as error:
        raise InvalidArgument(argument, expected="an array of numbers", got=describe(value), fix=fix) from error
    if array.dtype.kind not in "fiub" or (array.dtype.kind == "O"):
        raise InvalidArgument(argument, expected="an array of real numbers", got=_kind(value, array), fix=fix)
    if ndim is not None and array.ndim not in (ndim if isinstance(ndim, tuple) else (ndim,)):
        wanted = " or ".join(str(n) for n in (ndim if isinstance(ndim, tuple) else (ndim,)))
        got = f"{array.ndim} (shape {array.shape})"
        raise InvalidArgument(argument, expected=f"{wanted} dimension(s)", got=got, fix="reshape the array")
    if array.size == 0:
        raise InvalidArgument(
            argument, expected="at least one number", got=f"an empty array of shape {array.shape}", fix=fix
        )
    array = array.astype(np.float64)
    bad = np.isnan(array) if infinity else ~np.isfinite(array)
    if bad.any():
        where = tuple(int(i) for i in np.argwhere(bad)[0])
        place = f" at index {list(where)} ({int(bad.sum())} such value(s))" if array.ndim else ""
        got = f"{array[where]}{place}"
        expected = "no NaN" if infinity else "finite numbers"
        cure = "remove or impute these values" if array.ndim else f"change {argument}"
        raise InvalidArgument(argument, expected=expected, got=got, fix=cure)
    return array


def _kind(value: object, array: NDArray[Any]) -> str:
    return describe(value) if array.ndim == 0 else f"an array of type {array.dtype}"


def number(
    argument: str,
    value: object,
    *,
    at_least: float = -np.inf,
    above: float = -np.inf,
    below: float = np.inf,
    at_most: float = np.inf,
) -> float:
    """``value`` as a finite float within bounds; booleans, strings, arrays and NaN are refused."""
    expected = _bounds("a number", at_least, above, below, at_most)
    result = _real(argument, value, expected)
    if not (np.isfinite(result) and at_least <= result <= at_most and above < result < below):
        raise InvalidArgument(argument, expected=expected, got=describe(result), fix=f"change {argument}")
    return result


def count(argument: str, value: object, *, at_least: int = 0, at_most: float = np.inf) -> int:
    """``value`` as an int within bounds; floats are refused unless they are whole."""
    expected = _bounds("a whole number", at_least, -np.inf, np.inf, at_most)
    real = _real(argument, value, expected)
    if not (real.is_integer() and at_least <= real <= at_most):
        raise InvalidArgument(argument, expected=expected, got=describe(value), fix=f"change {argument}")
    return int(value) if isinstance(value, Integral) else int(real)


def _real(argument: str, value: object, expected: str) -> float:
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value.item()
    if isinstance(value, bool) or not isinstance(value, Real):
        raise InvalidArgument(argument, expected=expected, got=describe(value), fix="pass one real number")
    return float(value)


def one_of(argument: str, value: object, options: Collection[str]) -> str:
    """``value``, if it is one of the accepted words."""
    if value not in options or not isinstance(value, str):
        names = ", ".join(repr(option) for option in options)
        raise InvalidArgument(argument, expected=f"one of {names}", got=describe(value), fix="choose one of them")
    return value


def lookup(items: Mapping[str, Any], name: str, what: str) -> Any:
    """``items[name]``, or one line that lists the names there are."""
    if name not in items:
        raise UnknownName(what, expected=f"one of {', '.join(items)}", got=repr(name), fix="check the spelling")
    return items[name]


def _bounds(what: str, at_least: float, above: float, below: float, at_most: float) -> str:
    if at_least > -np.inf and at_most < np.inf:
        return f"{what} from {at_least:g} to {at_most:g}"
    limits = {"of at least": at_least, "above": above, "below": below, "of at most": at_most}
    parts = [f"{words} {limit:g}" for words, limit in limits.items() if np.isfinite(limit)]
    return " ".join([what, " and ".join(parts)]) if parts else what
