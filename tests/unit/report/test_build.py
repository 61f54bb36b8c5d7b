"""Building a figure: the same settings give the same bytes, and each file appears whole or not at all."""

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

import kdtheory
from kdtheory.errors import DataUnavailable, InvalidArgument, MissingPackage, UnknownName
from kdtheory.report import build, figure, figure_names, load
from kdtheory.report.figure import from_module


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@pytest.fixture(scope="module")
def stored(small, tmp_path_factory):
    """The small figure, built once."""
    return build(small, tmp_path_factory.mktemp("stored"))


def test_data_and_pictures_are_written(stored):
    built = stored
    assert sorted(contents(built.folder)) == [
        f"exaggerated-bias.{kind}" for kind in ("json", "npz", "pdf", "png", "svg")
    ]
    assert all(path.is_file() for path in built.files)


def test_a_second_build_writes_the_same_bytes(small, stored, tmp_path):
    build(small, tmp_path)
    assert contents(tmp_path) == contents(stored.folder)


def test_another_process_at_another_time_with_another_hash_seed_writes_the_same_bytes(stored, tmp_path):
    program = (
        "import sys, time; from dataclasses import replace; from kdtheory.report import build, figure\n"
        "time.time = lambda: 2e9\n"
        "f = figure('exaggerated-bias')\n"
        "build(replace(f, quick=replace(f.quick, train=40, points=11)), sys.argv[1])\n"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "1", "SOURCE_DATE_EPOCH": "1", "TZ": "Asia/Tokyo"}
    environment["PYTHONPATH"] = str(Path(kdtheory.__file__).parent.parent)
    subprocess.run([sys.executable, "-c", program, str(tmp_path / "two")], check=True, env=environment, cwd=tmp_path)
    assert contents(stored.folder) == contents(tmp_path / "two")


def test_pictures_carry_no_date_and_no_maker(stored):
    for name, content in contents(stored.folder).items():
        assert not re.search(rb"CreationDate|ModDate|dc:date|Matplotlib v|tEXt", content), name


def test_other_settings_give_other_bytes(small, stored, tmp_path):
    build(replace(small, quick=replace(small.quick, seed=1)), tmp_path)
    one, two = contents(stored.folder), contents(tmp_path)
    assert not [name for name in one if one[name] == two[name]]


def test_the_sidecar_says_where_the_numbers_come_from(stored):
    side = json.loads((stored.folder / "exaggerated-bias.json").read_text())
    assert side["claims"] == ["exaggerated-bias"]
    assert side["settings"]["seed"] == 0
    assert side["settings"]["train"] == side["numbers"]["train"] == 40
    assert side["versions"]["kdtheory"] == kdtheory.__version__
    assert side["quality"] == "quick"
    assert f"{side['numbers']['matched_student']:.3f}" in side["caption"]


def test_a_stored_figure_is_drawn_again_from_its_files_alone(small, stored):
    from kdtheory.report.pictures import picture

    again = load(stored.folder, small.id)
    assert picture(small.draw(again), "png") == (stored.folder / "exaggerated-bias.png").read_bytes()
    assert small.caption(again) == json.loads((stored.folder / "exaggerated-bias.json").read_text())["caption"]


def test_a_build_that_fails_while_drawing_leaves_what_was_there(small, stored, tmp_path):
    shutil.copytree(stored.folder, tmp_path, dirs_exist_ok=True)
    before = contents(tmp_path)

    def broken(dataset):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        build(replace(small, quick=replace(small.quick, seed=1), draw=broken), tmp_path)
    assert contents(tmp_path) == before


def test_a_place_that_cannot_be_written_to_is_one_line_before_anything_is_computed(small, tmp_path):
    (tmp_path / "file").touch()

    def never(settings):
        raise AssertionError

    with pytest.raises(
        DataUnavailable, match="file/figures: expected a place to write to, got Not a directory; choose"
    ):
        build(replace(small, compute=never), tmp_path / "file" / "figures")


@pytest.mark.parametrize("damage", ["missing", "truncated", "not a zip", "not json", "no dimensions"])
def test_damaged_data_are_one_line(small, stored, tmp_path, damage):
    shutil.copytree(stored.folder, tmp_path, dirs_exist_ok=True)
    arrays, side = tmp_path / "exaggerated-bias.npz", tmp_path / "exaggerated-bias.json"
    match damage:
        case "missing":
            arrays.unlink()
        case "truncated":
            arrays.write_bytes(arrays.read_bytes()[:-200])
        case "not a zip":
            arrays.write_bytes(b"no archive")
        case "not json":
            side.write_text("{")
        case "no dimensions":
            side.write_text("{}")
    with pytest.raises(
        DataUnavailable, match=r"exaggerated-bias\.(npz|json): expected .*, got .*; (build|build or restore)"
    ):
        load(tmp_path, small.id)


def test_a_missing_package_is_one_line(small):
    needing = replace(small, needs=("no_such_package",))
    with pytest.raises(
        MissingPackage, match="exaggerated-bias: expected the package 'no_such_package', got none; install"
    ):
        needing.computed()


def test_an_unknown_figure_is_one_line():
    with pytest.raises(UnknownName, match="figure: expected one of .*'exaggerated-bias'.*, got 'nonsense'; see what"):
        figure("nonsense")


def test_every_module_keeps_the_protocol():
    assert set(figure_names()) >= {"confidence-exaggeration", "exaggerated-bias", "three-worlds"}
    for name in figure_names():
        assert figure(name).id == name


@pytest.fixture
def module():
    """A copy of a figure's module."""
    from kdtheory import _located

    module = _located.load("figures", "exaggerated-bias")
    copy = type(module)(module.__name__)
    copy.__dict__.update(vars(module))
    return copy


def test_a_module_without_a_caption_is_one_line(module):
    del module.caption
    with pytest.raises(InvalidArgument, match=r"exaggerated_bias: expected caption, got nothing; give the module"):
        from_module(module)


def test_what_is_optional_may_be_missing_but_not_wrong(module, small):
    made = from_module(module)
    assert (made.needs, made.findings(small.computed())) == ((), {})
    module.NEEDS, module.findings = ("torch",), lambda dataset: {"exaggerated-bias": {}}
    assert from_module(module).needs == ("torch",)
    assert from_module(module).findings(None) == {"exaggerated-bias": {}}
    module.NEEDS = "torch"
    with pytest.raises(InvalidArgument, match=r"exaggerated_bias: expected NEEDS, got 'torch'; give the module"):
        from_module(module)
