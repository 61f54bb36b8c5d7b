"""Formats of texts and images."""

import gzip
import json
import struct

import numpy as np
import pytest

from kdtheory.data import SETS, _openml, idx, texts
from kdtheory.data._unpack import Refused
from kdtheory.errors import DataUnavailable


def test_an_idx_file_byte_by_byte():
    content = bytes([0, 0, 8, 3]) + struct.pack(">III", 2, 1, 3) + bytes([1, 2, 3, 253, 254, 255])
    array = idx.read("images", content)
    assert array.tolist() == [[[1, 2, 3]], [[253, 254, 255]]]
    assert idx.written(array) == content


@pytest.mark.parametrize(
    "content, got",
    [
        (b"", "another format"),
        (gzip.compress(b"x", mtime=0), "another format"),
        (bytes([0, 0, 9, 1, 0, 0, 0, 0]), "another format"),
        (bytes([0, 0, 8, 0]), "another format"),
        (bytes([0, 0, 8, 2, 0, 0, 0, 1]), "another format"),
        (bytes([0, 0, 8, 1, 0, 0, 0, 3, 1, 2]), r"2 bytes for shape \(3,\)"),
        (bytes([0, 0, 8, 2, *[255] * 8, 1]), r"1 bytes for shape \(4294967295, 4294967295\)"),
    ],
)
def test_a_broken_idx_file_is_one_line(content, got):
    with pytest.raises(DataUnavailable, match=f"^labels: expected an IDX file of bytes, got {got}; get the data"):
        idx.read("labels", content)


def test_tab_separated_texts():
    content = "Category\tText\nd\tstring\nclass\t\nalt.a\tone two\nsci.b\tthrée\n".encode()
    assert texts.tab("t", content) == (["one two", "thrée"], ["alt.a", "sci.b"])


def test_rated_texts_in_latin_1_whose_lines_end_with_a_line_feed_only():
    content = b"1\t2.5\tCaf\xe9 \x85 good\r\n2\t-0.25\tbad\r\n"
    assert texts.rated("t", content) == (["Café \x85 good", "bad"], [2.5, -0.25])


def test_mails_are_subject_and_body_and_none_stands_twice():
    mails = [
        {"group": "spam-1", "text": "From: a\nSubject: Buy: now\nX: y\n\nbody\n\nSubject: no\n"},
        {"group": "easy-ham-2", "text": "From: b\r\nsubject: Buy: now\r\n\r\nbody\r\n\r\nSubject: no\r\n"},
        {"group": "hard-ham-1", "text": "From: Subject\n\nbody"},
    ]
    read, spam = texts.mails("m", json.dumps(mails).encode())
    assert read == ["Buy: now\nbody\n\nSubject: no", "body"]
    assert spam == [True, False]


@pytest.mark.parametrize(
    "reader, content",
    [
        (texts.tab, b"a\nb\nc\nno tab\n"),
        (texts.tab, b"a\nb\nc\n"),
        (texts.tab, b"a\nb\nc\nx\t\xff\n"),
        (texts.rated, b"1\tmuch\ttext\n"),
        (texts.rated, b"1\t2.0\n"),
        (texts.mails, b"[{}]"),
        (texts.mails, b"{"),
        (texts.mails, b"[3]"),
    ],
)
def test_other_texts_are_one_line(reader, content):
    with pytest.raises(DataUnavailable, match="^t: expected labelled texts, got .+; get the data set again$"):
        reader("t", content)


@pytest.fixture
def public(monkeypatch):
    """scikit-learn's copy: 70000 images, the training images first."""
    pixels = np.zeros((70000, 784))
    pixels[:, 5] = np.arange(70000) % 256
    pixels[60000, 0] = 200.0
    labels = (np.arange(70000) % 10).astype(str).astype(object)
    said = {}

    def fetch(name, **settings):
        said.update(settings, name=name)
        return pixels, labels

    monkeypatch.setattr("sklearn.datasets.fetch_openml", fetch)
    return said


def test_the_public_copy_is_written_as_the_originals_are(public):
    found = _openml.fetch(SETS["mnist"])
    assert public["name"] == "mnist_784"
    assert {name: len(content) for name, content in found.items()} == {f.name: f.size for f in SETS["mnist"].files}
    images = idx.read("test", found["t10k-images-idx3-ubyte"])
    assert images.shape == (10000, 28, 28)
    assert (images[0, 0, 0], images[0, 0, 5]) == (200, 60000 % 256)
    assert idx.read("train", found["train-labels-idx1-ubyte"])[:12].tolist() == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1]


def test_without_a_network_scikit_learn_itself_is_a_reason(monkeypatch):
    def nowhere(*arguments, **settings):
        raise OSError("no network here")

    monkeypatch.setattr("socket.getaddrinfo", nowhere)
    with pytest.raises(Refused, match="no network here"):
        _openml.fetch(SETS["mnist"])


@pytest.mark.parametrize("fault", [OSError("no network"), ValueError("no such set")])
def test_a_public_source_that_fails_is_a_reason(monkeypatch, fault):
    import socket

    def fetch(name, **settings):
        assert socket.getdefaulttimeout() == _openml.TIMEOUT
        raise fault

    monkeypatch.setattr("sklearn.datasets.fetch_openml", fetch)
    with pytest.raises(Refused, match=str(fault)):
        _openml.fetch(SETS["mnist"])
    assert socket.getdefaulttimeout() is None
