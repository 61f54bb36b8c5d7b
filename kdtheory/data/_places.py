"""Where the files of a data set may already lie on this machine."""

from __future__ import annotations

import hashlib
import os
import sys
from dataclasses import dataclass
from pathlib import Path

from kdtheory.data._catalogue import Archive, DataSet, File
from kdtheory.data._unpack import Refused, gunzip

VARIABLE = "KDTHEORY_DATA"


@dataclass(frozen=True)
class Place:
    """A folder that may hold the files of one set, and what to call it."""

    kind: str
    folder: Path

    def path(self, file: File) -> Path | None:
        """The file, or its gzip twin, if it is there and not of a wrong size."""
        plain, packed = self.folder / file.name, self.folder / f"{file.name}.gz"
        if plain.is_file() and plain.stat().st_size == file.size:
            return plain
        return packed if packed.is_file() else None

    def holds(self, data: DataSet) -> bool:
        """Whether all files of the set are there; their content is checked when they are read."""
        return all(self.path(file) for file in data.files)

    def read(self, data: DataSet) -> dict[str, bytes]:
        """The files of the set, by name, every one with its checksum checked."""
        return {file.name: self._read(file) for file in data.files}

    def _read(self, file: File) -> bytes:
        path = self.path(file)
        if path is None:
            raise Refused(f"no {file.name} of {file.size} bytes")
        try:
            content = path.read_bytes()
        except OSError as error:
            raise Refused(f"{path}: {error.strerror}") from error
        return checked(file, gunzip(content, file.size) if path.suffix == ".gz" else content)


def checked(file: File, content: bytes) -> bytes:
    """The content, if it is the file's to the last bit."""
    found = hashlib.sha256(content).hexdigest()
    if len(content) != file.size or found != file.sha256:
        raise Refused(f"{file.name} is another file (SHA-256 {found[:12]}..., not {file.sha256[:12]}...)")
    return content


def named_folder() -> Path | None:
    """The folder that the user names in ``KDTHEORY_DATA``."""
    value = os.environ.get(VARIABLE)
    return Path(value).expanduser() if value else None


def named_archive(archive: Archive) -> Path | None:
    """The package's archive in that folder, if it is there."""
    folder = named_folder()
    path = None if folder is None else folder / archive.file
    return path if path is not None and path.is_file() else None


def cache() -> Path:
    """The folder for what was got: in the user's cache of this platform."""
    if os.environ.get("XDG_CACHE_HOME"):
        base = Path(os.environ["XDG_CACHE_HOME"])
    elif sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    else:
        base = Path.home() / ("Library/Caches" if sys.platform == "darwin" else ".cache")
    return base / "kdtheory" / "data"


def places(data: DataSet) -> list[Place]:
    """Where to look, in this order: the user's folder, the system's, the cache."""
    folder = named_folder()
    found = [] if folder is None else [Place(VARIABLE, folder / data.name), Place(VARIABLE, folder)]
    if data.system:
        found.append(Place("system", Path(data.system)))
    return [*found, Place("cache", cache() / data.name)]
