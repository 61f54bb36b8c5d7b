"""Getting a data set: where it is looked for, what is believed, what is kept, and what is said when it cannot be had."""

import gzip
import json
import os

import pytest

from kdtheory.data import _get, _openml, files, find
from kdtheory.data._unpack import Refused
from kdtheory.errors import DataUnavailable, UnknownName
from tests.unit.data.archives import CONTENT, dataset, file, tar, tiny, zipped


def refused(name="tiny"):
    with pytest.raises(DataUnavailable) as caught:
        files(name)
    line = str(caught.value)
    assert "\n" not in line
    assert line.startswith(f"data set {name}: expected its files, got ")
    assert f"kdtheory data get {name}" in line
    return line


def test_what_was_got_once_is_kept_and_not_asked_for_again(registry, cache):
    assert find("tiny") is None
    assert files("tiny") == CONTENT
    assert files("tiny") == CONTENT
    assert registry.asked == ["tiny"]
    assert {path.name: path.read_bytes() for path in (cache / "tiny").iterdir()} == CONTENT
    assert (find("tiny").kind, find("tiny").folder) == ("cache", cache / "tiny")


def test_an_archive_with_another_checksum_is_never_opened(registry, monkeypatch):
    registry.gives = registry.gives.replace(b"a.txt", b"c.txt")
    monkeypatch.setattr(_get, "members", lambda *arguments: pytest.fail("opened"))
    assert "npm: x.zip is another file (SHA-256 " in refused()
    assert find("tiny") is None


def test_a_file_with_another_checksum_is_not_kept(registry, cache):
    archive = zipped({**CONTENT, "b.txt": b"other text!"})
    registry.use(dataset(archive, registry.data.files))
    registry.gives = archive
    assert "npm: b.txt is another file (SHA-256 " in refused()
    assert not cache.exists()


def test_a_member_that_is_missing(registry):
    archive = zipped({"a.txt": CONTENT["a.txt"]})
    registry.use(dataset(archive, registry.data.files))
    registry.gives = archive
    assert "npm: no regular file b.txt inside" in refused()


def test_a_hostile_archive_whose_checksum_is_right_writes_nothing(registry, cache, tmp_path):
    archive = zipped({**CONTENT, "../../evil.txt": b"gotcha"})
    registry.use(dataset(archive, registry.data.files))
    registry.gives = archive
    assert "npm: member '../../evil.txt' leaves its folder" in refused()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_archives_in_archives_packed_files_and_joined_members_are_read(registry):
    mails = {f"p/data/x-{n}/{n}.json": json.dumps({"text": n}).encode() for n in (2, 1)}
    inner = gzip.compress(tar({"./deep/a.txt": b"first file"}))
    archive = zipped(
        {"in/side.tar.gz": inner, "a.gz": gzip.compress(b"packed"), "p/data/file_list.json": b"[]", **mails}
    )
    joined = b'[{"text": 1},\n{"text": 2}]'
    registry.use(dataset(archive, (
        file("a.txt", b"first file", "in/side.tar.gz", "deep/a.txt"),
        file("packed", b"packed", "a.gz", packed="gzip"),
        file("mails", joined, "p/data/*-*/*.json"),
    )))  # fmt: skip
    registry.gives = archive
    found = files("tiny")
    assert found == {"a.txt": b"first file", "packed": b"packed", "mails": joined}
    assert json.loads(found["mails"]) == [{"text": 1}, {"text": 2}]


@pytest.mark.parametrize("inside", ["", "tiny"])
@pytest.mark.parametrize("packed", [False, True])
def test_the_folder_that_the_user_names_comes_first(registry, monkeypatch, tmp_path, inside, packed):
    folder = tmp_path / "mine" / inside
    folder.mkdir(parents=True)
    for name, content in CONTENT.items():
        (folder / (f"{name}.gz" if packed else name)).write_bytes(gzip.compress(content) if packed else content)
    files("tiny")  # into the cache
    monkeypatch.setenv("KDTHEORY_DATA", str(tmp_path / "mine"))
    assert find("tiny").kind == "KDTHEORY_DATA"
    assert files("tiny") == CONTENT
    assert registry.asked == ["tiny"]


