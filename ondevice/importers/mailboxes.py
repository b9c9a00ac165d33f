"""Mailboxes as a format: a thing for each mail of an mbox file."""

from __future__ import annotations

from dataclasses import dataclass

from ondevice.importers.found import Found, Reading, ReadOptions, Skipped
from ondevice.importers.mail import read_mbox
from ondevice.importers.source import Source


@dataclass(frozen=True, kw_only=True, slots=True)
class Mailboxes:
    """Mail in mbox format, as :func:`ondevice.importers.read_mbox` has it."""

    name: str = "mail"
    title: str = "mail (mbox)"

    def fits(self, source: Source) -> bool:
        """Say whether it begins with the line that stands before each mail."""
        return source.is_single and next(source.members()).head(5) == b"From "

    def read(self, source: Source, options: ReadOptions) -> Reading:
        """Yield a thing for each mail; raises as :func:`ondevice.importers.read_mbox`."""
        broken: list[str] = []
        mails = read_mbox(source.path, keep_quotes=options.keep_quotes, on_broken=broken.append)
        for number, draft in enumerate(mails, start=1):
            yield from _told(broken)
            yield Found(draft=draft, place=f"{source.name}, mail {number}")
        yield from _told(broken)


def _told(broken: list[str]) -> Reading:
    while broken:
        place, _, detail = broken.pop(0).partition(": ")
        yield Skipped(place=place, reason="broken", detail=detail)
