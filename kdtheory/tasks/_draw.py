"""Which rows of a data set are for training and which for testing."""

from __future__ import annotations

from typing import Any

import numpy as np

from kdtheory.errors import InvalidArgument
from kdtheory.validation import count


def draw(total: int, train: int, test: int | None, seed: int, what: str) -> tuple[Any, Any]:
    """Rows for training and rows for testing (``None`` for ``test=0``), without replacement; default: all that remain.

    ``what`` are the rows, in the plural, for the error message.
    """
    train = count("train", train, at_least=1, at_most=total)
    test = total - train if test is None else count("test", test)
    if train + test > total:
        got = f"{train} + {test}"
        fix = f"ask for fewer {what}"
        raise InvalidArgument("test", expected=f"train + test of at most {total}", got=got, fix=fix)
    order = np.random.default_rng(count("seed", seed)).permutation(total)
    return order[:train], order[train : train + test] if test else None


def draw_parts(totals: tuple[int, int], train: int, test: int | None, seed: int) -> tuple[Any, Any]:
    """The same for data with a training and a test part of their own, each drawn from by itself; default: all to test.

    Fewer rows under the same seed are the first of more rows.
    """
    train = count("train", train, at_least=1, at_most=totals[0])
    test = totals[1] if test is None else count("test", test, at_most=totals[1])
    streams = [np.random.default_rng(child) for child in np.random.SeedSequence(count("seed", seed)).spawn(2)]
    chosen, held_out = (stream.permutation(total) for stream, total in zip(streams, totals, strict=True))
    return chosen[:train], held_out[:test] if test else None
