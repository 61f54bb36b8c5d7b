"""Labelled texts, in the formats of their packages."""

from __future__ import annotations

import json
import re

from kdtheory.errors import DataUnavailable

_SUBJECT = re.compile(r"^subject:[ \t]*(.*)$", re.IGNORECASE | re.MULTILINE)


def tab(name: str, content: bytes) -> tuple[list[str], list[str]]:
    """Texts and categories of a tab-separated file with three lines of head: ``category TAB text``."""
    lines = _decoded(name, content, "utf-8").split("\n")[3:]
    rows = [line.split("\t") for line in lines if line]
    if not rows or any(len(row) != 2 for row in rows):
        raise _unreadable(name, "a line that is not a category and a text")
    return [text for _, text in rows], [category for category, _ in rows]


def rated(name: str, content: bytes) -> tuple[list[str], list[float]]:
    """Texts and mean ratings of lines ``number TAB rating TAB text``."""
    rows = [line.split("\t") for line in _decoded(name, content, "latin-1").split("\n") if line.strip()]
    try:
        return [text.strip() for _, _, text in rows], [float(rating) for _, rating, _ in rows]
    except ValueError:
        raise _unreadable(name, "a line that is not a number, a rating and a text") from None


def mails(name: str, content: bytes) -> tuple[list[str], list[bool]]:
    """Subjects with bodies of mails, and whether each is spam.

    Of the head only the subject is kept, because the rest tells who collected the mail; of mails that differ in the
    head alone the first is kept, so that none stands in training and testing both.
    """
    try:
        entries = json.loads(content)
        found: dict[str, bool] = {}
        for entry in entries:
            found.setdefault(_readable(entry["text"]), entry["group"].startswith("spam"))
    except (ValueError, KeyError, TypeError, AttributeError):
        raise _unreadable(name, "another format") from None
    return list(found), list(found.values())


def _readable(mail: str) -> str:
    head, _, body = mail.replace("\r\n", "\n").partition("\n\n")
    subject = _SUBJECT.search(head)
    return f"{subject.group(1) if subject else ''}\n{body}".strip()


def _decoded(name: str, content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        raise _unreadable(name, f"bytes that are not {encoding}") from None


def _unreadable(name: str, got: str) -> DataUnavailable:
    return DataUnavailable(name, expected="labelled texts", got=got, fix="get the data set again")
