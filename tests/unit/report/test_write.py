"""Figures of a report, drawn in processes of their own."""

import pickle
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool

import numpy as np

from kdtheory.report import figure, write
from kdtheory.report.build import build

IDS = ("slope-and-gain", "mixing-odds-law", "no-such-figure")


def test_a_figure_goes_to_another_process_by_its_id():
    whole = figure("exaggerated-bias")
    assert pickle.loads(pickle.dumps(whole)) == whole


def test_figures_drawn_side_by_side_are_those_drawn_one_by_one_and_in_order(tmp_path, monkeypatch):
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    shown = list(write._drawn(IDS, tmp_path / "two", full=False))
    assert [one.id for one in shown] == list(IDS)
    assert "no-such-figure" in shown[2].fault
    for one in shown[:2]:
        alone = build(figure(one.id), tmp_path / "one")
        assert list(one.differences) == []
        for name in alone.dataset.arrays:
            np.testing.assert_allclose(one.built.dataset[name], alone.dataset[name], rtol=1e-9, atol=1e-12)
        assert [file.name for file in one.built.files] == [file.name for file in alone.files]
        assert all(file.stat().st_size > 0 for file in one.built.files)


def test_a_figure_whose_process_died_is_shown_as_such(tmp_path, monkeypatch):
    died = Future()
    died.set_exception(BrokenProcessPool())
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    monkeypatch.setattr(write, "in_order", lambda work, arguments, jobs: iter([died] * len(arguments)))
    shown = list(write._drawn(IDS, tmp_path, full=False))
    assert [(one.id, one.built) for one in shown] == [(id, None) for id in IDS]
    assert {one.fault for one in shown} == {"the process that drew it died (out of memory?)"}
