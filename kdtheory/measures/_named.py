"""Arrays with named leading axes, brought to common axes by name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kdtheory.errors import InvalidArgument

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Named:
    """Values of shape ``(*axes, *rest)`` with ``rest`` of ``trailing`` dimensions; ``axes=None``: no names."""

    argument: str
    values: Array
    axes: dict[str, Array] | None
    trailing: int

    @property
    def leading(self) -> tuple[int, ...]:
        """Sizes of the leading axes."""
        return self.values.shape[: self.values.ndim - self.trailing]


def align(items: Sequence[Named]) -> tuple[dict[str, Array], list[Array]]:
    """Common axes, and the values of each item broadcast to them.

    An item may lack an axis that another one has; axes of one name must have the same coordinates. Axes without names
    are matched with the last of the common axes, as NumPy broadcasts.
    """
    axes = _common([item for item in items if item.axes is not None])
    if not axes:
        axes = _numbered(items)
    return axes, [_broadcast(item, axes) for item in items]


def _common(items: list[Named]) -> dict[str, Array]:
    axes: dict[str, Array] = {}
    for item in sorted(items, key=lambda item: -len(item.axes or {})):
        for name, coordinates in (item.axes or {}).items():
            known = axes.setdefault(name, coordinates)
            if not np.array_equal(known, coordinates):
                raise InvalidArgument(
                    item.argument,
                    expected=f"the same values along the axis {name!r} in all results",
                    got=f"{_listed(coordinates)} beside {_listed(known)}",
                    fix=f"run them with the same {name} values, so that they can be paired",
                )
    return axes


def _numbered(items: Sequence[Named]) -> dict[str, Array]:
    try:
        shape = np.broadcast_shapes(*(item.leading for item in items))
    except ValueError:
        widest = max(items, key=lambda item: len(item.leading))
        other = next(item for item in items if not _fits(item.leading, widest.leading))
        raise _mismatch(other, f"leading axes that broadcast with {widest.leading} of {widest.argument}") from None
    return {f"axis_{position}": np.arange(size, dtype=float) for position, size in enumerate(shape)}


def _broadcast(item: Named, axes: dict[str, Array]) -> Array:
    own = list(axes)[len(axes) - len(item.leading) :] if item.axes is None else list(item.axes)
    sizes = dict(zip(own, item.leading, strict=False))
    shape = tuple(len(coordinates) for coordinates in axes.values())
    if len(own) != len(item.leading) or not all(sizes[name] in (1, len(axes[name])) for name in own):
        described = ", ".join(f"{name}={len(coordinates)}" for name, coordinates in axes.items())
        raise _mismatch(item, f"leading axes that broadcast with ({described})")
    ordered = np.moveaxis(
        item.values, [own.index(name) for name in axes if name in own], range(len(own))
    )  # in the order of the common axes
    rest = item.values.shape[len(item.leading) :]
    spread = ordered.reshape(tuple(sizes.get(name, 1) for name in axes) + rest)
    return np.broadcast_to(spread, shape + rest)


def _mismatch(item: Named, expected: str) -> InvalidArgument:
    fix = "pass arrays whose leading axes agree or have length 1"
    return InvalidArgument(item.argument, expected=expected, got=f"leading axes {item.leading}", fix=fix)


def _fits(left: tuple[int, ...], right: tuple[int, ...]) -> bool:
    return all(a == b or 1 in (a, b) for a, b in zip(left[::-1], right[::-1], strict=False))


def _listed(coordinates: Array) -> str:
    return np.array2string(np.asarray(coordinates), threshold=6, edgeitems=2, separator=", ")
