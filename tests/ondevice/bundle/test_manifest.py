"""Bundles: what opens, what is refused, and with which error."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ondevice.bundle import (
    Bundle,
    EncoderSpec,
    FileEntry,
    FoldSpec,
    GeneratorSpec,
    Manifest,
    read_manifest,
    write_manifest,
)
from ondevice.errors import BundleError, CorruptError, ManifestError, NotFoundError, VersionError

SPEC = EncoderSpec(dim=4, pooling="mean", is_normalized=False, max_tokens=16, query_prefix="q: ", passage_prefix="p: ")


def build(folder: Path) -> Manifest:
    folder.mkdir(exist_ok=True)
    (folder / "model.onnx").write_bytes(b"weights" * 100_000)
    (folder / "tokenizer.json").write_bytes(b"{}")
    manifest = Manifest(
        kind="encoder",
        name="tiny-1",
        version="3",
        license="Apache-2.0",
        source="made here",
        files={
            "model": FileEntry.measure(folder, "model.onnx"),
            "tokenizer": FileEntry.measure(folder, "tokenizer.json"),
        },
        encoder=SPEC,
    )
    write_manifest(folder, manifest)
    return manifest


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    build(tmp_path / "tiny-1")
    return tmp_path / "tiny-1"


def edit(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    path = folder / "manifest.json"
    value = json.loads(path.read_text())
    change(value)
    path.write_text(json.dumps(value))


def test_what_is_written_is_what_opens(folder: Path) -> None:
    bundle = Bundle.open(folder, kind="encoder")
    assert (bundle.name, bundle.version, bundle.kind, bundle.license) == ("tiny-1", "3", "encoder", "Apache-2.0")
    assert bundle.source == "made here"
    assert bundle.encoder == SPEC
    assert bundle.generator is None
    assert bundle.file("model") == folder / "model.onnx"
    assert bundle.files["model"].bytes == 700_000
    assert sorted(path.name for path in folder.iterdir()) == ["manifest.json", "model.onnx", "tokenizer.json"]
    assert stat.S_IMODE((folder / "manifest.json").stat().st_mode) == 0o600


def test_a_generator_round_trips(folder: Path) -> None:
    manifest = Manifest(
        kind="generator",
        name="g",
        version="1",
        license="MIT",
        source="",
        files={"model": FileEntry.measure(folder, "model.onnx")},
        generator=GeneratorSpec(context_tokens=8192, base="Some-Model"),
    )
    write_manifest(folder, manifest)
    bundle = Bundle.open(folder, kind="generator")
    assert bundle.generator == GeneratorSpec(context_tokens=8192, base="Some-Model")
    assert bundle.manifest == manifest


def test_a_manifest_says_from_which_fold_of_users_the_model_has_learned(folder: Path) -> None:
    plain = read_manifest(folder)
    told = replace(plain, learned_fold=FoldSpec(fold=2, digests={"LaMP_2": "0123456789abcdef"}))
    write_manifest(folder, told)
    assert read_manifest(folder) == told
    assert told.id == plain.id
    assert "learned_fold" not in plain.to_json()
    for wrong in ({"fold": 3, "digests": {"LaMP_2": "0" * 16}}, {"fold": 1, "digests": {}}, {"fold": 1}):
        (folder / "manifest.json").write_text(json.dumps({**plain.to_json(), "learned_fold": wrong}))
        with pytest.raises(ManifestError):
            read_manifest(folder)


def test_the_id_follows_what_shapes_the_vectors_and_nothing_else(folder: Path) -> None:
    manifest = read_manifest(folder)
    other_file = {**manifest.files, "model": replace(manifest.files["model"], sha256="0" * 64)}
    moved = {**manifest.files, "model": replace(manifest.files["model"], path="other.onnx")}
    assert manifest.id.startswith("tiny-1-")
    assert len(manifest.id) == len("tiny-1-") + 12
    assert replace(manifest, version="4", license="MIT", source="elsewhere", files=moved).id == manifest.id
    assert replace(manifest, files=other_file).id != manifest.id
    assert replace(manifest, encoder=replace(SPEC, query_prefix="")).id != manifest.id
    assert replace(manifest, encoder=replace(SPEC, pooling="cls")).id != manifest.id


def test_a_frozen_id_stays_what_it_is() -> None:
    entry = FileEntry(path="m", sha256="a" * 64, bytes=1)
    manifest = Manifest(
        kind="encoder",
        name="n",
        version="1",
        license="",
        source="",
        files={"model": entry, "tokenizer": entry},
        encoder=SPEC,
    )
    assert manifest.id == "n-0f4a87878cf5"


def test_every_flipped_byte_of_a_file_is_found(folder: Path) -> None:
    for name in ("model.onnx", "tokenizer.json"):
        original = (folder / name).read_bytes()
        changed = bytearray(original)
        changed[-1] ^= 1
        (folder / name).write_bytes(changed)
        with pytest.raises(CorruptError, match="sha-256") as caught:
            Bundle.open(folder, kind="encoder")
        assert caught.value.hint == "run: ondevice-models fetch tiny-1"
        (folder / name).write_bytes(original)
    Bundle.open(folder, kind="encoder")


def test_a_truncated_file_names_both_sizes(folder: Path) -> None:
    (folder / "tokenizer.json").write_bytes(b"{")
    with pytest.raises(CorruptError, match="has 1 bytes, not 2"):
        Bundle.open(folder, kind="encoder")


def test_what_is_missing_says_how_to_get_it(folder: Path) -> None:
    for path in (folder / "nothing-here", folder / "model.onnx"):
        with pytest.raises(NotFoundError, match="run: ondevice-models fetch"):
            Bundle.open(path, kind="encoder")
    (folder / "model.onnx").unlink()
    with pytest.raises(NotFoundError, match=r"'model\.onnx' of the model 'tiny-1' is missing"):
        Bundle.open(folder, kind="encoder")


def test_the_other_kind_is_refused(folder: Path) -> None:
    with pytest.raises(BundleError, match="is of kind 'encoder', but 'generator' is needed"):
        Bundle.open(folder, kind="generator")


def test_an_unknown_role_is_not_found(folder: Path) -> None:
    with pytest.raises(NotFoundError, match="has no file 'adapter'"):
        Bundle.open(folder, kind="encoder").file("adapter")


def test_a_newer_format_is_a_version_error(folder: Path) -> None:
    edit(folder, lambda value: value.update(format=2, something_new=1))
    with pytest.raises(VersionError, match="format 2, but this release reads up to 1"):
        Bundle.open(folder, kind="encoder")


def _set(*path: str, to: object) -> Callable[[dict[str, Any]], object]:
    def change(value: dict[str, Any]) -> None:
        for key in path[:-1]:
            value = value[key]
        value[path[-1]] = to

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (_set("surprise", to=1), "unknown field 'surprise'"),
        (_set("encoder", "surprise", to=1), "unknown field 'surprise'"),
        (_set("files", "model", "surprise", to=1), "unknown field 'surprise'"),
        (_set("generator", to={"context_tokens": 1, "base": ""}), "unknown field 'generator'"),
        (lambda value: value.pop("license"), "'license' of the manifest is missing"),
        (lambda value: value["encoder"].pop("dim"), "'dim' .* is missing"),
        (lambda value: value["files"].pop("tokenizer"), "the file 'tokenizer' is missing"),
        (lambda value: value.pop("format"), "'format' of the manifest is missing"),
        (_set("format", to=0), "format 0 does not exist"),
        (_set("format", to=True), "must be int, not bool"),
        (_set("kind", to="poem"), "kind 'poem' is none of encoder, selector"),
        (_set("encoder", "dim", to="4"), "must be int, not str"),
        (_set("encoder", "dim", to=True), "must be int, not bool"),
        (_set("encoder", "dim", to=0), "dim 0 must be 1 or more"),
        (_set("encoder", "is_normalized", to=1), "must be bool, not int"),
        (_set("encoder", "pooling", to="max"), "pooling 'max' is none of mean, cls, none"),
        (_set("encoder", to=[]), "must be dict, not list"),
        (_set("files", "model", to=3), "the file 'model' must be an object"),
        (_set("files", "model", "path", to="../outside"), "must stay inside the folder"),
        (_set("files", "model", "path", to="/etc/passwd"), "must stay inside the folder"),
        (_set("files", "model", "path", to="C:\\model"), "must stay inside the folder"),
        (_set("files", "model", "path", to=""), "must stay inside the folder"),
        (_set("files", "model", "sha256", to="A" * 64), "64 lowercase hex digits"),
        (_set("files", "model", "bytes", to=-1), "must not be negative"),
        (_set("files", "Model", to={"path": "x", "sha256": "0" * 64, "bytes": 1}), "must be a lowercase word"),
        (_set("name", to="../up"), "name must be"),
    ],
)
def test_a_manifest_with_a_wrong_field_is_refused(
    folder: Path, change: Callable[[dict[str, Any]], object], message: str
) -> None:
    edit(folder, change)
    with pytest.raises(ManifestError, match=message):
        Bundle.open(folder, kind="encoder")


@pytest.mark.parametrize(
    "data",
    [b"", b"\xff\xfe", b"[", b"[]", b"null", b'{"format": NaN}', b'{"format":1,"format":1}', b"[" * 100_000],
    ids=["empty", "not-text", "cut", "list", "null", "nan", "twice", "deep"],
)
def test_what_is_not_a_manifest_is_refused(folder: Path, data: bytes) -> None:
    (folder / "manifest.json").write_bytes(data)
    with pytest.raises(ManifestError):
        read_manifest(folder)


def test_an_endless_manifest_is_not_read_to_its_end(folder: Path) -> None:
    (folder / "manifest.json").write_bytes(b" " * ((1 << 20) + 1))
    with pytest.raises(ManifestError, match="longer than"):
        read_manifest(folder)
