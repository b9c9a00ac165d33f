"""WhatsApp's "export chat": a text file of one chat, by itself, in a folder or a zip file, of Android or an iPhone.

It does not say who the user is, nor in which zone and order its dates are: the first is told, the second is the
device's zone unless told, the third is found from the whole file. What the program says itself is left out, as are
pictures and what else is no text.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import PurePosixPath

from ondevice.errors import InputError
from ondevice.importers.chats.moments import Zone
from ondevice.importers.chats.turns import WHO, WHO_HINT, Me, Talk, Turn, clean_name, clean_text
from ondevice.importers.chats.whatsapp_days import Order, form_and_order, time_of
from ondevice.importers.chats.whatsapp_headers import Header, header_of, without_marks
from ondevice.importers.chats.windows import Windows
from ondevice.importers.found import Reading, ReadOptions, Skipped
from ondevice.importers.source import Member, Source

MAX_LINE_CHARS = 1 << 20
MAX_MESSAGE_CHARS = 1 << 20
_HEAD_LINES = 40
_TEXTS = (".txt", ".md", ".markdown", ".text")
_N_LOOKED_INTO = 200
_PROGRAM = "whatsapp"

_TITLE = re.compile(
    r".*whatsapp.*?(?: - | (?:with|mit|avec|con|com|met|med|ile|z|\u0441|dengan|cu|kanssa) )\s*(.+)", re.I
)
_COPY = re.compile(r" ?\(\d{1,3}\)$")
_OMITTED = re.compile(r"<[^<>\n]{0,60}[^<>\n\x00-\x7f][^<>\n]{0,60}>|<[^<>\n ]{1,60} [^<>\n]{1,60}>|null")
_ATTACHED = re.compile(
    r"<[^<>\n:]{1,30}: [^<>\n]{1,200}\.\w{2,5}>"
    r"|^(?:(?:IMG|VID|AUD|PTT|STK|DOC)-[0-9]{8}-WA[0-9]{1,8}\.\w{2,5} \([^()\n]{1,40}\)"
    r"|[^\n]{1,200}\.\w{2,5} \((?:file attached|Datei angehängt|archivo adjunto|fichier joint|file allegato"
    r"|arquivo anexado|bestand bijgevoegd|файл добавлен)\))(?:\n|$)"
)
_EDITED = re.compile(r"\s*<(?:This message was edited|Diese Nachricht wurde bearbeitet|Se editó este mensaje"
                     r"|Ce message a été modifié|Questo messaggio è stato modificato|Mensagem editada"
                     r"|Dit bericht is bewerkt)>$")  # fmt: skip
_DELETED = frozenset(
    each.casefold()
    for each in (
        "This message was deleted", "You deleted this message", "Diese Nachricht wurde gelöscht",
        "Du hast diese Nachricht gelöscht", "Se eliminó este mensaje", "Eliminaste este mensaje",
        "Ce message a été supprimé", "Vous avez supprimé ce message", "Questo messaggio è stato eliminato",
        "Hai eliminato questo messaggio", "Mensagem apagada", "Você apagou esta mensagem", "Esta mensagem foi apagada",
        "Dit bericht is verwijderd", "Je hebt dit bericht verwijderd", "Missed voice call", "Missed video call",
    )
)  # fmt: skip


class WhatsAppFormat:
    """Chats of WhatsApp."""

    name = _PROGRAM
    title = "WhatsApp's exported chats"

    def fits(self, source: Source) -> bool:
        """Say whether its text files begin as WhatsApp's do; among notes one may, and they are notes all the same."""
        texts = (each for each in source.members() if source.is_single or each.suffix in _TEXTS)
        looked_at = [begins_well(each) for each in islice(texts, _N_LOOKED_INTO)]
        return sum(looked_at) * 2 > len(looked_at)

    def read(self, source: Source, options: ReadOptions) -> Reading:
        """Yield some turns of a chat at a time; see :class:`~ondevice.importers.found.Format`."""
        n_files, me, zone = 0, Me(options.me), Zone(options.time_zone)
        for member in _chats(source):
            n_files += 1
            if options.only_mine and not me:
                raise InputError(WHO, hint=WHO_HINT)
            try:
                yield from _chat(member, source, options, me, zone)
            except InputError as error:
                yield Skipped(place=member.place, reason="broken", detail=error.message)
        if not n_files:
            raise InputError(f"{source.name!r} holds no chat of WhatsApp")


@dataclass(slots=True)
class _Message:
    header: Header
    number: int
    lines: list[str] = field(default_factory=list)
    n_chars: int = 0

    def add(self, line: str) -> None:
        """Go on with a line; what is too long to be a message is counted and not kept."""
        self.n_chars += len(line) + 1
        if self.n_chars <= MAX_MESSAGE_CHARS:
            self.lines.append(line)


