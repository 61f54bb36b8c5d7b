"""The section of the page about studies on networks: what was registered, and what was found, from committed files."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any

from kdtheory import experiments
from kdtheory.errors import MissingPackage
from kdtheory.experiments import Account, Study
from kdtheory.plotting import canvas, house_style, intervals_by_cell
from kdtheory.report.pictures import picture

COLUMNS = 2
WORDS = ("supported", "contradicted", "open")


def section(chosen: Sequence[Study] | None = None, now: datetime | None = None) -> str:
    """The section as HTML; empty without studies.

    Parameters
    ----------
    chosen : sequence of Study, optional
        Default: all that come with kdtheory.
    now : datetime, optional
        What ages are counted to; default: the present.
    """
    from jinja2 import Environment, StrictUndefined

    found = [experiments.study(name) for name in experiments.names()] if chosen is None else chosen
    if not found:
        return ""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    template = (files("kdtheory.report") / "studies.html.j2").read_text(encoding="utf-8")
    moment = datetime.now(UTC) if now is None else now
    account = experiments.account(found) if chosen is None else None
    shown = {study.name: _shown(study, moment) for study in found}
    lacking = _judge(shown, found)
    return environment.from_string(template).render(
        groups=list(_groups(shown, account)), account=account, lacking=lacking
    )


def _judge(shown: dict[str, dict[str, Any]], found: Sequence[Study]) -> str:
    """Add what is judged anew from stored numbers: powers, and questions asked afterwards; or say what that needs."""
    try:
        for study in found:
            own = shown[study.name]
            if own["summary"] is not None:
                own |= {"power": experiments.powers(own["summary"]), "afterthoughts": experiments.afterthoughts(study)}
    except MissingPackage as error:
        return str(error)
    return ""


def _groups(shown: dict[str, Any], account: Account | None) -> Iterator[dict[str, Any]]:
    """Studies by observation, in the account's order, with the sentences they test; what it leaves out comes last."""
    left = dict(shown)
    if account is None:
        yield {"title": "", "statements": (), "figures": (), "studies": left.values()}
        return
    for observation in account.observations:
        studies = [left.pop(name) for name in observation.studies]
        tested = [said for said in account.statements if set(said.tested_by) & set(observation.studies)]
        yield {"title": observation.title, "statements": tested, "figures": observation.figures, "studies": studies}
    if left:
        yield {"title": "Further studies", "statements": (), "figures": (), "studies": left.values()}


def _shown(study: Study, now: datetime) -> dict[str, Any]:
    registered, summary = study.registration, experiments.stored(study)
    shown = {
        "name": study.name,
        "title": registered.title,
        "question": registered.question,
        "claim": registered.claim,
        "rule": registered.verdict,
        "overturned_by": registered.overturned_by,
        "summary": summary,
    }
    if summary is None:
        return shown
    words = [said["verdict"] for said in summary["predictions"]]
    return {
        **shown,
        "verdict": verdict(summary),
        "power": {},
        "afterthoughts": [],
        "tone": "bad" if "contradicted" in words else "open" if "open" in words else "good",
        "age": _age(summary["finished"], now),
        "stale": summary["registration"] != registered.sha256,
        "image": "data:image/svg+xml;base64," + base64.b64encode(picture(_draw(summary), "svg")).decode(),
        "alt": f"Means with intervals of every setting, one panel per prediction. {verdict(summary)}",
    }


def verdict(summary: dict[str, Any]) -> str:
    """Which predictions were supported, contradicted, and left open, by name.

    >>> verdict(
    ...     {
    ...         "predictions": [
    ...             {"id": "slope", "verdict": "supported"},
    ...             {"id": "gain", "verdict": "open"},
    ...         ]
    ...     }
    ... )
    '1 of 2 predictions supported (slope); 0 contradicted; 1 open (gain).'
    """
    by_word = {word: [p["id"] for p in summary["predictions"] if p["verdict"] == word] for word in WORDS}
    told = [f"{len(ids)} {word}" + (f" ({', '.join(ids)})" if ids else "") for word, ids in by_word.items()]
    total = len(summary["predictions"])
    return "; ".join(told).replace(" supported", f" of {total} predictions supported", 1) + "."


def _age(finished: str, now: datetime) -> str:
    days = (now - datetime.fromisoformat(finished)).days
    return "today" if days < 1 else f"{days} day{'s' if days > 1 else ''} ago"


@house_style()
def _draw(summary: dict[str, Any]) -> Any:
    """One panel per prediction, its height that of its cells."""
    predictions = summary["predictions"]
    lines = -(-len(predictions) // COLUMNS)
    most = [max(len(p["rows"]) for p in predictions[line * COLUMNS : (line + 1) * COLUMNS]) for line in range(lines)]
    heights = [0.7 + 0.17 * rows for rows in most]
    figure, panels = canvas(COLUMNS, height=sum(heights), rows=lines)
    panels[0].get_gridspec().set_height_ratios(heights)
    for panel, said in zip(panels, predictions, strict=False):
        intervals_by_cell(panel, said["rows"], threshold=said["threshold"], direction=said["direction"])
        # From the right: names of settings leave more room there than at the left.
        panel.set_title(f"{said['id'].replace('-', ' ')}: {said['verdict']}", loc="right", fontsize=8.5)
        panel.set_xlabel(said["measure"], fontsize=7)
    for panel in panels[len(predictions) :]:
        panel.set_visible(False)
    return figure
