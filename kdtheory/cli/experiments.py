"""``kdtheory experiments``: the registered studies on networks; run them, and see what they found."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kdtheory.cli.output import Json, Quiet, advancing, show, table
from kdtheory.errors import InvalidArgument, MissingPackage

if TYPE_CHECKING:
    from kdtheory.experiments import Afterthought, Study

app = typer.Typer(help="List, run and show the registered studies on networks.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="NAME", help="Name of a study, or the path of a registration of yours.")]


@app.command("list")
def list_(json: Json = False, quiet: Quiet = False) -> None:
    """List the studies with what they found."""
    from kdtheory import experiments

    found = [experiments.study(name) for name in experiments.names()]
    data = [_told(chosen, experiments.stored(chosen)) for chosen in found]
    rows = [(d["name"], d["question"], f"{d['units']}", _verdicts(d["summary"])) for d in data]
    show(data, table("study", "question", "units", "predictions", rows=rows), as_json=json, quiet=quiet)


@app.command("show")
def show_(name: Name, json: Json = False, quiet: Quiet = False) -> None:
    """Show one study: what was registered, and what was found."""
    from kdtheory import experiments

    chosen = experiments.study(name)
    summary = experiments.stored(chosen)
    try:
        power, asked, lacking = experiments.powers(summary) if summary else {}, experiments.afterthoughts(chosen), []
    except MissingPackage as error:
        power, asked, lacking = {}, [], [f"left out, the power of verdicts and what was asked afterwards: {error}"]
    anew = {"detectable_by_verdict": power, "afterthoughts": [{**vars(one), "counts": one.counts} for one in asked]}
    pretty = [*_pretty(chosen, summary, power), *_afterwards(asked), *lacking]
    show(_told(chosen, summary) | anew, pretty, as_json=json, quiet=quiet)


@app.command("run")
def run(
    names: Annotated[list[str] | None, typer.Argument(metavar="[NAME]...", help="As for show.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Run all studies.")] = False,
    jobs: Annotated[int, typer.Option(help="Units run at the same time; the numbers are the same.")] = 1,
    cache: Annotated[Path, typer.Option(help="Folder of finished units.")] = Path("build/studies"),
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Run studies whose registration is committed; what was finished before is taken as it is.

    Exit code 0 says that a study ran, whatever it found.
    """
    from kdtheory import experiments

    data, rows = [], []
    for name in _chosen(names, every):
        with advancing("running", quiet=quiet) as progress:
            summary = experiments.run(name, jobs=jobs, cache=cache, progress=progress)
        data.append(summary)
        rows.append((summary["study"], f"{summary['minutes']:g} min", _verdicts(summary)))
    show(data, table("study", "computing time", "predictions", rows=rows), as_json=json, quiet=quiet)


def _chosen(names: list[str] | None, every: bool) -> list[str]:
    from kdtheory import experiments

    if bool(every) == bool(names):
        got = " ".join(names) if names else "none"
        raise InvalidArgument("NAME", expected="names of studies, or --all", got=got, fix="pass one of the two")
    return list(dict.fromkeys(names or experiments.names()))


def _told(chosen: Study, summary: dict[str, Any] | None) -> dict[str, Any]:
    registered = chosen.registration
    return {
        "name": chosen.name,
        "title": registered.title,
        "question": registered.question,
        "claim": registered.claim,
        "registration": str(chosen.path),
        "units": len(chosen.cells) * registered.seeds,
        "summary": summary,
    }


def _verdicts(summary: dict[str, Any] | None) -> str:
    if summary is None:
        return "not run"
    words = [prediction["verdict"] for prediction in summary["predictions"]]
    return ", ".join(f"{words.count(w)} {w}" for w in ("supported", "contradicted", "open") if w in words)


def _pretty(chosen: Study, summary: dict[str, Any] | None, power: dict[str, float]) -> list[Any]:
    registered = chosen.registration
    texts = {
        "question": registered.question,
        "claim": registered.claim,
        "verdict": registered.verdict,
        "overturned by": registered.overturned_by,
        "registration": f"{chosen.path}, {registered.seeds} seeds, {len(chosen.cells)} cells",
    }
    shown: list[Any] = [registered.title, table("", "", rows=texts.items())]
    if summary is None:
        rows = [(said.id, said.words, "not run") for said in registered.predictions]
        return [*shown, table("prediction", "", "verdict", rows=rows)]
    stale = "" if summary["registration"] == registered.sha256 else "; the registration has CHANGED since"
    shown.append(f"run {summary['finished']}, registered in {summary['commit'][:10]}{stale}")
    verdicts = [
        (said["id"], said["words"], _counts(said["counts"]), f"{said['counts']['needed']} of {said['counts']['of']}",
         f"{power[said['id']]:.2g}" if power else "–", said["verdict"])
        for said in summary["predictions"]
    ]  # fmt: skip
    shown.append(table("prediction", "", "cells", "needed", "detectable", "verdict", rows=verdicts))
    rows = [
        (said["id"], row["cell"], _number(row["mean"]), f"{_number(row['low'])} to {_number(row['high'])}",
         f"{row['p_corrected']:.2g}", _number(row["detectable"]), row["verdict"])
        for said in summary["predictions"] for row in said["rows"]
    ]  # fmt: skip
    head = ("prediction", "cell", "mean", "95 % interval", "p (Holm)", "detectable", "verdict")
    return [*shown, table(*head, rows=rows)]


def _afterwards(asked: list[Afterthought]) -> list[Any]:
    if not asked:
        return []
    rows = [(one.words, _counts(one.counts), " to ".join(map(_number, one.extremes))) for one in asked]
    return ["not registered, weaker as evidence:", table("sentence", "cells", "means", rows=rows)]


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{counts[word]} {word}" for word in ("for", "against", "open"))


def _number(value: float) -> str:
    return f"{value:+.3g}"
