"""Models: linear, and kernel."""

from kdtheory.models.base import Model
from kdtheory.models.kernel import KernelModel
from kdtheory.models.linear import LinearModel

__all__ = ["KernelModel", "LinearModel", "Model"]
