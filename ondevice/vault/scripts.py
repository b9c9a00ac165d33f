"""Scripts other than plain Latin, and how they are searched.

SQLite's word splitter takes a whole run of Chinese, Japanese, Thai or Korean for one word, which no query would
ever equal. Such characters are therefore indexed one by one; a query's run of them becomes a phrase
(the same characters in the same order), so that any part of a sentence is found. It also keeps accents on Greek and
Cyrillic letters, and takes full-width letters for other ones; both are folded here, in item and query alike.
"""

from __future__ import annotations

import re
import unicodedata

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
