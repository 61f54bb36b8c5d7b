"""How commands speak: to people, to machines (``--json``), or not at all (``--quiet``)."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rich.console import Console

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document for machines.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing; the exit code answers.")]


def show(data: Any, pretty: Any, *, as_json: bool, quiet: bool) -> None:
    """Print ``data`` as JSON, or what ``pretty`` (a rich renderable or a sequence of them) shows, or nothing."""
    if as_json:
        print(json.dumps(data, indent=1, ensure_ascii=False, allow_nan=False))
    elif not quiet:
        terminal = console()
        for item in pretty if isinstance(pretty, list | tuple) else [pretty]:
            terminal.print(item)


def console() -> Console:
    """A console on standard output that takes texts as they are and does not cut lines short in a pipe."""
    from rich.console import Console

    wide = None if sys.stdout.isatty() else 160
    return Console(highlight=False, markup=False, emoji=False, width=wide, soft_wrap=False)


def table(*columns: str, rows: Iterable[Iterable[str]]) -> Any:
    """A table with a head, without frames; columns wrap rather than cut."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    shown = Table(*columns, box=box.SIMPLE_HEAD, pad_edge=False)
    for column in shown.columns:
        column.overflow = "fold"
    for row in rows:
        shown.add_row(*(Text(str(cell)) for cell in row))
    return shown


def watched(items: Iterable[Any], what: str, *, quiet: bool) -> Iterator[Any]:
    """The items one by one, with a progress bar on standard error when a terminal watches."""
    listed = list(items)
    if quiet or not sys.stderr.isatty():
        yield from listed
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(what, total=len(listed))
        for item in listed:
            progress.update(task, description=f"{what}: {item}")
            yield item
            progress.advance(task)


@contextmanager
def advancing(what: str, *, quiet: bool) -> Iterator[Callable[[int, int, str], None] | None]:
    """A function of (done, total, doing) that moves a progress bar, or ``None`` when no terminal watches."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(what, total=None)
        yield lambda done, total, doing: progress.update(
            task, completed=done, total=total, description=f"{what}: {doing}"
        )
