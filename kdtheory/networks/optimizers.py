"""Optimizers of networks: step rules beside those of the procedures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from kdtheory.procedures import Descent, StepRule
from kdtheory.validation import number

State = dict[str, Any]
Gradient = Callable[[Any], Any]


@dataclass(frozen=True)
class SGD:
    """Gradient descent, with full gradients or minibatches; its rate is the procedure's step size.

    Parameters
    ----------
    momentum : float
        Weight of the velocity in ``velocity <- momentum * velocity + gradient``, ``weights <- weights - step_size *
        velocity``, as in PyTorch. 0 is plain descent, the only optimizer that follows flow and the closed forms.

    >>> SGD(momentum=0.9)
    SGD(momentum=0.9)
    """

    momentum: float = 0.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "momentum", number("momentum", self.momentum, at_least=0.0, below=1.0))

    def descent(self, steps: int, step_size: float) -> Descent:
        """That many steps with momentum."""
        return Descent(steps, {"step_size": step_size, "momentum": self.momentum}, _HeavyBall())


@dataclass(frozen=True)
class Adam:
    """Adam, with a rate of its own: procedures give the number of steps only.

    Adam divides by the size of the gradients, so that the scale of the loss does not matter (a sum over samples here, a
    mean in most PyTorch code) while gradients are far above ``epsilon``: rates can be taken over as they are.

    Parameters
    ----------
    rate : float
        Learning rate; 1e-3 as in PyTorch.
    memory, squared_memory : float
        Decay of the running means of gradient and squared gradient, PyTorch's ``betas``.
    epsilon : float
        Added to the root of the mean squared gradient.

    >>> Adam(rate=1e-3).rate
    0.001
    """

    rate: float = 1e-3
    memory: float = 0.9
    squared_memory: float = 0.999
    epsilon: float = 1e-8

    def __post_init__(self) -> None:
        for name in ("rate", "epsilon"):
            object.__setattr__(self, name, number(name, getattr(self, name), above=0.0))
        for name in ("memory", "squared_memory"):
            object.__setattr__(self, name, number(name, getattr(self, name), at_least=0.0, below=1.0))

    def descent(self, steps: int) -> Descent:
        """That many steps of Adam."""
        names = ("rate", "memory", "squared_memory", "epsilon")
        return Descent(steps, {name: getattr(self, name) for name in names}, _Adam())


Optimizer = SGD | Adam


# torch.optim is the tests' oracle and not used here: the first optimizer of a process imports 800 modules, in seconds.
@dataclass(frozen=True)
class _HeavyBall(StepRule):
    def begin(self, position: Any, start: Any) -> State:
        return {"position": position, "velocity": 0 * position}

    def step(self, state: State, gradient: Gradient, rates: Mapping[str, Any]) -> State:
        velocity = rates["momentum"] * state["velocity"] + gradient(state["position"])
        return {"position": state["position"] - rates["step_size"] * velocity, "velocity": velocity}


@dataclass(frozen=True)
class _Adam(StepRule):
    """``mean_bias`` and ``square_bias`` are the weights that the zeros at the start still have in the running means."""

    def begin(self, position: Any, start: Any) -> State:
        zero = 0 * position
        return {"position": position, "mean": zero, "square": zero, "mean_bias": 1.0, "square_bias": 1.0}

    def step(self, state: State, gradient: Gradient, rates: Mapping[str, Any]) -> State:
        slope, memory, squared_memory = gradient(state["position"]), rates["memory"], rates["squared_memory"]
        mean = memory * state["mean"] + (1 - memory) * slope
        square = squared_memory * state["square"] + (1 - squared_memory) * slope**2
        mean_bias, square_bias = memory * state["mean_bias"], squared_memory * state["square_bias"]
        root = square**0.5 / (1 - square_bias) ** 0.5 + rates["epsilon"]
        position = state["position"] - (rates["rate"] / (1 - mean_bias)) * (mean / root)
        return {
            "position": position, "mean": mean, "square": square, "mean_bias": mean_bias, "square_bias": square_bias,
        }  # fmt: skip
