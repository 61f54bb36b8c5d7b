"""The search for a case where a check fails: many vectorized draws, then Hypothesis, then simplification."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from kdtheory.claims._shrink import simplified
from kdtheory.errors import InvalidArgument, KdtheoryError
from kdtheory.testing.margin import Margin

Measure = Callable[[Any], Margin]
BATCH = 2_000
_SIMPLIFIED = 5


@dataclass(frozen=True)
class Found:
    """What a search found.

    ``examples`` counts the draws; ``smallest`` holds, by part of the margin, the smallest value and its case;
    ``failures`` counts failing draws; ``counterexample`` is the simplest failing case, if there is one.
    """

    examples: int
    smallest: dict[str, tuple[float, Any]]
    failures: int
    counterexample: Any | None


def search(
    measure: Measure,
    case: Any,
    *,
    examples: float,
    shrinking: int,
    seed: int,
    advance: Callable[[int], None],
    seconds: float = math.inf,
) -> Found:
    """Search for a case where ``measure`` is zero or negative.

    Parameters
    ----------
    measure : callable
        From a batch to its margins.
    case : type
        Class of cases, with ``draw`` and ``strategy``.
    examples, shrinking : int
        Number of vectorized draws (infinity: as long as there is time), and of Hypothesis examples.
    seconds : float
        No batch of draws is begun after this time; the first one always is.
    advance : callable
        Told the number of cases each time some are done.
    """
    smallest: dict[str, tuple[float, Any]] = {}
    failing: list[Any] = []
    drawn = failures = 0
    began = time.perf_counter()
    while drawn < examples and (drawn == 0 or time.perf_counter() - began < seconds):
        size = int(min(BATCH, examples - drawn))
        batch = case.draw(np.random.default_rng([seed, drawn // BATCH]), size)
        margin = measure(batch)
        _keep_smallest(smallest, margin, batch)
        failed = np.flatnonzero(~margin.held)
        failures += len(failed)
        failing += [batch.at(int(index)) for index in failed[: _SIMPLIFIED - len(failing)]]
        drawn += size
        advance(size)
    shrunk = _by_hypothesis(measure, case, shrinking, seed, smallest) if shrinking else None
    advance(shrinking)
    starts = [*failing, *([] if shrunk is None else [shrunk])]
    candidates = [simplified(measure, start) for start in starts]
    return Found(drawn, smallest, failures, _simplest(measure, candidates))


def _keep_smallest(smallest: dict[str, tuple[float, Any]], margin: Margin, batch: Any) -> None:
    for name, part in margin.parts.items():
        index = int(np.argmin(part))
        value = float(np.reshape(part, -1)[index])
        if name not in smallest or value < smallest[name][0]:
            smallest[name] = (value, batch.at(index))


def _simplest(measure: Measure, candidates: list[Any]) -> Any | None:
    """The simplest candidate; each is measured again, so that what is reported fails when it is run."""
    for candidate in candidates:
        if measure(candidate).held.all():
            raise InvalidArgument(
                "check",
                expected="the same margin for the same case",
                got=f"a failure and then {measure(candidate).describe()} at {candidate!r}",
                fix="make the check deterministic",
            )
    key = (lambda found: found.complexity()) if all(hasattr(c, "complexity") for c in candidates) else str
    return min(candidates, key=key, default=None)


class _Broken(Exception):
    """Tells Hypothesis that a case fails."""


def _by_hypothesis(
    measure: Measure, case: Any, examples: int, seed: int, smallest: dict[str, tuple[float, Any]]
) -> Any | None:
    """The failing case to which Hypothesis shrinks, or ``None``."""
    import hypothesis
    from hypothesis.errors import Flaky

    last: list[Any] = []

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=False,
        print_blob=False,
        report_multiple_bugs=False,
        verbosity=hypothesis.Verbosity.quiet,
        suppress_health_check=list(hypothesis.HealthCheck),  # type: ignore[arg-type]
        phases=[hypothesis.Phase.generate, hypothesis.Phase.target, hypothesis.Phase.shrink],
    )
    @hypothesis.given(case.strategy())
    def attempt(drawn: Any) -> None:
        margin = measure(drawn)
        value = float(margin.values.min())
        hypothesis.target(-value if np.isfinite(value) else -1e308)
        if not value > 0:
            last.append(drawn)
            raise _Broken
        for name, part in margin.parts.items():
            if float(part.min()) < smallest.get(name, (np.inf, None))[0]:
                smallest[name] = (float(part.min()), drawn)

    try:
        attempt()
    except _Broken:
        return last[-1]
    except KdtheoryError:
        raise
    except Flaky as error:
        fix = "make the check deterministic"
        got = f"a failure that did not repeat at {last[-1]!r}" if last else str(error)
        raise InvalidArgument("check", expected="the same margin for the same case", got=got, fix=fix) from error
    return None
