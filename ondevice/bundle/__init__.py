"""Verified model folders: a manifest, and files whose every byte it vouches for.

A bundle is a folder with ``manifest.json`` and the files that it names (docs/reference/format.md). Opening one
reads every byte once and compares SHA-256, so nothing is loaded that the manifest does not vouch for.
"""

from ondevice.bundle.folder import Bundle
from ondevice.bundle.manifest import FileEntry, Manifest
from ondevice.bundle.reading import parse_manifest, read_manifest, write_manifest
from ondevice.bundle.signature import PublisherKey, Signature, signed_message, verify_signature
from ondevice.bundle.specs import (
    AdapterSpec,
    Cut,
    EncoderSpec,
    FoldSpec,
    GateResult,
    GeneratorSpec,
    Kind,
    PersonaSpec,
    Pooling,
    ProjectorSpec,
    SelectorSpec,
    SupportSpec,
)

__all__ = [
    "AdapterSpec",
    "Bundle",
    "Cut",
    "EncoderSpec",
    "FileEntry",
    "FoldSpec",
    "GateResult",
    "GeneratorSpec",
    "Kind",
    "Manifest",
    "PersonaSpec",
    "Pooling",
    "ProjectorSpec",
    "PublisherKey",
    "SelectorSpec",
    "Signature",
    "SupportSpec",
    "parse_manifest",
    "read_manifest",
    "signed_message",
    "verify_signature",
    "write_manifest",
]
