"""A request that needs nobody's history: anybody would get the same answer, so a profile can only disturb it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

Row = tuple[str, str, str]
"""A request, a right answer, and an expression for what every right answer holds."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PlainRequest:
    """One request.

    Args:
        kind: What it takes: knowledge, arithmetic, words, rewriting or formatting.
        text: What is asked.
        answer: A right answer, as short as it can be.
        pattern: An expression that every right answer holds; letters count large and small alike unless it says
            otherwise.
    """

    kind: str
    text: str = field(repr=False)
    answer: str = field(repr=False)
    pattern: str = field(repr=False)

    def is_answered_by(self, text: str) -> bool:
        """Say whether a text holds what a right answer holds; whatever else stands in it does not count."""
        return re.search(self.pattern, text.replace("\u2019", "'"), re.IGNORECASE) is not None


def requests_of(kind: str, rows: Sequence[Row]) -> Iterator[PlainRequest]:
    """Yield the requests of a table."""
    return (PlainRequest(kind=kind, text=text, answer=answer, pattern=pattern) for text, answer, pattern in rows)
