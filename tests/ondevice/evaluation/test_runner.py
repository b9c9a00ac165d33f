from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from ondevice.bundle import Bundle
from ondevice.evaluation.answered import PARTS, Answered, outcomes_of
from ondevice.evaluation.answers import AnswerStore, clean
from ondevice.evaluation.conditions import Condition, conditions_for
from ondevice.evaluation.lamp_data import LampSplit, read_lamp_split
from ondevice.evaluation.plan import RunConfig
from ondevice.evaluation.runner import ROUND_A_LABEL, Runner
from ondevice.generation.llama.engine import Engine
from ondevice.generation.prompts.lamp import MOVIE_TAGS
from tests.ondevice.evaluation.lamp_files import REQUESTS, question, write_split

ALL = ["recency", "bm25", "dense", "hybrid"]


def split_of(tmp_path: Path, task: str, n_questions: int = 2) -> LampSplit:
    asked = [question(task, str(n), user=f"u{n}") for n in range(n_questions)]
    return read_lamp_split(write_split(tmp_path / "data" / task, task, asked), "dev")


@pytest.fixture
def config(app_models: Path) -> RunConfig:
    return RunConfig(models=app_models, generator="tiny-generator", encoder="tiny-encoder", max_tokens=6)


def cells_of(task: str, **changes: object) -> list[Condition]:
    wanted = {"strategies": ALL, "ks": [1, 2], "decodings": ["free", "labels"], "controls": ["bm25"], **changes}
    return conditions_for(task, **wanted)  # type: ignore[arg-type]


@pytest.mark.parametrize("task", REQUESTS)
def test_every_task_is_answered_in_every_cell(tmp_path, config, task):
    split, cells = split_of(tmp_path, task), cells_of(task, ks=[1])
    with Runner(config, AnswerStore(None)) as runner:
        outcomes = runner.run(split, cells)
    assert [outcome.condition for outcome in outcomes] == cells
    for outcome in outcomes:
        assert len(outcome.answers) == len(outcome.seconds) == 2
        assert set(outcome.parts_ms) == set(PARTS)
        assert outcome.parts_ms["store"] > 0
        if outcome.condition.decoding == "labels" and task == "LaMP_2":
            assert set(outcome.answers) <= set(MOVIE_TAGS)


def test_a_run_repeats_in_any_order_and_from_its_own_answers(tmp_path, config):
    split, cells = split_of(tmp_path, "LaMP_4", 3), cells_of("LaMP_4")
    with AnswerStore(tmp_path / "answers.jsonl") as store, Runner(config, store) as runner:
        first = [outcome.answers for outcome in runner.run(split, cells)]
        n_computed = len(store)
        again = [outcome.answers for outcome in runner.run(split, cells)]
        assert len(store) == n_computed
    with Runner(config, AnswerStore(None)) as fresh:
        backwards = {place: fresh.answer(split, place, cells[::-1]) for place in (2, 1, 0)}
    assert again == first
    assert [[backwards[place][cell].text for place in range(3)] for cell in cells] == first


def test_prompts_may_be_kept_shorter_than_the_context(tmp_path, config):
    split, cells = split_of(tmp_path, "LaMP_4", 1), cells_of("LaMP_4", strategies=["bm25"], ks=[3], controls=[])
    lengths: dict[int | None, list[int]] = {}
    for longest in (None, 180, 20):
        with Runner(replace(config, prompt_tokens=longest), AnswerStore(None)) as runner:
            answered = runner.answer(split, 0, cells)
            lengths[longest] = [answered[cell].n_prompt_tokens for cell in cells]
    (alone, full), (alone_too, short), (alone_still, none) = lengths.values()
    assert alone == alone_too == alone_still == none, "a question is never shortened"
    assert full > 180 >= short > alone > 20


def test_equal_prompts_are_answered_once(tmp_path, config):
    split = split_of(tmp_path, "LaMP_4", 1)
    with Runner(config, store := AnswerStore(None)) as runner:
        runner.run(split, cells_of("LaMP_4", strategies=ALL, ks=[3, 9], controls=[]))
    # The history has three items: recency, dense and the rest order them differently at most, and k = 9 adds none.
    assert len(store) <= 1 + 4


