"""A network as a function of one vector of weights. Imports torch."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.utils import parameters_to_vector, vector_to_parameters

from kdtheory.networks._losses import PhaseLoss

Array = NDArray[np.float64]


class Explosion(ArithmeticError):
    """A loss above its limit, or none at all; its value is the argument."""


class Function:
    """``f(x) = network(x) + added(x)``, known at named places, as a function of one vector, the position.

    The position is all trainable weights; where the initial output is subtracted, it is their distance from the start,
    so that position zero is the zero function as it is for linear models (where an anchored penalty pulls to).
    Step rules are plain arithmetic on it, so that every procedure and optimizer runs here unchanged.

    Parameters
    ----------
    module : torch.nn.Module
        Its weights are the start.
    places : dict of str to array of shape (points, inputs)
        ``"train"``, the training inputs, is among them.
    untrained : dict of str to array of shape (points, outputs)
        What is added to the network and never trained, by place.
    subtract_initial : bool
        Whether the network's outputs at the start are subtracted.
    dtype : torch.dtype

    Attributes
    ----------
    module : torch.nn.Module
        Its weights are wherever the last call put them.
    start, origin : tensor of shape (weights,)
        The first position, and the weights at position zero.
    inputs, added : dict of str to tensor
        Of each place; shapes (points, inputs) and (points, outputs).
    """

    def __init__(
        self,
        module: nn.Module,
        places: Mapping[str, Array],
        untrained: Mapping[str, Array],
        *,
        subtract_initial: bool,
        dtype: torch.dtype,
    ) -> None:
        self.module = module.to(dtype)
        self._weights = [weight for weight in module.parameters() if weight.requires_grad]
        initial = parameters_to_vector(self._weights).detach()
        self.origin = initial if subtract_initial else torch.zeros_like(initial)
        self.start = initial - self.origin
        self.inputs = {place: torch.as_tensor(np.array(inputs), dtype=dtype) for place, inputs in places.items()}
        self.added = {place: torch.tensor(values, dtype=dtype) for place, values in untrained.items()}
        if subtract_initial:
            self.added = {place: added - self._network(self.start, place) for place, added in self.added.items()}

    def _move_to(self, position: Tensor) -> None:
        vector_to_parameters(position + self.origin, self._weights)

    def _network(self, position: Tensor, place: str) -> Tensor:
        self._move_to(position)
        self.module.eval()
        with torch.no_grad():
            return self.module(self.inputs[place])

    def outputs(self, position: Tensor, place: str) -> Tensor:
        """Values at all points of a place, shape (points, outputs), the network being in evaluation mode."""
        return self._network(position, place) + self.added[place]

    def aloud(self, position: Tensor, place: str, batch: Tensor | slice) -> Tensor:
        """Values at some points of a place, the network being in training mode."""
        self._move_to(position)
        self.module.train()
        with torch.no_grad():
            return self.module(self.inputs[place][batch]) + self.added[place][batch]

    def loss(self, position: Tensor, loss: PhaseLoss) -> float:
        """The loss on all training inputs."""
        return loss(self.outputs(position, "train"), slice(None)).item()

    def zero_loss(self, loss: PhaseLoss) -> float:
        """The loss of the zero function."""
        return loss(torch.zeros_like(self.added["train"]), slice(None)).item()

    def gradient(self, position: Tensor, loss: PhaseLoss, batch: Tensor | slice, limit: float) -> Tensor:
        """Gradient of the loss on a batch of the training inputs, times ``n / batch``; the loss must keep its limit."""
        self._move_to(position)
        self.module.train()
        inputs = self.inputs["train"][batch]
        value = loss(self.module(inputs) + self.added["train"][batch], batch)
        value = value * (len(self.inputs["train"]) / len(inputs))
        if not value.item() <= limit:
            raise Explosion(value.item())
        return parameters_to_vector(torch.autograd.grad(value, self._weights))
