"""Families of stories: what is noted, what may be asked of it, and what the answer has to hold.

A family is a table. Its slots are drawn, its notes are written with them, its questions are answered from the same
slots, so each answer follows from the notes by construction.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from ondevice.evaluation.people.scene import Wordings
from ondevice.evaluation.people.values import Slot


@dataclass(frozen=True, kw_only=True, slots=True)
class Asking:
    """One question that a story answers.

    Args:
        questions: Its wordings; they may hold ``{topic}`` and any slot, except those that are asked for.
        answers: What the answer says.
        needs: The slots whose values an answer must hold.
        rests_on: The notes it follows from, as indices into the family's ``notes``.
        category: What reading it takes, such as ``fact``, ``two notes``, ``number``; reports count by it.
        listed: Where the answer is a list, the slot that each of the notes adds to it: those that are found make a
            shorter list, and no refusal. Empty where the answer needs all of its notes.
    """

    questions: Wordings
    answers: Wordings
    needs: tuple[str, ...]
    rests_on: tuple[int, ...] = (0,)
    category: str = "fact"
    listed: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Ending:
    """A later note by which the thing is off, so that every question is answered with that.

    Args:
        notes: The wordings of that note, with ``{topic}``.
        answer: What is then answered.
        required: One of these an answer must hold.
    """

    notes: Wordings
    answer: str
    required: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Glimpse:
    """A note that names the topic and tells less of it than the family's own notes, so that the rest is asked in vain.

    What is asked, and of what, is then worded as where it is answered: only the note shows that it is not.

    Args:
        notes: The wordings of that note, with ``{topic}`` and the slots that it tells.
        tells: Those slots; there may be none.
    """

    notes: Wordings
    tells: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Family:
    """One kind of story.

    Args:
        name: What it is called in reports of the generator.
        topics: What a story is about; no person has two stories of a family with the same topic.
        topics_are_people: Whether these are people, so that a follow-up says she or he and not it.
        slots: How each value is drawn, in this order.
        notes: One note each, written at different times. Together they hold every slot that is asked for.
        askings: What may be asked.
        changes: A later note that gives the ``changed`` slots new values, or ``None``.
        changed: Those slots.
        ending: A later note that ends the matter, or ``None``.
        glimpse: The only note of some stories, or ``None``.
        unsaid: Questions about ``{topic}`` that none of the notes ever answers.
        told_by: Of a talk, who says each of the notes, of themselves: ``talker`` or ``listener``, which are slots then,
            and whom the questions name. Empty where the notes are the person's own.
        lead: Of a talk, turns by which the listener asks about ``{topic}`` and tells nothing, or ``None``.
    """

    name: str
    topics: tuple[str, ...] = field(repr=False)
    topics_are_people: bool = False
    slots: Mapping[str, Slot] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    notes: tuple[Wordings, ...] = field(repr=False)
    askings: tuple[Asking, ...] = field(repr=False)
    changes: Wordings | None = field(default=None, repr=False)
    changed: tuple[str, ...] = ()
    ending: Ending | None = field(default=None, repr=False)
    glimpse: Glimpse | None = field(default=None, repr=False)
    unsaid: Wordings = field(repr=False)
    told_by: tuple[str, ...] = ()
    lead: Wordings | None = field(default=None, repr=False)
