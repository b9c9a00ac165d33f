"""Grammars that an answer must follow: GBNF text, or a JSON schema turned into it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from ondevice.generation.grammar.gbnf import check_gbnf, fault_of
from ondevice.generation.grammar.json_literals import refuse
from ondevice.generation.grammar.json_schema import gbnf_of


@dataclass(frozen=True, slots=True)
class Grammar:
    """A grammar in llama.cpp's GBNF notation whose start rule is ``root``."""

    text: str = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse text that is no GBNF, or that llama.cpp could not use.

        Raises:
            TypeError: If it is no text.
            ValueError: It names the line, and what was expected there.
        """
        if not isinstance(self.text, str):
            raise TypeError(f"a grammar must be a text, not of type {type(self.text).__name__}")
        check_gbnf(self.text)

    @classmethod
    def from_gbnf(cls, text: str) -> Self:
        """Take GBNF text.

        Raises:
            TypeError: If it is no text.
            ValueError: If it cannot be parsed, has no rule ``root``, or llama.cpp would not come to an end with it.
        """
        return cls(text)

    @classmethod
    def from_json_schema(cls, schema: Mapping[str, Any]) -> Self:
        """Return the grammar of JSON texts that follow ``schema``.

        Raises:
            ValueError: If a grammar cannot enforce a keyword of the schema, it contradicts itself or leads out of
                itself or nowhere, it is too deep or too large, or it asks for more than 2000 of something.
        """
        text = gbnf_of(schema)
        try:
            return cls(text)
        except ValueError:
            fault = fault_of(text)
            refuse("it cannot be written as one" if fault is None else fault.reason)
