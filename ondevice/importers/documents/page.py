"""The words of a page that was saved from the web, as its reader sees them."""

from __future__ import annotations

import html
import re

from ondevice.importers.documents.document import Document, UnreadableError, iso_time, joined
from ondevice.importers.mail.charsets import decoded_page
from ondevice.importers.mail.pages import text_of_html

_BEGINS = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]{0,200}>\s*)?(?:<!--[^>]{0,500}-->\s*)?<(?:!doctype\s+html|html)\b", re.I
)
_TITLE = re.compile(r"<title\b[^<>]{0,400}>([^<]{1,2000})", re.I)
_META = re.compile(r"<meta\b[^<>]{1,4000}>", re.I)
_NAME = re.compile(r"\b(?:name|property)\s{0,9}=\s{0,9}[\"']?([\w:.-]{1,60})", re.I)
_CONTENT = re.compile(r"\bcontent\s{0,9}=\s{0,9}(?:\"([^\"]{0,1000})|'([^']{0,1000}))", re.I)
MAX_PAGE_BYTES = 32 << 20
_HEAD_BYTES = 100_000
_AUTHORS = frozenset({"author", "article:author", "dc.creator"})
_TIMES = frozenset({"article:published_time", "date", "dc.date"})


def is_page(head: bytes) -> bool:
    """Say whether a file that begins so is a page."""
    return _BEGINS.match(head) is not None


def read_page(data: bytes) -> Document:
    """Return the words of a page, without what it hides.

    Raises:
        UnreadableError: If it is longer than a page may be, or than an item takes.
    """
    head = decoded_page(data[:_HEAD_BYTES])
    told = _told(head)
    title = _TITLE.search(head)
    times = [iso_time(told[name]) for name in sorted(_TIMES & told.keys())]
    return Document(
        text=joined([words_of_page(data)], ""),
        title=" ".join(html.unescape(title[1]).split()) if title else "",
        author=next((told[name] for name in sorted(_AUTHORS & told.keys())), ""),
        time=next((time for time in times if time is not None), None),
    )


def words_of_page(data: bytes) -> str:
    """Return the words of a page alone.

    Raises:
        UnreadableError: If it is longer than a page may be.
    """
    if len(data) > MAX_PAGE_BYTES:
        raise UnreadableError("too long", f"a page of it is longer than {MAX_PAGE_BYTES} bytes")
    return text_of_html(decoded_page(data))


def _told(head: str) -> dict[str, str]:
    """Return what a page tells about itself, by the names in lower case."""
    told: dict[str, str] = {}
    for meta in _META.findall(head):
        name, content = _NAME.search(meta), _CONTENT.search(meta)
        if name and content:
            told.setdefault(name[1].lower(), " ".join(html.unescape(content[1] or content[2] or "").split()))
    return told
