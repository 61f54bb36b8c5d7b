"""Inputs as images."""

from __future__ import annotations

import math
from typing import cast

from kdtheory.errors import InvalidArgument
from kdtheory.validation import count, describe


def image_shape(image: object, inputs: int) -> tuple[int, int, int]:
    """Channels, height and width of ``inputs`` pixels; a square of one channel if ``image`` is ``None``."""
    fix = "pass image=(height, width), or (channels, height, width)"
    if image is None:
        side = math.isqrt(inputs)
        shape = (1, side, side)
        expected = "a square number of inputs, or image="
    else:
        given = whole_numbers("image", image, fix)
        if len(given) not in (2, 3):
            raise InvalidArgument("image", expected="two or three numbers", got=describe(image), fix=fix)
        shape = given if len(given) == 3 else (1, *given)
        expected = f"{math.prod(shape)} inputs for {image!r}"
    if math.prod(shape) != inputs:
        raise InvalidArgument("image", expected=expected, got=f"{inputs} inputs", fix=fix)
    return cast("tuple[int, int, int]", shape)


def whole_numbers(name: str, values: object, fix: str) -> tuple[int, ...]:
    """One or more positive whole numbers as a tuple."""
    if isinstance(values, str | bytes) or not isinstance(values, list | tuple) or not values:
        raise InvalidArgument(name, expected="several whole numbers", got=describe(values), fix=fix)
    return tuple(count(name, value, at_least=1) for value in values)
