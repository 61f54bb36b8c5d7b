"""Archives that anybody may have packed: honest ones are read, others get one line."""

import gzip
import io
import lzma
import tarfile
import tracemalloc
import zipfile

import pytest

from kdtheory.data import _unpack
from kdtheory.data._unpack import Refused, gunzip, members, unxz
from tests.unit.data.archives import CONTENT, deb, packed, tar, zipped

KINDS = ("x.zip", "x.whl", "x.tgz", "x.tar.gz", "x.tar.xz", "x.deb")


@pytest.mark.parametrize("kind", KINDS)
def test_honest_archives_of_every_kind_are_read(kind):
    archive = members(*packed(kind))
    assert {name: archive.read(name) for name in archive.names} == CONTENT


@pytest.mark.parametrize("size", [0, 1, 2, 7])
def test_members_of_a_debian_package_start_at_even_places(size):
    archive = members("x.deb", deb({"odd": b"x" * size, "next": b"y"}))
    assert (archive.read("odd"), archive.read("next")) == (b"x" * size, b"y")


def test_a_leading_dot_and_folders_are_no_part_of_the_names():
    archive = members("x.tar.xz", lzma.compress(tar({"./usr/share/a": b"1"})))
    assert archive.names == ("usr/share/a",)
    inner = members("x.zip", zipped({"folder/": b"", "folder/a": b"2"}))
    assert inner.names == ("folder/a",)


def test_a_pattern_gives_sorted_names_and_refuses_to_give_none():
    archive = members("x.zip", zipped({"d/b.json": b"", "d/a.json": b"", "d/c.txt": b""}))
    assert archive.matching("d/*.json") == ["d/a.json", "d/b.json"]
    with pytest.raises(Refused, match=r"^no regular file named e/\* inside$"):
        archive.matching("e/*")


@pytest.mark.parametrize("kind", KINDS[:-1])
@pytest.mark.parametrize(
    "name", ["../evil", "a/../../evil", "/etc/evil", "\\evil", "..\\evil", "c:/evil", "a/..", "./../evil"]
)
def test_a_member_that_leaves_its_folder_is_refused(kind, name):
    with pytest.raises(Refused, match=r"^member '.+' leaves its folder$"):
        members(*packed(kind, {"honest": b"", name: b"gotcha"}))


def test_a_debian_package_with_a_path_for_a_name_is_refused():
    with pytest.raises(Refused, match="leaves its folder"):
        members("x.deb", deb({"../evil": b""}))


@pytest.mark.parametrize(
    "kind",
    [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE, tarfile.GNUTYPE_SPARSE],
)
def test_links_and_devices_are_refused(kind):
    hostile = tar({"a.txt": b"", "b.txt": b"x"}, type=kind, linkname="/etc/passwd")
    with pytest.raises(Refused, match=r"^a\.txt is a link, a device or a sparse file$"):
        members("x.tgz", gzip.compress(hostile))


def test_a_link_in_a_zip_archive_is_refused():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        entry = zipfile.ZipInfo("a.txt")
        entry.external_attr = 0o120777 << 16
        archive.writestr(entry, "/etc/passwd")
    with pytest.raises(Refused, match=r"^a\.txt is a link, a device or a sparse file$"):
        members("x.zip", buffer.getvalue())


def test_an_encrypted_member_is_refused():
    hostile = bytearray(zipped({"a.txt": b"x"}))
    hostile[hostile.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(Refused, match=r"^a\.txt is encrypted$"):
        members("x.zip", bytes(hostile))


@pytest.mark.parametrize("kind", ["x.tgz", "x.tar.xz", "x.zip"])
def test_a_bomb_is_refused_before_it_fills_the_memory(kind):
    name, bomb = packed(kind, {"bomb": bytes(10**6)})
    assert len(bomb) < 20_000
    with pytest.raises(Refused, match="^unpacks to more than 500000 bytes$"):
        members(name, bomb, limit=500_000)
    members(name, bomb, limit=1_100_000)


@pytest.mark.parametrize("unpack, pack", [(gunzip, gzip.compress), (unxz, lzma.compress)])
def test_a_stream_is_unpacked_no_further_than_the_limit(unpack, pack):
    bomb = pack(bytes(5 * 10**7))
    tracemalloc.start()
    with pytest.raises(Refused, match="unpacks to more than 1000 bytes"):
        unpack(bomb, limit=1000)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 10**7  # of which xz takes most for its dictionary


def test_an_xz_file_that_asks_for_too_much_memory_is_refused(monkeypatch):
    monkeypatch.setattr(_unpack, "LIMIT", 10**6)  # the dictionary of an ordinary xz file has eight times as much
    with pytest.raises(Refused, match="Memory usage limit exceeded"):
        unxz(lzma.compress(b"x"))


def test_a_zip_archive_that_hides_its_size_gives_no_more_than_it_said():
    hostile = bytearray(zipped({"bomb": bytes(10**6)}))
    at = hostile.index(b"PK\x01\x02") + 24
    hostile[at : at + 4] = (10).to_bytes(4, "little")
    with pytest.raises(Refused, match="^bomb is broken"):
        members("x.zip", bytes(hostile)).read("bomb")


def test_a_tar_archive_that_promises_more_than_it_has_is_refused():
    honest = tar({"a.txt": b"x" * 600})
    with pytest.raises(Refused, match="broken archive|cut short"):
        members("x.tgz", gzip.compress(honest[:1024])).read("a.txt")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("part", [0.0, 0.3, 0.9])
def test_truncated_archives_are_refused(kind, part):
    name, data = packed(kind, {"a.txt": b"first file" * 50, "b.txt": bytes(range(256))})
    with pytest.raises(Refused, match="broken|cut short|not a Debian package"):
        members(name, data[: int(len(data) * part)])


@pytest.mark.parametrize("unpack, pack", [(gunzip, gzip.compress), (unxz, lzma.compress)])
def test_streams_must_be_whole_and_alone(unpack, pack):
    data = pack(b"content")
    assert unpack(data, limit=7) == b"content"
    assert unpack(data + b"\0\0\0\0") == b"content"
    for hostile, reason in ((data[:-4], "cut short"), (data + b"more", "something stands behind its end"),
                            (b"this is no stream", "a broken ")):  # fmt: skip
        with pytest.raises(Refused, match=reason):
            unpack(hostile)
    with pytest.raises(Refused, match="unpacks to more than 6 bytes"):
        unpack(data, limit=6)


@pytest.mark.parametrize("kind", ["x.tgz", "x.zip"])
@pytest.mark.filterwarnings("ignore:Duplicate name")  # zipfile warns while the test packs
def test_a_name_that_stands_there_twice_is_refused(kind):
    buffer = io.BytesIO()
    if kind == "x.zip":
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("a.txt", "good")
            archive.writestr("a.txt", "evil")
        data = buffer.getvalue()
    else:
        first = tar({"a.txt": b"good"})
        data = gzip.compress(first[:1024] + tar({"./a.txt": b"evil"}))
    with pytest.raises(Refused, match=r"^a\.txt stands there twice$"):
        members(kind, data)


def test_a_damaged_member_of_a_zip_archive_is_refused():
    data = bytearray(zipped({"a.txt": b"x" * 100}))
    data[37] ^= 0xFF
    with pytest.raises(Refused, match=r"^a\.txt is broken"):
        members("x.zip", bytes(data)).read("a.txt")


def test_a_kind_that_is_not_known():
    with pytest.raises(Refused, match=r"^x\.rar is of no known kind$"):
        members("x.rar", b"")
