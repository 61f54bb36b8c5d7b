"""``kdtheory claims``: list, show and check the claims, and what breaks them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kdtheory.cli.counterexamples import counterexample, draw_broken
from kdtheory.cli.evidence import failures_of, in_full, levels_of, table_of, words_of
from kdtheory.cli.faults import FAILED, one_line
from kdtheory.cli.output import Json, Quiet, advancing, show, table
from kdtheory.errors import InvalidArgument

if TYPE_CHECKING:
    from kdtheory.claims import Claim
    from kdtheory.claims._parallel import Outcome

app = typer.Typer(help="List, show and check the claims, and see what breaks them.", no_args_is_help=True)
app.command("counterexample")(counterexample)

Folder = Annotated[Path, typer.Option("--evidence", help="Folder with the evidence of the last run.")]
FOLDER = Path("build/evidence")


@app.command("list")
def list_(evidence: Folder = FOLDER, json: Json = False, quiet: Quiet = False) -> None:
    """List the claims with the evidence of the last run."""
    from kdtheory import claims

    last = claims.evidence(evidence)
    data = [{"id": id, "title": claims.get(id).title, "levels": levels_of(last.get(id))} for id in claims.names()]
    rows = [(entry["id"], entry["title"], *words_of(entry["levels"])) for entry in data]
    show(data, table("claim", "title", *levels_of(None), rows=rows), as_json=json, quiet=quiet)


@app.command("show")
def show_(
    id: Annotated[str, typer.Argument(metavar="ID", help="Id of a claim, or FILE.py::ID.")],
    evidence: Folder = FOLDER,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Show one claim: statement, assumptions, source, counterexamples, the evidence of the last run, and the files."""
    from kdtheory import claims

    claim = claims.get(_ids([id])[0])
    last = claims.evidence(evidence).get(claim.id)
    data = {**_told(claim), "levels": levels_of(last)}
    show(data, _pretty(claim, data), as_json=json, quiet=quiet)


