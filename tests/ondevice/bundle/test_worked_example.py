"""The worked example of docs/reference/format.md: the code makes, byte for byte, what the page says."""

from __future__ import annotations

import hashlib
import json
import textwrap
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ondevice.bundle import Bundle, PublisherKey, Signature, parse_manifest, signed_message
from ondevice.bundle.installing import install
from tests.ondevice.bundle.signed import pack

PAGE = (Path(__file__).parents[3] / "docs" / "reference" / "format.md").read_text("utf-8").split("## Probes", 1)[1]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Build the example from the page's own text."""
    folder = tmp_path / "tiny"
    folder.mkdir()
    (folder / "model.onnx").write_bytes(b"graph")
    start, end = PAGE.index("    {\n"), PAGE.index("\n    }\n") + len("\n    }\n")
    (folder / "manifest.json").write_text(textwrap.dedent(PAGE[start:end]))
    return folder


def said(name: str) -> str:
    (line,) = [line for line in PAGE.splitlines() if line.startswith(f"    {name} ")]
    return line.split()[-1]


def test_the_manifest_and_its_signature_are_as_the_page_says(folder: Path) -> None:
    data = (folder / "manifest.json").read_bytes()
    assert (len(data), hashlib.sha256(data).hexdigest()) == (344, said("SHA-256"))
    assert parse_manifest(data).id == said("id")
    assert (json.dumps(parse_manifest(data).to_json(), indent=2) + "\n").encode() == data
    private = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    key = PublisherKey(raw=private.public_key().public_bytes_raw())
    assert (key.text, key.fingerprint) == (said("publisher"), said("fingerprint"))
    signature = Signature(publisher=key, signature=private.sign(signed_message(data)))
    assert json.loads(signature.to_bytes())["signature"] == said("signature")
    assert len(signature.to_bytes()) == 239


def test_the_archive_and_its_place_are_as_the_page_says(folder: Path, tmp_path: Path) -> None:
    key = PublisherKey.from_text(said("publisher"))
    value = {"format": 1, "algorithm": "ed25519", "publisher": key.text, "signature": said("signature")}
    (folder / "manifest.sig").write_text(json.dumps(value, indent=2) + "\n")
    archive = pack(folder, tmp_path / "tiny-1.ondevice")
    assert archive.stat().st_size == 4096
    assert hashlib.sha256(archive.read_bytes()).hexdigest() in PAGE
    install(archive, tmp_path / "models", publishers=[key])
    assert (tmp_path / "models" / "tiny" / "current").read_bytes() == b"v-24ed7749e7ee\n"
    opened = Bundle.open(tmp_path / "models" / "tiny", kind="projector", publishers=[key])
    assert opened.folder.name == "v-24ed7749e7ee"
