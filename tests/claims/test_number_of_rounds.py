"""C3d: what is special about the number of rounds."""

from typing import Any

import numpy as np
import pytest

from kdtheory import _located
from kdtheory.distillation import constrained_rounds


def counted(eigenvalues: Any, squares: Any, ratio: float) -> int:
    y = np.sqrt(squares)
    return int(constrained_rounds(eigenvalues, y, np.sum(squares) / ratio**2 / len(y)).rounds)


@pytest.mark.parametrize(("ratio", "rounds"), [(5.0, 4), (4.5, 4), (2.0, 1), (1.2, 1)])
def test_equal_eigenvalues_attain_the_lower_bound(ratio: float, rounds: int):
    assert counted(np.full(7, 3.0), np.arange(1.0, 8.0), ratio) == rounds == np.ceil(ratio - 1)


@pytest.mark.parametrize("modes", [4, 9, 16, 25])
def test_separated_eigenvalues_attain_the_upper_bound(modes: int):
    lam, ratio = 1e-140 * 1e12 ** np.arange(modes), np.sqrt(modes * 1.001)
    assert counted(lam, np.ones(modes), ratio) == modes == np.ceil(ratio**2) - 1


def test_25_separated_modes_at_the_ratio_5_itself_have_21_rounds():
    assert counted(1e-140 * 1e12 ** np.arange(25), np.ones(25), 5.0) == 21


def test_the_bounds_hold_on_four_hundred_wide_problems_of_many_modes():
    rng = np.random.default_rng(1)
    for _ in range(400):
        modes, ratio = int(rng.integers(1, 40)), 1 + rng.uniform(0.01, 7)
        lam, squares = 10 ** rng.uniform(-4, 4, modes), 10 ** rng.uniform(-4, 4, modes)
        assert ratio - 1 <= counted(lam, squares, ratio) < ratio**2


def test_the_derivation_does_not_verify_a_wrong_count(monkeypatch: pytest.MonkeyPatch):
    module = _located.load("derivations", "number-of-rounds")
    right = module.rounds_of
    monkeypatch.setattr(module, "rounds_of", lambda *given: right(*given) - 1)
    assert [step.name for step in module.prove().steps if not step.verified] == ["Separated eigenvalues"]
