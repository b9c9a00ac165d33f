"""Chats of WhatsApp: the heads of many phones, which number is the day, and what is nobody's words."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ondevice.errors import InputError
from ondevice.importers.chats import WHATSAPP
from ondevice.importers.source import Source
from tests.ondevice.importers.chats.reading import read, read_anyway, zipped

EVENING = datetime(2021, 3, 14, 21, 5, tzinfo=UTC)
HEADS = {
    "Android, United States": "3/14/21, 9:05 PM - ",
    "Android, narrow blank": "3/14/21, 9:05\u202fPM - ",
    "Android, United Kingdom": "14/03/2021, 21:05 - ",
    "Android, India": "14/03/21, 9:05 pm - ",
    "Android, Germany": "14.03.21, 21:05 - ",
    "Android, Spain": "14/3/21 21:05 - ",
    "Android, Mexico": "14/3/2021, 9:05 p.\u00a0m. - ",
    "Android, France": "14/03/2021 à 21:05 - ",
    "Android, Brazil": "14/03/2021 21:05 - ",
    "Android, Netherlands": "14-03-2021 21:05 - ",
    "Android, Sweden": "2021-03-14 21:05 - ",
    "Android, Finland": "14.3.2021 klo 21.05 - ",
    "Android, Croatia": "14. 03. 2021. u 21:05 - ",
    "Android, Greece": "14/3/21, 9:05 μ.μ. - ",
    "Android, Turkey": "14.03.2021 ÖS 9:05 - ",
    "Android, Hungary": "2021. 03. 14. 21:05 - ",
    "Android, Japan": "2021/03/14 21:05 - ",
    "Android, China": "2021/3/14 下午9:05 - ",
    "Android, Taiwan": "2021/3/14 晚上9:05 - ",
    "Android, Korea": "2021년 3월 14일 오후 9:05, ",
    "Android, Egypt": "١٤\u200f/٣\u200f/٢٠٢١, ٩:\u0660\u0665 م - ",
    "Android, Israel": "14.3.2021, 21:05 - ",
    "Android, Thailand": "14/3/2564 21:05 - ",
    "iPhone, United States": "[3/14/21, 9:05:00 PM] ",
    "iPhone, marked": "\u200e[14/03/2021, 21:05:00] ",
    "iPhone, Germany": "[14.03.21, 21:05:00] ",
    "iPhone, Korea": "[2021. 3. 14. 오후 9:05:00] ",
    "iPhone, Spain": "[14/3/21 21:05:00] ",
    "iPhone, old": "14.03.21, 21:05:00: ",
}


def chat(tmp_path: Path, text: str, name: str = "WhatsApp Chat with Ana.txt") -> Path:
    path = tmp_path / name
    path.write_text(text, "utf-8")
    return path


@pytest.mark.parametrize("head", HEADS.values(), ids=HEADS.keys())
def test_every_phones_heads_are_read(head: str, tmp_path: Path) -> None:
    got = read(WHATSAPP, chat(tmp_path, f"{head}Ana: Shall we?\n{head}Ben Ode: At six.\nOr later\n"), time_zone="UTC")
    (item,) = got.found
    assert item.draft.text == "Ana: Shall we?\nBen Ode: At six.\n  Or later"
    assert item.draft.time == EVENING
    assert item.draft.kind == "message"
    assert item.draft.fields == {"title": "Ana", "from": "Ana, Ben Ode"}
    assert got.skipped == []


@pytest.mark.parametrize(
    ("dates", "second"),
    [
        (["3/4/21", "14/4/21"], (4, 14)),
        (["3/4/21", "4/14/21"], (4, 14)),
        (["1/4/21", "2/4/21", "3/4/21"], (4, 2)),
        (["4/1/21", "4/2/21", "4/3/21"], (4, 2)),
        (["9/1/21", "9/2/21", "8/3/21"], (2, 9)),
        (["21/04/03", *(f"21/05/{day:02}" for day in range(1, 20))], (5, 1)),
    ],
)
def test_the_whole_file_tells_which_number_is_the_day(
    dates: list[str], second: tuple[int, int], tmp_path: Path
) -> None:
    path = chat(tmp_path, "".join(f"{each}, 10:00 - Ana: on {each}\n" for each in dates))
    time = read(WHATSAPP, path, time_zone="UTC").found[1].draft.time
    assert time is not None
    assert (time.year, time.month, time.day) == (2021, *second)


def test_a_single_american_head_is_read_as_one(tmp_path: Path) -> None:
    (item,) = read(WHATSAPP, chat(tmp_path, "3/4/21, 9:05 AM - Ana: Hi\n"), time_zone="America/New_York").found
    assert item.draft.time == datetime(2021, 3, 4, 14, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("time", "hour"), [("12:05 AM", 0), ("12:05 PM", 12), ("1:05 p. m.", 13), ("11:05 a.m.", 11), ("0:05", 0)]
)
def test_midnight_and_noon(time: str, hour: int, tmp_path: Path) -> None:
    (item,) = read(WHATSAPP, chat(tmp_path, f"14/3/21, {time} - Ana: Hi\n"), time_zone="UTC").found
    assert item.draft.time == datetime(2021, 3, 14, hour, 5, tzinfo=UTC)


def test_what_is_nobodys_words_is_left_out(tmp_path: Path) -> None:
    android = [
        "Messages and calls are end-to-end encrypted. Tap to learn more.",
        'Ana changed the group name from "Trip: old" to "Trip: new"',
        "Ana: <Media omitted>",
        "Ben: <Medien ausgeschlossen>",
        "Ben: <メディアは含まれていません>",
        "Ana: This message was deleted",
        "Ana: IMG-20210314-WA0001.jpg (file attached)",
        "Ana: IMG-20210314-WA0002.jpg (file attached)\nThe pier",
        "Ben: At 6 <This message was edited>",
        "Ben: main.py (see above)",
        "Ben: 1 < 2 and 3 > 2",
    ]
    got = read(WHATSAPP, chat(tmp_path, "".join(f"14/3/21, 21:05 - {each}\n" for each in android)))
    assert got.texts == ["Ana: The pier\nBen: At 6\nBen: main.py (see above)\nBen: 1 < 2 and 3 > 2"]
    assert got.reasons == ["empty"] * 5


def test_what_an_iphone_marks_as_its_own_is_left_out(tmp_path: Path) -> None:
    lines = [
        "[14/03/2021, 21:05:00] Trip: \u200eMessages and calls are end-to-end encrypted.",
        "\u200e[14/03/2021, 21:05:01] Ana: \u200eimage omitted",
        "[14/03/2021, 21:05:02] \u200eAna added Ben",
        "[14/03/2021, 21:05:03] ~\u202fAna: Ask \u2068Ben\u2069",
        "\u200e[14/03/2021, 21:05:04] Ana: The pier \u200e<attached: 00000012-PHOTO-2021.jpg>",
    ]
    archive = tmp_path / "made"
    archive.mkdir()
    chat(archive, "\ufeff" + "\r\n".join(lines), "_chat.txt")
    got = read(WHATSAPP, zipped(archive, tmp_path / "WhatsApp Chat - Trip.zip"))
    assert got.texts == ["Ana: Ask Ben\nAna: The pier"]
    assert got.found[0].draft.fields["title"] == "Trip"


def test_what_somebody_pasted_is_no_message(tmp_path: Path) -> None:
    path = chat(
        tmp_path,
        "14/3/21, 21:05 - Ana: look\n[13/03/2021, 20:00:00] Eve: the PIN\nAna: yes\n15/3/21, 99:05 - Eve: no\n"
        "14/3/21, 21:06 - Ben: ok\n",
    )
    (text,) = read(WHATSAPP, path).texts
    assert [line for line in text.split("\n") if not line.startswith("  ")] == ["Ana: look", "Ben: ok"]
    assert "  [13/03/2021, 20:00:00] Eve: the PIN\n  Ana: yes\n" in text


def test_a_later_export_has_the_same_keys(tmp_path: Path) -> None:
    lines = [f"{1 + n // 4}/3/21, {10 + n % 4}:00 - Ana: message {n} {'x' * 300}\n" for n in range(40)]
    early = read(WHATSAPP, chat(tmp_path, "".join(lines[:30]))).found
    # WhatsApp's export has the newest messages only.
    late = read(WHATSAPP, chat(tmp_path, "".join(lines[8:]), "WhatsApp Chat with Ana (1).txt")).found
    assert {each.key for each in early[4:]} <= {each.key for each in late}
    assert len({each.key for each in late}) == len(late)


def test_only_mine_needs_to_know_who(tmp_path: Path) -> None:
    path = chat(tmp_path, "14/3/21, 21:05 - Ana: mine\n14/3/21, 21:06 - Ben: his\n")
    with pytest.raises(InputError, match="who you are"):
        read(WHATSAPP, path, only_mine=True)
    got = read(WHATSAPP, path, only_mine=True, me=("ana",))
    assert got.texts == ["Ana: mine"]
    assert got.reasons == ["not mine"]


@pytest.mark.parametrize(
    "text", ["", "Dear diary\n14/3/21, 21:05 - Ana: Hi\n", "14/3/21, 21:05 - nobody speaks\n", "99/99/99, 1:00 - A: b"]
)
def test_another_text_is_no_chat(text: str, tmp_path: Path) -> None:
    path = chat(tmp_path, text)
    assert not WHATSAPP.fits(Source(path))
    with pytest.raises(InputError, match="holds no chat of WhatsApp"):
        read_anyway(WHATSAPP, path)


def test_one_chat_among_notes_does_not_make_them_chats(tmp_path: Path) -> None:
    chat(tmp_path, "14/3/21, 21:05 - Ana: Hi\n")
    assert WHATSAPP.fits(Source(tmp_path))
    (tmp_path / "photo.jpg").write_bytes(b"x")
    (tmp_path / "diary.txt").write_text("Dear diary", "utf-8")
    assert not WHATSAPP.fits(Source(tmp_path))
    assert read_anyway(WHATSAPP, tmp_path).texts == ["Ana: Hi"]


def test_a_zone_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such time zone"):
        read(WHATSAPP, chat(tmp_path, "14/3/21, 21:05 - Ana: Hi\n"), time_zone="Europe/Nowhere")


def test_sixteen_bits_and_broken_bytes_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("14/3/21, 21:05 - Åsa: Grüße\n".encode("utf-16"))
    assert read(WHATSAPP, path).texts == ["Åsa: Grüße"]
    path.write_bytes(b"14/3/21, 21:05 - Ana: a\xff\0b\n14/3/21, 21:05 - Ana: next\n")
    assert read(WHATSAPP, path).texts == ["Ana: a\ufffd\ufffdb\nAna: next"]


@settings(max_examples=50, deadline=None)
@given(tail=st.binary(max_size=200), at=st.integers(1, 120))
def test_torn_files_end_well(tail: bytes, at: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    whole = "14/3/21, 21:05 - Ana: Shall we go?\n15/3/21, 21:05 - Ben: Yes, at six, \u200eon the pier.\n".encode()
    path = tmp_path_factory.mktemp("torn") / "a.txt"
    path.write_bytes(whole[:at] + tail)
    if WHATSAPP.fits(Source(path)):
        read_anyway(WHATSAPP, path)
