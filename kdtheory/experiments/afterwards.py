"""Questions that no registration asks: judged by the same rule, weaker as evidence, and told as such."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

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


def afterthoughts(study: Study) -> list[Afterthought]:
    """What ``afterthoughts.json`` beside its registration asks of a study, and what cells say; empty before it ran.

    Raises
    ------
    InvalidArgument
        If the file names a study or a number that there is not, or asks what was registered: a prediction does not
        leave its family of corrected tests this way.

    >>> from kdtheory import experiments
    >>> said = afterthoughts(experiments.study("o4-low-directions"))[1]
    >>> said.words
    'The student of the whole teacher tests better than the one-hot control.'
    >>> said.counts["for"] + said.counts["against"] + said.counts["open"]
    4
    """
    path, summary = study.path.parent / FILE, stored(study)
    questions = [Afterthought(**given) for given in json.loads(path.read_text("utf-8"))] if path.is_file() else []
    beside = {file.stem.replace("_", "-") for file in path.parent.glob("*.json") if file.with_suffix(".py").is_file()}
    for question in questions:
        if question.study not in beside:
            raise _wrong("a registered study", repr(question.study))
    own = [question for question in questions if question.study == study.name]
    for question in own:
        _refuse_registered(question, study.registration.predictions)
    return [] if summary is None else [replace(question, rows=_rows(question, summary["cells"])) for question in own]


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
