"""Which names a reader may see.

An app, or the user, gives names to kinds, fields, metadata keys and learned things. They are the user's own, so they
stand where the user looks, and not in what is made to be shown to others: there, only the names that this package and
its importers give are told, and the rest are counted. Times are told to the day, or to the month.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from ondevice.safety.printable import one_line

KINDS = frozenset(
    [
        "note",
        "email",
        "message",
        "chat",
        "journal",
        "task",
        "event",
        "contact",
        "document",
        "lamp_1",
        "lamp_2",
        "lamp_2n",
        "lamp_3",
        "lamp_4",
        "lamp_5",
        "lamp_6",
        "lamp_7",
    ]
)
KEYS = frozenset(
    [
        "title",
        "from",
        "to",
        "labels",
        "message_id",
        "path",
        "id",
        "import_source",
        "tags",
        "author",
        "name",
        "when",
        "repeats",
        "due",
        "place",
        "organizer",
        "with",
        "status",
        "uid",
        "start",
        "end",
        "addresses",
        "dia_id",
        "session",
        "speaker",
        "conversation",
        "message",
        "exported_by",
        "lamp_id",
        "user",
    ]
)
EVENTS = frozenset(
    [
        "created",
        "migrated",
        "loss-accepted",
        "restored",
        "rekeyed",
        "slot-added",
        "slot-removed",
        "slot-changed",
        "imported",
        "exported",
        "backed-up",
        "handed-out",
        "forgot",
        "erasure-finished",
        "refinement-learned",
        "refinement-dropped",
        "adapter-trained",
        "adapter-dropped",
        "adapter-merged",
        "merged-dropped",
    ]
)
FILES = frozenset(["index", "cache", "adapter", "checkpoint", "summary", "merged"])

_DAY, _MONTH = len("2024-05-31"), len("2024-05")


@dataclass(frozen=True, kw_only=True, slots=True)
class Naming:
    """How names and times are told.

    Args:
        tells_all: Whether the reader is the user, who may see every name.
        to_the_day: Whether times are told to the day, rather than to the month.
    """

    tells_all: bool
    to_the_day: bool

    def when(self, moment: datetime | None) -> str | None:
        """Return a day or a month, in UTC."""
        return None if moment is None else moment.isoformat()[: _DAY if self.to_the_day else _MONTH]

    def name(self, name: str, known: Iterable[str], other: str = "another") -> str:
        """Return a name, or the word that stands for those that are not told."""
        return one_line(name) if self.tells_all or name in known else other

    def counted(self, counts: Mapping[str, int], known: Iterable[str]) -> list[tuple[str, int | None]]:
        """Return counts by name, and behind them how many names are not told."""
        told: list[tuple[str, int | None]] = [
            (one_line(name), count) for name, count in counts.items() if self.tells_all or name in known
        ]
        n_others = len(counts) - len(told)
        return [*told, (f"({n_others} more names)", None)] if n_others else told


FOR_THE_USER = Naming(tells_all=True, to_the_day=True)
FOR_A_FILE = Naming(tells_all=False, to_the_day=True)
"""For what the user keeps on the disk, where others may come by it."""
FOR_OTHERS = Naming(tells_all=False, to_the_day=False)
