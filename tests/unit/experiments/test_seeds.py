"""Seeds follow from the commit of the registration, and from nothing that could be chosen afterwards."""

import hashlib
import shutil

import pytest

from kdtheory.errors import InvalidArgument
from kdtheory.experiments import registered_commit, seeds
from tests.unit.experiments.repositories import git, repository, write


def test_they_are_the_heads_of_a_hash_of_commit_name_and_position():
    commit = "a" * 40
    words = [f'["{commit}", "o1", {k}]'.encode() for k in range(3)]
    assert seeds("o1", commit, 3) == tuple(int(hashlib.sha256(w).hexdigest()[:8], 16) for w in words)


def test_they_change_with_the_commit_and_with_the_name():
    assert len({seeds("a", "1" * 40, 3), seeds("a", "2" * 40, 3), seeds("b", "1" * 40, 3)}) == 3


def test_they_differ_from_each_other_and_fit_into_32_bits():
    drawn = seeds("a", "1" * 40, 2000)
    assert len(set(drawn)) == 2000
    assert max(drawn) < 2**32


def test_the_commit_is_the_last_one_that_changed_the_registration(tmp_path):
    path = repository(tmp_path)
    first = git(tmp_path, "rev-parse", "HEAD")
    assert registered_commit(path, path.with_suffix(".py")) == first
    (tmp_path / "other").write_text("something else")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "other")
    assert registered_commit(path) == first
    path.write_text(path.read_text() + "\n")
    git(tmp_path, "commit", "-q", "-a", "-m", "change")
    assert registered_commit(path) == git(tmp_path, "rev-parse", "HEAD") != first


@pytest.mark.parametrize("changed", ["tiny.json", "tiny.py"])
@pytest.mark.parametrize("staged", [False, True])
def test_what_differs_from_its_commit_is_refused(tmp_path, changed, staged):
    path = repository(tmp_path)
    file = path.with_name(changed)
    file.write_text(file.read_text() + "\n")
    if staged:
        git(tmp_path, "add", ".")
    with pytest.raises(InvalidArgument) as refused:
        registered_commit(path, path.with_suffix(".py"))
    assert str(refused.value) == (
        f"{changed}: expected a committed registration, got changes since its last commit; commit it before the first "
        "run, for the seeds follow from that commit"
    )


def test_a_file_that_was_never_committed_is_refused(tmp_path):
    repository(tmp_path)
    path = write(tmp_path / "more")
    with pytest.raises(InvalidArgument, match="expected a committed registration, got a file that was never committed"):
        registered_commit(path)


def test_outside_a_checkout_it_is_one_line(tmp_path):
    with pytest.raises(InvalidArgument, match="expected a git checkout with a commit, got fatal: not a git repository"):
        registered_commit(write(tmp_path))


def test_without_git_it_is_one_line(tmp_path, monkeypatch):
    path = repository(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert shutil.which("git") is None
    with pytest.raises(InvalidArgument, match="got nothing that git knows; run studies in a clone"):
        registered_commit(path)


def test_a_shallow_clone_is_refused_for_it_does_not_know_the_commit(tmp_path):
    path = repository(tmp_path / "whole")
    (path.parent / "other").write_text("something else")
    git(tmp_path / "whole", "add", ".")
    git(tmp_path / "whole", "commit", "-q", "-m", "other")
    git(tmp_path, "clone", "-q", "--depth=1", f"file://{tmp_path / 'whole'}", "shallow")
    with pytest.raises(InvalidArgument, match="expected a clone with its whole history, got a shallow one"):
        registered_commit(tmp_path / "shallow" / "studies" / "tiny.json")
