"""Grammars that an answer must follow: GBNF text, or a JSON schema turned into it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from ondevice.generation.gbnf import check_gbnf
from ondevice.generation.json_schema import gbnf_of


@dataclass(frozen=True, slots=True)
class Grammar:
    """A grammar in llama.cpp's GBNF notation whose start rule is ``root``."""

    text: str = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse text that is no GBNF.

        Raises:
            ValueError: It names the line, and what was expected there.
        """
        check_gbnf(self.text)

    @classmethod
    def from_gbnf(cls, text: str) -> Self:
        """Take GBNF text.

        Raises:
            ValueError: If it cannot be parsed, or has no rule ``root``.
        """
        return cls(text)

    @classmethod
    def from_json_schema(cls, schema: Mapping[str, Any]) -> Self:
        """Return the grammar of JSON texts that follow ``schema``.

        Raises:
            ValueError: If a grammar cannot enforce a keyword of the schema, it contradicts itself or leads out of
                itself, or it asks for more than 2000 of something.
        """
        return cls(gbnf_of(schema))
