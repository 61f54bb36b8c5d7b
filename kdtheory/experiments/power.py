"""What a verdict could have shown: the smallest effect, common to its cells, that it would have found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import scipy.optimize
from numpy.typing import ArrayLike

from kdtheory.experiments.statistics import LEVEL, POWER, chance_of_showing


def powers(summary: Mapping[str, Any]) -> dict[str, float]:
    """The smallest distance from its threshold with which a prediction would be supported with probability 0.8, by id.

    All of its cells lie at this distance on the predicted side, with the spread of their seeds and independently of
    each other, and every test is at the level of Holm's strictest step: what is there may be found a little more often.

    Parameters
    ----------
    summary : dict
        Of a finished study (`stored`).

    >>> from kdtheory import experiments
    >>> found = powers(experiments.finished(experiments.study("o3-eigendirections")))
    >>> all(distance > 0 for distance in found.values()), "first-layer" in found
    (True, True)
    """
    return {said["id"]: _detectable(said, summary) for said in summary["predictions"]}


def _detectable(said: Mapping[str, Any], summary: Mapping[str, Any]) -> float:
    names = {row["cell"] for row in said["rows"]}
    seeds = [each["numbers"][said["measure"]] for each in summary["cells"] if each["cell"]["name"] in names]
    tests = sum(len(other["rows"]) for other in summary["predictions"] if other["family"] == said["family"])
    return smallest_common(seeds, said["counts"]["needed"], tests)


def smallest_common(cells: Sequence[ArrayLike], needed: int, tests: int, power: float = POWER) -> float:
    """The smallest effect of all cells with which ``needed`` of them show it with probability ``power``.

    Parameters
    ----------
    cells : sequence of arrays
        Seeds of each cell; of their spread only.
    needed, tests : int
        How many cells have to show it, and how many tests the family has.

    >>> from kdtheory.experiments.statistics import detectable
    >>> seeds = [0.0, 1.0, 2.0, 3.0, 4.0]
    >>> abs(smallest_common([seeds], 1, tests=3) - detectable(seeds, tests=3)) < 1e-6
    True
    >>> smallest_common([seeds] * 4, 4, tests=3) > smallest_common([seeds] * 4, 2, tests=3)
    True
    """
    alpha = (1.0 - LEVEL) / tests

    def lack(effect: float) -> float:
        return _at_least(needed, [chance_of_showing(effect, each, alpha) for each in cells]) - power

    top = max(float(np.std(np.asarray(each, dtype=float), ddof=1)) for each in cells) or 1e-12
    while lack(top) < 0:
        top *= 2.0
    return scipy.optimize.root_scalar(lack, bracket=(0.0, top), method="brentq", xtol=1e-9 * top).root


def _at_least(needed: int, chances: Sequence[float]) -> float:
    """Probability that so many independent events happen."""
    counts = np.ones(1)
    for each in chances:
        counts = np.convolve(counts, [1.0 - each, each])
    return float(counts[needed:].sum())
