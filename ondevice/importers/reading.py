"""What all readers do with one thing after the other: a bad one is told and left out, and the rest follows it."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator
from pathlib import Path

from ondevice.errors import InputError
from ondevice.importers.drafting import RecordPlace
from ondevice.importers.found import Format, Found, Reading, ReadOptions, Skipped
from ondevice.importers.source import Member, Source
from ondevice.records import Draft


def attempted(place: RecordPlace, make: Callable[..., Found], *given: object) -> Found | Skipped:
    """Return what a function makes of one thing at a place, or that the thing is broken where it refuses it."""
    try:
        return make(place, *given)
    except InputError as error:
        return Skipped(place=str(place), reason="broken", detail=error.message.removeprefix(f"{place}: "))


def of_members(source: Source, suffixes: Container[str], read: Callable[[Member], Reading]) -> Reading:
    """Yield what a function reads of the one file, or of each that ends so in a folder or an archive.

    Of several files one that cannot be read is broken, and the others follow it.

    Raises:
        InputError: If the one file cannot be read, or none of several ends so.
    """
    if source.is_single:
        for member in source.members():
            yield from read(member)
        return
    n_files = 0
    for member in source.members():
        if member.suffix not in suffixes:
            continue
        n_files += 1
        try:
            yield from read(member)
        except InputError as error:
            yield Skipped(place=member.place, reason="broken", detail=error.message)
    if not n_files:
        raise InputError(f"{source.name!r} holds no file of this format", hint="name the file, or another format")


def drafts_of(form: Format, path: Path, options: ReadOptions) -> Iterator[Draft]:
    """Yield the drafts of a source, and stop at the first broken thing.

    Raises:
        NotFoundError: If there is no such source.
        InputError: If it, or something in it, has the wrong form; it names the file and the place.
    """
    with Source(path) as source:
        yield from whole(form.read(source, options))


def whole(reading: Reading) -> Iterator[Draft]:
    """Yield the drafts of what is read; raises as :func:`drafts_of`."""
    for each in reading:
        if isinstance(each, Found):
            yield each.draft
        elif each.reason == "broken":
            raise InputError(f"{each.place}: {each.detail}")
