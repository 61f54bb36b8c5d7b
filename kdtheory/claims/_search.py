"""The search for a case where a check fails: many vectorized draws, then Hypothesis, then simplification."""

from __future__ import annotations

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

    ``smallest`` holds, by part of the margin, the smallest value and its case; ``failures`` counts failing draws;
    ``counterexample`` is the simplest failing case, if there is one.
    """

    smallest: dict[str, tuple[float, Any]]
    failures: int
    counterexample: Any | None


def search(
    measure: Measure, case: Any, *, examples: int, shrinking: int, seed: int, advance: Callable[[int], None]
) -> Found:
    """Search for a case where ``measure`` is zero or negative.

    Parameters
    ----------
    measure : callable
        From a batch to its margins.
    case : type
        Class of cases, with ``draw`` and ``strategy``.
    examples, shrinking : int
        Number of vectorized draws, and of Hypothesis examples.
    advance : callable
        Told the number of cases each time some are done.
    """
    smallest: dict[str, tuple[float, Any]] = {}
    failing: list[Any] = []
    failures = 0
    for number, start in enumerate(range(0, examples, BATCH)):
        size = min(BATCH, examples - start)
        batch = case.draw(np.random.default_rng([seed, number]), size)
        margin = measure(batch)
        _keep_smallest(smallest, margin, batch)
        failed = np.flatnonzero(~margin.held)
        failures += len(failed)
        failing += [batch.at(int(index)) for index in failed[:_SIMPLIFIED]]
        advance(size)
    shrunk = _by_hypothesis(measure, case, shrinking, seed, smallest) if shrinking else None
    advance(shrinking)
    starts = [*failing[:_SIMPLIFIED], *([] if shrunk is None else [shrunk])]
    candidates = [simplified(measure, start) for start in starts]
    return Found(smallest, failures, _simplest(measure, candidates))


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
