"""Invented people and LaMP's users as profiles."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from ondevice.errors import NotFoundError
from ondevice.evaluation.harm.profiles import invented_profiles, lamp_profiles
from tests.ondevice.evaluation.lamp_files import entry, question, write_split


def test_invented_people_have_both_items_of_a_changed_answer():
    first, second = invented_profiles(2, requests=5, stale=2, seed=0)
    assert first.name != second.name
    assert [len(each.requests) for each in (first, second)] == [5, 5]
    assert [len(each.stale) for each in (first, second)] == [2, 2]
    ids = {draft.id for draft in first.drafts}
    for request in first.stale:
        assert request.category == "newest"
        assert request.forbidden
        assert ids.issuperset((*request.evidence, *request.outdated))
        assert set(request.evidence).isdisjoint(request.outdated)
        assert not request.after
    assert [first, second] == list(invented_profiles(2, requests=5, stale=2, seed=0))
    assert next(invented_profiles(1, requests=5, stale=0, seed=0)).stale == ()


def test_lamp_users_are_drawn_from_all_tasks_with_one_history_each(tmp_path: Path):
    asked = [
        question("LaMP_4", "1", user="ann"),
        question("LaMP_4", "2", user="ann"),
        question("LaMP_4", "3", user="bob"),
    ]
    write_split(tmp_path / "LaMP_4", "LaMP_4", asked)
    write_split(tmp_path / "LaMP_7", "LaMP_7", [question("LaMP_7", "9", user="cid", n_entries=0)])
    found = list(lamp_profiles(tmp_path, 9, split="dev", tasks=(), requests=4, seed=0))
    assert sorted(each.name for each in found) == ["LaMP_4 ann", "LaMP_4 bob"]  # cid has no history
    (ann,) = (each for each in found if each.name == "LaMP_4 ann")
    assert [draft.text for draft in ann.drafts] == [f"it rained 1-{n}" for n in range(3)]
    times = [draft.time for draft in ann.drafts if draft.time is not None]
    assert times == sorted(set(times))
    assert len(times) == 3
    assert all(time < ann.now for time in times)
    assert len(list(lamp_profiles(tmp_path, 1, split="dev", tasks=("LaMP_4",), requests=4, seed=0))) == 1
    with pytest.raises(NotFoundError, match="has a history"):
        list(lamp_profiles(tmp_path, 9, split="dev", tasks=("LaMP_7",), requests=4, seed=0))


def test_dates_of_a_history_are_kept_and_asked_about_later(tmp_path: Path):
    one = question("LaMP_6", "1", user="ann") | {"profile": [entry("LaMP_6", 1, date="2031-05-06")]}
    write_split(tmp_path / "LaMP_6", "LaMP_6", [one])
    (ann,) = lamp_profiles(tmp_path, 1, split="dev", tasks=(), requests=1, seed=0)
    assert ann.drafts[0].time == datetime(2031, 5, 6, tzinfo=UTC) < ann.now


def test_the_last_day_of_all_has_none_after_it(tmp_path: Path):
    one = question("LaMP_6", "1", user="ann") | {"profile": [entry("LaMP_6", 1, date="9999-12-31")]}
    write_split(tmp_path / "LaMP_6", "LaMP_6", [one])
    (ann,) = lamp_profiles(tmp_path, 1, split="dev", tasks=(), requests=1, seed=0)
    assert ann.drafts[0].time is not None
    assert ann.drafts[0].time <= ann.now
