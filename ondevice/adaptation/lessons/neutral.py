"""What a neutral writer would have put: a short post without the habits by which its author is known.

From the neutral wording back to the user's own is what an adapter for paraphrased posts has to learn. A language model
could write such wordings better, but the small ones of a device say things that the post does not; rules do not. They
know English; of other languages they undo what is no matter of words: shouting, stretched letters, marks.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Mapping

_SHORT_FORMS: Mapping[str, str] = {
    "2day": "today",
    "2nite": "tonight",
    "ain't": "is not",
    "b4": "before",
    "bc": "because",
    "cant": "cannot",
    "can't": "cannot",
    "coz": "because",
    "cuz": "because",
    "gonna": "going to",
    "gotta": "have to",
    "gr8": "great",
    "i'm": "I am",
    "im": "I am",
    "it's": "it is",
    "kinda": "kind of",
    "lil": "little",
    "luv": "love",
    "n": "and",
    "nite": "night",
    "nope": "no",
    "pls": "please",
    "plz": "please",
    "r": "are",
    "that's": "that is",
    "thats": "that is",
    "tho": "though",
    "thx": "thanks",
    "tmrw": "tomorrow",
    "tonite": "tonight",
    "u": "you",
    "ur": "your",
    "wanna": "want to",
    "wit": "with",
    "won't": "will not",
    "wont": "will not",
    "yeah": "yes",
    "yep": "yes",
}
_ENDINGS: Mapping[str, str] = {
    "n't": " not",
    "nt": " not",
    "'ve": " have",
    "'ll": " will",
    "'re": " are",
    "'d": " would",
}
_AUXILIARIES = frozenset(
    {"do", "does", "did", "is", "are", "was", "were", "has", "have", "had", "would", "could", "should"}
)
_NOISE = frozenset({"lol", "lmao", "omg", "haha", "hahaha", "hehe", "xd", "rofl", "ugh", "heh"})

_ADDRESS = re.compile(r"https?://\S+|www\.\S+")
_STRETCHED = re.compile(r"([^\W\d_])\1{2,}")
_STOPS = re.compile(r"\s*(?:[.!?…]{2,}|[!…])")
_SMILE = re.compile(r"(?<!\w)[:;=8][-o*']?[()\[\]dDpP/\\](?!\w)|<3")
_WORD = re.compile(r"(?<![@\w'])#?(?!@)[^\W_][\w']*")
_FIRST = re.compile(r"(?:^|(?<=[.?] ))((?:@\w+[\s,:]*)*)([^\W\d_])")
_SHOUTED = 5  # so many capitals in a row are no abbreviation
_MOST_CAPITALS = 0.8
_SYMBOLS = ("So", "Sk", "Cs", "Co", "Cn")
"""Unicode's categories of pictures, modifiers, and what is no character."""


def neutral(text: str) -> str:
    """Return a post in neutral wording: names and matter stay, short forms, shouting, marks and laughter go."""
    plain = _SMILE.sub(" ", _ADDRESS.sub(" ", html.unescape(text)))
    plain = "".join(" " if unicodedata.category(character) in _SYMBOLS else character for character in plain)
    plain = _STOPS.sub(lambda found: "?" if "?" in found[0] else ".", _STRETCHED.sub(r"\1", plain))
    plain = " ".join(_WORD.sub(_spelled_out, _without_capitals(plain)).split())
    plain = re.sub(r"\s+([.,?])", r"\1", plain).lstrip(".,? ")
    plain = _FIRST.sub(lambda found: found[1] + found[2].upper(), plain)
    return plain if not plain or plain[-1] in ".?" else f"{plain}."


def _spelled_out(found: re.Match[str]) -> str:
    word = found[0].lstrip("#")
    low = word.casefold()
    if low in _NOISE:
        return ""
    if low in _SHORT_FORMS:
        return _SHORT_FORMS[low]
    for ending, full in _ENDINGS.items():
        stem = low.removesuffix(ending)
        if stem != low and stem.isalpha() and (ending != "nt" or stem in _AUXILIARIES):
            return f"{stem}{full}" if stem != "i" else f"I{full}"
    is_shouted = word.isupper() and len(word) >= _SHOUTED
    return "I" if low == "i" else low if is_shouted else word


def _without_capitals(text: str) -> str:
    """Return a text that capitalizes most words without capitals, but for whom it names; others as they are."""
    words = [word for word in text.split() if word[0].isalpha()]
    if sum(word[0].isupper() for word in words) <= _MOST_CAPITALS * len(words):
        return text
    return " ".join(word if "@" in word else word.lower() for word in text.split())
