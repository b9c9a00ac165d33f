"""Strategies with a summary in the prompt, counted inside each question's profile of the history the cell reads."""

from __future__ import annotations

from pathlib import Path

import pytest

from ondevice.evaluation.answers import AnswerStore
from ondevice.evaluation.conditions import Condition, conditions_for
from ondevice.evaluation.lamp_data import LampSplit, read_lamp_split
from ondevice.evaluation.plan import RunConfig
from ondevice.evaluation.runner import Runner
from ondevice.generation.llama.engine import Engine
from ondevice.learned.summaries import Summaries
from tests.ondevice.evaluation.lamp_files import entry, question, write_split

TAGS = {"a": ("comedy", "action", "comedy"), "b": ("romance", "classic", "romance"), "new": ()}


@pytest.fixture
def config(app_models: Path) -> RunConfig:
    return RunConfig(models=app_models, generator="tiny-generator", encoder=None, max_tokens=4, threads=1)


@pytest.fixture
def split(tmp_path: Path) -> LampSplit:
    """Two users who pick other tags, and one without a history."""
    asked = []
    for user, tags in TAGS.items():
        profile = [entry("LaMP_2", i, tag=tag, description=f"robot {user} {i}") for i, tag in enumerate(tags)]
        asked.append({**question("LaMP_2", user, user=user), "profile": profile})
    return read_lamp_split(write_split(tmp_path / "data" / "LaMP_2", "LaMP_2", asked), "dev")


@pytest.fixture
def prompts(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return what the model is asked to choose by, as it is asked."""
    seen: list[str] = []
    choose = Engine.choose

    def noted(self: Engine, prompt: str, *arguments: object, **settings: object) -> object:
        seen.append(prompt)
        return choose(self, prompt, *arguments, **settings)  # type: ignore[arg-type]

    monkeypatch.setattr(Engine, "choose", noted)
    return seen


def cells(*strategies: str, controls: tuple[str, ...] = (), task: str = "LaMP_2") -> list[Condition]:
    decodings = ["labels"] if task == "LaMP_2" else ["free"]
    return conditions_for(task, strategies=strategies, ks=[2], decodings=decodings, controls=controls)  # type: ignore[arg-type]


def prompt_of(prompts: list[str], runner: Runner, split: LampSplit, place: int, cell: Condition) -> str:
    prompts.clear()
    runner.answer(split, place, [cell])
    (prompt,) = prompts
    return prompt


def test_a_summary_alone_or_with_items_stands_in_the_prompt(split, config, prompts):
    with Runner(config, AnswerStore(None)) as runner:
        none, pag, bm25, both = (
            prompt_of(prompts, runner, split, 0, cell) for cell in cells("pag", "bm25", "bm25+pag")
        )
    counted = "The tags this user picks most: comedy (2 of 3), action (1 of 3)."
    assert [counted in prompt for prompt in (none, pag, bm25, both)] == [False, True, False, True]
    assert ["robot a" in prompt for prompt in (none, pag, bm25, both)] == [False, False, True, True]


def test_a_control_counts_the_history_it_reads(split, config, prompts):
    wanted = cells("pag", "bm25+pag", controls=("pag", "bm25+pag"))
    assert [cell.label for cell in wanted[1:4]] == ["pag", "pag, other", "pag, shuffled"]
    with Runner(config, AnswerStore(None)) as runner:
        own, other = (prompt_of(prompts, runner, split, 0, cell) for cell in wanted[1:3])
        prompts.clear()
        runner.answer(split, 0, [wanted[3]])
        assert prompts == []  # which label goes with which text is nothing that is counted: the answer is known
        with_others = prompt_of(prompts, runner, split, 0, wanted[5])
    assert "comedy (2 of 3)" in own
    assert "romance (2 of 3)" in other
    assert "comedy" not in other.split("picks most")[1].split(".")[0]
    assert "romance (2 of 3)" in with_others
    assert "robot b" in with_others


def test_who_has_nothing_to_count_is_answered_as_without_a_summary(split, config, prompts):
    with Runner(config, store := AnswerStore(None)) as runner:
        found = runner.answer(split, 2, wanted := cells("pag", "bm25+pag"))
    none, pag, both = (found[cell] for cell in wanted)
    assert none.text == pag.text == both.text
    assert len(store) == len(prompts) == 1


def test_answers_with_a_summary_are_known_again_and_by_what_it_says(split, config, tmp_path, prompts):
    wanted = cells("pag", "bm25+pag")
    with AnswerStore(tmp_path / "answers.jsonl") as store, Runner(config, store) as runner:
        first = [outcome.answers for outcome in runner.run(split, wanted)]
        n_known = len(store)
    assert n_known == 1 + 2 * 2  # the question is the same, and only two have a history
    prompts.clear()
    with AnswerStore(tmp_path / "answers.jsonl") as store, Runner(config, store) as runner:
        assert [outcome.answers for outcome in runner.run(split, wanted)] == first
        assert prompts == []
        profile = [entry("LaMP_2", i, tag="thriller", description=f"robot a {i}") for i in range(3)]
        asked = [{**question("LaMP_2", "a", user="a"), "profile": profile}]
        changed = read_lamp_split(write_split(tmp_path / "changed" / "LaMP_2", "LaMP_2", asked), "dev")
        runner.run(changed, wanted)
        assert len(prompts) == 2
        assert "thriller (3 of 3)" in prompts[0]


def test_no_summary_is_made_where_no_cell_has_one(split, config, monkeypatch):
    made: list[str] = []
    make = Summaries.make

    def noted(self: Summaries, task: str) -> object:
        made.append(task)
        return make(self, task)

    monkeypatch.setattr(Summaries, "make", noted)
    with Runner(config, AnswerStore(None)) as runner:
        runner.answer(split, 0, cells("bm25"))
        assert made == []
        runner.answer(split, 0, cells("pag", "bm25+pag"))
    assert made == ["LaMP_2"]  # once for all cells
