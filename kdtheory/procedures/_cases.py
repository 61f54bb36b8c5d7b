"""One formula here, another there, each evaluated only where it is used."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Formula = Callable[..., Any]


def choose(condition: ArrayLike, formula: Formula, otherwise: Formula, *arguments: ArrayLike) -> NDArray[np.float64]:
    """``formula(*arguments)`` where the condition holds, ``otherwise(*arguments)`` elsewhere.

    Neither sees an argument that is not its own, so neither needs guards against the other's zeros and overflows.
    Formulas take arrays of shape ``(m,)`` and return shape ``(m,)``, or a tuple of such arrays, which are stacked.

    >>> choose([True, False], np.sqrt, np.negative, [4.0, -1.0]).tolist()
    [2.0, 1.0]
    """
    first, *values = np.broadcast_arrays(condition, *(np.asarray(value, dtype=float) for value in arguments))
    pieces = [
        (chosen, np.asarray(values_of(*(argument[chosen] for argument in values))))
        for chosen, values_of in ((first, formula), (~first, otherwise))
        if chosen.any()
    ]
    result = np.empty((*pieces[0][1].shape[:-1], *first.shape))
    for chosen, piece in pieces:
        result[..., chosen] = piece
    return result
