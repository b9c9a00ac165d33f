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
        held_out=(f"What is the price of {what}?", f"How expensive will {what} be?", *held_out),
    )


def who(what: str, *, train: tuple[str, ...] = (), held_out: tuple[str, ...] = ()) -> Wordings:
    """Return questions for a name, such as ``my landlord``."""
    return Wordings(
        train=(f"Who is {what}?", f"What is {what} called?", f"Tell me who {what} is.", *train),
        held_out=(f"What's the name of {what}?", f"Do you know who {what} is?", *held_out),
    )


def number_of(what: str, *, train: tuple[str, ...] = (), held_out: tuple[str, ...] = ()) -> Wordings:
    """Return questions for a number or code, such as ``the serial number of my {topic}``."""
    return Wordings(
        train=(f"What is {what}?", f"I need {what}.", f"Can you give me {what}?", *train),
        held_out=(f"Look up {what} for me.", f"What was {what} again?", *held_out),
    )


def kept(what: str, *, train: tuple[str, ...] = (), held_out: tuple[str, ...] = ()) -> Wordings:
    """Return questions for where a thing lies."""
    return Wordings(
        train=(f"Where do I keep {what}?", f"Where can I find {what}?", f"Where did I put {what}?", *train),
        held_out=(f"Which spot did I choose for {what}?", f"I am looking for {what}, any idea where?", *held_out),
    )


def how_many(what: str, rest: str, *, train: tuple[str, ...] = (), held_out: tuple[str, ...] = ()) -> Wordings:
    """Return questions for a number, such as ``grams of flour`` and ``go into the cake``."""
    return Wordings(
        train=(
            f"How many {what} {rest}?",
            f"Tell me how many {what} {rest}.",
            f"Do you remember how many {what} {rest}?",
            *train,
        ),
        held_out=(f"What number of {what} {rest}?", f"I forgot how many {what} {rest}.", *held_out),
    )


def lives(who: str) -> Wordings:
    """Return questions for where somebody lives."""
    return Wordings(
        train=(
            f"Where does {who} live?",
            f"In which town does {who} live?",
            f"Which town does {who} live in these days?",
            f"Do I know where {who} lives?",
        ),
        held_out=(
            f"What city is {who} living in?",
            f"Remind me where {who} lives.",
            f"If I visit {who}, which city do I go to?",
        ),
    )


def works(who: str) -> Wordings:
    """Return questions for where somebody works."""
    return Wordings(
        train=(
            f"Where does {who} work?",
            f"At which place does {who} work?",
            f"Who does {who} work for?",
            f"Can you tell me where {who} works?",
        ),
        held_out=(
            f"What is {who}'s place of work?",
            f"Where is {who} employed?",
            f"Remind me where {who} has a job.",
        ),
    )


def telephone(who: str) -> Wordings:
    """Return questions for somebody's telephone number."""
    return Wordings(
        train=(
            f"What is the phone number of {who}?",
            f"Which number do I dial to reach {who}?",
            f"Give me the number of {who}.",
            f"How can I reach {who} by phone?",
        ),
        held_out=(
            f"What number does {who} have?",
            f"I need to call {who}, what number?",
            f"Under which number is {who} reached?",
        ),
    )
