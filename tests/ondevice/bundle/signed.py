"""Small signed bundles, and their archives, made on the spot by a publisher of the tests' own."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ondevice.bundle import (
    FileEntry,
    GeneratorSpec,
    Manifest,
    PublisherKey,
    Signature,
    signed_message,
    write_manifest,
)


class Publisher:
    """A key pair that is the same in every run."""

    def __init__(self, seed: int) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
        self.key = PublisherKey(raw=self._private.public_key().public_bytes_raw())

    def sign(self, folder: Path) -> None:
        message = signed_message((folder / "manifest.json").read_bytes())
        signature = Signature(publisher=self.key, signature=self._private.sign(message))
        (folder / "manifest.sig").write_bytes(signature.to_bytes())


OURS, THEIRS = Publisher(1), Publisher(2)


def make_bundle(
    folder: Path,
    *,
    name: str = "tiny",
    version: str = "1",
    content: bytes = b"weights",
    publisher: Publisher | None = None,
) -> Path:
    """Write a bundle that no runtime would load, but every check of its bytes passes."""
    folder.mkdir(parents=True)
    (folder / "model.gguf").write_bytes(content)
    (folder / "notes").mkdir()
    (folder / "notes" / "card.md").write_bytes(b"# A card\n" * 100)
    manifest = Manifest(
        kind="generator",
        name=name,
        version=version,
        license="CC0-1.0",
        source="made by the tests",
        files={
            "model": FileEntry.measure(folder, "model.gguf"),
            "card": FileEntry.measure(folder, "notes/card.md"),
        },
        generator=GeneratorSpec(context_tokens=16, base="Tiny"),
    )
    write_manifest(folder, manifest)
    if publisher is not None:
        publisher.sign(folder)
    return folder


def pack(folder: Path, archive: Path, **fields: object) -> Path:
    """Write the archive of a bundle's folder as docs/reference/format.md specifies it, with Python's own tar writer."""
    first = [name for name in ("manifest.json", "manifest.sig") if (folder / name).exists()]
    rest = sorted(
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and path.relative_to(folder).as_posix() not in first
    )
    archive.write_bytes(tar([(name, (folder / name).read_bytes()) for name in (*first, *rest)]))
    return archive


def tar(members: list[tuple[str | tarfile.TarInfo, bytes]]) -> bytes:
    """Return a tar of these members; one that is given as a whole header is written as it stands."""
    out = io.BytesIO()
    for named, data in members:
        info = tarfile.TarInfo(named) if isinstance(named, str) else named
        info.size = len(data) if isinstance(named, str) else info.size
        header = bytearray(info.tobuf(tarfile.USTAR_FORMAT))
        if isinstance(named, str):
            # Older releases of Python leave these two fields empty, newer ones fill them as POSIX has it.
            header[329:345] = b"0000000\0" * 2
            header[148:156] = b"%06o\0 " % (sum(header[:148]) + 256 + sum(header[156:]))
        out.write(bytes(header) + data + bytes(-len(data) % 512))
    return out.getvalue() + bytes(1024)
