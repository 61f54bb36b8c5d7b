"""What a handful of seeds says: intervals, tests against a threshold, families of them, and what they could detect."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.optimize
import scipy.stats
from numpy.typing import ArrayLike

from kdtheory.errors import InvalidArgument, MissingPackage
from kdtheory.validation import finite_array

LEVEL, POWER = 0.95, 0.8


@dataclass(frozen=True)
class Interval:
    """A mean over seeds with its Student-t interval."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class Recovery:
    """A ratio of mean gains, or the reason why there is none."""

    ratio: float | None
    reason: str = ""


def interval(values: ArrayLike, level: float = LEVEL) -> Interval:
    """Mean with its t interval over seeds.

    >>> said = interval([1.0, 2.0, 3.0])
    >>> round(said.low, 3), said.mean, round(said.high, 3)
    (-0.484, 2.0, 4.484)
    """
    seeds = _several(values)
    mean, error = float(np.mean(seeds)), float(scipy.stats.sem(seeds))
    half = float(scipy.stats.t.ppf(0.5 + level / 2, len(seeds) - 1)) * error
    return Interval(mean, mean - half, mean + half)


def chance(values: ArrayLike, threshold: float = 0.0) -> float:
    """Two-sided p-value of the t test that the mean is the threshold; without any spread 0, or 1 at the threshold."""
    seeds = _several(values)
    if np.ptp(seeds) == 0:
        return 1.0 if seeds[0] == threshold else 0.0
    return float(scipy.stats.ttest_1samp(seeds, threshold)[1])  # type: ignore[arg-type]


def holm(chances: Sequence[float]) -> list[float]:
    """p-values of a family, corrected by Holm's method.

    >>> holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    if not len(chances):
        return []
    require_statistics()
    from statsmodels.stats.multitest import multipletests

    _, corrected, *_ = multipletests(list(chances), method="holm")
    return [float(p) for p in corrected]  # type: ignore[union-attr]


def detectable(values: ArrayLike, tests: int = 1, power: float = POWER) -> float:
    """The smallest difference from a threshold that seeds of this spread would have shown with that power.

    ``tests`` is the size of the family: the level is that of Holm's strictest step, ``(1 - LEVEL) / tests``.
    """
    seeds, alpha, top = _several(values), (1.0 - LEVEL) / tests, 1.0
    spread = float(np.std(seeds, ddof=1))
    if spread == 0:
        return 0.0

    def lack(effect: float) -> float:
        return chance_of_showing(spread * effect, seeds, alpha) - power

    while lack(top) < 0:
        top *= 2.0
    # statsmodels' own solve_power returns its starting point where the effect is large, so the root is found here.
    return spread * scipy.optimize.root_scalar(lack, bracket=(0.0, top), method="brentq", xtol=1e-9).root


def chance_of_showing(effect: float, values: ArrayLike, alpha: float) -> float:
    """Probability that a two-sided t test of level ``alpha`` shows an effect among seeds of the spread of these."""
    require_statistics()
    from statsmodels.stats.power import TTestPower

    seeds = _several(values)
    spread = float(np.std(seeds, ddof=1))
    if spread == 0:
        return float(effect > 0)
    # The far tail of the two-sided test adds nothing at these powers, and is sometimes NaN in SciPy.
    return float(TTestPower().power(effect / spread, len(seeds), alpha / 2, alternative="larger"))


def recovery(part: ArrayLike, whole: ArrayLike) -> Recovery:
    """Mean of one gain over mean of another; refused where the interval of the latter contains zero or is below it.

    >>> recovery([0.9, 1.1, 1.0], [2.0, 2.1, 1.9]).ratio
    0.5
    >>> recovery([0.9, 1.1, 1.0], [2.0, -2.0, 0.1]).reason
    'the gain is -4.937 to 5.004: its 95 % interval contains 0'
    """
    gain = interval(whole)
    if gain.low <= 0:
        what = "its 95 % interval contains 0" if gain.high >= 0 else "it is a loss"
        return Recovery(None, f"the gain is {gain.low:.4g} to {gain.high:.4g}: {what}")
    return Recovery(interval(part).mean / gain.mean)


def require_statistics() -> None:
    """One line if statsmodels is missing: asked before hours of computing, not after."""
    if importlib.util.find_spec("statsmodels") is None:
        fix = "install it with pip install 'kdtheory[networks]'"
        raise MissingPackage("statistics", expected="the package 'statsmodels'", got="none", fix=fix)


def _several(values: ArrayLike) -> np.ndarray:
    seeds = finite_array("values", values, ndim=1)
    if len(seeds) < 2:
        raise InvalidArgument("values", expected="two seeds or more", got=f"{len(seeds)}", fix="run more seeds")
    return seeds
