"""Text to tokens and back, and the strings that mean something to the model instead of to the reader."""

from __future__ import annotations

import ctypes
import re
from functools import cached_property
from typing import Any

from ondevice.errors import GenerationError
from ondevice.generation.llama.handles import Model
from ondevice.generation.llama.native import lib
from ondevice.generation.prompts.thoughts import TAGS

_BREAK = "\u200b"
"""Zero-width space: invisible to the reader, part of no control token."""
_WHOLE_CHARS = 1 << 16
_PIECE_CHARS = 1 << 12
"""Longer texts are counted in pieces: llama.cpp takes time with the square of the length where a vocabulary lacks the
characters, hours for a megabyte. A token that a seam cuts counts as two."""


class Vocabulary:
    """The tokens of one model; it lives as long as the model does. Safe to use from several threads."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self.size = int(lib.llama_vocab_n_tokens(self.pointer))
        self._begin = int(lib.llama_vocab_bos(self.pointer))
        self._adds_begin = bool(lib.llama_vocab_get_add_bos(self.pointer))
        self._end = int(lib.llama_vocab_eos(self.pointer))

    @property
    def pointer(self) -> Any:  # noqa: ANN401 - an opaque C pointer
        """The native vocabulary.

        Raises:
            ValueError: If the model is closed.
        """
        return self._model.vocabulary

    def tokenize_prompt(self, prompt: str) -> list[int]:
        """Return a prompt's tokens; control tokens written in it take effect, and it begins as the model expects."""
        tokens = self._tokenize(prompt, parse_special=True)
        if self._adds_begin and tokens[:1] != [self._begin]:
            tokens.insert(0, self._begin)
        return tokens

    def tokenize_text(self, text: str) -> list[int]:
        """Return the tokens of plain text, in which nothing has a special meaning."""
        return self._tokenize(text, parse_special=False)

    def count(self, text: str) -> int:
        """Return how many tokens ``text`` takes as a message's content; of a very long one, about as many, or more."""
        safe = self.neutralize(text)
        if len(safe) <= _WHOLE_CHARS:
            return len(self.tokenize_text(safe))
        pieces = (safe[start : start + _PIECE_CHARS] for start in range(0, len(safe), _PIECE_CHARS))
        return sum(len(self.tokenize_text(piece)) for piece in pieces)

    def _tokenize(self, text: str, *, parse_special: bool) -> list[int]:
        data = text.encode("utf-8", "replace")
        room = len(data) + 8
        while True:
            buffer = (ctypes.c_int32 * room)()
            with self._model.uses:
                count = lib.llama_tokenize(self.pointer, data, len(data), buffer, room, False, parse_special)
            if count >= 0:
                return list(buffer[:count])
            if count < -(2**30):
                raise GenerationError(f"a text of {len(data)} bytes has too many tokens")
            room = -int(count)

    def piece(self, token: int) -> bytes:
        """Return the bytes a token adds to the text, perhaps only a part of a character; none for control tokens."""
        size = 64
        while True:
            buffer = ctypes.create_string_buffer(size)
            with self._model.uses:
                length = lib.llama_token_to_piece(self.pointer, token, buffer, size, 0, False)
            if length >= 0:
                return buffer.raw[:length]
            size = -int(length)

    def written_piece(self, token: int) -> bytes:
        """Return a token's bytes, and of a control token that begins or ends thoughts its written form."""
        return self._thought_tags.get(token) or self.piece(token)

    @cached_property
    def _thought_tags(self) -> dict[int, bytes]:
        tags = {*TAGS, *TAGS.values()}
        return {token: text.encode() for token, text in self.control_tokens.items() if text in tags}

    def tokenize_written(self, text: str) -> list[int]:
        """Return the tokens of what is written into an answer in the model's stead; control tokens take effect."""
        return self._tokenize(text, parse_special=True)

    def ends_turn(self, token: int) -> bool:
        """Whether the model says with this token that it has finished."""
        with self._model.uses:
            return bool(lib.llama_vocab_is_eog(self.pointer, token))

    @property
    def end_of_turn(self) -> int:
        """The token with which the model says that it has finished: the turn's own, or the one that ends a text."""
        with self._model.uses:
            token = int(lib.llama_vocab_eot(self.pointer))
        return token if token >= 0 else self._end

    def text_of(self, token: int) -> str:
        """Return a token as it is written in the vocabulary; empty for a token that does not exist."""
        if not 0 <= token < self.size:
            return ""
        with self._model.uses:
            return bytes(lib.llama_vocab_get_text(self.pointer, token)).decode("utf-8", "replace")

    @property
    def begin_text(self) -> str:
        """The written form of the token that begins a text."""
        return self.text_of(self._begin)

    @property
    def end_text(self) -> str:
        """The written form of the token that ends a text."""
        return self.text_of(self._end)

    @cached_property
    def control_tokens(self) -> dict[int, str]:
        """Every token with a special meaning, with its written form."""
        special = lib.LLAMA_TOKEN_ATTR_CONTROL | lib.LLAMA_TOKEN_ATTR_UNKNOWN
        with self._model.uses:
            attributes, vocabulary = lib.llama_vocab_get_attr, self.pointer
            found = {token for token in range(self.size) if attributes(vocabulary, token) & special}
        found |= {token for token in (self._begin, self._end) if 0 <= token < self.size}
        return {token: self.text_of(token) for token in sorted(found)}

    @cached_property
    def _control_pattern(self) -> re.Pattern[str]:
        written = sorted((text for text in self.control_tokens.values() if text), key=len, reverse=True)
        return re.compile("|".join(map(re.escape, written)) or "(?!)")

    def neutralize(self, text: str) -> str:
        """Return ``text`` so that no part of it is read as a control token.

        A zero-width space goes behind the first character of each control token's written form: the reader sees the
        same text, the tokenizer sees ordinary characters. A control token of a single character is dropped.
        """
        pattern = self._control_pattern
        while pattern.search(text):  # again, because control tokens may overlap
            text = pattern.sub(_broken, text)
        return text


def _broken(match: re.Match[str]) -> str:
    written = match.group()
    return f"{written[0]}{_BREAK}{written[1:]}" if len(written) > 1 else ""
