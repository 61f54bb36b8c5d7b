"""Files are written whole or not at all."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from kdtheory import _files
from kdtheory._files import atomic_write


def test_text_and_bytes_are_written_and_folders_made(tmp_path: Path):
    assert atomic_write(tmp_path / "a" / "b.txt", "λ").read_bytes() == "λ".encode()
    assert atomic_write(str(tmp_path / "c.bin"), b"\x00").read_bytes() == b"\x00"


def test_a_file_has_the_permissions_of_a_file_that_was_opened(tmp_path: Path):
    (tmp_path / "opened").touch()
    written = atomic_write(tmp_path / "written", "")
    assert stat.S_IMODE(written.stat().st_mode) == stat.S_IMODE((tmp_path / "opened").stat().st_mode)


@pytest.mark.parametrize("step", ["fsync", "chmod", "replace"])
def test_a_failed_write_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
):
    path = atomic_write(tmp_path / "kept.json", "old")

    def full(*arguments: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(_files.os, step, full)
    with pytest.raises(OSError, match="disk full"):
        atomic_write(path, "new")
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["kept.json"]


def test_a_run_killed_while_writing_leaves_the_old_file(tmp_path: Path):
    path = atomic_write(tmp_path / "kept.json", "old")
    program = (
        "import os, signal, sys\nfrom kdtheory import _files\n"
        "os.fsync = lambda handle: os.kill(os.getpid(), signal.SIGKILL)\n"
        "_files.atomic_write(sys.argv[1], 'x' * 1000000)"
    )
    done = subprocess.run([sys.executable, "-c", program, str(path)], check=False)
    assert done.returncode == -9
    assert path.read_text() == "old"
    assert all(name == "kept.json" or name.startswith(".") for name in os.listdir(tmp_path))
