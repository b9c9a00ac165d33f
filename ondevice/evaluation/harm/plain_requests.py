"""All requests that need no history, and which of them each user is asked."""

from __future__ import annotations

from ondevice.evaluation.harm.plain_questions import ARITHMETIC, KNOWLEDGE, WORDS
from ondevice.evaluation.harm.plain_request import PlainRequest, requests_of
from ondevice.evaluation.harm.plain_tasks import FORMATTING, REWRITING
from ondevice.evaluation.note_reading.questions import dice_of

PLAIN_REQUESTS: tuple[PlainRequest, ...] = (
    *requests_of("knowledge", KNOWLEDGE),
    *requests_of("arithmetic", ARITHMETIC),
    *requests_of("words", WORDS),
    *requests_of("rewriting", REWRITING),
    *requests_of("formatting", FORMATTING),
)


def plain_requests_for(name: str, n: int, *, seed: int) -> tuple[PlainRequest, ...]:
    """Draw ``n`` requests for a user, all where there are no more, and return them in their order.

    Users get different ones, so that a mean over users is one over requests too.

    Args:
        name: Tells the user from the others of a run.
        n: How many.
        seed: The same seed and name draw the same requests.
    """
    places = dice_of(f"{seed} {name} needs no history").permutation(len(PLAIN_REQUESTS))[:n]
    return tuple(PLAIN_REQUESTS[place] for place in sorted(places))
