from __future__ import annotations

import io
import mailbox
import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from ondevice.importers import mbox
from ondevice.importers.mbox import RawMail, mails_of

LINES = [b"From a\n", b"From \n", b"\n", b"text\n", b">From b\n", b"\r\n", b"x From c\n", b"no end"]


def mails(data: bytes) -> list[RawMail]:
    return list(mails_of(io.BytesIO(data)))


@given(st.lists(st.sampled_from(LINES), max_size=12))
def test_mails_are_cut_where_the_standard_library_cuts_them(lines: list[bytes]) -> None:
    data = b"".join(lines)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "box")
        file.write_bytes(data)
        box = mailbox.mbox(file, create=False)
        expected = [box.get_bytes(key, from_=True) for key in box.iterkeys()]
        box.close()
    assert [each.envelope + (each.content or b"") for each in mails(data)] == expected


def test_a_line_without_end_is_never_held_whole() -> None:
    assert mails(b"\0" * (1 << 20)) == []
    assert mails(b"From " + b"a" * (1 << 20) + b"\ntext\n")[0].content == b"text\n"


def test_what_holds_no_mail_is_not_read_to_its_end(monkeypatch) -> None:
    monkeypatch.setattr(mbox, "MAX_MAIL_BYTES", 1 << 20)
    file = io.BytesIO(b"x" * (8 << 20))
    assert list(mails_of(file)) == []
    assert file.tell() < 2 << 20


def test_a_mail_beyond_the_limit_is_named_and_the_next_one_read(monkeypatch) -> None:
    monkeypatch.setattr(mbox, "MAX_MAIL_BYTES", 1000)
    found = mails(b"From a\n" + b"x" * 2000 + b"\nFrom b\nshort\n")
    assert [each.content for each in found] == [None, b"short\n"]
