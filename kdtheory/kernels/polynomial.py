"""The polynomial kernel."""

from __future__ import annotations

from dataclasses import dataclass

from kdtheory.kernels.base import Array
from kdtheory.kernels.products import ProductKernel
from kdtheory.validation import count, number


@dataclass(frozen=True)
class Polynomial(ProductKernel):
    r"""Polynomial kernel, :math:`k(x, x') = (\gamma\, x \cdot x' + c)^{\text{degree}}`.

    Parameters
    ----------
    degree : int
        At least 1.
    gamma : float
        Above 0.
    constant : float
        :math:`c \ge 0` (a negative one gives no kernel); 0 leaves the terms of the highest degree alone. scikit-learn's
        ``polynomial_kernel`` calls it ``coef0`` and has another default ``gamma``: 1 / columns.

    Notes
    -----
    Source: textbook. Shapes and errors: `Kernel.gram`; besides, values too large for float64 are refused.

    Examples
    --------
    >>> Polynomial(degree=2).gram([[1.0, 2.0], [0.0, 1.0]]).tolist()
    [[36.0, 9.0], [9.0, 4.0]]
    """

    degree: int = 3
    gamma: float = 1.0
    constant: float = 1.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "degree", count("degree", self.degree, at_least=1))
        object.__setattr__(self, "gamma", number("gamma", self.gamma, above=0.0))
        object.__setattr__(self, "constant", number("constant", self.constant, at_least=0.0))

    def formula(self, products: Array, left_squared: Array, right_squared: Array) -> Array:
        """``(gamma x.x' + constant) ** degree``, elementwise."""
        products *= self.gamma
        products += self.constant
        products **= self.degree
        return products
