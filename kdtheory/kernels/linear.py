"""The linear kernel."""

from __future__ import annotations

from dataclasses import dataclass

from kdtheory.kernels.base import Array
from kdtheory.kernels.products import ProductKernel


@dataclass(frozen=True)
class Linear(ProductKernel):
    r"""The inner product, :math:`k(x, x') = x \cdot x'`.

    No intercept and no division by the number of columns; ``NTK(depth=0)`` is the one divided by it.

    Notes
    -----
    Source: textbook. Shapes and errors: `Kernel.gram`.

    Examples
    --------
    >>> Linear().gram([[1.0, 2.0], [0.0, 1.0]]).tolist()
    [[5.0, 2.0], [2.0, 1.0]]
    """

    def formula(self, products: Array, left_squared: Array, right_squared: Array) -> Array:
        """``x.x'``, elementwise."""
        return products
