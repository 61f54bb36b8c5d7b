"""Spam Assassin's public corpus: is a mail spam?"""

from __future__ import annotations

import numpy as np

from kdtheory import data
from kdtheory.data import texts
from kdtheory.tasks._draw import draw
from kdtheory.tasks._text_tasks import text_task
from kdtheory.tasks._texts import Form
from kdtheory.tasks.base import Task

MAILS = 5940


def spam(
    train: int = 3000,
    test: int | None = None,
    seed: int = 0,
    *,
    form: str = "features",
    components: int = 256,
    words: int = 20_000,
    length: int = 256,
) -> Task:
    """Mails of 2002 and 2003: class 1 is spam, class 0 is not (5940 mails; ``spamassassin2003``).

    A text is a subject and a body. The rest of the head is left out because it tells who collected the mail, and so are
    mails that differ from another one in the head alone.

    Parameters
    ----------
    train, test : int
        Numbers of mails, drawn without replacement from all; default for ``test``: all that remain.
    seed : int
        Seed of the draw.
    form, components, words, length
        As in `newsgroups`.

    Raises
    ------
    DataUnavailable
        The mails are not here and cannot be had; ``kdtheory data get spam`` gets them.

    >>> import kdtheory as kd
    >>> kd.tasks.spam(train=500, test=100, components=50)  # doctest: +SKIP
    Task('spam', train=500, test=100, features=50, 2 output(s))
    """
    checked = Form.checked(form, components, words, length, train=train)
    chosen, held_out = draw(MAILS, train, test, seed, "mails")
    said, answers = texts.mails("mails.json", data.files("spam")["mails.json"])
    corpus = (said, np.array(answers))
    return text_task("spam", (corpus, chosen), (corpus, held_out), checked, seed, classes=2)
