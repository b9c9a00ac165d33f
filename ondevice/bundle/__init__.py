"""Verified model folders: a manifest, and files whose every byte it vouches for.

A bundle is a folder with ``manifest.json`` and the files that it names (docs/format.md). Opening one
reads every byte once and compares SHA-256, so nothing is loaded that the manifest does not vouch for.
"""

from ondevice.bundle.folder import Bundle
from ondevice.bundle.manifest import EncoderSpec, FileEntry, GeneratorSpec, Kind, Manifest, Pooling
from ondevice.bundle.reading import read_manifest, write_manifest

__all__ = [
    "Bundle",
    "EncoderSpec",
    "FileEntry",
    "GeneratorSpec",
    "Kind",
    "Manifest",
    "Pooling",
    "read_manifest",
    "write_manifest",
]
