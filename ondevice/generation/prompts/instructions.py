"""Whether a request asks for a text to be written, and not for what the notes say.

A reader has learned to answer from notes, or to say that they do not say; it would refuse to write a poem.
"""

from __future__ import annotations

import re

_ASIDES = re.compile(
    r"(?:\W|please\b|kindly\b|now\b|then\b|and\b|ok\b|okay\b|hi\b|hello\b|hey\b|(?:can|could|would|will) you\b|"
    r"i (?:want|need|would like) you to\b|i'd like you to\b|help me(?: to)?\b|let us\b|let's\b)+",
    re.IGNORECASE,
)
_WRITES = re.compile(
    r"(?:write|draft|compose|invent|imagine|translate|rewrite|rephrase|reword|paraphrase|summari[sz]e|shorten|continue|"
    r"complete|improve|correct|proofread|polish|convert|generate|create|make up|come up with|brainstorm|suggest|"
    r"recommend|propose|explain|describe|discuss|argue|compare|classify|reply|act as|pretend|"
    r"tell (?:me |us )?(?:a|another|some) (?:\w+ )?(?:joke|story|tale|poem|riddle))\b",
    re.IGNORECASE,
)


def asks_to_write(request: str) -> bool:
    """Say whether a request begins, after asides such as ``could you please``, with a verb of writing."""
    said = request.replace("\u2019", "'")  # as telephones write it
    aside = _ASIDES.match(said)
    return _WRITES.match(said, aside.end() if aside else 0) is not None
