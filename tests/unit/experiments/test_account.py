"""Sentences about distillation: each is tested by registered predictions, and judged by their verdicts."""

import json

import pytest

from kdtheory import _located, experiments
from kdtheory.errors import InvalidArgument
from kdtheory.experiments import Statement
from tests.unit.experiments.repositories import repository

STUDIES = [experiments.study(name) for name in experiments.names()]


def test_every_sentence_is_about_predictions_that_are_registered():
    said = experiments.account(STUDIES).statements
    assert {one.account for one in said} == {"the paper's", "the theory's", "the rival"}
    assert len({one.says for one in said}) == len(said) > 10


@pytest.mark.parametrize(
    ("words", "verdict"),
    [
        ([], "not run"),
        (["supported"], "supported"),
        (["supported", "open"], "open"),
        (["open", "contradicted"], "contradicted"),
        (["supported", "contradicted"], "contradicted"),
    ],
)
def test_a_sentence_is_as_good_as_its_weakest_prediction(words, verdict):
    assert Statement("the paper's", "x", {}, {str(i): word for i, word in enumerate(words)}).verdict == verdict


@pytest.fixture
def tiny(tmp_path, monkeypatch):
    path = repository(tmp_path / "r")
    monkeypatch.setattr(_located, "folder", lambda kind: path.parent)

    def judged(**tested_by):
        row = {"account": "the paper's", "says": "It is large.", "tested_by": tested_by}
        (path.parent / "account.json").write_text(json.dumps({"note": "", "statements": [row]}))
        return experiments.account([experiments.study(str(path))]).statements[0]

    return path, judged


def test_verdicts_are_those_of_the_summary(tiny, tmp_path):
    path, judged = tiny
    assert judged(tiny=["large"]).verdict == "not run"
    experiments.run(str(path), cache=tmp_path / "cache")
    assert judged(tiny=["large"]).verdicts == {"tiny: large": "supported"}
    assert [judged(tiny=[name]).verdict for name in ("small", "nothing")] == ["contradicted", "open"]


@pytest.mark.parametrize("tested_by", [{"other": ["large"]}, {"tiny": ["larger"]}])
def test_what_is_not_registered_is_one_line(tiny, tested_by):
    with pytest.raises(InvalidArgument, match=r"account\.json: expected a (registered study|prediction of tiny), got"):
        tiny[1](**tested_by)
