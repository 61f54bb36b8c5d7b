"""Drawn texts with their answers, as tasks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from kdtheory import data
from kdtheory.data import texts
from kdtheory.tasks._draw import draw_parts
from kdtheory.tasks._sources import came_from
from kdtheory.tasks._texts import Form
from kdtheory.tasks.base import Array, Labels, Task, one_hot

Rows = NDArray[np.int64] | None
Corpus = tuple[Sequence[str], NDArray[np.generic]]


def by_topic(source: str, totals: tuple[int, int], train: int, test: int | None, seed: int, form: Form) -> Task:
    """A corpus with training and test texts of its own; classes are its categories in the order of the alphabet."""
    rows = draw_parts(totals, train, test, seed)
    corpora = [texts.tab(name, content) for name, content in data.files(source).items()]
    categories = sorted(set(corpora[0][1]))
    known, held_out = ((said, np.array([categories.index(c) for c in where])) for said, where in corpora)
    return text_task(source, (known, rows[0]), (held_out, rows[1]), form, seed, classes=len(categories))


def text_task(
    source: str,
    train: tuple[Corpus, Rows],
    test: tuple[Corpus, Rows],
    form: Form,
    seed: int,
    *,
    classes: int | None,
) -> Task:
    """The chosen rows of texts and answers as a task; without ``classes`` the answers are targets of a regression."""
    chosen, answers = _drawn(*train)
    chosen_too, answers_too = _drawn(*test)
    inputs, test_inputs, said = form.inputs(chosen, chosen_too)
    tested = test[1] is not None
    return Task(
        inputs,
        _targets(answers, classes),
        test_inputs=test_inputs if tested else None,
        test_targets=_targets(answers_too, classes) if tested else None,
        labels=None if classes is None else _labels(answers),
        test_labels=_labels(answers_too) if tested and classes is not None else None,
        name=source.replace("-", " "),
        provenance={
            **came_from(source),
            "train": len(chosen),
            "test": len(chosen_too),
            "seed": int(seed),
            **said,
        },
    )


def _drawn(corpus: Corpus, rows: Rows) -> tuple[list[str], NDArray[np.generic]]:
    chosen = np.empty(0, dtype=np.int64) if rows is None else rows
    return [corpus[0][row] for row in chosen.tolist()], corpus[1][chosen]


def _labels(answers: NDArray[np.generic]) -> Labels:
    return answers.astype(np.int64)


def _targets(answers: NDArray[np.generic], classes: int | None) -> Array:
    return answers.astype(np.float64)[:, None] if classes is None else one_hot(_labels(answers), classes)
