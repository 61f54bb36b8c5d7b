"""C3a: what is special about the sharpening of rounds."""

import numpy as np
import pytest

import kdtheory as kd
from kdtheory import _located
from kdtheory.claims.rounds_sharpen_geometrically import literally


def test_literal_rounds_are_those_of_kd_solve():
    task, run = kd.tasks.from_spectrum([4.0, 1.0], coefficients=[1.0, 1.0], seed=0), kd.Ridge(2.0)
    solved = kd.solve(kd.self_distillation(run, run, rounds=4), kd.LinearModel(), task)
    gains = solved["student_4"].gains
    assert np.log(gains[0] / gains[1]) == pytest.approx(literally(run.gain([4.0, 1.0])[None], 5.0)[0], rel=1e-12)


def test_the_derivation_does_not_verify_a_wrong_formula(monkeypatch: pytest.MonkeyPatch):
    module = _located.load("derivations", "rounds-sharpen-geometrically")
    monkeypatch.setattr(module, "after", lambda g, y, m: g ** (m + 1) * y)
    assert "One more round" in {step.name for step in module.prove().steps if not step.verified}
