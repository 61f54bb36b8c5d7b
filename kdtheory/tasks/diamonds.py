"""What does a diamond cost?"""

from __future__ import annotations

from kdtheory.tasks._draw import draw
from kdtheory.tasks._tables import table, table_task
from kdtheory.tasks.base import Task

GRADES = {
    "cut": ("Fair", "Good", "Very Good", "Premium", "Ideal"),
    "color": ("J", "I", "H", "G", "F", "E", "D"),
    "clarity": ("I1", "SI2", "SI1", "VS2", "VS1", "VVS2", "VVS1", "IF"),
}


def diamonds(train: int = 2000, test: int | None = None, seed: int = 0) -> Task:
    """Prices of 53940 diamonds from weight, grades and measures (``wickham2016``).

    Parameters
    ----------
    train, test : int
        Numbers of diamonds, drawn without replacement; default for ``test``: all that remain.
    seed : int
        Seed of the draw.

    Returns
    -------
    Task
        Inputs of shape (train, 9): carat, cut, color, clarity (ranks, the worst being 0), depth, table, x, y, z (0
        where it was not measured). Columns and target are divided by their standard deviations over the training set;
        nothing is centred: see ``task.centered()``.

    Raises
    ------
    DataUnavailable
        The table is not here and cannot be had; ``kdtheory data get diamonds`` gets it.

    >>> import kdtheory as kd
    >>> kd.tasks.diamonds(train=2000)  # doctest: +SKIP
    Task('diamonds', train=2000, test=51940, features=9, 1 output(s))
    """
    chosen, held_out = draw(53940, train, test, seed, "diamonds")
    inputs, price = table("diamonds", GRADES, "price")
    return table_task("diamonds", chosen, held_out, inputs, price, seed)
