"""``kdtheory data``: what there is, and getting it."""

import json

import pytest

from kdtheory.data import SETS, _get, find
from kdtheory.data._unpack import Refused
from tests.unit.cli.calls import fault
from tests.unit.data.archives import CONTENT, tiny


@pytest.fixture
def machine(monkeypatch, tmp_path):
    """A machine with one tiny set to be had and nothing found; returns what the registry was asked for."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("KDTHEORY_DATA", raising=False)
    data, archive = tiny()
    kept = dict(SETS)
    SETS.clear()
    SETS["tiny"] = data
    asked = []

    def ask(wanted, folder):
        asked.append(wanted.package)
        return archive

    monkeypatch.setattr(_get, "ask", ask)
    yield asked
    SETS.clear()
    SETS.update(kept)


@pytest.mark.parametrize("command", ["data", "data list", "data get"])
def test_every_command_has_help(run, command):
    code, out, _ = run(*command.split(), "--help")
    assert code == 0
    assert out.startswith("Usage: ")
    assert ("--json" in out) == ("--quiet" in out) == (command != "data")


def test_the_list_tells_content_terms_and_place(run, machine):
    code, out, _ = run("data", "list")
    assert code == 0
    assert all(word in out for word in ("tiny", "two texts", "free", " no", "cache: "))
    assert json.loads(run("data", "list", "--json")[1]) == [
        {"name": "tiny", "title": "two texts", "terms": "free", "package": "tiny 1.0 (npm)",
         "download": SETS["tiny"].archive.size, "found": None},
    ]  # fmt: skip
    run("data", "get", "tiny")
    assert json.loads(run("data", "list", "--json")[1])[0]["found"]["place"] == "cache"
    assert machine == ["tiny"]


def test_all_real_sets_are_listed_with_their_terms(run):
    listed = json.loads(run("data", "list", "--json")[1])
    assert [entry["name"] for entry in listed] == [
        "fashion-mnist", "mnist", "newsgroups", "reuters", "movie-reviews", "spam", "concrete", "diamonds",
    ]  # fmt: skip
    assert all(entry["terms"] for entry in listed)


def test_a_set_is_got_once_checked_and_kept(run, machine):
    assert run("data", "get", "tiny")[0] == 0
    code, out, err = run("data", "get", "tiny", "tiny", "--json")
    folder = find("tiny").folder
    assert (code, err) == (0, "")
    assert json.loads(out) == [{"name": "tiny", "found": {"place": "cache", "folder": str(folder)}, "fault": None}]
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == CONTENT
    assert machine == ["tiny"]


def test_all_gets_all(run, machine):
    assert run("data", "get", "--all", "--quiet") == (0, "", "")
    assert find("tiny") is not None


def test_a_set_that_cannot_be_had_exits_with_one_and_says_why(run, machine, monkeypatch):
    def nothing(wanted, folder):
        raise Refused("npm is not installed")

    monkeypatch.setattr(_get, "ask", nothing)
    code, out, _ = run("data", "get", "tiny", "--json")
    assert code == 1
    line = json.loads(out)[0]["fault"]
    assert line == (
        "data set tiny: expected its files, got npm: npm is not installed; mend that and run 'kdtheory data get tiny', "
        "or put x.zip into a folder and name it in KDTHEORY_DATA"
    )
    assert run("data", "get", "tiny", "--quiet") == (1, "", "")
    assert "npm is not installed" in run("data", "get", "tiny")[1]


def test_a_cache_that_cannot_be_written_is_told(run, machine, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", "/dev/null")
    code, out, _ = run("data", "get", "tiny", "--json")
    assert (code, json.loads(out)[0]["found"]) == (1, None)
    assert json.loads(out)[0]["fault"].startswith("got and checked, but the cache cannot be written: ")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("get cifar", "data set: expected one of tiny, got 'cifar'; check the spelling"),
        ("get", "NAME: expected names of data sets (tiny), got none; name data sets, or pass --all"),
        ("get tiny --all", "--all: expected names or --all, not both, got tiny; drop one of the two"),
    ],
)
def test_wrong_usage_is_one_line(run, machine, arguments, message):
    assert fault(run("data", *arguments.split())) == f"kdtheory: {message}"
    assert machine == []


def test_doctor_tells_which_sets_were_found(run, machine):
    assert json.loads(run("doctor", "--json")[1])["data"]["tiny"] == {"found": False, "where": None}
    assert "kdtheory data get tiny" in run("doctor")[1]
    run("data", "get", "tiny")
    code, out, _ = run("doctor", "--json")
    assert (code, json.loads(out)["data"]["tiny"]) == (0, {"found": True, "where": str(find("tiny").folder)})
