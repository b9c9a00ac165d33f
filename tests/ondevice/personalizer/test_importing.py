"""Imports: what becomes of things by their keys, what is counted, and what is never forgotten."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ondevice import Draft, Filter, ModelSet, Personalizer
from ondevice.errors import InputError
from ondevice.importers.found import Found, Reading, ReadOptions, Skipped
from ondevice.importers.source import Source
from ondevice.personalizer.keyed import MARK

KEY = b"k" * 32


@pytest.fixture
def me(tmp_path: Path) -> Iterator[Personalizer]:
    with Personalizer.open(tmp_path / "me", app_key=KEY, models=ModelSet(encoder=None, generator=None)) as opened:
        yield opened


@pytest.fixture
def box(tmp_path: Path) -> Path:
    (tmp_path / "box").mkdir()
    return tmp_path / "box"


@dataclass(frozen=True, kw_only=True)
class Listed:
    """A format whose sources hold what a test lists."""

    things: list[Found | Skipped] = field(default_factory=list)
    breaks_off: bool = False
    name: str = "listed"
    title: str = "listed things"

    def fits(self, source: Source) -> bool:
        return True

    def read(self, source: Source, options: ReadOptions) -> Reading:
        yield from self.things
        if self.breaks_off:
            raise InputError("the source is torn")


def thing(text: str, key: str | None = None, **more: Any) -> Found:
    draft = {name: more.pop(name) for name in list(more) if name in Draft.__dataclass_fields__}
    return Found(draft=Draft(text=text, **draft), place=f"place of {key}", key=key, **more)


def texts(me: Personalizer) -> list[str]:
    return sorted(item.text for item in me.items.list(limit=None))


def test_the_same_key_with_other_content_is_a_version_of_its_item(me: Personalizer, box: Path) -> None:
    me.items.import_from(box, format=Listed(things=[thing("old", "a.md"), thing("other", "b.md")]))
    (item,) = [each for each in me.items.list() if each.text == "old"]
    report = me.items.import_from(box, format=Listed(things=[thing("new", "a.md"), thing("other", "b.md")]))
    assert (report.n_added, report.n_known, report.n_updated) == (0, 1, 1)
    assert me.items.get(item.id).text == "new"
    assert [version.text for version in me.items.history(item.id)] == ["old"]


def test_another_time_alone_is_another_version_only_where_it_counts(me: Personalizer, box: Path) -> None:
    now = datetime.now(UTC)
    for counts in (False, True):
        me.items.import_from(box, format=Listed(things=[thing(f"{counts}", "k", time=now, time_counts=counts)]))
        later = Listed(things=[thing(f"{counts}", "k", time=now + timedelta(hours=1), time_counts=counts)])
        assert me.items.import_from(box, format=later).n_updated == int(counts)


def test_changed_metadata_is_an_update_and_the_mark_is_none(me: Personalizer, box: Path, tmp_path: Path) -> None:
    me.items.import_from(box, format=Listed(things=[thing("a", "k", is_unique=True, metadata={"labels": ["x"]})]))
    tagged = Listed(things=[thing("a", "k", is_unique=True, metadata={"labels": ["x", "y"]})])
    assert me.items.import_from(box, format=tagged).n_updated == 1
    (tmp_path / "other").mkdir()
    assert me.items.import_from(tmp_path / "other", format=tagged).n_known == 1


@pytest.mark.parametrize(("is_unique", "n_items"), [(False, 2), (True, 1)])
def test_a_path_names_a_note_in_its_folder_alone(
    me: Personalizer, box: Path, tmp_path: Path, is_unique: bool, n_items: int
) -> None:
    (tmp_path / "other").mkdir()
    me.items.import_from(box, format=Listed(things=[thing("here", "todo.md", is_unique=is_unique)]))
    me.items.import_from(tmp_path / "other", format=Listed(things=[thing("there", "todo.md", is_unique=is_unique)]))
    assert len(texts(me)) == n_items


def test_two_things_of_one_key_are_two_and_stay_so(me: Personalizer, box: Path) -> None:
    form = Listed(things=[thing(f"text {number}", "same") for number in range(70)])
    assert me.items.import_from(box, format=form).n_added == 70
    report = me.items.import_from(box, format=form)
    assert (report.n_known, report.n_updated) == (70, 0)


def test_ids_and_marks_tell_nothing_of_keys_and_paths(me: Personalizer, box: Path) -> None:
    report = me.items.import_from(box, format=Listed(things=[thing("a", "secret/path.md")]))
    (item,) = me.items.list()
    assert "secret" not in item.id + report.source
    assert str(box.name) not in report.source
    assert me.forget(Filter(metadata={MARK: report.source})).item_ids == (item.id,)
    assert me.items.import_from(box, format=Listed(things=[thing("a", "secret/path.md")])).n_added == 1


def test_what_has_expired_under_a_key_is_stored_anew(me: Personalizer, box: Path) -> None:
    form = Listed(things=[thing("a", "k")])
    me.items.import_from(box, format=form)
    me.items.update(me.items.list()[0].id, expires_at=datetime.now(UTC) - timedelta(seconds=1))
    assert me.items.import_from(box, format=form).n_added == 1


def test_what_no_item_can_be_is_left_out_alone(me: Personalizer, box: Path) -> None:
    bad = thing("bad", "bad", metadata={f"key {number}": 1 for number in range(100)})
    told: list[Skipped] = []
    form = Listed(things=[thing("a", "a"), bad, thing("b", "b")])
    report = me.items.import_from(box, format=form, on_skipped=told.append)
    assert (report.n_added, report.skipped) == (2, {"broken": 1})
    assert [skipped.place for skipped in told] == ["place of bad"]


def test_what_was_read_before_a_source_breaks_off_stays(me: Personalizer, box: Path) -> None:
    report = me.items.import_from(box, format=Listed(things=[thing("a")], breaks_off=True), sync=True)
    assert (report.n_added, report.end, report.failure) == (1, "failed", "the source is torn")
    with pytest.raises(InputError, match="the source is torn"):
        me.items.import_from(box, format=Listed(breaks_off=True))


def test_an_interruption_keeps_what_is_in_and_says_so(me: Personalizer, box: Path) -> None:
    asked = iter([False] * 100)
    form = Listed(things=[thing(f"text {number}") for number in range(500)])
    report = me.items.import_from(box, format=form, should_stop=lambda: next(asked, True))
    assert (report.n_added, report.end) == (100, "interrupted")
    assert len(texts(me)) == 100


@pytest.mark.parametrize(
    ("later", "why"),
    [
        (Listed(), "holds nothing"),
        (Listed(things=[thing("a", "a")], breaks_off=True), "not read to its end"),
        (Listed(things=[thing("a", "a"), Skipped(place="b", reason="broken")]), "1 things could not be read"),
    ],
)
def test_nothing_is_forgotten_where_not_all_was_read(me: Personalizer, box: Path, later: Listed, why: str) -> None:
    me.items.import_from(box, format=Listed(things=[thing("a", "a"), thing("b", "b")]))
    report = me.items.import_from(box, format=later, sync=True)
    assert report.receipt is None
    assert why in report.kept_because
    assert texts(me) == ["a", "b"]


def test_only_what_came_from_the_source_is_forgotten(me: Personalizer, box: Path, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    me.add("my own")
    me.items.import_from(tmp_path / "other", format=Listed(things=[thing("theirs", "a")]))
    me.items.import_from(box, format=Listed(things=[thing("a", "a"), thing("b"), thing("c", "c")]))
    report = me.items.import_from(box, format=Listed(things=[thing("c", "c")]), sync=True)
    assert report.n_forgotten == 2
    assert texts(me) == ["c", "my own", "theirs"]


@pytest.mark.parametrize("options", [{"sync": True, "limit": 1}, {"limit": 0}, {"since": datetime(2024, 1, 1)}])
def test_options_that_make_no_sense_are_refused(me: Personalizer, box: Path, options: Any) -> None:
    with pytest.raises(ValueError, match=r"sync|limit|since"):
        me.items.import_from(box, format=Listed(), **options)
    with pytest.raises(ValueError, match="there is no format 'nothing'"):
        me.items.import_from(box, format="nothing")


def test_progress_is_told_in_bytes_up_to_the_end(me: Personalizer, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text("".join(f'{{"text": "thing {number} {"x" * 3000}"}}\n' for number in range(300)))
    told: list[tuple[int, int]] = []
    me.items.import_from(path, on_progress=lambda done, total: told.append((done, total)))
    size = path.stat().st_size
    assert told == sorted(told)
    assert told[-1] == (size, size)
    assert 0 < told[0][0] < size


def test_an_export_is_loaded_as_it_is(me: Personalizer, tmp_path: Path) -> None:
    item = me.add("a")
    me.items.export(tmp_path / "out.jsonl")
    me.forget(item.id)
    report = me.items.import_from(tmp_path / "out.jsonl")
    assert (report.format, report.n_added) == ("ondevice", 1)
    assert me.items.get(item.id).text == "a"
    with pytest.raises(InputError, match="dry_run"):
        me.items.import_from(tmp_path / "out.jsonl", dry_run=True)


THINGS = st.lists(
    st.builds(thing, st.sampled_from(["a", "b", "c"]), st.sampled_from([None, "k1", "k2"]))
    | st.builds(Skipped, place=st.just("p"), reason=st.sampled_from(["broken", "spam"])),
    max_size=8,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=THINGS, second=THINGS)
def test_the_counts_add_up_and_a_dry_run_foretells_them(
    me: Personalizer, box: Path, first: list[Found | Skipped], second: list[Found | Skipped]
) -> None:
    for things in (first, second):
        told = me.items.import_from(box, format=Listed(things=things), dry_run=True)
        before = len(texts(me))
        made = me.items.import_from(box, format=Listed(things=things))
        assert made.n_read == len(things)
        assert made.n_skipped == sum(isinstance(each, Skipped) for each in things)
        assert len(texts(me)) == before + made.n_added
        assert (told.n_read, told.n_skipped) == (made.n_read, made.n_skipped)
        assert told.n_updated == made.n_updated


KEEP = (
    '{"isTrashed": false, "isPinned": false, "isArchived": false, "textContent": "buy milk", "title": "shop",'
    ' "userEditedTimestampUsec": 1700000000000000, "createdTimestampUsec": 1700000000000000}'
)
MIXED = {
    "Takeout/Keep/shop.json": KEEP,
    "Takeout/Keep/Labels.txt": "home",
    "Takeout/Mail/All mail.mbox": "From a@b Thu Jan  1 00:00:00 2024\nMessage-ID: <1@x>\nSubject: keys\n\nfour keys\n",
    "WhatsApp Chat with Ana.txt": "12/31/23, 18:30 - Ana: hello there\n12/31/23, 18:31 - Ben: happy new year\n",
    "notes/boiler.md": "the boiler is warm\n",
}


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    for name, text in MIXED.items():
        path = tmp_path / "mixed" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "mixed"


def test_a_folder_of_several_formats_is_taken_as_each_of_them_and_no_file_twice(me: Personalizer, mixed: Path) -> None:
    told: list[tuple[int, int]] = []
    report = me.items.import_from(mixed, on_progress=lambda done, whole: told.append((done, whole)))
    assert (report.format, report.n_added) == ("google-keep, mail, whatsapp, notes", 4)
    assert sorted(item.kind for item in me.items.list()) == ["email", "message", "note", "note"]
    assert "home" not in texts(me)
    assert told == sorted(told)
    assert told[-1][0] == told[-1][1]
    for mark in report.source.split(", "):
        assert len(me.items.list(Filter(metadata={MARK: mark}))) == 1
    assert me.items.import_from(mixed).n_known == 4


def test_a_limit_is_of_all_formats_together(me: Personalizer, mixed: Path) -> None:
    report = me.items.import_from(mixed, limit=2)
    assert (report.n_added, report.end) == (2, "limit")
    assert me.items.import_from(mixed, limit=3).n_added == 1


def test_what_is_gone_of_one_format_is_forgotten_and_the_rest_stays(me: Personalizer, mixed: Path) -> None:
    (mixed / "notes" / "shed.md").write_text("the shed is cold")
    me.items.import_from(mixed)
    (mixed / "notes" / "shed.md").unlink()
    assert me.items.import_from(mixed, sync=True).n_forgotten == 1
    assert len(texts(me)) == 4


def test_a_format_that_cannot_be_read_does_not_stop_the_others(
    me: Personalizer, mixed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (mixed / "dates.ics").write_text("BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:x\nEND:VEVENT\nEND:VCALENDAR\n")
    monkeypatch.setitem(sys.modules, "icalendar", None)
    report = me.items.import_from(mixed, sync=True)
    assert (report.n_added, report.end, report.kept_because != "") == (4, "failed", True)
    assert "pip install 'ondevice-sdk[import]'" in report.failure


def test_a_mail_of_two_mailboxes_is_one_item(me: Personalizer, mixed: Path, tmp_path: Path) -> None:
    me.items.import_from(mixed, format="mail")
    (tmp_path / "copy").write_text(MIXED["Takeout/Mail/All mail.mbox"])
    report = me.items.import_from(tmp_path / "copy")
    assert (report.format, report.n_added, len(texts(me))) == ("mail", 0, 1)


def test_a_mailbox_taken_alone_is_known_when_its_folder_comes(me: Personalizer, mixed: Path) -> None:
    assert me.items.import_from(mixed / "Takeout/Mail/All mail.mbox").n_added == 1
    report = me.items.import_from(mixed, format="mail")
    assert (report.n_known, report.n_updated) == (1, 0)
    assert me.items.list()[0].metadata["labels"] == ["All mail"]


def test_a_file_that_was_touched_is_the_same_note(me: Personalizer, mixed: Path) -> None:
    me.items.import_from(mixed, format="notes")
    os.utime(mixed / "notes" / "boiler.md", (1_700_000_000, 1_700_000_000))
    assert me.items.import_from(mixed, format="notes").n_updated == 0
