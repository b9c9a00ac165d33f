"""The questions that go with LoCoMo's conversations, and the turns that answer them.

Source: Maharana et al. 2024, arXiv:2402.17753 (record form, evidence, categories).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ondevice.errors import InputError
from ondevice.importers.drafting import MAX_TEXT_CHARS, RecordPlace, check_str, type_name
from ondevice.importers.opening import read_json
from ondevice.safety.printable import one_line

ADVERSARIAL = 5
"""The category of questions that are made to have no answer."""
_TURN = re.compile(r"D(\d+):(\d+)")


@dataclass(frozen=True, kw_only=True, slots=True)
class LocomoQuestion:
    """One question about a conversation; ``evidence`` names turns as the items' ``dia_id`` does.

    ``answer`` is what the data calls right, and ``None`` where it has none, or none that is a text or a number.
    """

    conversation: str
    text: str = field(repr=False)
    evidence: tuple[str, ...]
    category: int | None
    answer: str | None = field(default=None, repr=False)


def read_locomo_questions(path: Path) -> Iterator[LocomoQuestion]:
    """Yield every question of a LoCoMo file, in its order.

    Raises:
        NotFoundError: If there is no such file.
        InputError: If the file has another form; it names the conversation and the question.
    """
    samples = read_json(path)
    if not isinstance(samples, list) or not all(isinstance(each, dict) for each in samples):
        raise InputError(f"{one_line(path.name)} must be a list of LoCoMo conversations")
    for number, sample in enumerate(samples, start=1):
        name = str(sample.get("sample_id", number))
        place = RecordPlace(path.name, f"conversation {name}")
        asked = sample.get("qa")
        if not isinstance(asked, list):
            place.refuse(f"the field 'qa' must be a list of questions, not {type_name(asked)}")
        for index, value in enumerate(asked, start=1):
            yield _question(RecordPlace(path.name, f"conversation {name}, question {index}"), name, value)


def _question(place: RecordPlace, conversation: str, value: object) -> LocomoQuestion:
    if not isinstance(value, Mapping):
        place.refuse(f"it must be an object, not {type_name(value)}")
    text = check_str(place, value.get("question"), "question", MAX_TEXT_CHARS)
    if not text.strip():
        place.refuse("the field 'question' is empty")
    evidence, category, answer = value.get("evidence", []), value.get("category"), value.get("answer")
    if not isinstance(evidence, list) or not all(isinstance(each, str) for each in evidence):
        place.refuse("the field 'evidence' must be a list of turn ids")
    # Some entries name two turns in one string.
    turns = tuple(f"D{session}:{turn}" for each in evidence for session, turn in _TURN.findall(each))
    return LocomoQuestion(
        conversation=conversation,
        text=text,
        evidence=turns,
        category=category if isinstance(category, int) else None,
        answer=str(answer) if isinstance(answer, str | int | float) and not isinstance(answer, bool) else None,
    )
