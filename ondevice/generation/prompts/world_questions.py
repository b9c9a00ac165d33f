"""Whether a question is worded as one about the world, and not about somebody's life.

``What is the capital of France?`` is; ``When is cardboard collected?`` and ``What does Paula study?`` are not. A small
model answers the second kind as readily as the first, and makes up what it says, so whatever is in doubt counts as
about a life. What people ask of their notes, they ask of definite things (``the guest mattress``), of people, of times,
and in headings (``Kayak: lent to whom?``).

It looks at English words, not at sense: ``Who won the world cup?`` is about a life here, ``What is a good plumber
called?`` is not. No other language is about the world.
"""

from __future__ import annotations

import re

_ASIDES = re.compile(
    r"(?:please |so |and |but |now |then |ok |okay |hi |hello |hey |,)*"
    r"(?:(?:do|can|could|would) you (?:know|tell me) |tell me )?",
    re.IGNORECASE,
)
_BEGINS = re.compile(
    r"(?:(?:in|on|at|to|from|by|of|for|with|about|under|into|how) )*"
    r"(?:what(?:'s)?|which|who(?:'s)?|how|where|why|is|are|do|does|can)\b",
    re.IGNORECASE,
)
"""A question in a sentence, of what holds now and always."""
_OF_A_LIFE = re.compile(
    r"\b(?:when|until|till|since|whose|whom|ago|yesterday|today|tonight|tomorrow|now|currently|recently|again|"
    r"(?:last|this|next|every) (?:time|day|week|weekend|month|year|spring|summer|autumn|winter|morning|evening|night)|"
    r"did|was|were|had|will|would|should|"
    r"this|that|these|those|it|its|he|him|his|she|her|hers|they|them|their|theirs|you|your|yours|here|one|ones|"
    r"aunt|uncle|mother|mum|mom|father|dad|parents?|sister|brother|son|daughter|wife|husband|partner|cousin|niece|"
    r"nephew|grand\w+|neighbou?rs?|friends?|colleagues?|boss|landlord|landlady|family|mr|mrs|ms|miss|dr|"
    r"(?:is|are) (?:\w+ing|left|free|open|closed|on|off|next|due|ready|needed|for|at)|has an?|taking place|"
    r"guests?|practice|rehearsal|lunch|dinner|parking|flight|costs?|price|paid|phone|address|street|floor|hotel|room|"
    r"night|bus|doctor|warranty|weekday)\b|"
    r"(?<=\w)['\u2019]s\b(?<!what['\u2019]s)(?<!who['\u2019]s)|s['\u2019](?!\w)",
    re.IGNORECASE,
)
"""Words for times, for people, for what was spoken of before, and for daily matters."""
_KNOWN_TO_ALL = re.compile(
    r"\bin the (?:air|alphabet)\b|"
    r"\bthe (?=(?:[\w-]+ ){1,4}?of\b)|"
    r"\bthe (?=(?:\w+est|most|only|same|sun|moon|earth|sky|world|universe|solar system|equator|human \w+|body|"
    r"symbol|chemical|word|number|letter)\b)",
    re.IGNORECASE,
)
"""What may stand in such a question although it is definite: one of its kind, or said to be of something."""
_DEFINITE = re.compile(r"\bthe\b", re.IGNORECASE)
_NAME = re.compile(
    r"(?<=[^.?!] )(?!(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|January|February|March|April|May|June|July|August|"
    r"September|October|November|December|Celsius|Fahrenheit)[A-Z]\w*[a-z]{2}"
)
"""A capital letter where no sentence begins, but for days, months and degrees."""
_COUNTRY_OF = re.compile(
    r"\b(?:capital|currency|language|flag|population|president|anthem|continent|author|inventor)(?: city)? of [A-Z]\w+"
)


def asks_about_the_world(question: str) -> bool:
    """Say whether a question is worded as one about the world.

    Args:
        question: One question, without what it follows.
    """
    said = _ASIDES.sub("", " ".join(question.split()), count=1)
    if not _BEGINS.match(said) or ":" in said or _OF_A_LIFE.search(said):
        return False
    plain = _COUNTRY_OF.sub("", _KNOWN_TO_ALL.sub("", said))
    return not (_DEFINITE.search(plain) or _NAME.search(plain))
