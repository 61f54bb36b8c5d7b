"""Registries are asked through their clients: with fixed arguments, without a shell, and nothing they bring is run."""

import io
import os
import sys
import zipfile

import pytest

from kdtheory.data import Archive, _clients
from kdtheory.data._clients import ask
from kdtheory.data._unpack import Refused
from tests.unit.data.archives import zipped

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the stand-ins for clients are shell scripts")


def archive(client, **changed):
    return Archive(**{"client": client, "package": "tiny", "version": "1.0", "file": "tiny.tgz", "size": 5, "sha256": "0" * 64,
                      **changed})  # fmt: skip


@pytest.fixture
def program(monkeypatch, tmp_path):
    """Put a shell script on the path, alone."""
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    (tmp_path / "bin").mkdir()

    def make(name, script):
        path = tmp_path / "bin" / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    return make


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "folder"
    made.mkdir()
    return made


def test_npm_packs_the_pinned_version_without_running_scripts(program, folder):
    program("npm", 'printf 12345 > tiny.tgz; printf "%s\\n" "$@" > said; pwd >> said')
    assert ask(archive("npm"), folder) == b"12345"
    said = (folder / "said").read_text().split()
    assert said == ["pack", "--ignore-scripts", "--loglevel=error", "tiny@1.0", str(folder)]


def test_apt_needs_no_root_and_no_package_lists(program, folder):
    program(
        "apt-get",
        'echo "$@" >> said; case "$*" in *-o*download*) printf 12345 > tiny.tgz;; *update*) ;; *) exit 100;; esac',
    )
    assert ask(archive("apt-get"), folder) == b"12345"
    said = (folder / "said").read_text().splitlines()
    assert said[0] == "-qq download tiny=1.0"
    assert [line.split()[-1] for line in said[1:]] == ["update", "tiny=1.0"]
    assert all(f"Dir::State::lists={folder}/lists" in line for line in said[1:])


def test_pip_gets_a_wheel_by_its_checksum(monkeypatch, folder):
    ran = []
    monkeypatch.setattr(_clients, "_run", lambda command, folder: ran.append(command))
    with pytest.raises(Refused, match=r"^brought no file tiny\.tgz$"):
        ask(archive("pip"), folder)
    assert ran[0][:4] == [sys.executable, "-m", "pip", "download"]
    assert {"--no-deps", "--only-binary=:all:", "--require-hashes"} <= set(ran[0])
    assert (folder / "wanted.txt").read_text() == f"tiny==1.0 --hash=sha256:{'0' * 64}\n"


def test_pip_gets_a_source_archive_without_running_its_setup(monkeypatch, tmp_path, folder):
    """The real pip, on an index of one hostile package."""
    import hashlib

    traps = {
        "tiny-1.0/setup.py": f"open({str(tmp_path / 'sprung')!r}, 'w')\nfrom setuptools import setup\nsetup(name='tiny', version='1.0')",
        "tiny-1.0/setuptools/__init__.py": f"open({str(tmp_path / 'sprung')!r}, 'w')",
        "tiny-1.0/PKG-INFO": "Metadata-Version: 1.0\nName: tiny\nVersion: 1.0\n",
    }
    packed = zipped({name: text.encode() for name, text in traps.items()})
    (tmp_path / "index").mkdir()
    (tmp_path / "index" / "tiny-1.0.zip").write_bytes(packed)
    for name, value in {"NO_INDEX": "1", "FIND_LINKS": str(tmp_path / "index"), "CONFIG_FILE": os.devnull}.items():
        monkeypatch.setenv(f"PIP_{name}", value)
    wanted = archive("pip source", file="tiny-1.0.zip", size=len(packed), sha256=hashlib.sha256(packed).hexdigest())
    assert ask(wanted, folder) == packed
    assert not (tmp_path / "sprung").exists()
    with zipfile.ZipFile(io.BytesIO(packed)) as brought:
        assert len(brought.namelist()) == 3
    other = folder / "other"
    other.mkdir()
    with pytest.raises(Refused, match="^ERROR: THESE PACKAGES DO NOT MATCH THE HASHES|hash|Got"):
        ask(archive("pip source", file="tiny-1.0.zip", size=len(packed)), other)
    assert not (tmp_path / "sprung").exists()


def test_a_client_that_is_missing(program, folder):
    with pytest.raises(Refused, match="^npm is not installed$"):
        ask(archive("npm"), folder)


def test_a_client_that_fails_has_the_last_word(program, folder):
    program("npm", "echo first >&2; echo 'npm error 404 not found' >&2; echo 'a log is elsewhere' >&2; exit 1")
    with pytest.raises(Refused, match="^npm error 404 not found$"):
        ask(archive("npm"), folder)
    program("npm", "exit 3")
    with pytest.raises(Refused, match="^failed with exit code 3$"):
        ask(archive("npm"), folder)


def test_a_client_that_never_answers(program, folder, monkeypatch):
    monkeypatch.setattr(_clients, "TIMEOUT", 0.1)
    program("npm", "exec /bin/sleep 60")
    with pytest.raises(Refused, match=r"^no answer within 0\.1 s$"):
        ask(archive("npm"), folder)


def test_a_client_that_brings_something_else(program, folder):
    program("npm", "printf 123456 > tiny.tgz")
    with pytest.raises(Refused, match="^brought 6 bytes instead of 5$"):
        ask(archive("npm"), folder)


def test_a_link_is_not_followed(program, folder, tmp_path):
    (tmp_path / "secret").write_bytes(b"12345")
    program("npm", f"/bin/ln -s {tmp_path}/secret tiny.tgz")
    with pytest.raises(Refused, match=r"^brought no file tiny\.tgz$"):
        ask(archive("npm"), folder)
