"""More wordings of questions that families share: amounts, lengths of time, places people live and work in."""

from __future__ import annotations

from ondevice.evaluation.people.scene import Wordings


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
