from __future__ import annotations

import gzip
import mailbox
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage, Message
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ondevice.errors import InputError, NotFoundError
from ondevice.importers import read_mbox
from ondevice.records import Draft

BOX = "sent"
ENVELOPE = "From ana@example.org Fri May 31 16:30:00 2024\n"


def mail(text: str = "Hello", *, html: str | None = None, **headers: str) -> EmailMessage:
    message = EmailMessage()
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    if text:
        message.set_content(text)
    if html is not None:
        message.add_alternative(html, subtype="html")
    return message


def box_of(tmp_path: Path, *mails: EmailMessage | str) -> Path:
    path = tmp_path / f"{BOX}.mbox"
    with path.open("wb") as file:
        for each in mails:
            content = each.encode("utf-8", "surrogateescape") if isinstance(each, str) else each.as_bytes()
            file.write(ENVELOPE.encode() + content + b"\n\n")
    return path


def read_one(tmp_path: Path, each: EmailMessage | str, *, keep_quotes: bool = False) -> Draft:
    (draft,) = read_mbox(box_of(tmp_path, each), keep_quotes=keep_quotes)
    return draft


def test_a_mail_becomes_a_draft(tmp_path: Path) -> None:
    draft = read_one(
        tmp_path,
        mail(
            "Dear Bo,\n\nthe keys are with Ana.\n",
            Subject="Schlüssel für die Wohnung und den Keller und noch ein ziemlich langer Betreff dazu",
            From="Lena <Lena@Example.org>",
            To="Bo <bo@example.org>, ana@example.org",
            Cc="BO@example.org",
            Date="Fri, 31 May 2024 18:30:00 +0200",
            Message_ID="<1@example.org>",
        ),
    )
    assert draft == Draft(
        text="Dear Bo,\n\nthe keys are with Ana.",
        kind="email",
        time=datetime(2024, 5, 31, 16, 30, tzinfo=UTC),
        fields={
            "title": "Schlüssel für die Wohnung und den Keller und noch ein ziemlich langer Betreff dazu",
            "from": "Lena",
            "to": "Bo, ana@example.org",
        },
        metadata={
            "from": "lena@example.org",
            "to": ["bo@example.org", "ana@example.org"],
            "labels": [BOX],
            "message_id": "<1@example.org>",
            "thread": "<1@example.org>",
        },
    )


def test_labels_of_a_gmail_export_are_a_list(tmp_path: Path) -> None:
    labels = 'Inbox,"Trips, Lyon",=?UTF-8?Q?Pers=C3=B6nlich?=, Inbox,,'
    assert read_one(tmp_path, mail(X_Gmail_Labels=labels)).metadata == {
        "labels": ["Inbox", "Trips, Lyon", "Persönlich", BOX]
    }


def test_more_addresses_than_a_list_may_hold_are_left_out(tmp_path: Path) -> None:
    everyone = ", ".join(f"a{n}@b.de" for n in range(1_500))
    assert read_one(tmp_path, mail(To=everyone)).metadata["to"] == [f"a{n}@b.de" for n in range(1_000)]


def test_what_the_standard_library_writes_is_read(tmp_path: Path) -> None:
    box = mailbox.mbox(tmp_path / "own.mbox")
    for number in range(3):
        box.add(mail(f"From here on, number {number}"))
    box.close()
    assert [draft.text for draft in read_mbox(tmp_path / "own.mbox")] == [
        f"From here on, number {number}" for number in range(3)
    ]


def test_html_counts_where_there_is_no_plain_part(tmp_path: Path) -> None:
    page = "<html><head><title>x</title><style>p {}</style></head><p>Hi&nbsp;Bo &amp; co,</p><p>see<br>you</p></html>"
    both = mail("Hi Bo & co, see you", html=page)
    assert read_one(tmp_path, both).text == "Hi Bo & co, see you"
    only = mail("")
    only.set_content(page, subtype="html")
    assert read_one(tmp_path, only).text == "Hi Bo & co,\n\nsee\nyou"


def test_attachments_are_left_out(tmp_path: Path) -> None:
    message = mail("see the file")
    message.add_attachment("col,col\n", filename="a.txt")
    message.add_attachment(b"\0\1", maintype="application", subtype="pdf", filename="a.pdf")
    assert read_one(tmp_path, message).text == "see the file"


