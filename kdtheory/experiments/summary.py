"""From units to verdicts, and the small file that keeps them."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from kdtheory._files import atomic_write
from kdtheory.errors import DataUnavailable, InvalidArgument
from kdtheory.experiments.registration import Prediction
from kdtheory.experiments.statistics import chance, detectable, holm, interval, recovery
from kdtheory.experiments.study import Cell, Study
from kdtheory.experiments.units import Unit, versions

LEVEL = 0.05
Summary = dict[str, Any]


def summary(study: Study, commit: str, code: str, units: Iterable[Unit]) -> Summary:
    """Everything that is kept of a finished study, as JSON values.

    Parameters
    ----------
    study : Study
    commit, code : str
        The commit of the registration, from which the seeds follow; the commit of the whole checkout that ran.
    units : of every cell with every seed
    """
    done = list(units)
    seeds = list(dict.fromkeys(unit.seed for unit in done))
    cells = [_collected(cell, [unit for unit in done if unit.cell == cell]) for cell in study.cells]
    said = judged(study.registration.predictions, cells)
    return {
        "study": study.name,
        "title": study.registration.title,
        "registration": study.registration.sha256,
        "commit": commit,
        "code": code,
        "finished": max(unit.finished for unit in done),
        "minutes": round(sum(unit.seconds for unit in done) / 60, 1),
        "versions": versions(),
        "seeds": seeds,
        "predictions": said,
        "ratios": _ratios(study, cells),
        "cells": [_rounded(cell) for cell in cells],
    }


def judged(predictions: Sequence[Prediction], cells: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Every prediction with its cells, tested and corrected by family, and what follows.

    A cell is *for* a prediction if the corrected two-sided test rejects the threshold and the mean lies on the
    predicted side, *against* it if on the other side, else *open*. A prediction is *supported* if enough cells are for
    it, *contradicted* if so many are against it that the others could not save it, else *open*.
    """
    tests = [(said, cell) for said in predictions for cell in _spoken_of(said, cells)]
    families: dict[str, list[int]] = {}
    for place, (said, _) in enumerate(tests):
        families.setdefault(said.family, []).append(place)
    chances = [chance(_seeds(said, cell), said.threshold) for said, cell in tests]
    corrected = dict[int, float]()
    for places in families.values():
        corrected.update(zip(places, holm([chances[place] for place in places]), strict=True))
    rows: dict[str, list[dict[str, Any]]] = {said.id: [] for said in predictions}
    for place, (said, cell) in enumerate(tests):
        rows[said.id].append(_row(said, cell, chances[place], corrected[place], len(families[said.family])))
    return [{**asdict(said), **_verdict(said, rows[said.id])} for said in predictions]


def refuse_missing(study: Study, unit: Unit) -> None:
    """Raise one line if predictions or ratios speak of cells or numbers that are not there."""
    cells = [{"cell": cell, "numbers": {}} for cell in study.cells]
    here = {"cell": unit.cell, "numbers": {name: [value] for name, value in unit.numbers.items()}}
    for said in study.registration.predictions:
        _spoken_of(said, cells)
        if said.speaks_of(unit.cell):
            _seeds(said, here)
    for ratio in study.registration.ratios:
        for measure in (ratio.part, ratio.whole):
            _of(here, measure, ratio.id)


def _row(said: Prediction, cell: Mapping[str, Any], p: float, corrected: float, family: int) -> dict[str, Any]:
    seeds = _seeds(said, cell)
    found = interval(seeds)
    on_its_side = (found.mean > said.threshold) == (said.direction == "above") and found.mean != said.threshold
    verdict = "open" if corrected >= LEVEL else "for" if on_its_side else "against"
    return {
        "cell": cell["cell"]["name"],
        **{name: _short(value) for name, value in asdict(found).items()},
        "p": _short(p),
        "p_corrected": _short(corrected),
        "detectable": _short(detectable(seeds, family)),
        "verdict": verdict,
    }


def _verdict(said: Prediction, rows: list[dict[str, Any]]) -> dict[str, Any]:
    counts = {word: sum(row["verdict"] == word for row in rows) for word in ("for", "against", "open")}
    needed = math.ceil(said.needed * len(rows) - 1e-9)
    word = "supported" if counts["for"] >= needed else "open"
    if counts["against"] > len(rows) - needed:
        word = "contradicted"
    return {"verdict": word, "counts": {**counts, "of": len(rows), "needed": needed}, "rows": rows}


def _spoken_of(said: Prediction, cells: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    found = [cell for cell in cells if said.speaks_of(cell["cell"])]
    if not found:
        fix = "mend the registration"
        raise InvalidArgument(said.id, expected="cells to speak of", got=f"none with {dict(said.where)}", fix=fix)
    return found


def _seeds(said: Prediction, cell: Mapping[str, Any]) -> list[float]:
    return _of(cell, said.measure, said.id)


def _of(cell: Mapping[str, Any], measure: str, who: str) -> list[float]:
    if measure not in cell["numbers"]:
        got = ", ".join(cell["numbers"])
        raise InvalidArgument(who, expected=f"the number {measure!r}", got=got, fix="mend the registration")
    return cell["numbers"][measure]


def _ratios(study: Study, cells: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    rows = []
    for ratio in study.registration.ratios:
        for cell in cells:
            found = recovery(_of(cell, ratio.part, ratio.id), _of(cell, ratio.whole, ratio.id))
            shown = None if found.ratio is None else _short(found.ratio)
            rows.append({"id": ratio.id, "cell": cell["cell"]["name"], "ratio": shown, "reason": found.reason})
    return rows


def _collected(cell: Cell, units: Sequence[Unit]) -> dict[str, Any]:
    return {"cell": cell, "numbers": {name: [u.numbers[name] for u in units] for name in units[0].numbers}}


def _rounded(cell: Mapping[str, Any]) -> dict[str, Any]:
    return {**cell, "numbers": {name: [_short(v) for v in values] for name, values in cell["numbers"].items()}}


def _short(value: float) -> float:
    """Six digits: far more than seeds can tell apart, and a third of the file."""
    return float(f"{value:.6g}")


def save(said: Summary, path: Path) -> Path:
    """Write a summary whole or not at all; one line per list of seeds."""
    text = json.dumps(said, indent=1, ensure_ascii=False, allow_nan=False)
    return atomic_write(path, _flat(text) + "\n")


def _flat(text: str) -> str:
    """Lists of numbers on one line each: a diff then shows which number of which cell changed."""
    return re.sub(r"\[\s+([-+0-9.eE,\s]+?)\s+\]", lambda found: f"[{' '.join(found[1].split())}]", text)


def stored(study: Study, path: Path | None = None) -> Summary | None:
    """The committed summary of a study, ``None`` before its first run; one line for a file that is none."""
    path = study.results if path is None else path
    if not path.is_file():
        return None
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        if said["study"] == study.name and said["predictions"]:
            return said
        got = f"one of {said['study']!r}"
    except (OSError, ValueError, KeyError, TypeError) as error:
        got = f"{type(error).__name__}: {error}".splitlines()[0]
    raise DataUnavailable(str(path), expected=f"a summary of {study.name}", got=got, fix=_run_it(study))


def finished(study: Study) -> Summary:
    """The committed summary, or one line that names the command that makes it.

    >>> from kdtheory.experiments import study
    >>> finished(study("o3-eigendirections"))["study"]
    'o3-eigendirections'
    """
    summary = stored(study)
    if summary is None:
        raise DataUnavailable(study.name, expected="a finished study", got="no results", fix=_run_it(study))
    return summary


def _run_it(study: Study) -> str:
    return f"run kdtheory experiments run {study.reference}"
