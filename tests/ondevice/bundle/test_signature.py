"""Signatures: who may vouch for a bundle, and that nobody else can."""

from __future__ import annotations

import base64
import json
import shutil
from pathlib import Path

import pytest

from ondevice.bundle import Bundle, PublisherKey, Signature, read_manifest, signed_message, write_manifest
from ondevice.errors import CorruptError, InputError, ManifestError, SignatureError
from tests.ondevice.bundle.signed import OURS, THEIRS, make_bundle


def opened(folder: Path, *publishers: PublisherKey) -> Bundle:
    return Bundle.open(folder, kind="generator", publishers=publishers)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_bundle(tmp_path / "tiny", publisher=OURS)


def test_a_signed_bundle_opens_for_who_trusts_its_publisher(folder: Path) -> None:
    assert opened(folder, THEIRS.key, OURS.key).publisher == OURS.key
    assert Bundle.open(folder, kind="generator").publisher is None


def test_a_key_has_one_text_and_a_fingerprint() -> None:
    key = PublisherKey(raw=bytes(range(32)))
    assert key.text == "ondevice-publisher-key-1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
    assert PublisherKey.from_text(f" {key.text}\n") == key
    assert key.fingerprint == "630dcd2966c43366"
    assert repr(key) == "PublisherKey(630dcd2966c43366)"
    with pytest.raises(ValueError, match="32 bytes, not 31"):
        PublisherKey(raw=bytes(31))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ondevice-publisher-key-1:",
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
        "ondevice-publisher-key-2:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
        "ondevice-publisher-key-1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh9=",
        "ondevice-publisher-key-1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHg==",
        "ondevice-publisher-key-1:é",
    ],
)
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="44 characters of base64"):
        PublisherKey.from_text(text)


def test_an_unsigned_bundle_is_refused_where_a_signature_is_asked_for(tmp_path: Path) -> None:
    folder = make_bundle(tmp_path / "tiny")
    with pytest.raises(SignatureError, match="'tiny' is not signed"):
        opened(folder, OURS.key)
    assert Bundle.open(folder, kind="generator").name == "tiny"


def test_another_publisher_is_refused_and_both_are_told_apart(folder: Path) -> None:
    with pytest.raises(SignatureError, match=f"signed by {OURS.key.fingerprint}, which is none of the 1 "):
        opened(folder, THEIRS.key)
    with pytest.raises(SignatureError, match="none of the 0 "):
        opened(folder)


def test_a_trusted_name_on_another_s_signature_is_refused(folder: Path) -> None:
    THEIRS.sign(folder)
    value = json.loads((folder / "manifest.sig").read_bytes())
    value["publisher"] = OURS.key.text
    (folder / "manifest.sig").write_text(json.dumps(value))
    with pytest.raises(SignatureError, match="does not fit its manifest"):
        opened(folder, OURS.key)


def test_the_signature_of_another_bundle_is_refused(folder: Path, tmp_path: Path) -> None:
    other = make_bundle(tmp_path / "other", version="2", publisher=OURS)
    shutil.copy(other / "manifest.sig", folder / "manifest.sig")
    with pytest.raises(SignatureError, match="does not fit its manifest"):
        opened(folder, OURS.key)


def test_the_same_key_used_for_something_else_signs_no_bundle(folder: Path) -> None:
    bare = OURS._private.sign((folder / "manifest.json").read_bytes())
    (folder / "manifest.sig").write_bytes(Signature(publisher=OURS.key, signature=bare).to_bytes())
    with pytest.raises(SignatureError, match="does not fit its manifest"):
        opened(folder, OURS.key)


def test_a_manifest_that_says_the_same_in_other_bytes_is_not_what_was_signed(folder: Path) -> None:
    path = folder / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_bytes())))
    with pytest.raises(SignatureError, match="does not fit its manifest"):
        opened(folder, OURS.key)


def test_every_flipped_bit_is_found(folder: Path) -> None:
    for name in ("manifest.json", "manifest.sig", "model.gguf"):
        path = folder / name
        original = path.read_bytes()
        for at in range(len(original)):
            changed = bytearray(original)
            changed[at] ^= 1 << (at % 8)
            path.write_bytes(changed)
            with pytest.raises((SignatureError, CorruptError)):
                opened(folder, OURS.key)
        path.write_bytes(original)
    opened(folder, OURS.key)


def test_a_bad_signature_is_seen_before_the_manifest_is_read(folder: Path) -> None:
    (folder / "manifest.json").write_bytes(b"no manifest")
    with pytest.raises(SignatureError):
        opened(folder, OURS.key)
    with pytest.raises(ManifestError):
        Bundle.open(folder, kind="generator")


@pytest.mark.parametrize(
    "change",
    [
        {"format": 2},
        {"algorithm": "rsa"},
        {"signature": base64.b64encode(bytes(63)).decode()},
        {"signature": "?"},
        {"publisher": "me"},
        {"surprise": 1},
        {"format": "1"},
    ],
    ids=str,
)
def test_a_signature_with_a_wrong_field_is_refused(folder: Path, change: dict[str, object]) -> None:
    value = json.loads((folder / "manifest.sig").read_bytes())
    (folder / "manifest.sig").write_text(json.dumps({**value, **change}))
    with pytest.raises(SignatureError, match=r"is not a signature|not of format 1"):
        opened(folder, OURS.key)


@pytest.mark.parametrize(
    "data", [b"", b"{", b"[]", b"\xff", b"{}", b" " * 5000], ids=["", "{", "[]", "ff", "{}", "long"]
)
def test_what_is_no_signature_file_is_refused(folder: Path, data: bytes) -> None:
    (folder / "manifest.sig").write_bytes(data)
    with pytest.raises(SignatureError):
        opened(folder, OURS.key)


def test_a_signature_written_twice_has_the_same_bytes(folder: Path) -> None:
    data = (folder / "manifest.sig").read_bytes()
    assert Signature.parse(data).to_bytes() == data
    write_manifest(folder, read_manifest(folder))
    OURS.sign(folder)
    assert (folder / "manifest.sig").read_bytes() == data
    assert signed_message(b"x") == b"ondevice bundle manifest v1\nx"
