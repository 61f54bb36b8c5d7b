"""Kernels: one formula for a pair of points, and Gram matrices made of it."""

import sys
from typing import Any

from kdtheory._discovery import find
from kdtheory.kernels.arc_cosine import ArcCosine
from kdtheory.kernels.base import Kernel
from kdtheory.kernels.combinations import Product, Scaled, Sum
from kdtheory.kernels.function import Function
from kdtheory.kernels.laplace import Laplace
from kdtheory.kernels.linear import Linear
from kdtheory.kernels.nngp import NNGP
from kdtheory.kernels.ntk import NTK
from kdtheory.kernels.polynomial import Polynomial
from kdtheory.kernels.products import ProductKernel
from kdtheory.kernels.rbf import RBF

__all__ = [
    "NNGP", "NTK", "RBF", "ArcCosine", "Function", "Kernel", "Laplace", "Linear", "Polynomial", "Product",
    "ProductKernel", "Scaled", "Sum",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    """A class of a file that the list above does not know."""
    return find(sys.modules[__name__], name)
