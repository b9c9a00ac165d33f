from __future__ import annotations

import io
import mailbox
import tempfile
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ondevice.importers.mail import mbox
from ondevice.importers.mail.mbox import RawMail, mails_of

ENVELOPE = b"From ana@example.org Mon Mar  2 10:00:00 2026\n"
HEAD = b"From: ana@example.org\nSubject: Plan\n\n"
WORDS = st.lists(
    st.sampled_from(["text", "", "From here on", "From Monday on it is closed: see", "Note: bring it", ">From b"])
)


def mails(data: bytes) -> list[RawMail]:
    return list(mails_of(io.BytesIO(data)))


@settings(max_examples=50)
@given(st.lists(WORDS.map("\n".join), max_size=4))
def test_what_is_well_formed_is_cut_where_the_standard_library_cuts_it(texts: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "box")
        box = mailbox.mbox(file)
        for text in texts:
            message = EmailMessage()
            message["Subject"] = "Plan"
            message.set_content(text)
            box.add(message)
        box.flush()
        contents = [box.get_bytes(key) for key in box.iterkeys()]
        box.close()
        found = mails(file.read_bytes())
    assert len(found) == len(contents) == len(texts)
    for each, content in zip(found, contents, strict=True):
        assert (each.content or b"").replace(b">From ", b"From ") == content.replace(b">From ", b"From ")


@pytest.mark.parametrize(
    "envelope",
    [
        b"From ana@example.org Mon Mar  2 10:00:00 2026",
        b"From 1790000000000000001@xxx Mon Mar 02 10:00:00 +0000 2026",
        b"From - Mon Mar 02 10:00:00 2026",
        b"From ana@example.org  Mon Mar  2 10:00 2026 +0100",
        b"From ana at example.org  Mon Mar  2 10:00:00 2026",
        b"From ana@example.org Mon, 2 Mar 2026 10:00:00 +0000",
        b"From ???@??? Mon Mar 02 10:00:00 2026",
        b"From MAILER-DAEMON Mon Mar  2 10:00:00 2026",
        b"From ana@example.org",
        b"From -",
        b"From ",
        b"From ana",
    ],
)
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_the_line_above_a_mail_has_many_forms(envelope: bytes, end: bytes) -> None:
    one = envelope + b"\n" + HEAD + b"text\n"
    data = (one + b"\n" + one).replace(b"\n", end)
    assert [each.content for each in mails(data)] == [(HEAD + b"text\n").replace(b"\n", end)] * 2


@pytest.mark.parametrize(
    "line",
    [
        b"From here the sea looks grey.\nNote: bring the lamp.\nTime: eight.\n",
        b"From Monday on the kitchen is closed: the tiles will be laid.\n",
        b"From: ana@example.org\nSubject: a\nDate: b\n",
        b"From Mon to Fri in 2026 at 10:00\n",
        b"From ana@example.org I heard nothing.\n",
        b"From ana\nTo: you\nwith love\n",
        ENVELOPE + b"\nstood above each mail.\n",
        ENVELOPE + b"stood above each mail.\n",
        b"From here to eternity\nSubject: films\nDate: none\n",
    ],
)
@pytest.mark.parametrize("before", [b"", b"\n"])
def test_a_sentence_never_cuts_a_mail(line: bytes, before: bytes) -> None:
    text = b"Dear Ida,\n" + before + line + b"\nAnna\n"
    (found,) = mails(ENVELOPE + HEAD + text)
    assert found.content == HEAD + text


def test_the_standard_library_cuts_where_this_does_not(tmp_path: Path) -> None:
    data = ENVELOPE + HEAD + b"Hello\n\nFrom Monday on it is closed: see\nbelow\n\n" + ENVELOPE + HEAD + b"Good.\n"
    (tmp_path / "box").write_bytes(data)
    box = mailbox.mbox(tmp_path / "box", create=False)
    assert (len(box), len(mails(data))) == (3, 2)
    box.close()


def test_a_mail_that_ends_without_an_empty_line_does_not_take_the_next_one() -> None:
    found = mails(ENVELOPE + HEAD + b"cut of" + b"\n" + ENVELOPE + HEAD + b"whole\n")
    assert [each.content for each in found] == [HEAD + b"cut of\n", HEAD + b"whole\n"]


@pytest.mark.parametrize(
    "head", [b"Subject: a\nbroken line\n", b"\0rom: b\nSubject: a\nDate: b\n", b"X: a\nbroken line\n"]
)
def test_a_mail_with_a_broken_line_in_its_head_is_one(head: bytes) -> None:
    torn = head + b"\ntext\n"
    assert [each.content for each in mails(ENVELOPE + torn + b"\n" + ENVELOPE + torn)] == [torn, torn]


def test_the_mark_before_such_a_line_goes_once() -> None:
    (found,) = mails(ENVELOPE + HEAD + b">From a\n>>From b\n> From c\n>Fromage\n")
    assert found.content == HEAD + b"From a\n>From b\n> From c\n>Fromage\n"
    (found,) = mails(ENVELOPE + b">From ana Mon Mar  2 10:00:00 2026\n" + HEAD + b"text\n")
    assert found.content == HEAD + b"text\n"


@given(st.lists(st.sampled_from([ENVELOPE, HEAD, b"\n", b"text\n", b"From a\n", b"From \n", b"\r\n", b"no end"])))
def test_nothing_behind_the_first_mail_is_lost(pieces: list[bytes]) -> None:
    data = ENVELOPE + HEAD + b"".join(pieces)
    found = mails(data)
    told = b"".join(each.envelope + (each.content or b"") for each in found)
    assert told.replace(b"\r", b"").replace(b"\n", b"") == data.replace(b"\r", b"").replace(b"\n", b"")


def test_a_line_without_end_is_never_held_whole() -> None:
    assert mails(b"\0" * (1 << 20)) == []
    long = b"X-Long: " + b"a" * (1 << 20) + b"\n" + HEAD + b"text\n"
    assert [each.content for each in mails(ENVELOPE + long + b"\n" + ENVELOPE + long)] == [long, long]


def test_what_holds_no_mail_is_not_read_to_its_end(monkeypatch) -> None:
    monkeypatch.setattr(mbox, "MAX_MAIL_BYTES", 1 << 20)
    file = io.BytesIO(b"x" * (8 << 20))
    assert list(mails_of(file)) == []
    assert file.tell() < 2 << 20


def test_a_mail_beyond_the_limit_is_named_and_the_next_one_read(monkeypatch) -> None:
    monkeypatch.setattr(mbox, "MAX_MAIL_BYTES", 1000)
    found = mails(ENVELOPE + HEAD + b"x" * 2000 + b"\n\n" + ENVELOPE + HEAD + b"short\n")
    assert [each.content for each in found] == [None, HEAD + b"short\n"]