QUOTED = """Yes, Tuesday works.

On Mon, 27 May 2024 at 10:00,
Ana <ana@example.org> wrote:
> Tuesday?
> Ana

Best, Lena
"""


def test_quotes_go_with_the_line_that_introduces_them(tmp_path: Path) -> None:
    assert read_one(tmp_path, mail(QUOTED)).text == "Yes, Tuesday works.\n\nBest, Lena"
    assert read_one(tmp_path, mail(QUOTED), keep_quotes=True).text == QUOTED.strip()
    original = "FYI\n\n-----Original Message-----\nFrom: Ana\nTuesday?"
    assert read_one(tmp_path, mail(original, Subject="Re: Tuesday")).text == "FYI"
    assert read_one(tmp_path, mail(original, In_Reply_To="<1@example.org>")).text == "FYI"
    assert read_one(tmp_path, mail(original, Subject="FW: Tuesday", In_Reply_To="<1@example.org>")).text == original
    assert read_one(tmp_path, mail(original)).text == original


def test_a_mail_that_is_all_quote_keeps_it(tmp_path: Path) -> None:
    assert read_one(tmp_path, mail("> Tuesday?\n> Ana\n")).text == "> Tuesday?\n> Ana"


def test_a_subject_alone_is_the_text(tmp_path: Path) -> None:
    assert read_one(tmp_path, mail("", Subject="call me")).text == "call me"


@pytest.mark.parametrize("date", ["", "Date: yesterday\n", "Date: Fri, 99 May 2024 18:30:00 +0200\n"])
def test_without_a_usable_date_the_arrival_counts(tmp_path: Path, date: str) -> None:
    assert read_one(tmp_path, f"{date}\nHello").time == datetime(2024, 5, 31, 16, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "head",
    [
        "Content-Type: text/plain; charset=no-such-set\n",
        "Content-Transfer-Encoding: no-such-encoding\n",
        "Content-Type: multipart/mixed; boundary=x\n",
        "Subject: =?utf-8?q?=ff?=\n",
        "From: <<<\nTo: ,,;\n",
        "From: " + "(" * 60_000 + "\n",
        "Date: " + "(" * 60_000 + "\n",
        "Message-ID: <a@[b\n",
        "Content-Type: text/plain; charset*=utf-8''a%FF\nX: \udcff\n",
        "Date: Mon, 31 Dec 9999 23:59:59 -1200\n",
    ],
)
def test_odd_heads_do_not_stop_it(tmp_path: Path, head: str) -> None:
    assert "Hello" in read_one(tmp_path, f"{head}\nHello there\n").text


def test_bytes_that_are_not_what_they_are_said_to_be_are_read_all_the_same(tmp_path: Path) -> None:
    assert read_one(tmp_path, "Content-Type: text/plain; charset=utf-8\n\ncaf\udce9\n").text == "café"
    assert read_one(tmp_path, "Subject: Gr\udcfc\udcdfe\n\nHello\n").fields["title"] == "Grüße"
    assert read_one(tmp_path, "Subject: =?gb2312?B?6UaGtLvh0uk=?=\n\nHello\n").fields["title"] == "镕喆会议"


@pytest.mark.parametrize(
    ("raw", "title"),
    [
        ("=?utf-8?B?R3LDvMM=?= =?utf-8?B?n2U=?= and =?iso-8859-1?Q?more=20?=x", "Grüße and more x"),
        ("=?utf-8*de?q?Gr=C3=BC=C3=9Fe?=", "Grüße"),
        ("=?utf-8?b?!!!?= =?x?z?y?=", "!!! =?x?z?y?="),
        ("a =?utf-8?q?b?=\n =?utf-8?q?_c?=", "a b c"),
    ],
)
def test_encoded_words_are_read(tmp_path: Path, raw: str, title: str) -> None:
    assert read_one(tmp_path, f"Subject: {raw}\n\nHello\n").fields["title"] == title


def test_a_broken_mail_is_an_error_or_counted(tmp_path: Path) -> None:
    path = box_of(tmp_path, mail("one"), "X: y\n\n", mail("three"))
    with pytest.raises(InputError, match=r"sent\.mbox, mail 2: the mail has no text and no subject"):
        list(read_mbox(path))
    broken: list[str] = []
    assert [draft.text for draft in read_mbox(path, on_broken=broken.append)] == ["one", "three"]
    assert broken == ["sent.mbox, mail 2: the mail has no text and no subject"]


