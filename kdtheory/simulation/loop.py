"""The compiled loop over steps, for many runs at once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from kdtheory.procedures import StepRule
from kdtheory.procedures.descent import State
from kdtheory.simulation.slopes import Slope


@dataclass(frozen=True)
class Kind:
    """What a loop is compiled for, beside shapes: all else, step sizes and numbers of steps included, is data."""

    rule: StepRule
    slope: Slope
    explicit: bool


@partial(jax.jit, static_argnames="kind")
def run(
    kind: Kind,
    state: State,
    rows: jax.Array,
    samples: jax.Array | None,
    design: jax.Array,
    constant: jax.Array,
    numbers: dict[str, jax.Array],
    rates: dict[str, jax.Array],
    first: jax.Array,
    last: jax.Array,
) -> State:
    """The state after the steps from ``first`` up to, but not including, ``last``.

    ``state``, ``rows`` and ``samples`` have one entry per run along their first axis; the rest is shared by all runs.
    """

    def one(state: State, rows: jax.Array, samples: jax.Array | None) -> State:
        def body(step: jax.Array, state: State) -> State:
            seen = None if samples is None else samples[step]
            gradient = partial(_gradient, kind, design, constant, rows, numbers, seen)
            return kind.rule.step(state, gradient, rates)

        return lax.fori_loop(first, last, body, state)

    return jax.vmap(one)(state, rows, samples)


def _gradient(
    kind: Kind,
    design: jax.Array,
    constant: jax.Array,
    rows: jax.Array,
    numbers: dict[str, jax.Array],
    seen: jax.Array | None,
    position: jax.Array,
) -> Any:
    """Gradient of the loss in the model's own coordinates; that of a minibatch estimates the full one."""
    if seen is None:
        slope = kind.slope(design @ position + constant, rows, numbers)
        return design.T @ slope if kind.explicit else slope
    part = design[seen]
    scale = jnp.asarray(len(design) / len(seen), position.dtype)
    slope = scale * kind.slope(part @ position + constant[seen], rows[seen], numbers)
    return part.T @ slope if kind.explicit else jnp.zeros_like(position).at[seen].add(slope)
