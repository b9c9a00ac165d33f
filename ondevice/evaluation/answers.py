"""Answers that were given before; two strategies that build the same prompt share one answer.

The file holds what the model wrote about the data set; it belongs beside the data set, not on a user's device.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Self

from ondevice.evaluation.ledger import Ledger

STOP = ("\n",)
"""Every answer of LaMP is one line."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """One answer, and what it took to get it when it was computed."""

    text: str = field(repr=False)
    n_prompt_tokens: int
    n_reused_tokens: int
    n_tokens: int
    timings_ms: Mapping[str, float]


class AnswerStore(Ledger[Answer]):
    """A file of answers by key, or memory alone; close it, or use it as a context manager."""

    def __init__(self, path: Path | None) -> None:
        """Read what ``path`` holds; see :class:`~ondevice.evaluation.ledger.Ledger`."""
        super().__init__(path, noun="an answer", to_json=asdict, from_json=lambda value: Answer(**value))

    @classmethod
    def remembering(cls, answers: Mapping[str, Answer]) -> Self:
        """Return a store in memory alone that knows these answers; what is put there leaves the mapping as it is."""
        store = cls(None)
        store.remember(answers)
        return store


def clean(text: str) -> str:
    """Return a free answer without the quotation marks that chat models like to put around a title."""
    line = text.strip()
    return line[1:-1].strip() if len(line) > 1 and line[0] == line[-1] == '"' else line
