from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ondevice.errors import ContextOverflowError
from ondevice.generation.prompts.fitting import fair_shares
from ondevice.generation.prompts.passages import PLAIN_WORDS
from ondevice.generation.prompts.prompt import TASKS, PromptForm, build_prompt
from ondevice.passages import Passage
from ondevice.records import Item

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
TITLED = "A request with the word title: and more"


def count(text: str) -> int:
    """Count like a tokenizer: words in pieces of four letters, other signs one by one, so that seams matter."""
    return sum(-(-len(part) // 4) if part.isalnum() else 1 for part in re.findall(r"\w+|[^\w\s]|\s\s+", text))


def item(text: str, **fields: Any) -> Item:
    return Item(id="id", text=text, kind="note", fields=fields, time=NOW, added_at=NOW)


words = st.lists(st.text(alphabet="abcdé", min_size=1, max_size=9), max_size=60).map(" ".join)
labels = st.sampled_from(["L1", "L2 two", "L3-three"])
items = st.lists(
    st.builds(lambda text, label: item(text, title=label, tag=label, category=label, score=label), words, labels),
    max_size=8,
)


def total(prompt: Any) -> int:
    return sum(count(message.content) for message in prompt.messages)


@given(items=items, task=st.sampled_from(TASKS), budget=st.integers(0, 400))
def test_the_budget_holds_and_labels_stand_whole(items, task, budget):
    try:
        prompt = build_prompt(TITLED, items, task=task, budget_tokens=budget, count_tokens=count)
    except ContextOverflowError:
        assert count(TITLED) > budget
        return
    assert total(prompt) <= budget
    assert list(prompt.used) == sorted(set(prompt.used))
    assert all(0 <= index < len(items) for index in prompt.used)
    assert 0 <= len(prompt.shortened) <= len(prompt.used)
    written = " ".join(message.content for message in prompt.messages)
    if task != "LaMP_7":
        for label in ("L1", "L2 two", "L3-three"):
            expected = sum(items[index].fields["title"] == label for index in prompt.used)
            assert written.count(label) == expected
    assert prompt == build_prompt(TITLED, items, task=task, budget_tokens=budget, count_tokens=count)


@given(items=items, task=st.sampled_from(TASKS))
def test_with_room_for_all_nothing_is_cut(items, task):
    prompt = build_prompt(TITLED, items, task=task, budget_tokens=100_000, count_tokens=count)
    assert len(prompt.shortened) == 0
    needs_text = task != "LaMP_1"
    assert prompt.used == tuple(index for index, each in enumerate(items) if each.text or not needs_text)


@given(items=items, budget=st.integers(0, 300), more=st.integers(0, 100))
def test_more_room_never_admits_fewer_items(items, budget, more):
    assume(count(TITLED) <= budget)
    small, large = (
        build_prompt(TITLED, items, task="LaMP_4", budget_tokens=tokens, count_tokens=count)
        for tokens in (budget, budget + more)
    )
    assert len(large.used) >= len(small.used) or len(large.shortened) == 0


def test_chat_shows_dated_one_line_notes_and_then_the_request():
    prompt = build_prompt(
        "Who?", [item("one\ntwo"), item("three", title="Head")], task="chat", budget_tokens=999, count_tokens=count
    )
    system, user = prompt.messages
    assert (system.role, user.role, user.content) == ("system", "user", "Who?")
    assert system.content.splitlines()[-2:] == ["[2026-03-04] one two", "[2026-03-04] Head: three"]
    assert "notes" in system.content


def test_chat_without_items_is_the_plain_request():
    prompt = build_prompt("Who?", [], task="chat", budget_tokens=999, count_tokens=count)
    assert [(message.role, message.content) for message in prompt.messages] == [("user", "Who?")]
    assert prompt.used == ()


def test_a_request_over_budget_says_both_numbers():
    with pytest.raises(ContextOverflowError, match="the request has 12 tokens, but the prompt may have 11"):
        build_prompt("abcd " * 12, [item("x")], task="chat", budget_tokens=11, count_tokens=count)


def test_an_entry_whose_label_does_not_fit_makes_way_for_the_next():
    long, short = item("aaa", title="T" * 400), item("bbb", title="T")
    prompt = build_prompt("R", [long, short], task="LaMP_4", budget_tokens=40, count_tokens=count)
    assert prompt.used == (1,)


def test_what_short_entries_leave_goes_to_the_long():
    short, long = item("one two"), item("word " * 500)
    prompt = build_prompt("R", [long, short, short, short], task="LaMP_7", budget_tokens=300, count_tokens=count)
    assert prompt.used == (0, 1, 2, 3)
    assert len(prompt.shortened) == 1
    assert total(prompt) >= 297


def test_equal_entries_get_equal_shares():
    prompt = build_prompt("R", [item("word " * 500)] * 4, task="LaMP_7", budget_tokens=400, count_tokens=count)
    lengths = [part.count("word") for part in prompt.messages[0].content.split(", and ")]
    assert len(lengths) == 4
    assert max(lengths) - min(lengths) <= 2


@given(items=items, task=st.sampled_from(TASKS), learned=st.integers(0, 200), more=st.integers(0, 200))
def test_what_a_model_learned_to_use_is_a_budget_that_a_request_alone_may_pass(items, task, learned, more):
    assume(count(TITLED) <= learned + more)
    given = {"task": task, "count_tokens": count, "summary": "likes tea"}
    prompt = build_prompt(TITLED, items, budget_tokens=learned + more, learned_tokens=learned, **given)
    if count(TITLED) <= learned:
        assert prompt == build_prompt(TITLED, items, budget_tokens=learned, **given)
        assert total(prompt) <= learned
    else:
        assert (prompt.used, prompt.has_summary) == ((), False)
        assert prompt == build_prompt(TITLED, [], budget_tokens=learned + more, task=task, count_tokens=count)


def test_a_request_over_the_whole_budget_is_refused_whatever_was_learned():
    with pytest.raises(ContextOverflowError, match="has 12 tokens, but the prompt may have 11"):
        build_prompt("abcd " * 12, [], task="chat", budget_tokens=11, learned_tokens=5, count_tokens=count)


@pytest.mark.parametrize("learned", [120, 250, 500])
def test_items_share_what_was_learned_so_that_the_first_does_not_take_all(learned):
    texts = ["word " * 500, "thing " * 40, "place " * 500, "short"]
    prompt = build_prompt(
        "R",
        [item(each) for each in texts],
        task="LaMP_7",
        budget_tokens=4000,
        count_tokens=count,
        learned_tokens=learned,
    )
    assert learned - 8 <= total(prompt) <= learned
    shown = [count(part) for part in re.findall(r'"([^"]*)"', prompt.messages[0].content)]
    assert len(shown) == 4
    assert shown[3] == count("short")
    assert shown[1] >= min(shown[0], count(texts[1])) - 2
    assert abs(shown[0] - shown[2]) <= 10  # what whole words leave goes to the next


def test_words_stay_whole():
    prompt = build_prompt("R", [item("unbreakable " * 200)], task="LaMP_7", budget_tokens=100, count_tokens=count)
    assert set(re.findall(r"\w+", prompt.messages[0].content.split('"')[1])) == {"unbreakable"}


@given(st.lists(st.integers(0, 50), max_size=6), st.integers(0, 200))
def test_shares_are_fair(wants, available):
    shares = fair_shares(wants, available)
    assert sum(shares) <= available
    assert all(0 <= share <= want for share, want in zip(shares, wants, strict=True))
    unsated = [share for share, want in zip(shares, wants, strict=True) if share < want]
    if unsated:
        assert available - sum(shares) < len(wants)
        assert max(shares) - min(unsated) <= 1


def test_no_repr_shows_text():
    prompt = build_prompt("zanzibar", [item("zanzibar")], task="chat", budget_tokens=999, count_tokens=count)
    assert "zanzibar" not in repr(prompt)


HIDDEN = "It lies under the blue pot."
BOOK = " ".join([*(f"Sentence {n} speaks of other things." for n in range(300)), HIDDEN, "The end of it all."])


@pytest.mark.parametrize("form", ["plain", "numbered"])
@pytest.mark.parametrize("budget", [160, 300, 700, 5_000])
def test_of_a_long_item_what_was_found_stays_however_small_the_budget(form: PromptForm, budget: int) -> None:
    book = item(BOOK, title="Book")
    passage = Passage(text=HIDDEN, start=BOOK.index(HIDDEN), end=BOOK.index(HIDDEN) + len(HIDDEN))
    ask = partial(build_prompt, "Where is the key?", task="chat", count_tokens=count, form=form, now=NOW)
    prompt = ask([item("short"), book], budget_tokens=budget, passages={"id": passage})
    assert HIDDEN in prompt.messages[0].content
    assert total(prompt) <= budget
    is_whole = form == "plain" and budget == 5_000
    assert prompt.shortened == (() if is_whole else (1,))
    assert (BOOK in prompt.messages[0].content) == is_whole


def test_a_book_stands_in_no_prompt_as_a_whole_however_large_the_budget() -> None:
    prompt = build_prompt("R", [item(BOOK * 3)], task="chat", budget_tokens=10**6, count_tokens=len)
    assert prompt.shortened == (0,)
    assert len(prompt.messages[0].content.split()) < PLAIN_WORDS + 50
