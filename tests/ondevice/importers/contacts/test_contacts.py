"""Cards of three versions and several programs: a person's name, and a line for each thing that is told."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from ondevice.importers.contacts import ContactsFormat
from ondevice.importers.found import Found, ReadOptions, Skipped
from ondevice.importers.source import Source

OLD = """\
BEGIN:VCARD
VERSION:2.1
N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3=BCller;J=C3=B6rg=
=20Karl;;;
FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:J=C3=B6rg=20M=C3=BCller
TEL;HOME;VOICE:+49 221 1
TEL;CELL:+49 170 2
ADR;HOME:;;Ring 1;Bonn;;53111;Germany
BDAY:19800102
PHOTO;ENCODING=BASE64;JPEG:AAAA
 BBBB

NOTE:Has the key.
END:VCARD
"""
APPLE = """\
BEGIN:VCARD
VERSION:3.0
N:Singh;Priya;;;
FN:Priya Singh
ORG:Lyon Bakery;Bread;
item1.TEL;type=pref:+33 4 1
item1.X-ABLabel:_$!<HomeFAX>!$_
EMAIL;type=INTERNET;type=WORK:priya@example.org
item2.X-ABRELATEDNAMES;type=pref:Ana
item2.X-ABLabel:_$!<Mother>!$_
BDAY;X-APPLE-OMIT-YEAR=1604:1604-05-31
CATEGORIES:friends,lyon
REV:2024-05-31T10:00:00Z
UID:priya-1
PHOTO;ENCODING=b;TYPE=JPEG:AAAA
 BBBB
NOTE:Likes rye\\, not white.\\nSecond line.
END:VCARD
"""
NEW = """\
BEGIN:VCARD
VERSION:4.0
FN:Ben
TEL;VALUE=uri;TYPE="voice,home":tel:+1-555-0100
BDAY:--0102
UID:urn:uuid:1
END:VCARD
"""


def read(folder: Path, text: str | bytes) -> list[Found | Skipped]:
    path = folder / "a.vcf"
    path.write_bytes(text if isinstance(text, bytes) else text.replace("\n", "\r\n").encode("utf-8"))
    return list(ContactsFormat().read(Source(path), ReadOptions(time_zone="UTC")))


def test_cards_of_three_versions(tmp_path: Path) -> None:
    old, apple, new = (one for one in read(tmp_path, OLD + APPLE + NEW) if isinstance(one, Found))
    assert old.draft.text.split("\n") == [
        "Jörg Müller", "Phone (home): +49 221 1", "Phone (cell): +49 170 2",
        "Address (home): Ring 1, 53111, Bonn, Germany", "Birthday: 2 January 1980", "Note: Has the key.",
    ]  # fmt: skip
    assert (old.key, old.draft.kind, old.draft.fields) == (None, "contact", {"name": "Jörg Müller"})
    assert set(apple.draft.text.split("\n")) == {
        "Priya Singh", "Organization: Lyon Bakery, Bread", "Phone (homefax): +33 4 1",
        "Email (work): priya@example.org", "Related (mother): Ana", "Birthday: 31 May",
        "Note: Likes rye, not white. Second line.",
    }  # fmt: skip
    assert (apple.key, apple.draft.metadata) == ("priya-1", {"uid": "priya-1", "tags": ["friends", "lyon"]})
    assert apple.draft.time == datetime(2024, 5, 31, 10, tzinfo=UTC)
    assert new.draft.text.split("\n") == ["Ben", "Phone (home): +1-555-0100", "Birthday: 2 January"]


def test_a_card_without_a_shown_name_has_that_of_its_parts(tmp_path: Path) -> None:
    cards = "".join(f"BEGIN:VCARD\nVERSION:3.0\n{line}\nEND:VCARD\n" for line in ("N:Singh;Priya;;;", "ORG:Bakery"))
    found = [one.draft.fields["name"] for one in read(tmp_path, cards) if isinstance(one, Found)]
    assert found == ["Priya Singh", "Bakery"]


def test_one_bad_card_does_not_stop_the_rest_and_nothing_is_shown(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    torn = "BEGIN:VCARD\nVERSION:3.0\nFN:never ended\n"
    odd = "BEGIN:VCARD\nVERSION:3.0\nFN:Odd\na secret line\nTEL;;;=:\nEND:VCARD\n"
    empty = "BEGIN:VCARD\nVERSION:3.0\nEND:VCARD\n"
    found = read(tmp_path, torn + odd + empty + NEW)
    assert [(one.place, getattr(one, "reason", "")) for one in found] == [
        ("a.vcf, line 1", "broken"), ("a.vcf, line 4", ""), ("a.vcf, line 10", "empty"), ("a.vcf, line 13", ""),
    ]  # fmt: skip
    assert capfd.readouterr() == ("", "")


def test_old_encodings_are_read(tmp_path: Path) -> None:
    for data in (NEW.replace("Ben", "José").encode("latin-1"), NEW.replace("Ben", "José").encode("utf-16")):
        (found,) = read(tmp_path, data)
        assert isinstance(found, Found)
        assert found.draft.fields == {"name": "José"}


def test_what_fits(tmp_path: Path) -> None:
    for name, text in {"a.vcf": NEW, "sub/b.vcf": APPLE, "c.txt": "BEGIN: no"}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    fits = {name: ContactsFormat().fits(Source(tmp_path / name)) for name in ("a.vcf", "sub", "c.txt")}
    assert fits == {"a.vcf": True, "sub": True, "c.txt": False}
