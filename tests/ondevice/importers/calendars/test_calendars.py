"""Calendars: what, when, where and with whom; what repeats is named, and what is torn is told."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ondevice.importers.calendars import CalendarsFormat
from ondevice.importers.calendars.recurrences import recurrence_words
from ondevice.importers.found import Found, ReadOptions, Skipped
from ondevice.importers.source import Source

DINNER = """\
BEGIN:VEVENT
UID:dinner@example.org
DTSTART;TZID=Europe/Berlin:20240531T183000
DTEND;TZID=Europe/Berlin:20240531T213000
SUMMARY:Dinner\\, late
DESCRIPTION:Bring the blue
  folder.\\nAsk about the key.
LOCATION:Lyon
ORGANIZER;CN=Ana:mailto:ana@example.org
ATTENDEE;CN="Singh, Priya";PARTSTAT=ACCEPTED:mailto:priya@example.org
ATTENDEE:mailto:ben@example.org
CATEGORIES:home,fun
RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=FR;UNTIL=20241231T000000Z
BEGIN:VALARM
TRIGGER:-PT10M
DESCRIPTION:Alarm
END:VALARM
END:VEVENT
"""


def calendar(*parts: str) -> str:
    return "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//x//y\n" + "".join(parts) + "END:VCALENDAR\n"


def read(folder: Path, text: str | bytes, zone: str = "UTC") -> list[Found | Skipped]:
    path = folder / "a.ics"
    path.write_bytes(text if isinstance(text, bytes) else text.replace("\n", "\r\n").encode("utf-8"))
    return list(CalendarsFormat().read(Source(path), ReadOptions(time_zone=zone)))


def read_one(folder: Path, text: str | bytes, zone: str = "UTC") -> Found:
    (found,) = read(folder, text, zone)
    assert isinstance(found, Found)
    return found


def event(*lines: str) -> str:
    return "\n".join(["BEGIN:VEVENT", "UID:1", *lines, "END:VEVENT", ""])


def test_an_event_says_what_when_where_and_with_whom(tmp_path: Path) -> None:
    found = read_one(tmp_path, calendar(DINNER))
    assert (found.key, found.draft.kind) == ("dinner@example.org", "event")
    assert found.draft.text == "Bring the blue folder.\nAsk about the key."
    assert found.draft.time == datetime(2024, 5, 31, 16, 30, tzinfo=UTC)
    assert found.draft.fields == {
        "title": "Dinner, late",
        "when": "2024-05-31 18:30 to 21:30",
        "repeats": "every 2 weeks on Friday until 2024-12-31",
        "place": "Lyon",
        "organizer": "Ana",
        "with": "Singh, Priya, ben@example.org",
    }
    assert found.draft.metadata == {
        "uid": "dinner@example.org",
        "start": "2024-05-31T18:30:00+02:00",
        "end": "2024-05-31T21:30:00+02:00",
        "addresses": ["ana@example.org", "priya@example.org", "ben@example.org"],
        "tags": ["home", "fun"],
    }


@pytest.mark.parametrize(
    ("lines", "when", "hour"),
    [
        (("DTSTART:20240531T163000Z", "DURATION:PT1H"), "2024-05-31 16:30 to 17:30", 16),
        (("DTSTART:20240531T183000",), "2024-05-31 18:30", 16),
        (("DTSTART;VALUE=DATE:20240531", "DTEND;VALUE=DATE:20240601"), "2024-05-31", 22),
        (("DTSTART;VALUE=DATE:20240531", "DTEND;VALUE=DATE:20240603"), "2024-05-31 to 2024-06-02", 22),
        (("DTSTART;TZID=W. Europe Standard Time:20240531T183000",), "2024-05-31 18:30", 16),
        (("DTSTART;TZID=Nowhere:20240531T183000",), "2024-05-31 18:30", 16),
    ],
)
def test_times_are_of_their_zone_and_floating_ones_of_the_given(
    tmp_path: Path, lines: tuple[str, ...], when: str, hour: int
) -> None:
    draft = read_one(tmp_path, calendar(event("SUMMARY:x", *lines)), "Europe/Berlin").draft
    assert draft.fields["when"] == when
    assert draft.time is not None
    assert draft.time.hour == hour


def test_a_zone_of_the_file_s_own_counts_in_this_file_alone(tmp_path: Path) -> None:
    def zone(offset: str) -> str:
        rule = f"DTSTART:19700101T000000\nTZOFFSETFROM:{offset}\nTZOFFSETTO:{offset}\n"
        return f"BEGIN:VTIMEZONE\nTZID:Our hall\nBEGIN:STANDARD\n{rule}END:STANDARD\nEND:VTIMEZONE\n"

    meeting = event("SUMMARY:x", "DTSTART;TZID=Our hall:20240531T183000")
    hours = [read_one(tmp_path, calendar(zone(offset), meeting)).draft.time for offset in ("+0300", "+0500")]
    assert [time.hour for time in hours if time] == [15, 13]


def test_a_zone_that_changes_each_second_is_not_reckoned(tmp_path: Path) -> None:
    rule = "DTSTART:19700101T000000\nTZOFFSETFROM:+0000\nTZOFFSETTO:+0100\nRRULE:FREQ=SECONDLY\n"
    zone = f"BEGIN:VTIMEZONE\nTZID:Our hall\nBEGIN:STANDARD\n{rule}END:STANDARD\nEND:VTIMEZONE\n"
    found = read_one(tmp_path, calendar(zone, event("SUMMARY:x", "DTSTART;TZID=Our hall:20240531T183000")))
    assert found.draft.time == datetime(2024, 5, 31, 18, 30, tzinfo=UTC)


def test_a_changed_occurrence_is_an_item_beside_its_series(tmp_path: Path) -> None:
    other = event("SUMMARY:moved", "RECURRENCE-ID:20240531T163000Z", "DTSTART:20240601T163000Z")
    found = read(tmp_path, calendar(event("SUMMARY:series", "DTSTART:20240501T163000Z", "RRULE:FREQ=DAILY"), other))
    assert [getattr(one, "key", None) for one in found] == ["1", "1 2024-05-31T16:30:00+00:00"]


def test_tasks_and_journals_are_read_and_free_time_is_not(tmp_path: Path) -> None:
    task = "BEGIN:VTODO\nUID:2\nSUMMARY:Pay Ben\nDUE;VALUE=DATE:20240601\nSTATUS:COMPLETED\nEND:VTODO\n"
    journal = "BEGIN:VJOURNAL\nUID:3\nDTSTART;VALUE=DATE:20240601\nDESCRIPTION:Sunny.\nEND:VJOURNAL\n"
    busy = "BEGIN:VFREEBUSY\nUID:4\nEND:VFREEBUSY\n"
    one, two = read(tmp_path, calendar(task, journal, busy))
    assert isinstance(one, Found)
    assert isinstance(two, Found)
    assert (one.draft.kind, one.draft.text) == ("task", "Pay Ben")
    assert one.draft.fields == {"title": "Pay Ben", "due": "2024-06-01", "status": "completed"}
    assert (two.draft.kind, two.draft.text) == ("journal", "Sunny.")


def test_one_bad_entry_does_not_stop_the_rest(tmp_path: Path) -> None:
    torn = "BEGIN:VEVENT\nUID:torn\nSUMMARY:never ended\n"
    empty = event("DTSTART:20240531T163000Z")
    odd = event("SUMMARY:odd", "DTSTART:yesterday", "GEO:here", "no line at all", "RRULE:FREQ=OFTEN", "DTEND:99")
    found = read(tmp_path, calendar(torn, empty, odd, DINNER))
    assert [(one.place, getattr(one, "reason", "")) for one in found] == [
        ("a.ics, line 4", "broken"), ("a.ics, line 7", "empty"), ("a.ics, line 11", ""), ("a.ics, line 20", ""),
    ]  # fmt: skip
    assert not any("never" in str(one) or "yesterday" in str(one) for one in found)


def test_an_entry_of_no_size_is_left_out(tmp_path: Path) -> None:
    found = read(tmp_path, calendar(event("DESCRIPTION:" + "x" * (5 << 20)), DINNER))
    assert [getattr(one, "reason", "") for one in found] == ["too long", ""]


def test_folders_and_other_encodings_fit(tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "a.ics").write_text(calendar(DINNER), "utf-16")
    (tmp_path / "work" / "b.txt").write_text("BEGIN:VCALENDAR", "utf-8")
    source = Source(tmp_path / "work")
    assert CalendarsFormat().fits(source)
    assert len(list(CalendarsFormat().read(source, ReadOptions()))) == 1
    assert CalendarsFormat().fits(Source(tmp_path / "work" / "a.ics"))
    (tmp_path / "note.md").write_text("About calendars.", "utf-8")
    assert not CalendarsFormat().fits(Source(tmp_path / "note.md"))
    latin = read_one(tmp_path, calendar(event("SUMMARY:Café in Köln")).encode("latin-1"))
    assert latin.draft.text == "Café in Köln"


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({"FREQ": ["DAILY"], "COUNT": [10]}, "every day 10 times"),
        ({"FREQ": ["MONTHLY"], "BYDAY": ["1MO", "-1FR"]}, "every month on the first Monday and the last Friday"),
        ({"FREQ": ["YEARLY"], "BYMONTH": [5], "BYMONTHDAY": [31]}, "every year on day 31 in May"),
        ({"FREQ": ["OFTEN"]}, ""),
        ({}, ""),
    ],
)
def test_rules_in_words(rule: dict[str, list[object]], words: str) -> None:
    assert recurrence_words(rule) == words


@settings(max_examples=40, deadline=None)
@given(st.integers(0, len(DINNER)), st.integers(0, 20), st.binary(max_size=4))
def test_a_torn_file_gives_what_is_whole(
    tmp_path_factory: pytest.TempPathFactory, at: int, n: int, junk: bytes
) -> None:
    data = calendar(DINNER, event("SUMMARY:whole")).encode()
    start = data.index(b"BEGIN:VEVENT")
    torn = data[: start + at] + junk + data[start + at + n :]
    found = read(tmp_path_factory.mktemp("torn"), torn)
    assert 1 <= len(found) <= 3
