"""Read ``.npy`` files that anybody may have written."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from kdtheory.errors import DataUnavailable

if TYPE_CHECKING:
    from numpy.typing import NDArray

_FIX = "save it again with numpy.save(path, array)"


def read_array(path: Path) -> NDArray[Any]:
    """The array in an ``.npy`` file; nothing in it is executed, and its promises are checked before memory is taken.

    Raises
    ------
    DataUnavailable
        One line: missing, not an ``.npy`` file, cut short, or with Python objects inside.
    """
    import numpy as np

    if not path.is_file():
        got = "a folder" if path.is_dir() else "no such file"
        raise DataUnavailable(str(path), expected="an .npy file", got=got, fix="check the path")
    try:
        with path.open("rb") as file:
            if file.read(6) != np.lib.format.MAGIC_PREFIX:
                raise DataUnavailable(str(path), expected="an .npy file", got="another format", fix=_FIX)
        # A memory map compares the promised shape with the size of the file, and needs no memory for what is not there.
        return np.array(np.load(path, mmap_mode="r", allow_pickle=False))
    except DataUnavailable:
        raise
    except PermissionError as error:
        got = error.strerror or "no permission"
        raise DataUnavailable(str(path), expected="a readable file", got=got, fix="change its permissions") from None
    except (ValueError, OSError, EOFError, SyntaxError, MemoryError, OverflowError, TypeError) as error:
        raise DataUnavailable(str(path), expected="an array of numbers", got=_fault(error), fix=_FIX) from None


def _fault(error: BaseException) -> str:
    text = " ".join(str(error).split())
    if "object" in text.lower():
        return "Python objects (pickles are never opened)"
    if "mmap" in text or "empty file" in text:
        return "a file that is shorter than it says, or empty"
    return f"a broken file ({text or type(error).__name__})"
