"""Read what a pickle says without doing what it says.

A pickle is a small program; running it (``pickle.load``) imports modules and calls functions of its choice. Here the
program is only read: numbers, texts and collections become themselves, and every wish to call something becomes a
`Wish`, a record of the name and the arguments. Nothing is imported and nothing is called, whatever the name.
"""

from __future__ import annotations

import pickletools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kdtheory.data._unpack import Refused


@dataclass
class Wish:
    """What a pickle would have called, and the state it would have set."""

    name: str
    arguments: tuple[Any, ...]
    state: Any = None


@dataclass(frozen=True)
class Name:
    """What a pickle would have imported."""

    text: str


class _Mark:
    """Where a collection begins on the stack."""


def read(content: bytes) -> Any:
    """The value that a pickle describes, calls being `Wish` records.

    Raises
    ------
    Refused
        A broken pickle, or one that uses more than tables need.

    >>> import pickle
    >>> read(pickle.dumps({"a": [1, 2.5], "b": slice(3)}))
    {'a': [1, 2.5], 'b': Wish(name='builtins.slice', arguments=(None, 3, None), state=None)}
    """
    stack: list[Any] = []
    memo: list[Any] = []
    try:
        for opcode, argument, _ in pickletools.genops(content):
            if opcode.name == "STOP":
                (value,) = stack
                return value
            if opcode.name == "MEMOIZE":
                memo.append(stack[-1])
            elif opcode.name in ("BINGET", "LONG_BINGET"):
                stack.append(memo[int(argument or 0)])
            elif opcode.name in LITERALS:
                stack.append(argument)
            elif opcode.name not in ("PROTO", "FRAME"):
                STEPS[opcode.name](stack)
    except (ValueError, IndexError, KeyError, TypeError, AttributeError, UnicodeDecodeError) as error:
        raise Refused(f"a broken pickle, or none of a table ({type(error).__name__}: {error})") from error
    raise Refused("a pickle that does not end")


def _marked(stack: list[Any]) -> list[Any]:
    """Take what stands above the last mark, and the mark."""
    items: list[Any] = []
    while not isinstance(stack[-1], _Mark):
        items.append(stack.pop())
    stack.pop()
    return items[::-1]


def _append(stack: list[Any]) -> None:
    item = stack.pop()
    stack[-1].append(item)


def _appends(stack: list[Any]) -> None:
    items = _marked(stack)
    stack[-1].extend(items)


def _setitems(stack: list[Any]) -> None:
    items = _marked(stack)
    stack[-1].update(zip(items[::2], items[1::2], strict=True))


def _setitem(stack: list[Any]) -> None:
    value, key = stack.pop(), stack.pop()
    stack[-1][key] = value


def _name(stack: list[Any]) -> None:
    name, module = stack.pop(), stack.pop()
    stack.append(Name(f"{module}.{name}"))


def _wish(stack: list[Any]) -> None:
    arguments, called = stack.pop(), stack.pop()
    stack.append(Wish(called.text, arguments))


def _state(stack: list[Any]) -> None:
    state = stack.pop()
    stack[-1].state = state


def _tuple(size: int) -> Callable[[list[Any]], None]:
    def step(stack: list[Any]) -> None:
        stack[-size:] = [tuple(stack[-size:])]

    return step


LITERALS = frozenset({
    "BININT", "BININT1", "BININT2", "BINFLOAT", "SHORT_BINUNICODE", "BINUNICODE", "SHORT_BINBYTES", "BINBYTES",
    "BYTEARRAY8",
})  # fmt: skip
STEPS: dict[str, Callable[[list[Any]], None]] = {
    "NONE": lambda stack: stack.append(None),
    "NEWTRUE": lambda stack: stack.append(True),
    "NEWFALSE": lambda stack: stack.append(False),
    "MARK": lambda stack: stack.append(_Mark()),
    "EMPTY_LIST": lambda stack: stack.append([]),
    "EMPTY_DICT": lambda stack: stack.append({}),
    "EMPTY_TUPLE": lambda stack: stack.append(()),
    "TUPLE1": _tuple(1),
    "TUPLE2": _tuple(2),
    "TUPLE3": _tuple(3),
    "TUPLE": lambda stack: stack.append(tuple(_marked(stack))),
    "APPEND": _append,
    "APPENDS": _appends,
    "SETITEM": _setitem,
    "SETITEMS": _setitems,
    "STACK_GLOBAL": _name,
    "REDUCE": _wish,
    "NEWOBJ": _wish,
    "BUILD": _state,
}
