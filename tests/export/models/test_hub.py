from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from export.errors import FetchError
from export.models import Connection, FetchOptions, RegisteredModel, fetch_model
from export.models.registry import HubSource
from ondevice.bundle import Bundle
from ondevice.errors import StorageError
from tests.tiny_host import TOKENIZER, WEIGHTS, Host, sha256

pytestmark = pytest.mark.loopback
Options = Callable[..., FetchOptions]


def part_of(models: Path, data: bytes) -> Path:
    return models / ".fetching" / "tiny" / f"{sha256(data)}.part"


def ranges(host: Host) -> list[str | None]:
    return [wanted for path, wanted in host.asked if path.endswith("model.onnx")]


def test_a_model_comes_from_the_hub_as_a_bundle(tmp_path: Path, tiny: RegisteredModel, options: Options) -> None:
    steps: list[tuple[int, int]] = []
    report = fetch_model(
        tiny, tmp_path, options=options(source="hub"), on_progress=lambda done, total: steps.append((done, total))
    )
    assert [file.origin for file in report.files] == ["hub", "hub"]
    assert report.n_fetched_bytes == len(WEIGHTS) + len(TOKENIZER)
    bundle = Bundle.open(tmp_path / "tiny", kind="encoder")
    assert bundle.file("model").read_bytes() == WEIGHTS
    assert bundle.encoder is not None
    assert steps == sorted(steps)
    assert steps[-1] == (report.n_fetched_bytes, report.n_fetched_bytes)
    assert [path.name for path in (tmp_path / ".fetching").iterdir()] == ["tiny.lock"]


def test_what_is_here_and_right_asks_nobody(
    tmp_path: Path, tiny: RegisteredModel, options: Options, host: Host
) -> None:
    fetch_model(tiny, tmp_path, options=options(source="hub"))
    host.asked.clear()
    report = fetch_model(tiny, tmp_path, options=options(source="hub"))
    assert host.asked == []
    assert (report.n_fetched_bytes, {file.origin for file in report.files}) == (0, {"kept"})


def test_a_damaged_file_alone_is_fetched_again(
    tmp_path: Path, tiny: RegisteredModel, options: Options, host: Host
) -> None:
    fetch_model(tiny, tmp_path, options=options(source="hub"))
    (tmp_path / "tiny" / "tokenizer.json").write_bytes(b"x")
    host.asked.clear()
    report = fetch_model(tiny, tmp_path, options=options(source="hub"))
    assert [path for path, _ in host.asked] == [host.hub_path("tokenizer.json")]
    assert [file.origin for file in report.files] == ["kept", "hub"]


def test_a_cut_connection_is_taken_up_where_it_broke(
    tmp_path: Path, tiny: RegisteredModel, options: Options, host: Host
) -> None:
    host.cut_after = [100_000, 50_000]
    fetch_model(tiny, tmp_path, options=options(source="hub"))
    assert (tmp_path / "tiny" / "model.onnx").read_bytes() == WEIGHTS
    first, second, third = ranges(host)
    assert first is None
    assert second == "bytes=100000-"
    assert third == "bytes=150000-"


def test_a_later_run_goes_on_with_what_an_earlier_one_got(
    tmp_path: Path, tiny: RegisteredModel, options: Options, host: Host
) -> None:
    host.cut_after = [100_000, 0, 0, 0]
    with pytest.raises(FetchError, match="kept breaking; 100000 of 300000 bytes are here") as caught:
        fetch_model(tiny, tmp_path, options=options(source="hub"))
    assert caught.value.hint is not None
    assert "run the same command again" in caught.value.hint
    assert not (tmp_path / "tiny" / "model.onnx").exists()
    assert part_of(tmp_path, WEIGHTS).read_bytes() == WEIGHTS[:100_000]
    host.asked.clear()
    fetch_model(tiny, tmp_path, options=options(source="hub"))
    assert ranges(host) == ["bytes=100000-"]


