"""Questions that name what they are about by a word that only the conversation explains: ``When is it?``."""

from __future__ import annotations

import re
from random import Random

_NAMED = r"(?:(?:[Tt]he|[Mm]y|[Oo]ur|[Yy]our) )?\{topic\}"
_OWNER = re.compile(rf"{_NAMED}'s")
_PLACE = re.compile(rf"\b(?:in|at) {_NAMED}(?!\w)")
_THING = re.compile(r"\b(?:[Tt]he|[Mm]y|[Oo]ur|[Yy]our) \{topic\}(?! \{)")
_PERSON = re.compile(rf"(?P<before>\b\w+ )?{_NAMED}")
_BEFORE_OBJECT = frozenset(
    {"of", "for", "to", "with", "against", "on", "by", "from", "at", "in", "about", "as"}
    | {"reach", "give", "call", "ask", "visit", "get", "buy", "phone", "meet", "help", "bring", "need", "see"}
    | {"please", "treats", "makes", "recommended", "find", "inform"}
)
"""Words behind which a person is ``her`` or ``him``."""


def follow_up(template: str, random: Random, *, is_person: bool) -> str:
    """Return a question's template with a pronoun for its topic, or ``""`` where that makes no sentence.

    Args:
        template: The question.
        random: Decides whether a person is a she or a he.
        is_person: Whether the topic is one, and no thing or place.
    """
    if template.count("{topic}") != 1:
        return ""
    if not is_person:
        said = _OWNER.sub("its", template)
        said = _PLACE.sub("there", said)
        said = _THING.sub("it", said)
        return "" if "{topic}" in said else said[:1].upper() + said[1:]
    subject, object, owner = random.choice((("she", "her", "her"), ("he", "him", "his")))
    said = _OWNER.sub(owner, template)

    def pronoun(found: re.Match[str]) -> str:
        before = found["before"] or ""
        return before + (object if before.strip().lower() in _BEFORE_OBJECT else subject)

    said = _PERSON.sub(pronoun, said)
    return said[:1].upper() + said[1:]
