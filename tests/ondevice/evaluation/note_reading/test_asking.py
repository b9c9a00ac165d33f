"""Hand-made people through real encrypted profiles with tiny models, whose random answers are all wrong."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from ondevice.evaluation.note_reading.answers import LEDGER, NoteAnswers
from ondevice.evaluation.note_reading.asking import Asker, Scored, n_answers
from ondevice.evaluation.note_reading.conditions import NOTE_CONDITIONS, NoteCondition, conditions_of
from ondevice.evaluation.note_reading.invented import holders_of
from ondevice.evaluation.plan import RunConfig
from ondevice.generation.prompts.refusal import REFUSAL
from tests.ondevice.evaluation.note_reading.made_people import ANN, BOB
from tests.tiny_generator import make_tiny_generator


@pytest.fixture
def config(app_models: Path) -> RunConfig:
    return RunConfig(models=app_models, generator="tiny-generator", encoder="tiny-encoder", max_tokens=4, threads=1)


def ask(
    config: RunConfig, folder: Path | None = None, conditions: tuple[NoteCondition, ...] = NOTE_CONDITIONS, k: int = 3
) -> list[Scored]:
    told: list[None] = []
    with NoteAnswers(folder) as answers, Asker(config, answers, k=k) as asker:
        holders = list(holders_of([ANN, BOB], questions=10, seed=0))
        scored = [each for holder in holders for each in asker.ask(holder, conditions, lambda: told.append(None))]
    assert len(told) == len(scored) == sum(n_answers(holder, conditions) for holder in holders)
    return scored


def notes_of(
    scored: list[Scored], condition: NoteCondition, request: str, *, is_again: bool = False
) -> tuple[str, ...]:
    (answer,) = (
        each.answer
        for each in scored
        if (each.answer.condition, each.answer.request, each.answer.is_again) == (condition, request, is_again)
    )
    return answer.notes


def test_each_condition_has_its_notes_in_the_prompt(config: RunConfig):
    scored = ask(config)
    two = "When is lunch, and when the train?"
    assert notes_of(scored, "none", two) == ()
    found = notes_of(scored, "retrieval", two)
    assert len(found) == 3
    assert set(notes_of(scored, "evidence", two)) == {"a2", "a3"}
    more = notes_of(scored, "evidence+", two)
    first_other = next(item_id for item_id in found if item_id not in ("a2", "a3"))
    assert set(more) == {"a2", "a3", first_other}
    # where the notes do not say it, an oracle has nothing better than the retriever
    unsaid = "Who won the chess game?"
    assert notes_of(scored, "evidence", unsaid) == notes_of(scored, "retrieval", unsaid) != ()


def test_what_follows_a_question_is_asked_behind_it_and_its_answer(config: RunConfig):
    before = ("Who is hungry?", "The cat is.")
    alone = ANN.requests[0]
    person = replace(ANN, requests=(alone, replace(alone, after=before)), forgotten=())
    (holder,) = holders_of([person], questions=2, seed=0)
    assert [each.category for each in holder.questions] == ["fact", "follow-up"]
    with NoteAnswers(None) as answers, Asker(config, answers, k=1) as asker:
        first, second = (each.answer for each in asker.ask(holder, ("evidence",), lambda: None))
    assert second.n_prompt_tokens >= first.n_prompt_tokens + sum(map(len, before))


def test_what_is_forgotten_is_asked_again_and_stands_in_no_prompt(config: RunConfig):
    scored = ask(config, conditions=("retrieval",))
    again = [each for each in scored if each.answer.is_again]
    # of the lunch and the train one half is still there, so that this has an answer, if not the whole
    assert {each.answer.request for each in again} == {"Where does the train go?", "What is to be bought?"}
    for each in again:
        assert each.answer.notes
        assert not {"a3", "a5"} & set(each.answer.notes)
        assert set(each.score.values) == {"refused after forgetting"}
    assert not any(each.answer.is_again for each in ask(config, conditions=("evidence",)))


def test_a_run_that_was_killed_goes_on_and_what_is_known_is_not_asked_again(config: RunConfig, tmp_path: Path):
    whole = ask(config, tmp_path)
    ledger = tmp_path / LEDGER
    lines = ledger.read_text().splitlines()
    assert len(lines) == len(whole)
    # half of the lines, and a piece of one; the first is changed, to see that it is taken for the answer
    first = {**json.loads(lines[0]), "text": REFUSAL, "mark": "right", "support": 0.5, "cited": ["a1"]}
    ledger.write_text("\n".join([json.dumps(first), *lines[1:8]]) + "\n" + lines[8][:40])
    again = ask(config, tmp_path)
    assert [each.answer.text for each in again][1:] == [each.answer.text for each in whole][1:]
    assert [each.answer.seconds for each in again][:8] == [each.answer.seconds for each in whole][:8]
    assert len(ledger.read_text().splitlines()) == len(lines)
    known = again[0].answer
    assert (known.text, known.mark, known.support, known.cited) == (REFUSAL, "refused", 0.5, ("a1",))


def test_a_model_that_reads_notes_is_looked_up_in_them(config: RunConfig, tmp_path: Path):
    models = tmp_path / "models"
    shutil.copytree(config.models / "tiny-encoder", models / "tiny-encoder")
    make_tiny_generator(models / "reads", name="reads", reads_notes=True)
    (first, *_) = ask(replace(config, models=models, generator="reads"), conditions=("evidence",))
    assert first.answer.notes == ("a1",)
    assert first.answer.support == 0.0  # random bytes stand in no note
    (plain, *_) = ask(config, conditions=("evidence",))
    assert plain.answer.support is None


def test_the_same_prompt_is_answered_once(config: RunConfig):
    unsaid = [each.answer for each in ask(config) if each.answer.request == "Who won the chess game?"]
    seconds = {answer.condition: answer.seconds for answer in unsaid}
    assert seconds["retrieval"] == seconds["evidence"] == seconds["evidence+"] != seconds["none"]


def test_other_prompts_and_lengths_are_asked_anew(config: RunConfig, tmp_path: Path):
    n = len(ask(config, tmp_path, ("retrieval",)))
    ask(config, tmp_path, ("retrieval",), k=1)
    assert len((tmp_path / LEDGER).read_text().splitlines()) == 2 * n


def test_conditions_have_names():
    assert conditions_of(["evidence", "none", "none"]) == ("none", "evidence")
    for wrong in ([], ["all"]):
        with pytest.raises(ValueError, match="none, retrieval, evidence"):
            conditions_of(wrong)
