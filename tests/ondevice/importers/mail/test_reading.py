"""Mail in all the ways in which programs keep it."""

from __future__ import annotations

import gzip
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ondevice.errors import InputError, NotFoundError
from ondevice.importers.found import Found, ReadOptions, Skipped
from ondevice.importers.mail import MAIL
from ondevice.importers.source import Source

ENVELOPE = b"From ana@example.org Mon Mar  2 10:00:00 2026\n"


def eml(text: str, *, number: int = 1, sender: str = "Ana <ana@example.org>", more: str = "") -> bytes:
    head = f"From: {sender}\nTo: Bo <bo@example.org>\nSubject: Plan\nMessage-ID: <{number}@a>\n"
    return f"{head}Date: Mon, 02 Mar 2026 10:00:00 +0100\n{more}\n{text}\n".encode()


def mbox(*mails: bytes) -> bytes:
    return b"\n".join(ENVELOPE + mail for mail in mails)


def emlx(mail: bytes, flags: int) -> bytes:
    noted = f"<?xml version='1.0'?><plist><dict><key>flags</key>\n\t<integer>{flags}</integer></dict></plist>"
    return f"{len(mail)}       \n".encode() + mail + noted.encode()


def laid(folder: Path, files: Mapping[str, bytes]) -> Path:
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


def read(path: Path, **options: object) -> list[tuple[str, str]]:
    """Return where each mail stands with what it says, or with why it is left out."""
    source = Source(path)
    assert MAIL.fits(source)
    return [
        (each.place, each.draft.text if isinstance(each, Found) else each.reason)
        for each in MAIL.read(source, ReadOptions(**options))  # type: ignore[arg-type]
    ]


MAILDIR = {
    "cur/1.a.host:2,S": eml("one"),
    "cur/2.a.host:2,ST": eml("thrown away"),
    "cur/3.a.host:2,D": eml("not ready"),
    "new/4.a.host": eml("four"),
    "tmp/5.a.host": eml("half"),
    ".Sent/cur/6.a.host:2,S": eml("sent"),
    ".INBOX.Junk/cur/7.a.host:2,S": eml("buy"),
    "dovecot.index": b"\0\1",
    "subscriptions": b"Sent\n",
}
APPLE = {
    "Inbox.mbox/A0A0A0A0-0000-0000-0000-000000000000/Data/Messages/1.emlx": emlx(eml("one"), 1),
    "Inbox.mbox/A0A0A0A0-0000-0000-0000-000000000000/Data/Messages/2.partial.emlx": emlx(eml("two"), 1 | 1 << 1),
    "Inbox.mbox/Info.plist": b"<plist/>",
    "Drafts.mbox/mbox": mbox(eml("not ready")),
    "Lyon.mbox/mbox": mbox(eml("four"), eml("five")),
    "Lyon.mbox/table_of_contents": b"\0\1",
}
TAKEOUT = {
    "Takeout/archive_browser.html": b"<html></html>",
    "Takeout/Mail/All mail Including Spam and Trash.mbox": mbox(
        eml("one", more="X-GM-THRID: 17\nX-Gmail-Labels: Inbox,Trips\n"),
        eml("two", more="X-Gmail-Labels: =?UTF-8?Q?Papierkorb,Ge=C3=B6ffnet?=\n"),
        eml("three", more="X-Gmail-Labels: Spam,Unread\n"),
        eml("four", more="X-Gmail-Labels: Drafts\n"),
    ),
}


def test_a_maildir_with_its_folders(tmp_path: Path) -> None:
    assert read(laid(tmp_path, MAILDIR)) == [
        (".INBOX.Junk/cur/7.a.host:2,S", "spam"),
        (".Sent/cur/6.a.host:2,S", "sent"),
        ("cur/1.a.host:2,S", "one"),
        ("cur/2.a.host:2,ST", "trash"),
        ("cur/3.a.host:2,D", "draft"),
        ("new/4.a.host", "four"),
    ]
    assert [text for _, text in read(tmp_path, with_rejected=True)] == [
        "buy",
        "sent",
        "one",
        "thrown away",
        "not ready",
        "four",
    ]


def test_the_folders_of_apple_mail(tmp_path: Path) -> None:
    assert [text for _, text in read(laid(tmp_path, APPLE))] == ["draft", "one", "trash", "four", "five"]
    found = [each for each in MAIL.read(Source(tmp_path), ReadOptions()) if isinstance(each, Found)]
    assert [each.draft.metadata["labels"] for each in found] == [["Inbox"], ["Lyon"], ["Lyon"]]


def test_a_takeout_in_its_archive(tmp_path: Path) -> None:
    path = tmp_path / "takeout.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in TAKEOUT.items():
            archive.writestr(name, data)
    assert [text for _, text in read(path)] == ["one", "trash", "spam", "draft"]
    first = next(iter(MAIL.read(Source(path), ReadOptions())))
    assert isinstance(first, Found)
    assert first.key == "<1@a>"
    assert first.draft.metadata["thread"] == "17"
    assert first.draft.metadata["labels"] == ["Inbox", "Trips", "All mail Including Spam and Trash"]


