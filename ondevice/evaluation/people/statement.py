"""One sentence of a story."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Statement:
    """A sentence, and when it was written; in a talk also who says it to whom, by their first names."""

    text: str = field(repr=False)
    at: datetime
    by: str = field(default="", repr=False)
    to: str = field(default="", repr=False)

    @property
    def is_told(self) -> bool:
        """Whether it is a turn of a talk."""
        return bool(self.by)
