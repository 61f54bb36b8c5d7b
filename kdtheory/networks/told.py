"""Short representations: what is switched off is not told."""

from __future__ import annotations

from dataclasses import fields
from typing import Any


def brief(self: Any) -> str:
    """A frozen dataclass as the call that makes it, without options that are off (and off by default).

    >>> from kdtheory.networks import MLP
    >>> MLP(width=8), MLP(width=8, dropout=0.5)
    (MLP(width=8, depth=3, parametrization='standard'), MLP(width=8, depth=3, parametrization='standard', dropout=0.5))
    """
    values = ((field.name, getattr(self, field.name), field.default) for field in fields(self))
    told = [f"{name}={value!r}" for name, value, default in values if value or value != default]
    return f"{type(self).__name__}({', '.join(told)})"
