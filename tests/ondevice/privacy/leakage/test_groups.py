"""Which of a profile's texts an adapter has learned: as its training split them, and no text on both sides."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from ondevice.adaptation.recipes.recipe import LoraRecipe, TrainingConfig, TrainingReport
from ondevice.learned.adapter_notes import AdapterNote, AdapterPlan
from ondevice.privacy.leakage.groups import Groups, drawn, groups_of
from ondevice.records import Item

START = datetime(2025, 1, 1, tzinfo=UTC)


def item(place: int, text: str | None = None) -> Item:
    said = f"this is what was noted on day {place}" if text is None else text
    time = START + timedelta(days=place)
    return Item(id=f"i{place:02}", text=said, kind="note", time=time, added_at=time)


def note(n_examples: int, n_held_out: int, **more: Any) -> AdapterNote:
    plan = AdapterPlan(task="chat", filter=None, recipe=LoraRecipe(), config=TrainingConfig(), on_forget="drop")
    report = TrainingReport(
        n_examples=n_examples,
        n_held_out=n_held_out,
        n_steps=9,
        epochs_done=3,
        loss_before=3.0,
        loss_after=2.0,
        seconds=1.0,
        peak_bytes=1,
        stopped="done",
        **more,
    )
    return AdapterNote(base="0" * 64, base_name="tiny", plan=plan, report=report)


def ids_of(groups: Groups) -> tuple[list[str], list[str], list[str]]:
    members, judged, unseen = (
        [item_id for pair in pairs for item_id in pair.item_ids]
        for pairs in (groups.members, groups.judged, groups.unseen)
    )
    return members, judged, unseen


def test_the_newest_only_judged_and_later_ones_were_not_seen() -> None:
    seen, unseen = [item(place) for place in range(20)], [item(place) for place in range(20, 24)]
    members, judged, never = ids_of(groups_of(note(17, 3), seen, unseen))
    assert members == [each.id for each in seen[:17]]
    assert judged == [each.id for each in seen[17:]]
    assert never == [each.id for each in unseen]


def test_a_refit_has_learned_what_had_judged_it() -> None:
    members, judged, _ = ids_of(groups_of(note(17, 3, refit="done"), [item(place) for place in range(20)], []))
    assert (len(members), judged) == (20, [])
    members, judged, _ = ids_of(groups_of(note(17, 3, refit="no gain"), [item(place) for place in range(20)], []))
    assert (len(members), len(judged)) == (17, 3)


def test_what_says_the_same_as_a_learned_text_is_no_other() -> None:
    seen = [item(place) for place in range(20)]
    again = [item(30, "THIS is what  was noted on day 4"), item(31, "this is what was noted on day 18"), item(32)]
    assert ids_of(groups_of(note(17, 3), seen, again))[2] == ["i32"]


def test_items_that_say_something_else_now_count_nowhere() -> None:
    seen = [item(place) for place in range(20)]
    members, judged, _ = ids_of(groups_of(note(17, 3), seen, [], {"i03", "i19"}))
    assert (len(members), len(judged)) == (16, 2)
    assert {"i03", "i19"}.isdisjoint([*members, *judged])


def test_nothing_is_guessed_where_the_counts_differ() -> None:
    seen = [item(place) for place in range(20)]
    unseen = [item(place) for place in range(20, 24)]
    for unknown in (note(18, 3), replace(note(17, 3), report=None)):
        groups = groups_of(unknown, seen, unseen, {"i03"})
        assert not groups.is_known
        members, judged, never = ids_of(groups)
        assert (len(members), judged, never) == (19, [], [])


def test_the_same_few_are_drawn_of_many() -> None:
    groups = groups_of(note(17, 3), [item(place) for place in range(20)], [])
    assert groups.is_known
    few = drawn(groups.members, 5)
    assert len(few) == 5
    assert few == drawn(groups.members, 5)
    assert [groups.members.index(pair) for pair in few] == sorted(groups.members.index(pair) for pair in few)
    assert drawn(groups.members, 17) == list(groups.members)