def test_a_wrong_file_in_the_users_folder_is_told_and_not_passed_over(registry, monkeypatch, tmp_path):
    monkeypatch.setenv("KDTHEORY_DATA", str(tmp_path))
    (tmp_path / "a.txt").write_bytes(b"FIRST file")
    (tmp_path / "b.txt").write_bytes(CONTENT["b.txt"])
    assert f"{tmp_path}: a.txt is another file (SHA-256 " in refused()
    assert registry.asked == []


def test_a_bomb_in_the_users_folder_is_refused(registry, monkeypatch, tmp_path):
    monkeypatch.setenv("KDTHEORY_DATA", str(tmp_path))
    (tmp_path / "a.txt.gz").write_bytes(gzip.compress(bytes(10**6)))
    (tmp_path / "b.txt").write_bytes(CONTENT["b.txt"])
    assert "unpacks to more than 10 bytes" in refused()


def test_an_archive_in_the_users_folder_is_used_and_checked(registry, monkeypatch, tmp_path):
    monkeypatch.setenv("KDTHEORY_DATA", str(tmp_path))
    (tmp_path / "x.zip").write_bytes(registry.gives)
    assert files("tiny") == CONTENT
    assert registry.asked == []


def test_a_wrong_archive_in_the_users_folder_is_told_too(registry, monkeypatch, tmp_path):
    monkeypatch.setenv("KDTHEORY_DATA", str(tmp_path))
    (tmp_path / "x.zip").write_bytes(registry.gives + b"more")
    assert "KDTHEORY_DATA: x.zip is another file" in refused()
    assert registry.asked == []


def test_an_empty_users_folder_is_among_what_was_tried(registry, monkeypatch, tmp_path):
    monkeypatch.setenv("KDTHEORY_DATA", str(tmp_path))
    registry.gives = Refused("npm is not installed")
    assert f"KDTHEORY_DATA: neither the files nor x.zip in {tmp_path}; npm: npm is not installed; " in refused()


def test_the_systems_place_comes_before_the_cache_and_its_faults_are_no_hindrance(registry, tmp_path):
    files("tiny")
    system = tmp_path / "system"
    system.mkdir()
    registry.use(tiny(system=str(system))[0])
    assert find("tiny").kind == "cache"
    for name, content in CONTENT.items():
        (system / f"{name}.gz").write_bytes(gzip.compress(content))
    assert find("tiny").kind == "system"
    assert files("tiny") == CONTENT
    (system / "a.txt.gz").write_bytes(gzip.compress(b"FIRST file"))
    assert files("tiny") == CONTENT


@pytest.mark.parametrize("damage", [b"first FILE", b"first", b""])
def test_a_damaged_cache_is_mended(registry, cache, damage):
    files("tiny")
    (cache / "tiny" / "a.txt").write_bytes(damage)
    assert files("tiny") == CONTENT
    assert registry.asked == ["tiny", "tiny"]
    assert (cache / "tiny" / "a.txt").read_bytes() == CONTENT["a.txt"]


def test_a_cache_that_was_left_half_written_is_completed(registry, cache):
    files("tiny")
    (cache / "tiny" / "b.txt").rename(cache / "tiny" / ".b.txt.123.part")
    assert find("tiny") is None
    assert files("tiny") == CONTENT


@pytest.mark.skipif(os.name != "posix", reason="needs a path that nobody can write")
def test_a_cache_that_cannot_be_written_is_no_hindrance(registry, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", os.devnull)
    assert files("tiny") == CONTENT
    assert find("tiny") is None


def test_the_public_source_is_the_last_resort_and_is_checked_too(registry, monkeypatch):
    registry.use(tiny(openml="tiny_1")[0])
    registry.gives = Refused("no answer")
    monkeypatch.setattr(_openml, "fetch", lambda data: CONTENT)
    assert files("tiny") == CONTENT
    monkeypatch.setattr(_openml, "fetch", lambda data: {**CONTENT, "b.txt": b"SECOND\nfile"})
    (find("tiny").folder / "b.txt").unlink()
    line = refused()
    assert line.index("npm: no answer; ") < line.index("OpenML: b.txt is another file")


def test_progress_tells_what_is_done(registry):
    told = []
    files("tiny", lambda *step: told.append(step))
    assert told == [(0, 2, "asking npm"), (1, 2, "keeping what came")]
    files("tiny", lambda *step: pytest.fail("nothing to do"))


def test_an_unknown_name_lists_the_names_there_are():
    with pytest.raises(UnknownName, match="^data set: expected one of fashion-mnist, mnist, .*, got 'cifar'; "):
        files("cifar")
