"""Tiny archives, and a tiny data set in each kind of archive."""

import gzip
import hashlib
import io
import lzma
import tarfile
import zipfile

from kdtheory.data import Archive, DataSet, File

CONTENT = {"a.txt": b"first file", "b.txt": b"second\nfile"}


def tar(members, mode="w", **changed):
    """A tar archive; ``changed`` sets attributes of its first member."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as archive:
        for number, (name, content) in enumerate(members.items()):
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            for key, value in changed.items() if number == 0 else ():
                setattr(entry, key, value)
            archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def zipped(members):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def deb(members):
    packed = b"!<arch>\n"
    for name, content in members.items():
        packed += f"{name + '/':16}{0:<12}{0:<6}{0:<6}{'100644':8}{len(content):<10}`\n".encode()
        packed += content + b"\n" * (len(content) % 2)
    return packed


def packed(kind, members=CONTENT):
    """An archive of that kind, and its name."""
    data = {
        "x.zip": lambda: zipped(members),
        "x.whl": lambda: zipped(members),
        "x.tgz": lambda: tar(members, "w:gz"),
        "x.tar.gz": lambda: gzip.compress(tar(members)),
        "x.tar.xz": lambda: lzma.compress(tar(members)),
        "x.deb": lambda: deb(members),
    }
    return kind, data[kind]()


def file(name, content, *path, packed=""):
    return File(name, len(content), hashlib.sha256(content).hexdigest(), path or (name,), packed)


def dataset(archive, files, name="tiny", file="x.zip", **more):
    sha256 = hashlib.sha256(archive).hexdigest()
    return DataSet(name, "two texts", "free", Archive("npm", "tiny", "1.0", file, len(archive), sha256), files, **more)


def tiny(**more):
    """A data set of two files in a zip archive, and the archive."""
    archive = zipped(CONTENT)
    return dataset(archive, tuple(file(name, content) for name, content in CONTENT.items()), **more), archive
