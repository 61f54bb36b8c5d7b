"""``kdtheory claims counterexample``: what breaks a claim, in numbers and as a picture."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kdtheory.cli.faults import FAILED
from kdtheory.cli.output import Json, Quiet, show, table
from kdtheory.errors import InvalidArgument

if TYPE_CHECKING:
    from kdtheory.claims._gallery import Known
    from kdtheory.claims._parallel import Outcome

Picture = Annotated[Path | None, typer.Option(help="Draw it to this file (.png, .pdf or .svg).")]


def counterexample(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="NAME or CLAIM/NAME; default: list all.")] = None,
    picture: Picture = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Show a known counterexample: the violated assumption, the exact case, the frozen margin and those of now.

    Exits with 1 if it does not fail with these digits any more, or does not hold once the assumption is restored.
    """
    from kdtheory import claims

    if name is None:
        if picture is not None:
            fix = "name one of them, or run kdtheory figures build counterexamples"
            raise InvalidArgument("--picture", expected="one counterexample", got="all", fix=fix)
        _list(claims.counterexamples(), json, quiet)
        return
    known = claims.counterexample(name)
    data = _told(known)
    lines = _pretty(data)
    if picture is not None:
        lines.append(_draw(known, picture))
    show(data, lines, as_json=json, quiet=quiet)
    if not data["confirmed"]:
        raise typer.Exit(FAILED)


def draw_broken(outcome: Outcome, picture: Path) -> str:
    """Draw what lies around the case where a checked claim failed; returns a line that says so."""
    from kdtheory import claims, plotting
    from kdtheory.claims._surroundings import around
    from kdtheory.testing import Case

    claim = claims.get(outcome.id)
    tested = None if outcome.evidence is None else outcome.evidence.tested
    if tested is None or tested.broken is None:
        return "no counterexample was found: nothing drawn"
    if not (isinstance(claim.case, type) and issubclass(claim.case, Case)):
        fix = "let the check take a kd.testing.Case"
        raise InvalidArgument("--picture", expected="a case with ranges", got=f"{claim.case!r}", fix=fix)
    case = claim.case(**tested.broken.case)
    heading = f"{claim.id}: {tested.broken.part} {tested.broken.margin:.6g} at {case.describe()}"
    return _write(plotting.margins_around(around(claim, case), heading), picture)


def _list(every: tuple[Known, ...], json: bool, quiet: bool) -> None:
    data = [
        {"claim": k.claim.id, "name": k.item.name, "violates": k.item.violates, "margin": k.item.margin} for k in every
    ]
    rows = [(k.claim.id, k.item.name, k.item.violates, f"{k.item.margin:.6g}", k.item.words) for k in every]
    show(data, table("claim", "counterexample", "violates", "margin", "", rows=rows), as_json=json, quiet=quiet)


def _told(known: Known) -> dict[str, Any]:
    from kdtheory.claims._gallery import exact_numbers

    run = known.run
    return {
        "claim": known.claim.id,
        "title": known.claim.title,
        "name": known.item.name,
        "violates": known.item.violates,
        "assumption": known.assumption,
        "words": known.item.words,
        "case": exact_numbers(known.item.case),
        "frozen_margin": known.item.margin,
        "margin_now": run.margin,
        "restored": exact_numbers(known.item.restored),
        "restored_margin": run.restored,
        "confirmed": run.confirmed,
    }


def _pretty(data: dict[str, Any]) -> list[Any]:
    restored = data["restored"]
    rows = [(name, _number(value), _number(restored.get(name, ""))) for name, value in data["case"].items()]
    margins = ("margin", _number(data["margin_now"]), _number(data["restored_margin"]))
    return [
        f"{data['claim']}/{data['name']}\n\n{data['title']}. Here it fails:\n{data['words']}\n",
        f"violates {data['violates']}: {data['assumption']}",
        table("", "fails", "restored", rows=[*rows, margins]),
        f"frozen margin: {_number(data['frozen_margin'])}",
    ]


def _number(value: Any) -> str:
    return repr(value) if isinstance(value, float) else str(value)


def _draw(known: Known, picture: Path) -> str:
    from kdtheory import plotting
    from kdtheory.claims._surroundings import around, courses
    from kdtheory.testing import Case, Trainings

    case, restored = known.item.case, known.item.restored
    heading = f"{known.name}: {known.item.words}"
    if isinstance(case, Trainings) and isinstance(restored, Trainings):
        return _write(plotting.courses_side_by_side(courses(case), courses(restored), heading), picture)
    if isinstance(case, Case):
        check = known.item.check or known.claim
        return _write(plotting.margins_around(around(check, case), heading), picture)
    rows = [(known.claim.id, known.item.name, known.run.margin, known.run.restored)]
    return _write(plotting.failing_and_restored([rows], heading), picture)


def _write(figure: Any, picture: Path) -> str:
    from kdtheory.report.pictures import KINDS
    from kdtheory.report.pictures import picture as made
    from kdtheory.report.storage import write

    kind = picture.suffix.removeprefix(".").lower()
    if kind not in KINDS:
        expected = f"a file that ends in {', '.join('.' + k for k in KINDS)}"
        raise InvalidArgument("--picture", expected=expected, got=repr(str(picture)), fix="rename it")
    return f"drawn: {write(picture, made(figure, kind))}"
