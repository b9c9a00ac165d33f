"""What the tools take: flat, bounded, and nothing that is not named here."""

from __future__ import annotations

import json
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from ondevice.errors import InputError

MAX_QUERY_CHARS = 2_000
MAX_TEXT_CHARS = 100_000
MAX_ITEMS = 50
_MAX_NAME_CHARS = 100
_WRONG = {"extra_forbidden": "there is no such argument", "missing": "it is missing"}
"""Of what pydantic finds wrong, what it does not say in these words."""

ItemId = Annotated[str, Field(min_length=1, max_length=_MAX_NAME_CHARS, description="The item's id.")]
Kind = Annotated[str, Field(min_length=1, max_length=_MAX_NAME_CHARS)]
Time = AwareDatetime


class Arguments(BaseModel):
    """Base of what a tool takes."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Search(Arguments):
    """What ``search`` takes."""

    query: str = Field(
        min_length=1, max_length=MAX_QUERY_CHARS, description="What to look for, in words or as a question."
    )
    k: int = Field(default=5, ge=1, le=MAX_ITEMS, description="At most so many items.")
    kind: Kind | None = Field(default=None, description="Only items of this kind, such as note or mail.")
    since: Time | None = Field(default=None, description="Only from this time on, with its zone.")
    until: Time | None = Field(default=None, description="Only before this time, with its zone.")


class Get(Arguments):
    """What ``get`` takes."""

    id: ItemId
    start: int = Field(default=0, ge=0, description="Begin at this character, to go on where a reply was cut.")


class Recent(Arguments):
    """What ``recent`` takes."""

    n: int = Field(default=10, ge=1, le=MAX_ITEMS, description="At most so many items.")
    kind: Kind | None = Field(default=None, description="Only items of this kind.")
    before: Time | None = Field(default=None, description="Only before this time, with its zone: to look further back.")


class Add(Arguments):
    """What ``add`` takes."""

    text: str = Field(min_length=1, max_length=MAX_TEXT_CHARS, description="What to keep, understandable by itself.")
    kind: Kind = Field(default="note", description="What kind of item it is.")
    time: Time | None = Field(default=None, description="When it happened, with its zone; else now.")


class Update(Arguments):
    """What ``update`` takes."""

    id: ItemId
    text: str = Field(min_length=1, max_length=MAX_TEXT_CHARS, description="What it says from now on, whole.")


class Forget(Arguments):
    """What ``forget`` takes."""

    id: ItemId


class Nothing(Arguments):
    """What a tool takes that takes nothing."""


def schema_of(kind: type[Arguments]) -> dict[str, Any]:
    """Return a tool's arguments as a JSON schema, without the names that only this code uses."""
    schema = kind.model_json_schema()
    for part in (schema, *schema.get("properties", {}).values()):
        part.pop("title", None)
    schema.pop("description", None)
    return schema


def read_arguments(kind: type[Arguments], given: dict[str, Any]) -> Arguments:
    """Check what a client sent.

    Raises:
        InputError: If a field is missing, unknown, or has a value that it may not have; the value is not repeated.
    """
    try:
        return kind.model_validate_json(json.dumps(given))  # in JSON a time is a text, and nothing else
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        name = ".".join(str(part) for part in first["loc"])[:_MAX_NAME_CHARS]
        wrong = _WRONG.get(first["type"]) or first["msg"].replace("Input should", "it should", 1)
        takes = ", ".join(kind.model_fields) or "no arguments"
        raise InputError(f"{name!r}: {wrong}", hint=f"the tool takes {takes}") from None
