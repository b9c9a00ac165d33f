from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from export.errors import ConversionError, ParityError
from export.gate.bounds import Bounds
from export.publishing.keys import SigningKey
from export.publishing.publication import Notes, publish
from ondevice.bundle import Bundle, FileEntry, GateResult, write_manifest
from ondevice.bundle.archive import unpack
from ondevice.bundle.installing import install, rollback
from ondevice.errors import CorruptError, InputError, NotFoundError, SignatureError, StorageError

Measured = Callable[..., Bundle]


def shuffled_copy(source: Path, folder: Path) -> Path:
    """Copy a bundle file by file in another order, the manifest's too, with other dates and modes."""
    folder.mkdir()
    for path in sorted(source.iterdir(), reverse=True):
        shutil.copyfile(path, folder / path.name)
    manifest = Bundle.open(folder, kind="encoder").manifest
    write_manifest(folder, replace(manifest, files=dict(reversed(list(manifest.files.items())))))
    for age, path in enumerate(folder.iterdir()):
        path.chmod(0o640)
        os.utime(path, (1_000_000 + age, 2_000_000 - age))
    return folder


def test_the_same_bundle_gives_the_same_bytes(tmp_path: Path, measured: Measured, key: SigningKey) -> None:
    first = publish(measured().folder, tmp_path / "a", key=key)
    again = publish(shuffled_copy(tmp_path / "bundle", tmp_path / "other name"), tmp_path / "b", key=key)
    assert first.archive.name == again.archive.name == "tiny-encoder-1.2.0.ondevice"
    assert first.archive.read_bytes() == again.archive.read_bytes()
    assert first.sha256 == again.sha256 == hashlib.sha256(first.archive.read_bytes()).hexdigest()
    assert first.bytes == first.archive.stat().st_size


def test_the_device_unpacks_verifies_and_runs_it(tmp_path: Path, measured: Measured, key: SigningKey) -> None:
    from ondevice.retrieval.encoding.encoder import Encoder

    bundle = measured()
    published = publish(
        bundle.folder,
        tmp_path / "out",
        key=key,
        notes=Notes(training_data="word lists of our own", origin="drawn at random"),
    )
    (tmp_path / "device").mkdir()
    unpack(published.archive, tmp_path / "device", publishers=[key.publisher])
    arrived = Bundle.open(tmp_path / "device", kind="encoder")
    assert arrived.id == bundle.id == published.manifest.id
    assert arrived.manifest == published.manifest
    assert arrived.manifest.training_data == "word lists of our own"
    assert arrived.source == "drawn at random"
    with Encoder.open(arrived) as there, Encoder.open(bundle) as here:
        assert (there.encode_passages(["coffee in paris"]) == here.encode_passages(["coffee in paris"])).all()


def test_the_folder_is_left_as_it_was(tmp_path: Path, measured: Measured, key: SigningKey) -> None:
    folder = measured().folder
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    publish(folder, tmp_path / "out", key=key)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_card_and_licence_travel_along(tmp_path: Path, measured: Measured, key: SigningKey) -> None:
    (tmp_path / "LICENSE").write_text("Do as you like.\n")
    published = publish(measured().folder, tmp_path / "out", key=key, notes=Notes(source=tmp_path))
    assert published.has_license_text
    (tmp_path / "device").mkdir()
    unpack(published.archive, tmp_path / "device")
    arrived = Bundle.open(tmp_path / "device", kind="encoder")
    assert arrived.file("license").read_text() == "Do as you like.\n"
    assert arrived.file("card").read_text().startswith("# tiny-encoder 1.2.0\n")


def test_a_card_of_the_publishers_own_is_kept(tmp_path: Path, measured: Measured, key: SigningKey) -> None:
    bundle = measured()
    (bundle.folder / "README.md").write_text("# Mine\n")
    card = FileEntry.measure(bundle.folder, "README.md")
    write_manifest(bundle.folder, replace(bundle.manifest, files={**bundle.files, "card": card}))
    published = publish(bundle.folder, tmp_path / "out", key=key)
    assert published.manifest.files["card"] == card
    assert not published.has_license_text


def test_what_nobody_measured_is_refused(tmp_path: Path, measured: Measured, key: SigningKey) -> None:
    with pytest.raises(ParityError, match="no gate results") as caught:
        publish(measured(gate=()).folder, tmp_path / "out", key=key)
    assert caught.value.hint == "run: ondevice-export parity"
    assert not (tmp_path / "out").exists()


