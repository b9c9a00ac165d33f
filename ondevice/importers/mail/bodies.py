"""The words of a mail: of its parts those that its sender wrote, each as text."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Iterable
from email.message import Message

from ondevice.importers.mail.charsets import decoded, decoded_page
from ondevice.importers.mail.pages import text_of_html

_PAGE = re.compile(r"\s{0,99}(?:<!doctype html|<html\b|<\?xml[^>]{0,200}>\s{0,99}<html\b)", re.I)
_WORDS = re.compile(r"\w+")
_BASE64 = re.compile(r"\s*+((?>(?:[A-Za-z0-9+/]++={0,2}[ \t]*+(?:\r?\n|\Z))*))")
_NO_BASE64 = re.compile(r"[^A-Za-z0-9+/=\s]")
_LINK = re.compile(r"\b(?:https?://|www\.)\S+")
_CONTROLS = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 127])
_PADDING = re.compile(r"(?:[\u034f\u00ad\u200b\u200c\u200d\u2060\ufeff][ \t\u00a0\u2007]*){4,}")
"""What newsletters put behind the line that inboxes show first."""
_SAME = 0.6
"""So many of a short part's words stand in the other where both say the same."""
_TEASER_WORDS, _RICHER = 60, 3
_STUB_WORDS = 200
"""A longer plain part that says something else is none that only asks for another mail program."""


def text_of(message: Message) -> str:
    """Return the text of a mail's body, stripped; empty where it has none.

    Attachments are left out, and so are attached mails, which somebody else wrote. Of the same in plain text and in
    HTML the plain text counts, unless it is only a hint to look at the HTML. Where both are short and say different
    things, both count.

    Raises:
        RecursionError: If the parts lie too deep in one another.
    """
    plain, page = _texts(message)
    text = _better(plain, page).replace("\r\n", "\n").replace("\r", "\n")
    return _PADDING.sub(" ", text.translate(_CONTROLS)).strip()


def _texts(part: Message) -> tuple[str, str]:
    """Return the plain text of a part and all in it, and the text of the HTML."""
    kind = part.get_content_type()
    if part.get_content_disposition() == "attachment" or part.get_content_maintype() == "message":
        return "", ""
    if part.is_multipart():
        found = [_texts(each) for each in part.get_payload() if isinstance(each, Message)]
        if kind == "multipart/alternative":
            return _joined(plain for plain, _ in found), _joined(page for _, page in found)
        return _in_order(found)
    if kind == "text/html":
        return "", text_of_html(decoded_page(_bytes(part), _label(part)))
    # A mail that says it has parts, but has none, is read as the text it is.
    if kind == "text/plain" or part.get_content_maintype() == "multipart":
        text = decoded(_bytes(part), _label(part))
        return ("", text_of_html(text)) if _PAGE.match(text) else (_unflowed(part, text), "")
    return "", ""


def _in_order(found: list[tuple[str, str]]) -> tuple[str, str]:
    """Return parts that follow one another: both readings of the whole, or one text where only some have two."""
    if all(bool(plain) == bool(page) for plain, page in found):
        return _joined(plain for plain, _ in found), _joined(page for _, page in found)
    kept: list[str] = []
    for plain, page in found:
        text = _better(plain, page)
        # Some programs send one text twice without saying so.
        if text.strip() and not any(_share(text, each) > _SAME and _share(each, text) > _SAME for each in kept):
            kept.append(text)
    return _joined(kept), ""


def _better(plain: str, page: str) -> str:
    if not page.strip() or not plain.strip():
        return plain if plain.strip() else page
    n_plain, n_page = _n_words(plain), _n_words(page)
    if n_plain > _STUB_WORDS:
        return plain
    if n_plain <= _TEASER_WORDS and n_page >= _RICHER * n_plain:
        return page
    if _share(plain, page) >= _SAME or _share(page, plain) >= _SAME:
        return plain
    return page if n_page > n_plain // 2 else _joined((plain, page))


def _n_words(text: str) -> int:
    return len(_WORDS.findall(_LINK.sub(" ", text)))


def _share(text: str, other: str) -> float:
    words = set(_WORDS.findall(_LINK.sub(" ", text.lower())))
    return len(words & set(_WORDS.findall(other.lower()))) / max(len(words), 1)


def _joined(texts: Iterable[str]) -> str:
    return "\n\n".join(text.strip("\r\n") for text in texts if text.strip())


def _bytes(part: Message) -> bytes:
    if str(part.get("Content-Transfer-Encoding", "")).strip().lower() == "base64" and (written := _written(part)):
        encoded = _BASE64.match(written)
        if encoded and encoded[1] and _NO_BASE64.search(written, encoded.end()):
            # Lists put their own lines below, which would be read as more of it.
            whole = "".join(encoded[1].split()).rstrip("=").replace("=", "")
            return b64decode(whole[: len(whole) - (len(whole) % 4 == 1)] + "==")
    data = part.get_payload(decode=True)
    return data if isinstance(data, bytes) else b""


def _written(part: Message) -> str:
    try:
        written = part.get_payload()
    except (LookupError, TypeError, ValueError):
        # The standard library trips over some ways to write a character set.
        return ""
    return written if isinstance(written, str) else ""


def _label(part: Message) -> str:
    try:
        return part.get_content_charset("")
    except (LookupError, ValueError, UnicodeError):
        return ""


def _unflowed(part: Message, text: str) -> str:
    """Return a text whose lines were broken to be joined again (RFC 3676) with whole lines."""
    if str(part.get_param("format", "")).lower() != "flowed":
        return text
    is_tight = str(part.get_param("delsp", "")).lower() == "yes"
    lines: list[str] = []
    depth, is_open = 0, False
    for line in text.replace("\r\n", "\n").split("\n"):
        words = line.lstrip(">")
        n_marks = len(line) - len(words)
        words = words.removeprefix(" ")
        if is_open and n_marks == depth and words != "-- ":
            lines[-1] += words
        else:
            lines.append(f"{'>' * n_marks} {words}" if n_marks else words)
        depth, is_open = n_marks, words.endswith(" ") and words != "-- "
        if is_open and is_tight:
            lines[-1] = lines[-1].removesuffix(" ")
    return "\n".join(line.rstrip() if line != "-- " else line for line in lines)
