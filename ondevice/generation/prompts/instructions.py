"""Whether a request asks for a text to be written, and not for what the notes say.

A reader has learned to answer from notes, or to say that they do not say; it would refuse to write a poem. So a verb of
writing at the beginning sends a request past the reader, unless it begins a title, as in ``Polish lessons: when?``.

What this cannot do: it knows English alone, so in every other language all is a question. It looks at words and not at
sense: ``Describe my landlord`` is a task, though the notes may say how he is; ``Imagine Dragons tickets`` is one, for
no question follows; ``A poem about Ana, please`` is none, for it begins with no verb.
"""

from __future__ import annotations

import re

_ASIDES = re.compile(
    r"(?:\W|please\b|kindly\b|now\b|then\b|and\b|ok\b|okay\b|hi\b|hello\b|hey\b|"
    r"(?P<ability>(?:can|could|would|will) you)\b|i (?:want|need|would like) you to\b|i'd like you to\b|"
    r"help me(?: to)?\b|let us\b|let's\b)+",
    re.IGNORECASE,
)
_WRITES = re.compile(
    r"(?:(?P<doubtful>draft|complete|correct|polish|reply)|"
    r"write|compose|invent|imagine|translate|rewrite|rephrase|reword|paraphrase|summari[sz]e|shorten|continue|"
    r"improve|proofread|convert|generate|create|make up|come up with|brainstorm|suggest|recommend|propose|explain|"
    r"describe|discuss|argue|compare|classify|act as|pretend|"
    r"tell (?:me |us )?(?:a|another|some) (?:\w+ )?(?:joke|story|tale|poem|riddle))(?![-'\w])",
    re.IGNORECASE,
)
"""Verbs of writing; the first are as often adjectives or nouns."""
_OBJECT = re.compile(
    r"\s*(?:[:\"]|to\s|(?:an?|the|this|these|those|that|it|them|me|us|him|my|our|your|his|her|their|some|any|all|each|"
    r"every|another|e-?mails?|letters?|messages?|texts?|answers?)(?![-'\w]))",
    re.IGNORECASE,
)
"""What follows a verb, and no adjective or noun."""
_ASKS = re.compile(
    r"\s*[:;,.!?\u2013\u2014-]+\s+(?:(?:and|so|but|or|by|until|since|from|at|in|on|to|with|for|of|about)\s+)*"
    r"(?:(?:when|where|who|whom|whose|what|which|why|how)\b(?:[^?]*\?|(?:\s+(?:much|many|long|far|often|time|day))?)|"
    r"(?:did|do|does|is|are|was|were|has|have|had|will|can|could|should|shall|must|am)\s+(?!you\b)\w[^?]*\?)\s*\Z",
    re.IGNORECASE,
)
"""A question at the end, behind something else; one of what the reader of the request can do is none."""
_TASK = re.compile(
    r"\s*\Z|\s*(?:(?:me|us)\s+)?(?:an?|some|another|\d+)\s|"
    r".*(?:\b(?:this|these|that|those|it|following|sentences?|texts?|questions?|paragraphs?)\b|\"|\binto [^\W_]+\W*\Z)",
    re.IGNORECASE | re.DOTALL,
)
"""What stands between the verb and a question where that is a text to work on, or what something new is about."""
_TITLE_CHARS = 300
"""What is longer, with the question behind it, is no title."""
_QUOTED = re.compile(r"\"[^\"]*\"|\u201c[^\u201d]*\u201d|\u00ab[^\u00bb]*\u00bb|(?<!\w)'[^'\n]*'(?!\w)")


def asks_to_write(request: str) -> bool:
    """Say whether a request begins, after asides such as ``could you please``, with a verb of writing.

    The word is no verb where a question follows it, unless that is the text to work on, as in ``Translate this: where
    is the station?``, and where it is as often an adjective or a noun, and no object follows.
    """
    said = request.replace("\u2019", "'")  # as telephones write it
    aside = _ASIDES.match(said)
    verb = _WRITES.match(said, aside.end() if aside else 0)
    if verb is None:
        return False
    rest, is_doubtful = said[verb.end() :], verb["doubtful"] is not None
    question = None
    if len(rest) <= _TITLE_CHARS:
        rest = _QUOTED.sub('""', rest)
        question = _ASKS.search(rest)
    if question is not None:
        head = rest[: question.start()]
        is_given = _TASK.match(head) is not None and (bool(head) or not is_doubtful)
        return is_given and (not is_doubtful or _OBJECT.match(rest) is not None)
    if not is_doubtful:
        return True
    is_ability_asked = aside is not None and aside["ability"] is not None
    return _OBJECT.match(rest) is not None and (is_ability_asked or not rest.rstrip().endswith("?"))
