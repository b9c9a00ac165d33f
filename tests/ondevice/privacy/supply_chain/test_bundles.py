"""A model that is not what its publisher signed is found, whichever byte, name or pointer was changed."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from ondevice.privacy.findings import Table
from tests.ondevice.bundle.signed import OURS, THEIRS, make_bundle
from tests.ondevice.privacy.supply_chain.conftest import Look, codes


def flip(file: Path, at: int = -1) -> None:
    data = bytearray(file.read_bytes())
    data[at] ^= 1
    file.write_bytes(bytes(data))


def install_version(models: Path, *, version: str, content: bytes, name: str = "tiny") -> str:
    """Lay a version where installing would, and return its folder's name."""
    draft = make_bundle(models / ".draft", name=name, version=version, content=content, publisher=OURS)
    folder = f"v-{hashlib.sha256((draft / 'manifest.json').read_bytes()).hexdigest()[:12]}"
    (models / name).mkdir(exist_ok=True)
    draft.rename(models / name / folder)
    return folder


def edit_manifest(bundle: Path, **fields: object) -> None:
    manifest = json.loads((bundle / "manifest.json").read_text())
    (bundle / "manifest.json").write_text(json.dumps(manifest | fields))


def table_of(tables: tuple[Table, ...], title: str) -> Table:
    return next(table for table in tables if table.title.startswith(title))


def test_a_model_as_its_publisher_signed_it_is_in_order(look: Look) -> None:
    section = look()
    assert (codes(section), section.verdict) == ({}, "passed")
    (row,) = table_of(section.tables, "Models").rows
    assert row[:7] == ("tiny", "1", "generator", True, "as described", f"trusted, {OURS.key.fingerprint}", "CC0-1.0")


@pytest.mark.parametrize("is_pinned", [True, False])
@pytest.mark.parametrize("file", ["model.gguf", "notes/card.md"])
def test_one_flipped_byte_of_a_file_is_found(look: Look, models: Path, file: str, is_pinned: bool) -> None:
    flip(models / "tiny" / file)
    found = codes(look(is_pinned=is_pinned))
    assert found.pop("no-publisher", "note") == "note"
    assert found == {"model-changed": "high"}


@pytest.mark.parametrize("is_pinned", [True, False])
def test_a_manifest_that_was_changed_after_signing_is_found(look: Look, models: Path, is_pinned: bool) -> None:
    edit_manifest(models / "tiny", version="2")
    assert codes(look(is_pinned=is_pinned))["signature-broken"] == "high"


@pytest.mark.parametrize("at", [0, 40])
def test_one_flipped_byte_of_the_manifest_is_found(look: Look, models: Path, at: int) -> None:
    flip(models / "tiny" / "manifest.json", at)
    assert codes(look())["signature-broken"] == "high"


@pytest.mark.parametrize("content", [b"", b"{}", b"\x00" * 5000])
def test_a_damaged_signature_is_found(look: Look, models: Path, content: bytes) -> None:
    (models / "tiny" / "manifest.sig").write_bytes(content)
    assert codes(look()) == {"signature-broken": "high"}


def test_a_longer_and_a_missing_file_are_found(look: Look, models: Path) -> None:
    (models / "tiny" / "model.gguf").write_bytes(b"weights and more")
    (models / "tiny" / "notes" / "card.md").unlink()
    (finding,) = look().findings
    assert (finding.code, finding.level) == ("supply-chain/model-changed", "high")
    assert "2 files" in finding.text
    assert "model, card" in finding.text


@pytest.mark.parametrize("content", [None, b"", b"{", b'{"format": 1}'])
def test_a_model_in_use_without_a_usable_manifest_is_found(look: Look, models: Path, content: bytes | None) -> None:
    file = models / "tiny" / "manifest.json"
    file.unlink()
    if content is not None:
        file.write_bytes(content)
    assert codes(look())["manifest-unreadable"] == "high"


def test_an_unsigned_model_is_refused_where_publishers_are_pinned(look: Look, models: Path) -> None:
    (models / "tiny" / "manifest.sig").unlink()
    assert codes(look()) == {"unsigned": "medium"}
    assert codes(look(is_pinned=False)) == {"no-publisher": "note"}


def test_a_signature_by_somebody_else_is_found(look: Look, models: Path) -> None:
    THEIRS.sign(models / "tiny")
    (finding,) = look().findings
    assert (finding.code, finding.level) == ("supply-chain/publisher-unknown", "high")
    assert THEIRS.key.fingerprint in finding.text


