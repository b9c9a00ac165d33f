"""One mail as an item: what its sender says, who that is, whom it went to, and when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from email import message_from_bytes
from email.message import Message

from ondevice.errors import InputError
from ondevice.importers.drafting import MAX_LIST_VALUES, MAX_TEXT_CHARS, RecordPlace, make_draft
from ondevice.importers.found import Found, Reason, Skipped
from ondevice.importers.mail.bodies import text_of
from ondevice.importers.mail.entries import Entry
from ondevice.importers.mail.folders import Standing, standings
from ondevice.importers.mail.heads import Head, Person
from ondevice.importers.mail.mbox import MAX_MAIL_BYTES
from ondevice.importers.mail.quotes import answers, passes_on, without_quotes

MAX_NAMED = 20
"""So many receivers are named to the model; all stand in the metadata."""

_REJECTED: tuple[tuple[Standing, Reason, str], ...] = (
    ("trash", "trash", "the mail is in the trash"),
    ("spam", "spam", "the mail is marked as spam"),
    ("draft", "draft", "the mail is a draft that was not sent"),
)
_DELETED_BY_MOZILLA = 0x0008


@dataclass(frozen=True, kw_only=True, slots=True)
class Reader:
    """How mails are read.

    Args:
        me: The addresses and names, in lower case, that are the user's.
        only_mine: Leave out what others wrote.
        keep_quotes: Keep what replies quote.
        with_rejected: Take spam, trash and drafts too.
        zone: The zone of dates that name none; the device's without it.
    """

    me: frozenset[str] = field(default=frozenset(), repr=False)
    only_mine: bool = False
    keep_quotes: bool = False
    with_rejected: bool = False
    zone: tzinfo | None = None

    def read(self, entry: Entry) -> Found | Skipped:
        """Return what a mail becomes, or why it is left out."""
        if entry.content is None:
            return _left_out(entry, "too long", f"the mail is longer than {MAX_MAIL_BYTES} bytes")
        try:
            message = message_from_bytes(entry.content)
            return self._read(entry, message)
        except RecursionError:
            return _left_out(entry, "broken", "the mail's parts lie too deep in one another")
        except (AttributeError, LookupError, TypeError, ValueError) as error:
            # The standard library's parser raises whatever it stumbles over, and one mail must not stop a mailbox.
            return _left_out(entry, "broken", f"the mail cannot be read ({type(error).__name__})")

    def _read(self, entry: Entry, message: Message) -> Found | Skipped:
        head = Head(message)
        labels = head.labels()
        standing = entry.standing | standings(labels) | _noted(head)
        if not self.with_rejected:
            for name, reason, detail in _REJECTED:
                if name in standing:
                    return _left_out(entry, reason, detail)
        senders = head.people("From") or head.people("Sender")
        if self.only_mine and "sent" not in standing and not is_mine(senders, self.me):
            return _left_out(entry, "not mine", "somebody else wrote the mail")
        return self._made(entry, message, head, senders, labels)

    def _made(
        self, entry: Entry, message: Message, head: Head, senders: Sequence[Person], labels: Sequence[str]
    ) -> Found | Skipped:
        title = head.text("Subject")
        text = text_of(message)
        if not (self.keep_quotes or passes_on(title)):
            is_reply = answers(title) or bool(head.ids("In-Reply-To"))
            text = without_quotes(text, is_reply=is_reply) or text
        text = text or title
        if not text:
            return _left_out(entry, "empty", "the mail has no text and no subject")
        if len(text) > MAX_TEXT_CHARS:
            return _left_out(entry, "too long", f"the mail's text is longer than {MAX_TEXT_CHARS} characters")
        receivers = head.people("To", "Cc", "Bcc")
        message_id = next(iter(head.ids("Message-ID")), head.text("Message-ID"))
        fields = {"title": title, "from": _names(senders), "to": _names(receivers)}
        metadata = {
            "from": ", ".join(each.address for each in senders),
            "to": [each.address for each in receivers][:MAX_LIST_VALUES],
            "labels": list(dict.fromkeys([*labels, *entry.folders[-1:]]))[:MAX_LIST_VALUES],
            "message_id": message_id,
            "thread": _thread(head, message_id),
        }
        try:
            draft = make_draft(
                RecordPlace(entry.place),
                text=text,
                kind="email",
                time=head.time(entry.envelope, self.zone),
                fields={name: value for name, value in fields.items() if value},
                metadata={name: value for name, value in metadata.items() if value},
            )
        except InputError as error:
            return _left_out(entry, "broken", error.message.removeprefix(f"{entry.place}: "))
        return Found(draft=draft, place=entry.place, key=message_id or None, is_unique=bool(message_id))


def is_mine(senders: Sequence[Person], me: frozenset[str]) -> bool:
    """Say whether one of the senders has an address or a name of the user's."""
    return any(each.address in me or each.name.lower() in me for each in senders)


def _left_out(entry: Entry, reason: Reason, detail: str) -> Skipped:
    return Skipped(place=entry.place, reason=reason, detail=detail)


def _names(people: Sequence[Person]) -> str:
    names = list(dict.fromkeys(each.name or each.address for each in people))
    return ", ".join(names[:MAX_NAMED]) + (f" and {len(names) - MAX_NAMED} more" if len(names) > MAX_NAMED else "")


def _thread(head: Head, message_id: str) -> str:
    """Return what all mails of a conversation share: its id in Gmail, else that of its first mail."""
    above = head.ids("References") or head.ids("In-Reply-To")
    return head.text("X-GM-THRID") or (above[0] if above else message_id)


def _noted(head: Head) -> frozenset[Standing]:
    """Return what mail programs note in a mail's head."""
    found: set[Standing] = set()
    try:
        is_deleted = int(head.text("X-Mozilla-Status")[:8] or "0", 16) & _DELETED_BY_MOZILLA
    except ValueError:
        is_deleted = 0
    noted = head.text("X-Status")
    if is_deleted or "D" in noted:
        found.add("trash")
    if "T" in noted:
        found.add("draft")
    return frozenset(found)
