"""Values that only some families draw: small numbers, hours, references, measures."""

from __future__ import annotations

from collections.abc import Mapping

from ondevice.evaluation.people.scene import Scene
from ondevice.evaluation.people.values import Slot, Value
from ondevice.generation.prompts.calendar_words import MONTH_NAMES, WEEKDAY_NAMES

_WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"


def few(least: int, most: int, unit: str) -> Slot:
    """Draw a small number of something, which a note may also write in words."""

    def draw(scene: Scene, _: Mapping[str, Value]) -> Value:
        amount = scene.random.randint(least, most)
        said = f"{amount} {unit}"
        return Value.of(said, said, f"{_WORDS[amount]} {unit}", accepted=(str(amount),))

    return draw


def labelled(label: str, least: int, most: int) -> Slot:
    """Draw a number with its label before it, such as ``platform 4``."""

    def draw(scene: Scene, _: Mapping[str, Value]) -> Value:
        return Value.of(f"{label} {scene.random.randint(least, most)}")

    return draw


def hour(least: int, most: int) -> Slot:
    """Draw a full or half hour of the day."""

    def draw(scene: Scene, _: Mapping[str, Value]) -> Value:
        at, minute = scene.random.randint(least, most), scene.random.choice(("00", "30"))
        twelve = f"{(at - 1) % 12 + 1}{'' if minute == '00' else ':30'} {'am' if at < 12 else 'pm'}"
        return Value.of(f"{at}:{minute}", f"{at}:{minute}", twelve, f"{at}.{minute}")

    return draw


def span(scene: Scene, _: Mapping[str, Value]) -> Value:
    """Draw some hours of a day in which something is expected."""
    start = scene.random.randint(7, 17)
    end = start + scene.random.randint(2, 4)
    first, last = f"{start}:00", f"{end}:00"
    forms = (f"between {first} and {last}", f"from {first} to {last}", f"between {start} and {end} o'clock")
    return Value(forms=forms, said=forms[0], groups=((first, f"{start}"), (last, f"{end}")))


def weekly(scene: Scene, _: Mapping[str, Value]) -> Value:
    """Draw a day of every week."""
    day = scene.random.choice(WEEKDAY_NAMES)
    return Value.of(day, accepted=(f"{day}s",))


def month(scene: Scene, _: Mapping[str, Value]) -> Value:
    """Draw a month of a year to come."""
    at, year = scene.random.randint(1, 12), scene.now.year + scene.random.randint(1, 6)
    said, figures = f"{MONTH_NAMES[at - 1]} {year}", f"{at:02}/{year}"
    return Value.of(said, said, said, figures, accepted=(figures, f"{year}-{at:02}"))


def reference(scene: Scene, _: Mapping[str, Value]) -> Value:
    """Draw a number by which a thing, a booking or a contract is known."""
    letters = "".join(scene.random.choice(_LETTERS) for _ in range(scene.random.randint(1, 3)))
    digits = str(scene.random.randint(10_000, 999_999))
    parts = scene.random.choice(((letters, "-", digits), (digits, "", letters), (digits[:3], " ", digits[3:])))
    return Value.of("".join(parts), accepted=(f"{parts[0]}{parts[2]}", f"{parts[0]} {parts[2]}"))


def size(least: int, most: int) -> Slot:
    """Draw a size as it is sewn into clothes."""

    def draw(scene: Scene, _: Mapping[str, Value]) -> Value:
        return Value.of(str(scene.random.randint(least, most)))

    return draw


def centimetres(least: int, most: int) -> Slot:
    """Draw a length."""

    def draw(scene: Scene, _: Mapping[str, Value]) -> Value:
        amount = scene.random.randint(least, most)
        return Value.of(f"{amount} cm", f"{amount} cm", f"{amount} centimetres", accepted=(str(amount),))

    return draw


def counted(unit: str) -> Slot:
    """Draw more than one of a kind of thing, such as ``3 drops``."""
    return few(2, 9, unit)