def test_a_maildir_in_an_archive(tmp_path: Path) -> None:
    path = tmp_path / "mail.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in MAILDIR.items():
            archive.writestr(f"Maildir/{name}", data)
    assert [text for _, text in read(path)] == ["spam", "sent", "one", "trash", "draft", "four"]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.eml", eml("one")),
        ("a.eml", b"\xef\xbb\xbf" + eml("one").replace(b"\n", b"\r\n")),
        ("a.eml", ENVELOPE + eml("one")),
        ("a.emlx", emlx(eml("one"), 1)),
        ("saved.txt", eml("one")),
        ("Inbox", mbox(eml("one"))),
        ("a.mbox.gz", gzip.compress(mbox(eml("one")))),
        ("a.eml.gz", gzip.compress(eml("one"))),
        ("Trash.mbox", mbox(eml("one"))),
    ],
)
def test_one_file(tmp_path: Path, name: str, data: bytes) -> None:
    (tmp_path / name).write_bytes(data)
    assert [text for _, text in read(tmp_path / name)] == ["one"]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"From here the sea looks grey.\nNote: bring the lamp.\n",
        b"---\ntitle: Plan\ndate: 2026-03-02\n---\n\nHello\n",
        b"Subject: a list\n\nHello\n",
        b"text,from,date\na,b,c\n",
        b"\0\1\2",
    ],
)
def test_what_is_no_mail_does_not_fit(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.txt").write_bytes(data)
    assert not MAIL.fits(Source(tmp_path / "a.txt"))
    assert not MAIL.fits(Source(tmp_path))
    with pytest.raises(InputError, match="holds no mail"):
        list(MAIL.read(Source(tmp_path), ReadOptions()))


def test_mail_that_mozilla_or_a_unix_program_deleted_is_left_out(tmp_path: Path) -> None:
    mails = (
        eml("one", more="X-Mozilla-Status: 0001\n"),
        eml("two", more="X-Mozilla-Status: 0009\n"),
        eml("three", more="X-Status: D\n"),
        eml("four", more="X-Mozilla-Status: none\n"),
    )
    assert [text for _, text in read(laid(tmp_path, {"Inbox": mbox(*mails)}) / "Inbox")] == [
        "one",
        "trash",
        "trash",
        "four",
    ]


MIXED = (
    eml("from Ana", more="Delivered-To: lena@example.org\n"),
    eml("from Lena", sender="Lena <Lena@Example.org>"),
    eml("sent by Lena elsewhere", sender="l@example.net", more="X-Gmail-Labels: Gesendet\n"),
    eml("from a list", sender="list@example.net", more="Delivered-To: lena@example.org\n"),
)


@pytest.mark.parametrize("me", [(), ("LENA@example.org",), ("Lena",)])
def test_only_what_the_user_wrote(tmp_path: Path, me: tuple[str, ...]) -> None:
    path = laid(tmp_path, {"a.mbox": mbox(*MIXED)}) / "a.mbox"
    assert [text for _, text in read(path, only_mine=True, me=me)] == [
        "not mine",
        "from Lena",
        "sent by Lena elsewhere",
        "not mine",
    ]


def test_it_is_said_where_nobody_can_tell_whose_mail_it_is(tmp_path: Path) -> None:
    path = laid(tmp_path, {"a.mbox": mbox(eml("one"))}) / "a.mbox"
    with pytest.raises(InputError, match="does not tell which mails are yours"):
        read(path, only_mine=True)


@pytest.mark.parametrize(
    ("date", "hour"),
    [("Mon, 02 Mar 2026 10:00:00", 9), ("Mon, 02 Mar 2026 10:00:00 -0000", 10), ("Mon, 02 Mar 2026 10:00:00 GMT", 10)],
)
def test_a_date_without_a_zone_is_in_that_of_the_user(tmp_path: Path, date: str, hour: int) -> None:
    (tmp_path / "a.eml").write_bytes(f"From: a@b.de\nDate: {date}\n\nHello\n".encode())
    (found,) = MAIL.read(Source(tmp_path / "a.eml"), ReadOptions(time_zone="Europe/Berlin"))
    assert isinstance(found, Found)
    assert found.draft.time == datetime(2026, 3, 2, hour, tzinfo=UTC)
    with pytest.raises(InputError, match="there is no such time zone"):
        list(MAIL.read(Source(tmp_path / "a.eml"), ReadOptions(time_zone="../../etc")))


def test_one_torn_file_of_a_folder_does_not_stop_the_rest(tmp_path: Path) -> None:
    torn = gzip.compress(mbox(eml("one")))[:-12]
    laid(tmp_path, {"a.mbox.gz": torn, "b.eml": eml("two"), "c.emlx": b"99999\n" + eml("three")})
    assert [text for _, text in read(tmp_path)][-2:] == ["two", "three"]
    assert any(
        isinstance(each, Skipped) and each.reason == "broken" for each in MAIL.read(Source(tmp_path), ReadOptions())
    )
    with pytest.raises(InputError, match="damaged gzip"):
        list(MAIL.read(Source(tmp_path / "a.mbox.gz"), ReadOptions()))
    with pytest.raises(NotFoundError):
        Source(tmp_path / "gone")


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.integers(0, 2_000), data=st.binary(max_size=40))
def test_a_torn_mailbox_loses_no_other_mail(tmp_path: Path, at: int, data: bytes) -> None:
    torn = bytearray(eml("torn", more="Content-Type: text/html\n", number=2))
    torn[at % len(torn) : at % len(torn) + len(data)] = data
    path = tmp_path / "a.mbox"
    path.write_bytes(mbox(eml("first"), bytes(torn), eml("last", number=3)))
    texts = [text for _, text in read(path)]
    assert texts[0].startswith("first")
    assert texts[-1] == "last"