def test_bounds_given_now_are_applied_and_recorded(tmp_path: Path, measured: Measured, key: SigningKey) -> None:
    folder = measured().folder
    with pytest.raises(ParityError, match=r"cosine_mean on built-in .* is 0\.9982, at least 0\.999 is needed"):
        publish(folder, tmp_path / "out", key=key, bounds=Bounds(cosine_mean_min=0.999))
    with pytest.raises(ParityError, match="nothing measured it"):
        publish(folder, tmp_path / "out", key=key, bounds=Bounds(agreement_min=0.9))
    assert not (tmp_path / "out").exists()
    published = publish(folder, tmp_path / "out", key=key, bounds=Bounds(cosine_mean_min=0.998, file_bytes_max=40_000))
    assert [result.bound for result in published.manifest.gate] == [0.998, 0.005, 0.998, 40_000]


def test_a_result_outside_its_own_bound_is_refused(tmp_path: Path, measured: Measured, key: SigningKey) -> None:
    bad = GateResult(measure="ndcg@10_drop", value=0.02, bound=0.005, data="lamp", n=80, cpu="x86-64 avx2")
    with pytest.raises(ParityError, match=r"is 0\.02, at most 0\.005"):
        publish(measured(gate=(bad,)).folder, tmp_path / "out", key=key)
    unknown = replace(bad, measure="sparkle")
    with pytest.raises(ParityError, match="knows no such bound"):
        publish(measured("other", gate=(unknown,)).folder, tmp_path / "out", key=key)


def test_a_damaged_bundle_is_refused(tmp_path: Path, measured: Measured, key: SigningKey) -> None:
    bundle = measured()
    path = bundle.file("model")
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    with pytest.raises(CorruptError):
        publish(bundle.folder, tmp_path / "out", key=key)
    path.unlink()
    with pytest.raises(NotFoundError):
        publish(bundle.folder, tmp_path / "out", key=key)
    assert not (tmp_path / "out").exists()


def test_an_unknown_licence_is_refused(tmp_path: Path, measured: Measured, key: SigningKey) -> None:
    with pytest.raises(InputError, match="no SPDX identifier"):
        publish(measured(license="mine").folder, tmp_path / "out", key=key)


@pytest.mark.parametrize("version", ["", "1/2", "../1", "1 2", "1.0-rc1"])
def test_a_version_that_has_no_order_is_refused(
    tmp_path: Path, measured: Measured, key: SigningKey, version: str
) -> None:
    with pytest.raises(ConversionError, match="version"):
        publish(measured(version=version).folder, tmp_path / "out", key=key)


def test_a_published_version_stays_as_it_is(tmp_path: Path, measured: Measured, key: SigningKey) -> None:
    folder = measured().folder
    archive = publish(folder, tmp_path / "out", key=key).archive
    before = archive.read_bytes()
    with pytest.raises(StorageError, match="already"):
        publish(folder, tmp_path / "out", key=key, notes=Notes(paper="another"))
    assert archive.read_bytes() == before
    assert [path.name for path in archive.parent.iterdir()] == [archive.name]


def test_a_file_that_no_device_would_unpack_is_refused(tmp_path: Path, measured: Measured, key: SigningKey) -> None:
    bundle = measured()
    (bundle.folder / "read me.txt").write_text("x")
    entry = FileEntry.measure(bundle.folder, "read me.txt")
    write_manifest(bundle.folder, replace(bundle.manifest, files={**bundle.files, "extra": entry}))
    with pytest.raises(ConversionError, match="fits no archive"):
        publish(bundle.folder, tmp_path / "out", key=key)


def test_the_device_installs_it_from_its_publisher_only(tmp_path: Path, measured: Measured, key: SigningKey) -> None:
    models = tmp_path / "models"
    first = publish(measured().folder, tmp_path / "out", key=key)
    later = publish(measured("later", version="1.10.0").folder, tmp_path / "out", key=key)
    with pytest.raises(SignatureError):
        install(first.archive, models, publishers=[SigningKey.generate().publisher])
    assert install(first.archive, models, publishers=[key.publisher]).version == "1.2.0"
    assert install(later.archive, models, publishers=[key.publisher]).replaced == "1.2.0"
    in_use = Bundle.open(models / "tiny-encoder", kind="encoder", publishers=[key.publisher])
    assert in_use.version == "1.10.0"
    assert rollback(models, "tiny-encoder", publishers=[key.publisher]).version == "1.2.0"
