"""Reuters R8: what is a newswire about?"""

from __future__ import annotations

from kdtheory.tasks._text_tasks import by_topic
from kdtheory.tasks._texts import Form
from kdtheory.tasks.base import Task


def reuters(
    train: int = 3000,
    test: int | None = None,
    seed: int = 0,
    *,
    form: str = "features",
    components: int = 256,
    words: int = 20_000,
    length: int = 128,
) -> Task:
    """Newswires of 1987 with one of 8 topics, of very unequal size (5485 + 2189; ``lewis1997``).

    Parameters and result are those of `newsgroups`; ``kdtheory data get reuters`` gets the corpus.

    >>> import kdtheory as kd
    >>> kd.tasks.reuters(train=500, test=100, components=50)  # doctest: +SKIP
    Task('reuters', train=500, test=100, features=50, 8 output(s))
    """
    checked = Form.checked(form, components, words, length, train=train)
    return by_topic("reuters", (5485, 2189), train, test, seed, checked)