def test_what_is_no_mailbox_is_said(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        list(read_mbox(tmp_path / "gone"))
    with pytest.raises(InputError, match="is a folder, not an mbox file"):
        list(read_mbox(tmp_path))
    (tmp_path / "a.txt").write_text("not a mail", "utf-8")
    with pytest.raises(InputError, match="holds no mail"):
        list(read_mbox(tmp_path / "a.txt"))


def test_the_mailbox_is_left_as_it_was(tmp_path: Path) -> None:
    path = box_of(tmp_path, mail("one"))
    before = (path.read_bytes(), path.stat().st_mtime_ns)
    list(read_mbox(path))
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before
    assert [each.name for each in tmp_path.iterdir()] == ["sent.mbox"]


HEADS = st.sampled_from(
    ["Subject", "From", "To", "Cc", "Date", "Message-ID", "Content-Type", "Content-Transfer-Encoding", "MIME-Version"]
)
VALUES = st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=40) | st.sampled_from(
    ["multipart/mixed; boundary=b", "text/html; charset=utf-16", "base64", "quoted-printable", "=?utf-8?b?!!?="]
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(heads=st.lists(st.tuples(HEADS, VALUES), max_size=5), body=st.binary(max_size=120))
def test_any_mail_gives_a_draft_or_is_told(tmp_path: Path, heads: list[tuple[str, str]], body: bytes) -> None:
    path = tmp_path / "a.mbox"
    head = "".join(f"{name}: {value}\n" for name, value in heads)
    path.write_bytes(ENVELOPE.encode() + head.encode("latin-1") + b"\n" + body.replace(b"From ", b"") + b"\n")
    broken: list[str] = []
    drafts = list(read_mbox(path, on_broken=broken.append))
    assert len(drafts) + len(broken) == 1


def test_mails_that_are_deep_or_have_endless_headers_are_read_or_told(tmp_path: Path) -> None:
    deep = "".join(f'Content-Type: multipart/mixed; boundary="b{n}"\n\n--b{n}\n' for n in range(3000)) + "\nhi\n"
    long = "To: " + "a@example.org, " * 100_000 + "\nSubject: " + "=?utf-8?q?a?= " * 100_000 + "\n\nhi\n"
    told: list[str] = []
    drafts = list(read_mbox(box_of(tmp_path, deep, long, "Subject: b\n\nlast\n"), on_broken=told.append))
    assert [draft.text for draft in drafts] == ["hi", "last"]
    assert told == ["sent.mbox, mail 1: the mail's parts lie too deep in one another"]


def test_a_mail_that_the_parser_stumbles_over_does_not_stop_the_rest(tmp_path: Path, monkeypatch) -> None:
    def parsed(content: bytes) -> Message:
        if b"odd" in content:
            raise KeyError("odd")
        return message_from_bytes(content)

    monkeypatch.setattr("ondevice.importers.mail.messages.message_from_bytes", parsed)
    told: list[str] = []
    assert [draft.text for draft in read_mbox(box_of(tmp_path, mail("odd"), mail("two")), on_broken=told.append)] == [
        "two"
    ]
    assert told == ["sent.mbox, mail 1: the mail cannot be read (KeyError)"]


def test_a_gzipped_mailbox_is_read(tmp_path: Path) -> None:
    path = tmp_path / "sent.mbox.gz"
    path.write_bytes(gzip.compress(box_of(tmp_path, mail("Hello")).read_bytes()))
    assert [draft.text for draft in read_mbox(path)] == ["Hello"]


STUB = """MIME-Version: 1.0
Content-Type: multipart/alternative; boundary=b

--b
Content-Type: text/plain; charset=utf-8

{plain}
--b
Content-Type: text/html; charset=utf-8

<html><body>{html}</body></html>
--b--
"""


@pytest.mark.parametrize(
    ("plain", "html", "text"),
    [
        (
            "This message needs a mail program that shows HTML.",
            "<p>Order 4711, the <b>green helmet</b>, leaves on 4 March.</p>",
            "Order 4711, the green helmet, leaves on 4 March.",
        ),
        ("Your order has left.", "<p>Your order has left.</p><p>" + "The helmet, 49 euro. " * 5 + "</p>", None),
        ("Yes, on Tuesday at eight.", "<p>Yes, on <i>Tuesday</i> at eight.</p>", "Yes, on Tuesday at eight."),
        (
            "Your program does not show HTML. To read this mail, open https://a.example/view/in/a/browser/of/your/own",
            "<p>The gate changed to B7.</p>",
            None,
        ),
        (" ", "<p>Only here.</p>", "Only here."),
        ("Only here.", "<img src=x>", "Only here."),
    ],
)
def test_a_plain_part_that_says_little_gives_way_to_the_page(
    tmp_path: Path, plain: str, html: str, text: str | None
) -> None:
    found = read_one(tmp_path, STUB.format(plain=plain, html=html)).text
    assert found == text if text else "49 euro" in found or "gate changed to B7." in found


ATTACHED = """MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain

See the attached mail.
--b
Content-Type: message/rfc822
{disposition}
From: stranger@example.net
Subject: Recipe

Take three eggs.
--b--
"""


@pytest.mark.parametrize(
    "disposition", ["", "Content-Disposition: attachment; filename=a.eml\n", "Content-Disposition: inline\n"]
)
def test_an_attached_mail_is_not_the_senders(tmp_path: Path, disposition: str) -> None:
    assert read_one(tmp_path, ATTACHED.format(disposition=disposition)).text == "See the attached mail."


def test_parts_that_follow_one_another_are_one_text(tmp_path: Path) -> None:
    parts = ["text/plain\n\nfirst", "text/html\n\n<p>second</p>", "text/html\n\n<p>first</p>", "text/calendar\n\nx"]
    body = "".join(f"--b\nContent-Type: {part}\n" for part in parts)
    found = read_one(tmp_path, f"Content-Type: multipart/mixed; boundary=b\n\n{body}--b--\n")
    assert found.text == "first\n\nsecond"


def test_a_page_that_says_it_is_plain_text_is_read_as_a_page(tmp_path: Path) -> None:
    assert read_one(tmp_path, "Subject: a\n\n<!DOCTYPE html><html><p>one</p></html>\n").text == "one"


def test_what_a_list_puts_below_base64_is_not_read_as_such(tmp_path: Path) -> None:
    head = "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n"
    assert read_one(tmp_path, f"{head}SGVsbG8gd29y\nbGQh\nISE=\n-- \nlist footer\n").text == "Hello world!!!"
    assert read_one(tmp_path, f"{head}SGVsbG8gd29y\nbGQh\nlist footer: see\n").text == "Hello world!"
    assert read_one(tmp_path, f"{head}SGVsbG8gd29y\nbGQhX\n--\n").text == "Hello world!"
    assert read_one(tmp_path, f"{head}SGVsbG8gd29y\nbGQh\n").text == "Hello world!"


def test_lines_that_were_broken_on_the_way_are_whole(tmp_path: Path) -> None:
    flowed = "Content-Type: text/plain; format=flowed\n\nThe keys are \nwith Ana.\n\n>> a \n>> b\nBye\n"
    assert read_one(tmp_path, flowed, keep_quotes=True).text == "The keys are with Ana.\n\n>> a b\nBye"


def test_who_wrote_to_whom_can_be_read(tmp_path: Path) -> None:
    many = ", ".join(f"N{number} <n{number}@example.org>" for number in range(25))
    found = read_one(tmp_path, f'From: =?utf-8?q?Zo=C3=AB?= "van" D <zoe@example.org>\nTo: {many}\n\nHello\n')
    assert found.fields["from"] == "Zoë van D"
    assert str(found.fields["to"]).startswith("N0, N1, ")
    assert str(found.fields["to"]).endswith("N19 and 5 more")
    assert found.metadata["from"] == "zoe@example.org"


def test_a_conversation_has_the_id_of_its_first_mail(tmp_path: Path) -> None:
    found = read_one(tmp_path, "References: <1@a> <2@a>\nIn-Reply-To: <2@a>\nMessage-ID: <3@a>\n\nHello\n")
    assert found.metadata == {"labels": [BOX], "message_id": "<3@a>", "thread": "<1@a>"}


def test_no_controls_and_no_padding_come_in(tmp_path: Path) -> None:
    assert read_one(tmp_path, "Subject: a\n\nHi\x00\x08\x1b[31m" + "\u200c\u00a0" * 90 + "Bo\n").text == "Hi[31m Bo"
