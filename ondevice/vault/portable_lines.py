"""Read the lines of an exported file strictly: every field known, of its type, and in its range."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeVar

from ondevice.errors import InputError, VersionError
from ondevice.passages import MOST_PASSAGES, Span
from ondevice.records import Draft
from ondevice.safety.strict_json import parse_json
from ondevice.vault.content import Content, check_text, checked, encode_metadata, encode_scalars
from ondevice.vault.times import to_micros

FORMAT = "ondevice-items"
VERSION = 3
"""Since 2 a metadata value may be a list, since 3 an item may have several vectors; earlier files are read alike."""

_HEADER_FIELDS = {"format", "version", "items", "encoders", "at"}
_NEEDED = {"id", "kind", "text", "time", "time_given", "added_at", "version"}
_OPTIONAL = {"fields", "metadata", "expires_at", "versions", "vectors", "passages"}
_VERSION_FIELDS = {"version", "text", "fields", "metadata", "replaced_at"}
_MAX_DIM = 16_384

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True, slots=True)
class ExportHeader:
    """The first line: how many items follow, and the dimension of each encoder's vectors."""

    n_items: int
    encoders: Mapping[str, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One item, with its earlier versions as columns, and of each encoder its vectors as float32 bytes and places.

    Without places there is one vector, and nobody knows how far it reaches.
    """

    content: Content
    versions: tuple[tuple[str, str, str, int, int], ...] = field(repr=False)
    vectors: Mapping[str, bytes] = field(repr=False)
    passages: Mapping[str, tuple[Span, ...]] = field(repr=False)


def read_header(data: bytes, name: str) -> ExportHeader:
    """Read the first line.

    Raises:
        InputError: If it has another form.
        VersionError: If the format is newer.
    """
    where = f"{name}, line 1"
    document = _object(data, where)
    if document.get("format") != FORMAT:
        raise InputError(f"{where}, field format: this is not an export of items")
    version = document.get("version")
    if type(version) is int and version > VERSION:
        raise VersionError(
            f"{name} has version {version}, and this release reads up to {VERSION}", hint="update ondevice-sdk"
        )
    _require_fields(document, _HEADER_FIELDS, set(), where)
    if type(version) is not int or version < 1:
        raise InputError(f"{where}, field version: it is not a whole number from 1 to {VERSION}")
    if not (isinstance(document["encoders"], dict) and all(map(_is_dim, document["encoders"].values()))):
        raise InputError(f"{where}, field encoders: it does not map encoder ids to dimensions")
    return ExportHeader(n_items=_count(document, "items", 0, where), encoders=document["encoders"])


def read_line(data: bytes, header: ExportHeader, where: str) -> Line:
    """Read an item's line.

    Raises:
        InputError: If it has another form; the message starts with ``where`` and names the field.
    """
    document = _object(data, where)
    _require_fields(document, _NEEDED, _OPTIONAL, where)
    if not isinstance(document["time_given"], bool):
        raise InputError(f"{where}, field time_given: it is neither true nor false")
    content = _content(document, where)
    version = _count(document, "version", 1, where)
    versions = document.get("versions", [])
    if not isinstance(versions, list):
        raise InputError(f"{where}, field versions: it is no list")
    read = tuple(_version(each, f"{where}, field versions[{i}]") for i, each in enumerate(versions))
    numbers = [each[3] for each in read]
    if numbers != sorted(set(numbers)) or (numbers and numbers[-1] >= version):
        raise InputError(f"{where}, field versions: they do not come in order before version {version}")
    passages = _passages(document.get("passages", {}), where)
    time_us = _micros(document, "time", where)
    is_given = document["time_given"]
    return Line(
        content=replace(
            content,
            time_us=time_us if is_given else None,
            assumed_time_us=None if is_given else time_us,
            added_us=_micros(document, "added_at", where),
            expires_us=_micros(document, "expires_at", where) if "expires_at" in document else None,
            version=version,
        ),
        versions=read,
        vectors=_vectors(document.get("vectors", {}), passages, header, where),
        passages=passages,
    )


def _content(document: Mapping[str, Any], where: str) -> Content:
    """Check field by field, so that an error names the one that is wrong."""
    probes: dict[str, Draft] = {
        "id": Draft(text="-", id=document["id"]),
        "kind": Draft(text="-", kind=document["kind"]),
        "text": Draft(text=document["text"]),
        "fields": Draft(text="-", fields=document.get("fields", {})),
        "metadata": Draft(text="-", metadata=document.get("metadata", {})),
    }
    if document["id"] is None:
        raise InputError(f"{where}, field id: it is null")
    parts = {name: _checked(f"{where}, field {name}", checked, draft) for name, draft in probes.items()}
    return replace(
        parts["text"],
        id=parts["id"].id,
        kind=parts["kind"].kind,
        fields=parts["fields"].fields,
        field_text=parts["fields"].field_text,
        metadata=parts["metadata"].metadata,
    )


def _version(value: object, where: str) -> tuple[str, str, str, int, int]:
    if not isinstance(value, dict):
        raise InputError(f"{where}: it is no object")
    _require_fields(value, _VERSION_FIELDS, set(), where)
    return (
        _checked(f"{where}.text", check_text, value["text"]),
        _checked(f"{where}.fields", encode_scalars, value["fields"]),
        _checked(f"{where}.metadata", encode_metadata, value["metadata"]),
        _count(value, "version", 1, where),
        _micros(value, "replaced_at", where),
    )


def _passages(value: object, where: str) -> dict[str, tuple[Span, ...]]:
    if not isinstance(value, dict):
        raise InputError(f"{where}, field passages: it is no object")
    for spans in value.values():
        if not (isinstance(spans, list) and spans and len(spans) <= MOST_PASSAGES and all(map(_is_span, spans))):
            raise InputError(f"{where}, field passages: it does not list beginnings and ends")
    return {encoder_id: tuple(Span(*span) for span in spans) for encoder_id, spans in value.items()}


def _is_span(value: object) -> bool:
    return (
        isinstance(value, list)
        and len(value) == 2
        and all(type(place) is int for place in value)
        and 0 <= value[0] <= value[1] < 2**31
    )


def _vectors(
    value: object, passages: Mapping[str, Sequence[Span]], header: ExportHeader, where: str
) -> dict[str, bytes]:
    if not isinstance(value, dict):
        raise InputError(f"{where}, field vectors: it is no object")
    vectors: dict[str, bytes] = {}
    for encoder_id, encoded in value.items():
        dim = header.encoders.get(encoder_id)
        if dim is None:
            raise InputError(f"{where}, field vectors: an encoder that the first line does not name")
        try:
            vectors[encoder_id] = base64.b64decode(encoded, validate=True)
        except (ValueError, TypeError):
            raise InputError(f"{where}, field vectors: it is not base64") from None
        found, wanted = len(vectors[encoder_id]), dim * len(passages.get(encoder_id, ("one",)))
        if found != 4 * wanted:
            raise InputError(f"{where}, field vectors: {found} bytes, and {wanted} float32 have {4 * wanted}")
    if len(passages.keys() - vectors.keys()):
        raise InputError(f"{where}, field passages: an encoder of which no vectors are there")
    return vectors


def _object(data: bytes, where: str) -> dict[str, Any]:
    try:
        value = parse_json(data.decode("utf-8"), mend=_readable)
    except ValueError:
        raise InputError(f"{where}: it is not JSON in UTF-8 in which every name stands once") from None
    if not isinstance(value, dict):
        raise InputError(f"{where}: it is no JSON object")
    return value


def _readable(text: str) -> str:
    """Return a text with U+FFFD in the place of U+0000, which an earlier release took and no item may hold."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}")


def _require_fields(document: Mapping[str, Any], needed: set[str], optional: set[str], where: str) -> None:
    if missing := sorted(needed - set(document)):
        raise InputError(f"{where}, field {missing[0]}: it is missing")
    if n_unknown := len(set(document) - needed - optional):
        raise InputError(f"{where}: {n_unknown} unknown fields")


def _count(document: Mapping[str, Any], name: str, least: int, where: str) -> int:
    value = document[name]
    if type(value) is not int or not least <= value < 2**31:
        raise InputError(f"{where}, field {name}: it is not a whole number from {least}")
    return int(value)


def _micros(document: Mapping[str, Any], name: str, where: str) -> int:
    try:
        return to_micros(datetime.fromisoformat(document[name]), name)
    except (ValueError, TypeError):
        raise InputError(f"{where}, field {name}: it is not an ISO 8601 time with its zone") from None


def _is_dim(value: object) -> bool:
    return type(value) is int and 1 <= value <= _MAX_DIM


def _checked(where: str, check: Callable[[Any], T], value: object) -> T:
    try:
        return check(value)
    except (ValueError, TypeError) as error:
        raise InputError(f"{where}: {error}") from None
