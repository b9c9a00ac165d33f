from __future__ import annotations

import shutil

import pytest

from export.drafting import drafting
from export.errors import ConversionError
from ondevice.bundle import Bundle
from ondevice.errors import NotFoundError, StorageError
from tests.tiny_models import make_tiny_encoder


def test_a_complete_draft_becomes_the_bundle(tmp_path):
    made = make_tiny_encoder(tmp_path / "made")
    with drafting(tmp_path / "new" / "bundle") as folder:
        for path in made.folder.iterdir():
            shutil.copy(path, folder)
        assert not (tmp_path / "new" / "bundle").exists()
    assert Bundle.open(tmp_path / "new" / "bundle", kind="encoder").id == made.id
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["bundle"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_a_failure_leaves_nothing(tmp_path, error):
    def build() -> None:
        with drafting(tmp_path / "bundle") as folder:
            (folder / "model.onnx").write_bytes(b"half")
            raise error

    with pytest.raises(error):
        build()
    assert list(tmp_path.iterdir()) == []


def test_a_draft_without_manifest_is_no_bundle(tmp_path):
    with pytest.raises(NotFoundError, match="there is no model"), drafting(tmp_path / "bundle"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_what_is_there_is_never_overwritten(tmp_path):
    (tmp_path / "bundle").mkdir()
    with pytest.raises(ConversionError, match="something at 'bundle' already"), drafting(tmp_path / "bundle"):
        pass
    assert (tmp_path / "bundle").is_dir()


def test_a_disk_that_refuses_is_a_storage_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="cannot be written"), drafting(tmp_path / "file" / "bundle"):
        pass
