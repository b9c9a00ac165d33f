"""The mails of an mbox file, cut apart at the lines that begin with ``From`` and a space (RFC 4155)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

MAX_MAIL_BYTES = 256 << 20

_LINE_BYTES = 64 << 10


@dataclass(frozen=True, kw_only=True, slots=True)
class RawMail:
    """One mail: the line above it, and its bytes, or ``None`` where there are more than a mail may have."""

    envelope: bytes
    content: bytes | None = field(repr=False)


def mails_of(file: BinaryIO) -> Iterator[RawMail]:
    """Yield the mails of an open mbox file, in its order; what stands before the first is passed over.

    Where so much stands before the first as a mail may have, there is none. The empty line before the next ``From``
    belongs to the format, not to the mail.
    """
    envelope: bytes | None = None
    content: bytearray | None = bytearray()
    is_line_start, is_in_envelope, n_before = True, False, 0
    while piece := file.readline(_LINE_BYTES):
        if is_line_start and piece.startswith(b"From "):
            if envelope is not None:
                yield _mail(envelope, content)
            envelope, content, is_in_envelope = piece, bytearray(), True
        elif is_line_start:
            is_in_envelope = False
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


def _mail(envelope: bytes, content: bytearray | None) -> RawMail:
    if content is None:
        return RawMail(envelope=envelope, content=None)
    if content.endswith(b"\n\n") or content == b"\n":
        del content[-1:]
    return RawMail(envelope=envelope, content=bytes(content))
