"""Profile summaries: what is counted, what a model is asked and how its answer is read, and where both come from."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from ondevice.bundle import Bundle
from ondevice.config import EngineConfig
from ondevice.errors import ContextOverflowError, GenerationError
from ondevice.generation.llama.engine import Engine
from ondevice.generation.prompts.prompt import TASKS, build_prompt
from ondevice.generation.prompts.summary import (
    SummaryConfig,
    count_summary,
    parse_summary,
    summary_prompt,
    write_summary,
)
from ondevice.records import Item

DAY = datetime(2026, 9, 10, tzinfo=UTC)


def item(name: str, text: str = "a film about trains", **fields: Any) -> Item:
    return Item(id=name, text=text, kind="note", fields=fields, time=DAY, added_at=DAY)


def parsed(answer: str, max_characters: int = 400, *, known: str = "", is_cut_off: bool = False) -> str:
    return parse_summary(answer, known=[known], max_characters=max_characters, is_cut_off=is_cut_off)


def test_labels_are_counted_and_name_their_items():
    tags = ["comedy", "action", "comedy", "classic", "comedy", "action"]
    items = [item(f"i{n}", tag=tag) for n, tag in enumerate(tags)] + [item("unlabelled")]
    summary = count_summary(items, task="LaMP_2")
    assert summary.text == "The tags this user picks most: comedy (3 of 6), action (2 of 6), classic (1 of 6)."
    assert summary.item_ids == ("i0", "i1", "i2", "i3", "i4", "i5")
    assert (summary.task, summary.made_by) == ("LaMP_2", "count")


def test_a_score_from_a_file_counts_as_its_label():
    summary = count_summary([item("a", score=4.0), item("b", score=4), item("c", score=1)], task="LaMP_3")
    assert summary.text == "The scores this user picks most: 4 (2 of 3), 1 (1 of 3)."


def test_many_labels_are_cut_to_the_commonest():
    items = [item(f"{n}{copy}", category=f"c{n}") for n in range(8) for copy in range(n + 1)]
    summary = count_summary(items, task="LaMP_2N")
    assert "c7 (8 of 36), c6 (7 of 36)" in summary.text
    assert "c2" not in summary.text
    assert len(summary.item_ids) == 36


def test_where_there_are_no_labels_the_users_own_words_are_counted():
    items = [item(f"i{n}", "A long article.", title=f"{n} ways to sleep") for n in range(4)] + [item("untitled")]
    summary = count_summary(items, task="LaMP_4")
    assert (
        summary.text
        == "This user's headlines mostly have 4 words; 100% have a number; 100% have no capital letter"
        + ("; words that return: sleep.")
    )
    assert summary.item_ids == ("i0", "i1", "i2", "i3")
    assert "3 words" in count_summary([item("a", "one two three", title="Head")], task="LaMP_7").text


@pytest.mark.parametrize("task", TASKS)
def test_the_model_is_shown_the_items_and_asked_about_the_task(task):
    label = {"title": "Rails", "tag": "Rails", "category": "Rails", "score": "Rails"}
    items = [item("a", "we took the night train", **label), item("b", "x " * 4000), item("c", "")]
    prompt = summary_prompt(items, task=task, budget_tokens=900, count_tokens=len)
    system, user = prompt.messages
    assert "- Rails: we took the night train\n" in user.content
    assert user.content.splitlines()[-1].startswith("Write a profile of this person in two sentences: ")
    assert prompt.used == (0, 1)
    assert len(prompt.shortened) == 1
    assert len(system.content) + len(user.content) <= 900


def test_a_real_model_writes_one_and_the_items_it_read_are_named(default_models):
    tweets = ("omg monday again", "sooo tired, need coffee", "haha that movie was awesome!!", "ugh homework")
    items = [item(f"i{n}", text) for n, text in enumerate(tweets)]
    config = SummaryConfig(max_items=3, max_tokens=40, max_characters=120)
    bundle = Bundle.open(default_models / "smollm2-135m-instruct", kind="generator")
    with Engine.open(bundle, config=EngineConfig(context_tokens=256)) as engine:
        summary = write_summary(items, task="LaMP_7", engine=engine, config=config)
        assert summary is not None
        assert (summary.task, summary.item_ids, summary.made_by) == ("LaMP_7", ("i0", "i1", "i2"), "model")
        assert 20 < len(summary.text) <= 120
        assert summary == write_summary(items, task="LaMP_7", engine=engine, config=config)


def test_a_cancelled_summary_is_none(engine):
    assert write_summary([item("a")], task="chat", engine=engine, cancel=lambda: True) is None


@pytest.mark.parametrize(("task", "items"), [("chat", []), ("chat", [item("a", "")]), ("LaMP_2", [item("a", "")])])
def test_nothing_to_describe_is_an_error(engine, task, items):
    calls: tuple[Callable[[], object], ...] = (
        lambda: count_summary(items, task=task),
        lambda: write_summary(items, task=task, engine=engine),
    )
    for call in calls:
        with pytest.raises(GenerationError, match=f"none of {len(items)} items can be summarized"):
            call()


def test_misuse_is_named(engine):
    calls: tuple[Callable[[], object], ...] = (
        lambda: count_summary([item("a")], task="LaMP_9"),
        lambda: write_summary([item("a")], task="LaMP_9", engine=engine),
    )
    for call in calls:
        with pytest.raises(ValueError, match="there is no task 'LaMP_9'"):
            call()
    with pytest.raises(ContextOverflowError):
        write_summary([item("a")], task="chat", engine=engine, config=SummaryConfig(max_tokens=1024))
    with pytest.raises(ValueError, match="max_tokens 0"):
        SummaryConfig(max_tokens=0)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("The user likes trains. They write short notes.", "The user likes trains. They write short notes."),
        ("Here is a summary:\n\n- Likes trains.\n2. Writes  little.", "Likes trains. Writes little."),
        ('"Likes trains."', "Likes trains."),
        ("Likes trains. likes trains. Likes trains. Ends.", "Likes trains. Ends."),
        ("喜欢火车。写得很短。", "喜欢火车。 写得很短。"),
    ],
)
def test_answers_are_tidied(answer, expected):
    assert parsed(answer) == expected


def test_numbers_and_names_that_no_item_has_are_not_believed():
    answer = "Lives in Lyon since 2024. Works for Siemens. I think I like trains. Pays 780 euros. 12 cats live here."
    assert parsed(answer, known="Flat in lyon, 2024; rent 780 euros") == (
        "Lives in Lyon since 2024. I think I like trains. Pays 780 euros."
    )


def test_a_sentence_that_was_cut_off_goes_unless_it_is_the_only_one():
    assert parsed("Likes trains. Writes about the", is_cut_off=True) == "Likes trains."
    assert parsed("Likes trains. Writes little.", is_cut_off=True) == "Likes trains. Writes little."
    assert parsed("Likes trains and", is_cut_off=True) == "Likes trains and"


def test_the_length_is_kept_by_whole_sentences_or_else_whole_words():
    assert parsed("Likes trains. Writes little.", 20) == "Likes trains."
    assert parsed("Likes trains and gardens", 15) == "Likes trains"
    assert parsed("Likes trains and gardens", 12) == "Likes trains"
    assert parsed("x" * 50, 10) == "x" * 10


@pytest.mark.parametrize("answer", ["", " \n ", "Here is the summary:", '""', "Works for Siemens."])
def test_an_answer_that_says_nothing_is_an_error(answer):
    with pytest.raises(GenerationError, match=f"summary of {len(answer)} characters says nothing of use"):
        parsed(answer)


@pytest.mark.parametrize("task", TASKS)
def test_a_summary_stands_before_the_items(task):
    entry = item("a", "long text", title="Head", tag="comedy", category="crime", score=3)
    prompt = build_prompt(
        "A title: and more", [entry], task=task, budget_tokens=999, count_tokens=len, summary="Likes\ntrains."
    )
    written = "\n".join(message.content for message in prompt.messages)
    assert prompt.has_summary
    assert prompt.used == (0,)
    assert 0 <= written.index("Likes trains.") < max(written.find("long text"), written.find("Head"))
    assert prompt.messages[-1].role == "user"
    if task == "chat":
        assert "About the user: Likes trains." in prompt.messages[0].content
    else:
        assert prompt.messages[0].content.startswith("Likes trains.\n\n")


def test_a_summary_without_items_stands_alone():
    prompt = build_prompt("Who?", [], task="chat", budget_tokens=999, count_tokens=len, summary="Likes trains.")
    assert [message.role for message in prompt.messages] == ["system", "user"]


def test_a_summary_that_does_not_fit_makes_way_and_the_budget_holds():
    items = [item(str(n), "word " * 30) for n in range(3)]
    for budget in range(30, 600, 7):
        prompt = build_prompt("R" * 30, items, task="LaMP_7", budget_tokens=budget, count_tokens=len, summary="s" * 60)
        assert sum(len(message.content) for message in prompt.messages) <= budget
        assert prompt.has_summary == (budget >= 92)


def test_no_repr_shows_text():
    summary = count_summary([item("a", tag="zanzibar")], task="LaMP_2")
    assert "zanzibar" in summary.text
    assert "zanzibar" not in repr(summary)
