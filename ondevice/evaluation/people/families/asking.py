"""Wordings of questions that many families share, so that each asks in many ways."""

from __future__ import annotations

from ondevice.evaluation.people.scene import Wordings


def same(*answers: str) -> Wordings:
    """Return answers that both splits give: how an answer is worded is meant to be learned."""
    return Wordings(train=answers, held_out=answers)


def when(what: str, *, train: tuple[str, ...] = (), held_out: tuple[str, ...] = ()) -> Wordings:
    """Return questions for the day of something, such as ``the {topic}``."""
    return Wordings(
        train=(f"When is {what}?", f"On which day is {what}?", f"Can you tell me when {what} is?", *train),
        held_out=(f"What day is {what}?", f"Remind me when {what} is.", *held_out),
    )


def where(what: str, *, train: tuple[str, ...] = (), held_out: tuple[str, ...] = ()) -> Wordings:
    """Return questions for the place of something."""
    return Wordings(
        train=(f"Where is {what}?", f"Where do I have to go for {what}?", f"In which place is {what}?", *train),
        held_out=(f"Where does {what} take place?", f"What is the place of {what}?", *held_out),
    )


def how_much(what: str, *, train: tuple[str, ...] = (), held_out: tuple[str, ...] = ()) -> Wordings:
    """Return questions for the price of something."""
    return Wordings(
        train=(f"How much is {what}?", f"What does {what} cost?", f"How much money does {what} take?", *train),
        held_out=(f"What is the price of {what}?", f"How expensive is {what}?", *held_out),
    )


def who(what: str, *, train: tuple[str, ...] = (), held_out: tuple[str, ...] = ()) -> Wordings:
    """Return questions for a name, such as ``my landlord``."""
    return Wordings(
        train=(f"Who is {what}?", f"What is {what} called?", f"Tell me who {what} is.", *train),
        held_out=(f"What's the name of {what}?", f"Do you know who {what} is?", *held_out),
    )
