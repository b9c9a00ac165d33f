"""The bytes of keys.json: one way to write them, and no other way to read them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ondevice.errors import CorruptError, VersionError
from ondevice.vault.header import KeyHeader, compute_tag, parse, render
from ondevice.vault.kdf import ProfileKey
from ondevice.vault.keyfile import KeyFile
from ondevice.vault.secrets import AppKey


@pytest.fixture
def document(tmp_path: Path) -> dict[str, Any]:
    KeyFile.create(tmp_path / "keys.json", [AppKey(b"a" * 32)])
    loaded: dict[str, Any] = json.loads((tmp_path / "keys.json").read_text())
    return loaded


def written(document: Any) -> bytes:
    return (json.dumps(document, indent=2) + "\n").encode("ascii")


def test_what_is_read_is_written_the_same(document: dict[str, Any]) -> None:
    assert render(parse(written(document))) == written(document)


@pytest.mark.parametrize("name", ["format", "profile_id", "epoch", "slots", "tag"])
def test_every_field_is_needed_and_typed(document: dict[str, Any], name: str) -> None:
    wrongs: list[object] = [None, "", [], {}, -1, 2**40, True, "\u00e9"]
    for wrong in wrongs:
        changed = document | {name: wrong}
        error = VersionError if (name, wrong) == ("format", 2**40) else CorruptError
        with pytest.raises(error):
            parse(written(changed))
    del document[name]
    with pytest.raises(CorruptError):
        parse(written(document))


@pytest.mark.parametrize("name", ["id", "kind", "created_at", "salt", "wrapped_key"])
def test_every_field_of_a_slot_is_needed_and_typed(document: dict[str, Any], name: str) -> None:
    (slot,) = document["slots"]
    wrongs: list[object] = [None, "", [], {}, 1, "0", "A" * 60, "passphrase", "keystore"]
    for wrong in wrongs:
        with pytest.raises(CorruptError):
            parse(written(document | {"slots": [slot | {name: wrong}]}))
    del slot[name]
    with pytest.raises(CorruptError):
        parse(written(document))


@pytest.mark.parametrize(
    ("name", "wrong"), [("service", ""), ("service", 1), ("backend", ""), ("backend", "a b"), ("backend", None)]
)
def test_keystore_fields_are_checked(document: dict[str, Any], name: str, wrong: object) -> None:
    (slot,) = document["slots"]
    salt, wrapped = slot.pop("salt"), slot.pop("wrapped_key")
    slot |= {"kind": "keystore", "service": "ondevice", "backend": "some.Backend", "salt": salt, "wrapped_key": wrapped}
    parse(written(document))
    slot[name] = wrong
    with pytest.raises(CorruptError):
        parse(written(document))


def test_base64_with_loose_bits_is_not_canonical(document: dict[str, Any]) -> None:
    tag = document["tag"]
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    looser = tag[:-2] + alphabet[alphabet.index(tag[-2]) | 1] + "="
    with pytest.raises(CorruptError, match="canonical"):
        parse(written(document | {"tag": looser}))


@given(data=st.binary(max_size=200))
def test_no_bytes_give_another_error(data: bytes) -> None:
    with pytest.raises((CorruptError, VersionError)):
        parse(data)


@given(
    value=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["format", "slots", "tag", "epoch", "profile_id", "kdf"]), inner, max_size=4
            )
        ),
        max_leaves=8,
    )
)
def test_no_json_gives_another_error(value: object) -> None:
    with pytest.raises((CorruptError, VersionError)):
        parse(written(value))
    with pytest.raises(CorruptError):
        parse(written({"format": 1, "profile_id": "ab" * 16, "epoch": 1, "slots": [value], "tag": value}))


def test_unreadable_file_is_never_written(document: dict[str, Any]) -> None:
    header = parse(written(document))
    without_slots = KeyHeader(profile_id=header.profile_id, epoch=1, slots=(), tag=header.tag)
    with pytest.raises(CorruptError):
        render(without_slots)


def test_tag_covers_id_epoch_and_slots(document: dict[str, Any]) -> None:
    key = ProfileKey(bytes(32))
    header = parse(written(document))
    slots = header.slots
    made = {
        compute_tag(KeyHeader(profile_id=header.profile_id, epoch=1, slots=slots), key),
        compute_tag(KeyHeader(profile_id="ab" * 16, epoch=1, slots=slots), key),
        compute_tag(KeyHeader(profile_id=header.profile_id, epoch=2, slots=slots), key),
        compute_tag(KeyHeader(profile_id=header.profile_id, epoch=1, slots=slots * 2), key),
        compute_tag(KeyHeader(profile_id=header.profile_id, epoch=1, slots=slots), ProfileKey(b"k" * 32)),
    }
    assert len(made) == 5
    assert compute_tag(header, key) in made
