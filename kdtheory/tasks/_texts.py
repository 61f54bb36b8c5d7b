"""Tasks made of labelled texts: as features for any model, or as words for networks that embed them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kdtheory.errors import InvalidArgument
from kdtheory.tasks.base import Array
from kdtheory.validation import count, one_of

FORMS = ("features", "tokens")
PADDING, UNKNOWN = 0, 1  # ids that are no words


@dataclass(frozen=True)
class Form:
    """How texts become inputs; fitted on training texts alone."""

    form: str
    components: int
    words: int
    length: int
    pairs: bool = False

    @classmethod
    def checked(cls, form: str, components: int, words: int, length: int, *, train: int, pairs: bool = False) -> Form:
        """The settings, if they make sense for that many training texts."""
        one_of("form", form, FORMS)
        words = count("words", words, at_least=1)
        length = count("length", length, at_least=1)
        components = count("components", components, at_least=1)
        most = min(count("train", train, at_least=1), words) - 1
        if form == "features" and components > most:
            fix = "ask for fewer components, or for more texts and words"
            expected = f"at most {most} for {train} training texts and {words} words"
            raise InvalidArgument("components", expected=expected, got=f"{components}", fix=fix)
        return cls(form, components, words, length, pairs)

    def inputs(self, train: Sequence[str], test: Sequence[str]) -> tuple[Array, Array, dict[str, Any]]:
        """Inputs for both parts, and what the provenance says of them."""
        return self._features(train, test) if self.form == "features" else self._tokens(train, test)

    def _features(self, train: Sequence[str], test: Sequence[str]) -> tuple[Array, Array, dict[str, Any]]:
        """TF-IDF, the leading right singular vectors of the training texts' matrix, one scale."""
        from sklearn.decomposition import TruncatedSVD
        from sklearn.feature_extraction.text import TfidfVectorizer
        from threadpoolctl import threadpool_limits

        most = (1, 2) if self.pairs else (1, 1)
        weighing = TfidfVectorizer(max_features=self.words, sublinear_tf=True, ngram_range=most)
        weights = weighing.fit_transform(train)
        if self.components >= weights.shape[1]:
            got, fix = f"{self.components}", "ask for fewer components"
            expected = f"fewer than the {weights.shape[1]} words of the training texts"
            raise InvalidArgument("components", expected=expected, got=got, fix=fix)
        # The Lanczos method is exact to rounding; the randomized one misses the smaller singular values by per cents.
        # Its products are small: threads would only wait for each other, and round differently on each machine.
        reduction = TruncatedSVD(self.components, algorithm="arpack", random_state=0)
        with threadpool_limits(limits=1):
            known = np.asarray(reduction.fit_transform(weights))
        held_out = np.asarray(reduction.transform(weighing.transform(test))) if test else known[:0]
        scale = float(np.sqrt(np.mean(np.square(known))))
        said = {"form": "features", "words": weights.shape[1], "components": self.components, "scale": scale}
        return known / scale, held_out / scale, said

    def _tokens(self, train: Sequence[str], test: Sequence[str]) -> tuple[Array, Array, dict[str, Any]]:
        """The first words of each text as numbers by frequency in training; 0 fills up, 1 is any other word."""
        from sklearn.feature_extraction.text import CountVectorizer

        split: Callable[[str], list[str]] = CountVectorizer().build_analyzer()
        cut = [split(text) for text in train]
        counts = Counter(word for text in cut for word in text)
        ranked = sorted(counts, key=lambda word: (-counts[word], word))[: self.words]
        ids = {word: number for number, word in enumerate(ranked, start=UNKNOWN + 1)}
        said = {"form": "tokens", "vocabulary": len(ids) + 2, "padding": PADDING, "unknown": UNKNOWN}
        return self._numbered(cut, ids), self._numbered(list(map(split, test)), ids), said

    def _numbered(self, texts: Sequence[Sequence[str]], ids: dict[str, int]) -> Array:
        numbers: NDArray[np.float64] = np.full((len(texts), self.length), float(PADDING))
        for row, text in zip(numbers, texts, strict=True):
            row[: len(text)] = [ids.get(word, UNKNOWN) for word in text[: self.length]]
        return numbers
