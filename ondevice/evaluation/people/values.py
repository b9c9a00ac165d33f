"""Values that notes hold and answers repeat: days, times, amounts, names, lists."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, TypeAlias

from ondevice.evaluation.people import names
from ondevice.generation.prompts.calendar_words import MONTH_NAMES, WEEKDAY_NAMES

if TYPE_CHECKING:
    from ondevice.evaluation.people.scene import Scene


@dataclass(frozen=True, kw_only=True, slots=True)
class Value:
    """One value.

    Args:
        forms: How a note may write it.
        said: How an answer says it.
        groups: What an answer must hold of it: of each group one text.
    """

    forms: tuple[str, ...]
    said: str
    groups: tuple[tuple[str, ...], ...]

    @classmethod
    def of(cls, said: str, *forms: str, accepted: tuple[str, ...] = ()) -> Value:
        """Return a value that is written as it is said, or in other forms, and accepted in some more."""
        return cls(forms=forms or (said,), said=said, groups=((said, *accepted),))


Slot: TypeAlias = "Callable[[Scene, Mapping[str, Value]], Value]"
"""Draws a value; the values that the story has already been given may decide."""


def day_value(day: date, written: date, *, is_relative: bool) -> Value:
    """Return a day as a note of another day may write it; near ones also as ``tomorrow`` or ``next Tuesday``."""
    month, weekday = MONTH_NAMES[day.month - 1], WEEKDAY_NAMES[day.weekday()]
    said = f"{day.day} {month}"
    forms = [said, f"{month} {day.day}", f"{weekday} {said}", f"{weekday[:3]} {day.day} {month[:3]}"]
    ahead = (day - written).days
    if is_relative and ahead == 1:
        forms = ["tomorrow"]
    elif is_relative and 2 <= ahead <= 7:
        forms = [f"next {weekday}"]
    return Value(forms=tuple(forms), said=said, groups=((said, day.isoformat()),))


def day_ahead(least: int = 2, most: int = 60, *, relative: float = 0.12) -> Slot:
    """Draw a day so many days after the note."""

    def draw(scene: Scene, _: Mapping[str, Value]) -> Value:
        written = scene.at.date()
        is_relative = scene.is_one_note and scene.chance(relative)
        ahead = scene.random.randint(1, 7) if is_relative else scene.random.randint(least, most)
        return day_value(written + timedelta(days=ahead), written, is_relative=is_relative)

    return draw


def day_of_year(scene: Scene, _: Mapping[str, Value]) -> Value:
    """Draw a day of any year, such as a birthday."""
    day = date(2024, 1, 1) + timedelta(days=scene.random.randint(0, 365))
    month = MONTH_NAMES[day.month - 1]
    said = f"{day.day} {month}"
    return Value(forms=(said, f"{month} {day.day}"), said=said, groups=((said,),))


def clock(scene: Scene, _: Mapping[str, Value]) -> Value:
    """Draw a time of day."""
    hour, minute = scene.random.randint(7, 21), scene.random.choice((0, 0, 15, 20, 30, 30, 40, 45))
    twelve = f"{(hour - 1) % 12 + 1}{'' if minute == 0 else f':{minute:02}'} {'am' if hour < 12 else 'pm'}"
    said = f"{hour}:{minute:02}"
    forms = (said, said, twelve, f"{hour}.{minute:02}") if minute else (said, said, twelve)
    return Value(forms=forms, said=said, groups=((said,),))


def weekday(scene: Scene, _: Mapping[str, Value]) -> Value:
    """Draw a day of the week."""
    return Value.of(scene.random.choice(WEEKDAY_NAMES))


def money(least: int, most: int) -> Slot:
    """Draw an amount of money."""

    def draw(scene: Scene, _: Mapping[str, Value]) -> Value:
        amount = scene.random.randint(least, most)
        cents = scene.random.choice(("", "", ".50", ".90", ".20"))
        currency = scene.pick(names.CURRENCIES)
        number = f"{amount}{cents}"
        return Value.of(f"{number} {currency}", accepted=(number,))

    return draw


def number(least: int, most: int, unit: str = "") -> Slot:
    """Draw a whole number, with a unit behind it where one is given."""

    def draw(scene: Scene, _: Mapping[str, Value]) -> Value:
        amount = str(scene.random.randint(least, most))
        return Value.of(f"{amount} {unit}".strip(), accepted=(amount,))

    return draw


def one_of(pool: Sequence[str]) -> Slot:
    """Draw a word of a pool."""

    def draw(scene: Scene, _: Mapping[str, Value]) -> Value:
        return Value.of(scene.pick(pool))

    return draw


def list_of(words: Sequence[str]) -> str:
    """Return words as a list in a sentence: ``one, two and three``."""
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def several_of(pool: Sequence[str], least: int = 3, most: int = 4) -> Slot:
    """Draw a list; an answer must hold each of its members."""

    def draw(scene: Scene, _: Mapping[str, Value]) -> Value:
        words = scene.random.sample(list(scene.half(pool)), scene.random.randint(least, most))
        forms = (list_of(words), ", ".join(words))
        return Value(forms=forms, said=forms[0], groups=tuple((word,) for word in words))

    return draw


def someone(scene: Scene, _: Mapping[str, Value]) -> Value:
    """Draw a person's name: first name, both, or a title with the last."""
    first, last = scene.pick(names.FIRST), scene.pick(names.LAST)
    way = scene.random.random()
    if way < 0.45:
        return Value.of(first)
    if way < 0.8:
        return Value.of(f"{first} {last}", accepted=(first, last))
    return Value.of(f"{scene.random.choice(('Dr.', 'Mrs.', 'Mr.', 'Ms.'))} {last}", accepted=(last,))


def full_name(scene: Scene, _: Mapping[str, Value]) -> Value:
    """Draw a first and a last name."""
    first, last = scene.pick(names.FIRST), scene.pick(names.LAST)
    return Value.of(f"{first} {last}", accepted=(first, last))


def first_name(scene: Scene, _: Mapping[str, Value]) -> Value:
    """Draw a first name."""
    return Value.of(scene.pick(names.FIRST))


def phone(scene: Scene, _: Mapping[str, Value]) -> Value:
    """Draw a telephone number."""
    return Value.of(f"0{scene.random.randint(100, 999)} {scene.random.randint(10000, 99999)}")


def code(scene: Scene, _: Mapping[str, Value]) -> Value:
    """Draw a code or a password."""
    digits = scene.random.randint(1000, 9999)
    letters = "".join(scene.random.choice("ABCDEFGHJKLMNPRSTUVWXYZ") for _ in range(2))
    word = scene.pick(names.CODE_WORDS)
    return Value.of(
        scene.random.choice((str(digits), f"{word}-{digits % 100:02}", f"{letters}{digits}", f"{word}{digits}"))
    )


def total_of(*slots: str, unit: str = "") -> Slot:
    """Add up the numbers that other slots were given."""

    def draw(_: Scene, values: Mapping[str, Value]) -> Value:
        amount = str(sum(int(values[slot].said.split()[0]) for slot in slots))
        return Value.of(f"{amount} {unit}".strip(), accepted=(amount,))

    return draw
