"""Formats: what is written is valid to jsonschema and to pydantic, and what is usual can be written."""

from __future__ import annotations

import json
from datetime import date, datetime, time, timedelta
from ipaddress import IPv4Address, IPv4Interface, IPv4Network, IPv6Address, IPv6Interface, IPv6Network
from typing import Any
from uuid import UUID

import pytest
from pydantic import (
    UUID1,
    UUID3,
    UUID4,
    UUID5,
    UUID6,
    UUID7,
    UUID8,
    AnyUrl,
    Base64Bytes,
    Base64UrlBytes,
    EmailStr,
    HttpUrl,
    IPvAnyAddress,
    IPvAnyInterface,
    IPvAnyNetwork,
    TypeAdapter,
)

from ondevice.generation.grammar import Grammar
from ondevice.generation.grammar.formats import FORMATS, FREE_FORMATS
from tests.ondevice.generation.grammar.following import complaint_of
from tests.ondevice.generation.grammar.writing import accepts, write

TYPES: dict[str, list[Any]] = {
    "date": [date],
    "time": [time],
    "date-time": [datetime],
    "duration": [timedelta],
    "uuid": [UUID],
    **dict(zip(("uuid1", "uuid3", "uuid4", "uuid5"), ([UUID1], [UUID3], [UUID4], [UUID5]), strict=True)),
    **dict(zip(("uuid6", "uuid7", "uuid8"), ([UUID6], [UUID7], [UUID8]), strict=True)),
    "ipv4": [IPv4Address, IPvAnyAddress],
    "ipv6": [IPv6Address, IPvAnyAddress],
    "ipvanyaddress": [IPvAnyAddress],
    "ipv4interface": [IPv4Interface, IPvAnyInterface],
    "ipv6interface": [IPv6Interface, IPvAnyInterface],
    "ipvanyinterface": [IPvAnyInterface],
    "ipv4network": [IPv4Network, IPvAnyNetwork],
    "ipv6network": [IPv6Network, IPvAnyNetwork],
    "ipvanynetwork": [IPvAnyNetwork],
    "email": [EmailStr],
    "uri": [AnyUrl, HttpUrl],
    "base64": [Base64Bytes],
    "base64url": [Base64UrlBytes],
}
"""The types of pydantic that have the format."""

USUAL = {
    "date": ["2026-03-01", "2024-02-29", "2000-02-29", "0001-01-01", "9999-12-31"],
    "time": ["09:30:00Z", "23:59:59.999999+05:30", "00:00:00-08:00"],
    "date-time": ["2026-03-01T09:30:00Z", "2024-02-29T23:59:59.5+01:00"],
    "duration": ["P1W", "P3D", "PT36H", "PT20M", "P1Y2M3DT4H5M6S", "P1M"],
    "uuid": ["123e4567-e89b-12d3-a456-426614174000", "00000000-0000-0000-0000-000000000000"],
    "uuid4": ["9b2f1c1e-7c2d-4c5b-8a2e-3f5d9c1b7a60"],
    "ipv4": ["127.0.0.1", "255.255.255.255", "0.0.0.0"],
    "ipv6": ["::", "::1", "2001:db8::8a2e:370:7334", "fe80::1:2:3:4", "1:2:3:4:5:6:7:8", "::ffff:192.0.2.1", "1::"],
    "ipv4interface": ["192.168.1.7/24"],
    "ipv6interface": ["fe80::1/64"],
    "ipv4network": ["10.0.0.0/8", "192.168.1.128/25", "0.0.0.0/0", "10.1.2.3/32"],
    "ipv6network": ["2001:db8::/32", "::/0"],
    "hostname": ["localhost", "example.com", "my-host.example.co.uk"],
    "email": ["jean.dupont+lyon@mail.example.com", "a@b.org"],
    "uri": ["https://example.com", "http://localhost:8000/a/b.html?q=1&r=%20#top"],
    "base64": ["", "Zg==", "Zm9vYmFy", "+/8="],
    "base64url": ["-_8="],
}
WRONG = {
    "date": ["2023-02-29", "1900-02-29", "2026-04-31", "0000-01-01", "2026-3-1", "2026-13-01", "2026-03-01 "],
    "time": ["24:00:00Z", "09:30Z", "09:30:00", "23:59:60Z", "09:30:00+24:00"],
    "date-time": ["2026-03-01 09:30:00Z", "2026-03-01T09:30:00", "2026-02-30T09:30:00Z"],
    "duration": ["P", "PT", "P1", "1D", "P1DT", "P1W2D"],
    "uuid": ["123e4567e89b12d3a456426614174000"],
    "uuid4": ["123e4567-e89b-12d3-a456-426614174000"],
    "ipv4": ["256.0.0.1", "01.2.3.4", "1.2.3"],
    "ipv6": ["1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7::8:9", ":::", "12345::"],
    "ipv4interface": ["192.168.1.7/33"],
    "ipv6interface": ["fe80::1/129"],
    "ipv4network": ["10.0.0.1/8", "192.168.1.64/25"],
    "hostname": ["-a.com", "a..b", "a_b.com"],
    "email": ["a@localhost", "a.@b.org", "a@@b.org", "a@b.local", "a b@c.org"],
    "uri": ["example.com", "https://", "https://a b", "http://1.2.3/%zz"],
    "base64": ["Zg=", "Z", "-_8="],
    "base64url": ["+/8="],
}


