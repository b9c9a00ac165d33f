"""Whose mail it is, where the user did not say."""

from __future__ import annotations

from collections import Counter
from email import message_from_bytes

from ondevice.importers.found import Skipped
from ondevice.importers.mail.entries import entries_of
from ondevice.importers.mail.folders import standings
from ondevice.importers.mail.heads import Head
from ondevice.importers.source import Source

_N_MAILS = 500
_HEAD_BYTES = 64 << 10
_SHARE = 0.2
"""An address to which fewer of the mails were delivered may be a list's, or somebody else's."""


def owners_of(source: Source) -> frozenset[str]:
    """Return the addresses that seem to be the user's: senders of what was sent, and where the mail was delivered.

    The first mails are looked at. Empty where they do not tell.
    """
    senders: set[str] = set()
    delivered: Counter[str] = Counter()
    for number, entry in enumerate(entries_of(source)):
        if number >= _N_MAILS:
            break
        if isinstance(entry, Skipped) or entry.content is None:
            continue
        head = Head(message_from_bytes(entry.content[:_HEAD_BYTES].replace(b"\r\n", b"\n").partition(b"\n\n")[0]))
        if "sent" in entry.standing | standings(head.labels()):
            senders.update(each.address for each in head.people("From"))
        else:
            delivered.update({each.address for each in head.people("Delivered-To", "X-Original-To", "Envelope-To")})
    n_delivered = sum(delivered.values())
    return frozenset(senders | {address for address, count in delivered.items() if count >= _SHARE * n_delivered})
