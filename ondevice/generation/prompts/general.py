"""Whether a question seems to be about none of the user's notes, so that the model may answer from what it knows.

A reader would refuse it, rightly: the notes do not say what the capital of France is. But nobody asked the notes.

Two things must hold: the question is worded as one about the world and names no note (:func:`names_no_note`), which
costs nothing to see, and none is near (:func:`is_far`), for which the nearest has to be looked for.

Of 1,824 questions of eighteen invented people about their notes none seems so, also where these notes do not say it or
were forgotten; of 70 general ones every other does (``benchmarks.general_questions``). Without the first test 73 of
1,225 seemed so, and 24 of these got an answer that was made up: of the two mistakes that can be made here, that one is
the worse by far. The model must be sure of what it says as well.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ondevice.generation.prompts.world_questions import asks_about_the_world

FAR = 0.35
"""A note that is less near is about something else: its cosine, reckoned from what unrelated texts have."""

_MOST_SHARED = 0.5
"""A question of whose words the notes hold more than this part may be about them."""
_STEM_CHARS = 6
_WORD = re.compile(r"[^\W_]+")
_FOREIGN = re.compile(r"[^\W\d_a-zA-Z\u00c0-\u024f]")
"""A letter that is not Latin: vectors and words say little of such a question here."""
_FIRST_PERSON = re.compile(
    r"\b(?:i|me|my|mine|myself|we|us|our|ours|ich|mich|mir|mein|meine|meinen|meinem|meiner|wir|uns|unser|"
    r"unsere|je|moi|mon|ma|mes|nous|notre|nos|yo|mi|mis|nosotros|nuestro|nuestra|io|mio|mia|miei|noi|"
    r"nostro|nostra|eu|meu|minha)\b"
)
"""Words for who asks, in some languages."""
_SAYING_NOTHING = re.compile(
    r"\b(?:what|which|when|where|who|whom|whose|why|how|does|did|was|were|are|the|and|for|with|from|that|this|"
    r"these|those|have|has|had|much|many|long|will|would|can|could|should|there|their|them|they|about|"
    r"into|than|then|come|comes|make|made|call|called|give|name|number|after|before|between|during|again|"
    r"please|tell)\b"
)


def is_far(nearest: float | None) -> bool:
    """Say whether the nearest note is about something else.

    Args:
        nearest: How near it is, 1 the nearest; ``None`` where nobody knows, and then it is not.
    """
    return nearest is not None and nearest < FAR


def names_no_note(queries: Sequence[str], texts: Sequence[str]) -> bool:
    """Say whether a question's own words speak of the world, and neither of the user nor of what was found.

    Args:
        queries: The question, and in a conversation once more with what it follows.
        texts: What was found for it.
    """
    asked = " ".join(queries)
    if not asks_about_the_world(queries[0]) or _FOREIGN.search(asked) or _FIRST_PERSON.search(asked.lower()):
        return False
    words, known = _stems(asked), _stems(" ".join(texts))
    return bool(words) and len(words & known) <= _MOST_SHARED * len(words)


def _stems(text: str) -> set[str]:
    """Return the beginnings of the words that say something."""
    said = _WORD.findall(_SAYING_NOTHING.sub("", text.lower()))
    return {word[:_STEM_CHARS] for word in said if len(word) > 2}
