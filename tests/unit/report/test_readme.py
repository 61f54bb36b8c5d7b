"""The README's table of claims: written from evidence, and stale as soon as the evidence is another."""

from dataclasses import replace

import pytest

import kdtheory as kd
from kdtheory.report.readme import BEGIN, END, main, table

ID = "mixing-odds-law"


@pytest.fixture(scope="module")
def found():
    return kd.claims.check(ID, examples=200, shrinking=0, levels=["derived", "tested"])


@pytest.fixture
def readme(tmp_path, found):
    found.save(tmp_path / "evidence")
    file = tmp_path / "README.md"
    file.write_text(f"before\n{BEGIN}\nstale row\n{END}\nafter\n")
    return file


def run(file, *options):
    return main([str(file), "--evidence", str(file.parent / "evidence"), *options])


def test_it_is_written_between_the_marks_and_then_up_to_date(readme, capsys):
    assert run(readme, "--check") == 1
    assert "stale" in capsys.readouterr().out
    assert readme.read_text().startswith(f"before\n{BEGIN}\nstale row")
    assert run(readme) == 0
    text = readme.read_text()
    assert text.startswith(f"before\n{BEGIN}\n| claim")
    assert text.endswith(f"{END}\nafter\n")
    assert "stale row" not in text
    assert run(readme, "--check") == 0


def test_other_evidence_makes_it_stale(readme, found):
    run(readme)
    broken = replace(found.tested, mutants=found.tested.mutants[1:])
    replace(found, tested=broken).save(readme.parent / "evidence")
    assert run(readme, "--check") == 1


def test_a_row_links_to_code_derivation_and_figure_and_tells_the_counts(found, tmp_path):
    root = kd.claims.places(kd.claims.get(ID))["code"].parents[2]
    claim = kd.claims.get(ID)
    (row,) = (line for line in table({ID: found}, root).splitlines() if claim.title in line)
    assert f"[{claim.title}](kdtheory/claims/mixing_odds_law.py)" in row
    assert "[derived](derivations/mixing_odds_law.py) (13 of 13 steps), 200 draws" in row
    assert f"{len(claim.counterexamples)} of {len(claim.counterexamples)} counterexamples" in row
    assert "(figures/mixing_odds_law.py)" in row
    assert "simulated" not in row


def test_what_failed_is_said(found, tmp_path):
    failed = replace(found, tested=replace(found.tested, failures=3))
    assert "200 draws **FAILED**" in table({ID: failed}, tmp_path)
    assert "not checked" in table({}, tmp_path)


def test_a_readme_without_marks_is_one_clear_line(tmp_path):
    file = tmp_path / "README.md"
    file.write_text("nothing")
    with pytest.raises(kd.errors.DataUnavailable, match="put both marks"):
        main([str(file)])
