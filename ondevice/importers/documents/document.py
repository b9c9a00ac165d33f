"""What is read of a document, whatever its form, and why it may be none."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from ondevice.importers.drafting import MAX_TEXT_CHARS
from ondevice.importers.found import Reason


class UnreadableError(Exception):
    """A document that cannot be read; its words say why, and hold nothing of what stands in it."""

    def __init__(self, reason: Reason, detail: str) -> None:
        """Keep the reason in one of a few words, and in a sentence."""
        super().__init__(detail)
        self.reason, self.detail = reason, detail


@dataclass(frozen=True, kw_only=True, slots=True)
class Document:
    """The words of a document and what it tells about itself; empty where it tells nothing."""

    text: str = field(repr=False)
    title: str = field(default="", repr=False)
    author: str = field(default="", repr=False)
    time: datetime | None = None


def joined(pieces: Iterable[str], between: str) -> str:
    """Return the pieces that hold words as one text.

    Raises:
        UnreadableError: If they are longer than an item takes; no more than that is looked at.
    """
    kept: list[str] = []
    n_chars = 0
    for piece in pieces:
        if words := piece.replace("\0", "").strip():
            n_chars += len(words) + len(between)
            if n_chars > MAX_TEXT_CHARS:
                raise UnreadableError("too long", f"it has more than {MAX_TEXT_CHARS} characters")
            kept.append(words)
    return between.join(kept)


def iso_time(text: str) -> datetime | None:
    """Return the time that a text says in the form of ISO 8601, with or without a zone; ``None`` where it says none."""
    try:
        return datetime.fromisoformat(text.strip())
    except ValueError:
        return None
