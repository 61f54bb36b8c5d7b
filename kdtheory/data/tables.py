"""Tables stored as pickled pandas data frames: their columns, read without unpickling and without pandas."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from kdtheory.data import _inert
from kdtheory.data._inert import Wish
from kdtheory.data._unpack import Refused
from kdtheory.errors import DataUnavailable


def columns(name: str, content: bytes) -> dict[str, NDArray[Any]]:
    """The columns of a data frame by name: numbers as they are, the rest as texts.

    Raises
    ------
    DataUnavailable
        Anything that is not a plain table; ``name`` stands in the line.
    """
    try:
        frame = _inert.read(content)
        manager = _expected(frame, "DataFrame").state["_mgr"]
        blocks, axes = _expected(manager, "BlockManager").arguments[:2]
        names = _values(_expected(axes[0], "_new_Index").arguments[1]["data"]).tolist()
        found = {
            names[place]: row
            for block in blocks
            for place, row in zip(*_rows(_expected(block, "_unpickle_block")), strict=True)
        }
        return {column: found[column] for column in names}
    except (Refused, ValueError, IndexError, KeyError, TypeError, AttributeError) as error:
        got = " ".join(str(error).split())
        raise DataUnavailable(name, expected="a table", got=got, fix="get the data set again") from error


def _expected(value: Any, kind: str) -> Wish:
    if not isinstance(value, Wish) or value.name.rpartition(".")[2] != kind:
        raise Refused(f"no {kind} where a table has one")
    return value


def _rows(block: Wish) -> tuple[list[int], NDArray[Any]]:
    """Which columns a block holds, and their values, one row per column."""
    values, places = block.arguments[:2]
    if places.name == "builtins.slice":
        return list(range(*places.arguments)), _values(values)
    return _values(places).tolist(), _values(values)


def _values(array: Any) -> NDArray[Any]:
    """A NumPy array out of its recipe: raw bytes of numbers, or a list of texts."""
    if isinstance(array, Wish) and array.name.endswith("._frombuffer"):
        buffer, kind, shape, order = array.arguments
        return np.frombuffer(buffer, dtype=_number(kind)).reshape(shape, order=order)
    _, shape, _, _, texts = _expected(array, "_reconstruct").state
    return np.array([str(text) for text in texts]).reshape(shape)  # NumPy lists objects row by row in any layout


def _number(kind: Any) -> np.dtype[Any]:
    """A type of plain numbers, little-endian as the state of the recipe says."""
    name, order = _expected(kind, "dtype").arguments[0], kind.state[1]
    if name not in ("f8", "i8") or order != "<":
        raise Refused(f"numbers of type {order}{name}")
    return np.dtype(order + name)
