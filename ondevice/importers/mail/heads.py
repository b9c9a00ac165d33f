"""A mail's head: its lines as text, the people in it, and its time."""

from __future__ import annotations

import binascii
import csv
import re
from base64 import b64decode
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime

from ondevice.importers.mail.charsets import decoded, guessed

MAX_HEADER_CHARS = 1 << 16
"""Of a longer line no more is read: parsing takes time that grows with the square of the length."""

_WORD = re.compile(r"=\?([^?\s*]{1,60})(?:\*[^?\s]{0,40})?\?([bBqQ])\?([^?]*)\?=")
_ADDRESS = re.compile(r"[^\s<>,;:\"()]{1,200}@[^\s<>,;:\"()]{1,200}")
_IN_UTC = re.compile(r"(?:-0000|\bGMT|\bUTC?|\bZ)\s*(?:\(.*\))?\s*\Z")
_EARLIEST_YEAR = 1971
"""Before there was mail, a date is a clock that nobody set."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """Who stands in a head: the name, empty where none is given, and the address in lower case."""

    name: str
    address: str


class Head:
    """The lines above a mail's text."""

    def __init__(self, message: Message) -> None:
        self._lines: dict[str, list[str]] = {}
        for name, value in message.raw_items():
            self._lines.setdefault(name.lower(), []).append(str(value)[:MAX_HEADER_CHARS])

    def text(self, name: str) -> str:
        """Return what a line says, in one line; empty where it is not there."""
        return " ".join(unencoded(self._raw(name)).split())

    def people(self, *names: str) -> list[Person]:
        """Return those who stand in these lines, each address once."""
        found: dict[str, Person] = {}
        for raw in (value for name in names for value in self._lines.get(name.lower(), [])):
            flat = " ".join(raw.split())
            for name, address in _pairs(flat):
                address = unencoded(address).strip().lower()
                words = " ".join(unencoded(name).split()).strip("'\" ")
                if address not in found or (words and not found[address].name):
                    found[address] = Person(name="" if words.lower() == address else words, address=address)
        return list(found.values())

    def labels(self) -> list[str]:
        """Return the labels that Gmail writes into an export, apart by commas, and quoted where they hold one."""
        labels = next(csv.reader([self.text("X-Gmail-Labels")], skipinitialspace=True), [])
        return list(dict.fromkeys(label.strip() for label in labels if label.strip()))

    def ids(self, name: str) -> list[str]:
        """Return the ids of mails that a line names."""
        return re.findall(r"<[^<>\s]{1,998}>", self._raw(name))

    def time(self, envelope: bytes, zone: tzinfo | None) -> datetime | None:
        """Return when the mail was written, else when it arrived, in UTC.

        Args:
            envelope: The line above the mail in a mailbox, whose time is UTC.
            zone: The zone of a date that names none; the device's without it.
        """
        arrivals = (value.rpartition(";")[2] for value in self._lines.get("received", [])[:1])
        for written in (self._raw("Date"), self._raw("Resent-Date"), *arrivals):
            if (time := _parsed(" ".join(written.split()), zone)) is not None:
                return time
        parts = envelope.decode("ascii", "replace").split()
        return _arrived(parts[-5:]) or _arrived([*parts[-6:-2], *parts[-1:]])

    def _raw(self, name: str) -> str:
        return self._lines.get(name.lower(), [""])[0]


def _pairs(line: str) -> list[tuple[str, str]]:
    """Return the names and addresses of a line; the addresses alone where it is not as it should be."""
    try:
        pairs = [(name, address) for name, address in getaddresses([line]) if "@" in address]
    except (RecursionError, ValueError, IndexError):
        pairs = []
    return pairs or [("", address) for address in _ADDRESS.findall(line)]


def unencoded(raw: str) -> str:
    """Return a header's text without the encoding of its words (RFC 2047), whatever bytes stand in it."""
    pieces: list[str] = []
    run: bytes = b""
    label, end = "", 0
    for word in _WORD.finditer(raw):
        between = raw[end : word.start()]
        if run and (between.strip() or word[1].lower() != label):
            pieces.append(decoded(run, label))
            run = b""
        if between.strip() or end == 0:
            pieces.append(_readable(between))
        # A character may begin in one word and end in the next.
        run, label, end = run + _bytes_of(word[2], word[3]), word[1].lower(), word.end()
    if run:
        pieces.append(decoded(run, label))
    return "".join((*pieces, _readable(raw[end:])))


def _bytes_of(encoding: str, text: str) -> bytes:
    data = text.encode("ascii", "surrogateescape") if text.isascii() else text.encode("utf-8", "surrogateescape")
    if encoding in "qQ":
        return binascii.a2b_qp(data, header=True)
    try:
        return b64decode(data.rstrip(b"=") + b"==") or data
    except (binascii.Error, ValueError):
        return data


def _readable(raw: str) -> str:
    return raw if raw.isascii() else guessed(raw.encode("utf-8", "surrogateescape"))


def _parsed(written: str, zone: tzinfo | None) -> datetime | None:
    if not written:
        return None
    try:
        time = parsedate_to_datetime(written)
        if time.tzinfo is None:
            time = time.replace(tzinfo=UTC if _IN_UTC.search(written) else zone)
        time = time.astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return time if time.year >= _EARLIEST_YEAR else None


def _arrived(parts: list[str]) -> datetime | None:
    try:
        return datetime.strptime(" ".join(parts), "%a %b %d %H:%M:%S %Y").replace(tzinfo=UTC)
    except ValueError:
        return None
