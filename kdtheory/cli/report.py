"""``kdtheory report``: the static page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kdtheory.cli.faults import FAILED
from kdtheory.cli.output import Json, Quiet, show, watched


def report(
    full: Annotated[bool, typer.Option("--full", help="Full settings, which may take long.")] = False,
    out: Annotated[Path, typer.Option(help="Folder to write to.")] = Path("build/report"),
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Check the claims, draw the figures and write one page, index.html, that opens without a network."""
    from kdtheory.report import write_report

    written = write_report(out, full=full, watch=lambda items, what: watched(items, what, quiet=quiet))
    data = {"page": str(written.page), "verdict": written.verdict, "failed": list(written.failed)}
    show(data, [written.verdict, str(written.page)], as_json=json, quiet=quiet)
    if written.failed:
        raise typer.Exit(FAILED)
