"""Bundles that releases published: this release verifies, installs and runs them, and still writes the same bytes."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from export.publishing.publication import publish
from ondevice.bundle import Bundle, PublisherKey
from ondevice.bundle.archive import unpack
from ondevice.retrieval.encoding.encoder import Encoder
from ondevice.trial import install_bundle
from tests.golden.make_golden_bundle import KEY, NAME, make_golden_bundle, publish_golden_bundle, vector_of

HERE = Path(__file__).parent
PUBLISHER = "ondevice-publisher-key-1:hMsMkHQCRHhVBVDzMNw7vh8cmN50M22UIPWhROHCjJI="
RELEASES = {
    "0.1.0": (
        "a22aa69403b656ca37759e1205c5a9f732a921c246651afe2d240760d54ea339",
        "golden-encoder-d2c9e329a21d",
    ),
}


def archive_of(version: str) -> Path:
    return HERE / f"{NAME}-{version}.ondevice"


def test_every_archive_is_listed_and_small() -> None:
    assert sorted(HERE.glob("*.ondevice")) == sorted(archive_of(version) for version in RELEASES)
    assert all(archive_of(version).stat().st_size < 60_000 for version in RELEASES)


@pytest.mark.parametrize("version", RELEASES)
def test_it_installs_under_its_publishers_key_and_runs(version: str, tmp_path: Path) -> None:
    sha256, identity = RELEASES[version]
    assert hashlib.sha256(archive_of(version).read_bytes()).hexdigest() == sha256
    trusted = [PublisherKey.from_text(PUBLISHER)]
    installed = install_bundle(archive_of(version), models=tmp_path, publishers=trusted)
    assert (installed.version, installed.bundle.id) == (version, identity)
    bundle = Bundle.open(tmp_path / NAME, kind="encoder", publishers=trusted)
    with Encoder.open(bundle) as encoder:
        (vector,) = encoder.encode_passages(["coffee paris"])
    np.testing.assert_allclose(vector, vector_of(["coffee", "paris"]), atol=1e-5)
    assert bundle.file("license").read_text("utf-8").startswith("This model is a table of random numbers.")
    assert bundle.file("card").read_text("utf-8").startswith(f"# {NAME} {version}\n")


@pytest.mark.parametrize("version", RELEASES)
def test_publishing_its_files_again_gives_the_same_bytes(version: str, tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    unpack(archive_of(version), tmp_path / "files")
    (tmp_path / "files" / "manifest.sig").unlink()
    again = publish(tmp_path / "files", tmp_path / "out", key=KEY)
    assert again.archive.read_bytes() == archive_of(version).read_bytes()


def test_the_generator_still_makes_what_is_in_the_newest(tmp_path: Path) -> None:
    version = list(RELEASES)[-1]
    (tmp_path / "golden").mkdir()
    (tmp_path / "out").mkdir()
    manifest = unpack(archive_of(version), tmp_path / "golden")
    make_golden_bundle(tmp_path / "made", version=version)
    made = publish_golden_bundle(tmp_path / "made", tmp_path / "out").manifest
    # The ONNX and tokenizer libraries may write their files otherwise one day; what is ours stays.
    assert replace(made, files=manifest.files) == manifest
    assert all(made.files[role] == manifest.files[role] for role in ("license", "probes"))
    assert made.files.keys() == manifest.files.keys()
    golden = Bundle.open(tmp_path / "golden", kind="encoder")
    with Encoder.open(golden) as old, Encoder.open(Bundle.open(tmp_path / "made", kind="encoder")) as new:
        texts = ["coffee in paris", "the dog and the cat", "one two three"]
        np.testing.assert_allclose(old.encode_queries(texts), new.encode_queries(texts), atol=1e-6)
