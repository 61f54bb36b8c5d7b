"""How strong is a concrete?"""

from __future__ import annotations

from kdtheory.tasks._draw import draw
from kdtheory.tasks._tables import table, table_task
from kdtheory.tasks.base import Task


def concrete(train: int = 700, test: int | None = None, seed: int = 0) -> Task:
    """Compressive strength of 1030 concretes from 7 ingredients and the age (``yeh1998``).

    Parameters
    ----------
    train, test : int
        Numbers of concretes, drawn without replacement; default for ``test``: all that remain.
    seed : int
        Seed of the draw.

    Returns
    -------
    Task
        Inputs of shape (train, 8). The columns have different units, so each is divided by its standard deviation over
        the training set, as is the one target; nothing is centred: see ``task.centered()``.

    Raises
    ------
    DataUnavailable
        The table is not here and cannot be had; ``kdtheory data get concrete`` gets it.

    >>> import kdtheory as kd
    >>> kd.tasks.concrete(train=700)  # doctest: +SKIP
    Task('concrete', train=700, test=330, features=8, 1 output(s))
    """
    chosen, held_out = draw(1030, train, test, seed, "concretes")
    inputs, strength = table("concrete", {}, "compressive_strength")
    return table_task("concrete", chosen, held_out, inputs, strength, seed)
