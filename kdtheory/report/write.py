"""Write the report: check the claims, draw the figures, make the page."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kdtheory import claims
from kdtheory._processes import in_order
from kdtheory.claims._provenance import commit
from kdtheory.errors import KdtheoryError
from kdtheory.report.build import build
from kdtheory.report.evidence import checked, with_networks
from kdtheory.report.figure import figure, names
from kdtheory.report.page import Findings, Shown, render
from kdtheory.report.provenance import versions
from kdtheory.report.references import differences
from kdtheory.report.storage import writable, write
from kdtheory.report.studies import section

Watch = Callable[[Iterable[Any], str], Iterator[Any]]


@dataclass(frozen=True)
class Report:
    """Where the page is, and what it says."""

    page: Path
    verdict: str
    failed: tuple[str, ...]


def write_report(
    out: Path | str = "build/report",
    *,
    full: bool = False,
    evidence: Path | str = "build/evidence",
    watch: Watch | None = None,
) -> Report:
    """Check all claims, build all figures, and write ``index.html`` with the figures beside it in ``figures/``.

    Parameters
    ----------
    out, evidence : paths
        Folders for the page, and for the evidence of the claims.
    full : bool
        Full settings. Only quick figures are compared with the stored references.
    watch : callable, optional
        Called with the items of a stage and its name; yields them one by one (a progress bar).
    """
    watch = watch or (lambda items, what: iter(items))
    writable(out)
    outcomes = checked(claims.names(), full=full)
    held = [next(outcomes) for _ in watch(claims.names(), "checking claims")]
    drawn = _drawn(names(), Path(out) / "figures", full)
    shown = [next(drawn) for _ in watch(names(), "drawing figures")]
    held = with_networks(held, [item.built for item in shown if item.built], Path(evidence))
    findings = Findings(held, shown, full, versions(), commit())
    page = write(Path(out) / "index.html", render(findings, section()).encode())
    return Report(page, findings.verdict, findings.failed)


def _drawn(ids: Sequence[str], folder: Path, full: bool) -> Iterator[Shown]:
    """Quick figures one per core at a time; full ones need the memory, and use all cores for their linear algebra."""
    jobs = 1 if full else min(os.cpu_count() or 1, len(ids))
    if jobs < 2:
        yield from (_shown(id, folder, full) for id in ids)
        return
    for id, future in zip(ids, in_order(_one_thread, [(id, folder, full) for id in ids], jobs), strict=True):
        try:
            yield future.result()
        except BrokenProcessPool:
            yield Shown(id, fault="the process that drew it died (out of memory?)")


def _one_thread(id: str, folder: Path, full: bool) -> Shown:
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1, user_api="blas"):
        return _shown(id, folder, full)


def _shown(name: str, folder: Path, full: bool) -> Shown:
    """Build one figure; one that cannot be built is shown as such, and the others are drawn all the same."""
    try:
        built = build(figure(name), folder, full=full)
        return Shown(name, built, () if full else differences(built.figure, built.dataset))
    except KdtheoryError as error:
        return Shown(name, fault=str(error))
    except Exception as error:
        return Shown(name, fault=f"{type(error).__name__}: {' '.join(str(error).split())}")