@app.command("check")
def check(
    ids: Annotated[
        list[str] | None, typer.Argument(metavar="[ID or FILE.py]...", help="Claims, or your files.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Check all claims.")] = False,
    profile: Annotated[str, typer.Option(help="How long to search: quick, ci or deep.")] = "ci",
    examples: Annotated[int | None, typer.Option(help="Cases drawn per claim, in place of the profile's.")] = None,
    shrinking: Annotated[int | None, typer.Option(help="Hypothesis examples per claim.")] = None,
    seconds: Annotated[float | None, typer.Option(help="How long to draw cases per claim.")] = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same evidence.")] = 0,
    jobs: Annotated[int | None, typer.Option(help="Claims checked at the same time; default: one per core.")] = None,
    picture: Annotated[Path | None, typer.Option(help="Draw the counterexample of one claim to this file.")] = None,
    evidence: Folder = FOLDER,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Check claims and store the evidence; exit with 1 if one failed, with the simplest counterexample found."""
    from kdtheory.claims._check import budget

    chosen = _chosen(ids, every)
    if picture is not None and len(chosen) != 1:
        fix = "name one claim (FILE.py::ID picks it from a file)"
        raise InvalidArgument("--picture", expected="one claim", got=f"{len(chosen)}", fix=fix)
    settings = {"profile": profile, "examples": examples, "shrinking": shrinking, "seconds": seconds, "seed": seed}
    budget(**settings)
    outcomes = _checked(chosen, files=_files(ids), jobs=jobs, settings=settings, quiet=quiet, folder=evidence)
    data = [_reported(outcome) for outcome in outcomes]
    lines = _lines(outcomes)
    if picture is not None:
        lines.append(draw_broken(outcomes[0], picture))
    show(data, lines, as_json=json, quiet=quiet)
    if not all(outcome.held for outcome in outcomes):
        raise typer.Exit(FAILED)


def _checked(
    ids: Sequence[str], *, files: list[str], jobs: int | None, settings: dict[str, Any], quiet: bool, folder: Path
) -> list[Outcome]:
    """All outcomes; evidence is stored as soon as it is there."""
    from kdtheory import claims

    found: list[Outcome] = []
    together = min(len(ids), os.cpu_count() or 1) if jobs is None else jobs
    with advancing(ids[0] if len(ids) == 1 else "claims", quiet=quiet) as progress:
        own = progress if len(ids) == 1 else None
        for outcome in claims.check_all(ids, jobs=together, files=files, progress=own, settings=settings):
            found.append(outcome)
            if outcome.evidence is not None:
                outcome.evidence.save(folder)
            if progress is not None:
                progress(len(found), len(ids), outcome.id)
    return found


def _chosen(names: list[str] | None, every: bool) -> list[str]:
    from kdtheory import claims

    if every and names:
        got = " ".join(names)
        raise InvalidArgument("--all", expected="ids or --all, not both", got=got, fix="drop one of the two")
    if not every and not names:
        known = ", ".join(claims.names()) or "none registered"
        fix = "name claims or a file of yours, or pass --all"
        raise InvalidArgument("ID", expected=f"ids of claims ({known})", got="none", fix=fix)
    return _ids(names) if names else list(claims.names())


def _ids(names: list[str]) -> list[str]:
    """Ids of claims, those in files included; each once."""
    from kdtheory import claims
    from kdtheory.claims._user_files import is_file

    found = [id for name in names for id in (claims.load(name) if is_file(name) else (claims.get(name).id,))]
    return list(dict.fromkeys(found))


def _files(names: list[str] | None) -> list[str]:
    from kdtheory.claims._user_files import is_file

    return [name for name in names or () if is_file(name)]


def _reported(outcome: Outcome) -> dict[str, Any]:
    if outcome.evidence is None:
        return {"id": outcome.id, "held": False, "fault": _fault(outcome)}
    return {"id": outcome.id, "held": outcome.held, "levels": levels_of(outcome.evidence), **in_full(outcome.evidence)}


def _fault(outcome: Outcome) -> str:
    return one_line(outcome.fault or RuntimeError("nothing was found out"))[1]


def _lines(outcomes: list[Outcome]) -> list[Any]:
    """One claim: all of it. Several: the table of evidence, and what failed."""
    lines: list[Any] = []
    if len(outcomes) > 1:
        lines.append(table_of([item.evidence for item in outcomes if item.evidence is not None]))
    for item in outcomes:
        if item.evidence is None:
            lines.append(f"{item.id}: could not be checked: {_fault(item)}")
        elif len(outcomes) == 1:
            lines.append(f"{item.evidence}\n  {'held' if item.held else 'FAILED'}")
        elif not item.held:
            lines.append(failures_of(item.evidence))
    if len(outcomes) > 1:
        lines.append(f"{sum(item.held for item in outcomes)} of {len(outcomes)} claims held")
    return lines


def _told(claim: Claim) -> dict[str, Any]:
    from kdtheory import claims

    return {
        "id": claim.id,
        "title": claim.title,
        "topic": claim.topic,
        "statement": claim.statement,
        "words": claim.words,
        "assumptions": {item.name: item.sentence for item in claim.assumptions},
        "source": claim.source,
        "bibtex": [entry.bibtex for entry in claims.references(claim.source)],
        "counterexamples": [
            {"name": item.name, "violates": item.violates, "words": item.words, "margin": item.margin}
            for item in claim.counterexamples
        ],
        "mutants": {item.name: item.words for item in claim.mutants},
        "places": {part: None if path is None else str(path) for part, path in claims.places(claim).items()},
    }


def _pretty(claim: Claim, data: dict[str, Any]) -> list[Any]:
    levels = data["levels"]
    summaries = ["" if level is None else level["summary"] for level in levels.values()]
    rows = list(zip(levels, words_of(levels), summaries, strict=True))
    failing = [(c.name, c.violates, f"{c.margin:.4g}", c.words) for c in claim.counterexamples]
    return [
        f"{claim.id}: {claim.title}",
        f"\n{claim.words}\n\n{claim.statement}\n\nsource: {claim.source}",
        *data["bibtex"],
        table("assumption", "", rows=[(item.name, item.sentence) for item in claim.assumptions]),
        table("counterexample", "violates", "margin", "", rows=failing),
        table("mutant", "", rows=[(item.name, item.words) for item in claim.mutants]),
        table("evidence", "", "last run", rows=rows),
        table("part", "file", rows=[(part, path or "none") for part, path in data["places"].items()]),
    ]
