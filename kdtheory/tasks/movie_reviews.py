"""Sentences of movie reviews: praise or blame, and how much of it."""

from __future__ import annotations

import numpy as np

from kdtheory import data
from kdtheory.data import texts
from kdtheory.tasks._draw import draw
from kdtheory.tasks._text_tasks import text_task
from kdtheory.tasks._texts import Form
from kdtheory.tasks.base import Task
from kdtheory.validation import one_of

SNIPPETS, NEITHER = 10605, 37
FILE = "movieReviewSnippets_GroundTruth.txt"


def movie_reviews(
    train: int = 3000,
    test: int | None = None,
    seed: int = 0,
    *,
    target: str = "class",
    form: str = "features",
    components: int = 256,
    words: int = 20_000,
    length: int = 48,
) -> Task:
    """Snippets of movie reviews with their mean human rating between -4 and 4 (``hutto2014``).

    Parameters
    ----------
    train, test : int
        Numbers of snippets, drawn without replacement from all; default for ``test``: all that remain.
    seed : int
        Seed of the draw.
    target : {"class", "rating"}
        ``"class"``: 1 for a positive mean rating, 0 for a negative one (37 snippets with rating 0 are left out);
        ``"rating"``: the mean rating itself, as it is.
    form, components, words, length
        As in `newsgroups`; features count pairs of neighbouring words as words.

    Raises
    ------
    DataUnavailable
        The snippets are not here and cannot be had; ``kdtheory data get movie-reviews`` gets them.

    >>> import kdtheory as kd
    >>> kd.tasks.movie_reviews(train=2000, target="rating")  # doctest: +SKIP
    Task('movie reviews', train=2000, test=8605, features=256, 1 output(s))
    """
    by_class = one_of("target", target, ("class", "rating")) == "class"
    checked = Form.checked(form, components, words, length, train=train, pairs=True)
    chosen, held_out = draw(SNIPPETS - NEITHER if by_class else SNIPPETS, train, test, seed, "snippets")
    said, ratings = texts.rated(FILE, data.files("movie-reviews")[FILE])
    answers = np.array(ratings)
    if by_class:
        said = [text for text, rating in zip(said, ratings, strict=True) if rating != 0]
        answers = (answers[answers != 0] > 0).astype(np.int64)
    corpus = (said, answers)
    return text_task(
        "movie-reviews", (corpus, chosen), (corpus, held_out), checked, seed, classes=2 if by_class else None
    )