def test_strategies_without_vectors_need_no_encoder(tmp_path, config):
    poor = RunConfig(models=config.models, generator=config.generator, encoder="nowhere", max_tokens=4)
    with Runner(poor, AnswerStore(None)) as runner:
        (none, bm25) = runner.run(split_of(tmp_path, "LaMP_4"), cells_of("LaMP_4", strategies=["bm25"], ks=[1])[:2])
    assert none.condition.strategy == "none"
    assert bm25.condition.strategy == "bm25"


def test_profiles_do_not_outlive_their_question(tmp_path, config, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temp"))
    (tmp_path / "temp").mkdir()
    with Runner(config, AnswerStore(None)) as runner:
        runner.run(split_of(tmp_path, "LaMP_4"), cells_of("LaMP_4", ks=[1]))
    assert list((tmp_path / "temp").iterdir()) == []


def test_progress_counts_questions(tmp_path, config):
    seen: list[tuple[int, int]] = []
    with Runner(config, AnswerStore(None)) as runner:
        runner.run(
            split_of(tmp_path, "LaMP_4"),
            cells_of("LaMP_4", strategies=[], ks=[1]),
            on_progress=lambda done, total: seen.append((done, total)),
        )
    assert seen == [(1, 2), (2, 2)]


def test_free_answers_to_questions_with_labels_end_soon_behind_the_longest(tmp_path, config):
    talkative = replace(config, max_tokens=64)
    with Runner(talkative, store := AnswerStore(tmp_path / "answers.jsonl")) as runner:
        runner.run(split_of(tmp_path, "LaMP_2", 1), cells_of("LaMP_2", decodings=["free"], controls=[]))
        engine = Engine.open(Bundle.open(config.models / "tiny-generator", kind="generator"))
        longest = max(map(engine.count_tokens, MOVIE_TAGS))
        engine.close()
    store.close()
    counts = [json.loads(line)["n_tokens"] for line in (tmp_path / "answers.jsonl").read_text().splitlines()]
    assert counts
    assert max(counts) <= longest + ROUND_A_LABEL < 64


def test_a_question_costs_what_a_device_pays_that_has_the_profile(tmp_path, config):
    with Runner(config, AnswerStore(None)) as runner:
        for outcome in runner.run(split_of(tmp_path, "LaMP_4", 1), cells_of("LaMP_4", controls=[])):
            assert outcome.parts_ms["store"] > 0
            paid = sum(milliseconds for part, milliseconds in outcome.parts_ms.items() if part != "store")
            assert sum(outcome.seconds) == pytest.approx(paid / 1000)


def test_reading_is_told_for_the_whole_prompt_whatever_was_read_before():
    def read(n_prompt: int, n_reused: int, milliseconds: float) -> Answered:
        timings = {**dict.fromkeys(PARTS, 1.0), "read": milliseconds}
        return Answered(text="", timings_ms=timings, n_prompt_tokens=n_prompt, n_reused_tokens=n_reused)

    none, bm25 = cells_of("LaMP_4", strategies=["bm25"], ks=[1], controls=[])
    outcomes = outcomes_of({none: [read(100, 0, 10.0)], bm25: [read(200, 100, 30.0)]}, ["a"])
    assert [outcome.parts_ms["read"] for outcome in outcomes] == [20.0, 40.0]  # 40 ms for 200 tokens that were new
    assert sum(outcomes[1].seconds) == pytest.approx(0.043)


def test_answers_of_other_thread_counts_are_not_mixed(tmp_path, config):
    store, split, cells = AnswerStore(None), split_of(tmp_path, "LaMP_4", 1), cells_of("LaMP_4", controls=[])[:1]
    for threads in (1, 2):
        with Runner(replace(config, threads=threads), store) as runner:
            runner.run(split, cells)
    assert len(store) == 2


@pytest.mark.parametrize(
    ("text", "expected"), [(' "A title" ', "A title"), ('"', '"'), ('A "title"', 'A "title"'), ("", "")]
)
def test_quotation_marks_around_an_answer_are_not_scored(text, expected):
    assert clean(text) == expected
