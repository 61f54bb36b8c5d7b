"""A small world of labels: two inputs, three classes; what is expected is summed over all outcomes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from kdtheory.testing import Case, linear, logarithmic, odds

Array = NDArray[np.float64]
Logit = Annotated[Any, linear(-4.0, 4.0, simple=0.0)]
WHO = ("student", "truth", "teacher")


@dataclass(frozen=True)
class LabelDraws(Case):
    """Two inputs with features in the plane, and three distributions over three classes at each.

    Attributes
    ----------
    often : between 0.05 and 0.95
        Probability of the first input.
    turn, length : between 0 and 3.14, and 0.1 and 10
        Of the second input's features; those of the first are (1, 0).
    student_11, ..., teacher_22 : between -4 and 4
        Logits of input and class; the third class has 0.
    batch : between 1 and 1000
        Rounded to a whole number.
    """

    often: Annotated[Any, odds(0.05, 0.95, simple=0.5)]
    turn: Annotated[Any, linear(0.0, 3.14, simple=0.0)]
    length: Annotated[Any, logarithmic(0.1, 10.0, simple=1.0)]
    student_11: Logit
    student_12: Logit
    student_21: Logit
    student_22: Logit
    truth_11: Logit
    truth_12: Logit
    truth_21: Logit
    truth_22: Logit
    teacher_11: Logit
    teacher_12: Logit
    teacher_21: Logit
    teacher_22: Logit
    batch: Annotated[Any, logarithmic(1.0, 1000.0, simple=1.0)]

    @property
    def shares(self) -> Array:
        """Probabilities of the inputs, shape (cases, 2)."""
        often = np.atleast_1d(self.often)
        return np.stack([often, 1.0 - often], axis=-1)

    @property
    def features(self) -> Array:
        """Shape (cases, 2, 2): input, feature."""
        turn, length = np.atleast_1d(self.turn), np.atleast_1d(self.length)
        second = np.stack([length * np.cos(turn), length * np.sin(turn)], axis=-1)
        return np.stack([np.broadcast_to([1.0, 0.0], second.shape), second], axis=1)

    def chances(self, who: str) -> Array:
        """Distributions of shape (cases, 2, 3) of the ``student``, the ``truth`` or the ``teacher``."""
        rows = [[np.atleast_1d(getattr(self, f"{who}_{x}{j}")) for j in (1, 2)] for x in (1, 2)]
        logits = np.stack([np.stack([*row, 0.0 * row[0]], axis=-1) for row in rows], axis=1)
        grown = np.exp(logits)
        return grown / grown.sum(axis=-1, keepdims=True)

    @property
    def outcomes(self) -> Array:
        """Probabilities of all pairs of an input and its label, shape (cases, 6)."""
        return (self.shares[..., None] * self.chances("truth")).reshape(-1, 6)

    def gradients(self, told: Array) -> Array:
        """A sample's gradients by outcome, (cases, 6, 6), for targets (cases, 2, 3, 3): input, label, class."""
        slopes = self.chances("student")[:, :, None] - told
        each = self.features[:, :, None, :, None] * slopes[:, :, :, None, :]
        return each.reshape(-1, 6, 6)
