"""C14.13: noise on logits."""

import pytest

from kdtheory import _located


@pytest.mark.parametrize(
    ("name", "wrong", "broken"),
    [
        ("sigma", lambda m: lambda z: 1 / (1 + m.sp.exp(z)), {"Stationarity", "A pair", "The probit approximation"}),
        ("pair", lambda m: lambda b: m.sigma(m.m + b), {"A pair"}),
        ("concave", lambda m: lambda: (1 + m.t**2) * m.sp.atanh(m.t), {"The function is concave"}),
    ],
)
def test_the_derivation_does_not_verify_a_wrong_formula(monkeypatch, name, wrong, broken):
    module = _located.load("derivations", "logit-noise")
    monkeypatch.setattr(module, name, wrong(module))
    assert broken <= {step.name for step in module.prove().steps if not step.verified}
