"""Questions that no registration asks: judged by the same rule, weaker as evidence, and told as such."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from kdtheory import _located
from kdtheory.errors import InvalidArgument
from kdtheory.experiments.registration import Prediction
from kdtheory.experiments.study import Study
from kdtheory.experiments.summary import judged, stored

FILE = "afterthoughts.json"


@dataclass(frozen=True)
class Afterthought:
    """A sentence about numbers of a finished study, and none of its registered predictions.

    Attributes
    ----------
    study, words : str
    plus, minus : lists of str
        Names of numbers; their sum less the sum of the latter is tested seed by seed.
    direction, threshold, where
        As in `Prediction`.
    before : bool
        Whether it was asked before the study had results, if not before it was registered.
    rows : list of dict
        What each cell says, corrected by Holm over the cells of this sentence; empty before the study has results.
    """

    study: str
    words: str
    plus: Sequence[str]
    direction: str
    minus: Sequence[str] = ()
    threshold: float = 0.0
    where: Mapping[str, Any] = field(default_factory=dict)
    before: bool = False
    rows: Sequence[Mapping[str, Any]] = ()

    @property
    def counts(self) -> dict[str, int]:
        """How many cells are for it, against it, and open.

        >>> said = Afterthought(
        ...     "o1", "Students gain.", ["gain"], "above", rows=[{"verdict": "open"}]
        ... )
        >>> said.counts
        {'for': 0, 'against': 0, 'open': 1}
        """
        return {word: sum(row["verdict"] == word for row in self.rows) for word in ("for", "against", "open")}

    @property
    def extremes(self) -> tuple[float, float]:
        """The least and the largest mean of its cells."""
        means = [row["mean"] for row in self.rows]
        return min(means), max(means)


def afterthoughts(studies: Sequence[Study]) -> list[Afterthought]:
    """What ``studies/afterthoughts.json`` asks, with what cells say today; questions to studies not run are left out.

    Raises
    ------
    InvalidArgument
        If it names a study or a number that there is not, or asks what was registered: a prediction does not leave its
        family of corrected tests this way.
    """
    by_name = {study.name: study for study in studies}
    asked = json.loads((_located.folder("studies") / FILE).read_text(encoding="utf-8"))
    found = []
    for question in (Afterthought(**given) for given in asked):
        if question.study not in by_name:
            raise _wrong("a registered study", repr(question.study))
        _refuse_registered(question, by_name[question.study].registration.predictions)
        summary = stored(by_name[question.study])
        if summary is not None:
            found.append(replace(question, rows=_rows(question, summary["cells"])))
    return found


def _refuse_registered(asked: Afterthought, predictions: Sequence[Prediction]) -> None:
    for said in predictions:
        same = (said.measure, said.direction, said.threshold, said.where)
        if not asked.minus and same == (*asked.plus, asked.direction, asked.threshold, asked.where):
            raise _wrong(f"what {asked.study} has not registered", f"its prediction {said.id!r}")


def _rows(asked: Afterthought, cells: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    said = Prediction("asked", asked.words, "asked", asked.direction, asked.threshold, asked.where)
    sums = [{"cell": e["cell"], "numbers": {"asked": _sum(asked, e)}} for e in cells if said.speaks_of(e["cell"])]
    return judged([said], sums)[0]["rows"]


def _sum(asked: Afterthought, cell: Mapping[str, Any]) -> list[float]:
    total = np.zeros(len(next(iter(cell["numbers"].values()))))
    for sign, names in ((1.0, asked.plus), (-1.0, asked.minus)):
        for name in names:
            if name not in cell["numbers"]:
                raise _wrong(f"a number of {asked.study}", repr(name))
            total += sign * np.asarray(cell["numbers"][name])
    return total.tolist()


def _wrong(expected: str, got: str) -> InvalidArgument:
    return InvalidArgument(FILE, expected=expected, got=got, fix="mend the question")
