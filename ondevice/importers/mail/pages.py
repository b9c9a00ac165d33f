"""An HTML page as the text that its reader sees, with quotes marked as they are in plain mails."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

_BREAK_TAGS = (
    "address article aside caption center dd details dir div dl dt fieldset figcaption figure footer form header hr li "
    "main nav section summary tr"
)
_PARAGRAPH_TAGS = "blockquote h1 h2 h3 h4 h5 h6 menu ol p pre table ul"
_HIDDEN_TAGS = "head iframe noembed noframes script style svg template textarea title"
_TAGS_THAT_END_BY_THEMSELVES = (
    "area base body br col colgroup dd dt embed head hr html img input li link meta optgroup option p param source "
    "tbody td tfoot th thead tr track wbr"
)
_BREAKS = frozenset(_BREAK_TAGS.split())
_PARAGRAPHS = frozenset(_PARAGRAPH_TAGS.split())
_HIDDEN = frozenset(_HIDDEN_TAGS.split())
_END_BY_THEMSELVES = frozenset(_TAGS_THAT_END_BY_THEMSELVES.split())
_CELLS = frozenset({"td", "th"})
_NOT_SHOWN = re.compile(r"(?:display\s{0,9}:\s{0,9}none|mso-hide\s{0,9}:\s{0,9}all)", re.I)
_SPACES = re.compile(r"[ \t\n\r\f]+")

# The time that HTML takes grows with the square of a page's depth and of a tag's attributes, and anybody may send one.
_MAX_TAGS = 50_000
_MAX_DEPTH = 1_000
_MAX_TAG_CHARS = 20_000
_TAG = re.compile(
    r"<(/?)([a-zA-Z][^\s/>]{0,40}+)[^\s/>]*+"
    r"(?>(?:(?:[\s/]++|(?<=[\"']))[^\s/>=]*+(?>(?:\s*+=\s*+(?:\"[^\"]*+\"?|'[^']*+'?|[^\s>]*+))?))*)"
)
_UNCLOSED = re.compile(
    r"<(?:title|style|script)\b[^<>]*>[^<]*|<(?:iframe|noembed|noframes|svg|template|textarea)\b[^<>]*>|<!--", re.I
)
_UNSEEN = re.compile(r"<(title|style|script)\b.*?(?:</\1|\Z)|<!--.*?(?:-->|\Z)", re.I | re.S)


def text_of_html(page: str) -> str:
    """Return what a reader sees of an HTML page: a line for each block, ``>`` before each line of a quoted mail.

    Where nothing is to be seen because a title or a style is not closed, as it is where a page is cut off, what stands
    behind counts.
    """
    page = _TAG.sub(_shortened, page.replace("\0", ""))
    if is_too_much(page):
        return _stripped(page)
    return _seen(page) or _seen(_UNCLOSED.sub(" ", page))


def _shortened(tag: re.Match[str]) -> str:
    return tag[0] if len(tag[0]) <= _MAX_TAG_CHARS else f"<{tag[1]}{tag[2]} "


def is_too_much(page: str) -> bool:
    """Say whether a page is so deep, or has so many tags, that it would take long to read as one."""
    opened: dict[str, int] = {}
    depth = 0
    for number, tag in enumerate(_TAG.finditer(page)):
        name = tag[2].lower()
        if number >= _MAX_TAGS or depth > _MAX_DEPTH:
            return True
        if name in _END_BY_THEMSELVES:
            continue
        if not tag[1]:
            opened[name] = opened.get(name, 0) + 1
            depth += 1
        elif opened.get(name):
            opened[name] -= 1
            depth -= 1
    return False


def _stripped(page: str) -> str:
    """Return the text of a page that is too deep or too long to be taken for one."""
    text = html.unescape(_TAG.sub("\n<", _UNSEEN.sub("\n", page)).replace("\n<>", "\n"))
    return _tidy(" ".join(line.split()) for line in text.split("\n") if line.strip())


def _seen(page: str) -> str:
    from selectolax.lexbor import LexborHTMLParser

    root = LexborHTMLParser(page).root
    if root is None:
        return ""
    writing = _Writing()
    node: LexborNode | None = root
    while node is not None:
        inner = node.first_child if writing.enter(node) else None
        if inner is not None:
            node = inner
            continue
        while node is not None:
            writing.leave(node)
            following = None if node.mem_id == root.mem_id else node.next
            if following is not None:
                node = following
                break
            node = None if node.mem_id == root.mem_id else node.parent
    return writing.text()


class _Writing:
    """The lines that are written while a page is walked through."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._line: list[str] = []
        self._n_quotes = self._n_preformatted = 0

    def enter(self, node: LexborNode) -> bool:
        """Write what begins here; return whether to go into it."""
        tag = node.tag or ""
        if tag == "-text":
            self._write(node.text_content or "")
            return False
        if tag.startswith("-") or tag.startswith("!") or tag in _HIDDEN or _is_hidden(node):
            return tag == "-document"
        if tag == "br":
            self._end_line(is_forced=True)
            return False
        self._separate(tag)
        self._n_quotes += _is_quote(node)
        self._n_preformatted += tag == "pre"
        return True

    def leave(self, node: LexborNode) -> None:
        """Write what ends here."""
        tag = node.tag or ""
        if tag.startswith(("-", "!")) or tag == "br" or tag in _HIDDEN or _is_hidden(node):
            return
        if tag in _BREAKS or tag in _PARAGRAPHS:
            self._end_line()
        self._n_quotes -= _is_quote(node)
        self._n_preformatted -= tag == "pre"
        if tag not in _CELLS:
            self._separate(tag)

    def text(self) -> str:
        self._end_line()
        return _tidy(self._lines)

    def _separate(self, tag: str) -> None:
        if tag in _BREAKS:
            self._end_line()
        elif tag in _PARAGRAPHS:
            self._end_line()
            if self._lines and self._lines[-1].strip(" >"):
                self._end_line(is_forced=True)
        elif tag in _CELLS:
            self._line.append(" ")

    def _write(self, text: str) -> None:
        if not self._n_preformatted:
            self._line.append(_SPACES.sub(" ", text))
            return
        *whole, last = text.split("\n")
        for line in whole:
            self._line.append(line)
            self._end_line(is_forced=True)
        self._line.append(last)

    def _end_line(self, *, is_forced: bool = False) -> None:
        joined = "".join(self._line)
        line = joined.rstrip() if self._n_preformatted else " ".join(joined.split())
        self._line.clear()
        if line or is_forced:
            self._lines.append(f"{'>' * self._n_quotes} {line}".rstrip() if self._n_quotes else line)


def _is_hidden(node: LexborNode) -> bool:
    attributes = node.attributes
    return bool(attributes) and ("hidden" in attributes or bool(_NOT_SHOWN.search(attributes.get("style") or "")))


def _is_quote(node: LexborNode) -> bool:
    if node.tag not in ("blockquote", "div"):
        return False
    attributes = node.attributes
    classes = (attributes.get("class") or "").lower()
    if node.tag == "div":
        return "yahoo_quoted" in classes
    return "quote" in classes or "cite" in attributes or (attributes.get("type") or "").lower() == "cite"


def _tidy(lines: Iterable[str]) -> str:
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
