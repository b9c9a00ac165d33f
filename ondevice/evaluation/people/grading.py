"""Whether an answer is right, without a judge: what it must hold, what it must not, or that it refuses."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from ondevice.evaluation.people.person import NotesRequest
from ondevice.generation.prompts.calendar_words import MONTH_NAMES
from ondevice.generation.prompts.refusal import refuses

Grade = Literal["right", "wrong", "refused"]

_FIGURES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_NUMBERS = {word: str(n) for n, word in enumerate(_FIGURES)}
_ARTICLES = {"the", "a", "an"}
_MONTHS = {month[:3].lower(): month.lower() for month in MONTH_NAMES}
_MONTH = "|".join(f"{short}(?:{month[3:]})?" if month[3:] else short for short, month in _MONTHS.items()) + "|sept"
_ISO = re.compile(r"\b\d{4}-(\d\d)-(\d\d)\b")
_DAY_FIRST = re.compile(rf"\b(\d{{1,2}})(?:st|nd|rd|th)?(?: of)? ({_MONTH})\b\.?")
_MONTH_FIRST = re.compile(rf"\b({_MONTH})\b\.? (\d{{1,2}})(?:st|nd|rd|th)?\b(?!:\d)")
_TWELVE = re.compile(r"\b(\d{1,2})(?:[:.](\d\d))? ?([ap])\.?m\b\.?")
_DOTTED = re.compile(r"\b(\d{1,2})\.(\d\d)\b(?= *(?:h|o'clock|uhr)?\b)")


@dataclass(frozen=True, kw_only=True, slots=True)
class GradedAnswer:
    """One answer, without its words.

    Args:
        log_likelihood: The mean ln p of its tokens (nats).
        overlap: The part of what it says that its notes hold, 0 to 1.
        grade: What it is worth.
        is_answerable: Whether the notes answer the question.
    """

    log_likelihood: float
    overlap: float
    grade: Grade
    is_answerable: bool


def grade(request: NotesRequest, text: str) -> Grade:
    """Return whether an answer is right, wrong, or admits not to know.

    Where the notes hold no answer, ``refused`` is what is wanted, and everything else is ``wrong``.
    """
    if refuses(text):
        return "refused"
    said = plain(text)
    if not request.is_answerable or any(_holds(said, plain(text)) for text in request.forbidden):
        return "wrong"
    is_right = all(any(_holds(said, plain(text)) for text in group) for group in request.required)
    return "right" if is_right else "wrong"


def plain(text: str) -> str:
    """Return a text in one form.

    Small letters, days as ``9 march``, times as ``14:30``, small numbers in figures, no articles.
    """
    text = text.lower().replace("\u2019", "'")
    text = _ISO.sub(lambda found: f"{int(found[2])} {MONTH_NAMES[int(found[1]) % 13 - 1].lower()}", text)
    text = _TWELVE.sub(_of_twelve, text)
    text = _DAY_FIRST.sub(lambda found: f"{int(found[1])} {_MONTHS[found[2][:3]]}", text)
    text = _MONTH_FIRST.sub(lambda found: f"{int(found[2])} {_MONTHS[found[1][:3]]}", text)
    text = _DOTTED.sub(lambda found: found[0] if int(found[1]) > 23 else f"{int(found[1])}:{found[2]}", text)
    text = re.sub(r"\b0(\d:\d\d)\b", r"\1", text)
    words = re.findall(r"\d+(?:[.:,]\d+)*|[^\W_]+(?:['-][^\W_]+)*", text)
    return " ".join(_NUMBERS.get(word, word) for word in words if word not in _ARTICLES)


def _of_twelve(found: re.Match[str]) -> str:
    hour = int(found[1]) % 12 + (12 if found[3] == "p" else 0)
    return f"{hour}:{found[2] or '00'}"


def _holds(said: str, part: str) -> bool:
    return f" {part} " in f" {said} "
