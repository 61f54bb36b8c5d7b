"""Several claims at once, in processes of their own; the evidence is that of one after the other."""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import partial
from typing import Any

from kdtheory._processes import in_order
from kdtheory.claims._check import Progress, check
from kdtheory.claims._evidence import Evidence
from kdtheory.claims._user_files import load
from kdtheory.validation import count


@dataclass(frozen=True)
class Outcome:
    """A claim's evidence, or the exception that kept it from being checked."""

    id: str
    evidence: Evidence | None = None
    fault: Exception | None = None

    @property
    def held(self) -> bool:
        """Whether it was checked and held."""
        return self.evidence is not None and self.evidence.held


def check_all(
    ids: Sequence[str],
    *,
    jobs: int = 1,
    files: Sequence[str] = (),
    progress: Progress | None = None,
    settings: Mapping[str, Any] | None = None,
) -> Iterator[Outcome]:
    """Check claims, each outcome as soon as it and those before it are there.

    Parameters
    ----------
    ids : sequence of str
    jobs : int
        Number of processes; with one, everything happens in this process.
    files : sequence of str
        Files of users that the claims come from.
    progress : callable, optional
        As for `check`; of one process only.
    settings : mapping, optional
        Other arguments of `check`, for all claims.
    """
    given = dict(settings or {})
    if count("jobs", jobs, at_least=1) == 1 or len(ids) < 2:
        for id in ids:
            yield _outcome(id, {**given, "progress": progress})
        return
    futures = in_order(_outcome, [(id, given) for id in ids], jobs, partial(_load, tuple(files)))
    yield from map(_awaited, ids, futures)


def _awaited(id: str, future: Any) -> Outcome:
    try:
        return future.result()
    except BrokenProcessPool:
        return Outcome(id, fault=RuntimeError("the process that checked it died (out of memory?); try --jobs 1"))


def _load(files: tuple[str, ...]) -> None:
    for file in files:
        load(file)


def _outcome(id: str, settings: dict[str, Any]) -> Outcome:
    """One claim, with the linear algebra on one thread, so that neither processes nor sums depend on how many run."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1, user_api="blas"):
        try:
            return Outcome(id, check(id, **settings))
        except Exception as error:
            return Outcome(id, fault=_portable(error))


def _portable(error: Exception) -> Exception:
    """The exception, or its words in another one if it does not survive the way to another process."""
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301  it was made here
    except Exception:
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error