def _chats(source: Source) -> Iterator[Member]:
    for member in source.members():
        if (source.is_single or member.suffix == ".txt") and begins_well(member):
            yield member


def begins_well(member: Member) -> bool:
    """Say whether a text file begins as a chat does."""
    try:
        with _opened_text(member) as text:
            lines = [line for line in (text.readline(4096) for _ in range(_HEAD_LINES)) if line.strip()]
    except InputError:
        return False
    heads = [header_of(line.rstrip("\n")) for line in lines]
    found = form_and_order(each for each in heads if each is not None)
    if found is None or heads[0] is None or time_of(heads[0], found[1]) is None:
        return False
    return any(each is not None and each.speaker is not None for each in heads)


def _chat(member: Member, source: Source, options: ReadOptions, me: Me, zone: Zone) -> Reading:
    with _opened_text(member) as text:
        found = form_and_order(head for line in _lines(text) if (head := header_of(line)) is not None)
    if found is None:
        return
    title = _title(member, source)
    talk = Talk(id=title.casefold(), title=title, kind="message", program=_PROGRAM)
    windows, names = Windows(talk, only_mine=options.only_mine), _Names()
    for message in _messages(member, *found):
        head = message.header
        if head.speaker is None:
            continue
        place = f"{member.place}, message {message.number}"
        if message.n_chars > MAX_MESSAGE_CHARS:
            yield Skipped(place=place, reason="too long", detail=f"it has more than {MAX_MESSAGE_CHARS} characters")
            continue
        speaker, time, words = clean_name(head.speaker, "?"), time_of(head, found[1]), _words(message)
        turn = Turn(
            id=names.of(f"{time}", speaker, words),
            speaker=speaker,
            text=words,
            time=None if time is None else zone.utc(time),
            place=place,
            is_mine=me.is_any_of(speaker),
        )
        yield from windows.add(turn)
    yield from windows.end()


def _messages(member: Member, form: tuple[str, ...], order: Order) -> Iterator[_Message]:
    message: _Message | None = None
    n_messages = 0
    with _opened_text(member) as text:
        for line in _lines(text):
            head = header_of(line)
            if head is None or head.form != form or time_of(head, order) is None:
                if message is not None:
                    message.add(line)
                continue
            if message is not None:
                yield message
            n_messages += 1
            message = _Message(head, n_messages)
            message.add(head.text)
    if message is not None:
        yield message


class _Names:
    """Names messages, which have no ids, by when, who and what; those that are alike within a minute are numbered."""

    def __init__(self) -> None:
        self._time = ""
        self._seen: dict[str, int] = {}

    def of(self, time: str, speaker: str, words: str) -> str:
        if time != self._time:
            self._time, self._seen = time, {}
        digest = hashlib.sha256(f"{speaker}\0{words}".encode()).hexdigest()[:16]
        self._seen[digest] = number = self._seen.get(digest, 0) + 1
        return f"{time}:{digest}" if number == 1 else f"{time}:{digest}:{number}"


def _words(message: _Message) -> str:
    """Return what was said; nothing of what the program says in a person's place."""
    text = _EDITED.sub("", clean_text("\n".join(message.lines)))
    if message.header.is_programs or _OMITTED.fullmatch(text) or text.rstrip(".").casefold() in _DELETED:
        return ""
    return _ATTACHED.sub("", text).strip()


def _title(member: Member, source: Source) -> str:
    """Return the chat's name: behind "WhatsApp Chat with" and the like, in whatever language.

    An iPhone names the file ``_chat.txt``, and the archive by the chat.
    """
    path = PurePosixPath(member.name)
    name, is_unnamed = path.stem, path.stem.startswith("_chat")
    if is_unnamed:
        outer = source.path.resolve()
        outer = outer.parent if source.is_single else outer
        name = path.parent.name or (outer.stem if source.is_archive else outer.name)
    name = _COPY.sub("", clean_name(without_marks(name)))
    found = _TITLE.fullmatch(name)
    return clean_name(found[1]) if found else "" if is_unnamed else name


def _lines(text: io.TextIOWrapper) -> Iterator[str]:
    while line := text.readline(MAX_LINE_CHARS):
        yield line.rstrip("\n")


@contextmanager
def _opened_text(member: Member) -> Iterator[io.TextIOWrapper]:
    head = member.head(4)
    encoding = "utf-16" if head[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    with member.opened() as file, io.TextIOWrapper(file, encoding=encoding, errors="replace") as text:
        yield text


WHATSAPP = WhatsAppFormat()
