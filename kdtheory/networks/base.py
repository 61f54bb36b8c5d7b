"""What `train` asks of a network."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from kdtheory.errors import InvalidArgument
from kdtheory.kernels import Kernel
from kdtheory.validation import number, one_of

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

    def refuse(self, inputs: NDArray[np.float64], argument: str) -> None:
        """Raise one line if these inputs, shape (points, inputs), are nothing for this network; default: they are."""
        return None

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


def share(name: str, value: object) -> float:
    """A probability below 1."""
    return number(name, value, at_least=0.0, below=1.0)


def parametrized(network: Any) -> None:
    """Refuse a parametrization that is none, and layers in it that have no meaning there."""
    one_of("parametrization", network.parametrization, ("standard", "ntk"))
    batch_norm = getattr(network, "batch_norm", False)
    if not isinstance(batch_norm, bool):
        fix = "pass a boolean"
        raise InvalidArgument("batch_norm", expected="True or False", got=repr(batch_norm), fix=fix)
    if network.parametrization == "ntk" and (network.dropout or batch_norm):
        name = "dropout" if network.dropout else "batch_norm"
        expected, fix = "none in NTK parametrization", "use parametrization='standard'"
        raise InvalidArgument(name, expected=expected, got=repr(getattr(network, name)), fix=fix)
