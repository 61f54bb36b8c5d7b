"""In which precision a simulation runs: nothing is cut to fewer bits without a word."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import jax

from kdtheory.errors import InvalidArgument


@contextmanager
def precision(dtype: str) -> Iterator[None]:
    """A context in which JAX keeps arrays of ``dtype``; outside of it, JAX's own 64-bit setting stays as it is.

    Raises where JAX would have cut them.
    """
    with jax.enable_x64(dtype == "float64"):
        kept = jax.dtypes.canonicalize_dtype(dtype)
        if kept != dtype:
            fix = "allow 64-bit types in JAX on this device, or ask for dtype='float32'"
            raise InvalidArgument("dtype", expected=f"a JAX that computes in {dtype}", got=f"{kept}", fix=fix)
        yield
