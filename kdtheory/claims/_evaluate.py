"""Running a check on cases, with one clear line for whatever a user's function may do wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from kdtheory.errors import InvalidArgument, KdtheoryError
from kdtheory.testing.margin import Margin
from kdtheory.validation import describe


def measure(check: Callable[[Any], Margin], case: Any, name: str, *, vectorized: bool = True) -> Margin:
    """The margin of a case or a batch, with one value per case and no NaN."""
    size = getattr(case, "size", 1)
    if not vectorized and size > 1:
        return _stacked([_run(check, case.at(index), name) for index in range(size)])
    margin = _run(check, case, name)
    if margin.size != size:
        raise InvalidArgument(
            name,
            expected=f"a check that returns one margin per case, {size} here",
            got=f"{margin.size}",
            fix="compute with the case's arrays, or pass vectorized=False to the decorator",
        )
    undefined = np.isnan(margin.values.reshape(-1))
    if undefined.any():
        where = int(np.flatnonzero(undefined)[0])
        culprit = case.at(where) if hasattr(case, "at") else case
        parts = ", ".join(key for key, part in margin.parts.items() if np.isnan(part.reshape(-1)[where]))
        raise InvalidArgument(
            name,
            expected="margins that are numbers",
            got=f"NaN ({parts}) in {int(undefined.sum())} of {size} case(s), first {culprit!r}",
            fix="restrict the case, or use a formula that is defined there",
        )
    return margin


def _run(check: Callable[[Any], Margin], case: Any, name: str) -> Margin:
    try:
        margin = check(case)
    except KdtheoryError:
        raise
    except Exception as error:
        size = getattr(case, "size", 1)
        fix = "use NumPy functions, or pass vectorized=False to the decorator" if size > 1 else "mend the check"
        got = f"{type(error).__name__}: {error}"
        raise InvalidArgument(name, expected=f"a check that takes {size} case(s)", got=got, fix=fix) from error
    if not isinstance(margin, Margin):
        fix = "return kd.testing.Margin(values)"
        raise InvalidArgument(name, expected="a check that returns a Margin", got=describe(margin), fix=fix)
    return margin


def _stacked(margins: list[Margin]) -> Margin:
    return Margin(**{name: np.array([float(m.parts[name].min()) for m in margins]) for name in margins[0].parts})
