"""Turns of talks: who tells whom, what is said before and after it, and how a turn is written down.

A turn stands alone where it is found. It seldom says who speaks of whom; that is written beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from ondevice.evaluation.people.family import Family
from ondevice.evaluation.people.scene import Scene, Wordings
from ondevice.evaluation.people.small_talk import SENTENCES
from ondevice.evaluation.people.statement import Statement
from ondevice.evaluation.people.values import Value
from ondevice.records import Draft

_LED, _ANSWERED = 0.6, 0.6
"""The part of the told statements that are asked for in a turn before, and answered in one after."""

_OPENERS = (
    "Hey {to}!", "Hi {to},", "Thanks, {to}!", "Good to hear from you, {to}.", "Wow, {to}!", "Oh {to},",
    "Yeah, totally.",
    "Haha, right.", "You know what, {to}?", "Long time no see, {to}!", "Glad you asked.", "Funny that you ask.",
    "I agree, {to}.", "So true.", "Well, {to},", "Guess what!", "Same here.", "Absolutely, {to}.", "Hello {to}!",
    "Good morning, {to}!", "Been a while, {to}!", "Cheers, {to}.", "Aw, thanks!", "Exactly, {to}!",
)  # fmt: skip
_CLOSERS = (
    "How about you?", "What have you been up to?", "What do you think?", "Any news from you?", "It means a lot to me.",
    "I'm so excited!", "It was so much fun.", "I can't wait to tell you more.", "You would love it.",
    "Fingers crossed!",
    "It really made my week.", "Have you ever tried that?", "It has been a journey.", "I'll send you a picture later.",
    "Life is full of surprises.", "It still feels unreal.", "I'm grateful for it.", "Wish you had been there!",
    "Let's talk more soon.", "What's new on your side?", "Couldn't be happier.", "You should come along one day.",
)  # fmt: skip
_REACTIONS = Wordings(
    train=(
        "Wow, {talker}, that sounds amazing!",
        "That's so cool, {talker}! I'm really happy for you.",
        "Oh {talker}, I can imagine. Keep me posted!",
        "Sounds great, {talker}. You must be proud of yourself.",
        "I love that, {talker}. I have been busy with work and not much else.",
        "Really? I would never have thought so. Tell me more when we meet, {talker}.",
        "Good for you, {talker}! I could use some of your energy.",
        "That must have been something. Thanks for telling me, {talker}.",
        "Nice! We should all have more of that in our lives.",
        "Ha, that's so you, {talker}. Let's talk about it over a coffee.",
    ),
    held_out=(
        "Awesome, {talker}! Sounds like a dream.",
        "That's wonderful to hear. I've not got much to tell, only work and sleep.",
        "You always surprise me, {talker}. How do you feel about it now?",
        "Incredible, {talker}! Please show me next time.",
        "I get that, {talker}. It is good to have you as a friend.",
    ),
)
_KINDS = ("chat", "message", "conversation")


def told(statements: Sequence[Statement], told_by: Sequence[str], values: Mapping[str, Value]) -> list[Statement]:
    """Return statements with who says each of them to whom; where there are fewer than notes, the first ones say them.

    Args:
        statements: What is said.
        told_by: For each, ``talker`` or ``listener``.
        values: The names of these two.
    """
    names = {name: values[name].said for name in ("talker", "listener")}
    other = {"talker": names["listener"], "listener": names["talker"]}
    return [
        replace(statement, by=names[by], to=other[by])
        for statement, by in zip(statements, told_by, strict=False)  # a glimpse is one note in place of all
    ]


def around(scene: Scene, family: Family, last: Statement, values: Mapping[str, Value]) -> list[Statement]:
    """Return the turns around a statement, which tell nothing: the listener asks for it, and answers it."""
    names = (values["talker"].said, values["listener"].said)
    if len(set(family.told_by)) > 1:
        return []  # each of the two tells something: who answers whom is said
    turns = []
    if family.lead is not None and scene.chance(_LED):
        turns.append((scene.say(family.lead, values), -1))
    if scene.chance(_ANSWERED):
        turns.append((scene.say(_REACTIONS, values), 1))
    return [
        Statement(text=text, at=last.at + timedelta(minutes=minutes), by=names[1], to=names[0])
        for text, minutes in turns
    ]


def turn(scene: Scene, statement: Statement, *, id: str) -> Draft:
    """Return an item that holds a turn of a talk: the statement, between what people say before and after."""
    is_addressed = statement.to in statement.text
    opener = scene.pick(_OPENERS).format(to=statement.to) if scene.chance(0.5) and not is_addressed else ""
    between = scene.pick(SENTENCES) if scene.chance(0.2) else ""
    closer = scene.pick(_CLOSERS) if scene.chance(0.4) else ""
    said = " ".join(part for part in (opener, between, statement.text, closer) if part)
    if scene.chance(0.5):
        fields = {"from": statement.by, "to": statement.to}
        return Draft(id=id, text=said, kind="message", fields=fields, time=statement.at)
    return Draft(id=id, text=f"{statement.by}: {said}", kind=scene.random.choice(_KINDS), time=statement.at)
