"""Seeds that cannot be chosen: they follow from the commit that holds the registration."""

from __future__ import annotations

import hashlib
import json
import subprocess
from pathlib import Path

from kdtheory.errors import InvalidArgument
from kdtheory.validation import count as whole


def seeds(name: str, commit: str, count: int) -> tuple[int, ...]:
    """Distinct seeds of 32 bits: the heads of SHA-256 of commit, name and position.

    Parameters
    ----------
    name : str
        Of the study.
    commit : str
        The commit that last changed its registration, 40 hexadecimal digits.
    count : int
        How many; fewer are the first of more.

    >>> seeds("o1-confidence", "0" * 40, 2) == seeds("o1-confidence", "0" * 40, 3)[:2]
    True
    """
    found: list[int] = []
    position = 0
    while len(found) < whole("count", count, at_least=1):
        words = json.dumps([commit, name, position]).encode()
        seed = int.from_bytes(hashlib.sha256(words).digest()[:4], "big")
        found += [seed] if seed not in found else []
        position += 1
    return tuple(found)


def registered_commit(*files: Path) -> str:
    """The commit that last changed the first file; refused unless all files are committed as they are.

    Raises
    ------
    InvalidArgument
        Outside a git checkout, for files that are not committed or differ from what was, and in shallow clones, which
        do not know the commit.
    """
    folder, name = files[0].parent, files[0].name
    if _git(folder, "rev-parse", "--is-shallow-repository") == "true":
        fix = "fetch the rest with git fetch --unshallow"
        raise InvalidArgument(name, expected="a clone with its whole history", got="a shallow one", fix=fix)
    for file in files:
        if not _git(folder, "log", "-1", "--format=%H", "--", file.name):
            raise _uncommitted(file, "a file that was never committed")
        if _git(folder, "status", "--porcelain", "--", file.name):
            raise _uncommitted(file, "changes since its last commit")
    return _git(folder, "log", "-1", "--format=%H", "--", name)


def head(folder: Path) -> str:
    """The commit of the whole checkout, with ``-dirty`` where files differ from it."""
    return _git(folder, "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*")


def _uncommitted(file: Path, got: str) -> InvalidArgument:
    fix = "commit it before the first run, for the seeds follow from that commit"
    return InvalidArgument(file.name, expected="a committed registration", got=got, fix=fix)


def _git(folder: Path, *arguments: str) -> str:
    command = ["git", "-C", str(folder), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        done = None
    if done is None or done.returncode:
        got = "nothing that git knows" if done is None else (done.stderr.strip().splitlines() or ["a fault of git"])[0]
        fix = "run studies in a clone of the repository"
        raise InvalidArgument(str(folder), expected="a git checkout with a commit", got=got, fix=fix)
    return done.stdout.strip()
