from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ondevice.errors import NotFoundError
from ondevice.evaluation.note_reading.questions import NoteQuestion
from ondevice.evaluation.note_reading.talks import holders_of_talks, score_talk
from ondevice.generation.prompts.refusal import REFUSAL
from tests.ondevice.evaluation.note_reading.talk_files import TALK


def question(gold: str, *, is_answerable: bool = True) -> NoteQuestion:
    return NoteQuestion(number=0, text="q", gold=gold, category="time", is_answerable=is_answerable)


def test_words_in_common_and_the_same_dates():
    score = score_talk(question("7 May 2023"), "She went there on May 7th, 2023.")
    # normalised: she went there on may 7th 2023 (7 words) and 7 may 2023 (3 words); "7th" is another word than "7"
    assert score.values == {
        "token F1": pytest.approx(2 * (2 / 7) * (2 / 3) / (2 / 7 + 2 / 3)),
        "refused wrongly": 0.0,
        "the same dates and numbers": 1.0,
    }
    assert score_talk(question("7 May 2023"), "8 May 2023").values["the same dates and numbers"] == 0.0
    assert "the same dates and numbers" not in score_talk(question("a cat"), "a cat").values


def test_a_refusal_of_what_can_be_answered_gains_nothing():
    score = score_talk(question("notes"), REFUSAL)
    assert (score.mark, score.lead) == ("refused", 0.0)
    assert score.values == {"token F1": 0.0, "refused wrongly": 1.0}


def test_what_has_no_answer_is_to_be_refused():
    assert score_talk(question("", is_answerable=False), REFUSAL).lead == 1.0
    answered = score_talk(question("", is_answerable=False), "a cat")
    assert answered.values == {"refused rightly": 0.0, "answered all the same": 1.0}


def test_a_conversation_is_a_holder_with_its_turns_as_notes(tmp_path: Path):
    path = tmp_path / "talks.json"
    path.write_text(json.dumps([TALK]))
    (holder,) = holders_of_talks(path, questions=10, seed=0)
    assert holder.now == datetime(2023, 5, 9, 13, 57, tzinfo=UTC)  # a minute behind the last turn
    assert [draft.id for draft in holder.drafts] == ["turn-0", "turn-1", "turn-2", "turn-3"]
    asked = {each.text: each for each in holder.questions}
    assert "asked without an answer" not in asked
    assert asked["When was the train?"].evidence == ("turn-1", "turn-2")
    assert asked["How many cheeses?"].gold == "3"
    lost = asked["When did Bob go to the moon?"]
    assert (lost.is_answerable, lost.evidence, lost.category) == (False, (), "no answer")


def test_a_file_without_questions_is_refused(tmp_path: Path):
    (tmp_path / "talks.json").write_text(json.dumps([{**TALK, "qa": []}]))
    with pytest.raises(NotFoundError, match="no question with an answer"):
        list(holders_of_talks(tmp_path / "talks.json", questions=10, seed=0))
