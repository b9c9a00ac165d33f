"""Profiles of four days, and what the model is told of them behind a prompt."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from ondevice import Personalizer
from ondevice.generation.prepared import Prepared

ASKED = "where was the cat"
TEXTS = ("the cat and the rain", "the dog on the beach", "ten tickets to oslo", "a song and a poem")
OpenTold = Callable[..., Personalizer]


def fill(me: Personalizer, *texts: str, first: int = 1) -> list[str]:
    """Add texts, one a day."""
    return [
        me.add(text, time=datetime(2024, 1, first + place, tzinfo=UTC)).id for place, text in enumerate(texts or TEXTS)
    ]


def rows_of(prepared: Prepared) -> bytes:
    assert prepared.suffix is not None
    return prepared.suffix.tobytes()


def ask(me: Personalizer, **options: Any) -> Prepared:
    return me.prepare(ASKED, **{"retriever": "none", "max_tokens": 4, **options})