def test_without_range_support_it_starts_over(
    tmp_path: Path, tiny: RegisteredModel, options: Options, host: Host
) -> None:
    host.takes_ranges = False
    host.cut_after = [100_000]
    fetch_model(tiny, tmp_path, options=options(source="hub"))
    assert (tmp_path / "tiny" / "model.onnx").read_bytes() == WEIGHTS


def test_a_longer_part_than_the_file_is_thrown_away(tmp_path: Path, tiny: RegisteredModel, options: Options) -> None:
    part = part_of(tmp_path, WEIGHTS)
    part.parent.mkdir(parents=True)
    part.write_bytes(WEIGHTS + b"more")
    fetch_model(tiny, tmp_path, options=options(source="hub"))
    assert (tmp_path / "tiny" / "model.onnx").read_bytes() == WEIGHTS


def test_wrong_bytes_never_get_the_name(tmp_path: Path, tiny: RegisteredModel, options: Options, host: Host) -> None:
    other = bytes([WEIGHTS[0] ^ 1]) + WEIGHTS[1:]
    host.files[host.hub_path("onnx/model.onnx")] = other
    with pytest.raises(FetchError) as caught:
        fetch_model(tiny, tmp_path, options=options(source="hub"))
    assert f"has the sha-256 {sha256(other)}, but {sha256(WEIGHTS)} is pinned" in caught.value.message
    assert list((tmp_path / "tiny").iterdir()) == []
    assert not part_of(tmp_path, WEIGHTS).exists()


def test_another_size_is_refused_before_it_is_downloaded(
    tmp_path: Path, tiny: RegisteredModel, options: Options, host: Host
) -> None:
    host.files[host.hub_path("onnx/model.onnx")] = WEIGHTS + b"more"
    with pytest.raises(FetchError, match=r"offers 300004 bytes for 'model\.onnx', but the pinned file has 300000"):
        fetch_model(tiny, tmp_path, options=options(source="hub"))
    assert not part_of(tmp_path, WEIGHTS).exists()


def test_a_refusal_is_said_with_its_number(tmp_path: Path, tiny: RegisteredModel, options: Options, host: Host) -> None:
    del host.files[host.hub_path("onnx/model.onnx")]
    with pytest.raises(FetchError, match=r"the model hub answered 404 for 'model\.onnx'"):
        fetch_model(tiny, tmp_path, options=options(source="hub"))


def test_an_absent_hub_is_asked_once(tmp_path: Path, tiny: RegisteredModel, options: Options) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    away = Connection(endpoint=f"http://127.0.0.1:{port}", connect_s=2.0)
    notes: list[str] = []
    with pytest.raises(FetchError, match="the model hub cannot be reached") as caught:
        fetch_model(tiny, tmp_path, options=options(source="hub", connection=away), on_note=notes.append)
    assert notes == ["model.onnx: the model hub cannot be reached"]
    source = tiny.files[0].sources[0]
    assert isinstance(source, HubSource)
    assert caught.value.hint is not None
    assert f"{source.repo}/resolve/{source.revision}/{source.path}" in caught.value.hint
    assert "--from FOLDER" in caught.value.hint


def test_a_full_disk_is_called_one(tmp_path: Path, tiny: RegisteredModel, options: Options) -> None:
    part = part_of(tmp_path, WEIGHTS)
    part.parent.mkdir(parents=True)
    part.symlink_to("/dev/full")
    with pytest.raises(StorageError, match="cannot be written: No space left on device") as caught:
        fetch_model(tiny, tmp_path, options=options(source="hub"))
    assert caught.value.hint is not None
    assert "free some space" in caught.value.hint


def test_certificates_that_cannot_be_read_are_named(tmp_path: Path, tiny: RegisteredModel, options: Options) -> None:
    secure = Connection(endpoint="https://127.0.0.1:1", certificates=tmp_path / "none.pem")
    with pytest.raises(FetchError, match=r"the certificate file .*none\.pem cannot be read"):
        fetch_model(tiny, tmp_path, options=options(source="hub", connection=secure))
