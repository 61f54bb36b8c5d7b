"""C14.10: earlier findings as lines of one calculus of gains."""

from dataclasses import fields, replace

import numpy as np
import pytest

import kdtheory as kd
from kdtheory import _located
from kdtheory.claims.earlier_findings import COUNTEREXAMPLES, Deviating, Formulas, Taught, deviating_margin, margins
from kdtheory.procedures import InfiniteRounds

CASES = Taught.draw(np.random.default_rng(12), 300)


@pytest.mark.parametrize("name", [field.name for field in fields(Formulas)])
def test_a_relative_error_of_1e_9_in_any_line_is_caught(name: str):
    right = getattr(Formulas(), name)
    wrong = replace(Formulas(), **{name: lambda *given: right(*given) * (1 + 1e-9)})
    assert margins(CASES, Formulas()).held.all()
    assert not margins(CASES, wrong).held.all()


def test_each_deviation_breaks_its_finding_and_no_other():
    broken = {
        item.name: {name for name, part in deviating_margin(item.case).parts.items() if float(part) <= 0}
        for item in COUNTEREXAMPLES
    }
    assert broken == {
        "another-start": {"converged", "unfaithful"},
        "another-kernel": {"rounds"},
        "hardened-outputs": {"dampened"},
        "uncentred-labels": {"smoothed"},
        "noise-alike": {"noise"},
        "teacher-out-of-reach": {"reduced"},
    }
    assert deviating_margin(Deviating()).smallest > 0


def test_the_toolkits_recipes_give_the_same_lines_on_digits():
    """Rounds, dampening, fidelity and early stopping through `solve`, on real modes."""
    task, model = kd.tasks.digits(train=40, seed=1), kd.KernelModel(kd.kernels.NTK(depth=2))
    spectrum = model.spectrum(task)
    ridge, flow = kd.Ridge(spectrum.eigenvalues[3]), kd.GradientFlow(spectrum.time_at(gain=0.9, mode=5))
    g = ridge.gain(spectrum.eigenvalues)

    rounds = kd.solve(kd.self_distillation(ridge, ridge, rounds=2), model, task)["student_2"]
    np.testing.assert_allclose(rounds.gains, Formulas().rounds([g, g, g]), rtol=1e-12)
    limit = InfiniteRounds(ridge, mixing=0.7).gain(spectrum.eigenvalues)
    np.testing.assert_allclose(limit, Formulas().dampened(g, ridge.residual(spectrum.eigenvalues), 0.3), rtol=1e-12)

    solved = kd.solve(kd.self_distillation(flow, flow), model, task)
    missed = spectrum.coefficients(solved["teacher"].train - solved["student"].train)
    labels = spectrum.coefficients(task.targets)
    line = Formulas().unfaithful(flow.gain(spectrum.eigenvalues), flow.residual(spectrum.eigenvalues))
    np.testing.assert_allclose(missed, line[:, None] * labels, atol=1e-11)


@pytest.mark.parametrize(
    ("name", "wrong", "broken"),
    [
        ("ridge", lambda m: lambda c: c / (m.lam + c), {"Rounds amplify regularization", "Labels dampen it"}),
        ("trained", lambda m: lambda gain, target: gain**2 * target, {"A student multiplies", "Early-stopped rounds"}),
        ("K", lambda m: 4, set()),
    ],
)
def test_the_derivation_does_not_verify_a_wrong_formula(monkeypatch, name, wrong, broken):
    module = _located.load("derivations", "earlier-findings")
    monkeypatch.setattr(module, name, wrong(module))
    failed = {step.name for step in module.prove().steps if not step.verified}
    assert broken <= failed
    assert failed if broken else not failed
