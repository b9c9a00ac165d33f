"""The format ``mail``: mailboxes, folders of mails and archives of both."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

from ondevice.errors import InputError
from ondevice.importers.found import Found, Reading, ReadOptions, Skipped
from ondevice.importers.mail.entries import entries_of, keeping_of
from ondevice.importers.mail.messages import Reader
from ondevice.importers.mail.owners import owners_of
from ondevice.importers.opening import is_folder
from ondevice.importers.source import Source
from ondevice.importers.zones import zone_named
from ondevice.records import Draft
from ondevice.safety.printable import one_line

_N_LOOKED_AT = 20_000


class MailFormat:
    """Mail as programs keep it: mbox, Maildir, EML files, Apple Mail's folders, Google Takeout."""

    name = "mail"
    title = "mail (mbox, Maildir, EML, Apple Mail, Google Takeout)"

    def fits(self, source: Source) -> bool:
        """Say whether a file is a mailbox or a mail, or one of a folder's first files is."""
        for member in islice(source.members(), _N_LOOKED_AT):
            try:
                if keeping_of(member) is not None:
                    return True
            except InputError:
                continue
        return False

    def read(self, source: Source, options: ReadOptions) -> Reading:
        """Yield each mail, and what is left out: spam, trash and drafts unless ``with_rejected`` is said.

        With ``only_mine`` those mails count that come from one of ``me``. Where nobody is named, the user is who sent
        what lies among the sent mails, and to whom the mail was delivered.

        Raises:
            InputError: If there is no mail, the one file cannot be read any further, the time zone is unknown, or only
                the user's own mails are asked for and the source does not tell who that is.
            NotFoundError: If it is gone.
        """
        me = frozenset(each.strip().lower() for each in options.me)
        if options.only_mine and not me:
            me = owners_of(source)
            if not me:
                raise InputError(f"{source.name!r} does not tell which mails are yours", hint="name your addresses")
        reader = Reader(
            me=me,
            only_mine=options.only_mine,
            keep_quotes=options.keep_quotes,
            with_rejected=options.with_rejected,
            zone=zone_named(options.time_zone),
        )
        n_found = 0
        for entry in entries_of(source):
            n_found += 1
            yield entry if isinstance(entry, Skipped) else reader.read(entry)
        if not n_found:
            raise InputError(f"{source.name!r} holds no mail", hint="an mbox file starts with a line 'From …'")


MAIL = MailFormat()


def read_mbox(
    path: Path, *, keep_quotes: bool = False, on_broken: Callable[[str], None] | None = None
) -> Iterator[Draft]:
    """Yield a draft of kind ``email`` for each mail of a file: its text, subject and people, its date.

    The names of the sender and the receivers are fields, the addresses metadata: ``from``, and ``to``, the list of
    all who got it. So are the ``message_id``, the ``thread`` and, from a Gmail export, the list of ``labels``.

    Args:
        path: The mbox file or the one mail, plain or gzipped.
        keep_quotes: Keep quoted replies; otherwise they go, unless nothing else is in the mail.
        on_broken: Told why a mail has nothing to import; without it, such a mail is an error.

    Raises:
        NotFoundError: If there is no such file.
        InputError: If it holds no mail, or, without ``on_broken``, a mail in it is broken; it names the mail.
    """
    if is_folder(path):
        raise InputError(f"{one_line(path.name)!r} is a folder, not an mbox file")
    for each in MAIL.read(Source(path), ReadOptions(keep_quotes=keep_quotes, with_rejected=True)):
        if isinstance(each, Found):
            yield each.draft
            continue
        said = f"{each.place}: {each.detail}"
        if on_broken is None:
            raise InputError(said)
        on_broken(said)
