"""Read named members of archives that anybody may have packed: nothing is executed, nothing is written.

Members go to memory under names of ours, so that no path inside an archive is ever a path on the disk. What no honest
archive holds is refused all the same.
"""

from __future__ import annotations

import io
import lzma
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase

LIMIT = 256 * 2**20  # bytes; the largest archive of the catalogue unpacks to about a quarter of that


class Refused(Exception):
    """An archive or member that is not read; the message is the reason, without a full stop."""


@dataclass(frozen=True)
class Members:
    """The regular files of one archive: their names, and how to read one."""

    names: tuple[str, ...]
    read: Callable[[str], bytes]

    def matching(self, pattern: str) -> list[str]:
        """Names that match a shell pattern, sorted; at least one."""
        found = sorted(name for name in self.names if fnmatchcase(name, pattern))
        if not found:
            raise Refused(f"no regular file named {pattern} inside")
        return found


def members(name: str, data: bytes, limit: int = LIMIT) -> Members:
    """The members of an archive in memory; its kind is what its name says.

    Raises
    ------
    Refused
        A kind that is not known, a broken or cut archive, a member that climbs out of its folder, is a link or a
        device, stands there twice, or unpacks to more than ``limit`` bytes.
    """
    try:
        if name.endswith(".deb"):
            return _deb(data)
        if name.endswith((".zip", ".whl")):
            return _zip(data, limit)
        if name.endswith((".tar.gz", ".tgz")):
            return _tar(gunzip(data, limit))
        if name.endswith(".tar.xz"):
            return _tar(unxz(data, limit))
    except (tarfile.TarError, zipfile.BadZipFile, EOFError, OSError, ValueError, NotImplementedError) as error:
        raise Refused(f"a broken archive ({' '.join(str(error).split()) or type(error).__name__})") from error
    raise Refused(f"{name} is of no known kind")


def gunzip(data: bytes, limit: int = LIMIT) -> bytes:
    """What one gzip stream holds, if it is whole and not above the limit."""
    stream = zlib.decompressobj(wbits=31)
    try:
        content = stream.decompress(data, limit + 1)
    except zlib.error as error:
        raise Refused(f"a broken gzip file ({error})") from error
    return _whole(content, limit, stream.eof, stream.unused_data)


def unxz(data: bytes, limit: int = LIMIT) -> bytes:
    """What one xz stream holds, if it is whole and not above the limit."""
    stream = lzma.LZMADecompressor(format=lzma.FORMAT_XZ, memlimit=LIMIT)
    try:
        content = stream.decompress(data, limit + 1)
    except lzma.LZMAError as error:
        raise Refused(f"a broken xz file ({error})") from error
    return _whole(content, limit, stream.eof, stream.unused_data)


def _whole(content: bytes, limit: int, ended: bool, rest: bytes) -> bytes:
    if len(content) > limit:
        raise Refused(f"unpacks to more than {limit} bytes")
    if not ended:
        raise Refused("cut short")
    if rest.strip(b"\0"):
        raise Refused("something stands behind its end")
    return content


def _deb(data: bytes) -> Members:
    """A Debian package: an ``ar`` archive, every header being 60 bytes of text."""
    if not data.startswith(b"!<arch>\n"):
        raise Refused("not a Debian package")
    found: dict[str, bytes] = {}
    start = 8
    while start < len(data):
        header = data[start : start + 60]
        size = int(header[48:58]) if header[58:] == b"`\n" else -1
        if size < 0 or start + 60 + size > len(data):
            raise Refused("cut short")
        found[_safe(header[:16].decode("ascii").strip().rstrip("/"))] = data[start + 60 : start + 60 + size]
        start += 60 + size + size % 2  # members start at even places
    return Members(tuple(found), found.__getitem__)


def _tar(data: bytes) -> Members:
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as archive:
        entries = [(entry, _safe(entry.name)) for entry in archive]
    for entry, name in entries:
        if entry.issparse() or not (entry.isreg() or entry.isdir()):
            raise Refused(f"{name} is a link, a device or a sparse file")
    files = {name: entry for entry, name in entries if entry.isreg()}
    _once(name for entry, name in entries if entry.isreg())

    def read(name: str) -> bytes:
        start, size = files[name].offset_data, files[name].size
        return _whole_member(data[start : start + size], name, size)

    return Members(tuple(files), read)


def _zip(data: bytes, limit: int) -> Members:
    archive = zipfile.ZipFile(io.BytesIO(data))
    entries = [(entry, _safe(entry.filename)) for entry in archive.infolist()]
    for entry, name in entries:
        mode = entry.external_attr >> 16
        if stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise Refused(f"{name} is a link, a device or a sparse file")
        if entry.flag_bits & 1:
            raise Refused(f"{name} is encrypted")
    if sum(entry.file_size for entry, _ in entries) > limit:
        raise Refused(f"unpacks to more than {limit} bytes")
    files = {name: entry for entry, name in entries if not entry.is_dir()}
    _once(name for entry, name in entries if not entry.is_dir())

    def read(name: str) -> bytes:
        try:
            with archive.open(files[name]) as file:  # never gives more than the size that was just counted
                return _whole_member(file.read(), name, files[name].file_size)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
            raise Refused(f"{name} is broken ({error})") from error

    return Members(tuple(files), read)


def _whole_member(content: bytes, name: str, size: int) -> bytes:
    if len(content) != size:
        raise Refused(f"{name} is cut short")
    return content


def _safe(name: str) -> str:
    """The member's name without a leading ``./``, if it stays in its folder on every system."""
    parts = name.replace("\\", "/").split("/")
    if name.startswith(("/", "\\")) or ".." in parts or ":" in parts[0] or "\0" in name:
        raise Refused(f"member {name[:60]!r} leaves its folder")
    return name.removeprefix("./")


def _once(names: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise Refused(f"{name} stands there twice")
        seen.add(name)
