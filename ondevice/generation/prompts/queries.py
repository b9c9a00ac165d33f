"""What is searched for: a request, and one that follows others together with what it follows."""

from __future__ import annotations

from collections.abc import Sequence

from ondevice.generation.prompts.chat import Message
from ondevice.generation.prompts.prompt import query_for
from ondevice.generation.prompts.refusal import refuses

ANSWER_CHARS = 200
"""So much of the last answer, from its beginning, says what it was about."""


def queries_for(task: str, request: str, earlier: Sequence[Message] = ()) -> tuple[str, ...]:
    """Return the texts to search for; the hits of several are to be fused.

    In a conversation the first is the request alone, because it may begin something new, and the second has the user's
    last turn before it, and the answer to that: ``What did she do yesterday?`` names nobody.

    Args:
        task: What kind of request it is; only ``chat`` has conversations.
        request: What is asked now.
        earlier: The turns before it, oldest first.

    Raises:
        ValueError: If there is no such task.
    """
    alone = query_for(task, request)
    before = _last_turns(earlier) if task == "chat" else []
    return (alone, "\n".join((*before, alone))) if before else (alone,)


def _last_turns(earlier: Sequence[Message]) -> list[str]:
    """Return the user's last turn and the beginning of what was answered, if that said anything."""
    place = next((place for place in reversed(range(len(earlier))) if earlier[place].role == "user"), None)
    if place is None:
        return []
    answers = [turn.content for turn in earlier[place + 1 :] if not refuses(turn.content)]
    return [text for text in (earlier[place].content, *(answer[:ANSWER_CHARS] for answer in answers[-1:])) if text]
