"""The words of a book (EPUB): its chapters, in the order in which they are read.

What tells of the book is read with small patterns and not as XML: of that only some attributes are wanted, and XML that
anybody may send can grow without end.
"""

from __future__ import annotations

import html
import posixpath
import re
from collections.abc import Iterator
from zipfile import ZipFile

from ondevice.importers.documents.document import Document, UnreadableError, iso_time, joined
from ondevice.importers.documents.packed import opened_parts
from ondevice.importers.documents.page import MAX_PAGE_BYTES, words_of_page
from ondevice.importers.mail.charsets import decoded_page

CONTAINER = "META-INF/container.xml"
_ENCRYPTION = "META-INF/encryption.xml"
_TAG = re.compile(r"<(?:\w{1,20}:)?(rootfile|item|itemref|CipherReference)\b([^<>]{0,4000})>")
_ATTRIBUTE = re.compile(r"\b([\w:-]{1,40})\s{0,9}=\s{0,9}(?:\"([^\"]{0,2000})\"|'([^']{0,2000})')")
_TOLD = re.compile(r"<dc:(title|creator|date)\b[^<>]{0,400}>([^<]{1,2000})")
_QUOTED = re.compile(rb"%([0-9A-Fa-f]{2})")
_MAX_TELLING_BYTES = 8 << 20
_PAGES = ("application/xhtml+xml", "text/html")


def read_epub(data: bytes) -> Document:
    """Return the words of all chapters.

    Raises:
        UnreadableError: If it is damaged, locked, unpacks to too much, or is longer than an item takes.
    """
    try:
        with opened_parts(data) as archive:
            return _book(archive)
    except UnreadableError:
        raise
    except Exception:
        # Whatever is wrong with one file, the next is read.
        raise UnreadableError("broken", "it is a damaged EPUB file") from None


def _book(archive: ZipFile) -> Document:
    (package,) = [tag["full-path"] for name, tag in _tags(_text(archive, CONTAINER)) if name == "rootfile"][:1]
    said = _text(archive, package)
    items = {tag["id"]: tag for name, tag in _tags(said) if name == "item" and {"id", "href"} <= tag.keys()}
    order = [items.get(tag.get("idref", "")) for name, tag in _tags(said) if name == "itemref"]
    chapters = [
        posixpath.normpath(posixpath.join(posixpath.dirname(package), _unquoted(item["href"])))
        for item in order
        if item is not None and item.get("media-type") in _PAGES
    ]
    if locked := _locked(archive) & set(chapters):
        raise UnreadableError("unsupported", f"{len(locked)} of its {len(chapters)} chapters are locked")
    told: dict[str, str] = {}
    for name, value in _TOLD.findall(said):
        told.setdefault(name, " ".join(html.unescape(value).split()))
    return Document(
        text=joined(_chapters(archive, chapters), "\n\n"),
        title=told.get("title", ""),
        author=told.get("creator", ""),
        time=iso_time(told.get("date", "")),
    )


def _chapters(archive: ZipFile, names: list[str]) -> Iterator[str]:
    for name in names:
        with archive.open(name) as part:
            yield words_of_page(part.read(MAX_PAGE_BYTES + 1))


def _locked(archive: ZipFile) -> set[str]:
    """Return the parts that can be read with a key alone."""
    if _ENCRYPTION not in archive.namelist():
        return set()
    return {
        _unquoted(tag.get("URI", "")) for name, tag in _tags(_text(archive, _ENCRYPTION)) if name == "CipherReference"
    }


def _text(archive: ZipFile, name: str) -> str:
    with archive.open(name) as part:
        return decoded_page(part.read(_MAX_TELLING_BYTES))


def _tags(text: str) -> Iterator[tuple[str, dict[str, str]]]:
    for name, inside in _TAG.findall(text):
        yield name, {key: html.unescape(one or other) for key, one, other in _ATTRIBUTE.findall(inside)}


def _unquoted(address: str) -> str:
    """Return the path of a part, in which other signs than letters may be written as numbers."""
    plain = _QUOTED.sub(lambda sign: bytes([int(sign[1], 16)]), address.encode("utf-8", "replace"))
    return plain.decode("utf-8", "replace")
