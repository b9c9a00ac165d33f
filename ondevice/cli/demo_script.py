"""What the demonstration asks, and what it keeps of the answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from ondevice.cli.plaintext import Scan
from ondevice.records import Completion, Hit, Receipt

REQUESTS = (
    "When is my next dentist check-up?",
    "When and where is our choir concert?",
    "Who repaired the radiator?",
    "What does Tomas like to drink?",
    "How much rent do I pay?",
    "When does our flight to Porto leave?",
)
"""The last but one is answered by no item; what the last one rests on is then forgotten."""

NOW = datetime(2026, 4, 28, 12, tzinfo=timezone(timedelta(hours=2)))
"""When the invented person asks: a day after the last item."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Exchange:
    """One request, answered by the plain model and with the history."""

    request: str
    plain: Completion
    personalized: Completion


@dataclass(frozen=True, kw_only=True, slots=True)
class Forgotten:
    """One item, erased: how it was found before, what a search finds after, and what the model then says."""

    hit: Hit
    request: str
    receipt: Receipt
    is_signed: bool
    is_gone: bool
    answer: Completion


@dataclass(frozen=True, kw_only=True, slots=True)
class Demo:
    """Everything the demonstration showed."""

    n_items: int
    add_ms: float
    exchanges: tuple[Exchange, ...]
    forgotten: Forgotten
    scans: tuple[Scan, ...]
