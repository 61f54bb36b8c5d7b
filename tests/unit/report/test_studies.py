"""The section about studies: what was found, with its age; what was not run, and what changed since."""

import importlib.util
import re
from datetime import UTC, datetime, timedelta

import pytest

from kdtheory import experiments
from kdtheory.report import figure_names, studies
from kdtheory.report.studies import section, verdict
from tests.unit.experiments.repositories import repository


@pytest.fixture
def tiny(tmp_path):
    return repository(tmp_path / "r", title="<b>Tiny</b>")


def shown(path, **when):
    return section([experiments.study(str(path))], **when)


def test_a_study_that_was_not_run_says_how_to_run_it(tiny):
    page = shown(tiny)
    assert "not run yet" in page
    assert "kdtheory experiments run tiny" in page
    assert "<img" not in page


def test_the_verdict_comes_first_then_the_picture_then_the_table(tiny, tmp_path):
    summary = experiments.run(str(tiny), cache=tmp_path / "cache")
    page = shown(tiny)
    said = "1 of 3 predictions supported (large); 1 contradicted (small); 1 open (nothing)."
    assert verdict(summary) == said
    places = [page.index(words) for words in (said, "<img", "<table", summary["commit"][:10])]
    assert places == sorted(places)
    assert "refused: the gain is" in page


def test_words_are_escaped(tiny):
    assert "&lt;b&gt;Tiny&lt;/b&gt;" in shown(tiny)


@pytest.mark.parametrize(("days", "words"), [(0, "today"), (1, "1 day ago"), (40, "40 days ago")])
def test_its_age_is_told(tiny, tmp_path, days, words):
    experiments.run(str(tiny), cache=tmp_path / "cache")
    assert f"({words})" in shown(tiny, now=datetime.now(UTC) + timedelta(days=days, minutes=1))


def test_a_registration_that_changed_since_is_told(tiny, tmp_path):
    experiments.run(str(tiny), cache=tmp_path / "cache")
    assert "has changed since" not in shown(tiny)
    tiny.write_text(tiny.read_text() + "\n")
    assert "has changed since" in shown(tiny)


def test_every_row_of_the_table_counts_its_cells(tiny, tmp_path):
    experiments.run(str(tiny), cache=tmp_path / "cache")
    numbers = re.findall(r'<td class="number">([^<]*)</td>', shown(tiny))
    assert numbers[:4] == ["2", "0", "0", "2 of 2"]


def test_without_studies_there_is_no_section():
    assert section([]) == ""


@pytest.fixture(scope="module")
def everything():
    """The section with all studies; their pictures, which other tests draw, are left blank."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(studies, "picture", lambda figure, kind: b"")
        patched.setattr(studies, "_draw", lambda summary: None)
        return section()


def test_studies_stand_under_their_observation_and_each_once(everything):
    known = [experiments.study(name) for name in experiments.names()]
    account = experiments.account(known)
    order = [name for observation in account.observations for name in observation.studies]
    assert sorted(order) == sorted(experiments.names())
    assert re.findall(r'<article id="study-([^"]*)"', everything) == order
    for observation in account.observations:
        after = everything.index(observation.title.replace("'", "&#39;"))
        assert after < everything.index(f'id="study-{observation.studies[0]}"')
        assert set(observation.figures) <= set(figure_names())


def test_an_observation_begins_with_the_verdicts_on_the_sentences_that_its_studies_test(everything):
    account = experiments.account([experiments.study(name) for name in experiments.names()])
    (said,) = (one for one in account.statements if set(one.tested_by) == {"t2-gradient-noise"})
    under = everything[everything.index('title">T2: noise of gradients') :]
    found = re.search(r"<li>(.*)</li>", under)
    words = said.says.replace("'", "&#39;")
    assert found[1] == f'<span class="mark good">{said.verdict}</span> {words} <small>(the paper&#39;s)</small>'
    assert under.index("<li>") < under.index("<article")


def test_a_study_that_no_observation_names_comes_last(monkeypatch):
    less = experiments.Account("", (), [experiments.Observation("First", ["t2-gradient-noise"])])
    monkeypatch.setattr(experiments, "account", lambda studies: less)
    monkeypatch.setattr(experiments, "names", lambda: ("o3-eigendirections", "t2-gradient-noise"))
    monkeypatch.setattr(experiments, "stored", lambda study: None)
    page = section()
    places = [page.index(words) for words in (">First</h3>", "study-t2-g", ">Further studies</h3>", "study-o3-e")]
    assert places == sorted(places)


def test_without_statsmodels_the_section_says_what_it_leaves_out(monkeypatch):
    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *rest: None if name == "statsmodels" else found(name, *rest)
    )
    page = section([experiments.study("t2-gradient-noise")])
    assert "Left out: the power of verdicts" in page
    assert "pip install &#39;kdtheory[networks]&#39;" in page
    assert page.count("<article") == 1


def test_later_questions_stand_under_their_study_apart_from_its_predictions(everything):
    own = everything[everything.index('id="study-o4-low-directions"') :]
    own = own[: own.index("</article>")]
    assert own.index("Predictions, and how many") < own.index("Not registered: sentences")
    assert "The student of the whole teacher tests better than the one-hot control." in own
    assert own.count("Not registered") == 1
