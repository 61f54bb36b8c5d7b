"""Rounds of one mode, literally, with every way in which they may leave the assumptions of the odds law."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kdtheory.testing import Margin

ALLOWED = 1e-9
"""How far from the law log-odds may be that follow it: room for rounding, far below any effect."""


@dataclass(frozen=True)
class Rounds:
    """One mode with target 1, taught in rounds.

    Attributes
    ----------
    gains, label_weights : tuples
        Of one round after the other, over and over again; the first gain is the teacher's, too.
    rounds : int
    continued : bool
        Every round starts where the previous one ended, not at zero.
    hardened : bool
        What a round hands on is the sign of its output.
    """

    gains: tuple[float, ...]
    label_weights: tuple[float, ...]
    rounds: int = 200
    continued: bool = False
    hardened: bool = False

    @property
    def path(self) -> list[float]:
        """Outputs of the teacher and of all rounds."""
        outputs = [self.gains[0]]
        for number in range(self.rounds):
            gain = self.gains[number % len(self.gains)]
            weight = self.label_weights[number % len(self.label_weights)]
            taught = float(np.sign(outputs[-1])) if self.hardened else outputs[-1]
            start = outputs[-1] if self.continued else 0.0
            outputs.append(start + gain * (weight + (1.0 - weight) * taught - start))
        return outputs


def law_margin(case: Rounds) -> Margin:
    """How far the last output's log-odds are from the first gain's plus the log of the first label weight."""
    last, gain = case.path[-1], case.gains[0]
    shift = np.log(last / (1.0 - last)) - np.log(gain / (1.0 - gain))
    return Margin(odds=ALLOWED - np.abs(shift - np.log(case.label_weights[0])))


def approach_margin(case: Rounds) -> Margin:
    """Log of the factor by which all rounds together have come closer to the limit."""
    gain, weight, path = case.gains[0], case.label_weights[0], case.path
    limit = weight * gain / (1.0 - (1.0 - weight) * gain)
    return Margin(approach=np.log(np.abs(path[0] - limit) / np.abs(path[-1] - limit)))
