"""Run a study: every cell with every seed, what was finished before being taken as it is."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

from kdtheory.errors import InvalidArgument
from kdtheory.experiments.seeds import head, registered_commit, seeds
from kdtheory.experiments.statistics import require_statistics
from kdtheory.experiments.study import Cell, Study, study
from kdtheory.experiments.summary import Summary, refuse_missing, save, summary
from kdtheory.experiments.units import Unit, computed, kept
from kdtheory.validation import count

CACHE = Path("build/studies")
Progress = Callable[[int, int, str], None]
Job = tuple[Cell, int]


def run(
    reference: str,
    *,
    jobs: int = 1,
    cache: Path | str = CACHE,
    results: Path | str | None = None,
    progress: Progress | None = None,
) -> Summary:
    """Run all units of a registered study that are not there yet, and write its summary.

    Parameters
    ----------
    reference : str
        Its name, or the path of its JSON file.
    jobs : int
        Number of processes; the numbers do not depend on it.
    cache : path
        Folder of finished units. A run that was killed goes on from there, and ends with the same numbers.
    results : path, optional
        Where to write the summary; default: ``results/NAME.json`` beside the registration.
    progress : callable, optional
        Called with (units finished, units, name).

    Raises
    ------
    InvalidArgument
        If registration or module are not committed as they are; if a unit fails.
    """
    require_statistics()
    chosen, folder = study(reference), Path(cache)
    commit, code = registered_commit(*chosen.files), head(chosen.path.parent)
    drawn = seeds(chosen.name, commit, chosen.registration.seeds)
    # Seed by seed, so that a run that was stopped has whole seeds of everything.
    wanted: list[Job] = [(cell, seed) for seed in drawn for cell in chosen.cells]
    done = {place: unit for place, job in enumerate(wanted) if (unit := kept(chosen, *job, folder)) is not None}
    left = {place: job for place, job in enumerate(wanted) if place not in done}
    _tell(progress, len(done), len(wanted), chosen.name)
    for place, unit in _finished(chosen, left, folder, count("jobs", jobs, at_least=1)):
        done[place] = unit
        refuse_missing(chosen, unit)
        _tell(progress, len(done), len(wanted), chosen.name)
    said = summary(chosen, commit, code, [done[place] for place in range(len(wanted))])
    save(said, chosen.results if results is None else Path(results))
    return said


def _finished(chosen: Study, left: dict[int, Job], cache: Path, jobs: int) -> Iterator[tuple[int, Unit]]:
    if jobs == 1 or len(left) < 2:
        for place, job in left.items():
            yield place, computed(chosen, *job, cache)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(jobs, len(left)), mp_context=context, initializer=_watch_parent) as pool:
        running: dict[Future[Unit], int] = {
            pool.submit(_in_process, chosen.reference, *job, cache): place for place, job in left.items()
        }
        try:
            for future in as_completed(running):
                yield running[future], future.result()
        except BrokenProcessPool:
            fix = "run it again, perhaps with --jobs 1: what was finished is kept"
            raise InvalidArgument(
                "jobs", expected="processes that live", got="one that died (out of memory?)", fix=fix
            ) from None
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _in_process(reference: str, cell: Cell, seed: int, cache: Path) -> Unit:
    return computed(study(reference), cell, seed, cache)


def _watch_parent() -> None:
    """End with the process that started this one: it may be killed without a chance to say so."""
    parent = multiprocessing.parent_process()

    def wait() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


def _tell(progress: Progress | None, done: int, total: int, name: str) -> None:
    if progress is not None:
        progress(done, total, name)
