"""A network that can be looked at after it was trained."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from kdtheory.networks import Network

if TYPE_CHECKING:
    import torch

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Layer:
    """A fully connected layer: its inputs at the start, shape (n, inputs), and its weights at the start and now."""

    inputs: Array
    start: Array
    now: Array


@dataclass(frozen=True, eq=False)
class Watched(Network):
    """The same network, remembering the last module it built; one for every fit that is to be looked at.

    >>> import kdtheory as kd
    >>> task = kd.tasks.digits(train=20)
    >>> net = Watched(kd.networks.MLP(width=8, depth=1), task.inputs)
    >>> run = kd.Recipe(teacher=kd.Fit(kd.Phase(kd.labels, kd.GradientDescent(steps=2))))
    >>> nets = kd.train(run, net, task, optimizer=kd.Adam())
    >>> [layer.now.shape for layer in net.layers]
    [(8, 64), (10, 8)]
    """

    network: Network
    inputs: Array
    _seen: dict[str, Any] = field(default_factory=dict, repr=False)

    def build(self, inputs: int, outputs: int, generator: torch.Generator) -> torch.nn.Module:
        """The network's own module."""
        import torch

        module = self.network.build(inputs, outputs, generator)
        linear = [part for part in module.modules() if isinstance(part, torch.nn.Linear)]
        seen: list[Array] = []
        hooks = [part.register_forward_pre_hook(lambda _, given: seen.append(given[0].numpy())) for part in linear]
        with torch.no_grad():
            module.eval()(torch.tensor(self.inputs, dtype=torch.float64))
        for hook in hooks:
            hook.remove()
        self._seen.update(module=module, linear=linear, inputs=seen, start=[_numbers(part) for part in linear])
        return module

    @property
    def module(self) -> torch.nn.Module:
        """The last module, with its weights as they are now."""
        return self._seen["module"]

    @property
    def layers(self) -> list[Layer]:
        """Fully connected layers of the last module, from the inputs on."""
        now = [_numbers(part) for part in self._seen["linear"]]
        return [Layer(*each) for each in zip(self._seen["inputs"], self._seen["start"], now, strict=True)]


def _numbers(part: Any) -> Array:
    return part.weight.detach().double().numpy().copy()
