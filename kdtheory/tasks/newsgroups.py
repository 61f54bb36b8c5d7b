"""20 Newsgroups: which group was a post written for?"""

from __future__ import annotations

from kdtheory.tasks._text_tasks import by_topic
from kdtheory.tasks._texts import Form
from kdtheory.tasks.base import Task


def newsgroups(
    train: int = 3000,
    test: int | None = None,
    seed: int = 0,
    *,
    form: str = "features",
    components: int = 256,
    words: int = 20_000,
    length: int = 256,
) -> Task:
    """Posts to 20 newsgroups (11293 + 7528, split by date; ``lang1995``), in lower case, without digits and signs.

    Parameters
    ----------
    train, test : int
        Numbers of posts, drawn without replacement from the training part and the test part of the corpus; default:
        the whole test part.
    seed : int
        Seed of the draws.
    form : {"features", "tokens"}
        ``"features"``: TF-IDF (sublinear) projected to its leading right singular vectors, divided by one number so
        that the mean square over the training texts is 1. ``"tokens"``: the first words of each text as numbers, for
        networks that embed words. Both are fitted on the training texts alone.
    components : int
        Number of singular vectors, below the number of training texts (features only).
    words : int
        Size of the vocabulary: the words that are most frequent in the training texts.
    length : int
        Words kept of each text (tokens only).

    Returns
    -------
    Task
        Inputs of shape (train, components), or (train, length) with whole numbers: 0 fills up short texts, 1 is a word
        outside the vocabulary, 2 the most frequent one; ``provenance["vocabulary"]`` counts them all. One-hot targets;
        classes are the groups in the order of the alphabet.

    Raises
    ------
    DataUnavailable
        The corpus is not here and cannot be had; ``kdtheory data get newsgroups`` gets it.

    >>> import kdtheory as kd
    >>> kd.tasks.newsgroups(train=500, test=100, form="tokens")  # doctest: +SKIP
    Task('newsgroups', train=500, test=100, features=256, 20 output(s))
    """
    checked = Form.checked(form, components, words, length, train=train)
    return by_topic("newsgroups", (11293, 7528), train, test, seed, checked)
