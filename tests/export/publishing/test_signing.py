from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from export.publishing.keys import SigningKey
from export.publishing.signing import manifest_bytes, sign_manifest
from ondevice.bundle import Bundle, parse_manifest
from ondevice.bundle.signature import verify_signature
from ondevice.errors import SignatureError


def test_the_device_verifies_exactly_these_bytes(measured: Callable[..., Bundle], key: SigningKey) -> None:
    data = manifest_bytes(measured().manifest)
    signature = sign_manifest(data, key)
    assert sign_manifest(data, key) == signature
    assert json.loads(signature)["publisher"] == key.publisher.text
    assert verify_signature(data, signature, [key.publisher], name="m") == key.publisher
    with pytest.raises(SignatureError):
        verify_signature(data + b" ", signature, [key.publisher], name="m")


def test_a_manifest_has_one_text(measured: Callable[..., Bundle]) -> None:
    manifest = measured(made_from={"b": "b" * 64, "a": "a" * 64}).manifest
    turned = replace(
        manifest,
        files=dict(reversed(list(manifest.files.items()))),
        made_from=dict(reversed(list(manifest.made_from.items()))),
    )
    assert manifest_bytes(manifest) == manifest_bytes(turned)
    assert parse_manifest(manifest_bytes(manifest)) == manifest
    assert list(json.loads(manifest_bytes(turned))["made_from"]) == ["a", "b"]
