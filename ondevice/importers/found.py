"""What a reader finds in another program's files: drafts of items, and what it leaves out and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

from ondevice.records import Draft

if TYPE_CHECKING:
    from ondevice.importers.source import Source

Reason = Literal[
    "broken", "draft", "empty", "spam", "trash", "not mine", "not to remember", "unsupported", "too long", "too old"
]
"""Why something is left out. ``broken``: it has not the form that it should. ``draft``: it was not sent yet. ``not
mine``: somebody else wrote it, and only the user's own was asked for. ``not to remember``: its program was told so.
``too old``: only what is newer was asked for."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """One item on its way in.

    Args:
        draft: What will be the item.
        place: Where it stands, for messages, as ``inbox.mbox, mail 12``; never what it says.
        key: What names it in its source whatever becomes of its text, as a note's path or a message's id. Something of
            the same key that is in the profile already is the same thing in another version. ``None`` where nothing
            names it: then it is known by what it says.
        is_unique: Whether no other source has the key for something else, as with a message's id. A note's path names
            it only in its own folder.
        time_counts: Whether another time alone makes it another version, as of an event that was put off. A note's
            time is often only its file's last change, which a copy changes too.
    """

    draft: Draft = field(repr=False)
    place: str
    key: str | None = field(default=None, repr=False)
    is_unique: bool = False
    time_counts: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Skipped:
    """Something that is left out.

    Args:
        place: Where it stands.
        reason: Why, in one of a few words.
        detail: The same in a sentence that holds nothing of what it says.
    """

    place: str
    reason: Reason
    detail: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadOptions:
    """What a reader is told.

    Args:
        me: The user's own names and addresses in the source, as ``ana@example.org`` or ``Ana``; without them a reader
            takes what the source itself says.
        only_mine: Leave out what others wrote.
        keep_quotes: Keep what replies quote.
        with_rejected: Take spam, trash and drafts too.
        columns: A table's columns by what they are: ``{"text": "body", "time": "date"}``.
        time_zone: The zone of times that name none, as ``Europe/Berlin``; the device's without it.
    """

    me: tuple[str, ...] = ()
    only_mine: bool = False
    keep_quotes: bool = False
    with_rejected: bool = False
    columns: Mapping[str, str] = field(default_factory=dict)
    time_zone: str | None = None


Reading: TypeAlias = "Iterator[Found | Skipped]"


class Format(Protocol):
    """A form in which some program keeps things."""

    @property
    def name(self) -> str:
        """As it is named at the command line: ``mbox``."""

    @property
    def title(self) -> str:
        """For a person: ``mail (mbox, Maildir, EML)``."""

    def fits(self, source: Source) -> bool:
        """Say whether a source has this form, by what it holds and not by its name alone; it reads little of it."""

    def read(self, source: Source, options: ReadOptions) -> Reading:
        """Yield everything in it, in its own order, reading as it goes.

        One broken thing is a :class:`Skipped`, and the rest follows it.

        Raises:
            InputError: If the whole is not of this form, or cannot be read any further.
            NotFoundError: If it is gone.
        """