@pytest.mark.parametrize("name", FORMATS)
def test_what_is_written_is_valid(engine, name):
    schema = {"type": "string", "format": name}
    grammar = Grammar.from_json_schema(schema)
    for seed in range(10):
        text = write(engine, grammar, seed, haste=seed / 3)
        assert complaint_of(schema, text) is None
        for kind in TYPES.get(name, []):
            TypeAdapter(kind).validate_json(text)


@pytest.mark.parametrize("name", USUAL)
def test_what_is_usual_can_be_written(engine, name):
    grammar = Grammar.from_json_schema({"type": "string", "format": name})
    for text in map(json.dumps, USUAL[name]):
        assert complaint_of({"format": name}, text) is None, text
        assert accepts(engine, grammar, text), text


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_cannot(engine, name):
    grammar = Grammar.from_json_schema({"type": "string", "format": name})
    assert [text for text in WRONG[name] if accepts(engine, grammar, json.dumps(text))] == []


@pytest.mark.parametrize("name", sorted(FREE_FORMATS))
def test_any_text_has_some_formats(engine, name):
    assert accepts(engine, Grammar.from_json_schema({"type": "string", "format": name}), '"any text\\n"')


def test_a_format_that_is_not_known_is_refused():
    with pytest.raises(ValueError, match=r"at #/properties/tel: the keyword 'format' names one that is not .*date"):
        Grammar.from_json_schema({"type": "object", "properties": {"tel": {"type": "string", "format": "phone"}}})


def test_a_format_of_another_type_constrains_nothing(engine):
    assert accepts(engine, Grammar.from_json_schema({"type": "integer", "format": "date"}), "5")


def test_a_format_stands_beside_a_pattern_and_a_length(engine):
    schema = {"type": "string", "format": "date", "pattern": "^202[0-9]-"}
    grammar = Grammar.from_json_schema(schema)
    assert accepts(engine, grammar, '"2024-02-29"')
    assert not accepts(engine, grammar, '"2024-02-30"')
    assert not accepts(engine, grammar, '"1999-01-01"')
    mail = Grammar.from_json_schema({"type": "string", "format": "email", "maxLength": 8})
    assert accepts(engine, mail, '"a@bc.org"')
    assert not accepts(engine, mail, '"ab@bc.org"')
    with pytest.raises(ValueError, match="no text has its pattern, format and length"):
        Grammar.from_json_schema({"type": "string", "format": "date", "maxLength": 9})
