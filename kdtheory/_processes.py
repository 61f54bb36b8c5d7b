"""Work in processes of its own, its results in the order in which it was given."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from typing import Any


def in_order(
    work: Callable[..., Any], arguments: Sequence[tuple[Any, ...]], jobs: int, begin: Callable[[], Any] | None = None
) -> Iterator[Future[Any]]:
    """The futures of all calls, in order, while ``jobs`` processes work on them; what is not asked for is cancelled.

    Parameters
    ----------
    work : callable
        A function of a module.
    arguments : sequence of tuples
        Of its calls.
    jobs : int
    begin : callable, optional
        What every process does first.
    """
    context, workers = multiprocessing.get_context("spawn"), min(jobs, len(arguments))
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_begin, initargs=(begin,)) as pool:
        running = [pool.submit(work, *each) for each in arguments]
        try:
            yield from running
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _begin(begin: Callable[[], Any] | None) -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # an interruption is the parent's to report
    if begin is not None:
        begin()
