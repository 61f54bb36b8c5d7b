"""How papers on self-distillation write the weight of the teacher, the penalty and time.

Only what is stated here is claimed: where a paper's own normalization of the loss was not at hand, the docstring says
for which loss the conversion holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from kdtheory.validation import count, number


class PenaltyAndMixing(NamedTuple):
    """``penalty`` of `Ridge` and ``mixing`` of `self_distillation`: one weight, or one per round."""

    penalty: float
    mixing: float | list[float]


def from_borup(alpha: float, penalty: float) -> PenaltyAndMixing:
    """Borup & Andersen 2021 (``borup2021``): ``alpha`` is the weight of the *labels*; lambda is the penalty as it is.

    Their fits minimize ``alpha |f - labels|^2 + (1 - alpha) |f - teacher|^2 + lambda |f|^2``; ``alpha = 0`` is pure
    distillation, ``alpha = 1`` none. Their step 1 is the teacher: n steps are ``rounds=n - 1``.

    >>> from_borup(alpha=0.25, penalty=0.2)
    PenaltyAndMixing(penalty=0.2, mixing=0.75)
    """
    return PenaltyAndMixing(number("penalty", penalty, at_least=0.0), 1.0 - number("alpha", alpha))


def to_borup(penalty: float, mixing: float) -> tuple[float, float]:
    """``alpha`` and ``lambda`` of Borup & Andersen 2021, the inverse of `from_borup`.

    >>> to_borup(penalty=0.2, mixing=0.75)
    (0.25, 0.2)
    """
    return 1.0 - number("mixing", mixing), number("penalty", penalty, at_least=0.0)


def from_das(xi: float, penalty: float) -> PenaltyAndMixing:
    """Das & Sanghavi 2023 (``das2023``): ``xi`` is the weight of the *teacher*, and may be above 1.

    The penalty is that of one half of the summed squares; a penalty beside a mean is first multiplied by the number of
    samples (`penalty_of_mean_loss`).

    >>> from_das(xi=1.5, penalty=1.0)
    PenaltyAndMixing(penalty=1.0, mixing=1.5)
    """
    return PenaltyAndMixing(number("penalty", penalty, at_least=0.0), number("xi", xi))


def to_das(penalty: float, mixing: float) -> tuple[float, float]:
    """``xi`` and the penalty of Das & Sanghavi 2023, the inverse of `from_das`.

    >>> to_das(penalty=1.0, mixing=1.5)
    (1.5, 1.0)
    """
    return number("mixing", mixing), number("penalty", penalty, at_least=0.0)


def from_pareek(xi: Sequence[float], penalty: float) -> PenaltyAndMixing:
    """Pareek, Du & Oh 2024 (``pareek2024``): one ``xi`` per step, each the weight of the fit before; any real number.

    Use with ``rounds=len(xi)``. The penalty is that of one half of the summed squares, as in `from_das`.

    >>> from_pareek([0.5, 2.0], penalty=1.0)
    PenaltyAndMixing(penalty=1.0, mixing=[0.5, 2.0])
    """
    return PenaltyAndMixing(number("penalty", penalty, at_least=0.0), [number("xi", weight) for weight in xi])


def to_pareek(penalty: float, mixing: Sequence[float]) -> tuple[list[float], float]:
    """The ``xi`` of each step and the penalty of Pareek, Du & Oh 2024, the inverse of `from_pareek`.

    >>> to_pareek(penalty=1.0, mixing=[0.5, 2.0])
    ([0.5, 2.0], 1.0)
    """
    return [number("mixing", weight) for weight in mixing], number("penalty", penalty, at_least=0.0)


def time_of_phuong(time: float, samples: int) -> float:
    """Gradient-flow time of one logit and a mean loss, as in Phuong & Lampert 2019 (``phuong2019``).

    Their two-class student has one logit, ``softmax`` of which with 0 are the probabilities; here it has two outputs,
    whose difference is that logit and moves twice as fast. Beside a loss that is a mean over samples, what takes
    ``time`` here takes ``2 * samples * time`` there (beside a sum, ``2 * time``).

    >>> time_of_phuong(0.5, samples=100)
    100.0
    """
    return 2 * number("time", time, at_least=0.0) * count("samples", samples, at_least=1)
