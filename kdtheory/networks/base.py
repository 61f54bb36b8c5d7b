"""What `train` asks of a network."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from kdtheory.errors import InvalidArgument
from kdtheory.kernels import Kernel

if TYPE_CHECKING:
    import torch


class Network(ABC):
    """The description of a network; a frozen dataclass. For a network of your own, write `build`.

    >>> import kdtheory as kd
    >>> class Wide(kd.networks.Network):
    ...     def build(self, inputs, outputs, generator):
    ...         return kd.networks.MLP(width=2048, depth=1).build(inputs, outputs, generator)
    """

    @abstractmethod
    def build(self, inputs: int, outputs: int, generator: torch.Generator) -> torch.nn.Module:
        """A fresh module from (batch, ``inputs``) to (batch, ``outputs``), with draws from ``generator`` only.

        `train` casts it to the precision it is asked for.
        """

    @property
    def limit(self) -> Kernel | None:
        """The neural tangent kernel of the limit of infinite width in kdtheory's units of time, if it is known.

        With it, `train` knows what a gradient-flow time and a default step mean.
        """
        return None

    def kernel(self) -> Kernel:
        """`limit`, or one line that says that there is none.

        >>> import kdtheory as kd
        >>> kd.networks.MLP(depth=2, parametrization="ntk").kernel()
        NTK(depth=2)
        """
        if self.limit is None:
            fix = "use MLP(parametrization='ntk')"
            raise InvalidArgument("network", expected="a network with a known limit kernel", got=repr(self), fix=fix)
        return self.limit
