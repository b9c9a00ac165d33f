"""A language model and the adapter with which it reads notes, in one bundle."""

from __future__ import annotations

import shutil
from collections.abc import Set
from dataclasses import replace
from pathlib import Path

from export.conversion.about import About
from export.conversion.measured_json import read_measured
from export.drafting import drafting
from ondevice.bundle import Bundle, FileEntry, Manifest, write_manifest
from ondevice.bundle.sections import parse_support
from ondevice.bundle.specs import READER_ROLE, SupportSpec

_READER_NAME = "reader.gguf"


def read_support(path: Path) -> SupportSpec:
    """Read what ``train support`` wrote.

    Raises:
        InputError: If it is something else.
        NotFoundError, StorageError: If it is not there or cannot be read.
    """
    return read_measured(path, parse_support, by="train support")


def add_reader(base: Path, reader: Path, out: Path, about: About, *, support: SupportSpec | None = None) -> Manifest:
    """Write the base's bundle with a reader in it to ``out``, or nothing.

    The reader is worn for questions over notes alone. What the gate measured of the base stays true of the rest, and
    stays in the manifest.

    Args:
        base: The generator's bundle.
        reader: The adapter's bundle, as ``train reader`` writes it.
        out: The bundle's folder, which must not exist.
        about: Its name and version, and a licence where it is another than the base's.
        support: How far its answers may be relied on, as ``train support`` measured of a bundle without it.

    Raises:
        BundleError: If a bundle cannot be used, or is of another kind.
        ConversionError: If there is something at ``out``.
        CorruptError: If a file is not what its manifest says.
        ModelMismatchError: If the reader was trained on another model.
    """
    generator, adapter = Bundle.open(base, kind="generator"), Bundle.open(reader, kind="adapter")
    adapter.check_base(generator)
    spec = generator.manifest.generator
    assert spec is not None  # noqa: S101 - a manifest of this kind has the section
    files = {role: entry for role, entry in generator.manifest.files.items() if role != READER_ROLE}
    name = _free_name({entry.path for entry in files.values()})
    with drafting(out) as folder:
        for entry in files.values():
            (folder / entry.path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(generator.folder / entry.path, folder / entry.path)
        shutil.copyfile(adapter.file("model"), folder / name)
        manifest = replace(
            generator.manifest,
            name=about.name,
            version=about.version,
            license=about.license or generator.manifest.license,
            training_data=about.training_data or adapter.manifest.training_data,
            generator=replace(spec, support=support),
            files={**files, READER_ROLE: FileEntry.measure(folder, name)},
        )
        write_manifest(folder, manifest)
    return manifest


def _free_name(taken: Set[str]) -> str:
    """Return a name for the reader's file that no file of the base has, whatever the letters' case."""
    taken = {path.casefold() for path in taken}
    names = (_READER_NAME, *(f"reader-{number}.gguf" for number in range(2, len(taken) + 3)))
    return next(name for name in names if name not in taken)
