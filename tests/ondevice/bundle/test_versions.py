"""Versions: which is newer, and what may replace what."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ondevice.bundle import EncoderSpec, FileEntry, Manifest, read_manifest
from ondevice.bundle.versions import check_order, version_order
from ondevice.errors import BundleError
from tests.ondevice.bundle.signed import make_bundle


def test_numbers_are_compared_as_numbers() -> None:
    ascending = ["0", "0.1", "1", "1.0.1", "1.2", "1.10", "2", "10", "2026.11"]
    orders = [version_order(version) for version in ascending]
    assert sorted(orders, key=lambda order: order or ()) == orders
    assert version_order("1") == version_order("1.0") == version_order("1.0.0")


@pytest.mark.parametrize("version", ["", "v1", "1.", ".1", "1..2", "1a", "-1", "1 ", "1\n", "\u0661", "1" * 10])
def test_what_has_no_order_has_none(version: str) -> None:
    assert version_order(version) is None


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return make_bundle(tmp_path / "tiny", version="2")


def changed(home: Path, version: str) -> Manifest:
    return replace(read_manifest(home), version=version, recipe="another")


def test_only_newer_ones_replace_what_is_there(home: Path) -> None:
    check = check_order(home, allow_downgrade=False)
    check(changed(home, "2.1"))
    check(read_manifest(home))
    with pytest.raises(BundleError, match=r"version 1\.9 of 'tiny' is not newer than 2"):
        check(changed(home, "1.9"))
    with pytest.raises(BundleError, match="no dotted number"):
        check(changed(home, "newest"))
    check_order(home, allow_downgrade=True)(changed(home, "1.9"))


@pytest.mark.parametrize("allow_downgrade", [False, True])
def test_the_same_version_with_other_content_is_refused(home: Path, allow_downgrade: bool) -> None:
    with pytest.raises(BundleError, match="version 2 of 'tiny' is installed already, with other content"):
        check_order(home, allow_downgrade=allow_downgrade)(changed(home, "2.0"))


def test_another_kind_under_the_same_name_is_refused(home: Path) -> None:
    entry = FileEntry(path="m", sha256="0" * 64, bytes=1)
    spec = EncoderSpec(dim=1, pooling="mean", is_normalized=True, max_tokens=3)
    other = Manifest(
        kind="encoder",
        name="tiny",
        version="3",
        license="",
        source="",
        files={"model": entry, "tokenizer": entry},
        encoder=spec,
    )
    with pytest.raises(BundleError, match="is of kind 'generator', the new one 'encoder'"):
        check_order(home, allow_downgrade=True)(other)


def test_what_has_no_order_is_replaced_only_where_downgrades_are_allowed(tmp_path: Path) -> None:
    home = make_bundle(tmp_path / "tiny", version="nightly")
    with pytest.raises(BundleError, match="not newer than nightly"):
        check_order(home, allow_downgrade=False)(changed(home, "1"))
    check_order(home, allow_downgrade=True)(changed(home, "1"))


def test_nothing_and_what_is_unreadable_are_replaced_by_every_version(home: Path, tmp_path: Path) -> None:
    new = changed(home, "1")
    check_order(tmp_path / "nothing", allow_downgrade=False)(new)
    (home / "manifest.json").write_bytes(b"{")
    check_order(home, allow_downgrade=False)(new)
