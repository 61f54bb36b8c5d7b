"""The static page: what was found, in plain words first, then claims, worlds and figures."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from kdtheory.claims import TOPICS, references
from kdtheory.report.build import Built
from kdtheory.report.evidence import Checked
from kdtheory.report.figure import as_json
from kdtheory.report.mathematics import formula, mathematics
from kdtheory.report.references import Difference

LEVELS = ("derived", "property-tested", "simulated", "seen in networks")


@dataclass(frozen=True)
class Shown:
    """A figure on the page: built and compared with its reference, or the line that says why not."""

    id: str
    built: Built | None = None
    differences: Sequence[Difference] = ()
    fault: str = ""


@dataclass(frozen=True)
class Findings:
    """Everything the page shows."""

    claims: Sequence[Checked]
    figures: Sequence[Shown]
    full: bool
    versions: Mapping[str, str | None]
    commit: str | None

    @property
    def failed(self) -> tuple[str, ...]:
        """Ids of claims that did not hold and of figures that could not be built or differ from their reference."""
        claims = [item.claim.id for item in self.claims if not item.held]
        return (*claims, *(item.id for item in self.figures if item.fault or item.differences))

    @property
    def verdict(self) -> str:
        """One sentence per kind of result; what failed, and what networks did not show, is named."""
        unseen = [
            i.claim.id for i in self.claims if i.evidence and i.evidence.networks and not i.evidence.networks.held
        ]
        networks = f" Networks did not show: {', '.join(unseen)}." if unseen else ""
        bad = [item.claim.id for item in self.claims if not item.held]
        claims = _counted(len(self.claims), "claim", bad, "held at every level that was run", "did not hold")
        bad = [item.id for item in self.figures if item.fault or item.differences]
        figures = _counted(len(self.figures), "figure", bad, *self._drawn)
        return f"{claims}{networks} {figures}"

    @property
    def _drawn(self) -> tuple[str, str]:
        if self.full:
            return "drawn at full settings", "could not be drawn"
        return (
            "drawn and in agreement with the stored reference",
            "could not be drawn, or differ from the stored reference",
        )


def render(findings: Findings, studies: str = "") -> str:
    """The page as HTML: styles inside, pictures inside, formulas as MathML; no script, and nothing from elsewhere.

    ``studies`` is their section (`kdtheory.report.studies`), as HTML.
    """
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters.update(mathematics=mathematics, formula=formula)
    folder = files("kdtheory.report")
    template = environment.from_string((folder / "page.html.j2").read_text(encoding="utf-8"))
    return template.render(
        style=(folder / "page.css").read_text(encoding="utf-8"),
        findings=findings,
        studies=studies,
        quality="full" if findings.full else "quick",
        topics=_by_topic(findings.claims),
        drawn={item.id for item in findings.figures if item.built},
        figures=[
            _figure(item, {c.claim.id for c in findings.claims})
            for item in sorted(findings.figures, key=_illustrates, reverse=True)
        ],
        worlds=[_worlds(item.built) for item in findings.figures if item.built and _compares(item.built)],
    )


def _counted(total: int, what: str, bad: list[str], good_words: str, bad_words: str) -> str:
    """``Claims: 3 of 3 held. `` and the like, with the names of what did not."""
    if not total:
        return f"No {what}s."
    named = f"; {', '.join(bad)} {bad_words}" if bad else ""
    return f"{total - len(bad)} of {total} {what}{'' if total == 1 else 's'} {good_words}{named}."


def _by_topic(items: Sequence[Checked]) -> dict[str, list[dict[str, Any]]]:
    """Claims by topic in the reader's order, without topics that have none."""
    found = {topic: [_claim(item) for item in items if item.claim.topic == topic] for topic in TOPICS}
    return {topic: claims for topic, claims in found.items() if claims}


def _claim(item: Checked) -> dict[str, Any]:
    return {
        "claim": item.claim,
        "held": item.held,
        "fault": item.fault,
        "levels": _levels(item),
        "derived": item.evidence and item.evidence.derived,
        "tested": item.evidence and item.evidence.tested,
        "sources": references(item.claim.source),
    }


def _levels(item: Checked) -> list[dict[str, str]]:
    """What each level found; a claim without a simulation or a network study has none there."""
    missing = {"simulated": item.claim.simulation is None, "seen in networks": item.claim.experiment is None}
    rows = []
    for name in LEVELS:
        level = None if item.evidence is None else item.evidence.levels[name]
        good, bad = ("seen", "not seen") if name == LEVELS[-1] else ("held", "failed")
        absent = "none" if missing.get(name) else "not run"
        word = absent if level is None else good if level.held else bad
        rows.append({"name": name, "word": word, "summary": "" if level is None else level.summary})
    return rows


def _figure(item: Shown, claims: set[str]) -> dict[str, Any]:
    if item.built is None:
        return {"id": item.id, "built": None, "claims": (), "fault": item.fault}
    built = item.built
    picture = (built.folder / f"{built.figure.id}.svg").read_bytes()
    return {
        "id": item.id,
        "built": built,
        "claims": [id for id in built.figure.claims if id in claims],
        "fault": "",
        "title": built.figure.title,
        "caption": built.figure.caption(built.dataset),
        "alt": built.figure.alt(built.dataset),
        "image": "data:image/svg+xml;base64," + base64.b64encode(picture).decode(),
        "settings": as_json(built.figure.settings(built.full)),
        "files": [path.name for path in built.files],
        "differences": [str(difference) for difference in item.differences],
    }


def _illustrates(item: Shown) -> int:
    """Number of claims: figures that illustrate some come first."""
    return 0 if item.built is None else len(item.built.figure.claims)


def _compares(built: Built) -> bool:
    return "comparison" in built.dataset.numbers


def _worlds(built: Built) -> dict[str, Any]:
    numbers = built.dataset.numbers
    return {"figure": built.figure.id, "rows": numbers["comparison"], "exponent": numbers.get("exponent", {})}
