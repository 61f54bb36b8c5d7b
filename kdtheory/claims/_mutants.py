"""Mutants: a claim's check with one formula replaced by a wrong one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from kdtheory.claims._claim import Mutant
from kdtheory.testing.margin import Margin


@dataclass(frozen=True)
class Mutate:
    """Makes mutants of a check that takes its formulas from the fields of a frozen dataclass.

    Attributes
    ----------
    margins : callable
        From a case and the formulas to a `Margin`.
    formulas : dataclass
        The right formulas.
    """

    margins: Callable[[Any, Any], Margin]
    formulas: Any

    def __call__(self, name: str, words: str, **wrong: Any) -> Mutant:
        """The mutant in which the named formulas are the wrong ones; what is undefined there counts as failed."""
        mutated = replace(self.formulas, **wrong)

        def check(case: Any) -> Margin:
            with np.errstate(all="ignore"):
                return Margin(np.nan_to_num(self.margins(case, mutated).values, nan=-np.inf))

        return Mutant(name, words, check, replaces=tuple(wrong))

    def flipped(self, name: str, words: str, part: str) -> Mutant:
        """The mutant that claims the opposite sign of one part."""
        return Mutant(name, words, lambda case: Margin(-self.margins(case, self.formulas).parts[part]))
