"""Questions asked afterwards: sums of stored numbers, judged by the rule of predictions."""

import json

import numpy as np
import pytest

from kdtheory import experiments
from kdtheory.errors import InvalidArgument
from kdtheory.experiments.statistics import interval
from tests.unit.experiments.repositories import repository


@pytest.fixture
def asked(tmp_path):
    """A finished tiny study, and what it says to a question."""
    path = repository(tmp_path / "r")
    study = experiments.study(str(path))

    def answer(**given):
        row = {"study": "tiny", "words": "It is.", "plus": ["gain"], "direction": "above", **given}
        (path.parent / "afterthoughts.json").write_text(json.dumps([row]))
        return experiments.afterthoughts(study)

    return answer, lambda: experiments.run(str(path), cache=tmp_path / "cache")


def test_a_study_without_results_has_no_answers(asked):
    answer, run = asked
    assert answer() == []
    run()
    assert answer()[0].counts == {"for": 2, "against": 0, "open": 1}


def test_sums_and_differences_are_taken_seed_by_seed(asked):
    answer, run = asked
    summary = run()
    said = answer(plus=["gain", "gain"], minus=["part"], where={"kind": "yes"})[0]
    for row, cell in zip(said.rows, summary["cells"][:2], strict=True):
        gain, part = (np.array(cell["numbers"][name]) for name in ("gain", "part"))
        expected = interval(2 * gain - part)
        assert [row[end] for end in ("mean", "low", "high")] == pytest.approx(
            [expected.mean, expected.low, expected.high], rel=1e-5
        )
    assert said.extremes == (said.rows[0]["mean"], said.rows[1]["mean"])


def test_threshold_and_direction_turn_the_answer(asked):
    answer, run = asked
    run()
    assert answer(threshold=1.5, where={"kind": "yes"})[0].counts == {"for": 1, "against": 1, "open": 0}
    assert answer(threshold=-9.0, direction="below")[0].counts == {"for": 0, "against": 3, "open": 0}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"study": "other"}, "afterthoughts.json: expected a registered study, got 'other'; mend the question"),
        (
            {"study": "afterthoughts"},  # a JSON file beside it, and no study
            "afterthoughts.json: expected a registered study, got 'afterthoughts'; mend the question",
        ),
        ({"minus": ["loss"]}, "afterthoughts.json: expected a number of tiny, got 'loss'; mend the question"),
        (
            {"where": {"kind": "yes"}},
            "afterthoughts.json: expected what tiny has not registered, got its prediction 'large'; mend the question",
        ),
    ],
)
def test_what_is_not_there_is_one_line(asked, given, message):
    answer, run = asked
    run()
    with pytest.raises(InvalidArgument) as raised:
        answer(**given)
    assert str(raised.value) == message


def test_nobody_asks_a_study_without_that_file(tmp_path):
    path = repository(tmp_path / "r")
    experiments.run(str(path), cache=tmp_path / "cache")
    assert experiments.afterthoughts(experiments.study(str(path))) == []


def test_a_question_to_a_study_beside_it_is_not_asked_of_this_one(asked, tmp_path):
    answer, run = asked
    run()
    for kind in ("json", "py"):
        (next(tmp_path.rglob("tiny.json")).parent / f"an_other.{kind}").write_text("{}")
    assert answer(study="an-other") == []


def test_all_questions_that_come_with_kdtheory_can_be_answered():
    answers = [said for name in experiments.names() for said in experiments.afterthoughts(experiments.study(name))]
    assert len({(said.study, said.words) for said in answers}) == len(answers) > 10
    assert all(sum(said.counts.values()) == len(said.rows) > 0 for said in answers)
