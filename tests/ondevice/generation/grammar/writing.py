"""Texts through llama.cpp's own grammar: what random logits write under one, and whether it lets a given text be."""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from ondevice.config import Sampling
from ondevice.errors import GenerationError
from ondevice.generation.grammar import Grammar
from ondevice.generation.llama.engine import Engine
from ondevice.generation.llama.sampling import TokenChooser
from ondevice.generation.llama.vocabulary import Vocabulary

MOST_TOKENS = 3000
_PIECES = WeakKeyDictionary[Vocabulary, tuple[bytes, ...]]()


def pieces_of(vocabulary: Vocabulary) -> tuple[bytes, ...]:
    """Return what each token writes, asked of llama.cpp once."""
    if vocabulary not in _PIECES:
        _PIECES[vocabulary] = tuple(map(vocabulary.piece, range(vocabulary.size)))
    return _PIECES[vocabulary]


def write(engine: Engine, grammar: Grammar, seed: int, *, haste: float = 0.0, closing: bytes = b'"}],') -> str:
    """Let random logits write a text that the grammar allows, to its end.

    Args:
        haste: Added to the logits of ``closing`` signs, so that what is open comes to an end.
    """
    vocabulary = engine._desk.vocabulary
    random = np.random.default_rng(seed)
    pieces, signs = pieces_of(vocabulary), {bytes([sign]) for sign in closing}
    hastened = [token for token, piece in enumerate(pieces) if piece in signs]
    data = b""
    with TokenChooser(vocabulary, Sampling(), grammar) as chooser:
        for _ in range(MOST_TOKENS):
            logits = random.standard_normal(vocabulary.size).astype(np.float32)
            logits[hastened] += haste
            token = chooser.choose(logits)
            if vocabulary.ends_turn(token):
                return data.decode("utf-8", "replace")
            data += pieces[token]
    raise AssertionError("the grammar let a text grow without end")


def accepts(engine: Engine, grammar: Grammar, text: str) -> bool:
    """Say whether the grammar lets the text be written, and end there."""
    vocabulary = engine._desk.vocabulary
    end = next(token for token in range(vocabulary.size) if vocabulary.ends_turn(token))
    tokens = {piece: token for token, piece in enumerate(pieces_of(vocabulary)) if piece}
    nothing = np.full(vocabulary.size, -np.inf, dtype=np.float32)
    with TokenChooser(vocabulary, Sampling(), grammar) as chooser:
        try:
            for token in (*(tokens[bytes([byte])] for byte in text.encode()), end):
                logits: Any = nothing.copy()
                logits[token] = 0
                chooser.choose(logits)
        except GenerationError:
            return False
    return True
