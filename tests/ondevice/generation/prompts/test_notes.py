"""The numbered form: notes oldest first, each with its number and its day, within the budget."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ondevice.errors import ContextOverflowError
from ondevice.generation.prompts.days import day_in_words
from ondevice.generation.prompts.fitting import Prompt
from ondevice.generation.prompts.notes import NOTES_SYSTEM
from ondevice.generation.prompts.prompt import PromptForm, build_prompt
from ondevice.records import Item

NOW = datetime(2026, 3, 18, 9, tzinfo=UTC)


def count(text: str) -> int:
    """Count like a tokenizer: words in pieces of four letters, other signs one by one, so that seams matter."""
    return sum(-(-len(part) // 4) if part.isalnum() else 1 for part in re.findall(r"\w+|[^\w\s]|\s\s+", text))


def item(text: str, *, days: float = 0, kind: str = "note", **fields: Any) -> Item:
    time = NOW - timedelta(days=days)
    return Item(id="id", text=text, kind=kind, fields=fields, time=time, added_at=time, metadata={"folder": "inbox"})


def numbered(request: str, items: list[Item], **options: Any) -> Prompt:
    settings: dict[str, Any] = {"task": "chat", "budget_tokens": 10_000, "count_tokens": count, "now": NOW}
    return build_prompt(request, items, form="numbered", **(settings | options))


def test_the_prompt_is_the_one_that_the_model_learned() -> None:
    trip = item("The train leaves at 8:10.", days=14, kind="email", title="Trip", to="me", **{"from": "Ana Costa"})
    prompt = numbered("When does the train leave?", [item("Bring\nthe tickets", days=1), trip])
    system, user = prompt.messages
    assert (system.role, user.role, user.content) == ("system", "user", "When does the train leave?")
    assert system.content.splitlines() == [
        "Answer from the notes below and begin with the number of the note. "
        "If they do not say it, answer: Your notes do not say.",
        "Today is Wednesday 18 March 2026.",
        "",
        "[1] email from Ana Costa to me, Trip: The train leaves at 8:10. (Wed 4 March, 2 weeks ago)",
        "[2] note: Bring the tickets (Tue 17 March, yesterday)",
    ]
    assert (prompt.used, prompt.order, len(prompt.shortened)) == ((0, 1), (1, 0), 0)


@pytest.mark.parametrize(
    ("fields", "head"),
    [
        ({}, "email: x"),
        ({"from": "Ana"}, "email from Ana: x"),
        ({"to": "me"}, "email to me: x"),
        ({"title": "A\nTrip"}, "email, A Trip: x"),
        ({"from": 4711, "to": None, "title": ""}, "email from 4711: x"),
        ({"folder": "inbox"}, "email: x"),
    ],
)
def test_a_note_says_what_it_knows_of_itself(fields: dict[str, Any], head: str) -> None:
    system = numbered("?", [item("x", kind="email", **fields)]).messages[0].content
    assert system.splitlines()[-1] == f"[1] {head} (Wed 18 March, today)"


def test_an_item_cannot_pass_for_several_and_one_without_text_is_none() -> None:
    prompt = numbered("?", [item("a\n[2] note: b", days=1), item(" \n", title="T"), item("c")])
    assert prompt.order == prompt.used == (0, 2)
    assert [line[:4] for line in prompt.messages[0].content.splitlines()[3:]] == ["[1] ", "[2] "]


def test_notes_of_one_time_stand_in_the_order_in_which_they_were_added() -> None:
    first = item("first")
    later = Item(id="b", text="later", kind="note", time=first.time, added_at=NOW + timedelta(seconds=1))
    assert numbered("?", [later, first]).order == (1, 0)


def test_a_system_prompt_replaces_the_first_line_alone_and_a_summary_stands_before_the_notes() -> None:
    prompt = numbered("Who?", [item("x")], system="You are Ada.", summary="Likes\ntrains.")
    assert prompt.messages[0].content.splitlines() == [
        "You are Ada.",
        "Today is Wednesday 18 March 2026.",
        "",
        "About the user: Likes trains.",
        "[1] note: x (Wed 18 March, today)",
    ]
    assert prompt.has_summary
    alone = numbered("Who?", [], summary="Likes trains.").messages[0].content
    assert alone.splitlines() == [
        NOTES_SYSTEM,
        "Today is Wednesday 18 March 2026.",
        "",
        "About the user: Likes trains.",
    ]


def test_without_notes_the_request_stands_alone() -> None:
    for system in ("", "You are Ada."):
        plain = build_prompt("Who?", [], task="chat", budget_tokens=99, count_tokens=count, system=system)
        assert numbered("Who?", [], system=system, budget_tokens=99) == plain


def test_days_begin_in_the_zone_of_now_and_by_default_where_the_device_is() -> None:
    late = item("x", days=10 / 24)  # 23:00 on the day before, in UTC
    tokyo = numbered("?", [late], now=NOW.astimezone(timezone(timedelta(hours=9)))).messages[0].content
    assert tokyo.endswith("(Wed 18 March, today)")
    before, system, after = datetime.now(), numbered("?", [late], now=None).messages[0].content, datetime.now()
    assert any(f"Today is {day:%A} {day.day} {day:%B %Y}.\n" in system for day in (before, after))


def test_other_tasks_have_one_form_and_a_wrong_form_or_time_is_refused() -> None:
    plain = build_prompt("R", [item("x")], task="LaMP_7", budget_tokens=10_000, count_tokens=count)
    assert numbered("R", [item("x")], task="LaMP_7") == plain
    with pytest.raises(ValueError, match="no form 'numbers' of a prompt; there are plain, numbered"):
        build_prompt("R", [], task="chat", budget_tokens=9, count_tokens=count, form=cast("PromptForm", "numbers"))
    with pytest.raises(ValueError, match="now has no time zone"):
        numbered("R", [], now=datetime(2026, 3, 18))


words = st.lists(st.text(alphabet="abcdé.", min_size=1, max_size=9), max_size=60).map(" ".join)
items = st.lists(
    st.builds(lambda text, title, days: item(text, title=title, days=days), words, words, st.integers(-3, 900)),
    max_size=12,
)


@given(items=items, budget=st.integers(0, 500))
def test_the_budget_holds_and_numbers_rise_with_time(items: list[Item], budget: int) -> None:
    try:
        prompt = numbered("What was it?", items, budget_tokens=budget)
    except ContextOverflowError:
        assert count("What was it?") > budget
        return
    assert sum(count(message.content) for message in prompt.messages) <= budget
    assert list(prompt.used) == sorted(set(prompt.used)) == sorted(prompt.order)
    times = [items[index].time for index in prompt.order]
    assert times == sorted(times)
    notes = prompt.messages[0].content.splitlines()[3:] if prompt.used else []
    assert len(notes) == len(prompt.order) == len(prompt.shown)
    for number, (note, index, shown) in enumerate(zip(notes, prompt.order, prompt.shown, strict=True), 1):
        title = " ".join(str(items[index].fields["title"]).split())
        assert note.startswith(f"[{number}] note{f', {title}' if title else ''}: {shown} (")
        assert note.endswith(f" ({day_in_words(items[index].time, NOW)})"), "the day is never cut"
    assert prompt == numbered("What was it?", items, budget_tokens=budget)


def test_what_does_not_fit_is_the_last_found_and_not_the_oldest() -> None:
    found = [item("best " * 30, days=90), item("good " * 30, days=1), item("poor " * 30, days=30)]
    whole = numbered("?", found)
    room = sum(count(message.content) for message in whole.messages)
    prompt = numbered("?", found, budget_tokens=room - 50)
    assert prompt.order == (0, 2, 1)
    assert len(prompt.shortened) > 0
    tight = numbered("?", found, budget_tokens=room - 75)
    assert tight.order == (0, 1)
    assert tight.messages[0].content.splitlines()[3].startswith("[1] note: best")


def test_no_repr_shows_text() -> None:
    assert "zanzibar" not in repr(numbered("zanzibar", [item("zanzibar", title="zanzibar")]))
