"""The head of a message in WhatsApp's text: a day, a time and who said it, in the form of the phone's language."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_MARKS = re.compile(r"[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_BLANKS = re.compile(r"[\u00a0\u202f\u2009]")
_NOT_LETTERS = re.compile(r"[\s.'\"\u05f3\u05f4\u2019]")

# Without dots and blanks, in lower case: English, Spanish, Greek, Arabic, Persian, Chinese, Japanese, Korean, Turkish,
# Albanian, Hungarian, Vietnamese, Swedish, Bulgarian, Czech, Ukrainian, Malay, Afrikaans, Hindi, Marathi, Tamil, Thai,
# Hebrew.
_MORNING = {
    "a", "am", "πμ", "ص", "قظ", "上午", "凌晨", "清晨", "早上", "午前", "오전", "öö", "pd", "paradite", "de",
    "sa", "fm", "проб", "dop", "дп", "pg", "vm", "पूर्वाह्न", "मपू", "முற்பகல்", "ก่อนเที่ยง",
    "לפנהצ",
}  # fmt: skip
_EVENING = {
    "p", "pm", "μμ", "م", "بظ", "下午", "晚上", "傍晚", "中午", "午後", "오후", "ös", "md", "pasdite", "du",
    "ch", "em", "слоб", "odp", "пп", "ptg", "nm", "अपराह्न", "मउ", "பிற்பகல்", "หลังเที่ยง", "אחהצ",
}  # fmt: skip
_NOON, _LATE = "中午", "晚上"

_HEADER = re.compile(
    r"""
    (?P<open>\[?)\s?
    (?P<a>\d{1,4})\s?(?P<separator>[./\-年년])\s?(?P<b>\d{1,2})\s?[./\-月월]\s?(?P<c>\d{1,4})\s?[日일.]?
    [,،]?\s?
    (?P<before>[^\d\[\]:]{0,16}?)\s?
    (?P<hour>\d{1,2})[:.](?P<minute>\d{2})(?:[:.](?P<second>\d{2}))?
    (?:\s?(?P<after>[^\d\[\]:,\-\u2013]{1,16}?))?
    (?P<close>\](?:\s|$)|\s[-\u2013](?:\s|$)|,\s|:\s)
    (?P<rest>.*)
    """,
    re.VERBOSE | re.DOTALL,
)
_QUOTES = re.compile('["“”„«»「」]')
_SPEAKER = re.compile(r"(?P<name>[^:]{1,120}?) ?:(?: (?P<text>.*)|$)", re.DOTALL)


@dataclass(frozen=True, kw_only=True, slots=True)
class Header:
    """A message's first line, read.

    Args:
        numbers: The three numbers of the day, in their order.
        hour: The hour of the day, from 0.
        minute: The minute.
        second: The second; 0 where none is written.
        form: What all heads of one export have in common.
        is_american: Whether it looks like one of the United States: ``1/2/21, 3:04 PM``.
        speaker: Who said it; ``None`` where the program itself speaks.
        text: What stands behind it.
        is_programs: Whether the program speaks in a person's place: of a picture left out, a call, a member gone.
    """

    numbers: tuple[int, int, int]
    hour: int
    minute: int
    second: int
    form: tuple[str, ...]
    is_american: bool
    speaker: str | None = field(repr=False)
    text: str = field(repr=False)
    is_programs: bool


def header_of(line: str) -> Header | None:
    """Return the head that a line begins with, or ``None`` if it goes on with the message before it."""
    plain = without_marks(line)
    if not plain.lstrip("[ ")[:1].isdecimal() or (found := _HEADER.match(plain)) is None:
        return None
    close = found["close"].strip()
    if (found["open"] == "[") != (close == "]") or (close == "," and found["separator"] != "년"):
        return None
    hour, minute, second = int(found["hour"]), int(found["minute"]), int(found["second"] or 0)
    word = _plain(found["after"] or found["before"] or "")
    half = 0 if word in _MORNING else 12 if word in _EVENING else None
    if (found["after"] and half is None) or hour > 23 or minute > 59 or second > 59:
        return None
    if half is not None and hour <= 12:
        hour = _of_day(hour, half, word)
    said = _SPEAKER.fullmatch(found["rest"])
    if said is not None and _QUOTES.search(said["name"]):
        said = None
    day = plain[: found.end("c")]
    return Header(
        numbers=(int(found["a"]), int(found["b"]), int(found["c"])),
        hour=hour,
        minute=minute,
        second=second,
        form=(found["open"], found["separator"], close, "s" if found["second"] else ""),
        is_american=found["separator"] == "/" and (found["after"] or "") in ("AM", "PM") and "/0" not in f"/{day}",
        speaker=None if said is None else said["name"].removeprefix("~").strip(),
        text=found["rest"] if said is None else said["text"] or "",
        is_programs=found["open"] == "[" and _is_marked(line),
    )


def without_marks(text: str) -> str:
    """Return a text without marks of the writing direction, and with common blanks only."""
    return _BLANKS.sub(" ", _MARKS.sub("", text))


def _is_marked(line: str) -> bool:
    """Say whether the text begins with the mark that iPhones put before what the program says."""
    _, _, rest = line.partition("]")
    return rest.partition(": ")[2].startswith("\u200e")


def _plain(word: str) -> str:
    return _NOT_LETTERS.sub("", word).casefold()


def _of_day(hour: int, half: int, word: str) -> int:
    """Return the hour of the day; noon begins before 12 in Chinese, and the evening ends behind it."""
    if (word == _NOON and hour == 11) or (word == _LATE and hour == 12):
        return hour % 12 if word == _LATE else hour
    return hour % 12 + half
