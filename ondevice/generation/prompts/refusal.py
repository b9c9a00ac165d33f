"""How an answer says that the notes hold no answer, and how to tell that one says so."""

from __future__ import annotations

import re

REFUSAL = "Your notes do not say."
"""The one sentence that a model which reads notes is taught to refuse with."""

_NOT = r"(?: not|n't)"
_WAYS = (
    rf"(?:notes?|messages?|items?|history|they|it|that|this) (?:do|does|did){_NOT} "
    r"(?:say|tell|mention|hold|contain|state|specify|include|provide|give|answer)",
    rf"(?:is|are|was|were){_NOT} (?:mentioned|stated|said|given|specified|provided|recorded|in (?:your|the|my|these) "
    r"(?:notes?|messages?))",
    rf"(?:can|could|do){_NOT} (?:find|know|see|tell|answer|have (?:any|that|this|the|enough) "
    r"(?:information|note|details?|record))",
    r"can(?:not|'t) (?:find|know|see|tell|answer)",
    r"no (?:information|mention|note|record|details?|such|idea)\b",
    r"nothing (?:in|about) (?:your|the|my|these|it|that)\b",
    r"\b(?:not |un)known\b",
    r"unable to (?:find|answer|tell|say)",
)
_REFUSES = re.compile("|".join(_WAYS), re.IGNORECASE)
_FIRST_SENTENCE = re.compile(r"^.*?(?:[.!?](?=\s|$)|\n|$)", re.DOTALL)


def refuses(text: str) -> bool:
    """Say whether an answer admits that the notes do not hold what was asked for, in its first sentence."""
    first = _FIRST_SENTENCE.match(text.strip().replace("\u2019", "'"))
    return bool(first and _REFUSES.search(first[0]))
