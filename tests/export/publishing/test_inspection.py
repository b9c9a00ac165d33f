from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from export.publishing.inspection import inspect
from export.publishing.keys import SigningKey
from export.publishing.publication import publish
from ondevice.bundle import Bundle
from ondevice.errors import CorruptError, NotFoundError

Measured = Callable[..., Bundle]


@pytest.fixture
def archive(tmp_path: Path, measured: Measured, key: SigningKey) -> Path:
    return publish(measured().folder, tmp_path / "out", key=key).archive


def test_an_archive_is_described_without_leaving_anything(tmp_path: Path, archive: Path, key: SigningKey) -> None:
    before = sorted(tmp_path.rglob("*"))
    seen: list[tuple[int, int]] = []
    found = inspect(archive, on_progress=lambda *step: seen.append(step))
    assert (found.is_archive, found.verdict, found.reason) == (True, "intact", None)
    assert found.publisher == key.publisher
    assert set(found.manifest.files) == {"model", "tokenizer", "card"}
    assert found.bytes == sum(entry.bytes for entry in found.manifest.files.values()) == seen[-1][0]
    assert sorted(tmp_path.rglob("*")) == before


def test_a_trusted_publisher_is_told_from_another(archive: Path, key: SigningKey) -> None:
    other = SigningKey.from_seed(bytes(32))
    assert inspect(archive, publishers=[other.publisher, key.publisher]).verdict == "trusted"
    refused = inspect(archive, publishers=[other.publisher])
    assert refused.verdict == "refused"
    assert refused.reason is not None
    assert key.publisher.fingerprint in refused.reason


def test_an_unsigned_folder(tmp_path: Path, measured: Measured, key: SigningKey) -> None:
    folder = measured().folder
    assert inspect(folder).verdict == "unsigned"
    assert inspect(folder).publisher is None
    assert inspect(folder, publishers=[key.publisher]).reason == "the model 'tiny-encoder' is not signed"


def test_a_manifest_changed_after_signing_is_refused(tmp_path: Path, archive: Path) -> None:
    data = archive.read_bytes()
    assert data.count(b'"1.2.0"') == 1
    archive.write_bytes(data.replace(b'"1.2.0"', b'"9.9.9"'))
    found = inspect(archive)
    assert found.verdict == "refused"
    assert found.reason is not None
    assert "does not fit its manifest" in found.reason


def test_damage_and_absence_are_errors(tmp_path: Path, archive: Path, measured: Measured) -> None:
    data = bytearray(archive.read_bytes())
    data[-2000] ^= 1
    archive.write_bytes(data)
    with pytest.raises(CorruptError):
        inspect(archive)
    with pytest.raises(NotFoundError):
        inspect(tmp_path / "gone.ondevice")
    with pytest.raises(NotFoundError):
        inspect(tmp_path / "out")
