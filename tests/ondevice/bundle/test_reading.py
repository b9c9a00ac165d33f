"""Whatever stands in the place of a bundle's files, opening and installing say so at once."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from ondevice.bundle import Bundle, FileEntry, Manifest
from ondevice.bundle.archive import unpack
from ondevice.bundle.installing import install, rollback
from ondevice.bundle.listing import list_models
from ondevice.bundle.reading import MAX_MANIFEST_BYTES, parse_manifest
from ondevice.errors import BundleError, CorruptError, ManifestError, NotFoundError, SignatureError, StorageError
from tests.ondevice.bundle.signed import OURS, make_bundle, pack


def as_pipe(path: Path) -> None:
    path.unlink(missing_ok=True)
    os.mkfifo(path)


def as_device(path: Path) -> None:
    path.unlink(missing_ok=True)
    path.symlink_to("/dev/zero")


def as_socket(path: Path) -> None:
    path.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))


def as_folder(path: Path) -> None:
    path.unlink(missing_ok=True)
    path.mkdir()


@pytest.fixture(params=[as_pipe, as_device, as_socket, as_folder], ids=lambda each: each.__name__)
def put(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Put something that is no file at a path below the temporary folder; a socket's name must be short."""
    monkeypatch.chdir(tmp_path)
    return lambda path: request.param(Path(path))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_bundle(tmp_path / "m" / "tiny", publisher=OURS)


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("manifest.json", CorruptError),
        ("manifest.sig", SignatureError),
        ("current", CorruptError),
        ("model.gguf", CorruptError),
        ("notes/card.md", CorruptError),
    ],
)
def test_no_file_of_a_bundle_may_be_something_else(
    folder: Path, put: Callable[[str], None], name: str, error: type[Exception], tmp_path: Path
) -> None:
    put(f"m/tiny/{name}")
    with pytest.raises(error):
        Bundle.open(folder, kind="generator", publishers=[OURS.key])
    with pytest.raises(error):
        install(folder, tmp_path / "models", publishers=[OURS.key])
    assert not (tmp_path / "models" / "tiny").exists()
    (listed,) = list_models(folder.parent)
    assert (listed.problem is None) == name.endswith((".gguf", ".md"))


def test_an_archive_may_be_nothing_else(folder: Path, put: Callable[[str], None], tmp_path: Path) -> None:
    put("a.ondevice")
    (tmp_path / "out").mkdir()
    with pytest.raises((CorruptError, NotFoundError)):
        unpack(tmp_path / "a.ondevice", tmp_path / "out")
    with pytest.raises((CorruptError, NotFoundError)):
        install(tmp_path / "a.ondevice", tmp_path / "models")


@pytest.mark.parametrize("name", [".installing", "tiny/.current-new", "tiny/current"])
def test_what_stands_in_an_installs_way_is_replaced(
    folder: Path, put: Callable[[str], None], tmp_path: Path, name: str
) -> None:
    models = tmp_path / "models"
    (models / "tiny").mkdir(parents=True)
    put(f"models/{name}")
    if name.endswith("current") and (models / name).is_dir():
        with pytest.raises(StorageError):
            install(folder, models)
        return
    assert install(folder, models).version == "1"
    assert Bundle.open_any(models / "tiny").version == "1"
    with pytest.raises(NotFoundError):
        rollback(models, "tiny")


@pytest.mark.parametrize("name", ["manifest.json", "manifest.sig", "model.gguf", "current"])
def test_a_file_of_a_terabyte_is_not_read(folder: Path, name: str) -> None:
    with (folder / name).open("ab") as file:
        file.truncate(1 << 40)
    with pytest.raises((BundleError, CorruptError)):
        Bundle.open(folder, kind="generator", publishers=[OURS.key])


def test_a_file_that_grows_is_read_no_further_than_it_should_be(folder: Path) -> None:
    sizes = Bundle.open_any(folder).files["model"]
    (folder / "model.gguf").write_bytes(b"weights and more")
    with pytest.raises(CorruptError, match=f"has 16 bytes, not {sizes.bytes}"):
        Bundle.open_any(folder)


def test_an_archive_that_promises_more_than_it_has_is_refused_before_anything_is_written(
    folder: Path, tmp_path: Path
) -> None:
    value = json.loads((folder / "manifest.json").read_text("utf-8"))
    value["files"]["model"]["bytes"] = 8**11 - 1
    (folder / "manifest.json").write_text(json.dumps(value), "utf-8")
    archive = pack(folder, tmp_path / "a.ondevice")
    (tmp_path / "out").mkdir()
    with pytest.raises(CorruptError, match="cut short"):
        unpack(archive, tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def _with(manifest: Manifest, path: tuple[str, ...], value: object) -> bytes:
    document = manifest.to_json()
    place = document
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = value
    return json.dumps(document).encode()


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("files", "model", "bytes"), 10**4000),
        (("format",), 10**4000),
        (("kind",), "x" * 500_000),
        (("x" * 500_000,), 1),
        (("\x1b[31m\ud800",), 1),
    ],
    ids=["size", "format", "kind", "name", "control"],
)
def test_an_absurd_value_is_told_in_a_short_line(folder: Path, path: tuple[str, ...], value: object) -> None:
    manifest = Bundle.open_any(folder).manifest
    with pytest.raises(ManifestError) as caught:
        parse_manifest(_with(manifest, path, value))
    assert len(caught.value.message) < 400
    assert "\x1b" not in caught.value.message.encode("utf-8").decode()


def test_a_manifest_beyond_its_limit_is_refused(folder: Path) -> None:
    (folder / "manifest.json").write_bytes(b" " * (MAX_MANIFEST_BYTES + 1))
    with pytest.raises(ManifestError, match=f"longer than {MAX_MANIFEST_BYTES} bytes"):
        Bundle.open_any(folder)


def test_measuring_a_file_says_what_it_is_no_file_of(folder: Path, put: Callable[[str], None]) -> None:
    put("m/tiny/model.gguf")
    with pytest.raises(CorruptError, match="no regular file"):
        FileEntry.measure(folder, "model.gguf")
