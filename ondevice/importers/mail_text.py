"""The words of a mail: its plain part, or its HTML as text, and the same without what it quotes."""

from __future__ import annotations

import re
from email.message import EmailMessage
from html.parser import HTMLParser

_BLOCK_TAGS = (
    "address article blockquote br dd div dl dt footer h1 h2 h3 h4 h5 h6 header hr li ol p pre section "
    "table td th tr ul"
)
_BLOCKS = frozenset(_BLOCK_TAGS.split())
_HIDDEN = frozenset({"head", "script", "style", "template", "title"})
_QUOTE = re.compile(r"\s*>")
_ATTRIBUTION = re.compile(
    r"\s*(?:On|Am|Le|El|Il|Op)\b.{0,300}(?:wrote|schrieb|écrit|escribió|scritto|schreef)[^\n]{0,80}:\s*\Z", re.S
)
_FORWARD = re.compile(r"\s*-{2,}\s*(?:Original Message|Forwarded(?: by| message)?|Ursprüngliche Nachricht)\b", re.I)


def plain_text(message: EmailMessage) -> str:
    """Return the text of a mail's body, stripped; empty where it has none."""
    plain, html = [], []
    for part in message.walk():
        if part.is_multipart() or part.get_content_disposition() == "attachment":
            continue
        # A mail that says it has parts, but has none, is read as the text it is.
        if part.get_content_type() == "text/plain" or part.get_content_maintype() == "multipart":
            plain.append(_decode(part))
        elif part.get_content_type() == "text/html":
            html.append(text_of_html(_decode(part)))
    joined = "\n\n".join(text for text in (plain if any(text.strip() for text in plain) else html) if text.strip())
    return joined.replace("\r\n", "\n").replace("\0", "").strip()


def _decode(part: EmailMessage) -> str:
    data = part.get_payload(decode=True)
    if not isinstance(data, bytes):
        return ""
    try:
        return data.decode(part.get_content_charset("utf-8"), "replace")
    except LookupError:
        # A mail may name a character set that does not exist; nearly all such mails are UTF-8 or ASCII.
        return data.decode("utf-8", "replace")


def without_quotes(text: str) -> str:
    """Return the text without lines that quote, the line that introduces them, and a forwarded original."""
    kept: list[str] = []
    for line in text.split("\n"):
        if _FORWARD.match(line):
            break
        if not _QUOTE.match(line):
            kept.append(line)
            continue
        _drop_attribution(kept)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip()


def _drop_attribution(kept: list[str]) -> None:
    """Take off the "On … wrote:" in front of a quote, which mailers break over up to three lines."""
    end = len(kept)
    while end and not kept[end - 1].strip():
        end -= 1
    for n_lines in (1, 2, 3):
        if end >= n_lines and _ATTRIBUTION.match("\n".join(kept[end - n_lines : end])):
            del kept[end - n_lines :]
            return


def text_of_html(html: str) -> str:
    """Return what a reader sees of an HTML page, a line for each block."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.pieces).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._hidden_depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _HIDDEN:
            self._hidden_depth += 1
        elif tag in _BLOCKS:
            self.pieces.append("\n")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _BLOCKS:
            self.pieces.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _HIDDEN:
            self._hidden_depth = max(0, self._hidden_depth - 1)
        elif tag in _BLOCKS:
            self.pieces.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._hidden_depth:
            self.pieces.append(data.replace("\n", " "))
