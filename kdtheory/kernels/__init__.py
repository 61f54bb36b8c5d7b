"""Kernels: one formula for a pair of points, and Gram matrices made of it."""

from kdtheory.kernels.base import Kernel
from kdtheory.kernels.function import Function
from kdtheory.kernels.linear import Linear
from kdtheory.kernels.ntk import NTK
from kdtheory.kernels.products import ProductKernel
from kdtheory.kernels.rbf import RBF

__all__ = ["NTK", "RBF", "Function", "Kernel", "Linear", "ProductKernel"]
