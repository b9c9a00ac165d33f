"""The mails of an mbox file, cut apart at the lines above them, which begin with ``From`` and a space (RFC 4155).

Programs differ in whether they mark such a line in a mail's text, so a line counts only where it looks like an envelope
and a mail's head follows.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

MAX_MAIL_BYTES = 256 << 20

_LINE_BYTES = 64 << 10
_N_AHEAD = 24
_DATED = re.compile(
    rb"\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),?\s+(?:[A-Z][a-z]{2}\s+\d{1,2}|\d{1,2}\s+[A-Z][a-z]{2})\b[^\n]{0,30}?"
    rb"\b\d{1,2}:\d{2}(?::\d{2})?\b[^\n]{0,30}\s*\Z|"
    rb"\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),?\s+\d{1,2}\s+[A-Z][a-z]{2}\s+\d{4}\b[^\n]{0,30}\s*\Z"
)
_SENDER = re.compile(rb"\s*\Z|\S+\s*\Z|\S*@\S*\s|-\s|MAILER-DAEMON\s")
_HEADER = re.compile(rb"([!-9;-~]{1,80})[ \t]*:")
_KNOWN = frozenset(
    b"authentication-results bcc cc content-transfer-encoding content-type date delivered-to dkim-signature "
    b"envelope-to from in-reply-to message-id mime-version received references reply-to return-path sender status "
    b"subject to x-gm-thrid x-gmail-labels x-mozilla-status x-mozilla-status2 x-original-to x-received "
    b"x-status x-uid".split()
)
_ESCAPED = re.compile(rb"^>(>*From )", re.MULTILINE)


@dataclass(frozen=True, kw_only=True, slots=True)
class RawMail:
    """One mail: the line above it, and its bytes, or ``None`` where there are more than a mail may have."""

    envelope: bytes
    content: bytes | None = field(repr=False)


def mails_of(file: BinaryIO) -> Iterator[RawMail]:
    """Yield the mails of an open mbox file, in its order; what stands before the first is passed over.

    Where so much stands before the first as a mail may have, there is none. The empty line before the next ``From``
    belongs to the format, not to the mail, and so does the mark ``>`` before such a line in its text.
    """
    lines = _Lines(file)
    envelope: bytes | None = None
    content: bytearray | None = bytearray()
    is_line_start, is_after_empty, is_in_envelope, n_before = True, True, False, 0
    while piece := lines.next():
        if (
            is_line_start
            and piece.startswith(b"From ")
            and is_envelope(piece, lines.ahead(), is_after_empty=is_after_empty, is_first=envelope is None)
        ):
            if envelope is not None:
                yield _mail(envelope, content)
            envelope, content, is_in_envelope = piece, bytearray(), True
        elif is_line_start:
            is_in_envelope = False
        is_after_empty = is_line_start and piece in (b"\n", b"\r\n")
        is_line_start = piece.endswith(b"\n")
        if envelope is None and (n_before := n_before + len(piece)) > MAX_MAIL_BYTES:
            return
        if is_in_envelope or envelope is None or content is None:
            continue
        content += piece
        if len(content) > MAX_MAIL_BYTES:
            content = None
    if envelope is not None:
        yield _mail(envelope, content)


def is_envelope(line: bytes, following: Sequence[bytes], *, is_after_empty: bool, is_first: bool = False) -> bool:
    """Say whether a line that begins with ``From`` stands above a mail, and is no sentence in one.

    Args:
        line: The line.
        following: The next lines, as far as they are known.
        is_after_empty: Whether it is the first line, or that before it is empty.
        is_first: Whether no mail stands before it. Then a mail may follow that has no head.
    """
    names, is_head = _head_names(following)
    n_known = sum(name in _KNOWN for name in names)
    if _DATED.search(line.rstrip()):
        if not is_after_empty:
            return n_known > 1
        after = next((each for each in following if each.strip()), b"From ")
        if _HEADER.match(after) or n_known > 1:
            return bool(names)
        return after.startswith(b"From ") or (is_first and not following[0].strip())
    return is_after_empty and is_head and n_known > 1 and _SENDER.match(line, 5) is not None


def known_names(lines: Sequence[bytes]) -> set[bytes]:
    """Return those names of a head's lines, in lower case, that heads of mails have."""
    return {name for name in _head_names(lines)[0] if name in _KNOWN}


def _head_names(lines: Sequence[bytes]) -> tuple[list[bytes], bool]:
    """Return the names of a head's lines, in lower case, and whether nothing but such lines stands in it."""
    found: list[bytes] = []
    is_line_start = is_head = True
    for number, line in enumerate(lines):
        if not line.strip():
            break
        is_more = not is_line_start or line[:1] in b" \t" or (number == 0 and line.startswith(b">From "))
        is_line_start = line.endswith(b"\n")
        if is_more:
            continue
        header = _HEADER.match(line)
        if header is None:
            is_head = False
        else:
            found.append(header[1].lower())
    return found, is_head


class _Lines:
    """The lines of a file, of which some can be seen before it is their turn; one of great length comes in pieces."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._seen: deque[bytes] = deque()

    def next(self) -> bytes:
        return self._seen.popleft() if self._seen else self._file.readline(_LINE_BYTES)

    def ahead(self) -> Sequence[bytes]:
        """Return the lines until the next empty one behind others, but not many."""
        while len(self._seen) < _N_AHEAD and (line := self._file.readline(_LINE_BYTES)):
            self._seen.append(line)
            if not line.strip() and self._seen[0].strip():
                break
        return list(self._seen)[:_N_AHEAD]


def _mail(envelope: bytes, content: bytearray | None) -> RawMail:
    if content is None:
        return RawMail(envelope=envelope, content=None)
    if content.endswith(b"\n\n") or content == b"\n":
        del content[-1:]
    elif content.endswith(b"\n\r\n") or content == b"\r\n":
        del content[-2:]
    if content.startswith(b">From "):
        # A second envelope, which some programs put above the head.
        del content[: content.find(b"\n") + 1 or len(content)]
    return RawMail(envelope=envelope, content=_ESCAPED.sub(rb"\1", content) if b">From " in content else bytes(content))
