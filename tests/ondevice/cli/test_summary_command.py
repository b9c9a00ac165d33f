"""``ondevice summary``, and what ``--summary`` changes in ``ask`` and ``chat``."""

from __future__ import annotations

import pytest

from ondevice.safety.printable import printable
from tests.command_line import Run

TAGS = ("comedy", "comedy", "drama")


@pytest.fixture
def ids(with_models: Run) -> list[str]:
    """Put movies into the profile and return their ids."""
    out = []
    for number, tag in enumerate(TAGS):
        text = f"movie number {number} about rain"
        added = with_models("add", text, "--kind", "movie", "--field", f"tag={tag}", "--json").document
        out.append(added["item"]["id"])
    return out


def test_make_show_and_drop(with_models: Run, ids: list[str]) -> None:
    assert "no summaries: ondevice summary make" in with_models("summary", "show").out
    made = with_models("summary", "make", "--task", "LaMP_2")
    assert made.code == 0, made.err
    assert "LaMP_2, counted from 3 items" in made.out
    assert "comedy (2 of 3), drama (1 of 3)" in made.out
    with_models("summary", "make")
    found = with_models("summary", "show", "--json").document["summaries"]
    assert [(each["task"], each["made_by"]) for each in found] == [("chat", "count"), ("LaMP_2", "count")]
    assert sorted(found[1]["item_ids"]) == sorted(ids)
    assert found[1]["text"] in " ".join(with_models("summary", "show").out.split())
    assert "dropped: the summary for LaMP_2" in with_models("summary", "drop", "--task", "LaMP_2").out
    assert [each["task"] for each in with_models("summary", "show", "--json").document["summaries"]] == ["chat"]
    gone = with_models("summary", "drop", "--task", "LaMP_2", "--json")
    assert (gone.code, gone.document["error"]["type"]) == (6, "NotFoundError")
    assert "ondevice summary make" in gone.document["error"]["hint"]


def test_only_the_items_that_pass_count(with_models: Run, ids: list[str]) -> None:
    with_models("add", "a note of another kind", "--kind", "note")
    made = with_models("summary", "make", "--kind", "note", "--json").document["summary"]
    assert (made["task"], len(made["item_ids"])) == ("chat", 1)
    refused = with_models("summary", "make", "--kind", "mail", "--json")
    assert (refused.code, refused.document["error"]["type"]) == (9, "GenerationError")
    assert with_models("summary", "show", "--json").document["summaries"] == [made]


def test_the_model_may_write_it(with_models: Run, ids: list[str]) -> None:
    made = with_models("summary", "make", "--by", "model", "--max-tokens", "12", "--json")
    assert made.code == 0, made.err
    document = made.document["summary"]
    assert document["made_by"] == "model"
    assert set(document["item_ids"]) <= set(ids)
    people = with_models("summary", "show").out
    assert f"chat, written by the model from {len(document['item_ids'])} items" in people
    assert printable(document["text"])[:40] in " ".join(people.split())


def test_it_goes_with_an_item_it_came_from(with_models: Run, ids: list[str]) -> None:
    with_models("summary", "make", "--task", "LaMP_2")
    receipt = with_models("forget", ids[0], "--json").document["receipt"]
    assert {"kind": "summary", "name": "lamp_2@1", "outcome": "dropped", "count": 1} in receipt["artifacts"]
    assert with_models("summary", "show", "--json").document["summaries"] == []


def test_an_answer_takes_it(with_models: Run, ids: list[str]) -> None:
    asked = ("ask", "Which tag? description: rain", "--task", "LaMP_2", "--max-tokens", "2", "--retriever", "none")
    plain = with_models(*asked, "--json").document
    with_models("summary", "make", "--task", "LaMP_2")
    shaped = with_models(*asked, "--summary", "--json").document
    assert (plain["has_summary"], shaped["has_summary"]) == (False, True)
    assert shaped["n_prompt_tokens"] > plain["n_prompt_tokens"]
    told = with_models(*asked, "--summary").err
    assert "the summary stood in the prompt" in told
    assert "no item stood in the prompt" in told
    labelled = with_models(*asked, "--summary", "--label", "comedy", "--label", "drama", "--json").document
    assert labelled["has_summary"]
    assert labelled["text"] in {"comedy", "drama"}


def test_a_chat_takes_it(with_models: Run, ids: list[str]) -> None:
    with_models("summary", "make")
    said = ("chat", "--max-tokens", "2", "--retriever", "none", "--summary")
    turns = with_models(*said, "--json", stdin="what do I like\nand what not\n").document["turns"]
    assert [turn["has_summary"] for turn in turns] == [True, True]
    assert with_models(*said, stdin="what do I like\n").err.count("the summary stood in the prompt") == 1


def test_a_missing_one_is_told_at_once(with_models: Run, ids: list[str]) -> None:
    asked = with_models("ask", "rain", "--summary", "--json")
    assert (asked.code, asked.document["error"]["type"]) == (6, "NotFoundError")
    assert "ondevice summary make" in asked.document["error"]["hint"]
    assert with_models("chat", "--summary", stdin="").code == 6


@pytest.mark.parametrize(
    "arguments",
    [("make", "--task", "LaMP_9"), ("make", "--by", "hand"), ("make", "--max-tokens", "0"), ("drop", "--task", "mail")],
)
def test_usage_errors(with_models: Run, arguments: tuple[str, ...]) -> None:
    assert with_models("summary", *arguments).code == 2
