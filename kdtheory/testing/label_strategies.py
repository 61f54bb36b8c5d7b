"""Hypothesis strategy of soft labels."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from kdtheory.testing.spectral_strategies import Size, _composed, _sizes
from kdtheory.testing.variables import logarithmic

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

Array = NDArray[np.float64]


def soft_labels(
    points: Size = (1, 6), classes: Size = (2, 5), *, temperature: tuple[float, float] = (0.1, 10.0), hard: bool = True
) -> SearchStrategy[Array]:
    """Softmax labels, shape (points, classes), rows that sum to 1: uniform, confident, tied, and one-hot ones.

    Parameters
    ----------
    points, classes : int or (int, int)
        Their number, or the least and the most.
    temperature : (float, float)
        Range of the temperature by which small whole logits are divided.
    hard : bool
        Whether rows may be one-hot; otherwise all entries are positive.

    Examples
    --------
    >>> from hypothesis import find, settings
    >>> find(soft_labels(), lambda q: True, settings=settings(database=None)).tolist()
    [[0.5, 0.5]]
    """
    from hypothesis import strategies

    def build(draw: Callable[[Any], Any]) -> Array:
        shape = draw(_sizes(points)), draw(_sizes(classes))
        whole = strategies.integers(-6, 6)
        rows = strategies.lists(whole, min_size=shape[1], max_size=shape[1])
        logits = np.array(draw(strategies.lists(rows, min_size=shape[0], max_size=shape[0])), dtype=float)
        logits /= draw(logarithmic(*temperature).strategy())
        powers = np.exp(logits - logits.max(axis=1, keepdims=True))
        soft = powers / powers.sum(axis=1, keepdims=True)
        sharp = np.array(draw(strategies.lists(strategies.booleans(), min_size=shape[0], max_size=shape[0])))
        one_hot = np.eye(shape[1])[np.argmax(logits, axis=1)]
        return np.where((sharp & hard)[:, None], one_hot, soft)

    return _composed(build)
