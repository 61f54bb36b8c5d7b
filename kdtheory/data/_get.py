"""Get a data set: from this machine, else from a registry, else from the public source."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from kdtheory._files import atomic_write
from kdtheory.data import _openml
from kdtheory.data._catalogue import Archive, DataSet, File, dataset
from kdtheory.data._clients import ask
from kdtheory.data._places import VARIABLE, Place, cache, checked, named_archive, named_folder, places
from kdtheory.data._unpack import Members, Refused, gunzip, members, unxz
from kdtheory.errors import DataUnavailable

Progress = Callable[[int, int, str], None]


def find(name: str) -> Place | None:
    """Where on this machine the set lies, or ``None``; names and sizes are looked at, contents are not."""
    data = dataset(name)
    return next((place for place in places(data) if place.holds(data)), None)


def files(name: str, progress: Progress | None = None) -> dict[str, bytes]:
    """The files of a data set, by name, every one with its SHA-256 checked; what is not here is got and kept.

    Looks in the folder that ``KDTHEORY_DATA`` names (the files, plain or gzipped, in a folder of the set's name or at
    the top; or the package's archive), in the system's place and in the cache; asks the package registry through its
    client; asks the public source through scikit-learn.

    Raises
    ------
    UnknownName
        No such set.
    DataUnavailable
        One line: what was tried, what came of it, and the command that gets the set.
    """
    data = dataset(name)
    tried: list[str] = []
    for place in places(data):
        if place.holds(data):
            try:
                return place.read(data)
            except Refused as reason:
                tried.append(f"{place.folder}: {reason}")
                if place.kind == VARIABLE:  # somebody put it there: going on without a word would hide the fault
                    raise _unavailable(data, tried) from None
    step = progress or _silent
    for way, get in _ways(data).items():
        try:
            step(0, 2, f"asking {way}")
            found = get()
            step(1, 2, "keeping what came")
            return _kept(data, found)
        except Refused as reason:
            tried.append(f"{way}: {reason}")
            if way == VARIABLE and named_archive(data.archive):
                break
    raise _unavailable(data, tried)


def unpacked(data: DataSet, content: bytes) -> dict[str, bytes]:
    """The files of a set out of its archive, if archive and files are what they should be."""
    found = hashlib.sha256(content).hexdigest()
    if len(content) != data.archive.size or found != data.archive.sha256:
        short = f"SHA-256 {found[:12]}..., not {data.archive.sha256[:12]}..."
        raise Refused(f"{data.archive.file} is another file ({short})")
    opened = {(): members(data.archive.file, content)}
    return {file.name: checked(file, _extracted(file, opened)) for file in data.files}


def _ways(data: DataSet) -> dict[str, Callable[[], dict[str, bytes]]]:
    """The ways to get a set that is not here, in order, by the name the user knows them by."""
    ways: dict[str, Callable[[], dict[str, bytes]]] = {}
    if named_folder() is not None:
        ways[VARIABLE] = lambda: unpacked(data, _lying(data.archive))
    ways[data.archive.client.split()[0]] = lambda: unpacked(data, _asked(data.archive))
    if data.openml:
        ways["OpenML"] = lambda: _fetched(data)
    return ways


def _asked(archive: Archive) -> bytes:
    with tempfile.TemporaryDirectory(prefix="kdtheory-") as folder:
        return ask(archive, Path(folder))


def _lying(archive: Archive) -> bytes:
    path = named_archive(archive)
    if path is None:
        raise Refused(f"neither the files nor {archive.file} in {named_folder()}")
    return path.read_bytes()


def _fetched(data: DataSet) -> dict[str, bytes]:
    found = _openml.fetch(data)
    return {file.name: checked(file, found[file.name]) for file in data.files}


def _extracted(file: File, opened: dict[tuple[str, ...], Members]) -> bytes:
    """One file out of the opened archives; archives in the archive are opened once."""
    *inner, last = file.path
    at: tuple[str, ...] = ()
    for step in inner:
        if (*at, step) not in opened:
            opened[*at, step] = members(step, _member(opened[at], step))
        at = (*at, step)
    if "*" in last:
        return b"[" + b",\n".join(map(opened[at].read, opened[at].matching(last))) + b"]"
    content = _member(opened[at], last)
    return {"": bytes, "gzip": gunzip, "xz": unxz}[file.packed](content)


def _member(archive: Members, name: str) -> bytes:
    if name not in archive.names:
        raise Refused(f"no regular file {name} inside")
    return archive.read(name)


def _kept(data: DataSet, found: dict[str, bytes]) -> dict[str, bytes]:
    """Keep the files for the next time; a cache that cannot be written is no reason not to go on."""
    with suppress(OSError):
        for name, content in found.items():
            atomic_write(cache() / data.name / name, content)
    return found


def _unavailable(data: DataSet, tried: list[str]) -> DataUnavailable:
    by_hand = f"or put {data.archive.file} into a folder and name it in {VARIABLE}"
    fix = f"mend that and run 'kdtheory data get {data.name}', {by_hand}"
    return DataUnavailable(f"data set {data.name}", expected="its files", got="; ".join(tried), fix=fix)


def _silent(done: int, total: int, doing: str) -> None:
    """Nobody watches."""
