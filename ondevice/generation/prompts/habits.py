"""How somebody writes, counted: usual length, signs and case, and the words that return. Nothing is guessed."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

_OFTEN = 0.25
"""A sign in fewer of the texts than this is no habit."""

_SHOWN_WORDS = 5
_RETURNS_IN = 3
"""A word in fewer texts than this may be there by chance."""

_WORD = re.compile(r"[^\W\d_]{5,}")

_SIGNS: Mapping[str, Callable[[str], bool]] = {
    "have a question mark": lambda text: "?" in text,
    "have an exclamation mark": lambda text: "!" in text,
    "have a colon": lambda text: ":" in text,
    "have a number": lambda text: any(character.isdigit() for character in text),
    "have a hashtag": lambda text: re.search(r"#\w", text) is not None,
    "name somebody with @": lambda text: re.search(r"@\w", text) is not None,
    "have an emoji": lambda text: any(unicodedata.category(character) == "So" for character in text),
    "have no capital letter": lambda text: text == text.lower() != text.upper(),
    "are all in capitals": lambda text: text == text.upper() != text.lower(),
    "have every long word capitalized": lambda text: _is_headline_case(text),
}


def describe_habits(texts: Sequence[str], noun: str) -> str:
    """Return one sentence on how the texts, called ``noun``, are written.

    Raises:
        ValueError: If there are no texts.
    """
    if not texts:
        raise ValueError("there are no texts to describe")
    lengths = sorted(len(text.split()) for text in texts)
    low, high = lengths[len(lengths) // 10], lengths[-1 - len(lengths) // 10]
    facts = [
        f"This user's {noun} mostly have {low} to {high} words"
        if low != high
        else f"This user's {noun} mostly have {low} words"
    ]
    shares = ((name, sum(map(has, texts)) / len(texts)) for name, has in _SIGNS.items())
    facts += [f"{share:.0%} {name}" for name, share in shares if share >= _OFTEN]
    words = returning_words(texts)
    if words:
        facts.append(f"words that return: {', '.join(words)}")
    return "; ".join(facts) + "."


def returning_words(texts: Sequence[str]) -> list[str]:
    """Return the words of five letters or more that most texts share, the commonest first; at most five."""
    counts = Counter(word for text in texts for word in sorted(set(_WORD.findall(text.casefold()))))
    common = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return [word for word, n in common if n >= _RETURNS_IN][:_SHOWN_WORDS]


def _is_headline_case(text: str) -> bool:
    words = re.findall(r"[^\W\d_]{4,}", text)
    return len(words) > 1 and all(word[0].isupper() for word in words) and text != text.upper()
