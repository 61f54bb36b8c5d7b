"""``kdtheory lab``: the teaching demonstrations."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from kdtheory.cli.output import Json, Quiet, show, table


def lab(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="Which to open; default: list them.")] = None,
    export: Annotated[
        Path | None, typer.Option(metavar="FILE.html", help="Write a static page instead of serving.")
    ] = None,
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1; 0 takes any that is free.")] = 2718,
    browser: Annotated[bool, typer.Option("--open", help="Open it in the browser.")] = False,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """List the teaching demonstrations, open one on this machine alone, or write it to a static page."""
    if name is None:
        _list(export, as_json=json, quiet=quiet)
        return
    from kdtheory.lab import demonstration

    shown = demonstration(name)
    if export is not None:
        from kdtheory.lab.snapshot import export as write

        path = str(write(shown, export))
        show({"name": shown.name, "file": path}, path, as_json=json, quiet=quiet)
        return
    from kdtheory.lab.serving import serve

    def ready(address: str) -> None:
        text = f"{shown.name}: {address} (Ctrl-C ends it)"
        show({"name": shown.name, "address": address}, text, as_json=json, quiet=quiet)
        # Whoever reads a pipe waits for the address.
        print(end="", flush=True)
        if browser:
            import webbrowser

            webbrowser.open(address)

    serve(shown, port, ready=ready)
    # marimo's threads for pages that are still open would keep the process; there is nothing that they could lose.
    sys.stdout.flush()
    os._exit(0)


def _list(export: Path | None, *, as_json: bool, quiet: bool) -> None:
    from kdtheory.errors import InvalidArgument
    from kdtheory.lab import DEMONSTRATIONS

    if export is not None:
        expected = f"one of {', '.join(DEMONSTRATIONS)}"
        raise InvalidArgument("NAME", expected=expected, got="none", fix="say which demonstration to write")
    data = [{"name": each.name, "line": each.line, "sources": list(each.sources)} for each in DEMONSTRATIONS.values()]
    rows = [(each.name, each.line) for each in DEMONSTRATIONS.values()]
    show(data, table("demonstration", "", rows=rows), as_json=as_json, quiet=quiet)
