"""The exact bytes of a published manifest, and the publisher's signature over them."""

from __future__ import annotations

import json
from dataclasses import replace

from export.publishing.keys import SigningKey
from ondevice.bundle import Manifest, Signature, signed_message


def manifest_bytes(manifest: Manifest) -> bytes:
    """Return a manifest's one JSON text: files and origins sorted by name, everything else in the fields' order."""
    ordered = replace(
        manifest, files=dict(sorted(manifest.files.items())), made_from=dict(sorted(manifest.made_from.items()))
    )
    return json.dumps(ordered.to_json(), indent=2, ensure_ascii=False).encode() + b"\n"


def sign_manifest(manifest: bytes, key: SigningKey) -> bytes:
    """Return the bytes of ``manifest.sig`` for the exact bytes of ``manifest.json``; the same two give the same."""
    return Signature(publisher=key.publisher, signature=key.sign(signed_message(manifest))).to_bytes()
