"""The list of models: what a folder holds, and what of it cannot be read."""

from __future__ import annotations

from pathlib import Path

from ondevice.bundle.installing import install
from ondevice.bundle.listing import Listed, kind_of, list_models
from ondevice.bundle.manifest import Manifest
from ondevice.bundle.reading import read_manifest
from tests.ondevice.bundle.signed import OURS, make_bundle


def described(listed: Listed) -> tuple[str, str | None, str | None, str | None]:
    assert isinstance(listed.manifest, Manifest)
    return listed.name, listed.manifest.version, listed.signed_by, listed.previous


def test_models_are_listed_with_what_a_rollback_would_use(tmp_path: Path) -> None:
    models = tmp_path / "models"
    make_bundle(models / "plain", name="plain")
    make_bundle(models / "tiny", version="1")
    install(make_bundle(tmp_path / "two", version="2", publisher=OURS), models)
    (models / "weights-only").mkdir()
    (models / "a-file").write_text("")
    plain, tiny = list_models(models)
    assert described(plain) == ("plain", "1", None, None)
    assert described(tiny) == ("tiny", "2", OURS.key.fingerprint, "1")


def test_what_cannot_be_read_says_why(tmp_path: Path) -> None:
    for name in ("manifest", "pointer", "signature", "gone"):
        make_bundle(tmp_path / name, name=name)
    (tmp_path / "manifest" / "manifest.json").write_bytes(b"{")
    (tmp_path / "pointer" / "current").write_bytes(b"?")
    (tmp_path / "signature" / "manifest.sig").write_bytes(b"?")
    (tmp_path / "gone" / "current").write_bytes(b"v-000000000000\n.\n")
    problems = {each.name: each.problem for each in list_models(tmp_path)}
    assert problems["manifest"] == "the manifest is not valid json"
    assert problems["pointer"] == "the file 'current' of the model 'pointer' names no version"
    assert problems["signature"] == "the file manifest.sig is not a signature"
    assert problems["gone"] == "the version in use of the model 'gone' is missing"


def test_a_missing_folder_holds_no_models(tmp_path: Path) -> None:
    assert list_models(tmp_path / "nothing") == []


def test_a_model_s_kind_is_told_without_opening_it_and_only_inside_the_folder(tmp_path: Path) -> None:
    models = tmp_path / "models"
    make_bundle(models / "plain", name="plain")
    kind = read_manifest(models / "plain").kind
    install(make_bundle(tmp_path / "two", version="2"), models)
    assert kind_of(models, "plain") == kind_of(models, "tiny") == kind
    (models / "weights-only").mkdir()
    for name in ("weights-only", "nothing", "", ".", "..", "../models/plain", str(models / "plain")):
        assert kind_of(models, name) is None