def test_a_signature_in_the_publisher_s_name_by_another_key_is_found(look: Look, models: Path) -> None:
    ours = json.loads((models / "tiny" / "manifest.sig").read_text())
    THEIRS.sign(models / "tiny")
    theirs = json.loads((models / "tiny" / "manifest.sig").read_text())
    (models / "tiny" / "manifest.sig").write_text(json.dumps(theirs | {"publisher": ours["publisher"]}))
    assert codes(look()) == {"signature-broken": "high"}


@pytest.mark.parametrize("is_pinned", [True, False])
def test_a_model_under_another_name_is_found(look: Look, models: Path, is_pinned: bool) -> None:
    make_bundle(models / "large", name="small", publisher=OURS)
    assert codes(look(is_pinned=is_pinned, generator="large"))["model-renamed"] == "medium"


@pytest.mark.parametrize("content", [b"", b"elsewhere\n", b"../evil\n", b"v-000000000000\n", b".\n.\n.\n"])
def test_a_pointer_that_names_no_version_is_found(look: Look, models: Path, content: bytes) -> None:
    (models / "tiny" / "current").write_bytes(content)
    assert codes(look()) == {"model-pointer": "high"}
    assert codes(look(generator=None)) == {"model-pointer": "medium"}


def test_a_version_in_another_s_place_is_found(look: Look, models: Path) -> None:
    second = install_version(models, version="2", content=b"second")
    third = install_version(models, version="3", content=b"third")
    (models / "tiny" / "current").write_text(f"{third}\n{second}\n")
    assert codes(look()) == {}
    (models / "tiny" / third).rename(models / "tiny" / "away")
    (models / "tiny" / second).rename(models / "tiny" / third)
    assert codes(look())["version-swapped"] == "high"


def test_a_version_beside_the_one_in_use_is_looked_at_too(look: Look, models: Path) -> None:
    second = install_version(models, version="2", content=b"second")
    (models / "tiny" / "current").write_text(f"{second}\n.\n")
    section = look()
    assert codes(section) == {}
    assert [row[3] for row in table_of(section.tables, "Models").rows] == [False, True]
    flip(models / "tiny" / "model.gguf")
    assert codes(look()) == {"model-changed": "high"}


def test_an_older_version_in_use_is_told(look: Look, models: Path) -> None:
    second = install_version(models, version="2", content=b"second")
    (models / "tiny" / "current").write_text(f".\n{second}\n")
    assert codes(look()) == {"older-model": "note"}


@pytest.mark.parametrize("what", ["home", "version"])
def test_a_link_out_of_the_models_folder_is_found(look: Look, models: Path, tmp_path: Path, what: str) -> None:
    if what == "home":
        link = models / "tiny"
    else:
        link = models / "tiny" / install_version(models, version="2", content=b"second")
        (models / "tiny" / "current").write_text(f"{link.name}\n")
    link.rename(tmp_path / link.name)
    link.symlink_to(tmp_path / link.name)
    assert codes(look()) == {"model-elsewhere": "medium"}


def test_files_that_no_manifest_names_are_counted_but_not_named(look: Look, models: Path) -> None:
    for place in ("diary.txt", "notes/more/diary.txt"):
        (models / "tiny" / place).parent.mkdir(exist_ok=True)
        (models / "tiny" / place).write_text("mine")
    (finding,) = look().findings
    assert (finding.code, finding.level) == ("supply-chain/unlisted-model-files", "note")
    assert "2 files" in finding.text
    assert "diary" not in finding.text


@pytest.mark.parametrize("licence", ["", "GPL-3.0-only", "CC-BY-NC-4.0", "our own terms"])
def test_a_licence_that_is_not_permissive_is_told(look: Look, models: Path, licence: str) -> None:
    edit_manifest(models / "tiny", license=licence)
    OURS.sign(models / "tiny")
    assert codes(look()) == {"model-licence": "low"}


def test_a_model_that_is_not_there_is_told(look: Look) -> None:
    assert codes(look(generator="other")) == {"model-missing": "note"}


def test_what_the_gate_measured_is_shown(look: Look, models: Path) -> None:
    gate = {"measure": "cosine_min", "value": 0.99, "bound": 0.98, "data": "news", "n": 100, "cpu": "x86-64"}
    assert any("figures of a gate" in sentence for sentence in look().not_tested)
    edit_manifest(models / "tiny", gate=[gate])
    OURS.sign(models / "tiny")
    section = look()
    assert table_of(section.tables, "What the models' gates").rows == (
        ("tiny", "cosine_min", 0.99, 0.98, "news", 100, "x86-64"),
    )
    assert not any("figures of a gate" in sentence for sentence in section.not_tested)
