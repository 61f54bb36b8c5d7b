"""``kdtheory figures``: list them, build them, compare their numbers with the stored references."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kdtheory.cli.faults import FAILED
from kdtheory.cli.output import Json, Quiet, show, table, watched

app = typer.Typer(help="List, build and check the figures.", no_args_is_help=True)

Names = Annotated[list[str] | None, typer.Argument(metavar="[NAME]...", help="Ids of figures; default: all.")]
Out = Annotated[Path, typer.Option(help="Folder to write to.")]
Full = Annotated[bool, typer.Option("--full", help="Full settings, which may take long.")]


@app.command("list")
def list_(json: Json = False, quiet: Quiet = False) -> None:
    """List the figures with the claims they illustrate."""
    from kdtheory.report import figure, figure_names

    found = [figure(name) for name in figure_names()]
    data = [{"id": f.id, "title": f.title, "claims": list(f.claims), "needs": list(f.needs)} for f in found]
    rows = [(f.id, f.title, ", ".join(f.claims) or "-", ", ".join(f.needs) or "-") for f in found]
    show(data, table("figure", "title", "claims", "needs", rows=rows), as_json=json, quiet=quiet)


@app.command("build")
def build(
    names: Names = None,
    out: Out = Path("build/figures"),
    full: Full = False,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Compute and draw figures: NAME.npz and NAME.json with the data, NAME.png, .pdf and .svg with the picture."""
    from kdtheory.report import build, figure, figure_names

    chosen = [figure(name) for name in names or figure_names()]
    by_id = {f.id: f for f in chosen}
    built = [build(by_id[name], out, full=full) for name in watched(by_id, "building", quiet=quiet)]
    data = [{"id": b.figure.id, "files": [str(path) for path in b.files]} for b in built]
    rows = [(b.figure.id, f"{b.seconds:.1f} s", str(b.folder / f"{b.figure.id}.*")) for b in built]
    show(data, table("figure", "time", "files", rows=rows), as_json=json, quiet=quiet)


@app.command("check")
def check(
    names: Names = None,
    update: Annotated[bool, typer.Option("--update", help="Write the references anew instead.")] = False,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Compute figures at quick settings and compare their key numbers with the stored references."""
    from kdtheory.report import differences, figure, figure_names, update_reference

    by_id = {f.id: f for f in map(figure, names or figure_names())}
    data, rows = [], []
    for name in watched(by_id, "updating" if update else "checking", quiet=quiet):
        dataset = by_id[name].computed()
        written = str(update_reference(by_id[name], dataset)) if update else None
        found = differences(by_id[name], dataset)
        data.append({"id": name, "agrees": not found, "differences": [str(d) for d in found], "written": written})
        rows += [(name, "differs", str(d)) for d in found] or [(name, "agrees", written or "")]
    show(data, table("figure", "reference", "", rows=rows), as_json=json, quiet=quiet)
    if not all(entry["agrees"] for entry in data):
        raise typer.Exit(FAILED)
