"""C2h: what is special about many stages."""

from typing import Any

import numpy as np
import pytest

import kdtheory as kd
from kdtheory import _located
from kdtheory.claims.many_stages_lag_more import FAMILIES, Stages, margins
from kdtheory.claims.many_stages_lag_more import Formulas as Right


def test_the_members_have_the_depths_they_are_made_for():
    depth = np.geomspace(1e-6, 10.0, 9)
    for name, family in FAMILIES.items():
        np.testing.assert_allclose(family(depth, 3.0).gain(1.0), np.exp(-depth), rtol=1e-12, err_msg=name)


def test_three_stages_of_gradient_flow_are_those_of_kd_solve():
    gains = (0.9, 0.6, 0.8)
    case = Stages(0.25, 3, 1, *-np.log([*gains, 0.5, 0.5, 0.5]))
    task, model = kd.tasks.from_spectrum([1.0, 0.25], coefficients=[1.0, 1.0], seed=0), kd.LinearModel()
    runs = [kd.GradientFlow(-np.log1p(-gain)) for gain in gains]
    names = ("teacher", "student", "student_2")
    targets = (kd.labels, kd.output_of("teacher"), kd.output_of("student"))
    reference = kd.Fit(kd.Phase(kd.labels, kd.GradientFlow(-np.log1p(-np.prod(gains)))))
    fits = {n: kd.Fit(kd.Phase(t, run)) for n, t, run in zip(names, targets, runs, strict=True)}
    solved = kd.solve(kd.Recipe(**fits, reference=reference), model, task)
    last, once = solved["student_2"].gains, solved["reference"].gains
    assert last[0] == pytest.approx(once[0], rel=1e-12)
    lag = float(margins(case, Right()).parts["flow_lags"]) * -np.log(once[1])
    assert lag == pytest.approx(np.log(once[1] / last[1]), rel=1e-12)


@pytest.mark.parametrize(
    ("name", "wrong", "broken"),
    [
        ("E_flow", lambda u: -(1 - u) * _located.load("derivations", "many-stages-lag-more").sp.log(1 - u),
         "The lower bound, two stages"),
        ("depth_of_ridge", lambda x: x, "The limit of ridge"),
        ("depth_of_flow", lambda x: 2 * x, "Gradient flow loses lower modes altogether"),
    ],
)  # fmt: skip
def test_the_derivation_does_not_verify_a_wrong_formula(
    monkeypatch: pytest.MonkeyPatch, name: str, wrong: Any, broken: str
):
    module = _located.load("derivations", "many-stages-lag-more")
    monkeypatch.setattr(module, name, wrong)
    assert broken in {step.name for step in module.prove().steps if not step.verified}
