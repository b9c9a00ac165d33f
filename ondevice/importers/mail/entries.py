"""The mails of a source, one by one, in whatever way its program keeps them, as bytes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, Literal, TypeAlias

from ondevice.errors import InputError, NotFoundError
from ondevice.importers.found import Skipped
from ondevice.importers.mail.folders import Standing, folders_of, standings
from ondevice.importers.mail.mbox import MAX_MAIL_BYTES, is_envelope, known_names, mails_of
from ondevice.importers.source import Member, Source

Keeping: TypeAlias = Literal["mbox", "eml", "emlx"]
"""How a file keeps mail: many one after the other, one as it was sent, or one as Apple Mail does."""

_SNIFFED = frozenset({"", ".mbox", ".mbx", ".eml", ".mail", ".msgs"})
_MAILDIR = frozenset({"cur", "new"})
_SNIFF_BYTES = 8 << 10
_FLAGS = re.compile(r"[:;!]2,([A-Za-z]*)\Z")
_APPLE_FLAGS = re.compile(rb"<key>flags</key>\s{0,99}<integer>(\d{1,18})</integer>")
_APPLE_COUNT = re.compile(rb"\s{0,20}(\d{1,12})\s{0,20}\Z")
_APPLE_TAIL_BYTES = 64 << 10
_APPLE_DELETED, _APPLE_DRAFT = 1 << 1, 1 << 6
_N_MAIL_NAMES = 3
_N_SNIFFED_LINES = 60


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One mail.

    Args:
        place: Where it stands, for messages.
        content: Its bytes; ``None`` where there are more than a mail may have.
        envelope: The line above it in a mailbox.
        folders: The folders that it lies in, the outermost first.
        standing: What its place says of it.
    """

    place: str
    content: bytes | None = field(repr=False)
    envelope: bytes = field(default=b"", repr=False)
    folders: tuple[str, ...] = ()
    standing: frozenset[Standing] = frozenset()


def keeping_of(member: Member) -> Keeping | None:
    """Return how a file keeps mail, by what it holds; ``None`` where it holds none.

    Raises:
        InputError, NotFoundError: If it cannot be read.
    """
    parts = member.name.split("/")
    if member.suffix == ".emlx":
        return "emlx" if _APPLE_COUNT.match(member.head(40).split(b"\n")[0]) else None
    is_in_maildir = len(parts) > 1 and parts[-2] in _MAILDIR
    is_numbered = member.suffix[1:].isdigit()
    if not (member.source.is_single or is_in_maildir or is_numbered or member.suffix in _SNIFFED):
        return None
    head = member.head(_SNIFF_BYTES)
    if _begins_mailbox(head):
        return "mbox"
    return "eml" if is_in_maildir or _is_mail(head, is_sure=member.suffix == ".eml") else None


def entries_of(source: Source) -> Iterator[Entry | Skipped]:
    """Yield the mails of a source in the order of its files.

    Raises:
        InputError: If it is one file that cannot be read.
        NotFoundError: If it is gone.
    """
    for member in source.members():
        try:
            keeping = keeping_of(member)
            if keeping is not None:
                yield from _in_member(member, keeping)
        except (InputError, NotFoundError) as error:
            if source.is_single:
                raise
            yield Skipped(place=member.place, reason="broken", detail=error.message)


def _in_member(member: Member, keeping: Keeping) -> Iterator[Entry]:
    folders = tuple(folders_of(member.name, is_mailbox=keeping == "mbox"))
    standing = standings(folders)
    if member.source.is_single:
        # Whoever names the trash means it. The mailbox's name is a label all the same, as it is within a folder: else
        # its mails would count as changed when they come again in there.
        standing &= {"sent"}
    with member.opened() as file:
        if keeping == "mbox":
            for number, mail in enumerate(mails_of(file), 1):
                yield Entry(
                    place=f"{member.place}, mail {number}",
                    content=mail.content,
                    envelope=mail.envelope,
                    folders=folders,
                    standing=standing,
                )
            return
        content, flagged = _apple(file) if keeping == "emlx" else (_whole(file), _flagged(member.name))
    yield Entry(place=member.place, content=content, folders=folders, standing=standing | flagged)


def _whole(file: BinaryIO) -> bytes | None:
    data = file.read(MAX_MAIL_BYTES + 1)
    if data.startswith(b"From "):
        data = data.partition(b"\n")[2]
    return data.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n") if len(data) <= MAX_MAIL_BYTES else None


def _apple(file: BinaryIO) -> tuple[bytes | None, frozenset[Standing]]:
    """Return the mail between its length and what Apple Mail notes of it, and what that says."""
    count = _APPLE_COUNT.match(file.readline(40))
    size = int(count[1]) if count else 0
    if size > MAX_MAIL_BYTES:
        return None, frozenset()
    content = file.read(size)
    flags = _APPLE_FLAGS.search(file.read(_APPLE_TAIL_BYTES))
    bits = int(flags[1]) if flags else 0
    return content, _standing(is_draft=bool(bits & _APPLE_DRAFT), is_trash=bool(bits & _APPLE_DELETED))


def _flagged(name: str) -> frozenset[Standing]:
    """Return what Maildir notes in a file's name."""
    found = _FLAGS.search(name)
    letters = found[1] if found else ""
    return _standing(is_draft="D" in letters, is_trash="T" in letters)


def _standing(*, is_draft: bool, is_trash: bool) -> frozenset[Standing]:
    found: set[Standing] = {"draft"} if is_draft else set()
    return frozenset(found | {"trash"} if is_trash else found)


def _begins_mailbox(head: bytes) -> bool:
    first, *following = head.lstrip(b"\xef\xbb\xbf\r\n").splitlines(keepends=True) or [b""]
    return first.startswith(b"From ") and is_envelope(
        first, following[:_N_SNIFFED_LINES], is_after_empty=True, is_first=True
    )


def _is_mail(head: bytes, *, is_sure: bool) -> bool:
    lines = head.lstrip(b"\xef\xbb\xbf\r\n").splitlines(keepends=True)[:_N_SNIFFED_LINES]
    names = known_names(lines)
    if is_sure:
        return bool(names)
    return len(names) >= _N_MAIL_NAMES and b"from" in names and bool(names & {b"date", b"received", b"message-id"})
