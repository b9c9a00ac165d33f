"""Answers in a file, one a line: a run that is killed goes on, and a reader sees what was said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ondevice.evaluation.ledger import Ledger
from ondevice.safety.strict_json import read_record

LEDGER = "answers.jsonl"


@dataclass(frozen=True, kw_only=True, slots=True)
class HarmAnswer:
    """What was answered to one prompt, and how likely the right answer was.

    Args:
        request: What was asked.
        text: What was answered.
        nats: The mean of -ln p over the right answer's tokens and the end of the turn.
        n_prompt_tokens: Length of the prompt.
        seconds: What the answer took.
    """

    request: str = field(repr=False)
    text: str = field(repr=False)
    nats: float
    n_prompt_tokens: int
    seconds: float


class HarmAnswers(Ledger[HarmAnswer]):
    """The answers of a run by key, in a folder or in memory alone; close it, or use it as a context manager."""

    def __init__(self, folder: Path | None) -> None:
        """Read what the folder holds; see :class:`~ondevice.evaluation.ledger.Ledger`."""
        path = None if folder is None else folder / LEDGER
        super().__init__(path, noun="an answer", to_json=asdict, from_json=_answer_of)


def _answer_of(value: Mapping[str, Any]) -> HarmAnswer:
    return read_record(HarmAnswer, value, "the line", ValueError)
