"""The words of a text, as full-text search knows them: in an item, and in a query.

The profile's index uses them, and so does whoever must find what it would find without a profile: training data is to
show a model the items that it will be shown later.

SQLite's word splitter folds to lower case without accents and removes English endings (Porter 1980). What it does not
know is done here, in item and query alike:

- Of other languages' words the stems are put down beside them, by the item's language (:mod:`ondevice.languages`). A
  query is too short to tell its own: each of its words is looked for as it stands, and by its stem in each language
  that some items have.
- It takes a whole run of Chinese, Japanese, Thai or Korean for one word, which no query would ever equal. Such
  characters are indexed one by one; a query's run of them becomes a phrase (the same characters in the same order), so
  that any part of a sentence is found.
- It takes the vowel signs of Indic scripts for the ends of words, and emoji for nothing. Both get a sign of their own
  in a private plane of Unicode, which it takes for a letter.
- It keeps accents on Greek and Cyrillic letters, the points of Hebrew, Arabic vowels and what nobody sees (a soft
  hyphen), and takes full-width letters, ``ß`` and ``ł`` for other ones. All of them are folded.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence

from ondevice.languages import language_of, stems_of

TOKENIZER = "porter unicode61 remove_diacritics 2"
"""How SQLite splits text into terms; step 3 of the profile's schema has fixed it."""

MAX_TERMS = 16
MIN_TERMS = 2
MAX_SCORED = 10_000
MAX_WORDS_READ = 128
MAX_CHARS_READ = 16_384
COMMON_SHARE = 0.25
COMMON_FROM = 50
LANGUAGE_SHARE = 0.01
"""A query's words are stemmed in the languages of so many items: a few, whose language was mistaken, count for none."""

VERSION = 2
"""Counts up when :func:`fold` changes, so that the index of an earlier release is made anew."""

_UNSPACED = (
    "\u0e00-\u0eff"  # Thai, Lao
    "\u1000-\u109f"  # Myanmar
    "\u1780-\u17ff"  # Khmer
    "\u3040-\u30ff\u31f0-\u31ff"  # Hiragana, Katakana
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"  # Han
    "\uac00-\ud7af"  # Hangul: particles join the noun
    "\U00020000-\U0003ffff"  # Han, the later planes
)
_INDIC = "\u0900-\u0963\u0966-\u096f\u0971-\u0df3"
"""Devanagari to Sinhala: letters, vowel signs and digits, without the marks that end a sentence."""
_EMOJI = "\u2600-\u27bf\U0001f300-\U0001f3fa\U0001f400-\U0001faff"
_PRIVATE = 0xF0000
"""Where the private plane begins; a sign's place in it is that in its own plane."""

_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff"
    "\U0001f3fb-\U0001f3ff]"  # no width, and shades of skin
    "|[\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7]"  # points of Hebrew
    "|[\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed]"  # vowels of Arabic
    "|\u093c"  # the dot that tells Devanagari's borrowed sounds, which many leave out
)
_CHARACTER = re.compile(f"([{_UNSPACED}])")
_ACCENT = re.compile("[\u0300-\u036f]")
_SIGN = re.compile(f"[{_INDIC}]")
_PICTURE = re.compile(f"[{_EMOJI}]")
_WORD = re.compile(f"[{_UNSPACED}]+|[{_EMOJI}]|(?:[^\\W_{_UNSPACED}]|[{_INDIC}])+")
_LETTERS = str.maketrans(
    {"ß": "ss", "ẞ": "SS", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ø": "o", "Ø": "O", "æ": "ae", "Æ": "AE"}
    | {
        "œ": "oe",
        "Œ": "OE",
        "\u0131": "i",
        "ħ": "h",
        "Ħ": "H",
        "þ": "th",
        "Þ": "TH",
        "ð": "d",
        "Ð": "D",
        "ŧ": "t",
        "Ŧ": "T",
    }
)


def fold(text: str | None) -> str:
    """Return what the index is to see of an item's text: its words, their stems, and a mark of the language."""
    if not text:
        return ""
    composed = _composed(text)
    language = language_of(composed)
    if language is None:
        return fold_letters(composed)
    return fold_letters(" ".join([composed, *stems_of(composed, language), mark_of(language)]))


def languages_of(counts: Mapping[str, int], n_items: int) -> tuple[str, ...]:
    """Return the languages in which a query's words are stemmed, given how many items are in each."""
    return tuple(name for name, count in counts.items() if count and count >= LANGUAGE_SHARE * n_items)


def mark_of(language: str) -> str:
    """Return the word that stands in the index with each text of a language that is stemmed."""
    return chr(_PRIVATE) + language


def fold_letters(text: str) -> str:
    """Fold letters, and put spaces around each character of the scripts that have none; words stay what they are."""
    if text.isascii():
        return text
    bare = _ACCENT.sub("", unicodedata.normalize("NFKD", _composed(text)).translate(_LETTERS))
    bare = _UNSEEN.sub("", unicodedata.normalize("NFC", bare))
    bare = _SIGN.sub(_as_letter, bare)
    return _CHARACTER.sub(r" \1 ", _PICTURE.sub(_as_word, bare))


def split_words(text: str) -> list[str]:
    """Return what of a text can be searched: its words, and each pair of neighbours where there are no spaces."""
    words: list[str] = []
    for word in _WORD.findall(_composed(text)):
        if _CHARACTER.match(word) and len(word) > 2:
            words.extend(word[i : i + 2] for i in range(len(word) - 1))
        else:
            words.append(word)
    return words


def _composed(text: str) -> str:
    return text if text.isascii() else _UNSEEN.sub("", unicodedata.normalize("NFKC", text))


def _as_letter(match: re.Match[str]) -> str:
    sign = match[0]
    return chr(_PRIVATE + ord(sign)) if unicodedata.category(sign)[0] == "M" else sign


def _as_word(match: re.Match[str]) -> str:
    return f" {chr(_PRIVATE + (ord(match[0]) & 0xFFFF))} "


def query_words(text: str, languages: Sequence[str] = ()) -> list[str]:
    """Return the distinct words of a text in lower case, in the order they come; at most the first 128.

    Args:
        text: What is searched for.
        languages: Those of the items; a word's stems in them follow it.
    """
    words = [word.lower() for word in split_words(text[:MAX_CHARS_READ])]
    forms = (form for word in words for form in (word, *(s for name in languages for s in stems_of(word, name))))
    return list(dict.fromkeys(forms))[:MAX_WORDS_READ]


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
    return '"' + fold_letters(term).strip().replace('"', '""').replace("\x00", " ") + '"'


def searchable_text(text: str, fields: Mapping[str, object]) -> str:
    """Return what search terms and the encoder see: the title, the other fields that are text, then the text."""
    named = field_text(fields)
    return f"{named}\n{text}" if named else text


def field_text(fields: Mapping[str, object]) -> str:
    """Return the fields that are text, title first, one a line."""
    names = sorted(fields, key=lambda name: name != "title")
    return "\n".join(value for name in names if isinstance(value := fields[name], str) and value)
