"""Claims by id: found by listing the package, or made by the decorator."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import kdtheory as kd
from kdtheory.claims import Counterexample, _registry
from kdtheory.errors import InvalidArgument, UnknownName
from kdtheory.testing import Margin, TwoModes


def holds(case: TwoModes) -> Margin:
    """Smaller eigenvalues are smaller."""
    return Margin(1 - np.asarray(case.ratio))


def test_every_built_in_claim_has_its_file_its_derivation_and_a_test_of_its_id():
    root = Path(__file__).parents[3]
    for name in _registry._built_in():
        module = name.replace("-", "_")
        assert kd.claims.get(name).id == name
        assert (root / "kdtheory" / "claims" / f"{module}.py").is_file()
        assert (root / "derivations" / f"{module}.py").is_file()
        assert (root / "tests" / "claims" / f"test_{module}.py").is_file()


def test_a_new_file_in_the_folder_is_a_new_claim(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    source = (
        "from kdtheory.claims import claim\nfrom kdtheory.testing import Margin, TwoModes\n"
        "@claim(id='new-law', title='New')\ndef new_law(case: TwoModes) -> Margin:\n    return Margin(case.ratio)\n"
    )
    (tmp_path / "new_law.py").write_text(source)
    (tmp_path / "_private.py").write_text("1 / 0")
    monkeypatch.setattr(_registry, "_FOLDER", tmp_path)
    monkeypatch.setattr(kd.claims, "__path__", [*kd.claims.__path__, str(tmp_path)])
    monkeypatch.delitem(sys.modules, "kdtheory.claims.new_law", raising=False)
    assert "new-law" in kd.claims.names()
    assert kd.claims.get("new-law").title == "New"
    sys.modules.pop("kdtheory.claims.new_law")


def test_a_file_whose_claim_has_another_id_is_refused_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "misnamed.py").touch()
    monkeypatch.setattr(_registry, "_FOLDER", tmp_path)
    monkeypatch.setattr(kd.claims, "__path__", [*kd.claims.__path__, str(tmp_path)])
    with pytest.raises(InvalidArgument) as caught:
        kd.claims.get("misnamed")
    sys.modules.pop("kdtheory.claims.misnamed")
    assert str(caught.value) == (
        "claims/misnamed.py: expected a claim with the id 'misnamed', got none; give claim and file the same name"
    )


def test_an_unknown_id_lists_the_ids_there_are():
    with pytest.raises(UnknownName) as caught:
        kd.claims.get("exagerated-bias")
    known = ", ".join(kd.claims.names())
    assert str(caught.value) == (f"claim: expected one of {known}, got 'exagerated-bias'; see kdtheory claims list")
    assert "exaggerated-bias" in known


def test_the_decorator_registers_and_returns_a_claim_that_runs():
    claim = kd.claims.claim(id="mine", title="Mine", source="my draft, lemma 3")(holds)
    assert kd.claims.get("mine") is claim
    assert (claim.words, claim.source, claim.case) == (
        "Smaller eigenvalues are smaller.",
        "my draft, lemma 3",
        TwoModes,
    )
    assert claim(TwoModes(0.0, 0.25, 1.0, 1.0)).smallest == 0.75
    assert repr(claim) == "Claim('mine': Mine)"


def test_a_cell_that_is_run_twice_replaces_its_claim_and_nothing_else_may():
    first = kd.claims.claim(id="mine", title="First")(holds)
    second = kd.claims.claim(id="mine", title="Second")(holds)
    assert first is not second
    assert kd.claims.get("mine").title == "Second"

    def other(case: TwoModes) -> Margin:
        return Margin(case.ratio)

    for taken in ("mine", "exaggerated-bias"):
        with pytest.raises(InvalidArgument) as caught:
            kd.claims.claim(id=taken, title="Third")(other)
        assert str(caught.value) == f"id: expected an id that is not taken, got {taken!r}; choose another id"


def no_annotation(case):  # type: ignore[no-untyped-def]
    return Margin(case.ratio)


def two_arguments(case: TwoModes, other: TwoModes) -> Margin:
    return Margin(case.ratio - other.ratio)


def wrong_annotation(case: int) -> Margin:
    return Margin(case)


def unknown_annotation(case: "Nowhere") -> Margin:  # type: ignore[name-defined]  # noqa: F821
    return Margin(case.ratio)


FIX = "write def check(case: kd.testing.TwoModes) -> kd.testing.Margin"
EXPECTED = "mine: expected a function of one argument, annotated with a case class"


@pytest.mark.parametrize(
    ("check", "got"),
    [
        (no_annotation, "no annotation of 'case'"),
        (two_arguments, "2 arguments"),
        (wrong_annotation, "int, which has no draw()"),
        (unknown_annotation, "NameError: name 'Nowhere' is not defined"),
        (3, "TypeError: 3 is not a callable object"),
    ],
)
def test_a_check_that_does_not_say_what_it_takes_is_refused_in_one_line(check: Any, got: str):
    with pytest.raises(InvalidArgument) as caught:
        kd.claims.claim(id="mine", title="Mine")(check)
    assert str(caught.value) == f"{EXPECTED}, got {got}; {FIX}"


@pytest.mark.parametrize("id", ["", "Mine", "my claim", "-mine", "../mine", 3])
def test_an_id_that_is_no_id_is_refused_in_one_line(id: Any):
    with pytest.raises(InvalidArgument) as caught:
        kd.claims.claim(id=id, title="Mine")
    assert str(caught.value) == (
        f"id: expected lower-case words joined by hyphens, got {id!r}; write it like 'exaggerated-bias'"
    )


def test_a_counterexample_must_violate_an_assumption_of_its_claim():
    case = TwoModes(0.0, 0.5, 1.0, 1.0)
    example = Counterexample("odd", violates="even", words="", case=case, restored=case, margin=-1.0)
    with pytest.raises(InvalidArgument) as caught:
        kd.claims.claim(id="mine", title="Mine", assumptions={"prime": "p."}, counterexamples=[example])(holds)
    assert str(caught.value) == (
        "counterexample 'odd': expected one of 'prime', got 'even'; name the one assumption that it violates"
    )


def test_the_registry_starts_without_anything_heavy():
    heavy = "hypothesis", "sympy", "mpmath", "jax", "torch", "matplotlib", "scipy.optimize"
    program = (
        "import sys, kdtheory.claims\nkdtheory.claims.get('exaggerated-bias').title\nkdtheory.claims.evidence('nowhere')\n"
        f"print([name for name in {heavy} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
