"""``kdtheory claims``: list, show and check the claims."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kdtheory.cli.faults import FAILED, one_line
from kdtheory.cli.output import Json, Quiet, advancing, show, table
from kdtheory.errors import InvalidArgument

if TYPE_CHECKING:
    from kdtheory.claims import Claim, Evidence

app = typer.Typer(help="List, show and check the claims.", no_args_is_help=True)

Folder = Annotated[Path, typer.Option("--evidence", help="Folder with the evidence of the last run.")]
FOLDER = Path("build/evidence")


@app.command("list")
def list_(evidence: Folder = FOLDER, json: Json = False, quiet: Quiet = False) -> None:
    """List the claims with the evidence of the last run."""
    from kdtheory import claims

    last = claims.evidence(evidence)
    data = [{"id": id, "title": claims.get(id).title, "levels": _levels(last.get(id))} for id in claims.names()]
    rows = [(entry["id"], entry["title"], *_words(entry["levels"])) for entry in data]
    show(data, table("claim", "title", *_levels(None), rows=rows), as_json=json, quiet=quiet)


@app.command("show")
def show_(
    id: Annotated[str, typer.Argument(metavar="ID", help="Id of a claim.")],
    evidence: Folder = FOLDER,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Show one claim: statement, assumptions, source, counterexamples, and the evidence of the last run."""
    from kdtheory import claims

    claim = claims.get(id)
    last = claims.evidence(evidence).get(id)
    data = {**_told(claim), "levels": _levels(last)}
    show(data, _pretty(claim, last), as_json=json, quiet=quiet)


@app.command("check")
def check(
    ids: Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="Ids of claims.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Check all claims.")] = False,
    examples: Annotated[int, typer.Option(help="Cases drawn per claim.")] = 10_000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same evidence.")] = 0,
    evidence: Folder = FOLDER,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Check claims and store the evidence; exit with 1 if one failed, with the simplest counterexample found."""
    from kdtheory import claims
    from kdtheory.validation import count

    chosen = [claims.get(id) for id in _chosen(ids, every, claims.names())]
    count("examples", examples, at_least=1)
    count("seed", seed)
    data, lines, failed = [], [], False
    for claim in chosen:
        with advancing(claim.id, quiet=quiet) as progress:
            try:
                found = claims.check(claim, examples=examples, seed=seed, progress=progress)
            except Exception as error:
                line = one_line(error)[1]
                data.append({"id": claim.id, "held": False, "fault": line})
                lines.append(f"{claim.id}: could not be checked: {line}")
                failed = True
                continue
        found.save(evidence)
        failed = failed or not found.held
        data.append({"id": claim.id, "held": found.held, "levels": _levels(found)})
        lines.append(f"{found}\n  {'held' if found.held else 'FAILED'}")
    show(data, lines, as_json=json, quiet=quiet)
    if failed:
        raise typer.Exit(FAILED)


def _chosen(ids: list[str] | None, every: bool, names: tuple[str, ...]) -> list[str]:
    if every and ids:
        raise InvalidArgument("--all", expected="ids or --all, not both", got=" ".join(ids), fix="drop one of the two")
    if not every and not ids:
        known = ", ".join(names) or "none registered"
        raise InvalidArgument("ID", expected=f"ids of claims ({known})", got="none", fix="name claims, or pass --all")
    return list(dict.fromkeys(ids or names))


def _levels(evidence: Evidence | None) -> dict[str, dict[str, Any] | None]:
    """Per level: whether it held, and its line; ``None`` where it was not run."""
    words = ("derived", "property-tested", "simulated", "seen in networks")
    levels = dict.fromkeys(words) if evidence is None else evidence.levels
    return {name: None if lv is None else {"held": lv.held, "summary": lv.summary} for name, lv in levels.items()}


def _words(levels: dict[str, dict[str, Any] | None]) -> list[str]:
    """One word per level; what networks show is a finding and no failure."""
    good = {name: ("seen", "not seen") if name == "seen in networks" else ("held", "FAILED") for name in levels}
    return ["not run" if lv is None else good[name][0 if lv["held"] else 1] for name, lv in levels.items()]


def _told(claim: Claim) -> dict[str, Any]:
    return {
        "id": claim.id,
        "title": claim.title,
        "statement": claim.statement,
        "words": claim.words,
        "assumptions": {item.name: item.sentence for item in claim.assumptions},
        "source": claim.source,
        "counterexamples": [
            {"name": item.name, "violates": item.violates, "words": item.words, "margin": item.margin}
            for item in claim.counterexamples
        ],
        "mutants": {item.name: item.words for item in claim.mutants},
        "derivation": claim.derivation,
        "figure": claim.figure,
    }


def _pretty(claim: Claim, last: Evidence | None) -> list[Any]:
    levels = _levels(last)
    summaries = ["" if level is None else level["summary"] for level in levels.values()]
    rows = list(zip(levels, _words(levels), summaries, strict=True))
    failing = [(c.name, c.violates, f"{c.margin:.4g}", c.words) for c in claim.counterexamples]
    return [
        f"{claim.id}: {claim.title}",
        f"\n{claim.words}\n\n{claim.statement}\n\nsource: {claim.source}",
        table("assumption", "", rows=[(item.name, item.sentence) for item in claim.assumptions]),
        table("counterexample", "violates", "margin", "", rows=failing),
        table("evidence", "", "last run", rows=rows),
    ]
