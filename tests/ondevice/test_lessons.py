"""What stands in the prompts that an adapter learns from: found by the profile's own search, and never too late."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ondevice import AdaptationError, CorruptError, Personalizer
from ondevice.adaptation.recipe import LoraRecipe, TrainingConfig
from ondevice.adapter_notes import AdapterPlan
from ondevice.lessons import Lessons, lessons_again, make_lessons

START = datetime(2026, 1, 1, tzinfo=UTC)
SUBJECTS = ("rain", "garden", "harbour")


@pytest.fixture
def me(tmp_path: Path) -> Iterator[Personalizer]:
    with Personalizer.open(tmp_path / "me", app_key=b"k" * 32, encoder=None, generator=None) as opened:
        for day in range(12):
            subject = SUBJECTS[day % 3]
            opened.add(
                f"on day {day} the {subject} was all that mattered",
                kind="mail",
                fields={"title": f"the {subject} once more, {day}"},
                time=START + timedelta(days=day),
            )
        yield opened


def plan_with(items_in_prompt: int, leave_out: tuple[str, ...] = (), task: str = "LaMP_6") -> AdapterPlan:
    return AdapterPlan(
        task=task,
        filter=None,
        recipe=LoraRecipe(),
        config=TrainingConfig(),
        on_forget="drop",
        items_in_prompt=items_in_prompt,
        leave_out=leave_out,
    )


def lessons_of(me: Personalizer, plan: AdapterPlan) -> Lessons:
    shelf = me.adapters._shelf
    return make_lessons(shelf.items(plan), plan, shelf.find)


def test_each_prompt_gets_the_best_earlier_items(me: Personalizer) -> None:
    pairs = lessons_of(me, plan_with(2)).pairs
    assert [len(pair.items) for pair in pairs] == [0, 1, *[2] * 10]
    for day, pair in enumerate(pairs):
        assert all(item.time < START + timedelta(days=day) for item in pair.items)
        assert pair.item_ids[1:] == tuple(item.id for item in pair.items)
        if day >= 6:
            assert all(SUBJECTS[day % 3] in item.text for item in pair.items), "those of the same subject come first"


def test_without_items_in_prompts_there_are_none(me: Personalizer) -> None:
    lessons = lessons_of(me, plan_with(0))
    assert [len(pair.item_ids) for pair in lessons.pairs] == [1] * 12
    assert len(lessons.item_ids) == 12


def test_what_is_left_out_is_seen_nowhere(me: Personalizer) -> None:
    left_out = tuple(item.id for item in me.list()[3:6])
    lessons = lessons_of(me, plan_with(12, left_out))
    assert len(lessons.pairs) == 9
    assert not set(left_out) & set(lessons.item_ids)
    assert not set(left_out) & {item.id for pair in lessons.pairs for item in pair.items}


def test_too_much_left_out_is_told(me: Personalizer) -> None:
    with pytest.raises(AdaptationError, match="7 items give 7"):
        lessons_of(me, plan_with(0, tuple(item.id for item in me.list()[:5])))


def test_a_paused_training_has_the_same_lessons_whatever_came_since(me: Personalizer) -> None:
    lessons = lessons_of(me, plan_with(2))
    for number in range(20):
        me.add(f"the rain, the garden, the harbour {number}", kind="mail", time=START - timedelta(days=number + 1))
    ids = set(lessons.item_ids)
    items = [item for item in me.list() if item.id in ids]
    again, state = lessons_again(lessons.with_state(b"state"), items, task="LaMP_6")
    assert again == lessons
    assert state == b"state"


def test_items_that_say_something_else_end_a_paused_training(me: Personalizer) -> None:
    data = lessons_of(me, plan_with(2)).with_state(b"state")
    me.update(me.list()[0].id, fields={})
    with pytest.raises(AdaptationError, match="do not say any more"):
        lessons_again(data, me.list(), task="LaMP_6")


@pytest.mark.parametrize("data", [b"", b"\x00\x00\x00\x02{", b"\xff\xff\xff\xffnot json at all"])
def test_other_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(CorruptError):
        lessons_again(data, [], task="chat")


def test_lessons_show_no_text(me: Personalizer) -> None:
    assert "harbour" not in repr(lessons_of(me, plan_with(2)))
