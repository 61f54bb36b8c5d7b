"""A verdict follows from the numbers by the rule that was registered."""

import numpy as np
import pytest

from kdtheory import experiments
from kdtheory.errors import DataUnavailable, InvalidArgument
from kdtheory.experiments import Prediction, judged
from tests.unit.experiments.repositories import REGISTRATION, repository

SPREAD = np.array([-1.0, 1.0, 0.5, -0.5, 0.0])


def cell(name, mean, spread=0.1):
    return {"cell": {"name": name}, "numbers": {"gain": (mean + spread * SPREAD).tolist()}}


def one(cells, **given):
    return judged([Prediction("it", "w", "gain", **{"direction": "above", **given})], cells)[0]


def test_a_tiny_study_gets_the_verdicts_that_its_means_deserve(tmp_path):
    found = experiments.run(str(repository(tmp_path / "r")), cache=tmp_path / "cache")
    assert {said["id"]: said["verdict"] for said in found["predictions"]} == {
        "large": "supported", "small": "contradicted", "nothing": "open",
    }  # fmt: skip
    assert [row["cell"] for row in found["predictions"][0]["rows"]] == ["one", "two"]
    ratios = {row["cell"]: row for row in found["ratios"]}
    assert ratios["two"]["ratio"] == pytest.approx(0.5, abs=0.1)
    assert ratios["none"]["ratio"] is None
    assert "contains 0" in ratios["none"]["reason"]


@pytest.mark.parametrize(
    ("means", "needed", "verdict"),
    [
        ([1.0, 1.0], 1.0, "supported"),
        ([1.0, 0.0], 1.0, "open"),
        ([1.0, 0.0], 0.5, "supported"),
        ([1.0, -1.0], 1.0, "contradicted"),
        ([1.0, -1.0], 0.5, "supported"),
        ([0.0, -1.0], 0.5, "open"),
        ([-1.0, -1.0], 0.5, "contradicted"),
        ([0.0, 0.0], 1.0, "open"),
        ([1.0, 1.0, 0.0], 2 / 3, "supported"),
        ([1.0, -1.0, -1.0], 2 / 3, "contradicted"),
    ],
)
def test_support_needs_enough_cells_and_contradiction_so_many_that_nothing_can_save_it(means, needed, verdict):
    cells = [cell(str(place), mean) for place, mean in enumerate(means)]
    assert one(cells, needed=needed)["verdict"] == verdict
    mirrored = [cell(str(place), -mean) for place, mean in enumerate(means)]
    assert one(mirrored, needed=needed, direction="below")["verdict"] == verdict


@pytest.mark.parametrize(("threshold", "verdict"), [(0.0, "supported"), (1.0, "open"), (2.0, "contradicted")])
def test_the_threshold_is_what_the_mean_is_compared_with(threshold, verdict):
    assert one([cell("a", 1.0)], threshold=threshold)["verdict"] == verdict


def test_a_mean_exactly_at_the_threshold_is_open():
    assert one([cell("a", 0.5, spread=0.0)], threshold=0.5)["verdict"] == "open"


def test_families_are_corrected_together_and_by_themselves():
    # One cell alone is just significant; beside nine others of its family it is not.
    cells = [cell(str(place), 0.11, spread=0.1) for place in range(10)]
    alone = one(cells[:1])
    assert alone["rows"][0]["p"] == alone["rows"][0]["p_corrected"] < 0.05
    together = one(cells)
    assert together["rows"][0]["p_corrected"] == pytest.approx(10 * alone["rows"][0]["p"], rel=1e-6)
    assert together["verdict"] == "open"
    assert together["rows"][0]["detectable"] > alone["rows"][0]["detectable"]
    own = [
        Prediction(f"p{place}", "w", "gain", "above", where={"name": str(place)}, family=str(place))
        for place in range(10)
    ]
    assert {said["verdict"] for said in judged(own, cells)} == {"supported"}


def test_a_prediction_of_no_cell_or_no_number_is_refused():
    with pytest.raises(InvalidArgument, match="it: expected cells to speak of, got none with {'name': 'b'}"):
        one([cell("a", 1.0)], where={"name": "b"})
    with pytest.raises(InvalidArgument, match="it: expected the number 'loss', got gain; mend the registration"):
        judged([Prediction("it", "w", "loss", "above")], [cell("a", 1.0)])


def test_lists_of_numbers_stand_on_one_line(tmp_path):
    path = repository(tmp_path / "r")
    experiments.run(str(path), cache=tmp_path / "cache")
    lines = experiments.study(str(path)).results.read_text().splitlines()
    assert sum(line.strip().startswith('"gain": [') and line.count(",") >= 5 for line in lines) == 3


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"study": "other", "predictions": [1]}'])
def test_a_summary_that_is_none_is_one_line(tmp_path, content):
    chosen = experiments.study(str(repository(tmp_path / "r")))
    assert experiments.stored(chosen) is None
    chosen.results.parent.mkdir()
    chosen.results.write_text(content)
    with pytest.raises(DataUnavailable, match="expected a summary of tiny, got "):
        experiments.stored(chosen)


def test_the_registered_number_of_seeds_is_what_the_statistics_rest_on(tmp_path):
    found = experiments.run(str(repository(tmp_path / "r")), cache=tmp_path / "cache")
    assert all(len(v) == REGISTRATION["seeds"] for c in found["cells"] for v in c["numbers"].values())


def test_a_study_without_results_names_the_command_that_makes_them(tmp_path):
    study = experiments.study(str(repository(tmp_path / "r")))
    with pytest.raises(DataUnavailable) as raised:
        experiments.finished(study)
    command = f"run kdtheory experiments run {study.reference}"
    assert str(raised.value) == f"tiny: expected a finished study, got no results; {command}"
