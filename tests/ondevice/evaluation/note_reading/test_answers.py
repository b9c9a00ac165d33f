"""Graded answers in a file: they come back as they were, and what is no graded answer is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from ondevice.errors import InputError
from ondevice.evaluation.note_reading.answers import LEDGER, NoteAnswer, NoteAnswers

ANSWER = NoteAnswer(
    holder="Ana",
    number=3,
    category="when",
    condition="evidence+",
    request="When?",
    text="Rub.",
    mark="right",
    notes=("a", "b"),
    cited=("a",),
    support=1.0,
    n_prompt_tokens=9,
    n_tokens=2,
    seconds=0.5,
)


def test_answers_come_back(tmp_path: Path) -> None:
    with NoteAnswers(tmp_path) as answers:
        answers.put("key", ANSWER)
    with NoteAnswers(tmp_path) as answers:
        assert answers.get("key") == ANSWER


@pytest.mark.parametrize(
    ("before", "after"),
    [('"Rub."', "null"), ("0.5", '"0.5"'), ('["a"]', '"a"'), ('"evidence+"', '"all"'), ('"mark"', '"word"')],
)
def test_a_line_that_is_no_graded_answer_is_named(tmp_path: Path, before: str, after: str) -> None:
    with NoteAnswers(tmp_path) as answers:
        answers.put("key", ANSWER)
    path = tmp_path / LEDGER
    path.write_text(path.read_text("utf-8").replace(before, after), "utf-8")
    with pytest.raises(InputError, match=r"line 1: it is not a graded answer"):
        NoteAnswers(tmp_path)
