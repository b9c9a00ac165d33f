"""Grammars that an answer must follow: GBNF text, or a JSON schema turned into it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from ondevice.generation.gbnf import check_gbnf

_ENFORCED = """
    $ref $defs definitions type properties required additionalProperties items prefixItems minItems maxItems enum const
    oneOf anyOf allOf pattern format minLength maxLength
""".split()  # noqa: SIM905 - a list of 23 quoted words is harder to read
_ANNOTATIONS = """
    $schema $id $comment title description default examples deprecated readOnly writeOnly
""".split()  # noqa: SIM905
_NESTED_MAPS = ("properties", "$defs", "definitions")
_NESTED_LISTS = ("oneOf", "anyOf", "allOf", "prefixItems")


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
            ValueError: If the schema has a keyword that a grammar cannot enforce, refers to another document, or
                repeats something more than 2000 times.
        """
        from llama_cpp.llama_grammar import json_schema_to_gbnf

        for keyword in _keywords(schema):
            if keyword not in (*_ENFORCED, *_ANNOTATIONS):
                raise ValueError(f"a grammar cannot enforce the schema keyword {keyword!r}")
        try:
            text = json_schema_to_gbnf(json.dumps(schema))
        except (AssertionError, KeyError, RecursionError, TypeError, ValueError, AttributeError):
            raise ValueError("the JSON schema cannot be turned into a grammar") from None
        return cls(text)


def _keywords(schema: object) -> Iterator[str]:
    if not isinstance(schema, Mapping):
        return
    for keyword, value in schema.items():
        yield keyword
        if keyword in _NESTED_MAPS and isinstance(value, Mapping):
            for nested in value.values():
                yield from _keywords(nested)
        elif keyword in _NESTED_LISTS and isinstance(value, list):
            for nested in value:
                yield from _keywords(nested)
        elif keyword == "items":
            for nested in value if isinstance(value, list) else [value]:
                yield from _keywords(nested)
        elif keyword == "additionalProperties":
            yield from _keywords(value)
