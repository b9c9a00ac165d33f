"""The words of a text, as full-text search knows them: in an item, and in a query.

The profile's index uses them, and so does whoever must find what it would find without a profile: training data is to
show a model the items that it will be shown later.

SQLite's word splitter folds to lower case without accents and removes English endings (Porter 1980), which leaves other
languages' words as they are, and does so alike in item and query. It takes a whole run of Chinese, Japanese, Thai or
Korean for one word, which no query would ever equal. Such characters are therefore indexed one by one; a query's run of
them becomes a phrase (the same characters in the same order), so that any part of a sentence is found. It also keeps
accents on Greek and Cyrillic letters, and takes full-width letters for other ones; both are folded here, in item and
query alike.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence

TOKENIZER = "porter unicode61 remove_diacritics 2"
"""How SQLite splits text into terms; step 3 of the profile's schema has fixed it."""

MAX_TERMS = 16
MIN_TERMS = 2
MAX_SCORED = 10_000
MAX_WORDS_READ = 128
MAX_CHARS_READ = 16_384
COMMON_SHARE = 0.25
COMMON_FROM = 50

_UNSPACED = (
    "\u0e00-\u0eff"  # Thai, Lao
    "\u1000-\u109f"  # Myanmar
    "\u1780-\u17ff"  # Khmer
    "\u3040-\u30ff\u31f0-\u31ff"  # Hiragana, Katakana
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"  # Han
    "\uac00-\ud7af"  # Hangul: particles join the noun
    "\U00020000-\U0003ffff"  # Han, the later planes
)
_CHARACTER = re.compile(f"([{_UNSPACED}])")
_ACCENT = re.compile("[\u0300-\u036f]")
_WORD = re.compile(f"[{_UNSPACED}]+|[^\\W_{_UNSPACED}]+")


def fold(text: str | None) -> str:
    """Remove accents, and put spaces around each character of the scripts that have none."""
    if text is None or text.isascii():
        return text or ""
    bare = _ACCENT.sub("", unicodedata.normalize("NFKD", text))
    return _CHARACTER.sub(r" \1 ", unicodedata.normalize("NFC", bare))


def split_words(text: str) -> list[str]:
    """Return what of a text can be searched: its words, and each pair of neighbours where there are no spaces."""
    words: list[str] = []
    for word in _WORD.findall(text):
        if _CHARACTER.match(word) and len(word) > 2:
            words.extend(word[i : i + 2] for i in range(len(word) - 1))
        else:
            words.append(word)
    return words


def query_words(text: str) -> list[str]:
    """Return the distinct words of a text in lower case, in the order they come; at most the first 128.

    Lower case and not case folding: the full-text index does not turn ``ß`` into ``ss`` either.
    """
    return list(dict.fromkeys(word.lower() for word in split_words(text[:MAX_CHARS_READ])))[:MAX_WORDS_READ]


def choose_terms(frequency: Mapping[str, int], *, n_items: int) -> list[str]:
    """Choose the words worth matching: at most 16, the rarest first, and none that occurs nowhere.

    Words in more than a quarter of the items are left out, as long as others remain and there are enough items (50)
    to call a word common: they say little and cost most. For the same reason the choice ends, after two words at
    least, where the items that would have to be scored become more than 10,000.
    """
    occurring = sorted((count, term) for term, count in frequency.items() if count > 0)
    limit = max(COMMON_SHARE * n_items, COMMON_FROM * COMMON_SHARE)
    rare = [entry for entry in occurring if entry[0] <= limit] or occurring
    chosen: list[str] = []
    n_scored = 0
    for count, term in rare[:MAX_TERMS]:
        n_scored += count
        if len(chosen) >= MIN_TERMS and n_scored > MAX_SCORED:
            break
        chosen.append(term)
    return chosen


def any_of(terms: Sequence[str]) -> str:
    """Return an FTS5 query for what holds any of the terms; empty if there is nothing to look for.

    A term that the word splitter takes apart is looked for as a phrase.
    """
    return " OR ".join(phrase for term in terms if (phrase := quoted(term)) != '""')


def quoted(term: str) -> str:
    """Return a term as an FTS5 string, in which no character is an operator."""
    return '"' + fold(term).strip().replace('"', '""').replace("\x00", " ") + '"'


def searchable_text(text: str, fields: Mapping[str, object]) -> str:
    """Return what search terms and the encoder see: the title, the other fields that are text, then the text."""
    named = field_text(fields)
    return f"{named}\n{text}" if named else text


def field_text(fields: Mapping[str, object]) -> str:
    """Return the fields that are text, title first, one a line."""
    names = sorted(fields, key=lambda name: name != "title")
    return "\n".join(value for name in names if isinstance(value := fields[name], str) and value)
