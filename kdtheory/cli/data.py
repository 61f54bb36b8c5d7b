"""``kdtheory data``: list the data sets and get them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from kdtheory.cli.faults import FAILED
from kdtheory.cli.output import Json, Quiet, advancing, show, table
from kdtheory.errors import DataUnavailable, InvalidArgument

if TYPE_CHECKING:
    from kdtheory.data import Place

app = typer.Typer(help="List the data sets, and get them.", no_args_is_help=True)


@app.command("list")
def list_(json: Json = False, quiet: Quiet = False) -> None:
    """List the data sets with their terms, and whether they are on this machine."""
    from kdtheory.data import SETS, cache, find

    data = [
        {
            "name": found.name,
            "title": found.title,
            "terms": found.terms,
            "package": f"{found.archive.package} {found.archive.version} ({found.archive.client})",
            "download": found.archive.size,
            "found": _told(find(found.name)),
        }
        for found in SETS.values()
    ]
    rows = [
        (
            s["name"],
            s["title"],
            s["terms"],
            f"{s['download'] / 1e6:.1f} MB",
            s["found"]["place"] if s["found"] else "no",
        )
        for s in data
    ]
    last = f"cache: {cache()}; digits and diabetes come with scikit-learn"
    show(data, [table("data set", "content", "terms", "download", "here", rows=rows), last], as_json=json, quiet=quiet)


@app.command("get")
def get(
    names: Annotated[list[str] | None, typer.Argument(metavar="[NAME]...", help="Names of data sets.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Get all data sets.")] = False,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Get data sets from their registries, check and keep them; exit with 1 if one cannot be had."""
    from kdtheory.data import dataset

    data = [_got(name, quiet=quiet) for name in [dataset(name).name for name in _chosen(names, every)]]
    rows = [(entry["name"], _where(entry["found"]), entry["fault"] or "checked") for entry in data]
    show(data, table("data set", "here", "", rows=rows), as_json=json, quiet=quiet)
    if any(entry["fault"] for entry in data):
        raise typer.Exit(FAILED)


def _chosen(names: list[str] | None, every: bool) -> list[str]:
    from kdtheory.data import SETS

    if every and names:
        fix = "drop one of the two"
        raise InvalidArgument("--all", expected="names or --all, not both", got=" ".join(names), fix=fix)
    if not every and not names:
        fix = "name data sets, or pass --all"
        raise InvalidArgument("NAME", expected=f"names of data sets ({', '.join(SETS)})", got="none", fix=fix)
    return list(dict.fromkeys(names or SETS))


def _got(name: str, *, quiet: bool) -> dict[str, Any]:
    from kdtheory.data import files, find

    fault = None
    with advancing(name, quiet=quiet) as progress:
        try:
            files(name, progress)
        except DataUnavailable as error:
            fault = str(error)
    place = find(name)
    if place is None and fault is None:
        fault = "got and checked, but the cache cannot be written: name another one in XDG_CACHE_HOME"
    return {"name": name, "found": None if fault else _told(place), "fault": fault}


def _told(place: Place | None) -> dict[str, str] | None:
    return None if place is None else {"place": place.kind, "folder": str(place.folder)}


def _where(found: dict[str, str] | None) -> str:
    return "no" if found is None else f"{found['place']}: {found['folder']}"
