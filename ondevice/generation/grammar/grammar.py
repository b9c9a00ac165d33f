"""Grammars that an answer must follow: GBNF text, or a JSON schema turned into it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, Self, TypeAlias, runtime_checkable

from ondevice.generation.grammar.gbnf import check_gbnf, fault_of
from ondevice.generation.grammar.json_keywords import refuse
from ondevice.generation.grammar.json_schema import gbnf_of


@runtime_checkable
class ModelClass(Protocol):
    """What pydantic's model classes can do."""

    def model_json_schema(self) -> Mapping[str, Any]:
        """Return the schema of the model's JSON."""


@runtime_checkable
class Adapter(Protocol):
    """What pydantic's ``TypeAdapter`` can do."""

    def json_schema(self) -> Mapping[str, Any]:
        """Return the schema of the type's JSON."""


JsonSchema: TypeAlias = Mapping[str, Any] | ModelClass | Adapter
"""A JSON schema, or what gives one: a pydantic model class, or pydantic's ``TypeAdapter`` around any other type."""


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
    def from_json_schema(cls, schema: JsonSchema) -> Self:
        """Return the grammar of JSON texts that follow ``schema``.

        Raises:
            TypeError: If it is neither a schema nor has one.
            ValueError: If a grammar cannot enforce a keyword of the schema, it contradicts itself or leads out of
                itself or nowhere, it is too deep or too large, or it asks for more than 2000 of something. It names
                the place in the schema and what to do.
        """
        text = gbnf_of(schema_of(schema))
        try:
            return cls(text)
        except ValueError:
            fault = fault_of(text)
            refuse("it cannot be written as one" if fault is None else fault.reason)


def schema_of(given: JsonSchema) -> Mapping[str, Any]:
    """Return a JSON schema, or that of a model class; pydantic itself is not needed.

    Raises:
        TypeError: If it is neither, or a model class that gives none.
    """
    if isinstance(given, Mapping):
        return given
    made: object = None
    if isinstance(given, ModelClass):
        made = given.model_json_schema()
    elif isinstance(given, Adapter):
        made = given.json_schema()
    if not isinstance(made, Mapping):
        name = given.__name__ if isinstance(given, type) else f"an object of type {type(given).__name__}"
        raise TypeError(
            f"json_schema must be a JSON schema as a dict, or a pydantic model class, not {name}: "
            "json.loads reads a schema's text, and pydantic.TypeAdapter gives any type a schema"
        )
    return made
