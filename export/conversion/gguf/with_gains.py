"""A language model and what ways of answering gained its users, in one bundle."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from export.conversion.about import About
from export.conversion.measured_json import read_measured
from export.drafting import drafting
from ondevice.bundle import Bundle, Manifest, write_manifest
from ondevice.bundle.gains import WayGains
from ondevice.bundle.sections import parse_gains


def read_gains(path: Path) -> Mapping[str, WayGains]:
    """Read what ``train gains`` wrote.

    Raises:
        InputError: If it is something else.
        NotFoundError, StorageError: If it is not there or cannot be read.
    """
    return read_measured(path, parse_gains, by="train gains")


def add_gains(base: Path, gains: Mapping[str, WayGains], out: Path, about: About) -> Manifest:
    """Write the base's bundle with these gains to ``out``, or nothing; gains that it had go.

    What the export's gate measured of the base stays true, and stays in the manifest.

    Args:
        base: The generator's bundle, of whose model they were measured.
        gains: By task and way.
        out: The bundle's folder, which must not exist.
        about: Its name and version, and a licence where it is another than the base's.

    Raises:
        BundleError: If the bundle cannot be used, or is of another kind.
        ConversionError: If there is something at ``out``.
        CorruptError: If a file is not what the manifest says.
    """
    generator = Bundle.open(base, kind="generator")
    spec = generator.manifest.generator
    assert spec is not None  # noqa: S101 - a manifest of this kind has the section
    with drafting(out) as folder:
        for entry in generator.manifest.files.values():
            (folder / entry.path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(generator.folder / entry.path, folder / entry.path)
        manifest = replace(
            generator.manifest,
            name=about.name,
            version=about.version,
            license=about.license or generator.manifest.license,
            training_data=about.training_data or generator.manifest.training_data,
            generator=replace(spec, gains=gains),
        )
        write_manifest(folder, manifest)
    return manifest
