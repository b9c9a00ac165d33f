"""Mailboxes in mbox format: what each mail says, without what it quotes."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import getaddresses, parsedate_to_datetime
from pathlib import Path

from ondevice.errors import InputError
from ondevice.importers.drafting import MAX_LIST_VALUES, RecordPlace, make_draft
from ondevice.importers.mail_text import plain_text, without_quotes
from ondevice.importers.mbox import MAX_MAIL_BYTES, RawMail, mails_of
from ondevice.importers.opening import is_folder, opened
from ondevice.records import Draft
from ondevice.safety.printable import one_line

_MAX_HEADER_CHARS = 1 << 16
_ESCAPED_FROM = re.compile(r"^>(>*From )", re.MULTILINE)


def read_mbox(
    path: Path, *, keep_quotes: bool = False, on_broken: Callable[[str], None] | None = None
) -> Iterator[Draft]:
    """Yield a draft of kind ``email`` for each mail: its plain text, its subject as the title, its date.

    HTML is turned into text where there is no plain part; attachments are left out. Addresses stand in the
    metadata: ``from``, and ``to``, the list of all who got it. So do the ``message_id`` and, from a Gmail export, the
    list of ``labels``.

    Args:
        path: The mbox file, plain or gzipped.
        keep_quotes: Keep quoted replies; otherwise they go, unless nothing else is in the mail.
        on_broken: Told why a mail has nothing to import; without it, such a mail is an error.

    Raises:
        NotFoundError: If there is no such file.
        InputError: If it is no mbox file, or, without ``on_broken``, a mail in it is broken; it names the mail.
    """
    n_mails, name = 0, one_line(path.name)
    if is_folder(path):
        raise InputError(f"{name!r} is a folder, not an mbox file")
    with opened(path) as file:
        for mail in mails_of(file):
            n_mails += 1
            place = RecordPlace(path.name, f"mail {n_mails}")
            try:
                draft = _draft(place, mail, keep_quotes)
            except InputError as error:
                if on_broken is None:
                    raise
                on_broken(error.message)
            else:
                yield draft
    if not n_mails:
        raise InputError(f"the file {name!r} holds no mail", hint="an mbox file starts with a line 'From …'")


def _draft(place: RecordPlace, mail: RawMail, keep_quotes: bool) -> Draft:
    if mail.content is None:
        place.refuse(f"the mail is longer than {MAX_MAIL_BYTES} bytes")
    try:
        return _read(place, mail.envelope, mail.content, keep_quotes)
    except RecursionError:
        place.refuse("the mail's parts lie too deep in one another")


def _read(place: RecordPlace, envelope: bytes, content: bytes, keep_quotes: bool) -> Draft:
    message = message_from_bytes(content, policy=policy.default)
    subject = " ".join(_header(message, "Subject").split())
    text = _ESCAPED_FROM.sub(r"\1", plain_text(message))
    text = (text if keep_quotes else without_quotes(text)) or text or subject
    if not text:
        place.refuse("the mail has no text and no subject")
    metadata = {
        "from": ", ".join(_addresses(message, "From")),
        "to": _addresses(message, "To", "Cc")[:MAX_LIST_VALUES],
        "labels": _labels(message)[:MAX_LIST_VALUES],
        "message_id": _header(message, "Message-ID").strip(),
    }
    return make_draft(
        place,
        text=text,
        kind="email",
        time=_time(message, envelope),
        fields={"title": subject} if subject else {},
        metadata={name: value for name, value in metadata.items() if value},
    )


def _header(message: EmailMessage, name: str) -> str:
    raw = next((str(text) for key, text in message.raw_items() if key.lower() == name.lower()), "")
    try:
        # Parsing takes time that grows with the square of the length.
        value = message.get(name, "") if len(raw) <= _MAX_HEADER_CHARS else raw[:_MAX_HEADER_CHARS]
    except Exception:  # the parser of structured headers raises whatever it stumbles over
        value = raw
    return str(value).encode("utf-8", "replace").decode()


def _addresses(message: EmailMessage, *names: str) -> list[str]:
    found = getaddresses([_header(message, name) for name in names])
    return list(dict.fromkeys(address.lower() for _, address in found if address))


def _labels(message: EmailMessage) -> list[str]:
    """Return the labels that Gmail writes into an export, apart by commas, and quoted where they hold one."""
    written = " ".join(_header(message, "X-Gmail-Labels").split())
    labels = next(csv.reader([written], skipinitialspace=True), [])
    return list(dict.fromkeys(label.strip() for label in labels if label.strip()))


def _time(message: EmailMessage, envelope: bytes) -> datetime | None:
    """Return the mail's date, else the day it reached the mailbox, which the line above it tells in UTC."""
    try:
        return _utc(parsedate_to_datetime(_header(message, "Date")))
    except (ValueError, TypeError, OverflowError, IndexError):
        pass
    parts = envelope.decode("ascii", "replace").split()[-5:]
    try:
        return datetime.strptime(" ".join(parts), "%a %b %d %H:%M:%S %Y").replace(tzinfo=UTC)
    except ValueError:
        return None


def _utc(time: datetime) -> datetime:
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
