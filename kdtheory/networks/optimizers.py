"""Optimizers of networks: step rules beside those of the procedures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from math import cos, pi
from typing import Any

from kdtheory.errors import InvalidArgument
from kdtheory.networks.told import brief
from kdtheory.procedures import Descent, StepRule
from kdtheory.validation import describe, number, one_of

State = dict[str, Any]
Gradient = Callable[[Any], Any]


@dataclass(frozen=True)
class Schedule:
    """How the rate changes over the steps of a fit, all its phases together.

    Parameters
    ----------
    warmup : float
        Share of the steps over which the rate rises in a straight line, from a first step above zero.
    decay : {"constant", "cosine"}
        What follows: the full rate, or half a cosine from it down to zero.

    Examples
    --------
    >>> [round(Schedule(warmup=0.5, decay="cosine").factor(k, 8), 3) for k in range(8)]
    [0.25, 0.5, 0.75, 1.0, 1.0, 0.854, 0.5, 0.146]
    """

    warmup: float = 0.0
    decay: str = "constant"

    def __post_init__(self) -> None:
        object.__setattr__(self, "warmup", number("warmup", self.warmup, at_least=0.0, below=1.0))
        one_of("decay", self.decay, ("constant", "cosine"))

    def __bool__(self) -> bool:
        """Whether the rate changes at all."""
        return self != CONSTANT

    def factor(self, step: float, steps: float) -> float:
        """What the rate is multiplied by in one of ``steps`` steps, counted from 0."""
        rising = round(self.warmup * steps)
        if step < rising:
            return (step + 1) / rising
        return 1.0 if self.decay == "constant" else (1.0 + cos(pi * (step - rising) / (steps - rising))) / 2.0


CONSTANT = Schedule()


@dataclass(frozen=True)
class SGD:
    """Gradient descent, with full gradients or minibatches; its rate is the procedure's step size.

    Parameters
    ----------
    momentum : float
        Weight of the velocity in ``velocity <- momentum * velocity + gradient``, ``weights <- weights - step_size *
        velocity``, as in PyTorch. 0 is plain descent, the only optimizer that follows flow and the closed forms.
    weight_decay : float
        Added to the gradient, times the weights, as in PyTorch. With a sum over samples for a loss, PyTorch's decay of
        a mean loss times the number of samples.
    schedule : Schedule

    >>> SGD(momentum=0.9).momentum
    0.9
    """

    momentum: float = 0.0
    weight_decay: float = 0.0
    schedule: Schedule = CONSTANT

    __repr__ = brief

    def __post_init__(self) -> None:
        object.__setattr__(self, "momentum", number("momentum", self.momentum, at_least=0.0, below=1.0))
        object.__setattr__(self, "weight_decay", number("weight_decay", self.weight_decay, at_least=0.0))
        _refuse_unless_schedule(self.schedule)

    def descent(self, steps: int, step_size: float) -> Descent:
        """That many steps with momentum."""
        rates = {"step_size": step_size, "momentum": self.momentum, "weight_decay": self.weight_decay}
        return Descent(steps, rates, _HeavyBall(self.schedule))


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
    weight_decay : float
        Share of the weights, times the rate, by which they shrink in every step beside Adam's own movement (PyTorch's
        AdamW).
    schedule : Schedule

    >>> Adam(rate=1e-3).rate
    0.001
    """

    rate: float = 1e-3
    memory: float = 0.9
    squared_memory: float = 0.999
    epsilon: float = 1e-8
    weight_decay: float = 0.0
    schedule: Schedule = CONSTANT

    __repr__ = brief

    def __post_init__(self) -> None:
        for name in ("rate", "epsilon"):
            object.__setattr__(self, name, number(name, getattr(self, name), above=0.0))
        for name in ("memory", "squared_memory"):
            object.__setattr__(self, name, number(name, getattr(self, name), at_least=0.0, below=1.0))
        object.__setattr__(self, "weight_decay", number("weight_decay", self.weight_decay, at_least=0.0))
        _refuse_unless_schedule(self.schedule)

    def descent(self, steps: int) -> Descent:
        """That many steps of Adam."""
        names = ("rate", "memory", "squared_memory", "epsilon", "weight_decay")
        return Descent(steps, {name: getattr(self, name) for name in names}, _Adam(self.schedule))


Optimizer = SGD | Adam


def over_all(descents: list[Descent]) -> list[Descent]:
    """The phases of one fit, told how many steps they are together: what a schedule runs over."""
    steps = sum(descent.steps for descent in descents)
    return [
        replace(descent, rates={**descent.rates, "steps": steps}) if isinstance(descent.rule, _Scheduled) else descent
        for descent in descents
    ]


def _refuse_unless_schedule(schedule: object) -> None:
    if not isinstance(schedule, Schedule):
        fix = "pass Schedule(warmup=0.1, decay='cosine')"
        raise InvalidArgument("schedule", expected="a Schedule", got=describe(schedule), fix=fix)


@dataclass(frozen=True)
class _Scheduled(StepRule):
    """A rule whose rate follows a schedule; the state counts the steps."""

    schedule: Schedule

    def rate(self, name: str, state: State, rates: Mapping[str, Any]) -> float:
        """The rate of this step."""
        return rates[name] * self.schedule.factor(state["step"], rates.get("steps", 1))


# torch.optim is the tests' oracle and not used here: the first optimizer of a process imports 800 modules, in seconds.
@dataclass(frozen=True)
class _HeavyBall(_Scheduled):
    def begin(self, position: Any, start: Any) -> State:
        return {"position": position, "velocity": 0 * position, "step": 0}

    def step(self, state: State, gradient: Gradient, rates: Mapping[str, Any]) -> State:
        slope = gradient(state["position"])
        if rates["weight_decay"]:
            slope = slope + rates["weight_decay"] * state["position"]
        velocity = rates["momentum"] * state["velocity"] + slope
        position = state["position"] - self.rate("step_size", state, rates) * velocity
        return {"position": position, "velocity": velocity, "step": state["step"] + 1}


@dataclass(frozen=True)
class _Adam(_Scheduled):
    """``mean_bias`` and ``square_bias`` are the weights that the zeros at the start still have in the running means."""

    def begin(self, position: Any, start: Any) -> State:
        zero = 0 * position
        return {"position": position, "mean": zero, "square": zero, "mean_bias": 1.0, "square_bias": 1.0, "step": 0}

    def step(self, state: State, gradient: Gradient, rates: Mapping[str, Any]) -> State:
        slope, memory, squared_memory = gradient(state["position"]), rates["memory"], rates["squared_memory"]
        mean = memory * state["mean"] + (1 - memory) * slope
        square = squared_memory * state["square"] + (1 - squared_memory) * slope**2
        mean_bias, square_bias = memory * state["mean_bias"], squared_memory * state["square_bias"]
        root = square**0.5 / (1 - square_bias) ** 0.5 + rates["epsilon"]
        rate, position = self.rate("rate", state, rates), state["position"]
        if rates["weight_decay"]:
            position = position * (1 - rate * rates["weight_decay"])
        position = position - (rate / (1 - mean_bias)) * (mean / root)
        return {
            "position": position, "mean": mean, "square": square, "mean_bias": mean_bias, "square_bias": square_bias,
            "step": state["step"] + 1,
        }  # fmt: skip
