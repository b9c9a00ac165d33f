"""Pairs say what the paper's do, keep their origins, and are refused where nothing could be learned."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ondevice.adaptation.lessons.pairs import EarlierItems, Pair, hold_out_newest, item_pairs, training_pairs, without
from ondevice.errors import AdaptationError
from ondevice.generation.prompts.lamp import LAMP_TASKS
from ondevice.records import Item

START = datetime(2026, 1, 1, tzinfo=UTC)


def item(number: int, text: str, **fields: Any) -> Item:
    time = START + timedelta(days=number)
    return Item(id=f"i{number}", text=text, kind="note", fields=fields, time=time, added_at=START)


@pytest.mark.parametrize(
    ("task", "made", "request_end", "answer"),
    [
        ("LaMP_1", item(0, "It holds.", title="A proof"), "Write an abstract for this title: A proof", "It holds."),
        ("LaMP_2", item(0, "A heist\nfails.", tag="comedy"), "true story] description: A heist fails.", "comedy"),
        ("LaMP_2N", item(0, "Votes are in.", category="politics"), "drink] article: Votes are in.", "politics"),
        ("LaMP_3", item(0, "So so.", score=3.0), "without further explanation. review: So so.", "3"),
        ("LaMP_4", item(0, "It rained.", title="Rain"), "headline for the following article: It rained.", "Rain"),
        ("LaMP_5", item(0, "", abstract="We show.", title="On"), "following abstract of a paper: We show.", "On"),
        ("LaMP_6", item(0, "See you.", title="Hi"), "Generate a subject for the following email: See you.", "Hi"),
        (
            "LaMP_7",
            item(0, "u gotta see this!!!"),
            "Paraphrase the following tweet without any explanation before or after it: You have to see this.",
            "u gotta see this!!!",
        ),
        ("chat", item(0, "Dear\nall", title="Letter"), 'Write a note with the title "Letter".', "Dear\nall"),
        ("chat", item(0, "a b c d e"), "Continue this note: a", "b c d e"),
    ],
)
def test_each_task_makes_its_pair(task: str, made: Item, request_end: str, answer: str) -> None:
    (pair,) = item_pairs([made], task=task)
    assert pair.request.endswith(request_end)
    assert pair.answer == answer
    assert (pair.task, pair.item_ids) == (task, ("i0",))


def test_the_requests_are_those_the_tasks_are_asked_in() -> None:
    (pair,) = item_pairs([item(0, "A heist fails.", tag="comedy")], task="LaMP_2")
    assert LAMP_TASKS["LaMP_2"].query(pair.request) == "A heist fails."


def test_items_without_the_fields_are_left_out_and_the_rest_stands_in_order() -> None:
    items = [item(2, "late", title="c"), item(0, "early", title="a"), item(1, "untitled"), item(3, "", title="d")]
    assert [pair.answer for pair in item_pairs(items, task="LaMP_4")] == ["a", "c"]


def test_equal_items_make_one_pair_with_all_of_them_as_origins() -> None:
    items = [item(0, "same", title="t"), item(1, "other", title="u"), item(2, "same", title="t")]
    assert [pair.item_ids for pair in item_pairs(items, task="LaMP_4")] == [("i1",), ("i0", "i2")]


def test_a_pair_is_asked_when_its_newest_item_was_made_and_not_when_it_is_trained() -> None:
    items = [item(4, "a", title="t"), item(1, "a", title="t"), item(2, "b", title="t")]
    pairs = item_pairs(items, task="LaMP_4")
    assert [(pair.item_ids, pair.asked_at) for pair in pairs] == [
        (("i2",), START + timedelta(days=2)),
        (("i1", "i4"), START + timedelta(days=4)),
    ]
    assert pairs[0].with_items(items[:1]).asked_at == pairs[0].asked_at


def test_no_text_in_the_repr() -> None:
    (pair,) = item_pairs([item(0, "SECRET", title="HIDDEN")], task="LaMP_4")
    shown = repr(pair.with_items([item(1, "CANARY")]))
    assert "SECRET" not in shown
    assert "HIDDEN" not in shown
    assert "CANARY" not in shown


def test_items_in_the_prompt_are_origins_too() -> None:
    pair = Pair(request="r", answer="a", task="chat", item_ids=("i0",))
    assert pair.with_items([item(1, "x"), item(0, "y")]).item_ids == ("i0", "i1")


def test_too_few_items_are_refused() -> None:
    items = [item(number, f"text {number}", title=f"t{number}") for number in range(7)]
    with pytest.raises(AdaptationError, match="needs 8 different items for the task 'LaMP_4', but 7 items give 7"):
        training_pairs(items, task="LaMP_4")
    assert len(training_pairs(items, task="LaMP_4", minimum=7)) == 7


def test_items_that_all_say_the_same_are_refused() -> None:
    items = [item(number, "text", title="t") for number in range(9)]
    with pytest.raises(AdaptationError, match="all 9 items teach the same"):
        training_pairs(items, task="LaMP_4")


def test_unknown_tasks_are_misuse() -> None:
    with pytest.raises(ValueError, match="no task 'LaMP_9'"):
        item_pairs([], task="LaMP_9")
    with pytest.raises(ValueError, match="minimum must be 2 or more"):
        training_pairs([], task="chat", minimum=1)


@pytest.mark.parametrize(("n", "part", "n_held"), [(100, 0.15, 15), (2, 0.9, 1), (3, 0.01, 1), (10, 0.5, 5)])
def test_the_newest_are_held_out(n: int, part: float, n_held: int) -> None:
    pairs = item_pairs([item(number, f"text {number}", title="t") for number in range(n)], task="LaMP_4")
    train, held_out = hold_out_newest(pairs, part)
    assert [*train, *held_out] == pairs
    assert len(held_out) == n_held


def test_a_split_that_leaves_nothing_is_misuse() -> None:
    with pytest.raises(ValueError, match="1 pairs must be 2 or more"):
        hold_out_newest(item_pairs([item(0, "x", title="t")], task="LaMP_4"), 0.5)


def test_items_in_a_prompt_are_earlier_and_do_not_give_the_answer_away() -> None:
    items = [
        item(0, "Rain fell.", title="Rain"),
        item(1, "rain  FELL again.", title="Doubt"),
        item(2, "Snow fell.", title="snow"),
        item(3, "Rain fell again.", title="Snow"),
        item(4, "Hail fell.", title="Hail"),
    ]
    pairs = {pair.item_ids[0]: pair for pair in item_pairs(items, task="LaMP_4")}
    earlier = EarlierItems(items)
    assert [found.id for found in earlier.before(pairs["i3"])] == ["i0"], "i1 has its text, i2 its answer, i4 is later"
    assert [found.id for found in earlier.before(pairs["i4"])] == ["i0", "i1", "i2", "i3"]
    assert earlier.before(pairs["i0"]) == []


def test_a_label_gives_nothing_away_and_all_origins_stay_out() -> None:
    items = [item(0, "A heist.", tag="action"), item(1, "A storm.", tag="action"), item(2, "A heist.", tag="action")]
    pairs = item_pairs(items, task="LaMP_2")
    assert [pair.item_ids for pair in pairs] == [("i1",), ("i0", "i2")]
    assert [found.id for found in EarlierItems(items).before(pairs[1])] == ["i1"]


def test_an_unknown_pair_has_no_earlier_items() -> None:
    stranger = Pair(request="a", answer="b", task="chat", item_ids=("elsewhere",))
    assert EarlierItems([item(0, "Rain fell.")]).before(stranger) == []


def test_what_is_left_out_takes_along_what_says_the_same() -> None:
    items = [item(0, "Rain fell."), item(1, "rain\nfell."), item(2, "Snow fell.")]
    assert [kept.id for kept in without(items, ("i1",))] == ["i2"]
    assert without(items, ()) == items
