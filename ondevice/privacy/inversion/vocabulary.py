"""The words that an attack looks for in a text, and those that it can guess without having seen one."""

from __future__ import annotations

import json
import re
from pathlib import Path

from ondevice.generation.prompts.calendar_words import STOP_WORDS
from ondevice.safety.regular_files import NotRegularError, TooLongError, read_regular
from ondevice.words import fold, split_words

MIN_CHARS = 3
_MOST_BYTES = 64 << 20
_WORD_STARTS = ("\u2581", "\u0120")
"""What stands before a word's first piece, in tokenizers that mark that and not a word's later pieces."""
_WORD = re.compile(rf"[^\W_]{{{MIN_CHARS},}}")


def content_words(text: str) -> frozenset[str]:
    """Return the words of a text that say something: three letters or digits and more, in lower case, no accents.

    Scripts without spaces have no such words.
    """
    words = (word.lower() for word in split_words(fold(text)))
    return frozenset(word for word in words if len(word) >= MIN_CHARS and word not in STOP_WORDS)


def words_of_tokenizer(path: Path, *, limit: int) -> list[str]:
    """Return the first whole words that a ``tokenizer.json`` knows: the most frequent ones stand first in most.

    They are public, and an encoder can be asked for the vector of each. A file of another kind gives none.
    """
    try:
        vocabulary = json.loads(read_regular(path, limit_bytes=_MOST_BYTES))["model"]["vocab"]
        if isinstance(vocabulary, dict):
            pieces = sorted(vocabulary, key=vocabulary.__getitem__)
        else:
            pieces = [piece for piece, _score in vocabulary]
    except (OSError, NotRegularError, TooLongError, ValueError, KeyError, TypeError):
        return []
    starts = [piece[1:] for piece in pieces if piece.startswith(_WORD_STARTS)]
    words = (fold(piece).lower() for piece in starts or pieces if _WORD.fullmatch(piece))
    known = (word for word in words if len(word) >= MIN_CHARS and word not in STOP_WORDS)
    return list(dict.fromkeys(known))[:limit]
