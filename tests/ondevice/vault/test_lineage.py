from __future__ import annotations

import pytest

from ondevice.errors import NotFoundError
from ondevice.records import ArtifactOutcome, Draft
from ondevice.vault import Vault


@pytest.fixture
def filled(vault: Vault) -> Vault:
    vault.items.put_many([Draft(text=f"text {name}", id=name) for name in "abc"])
    vault.lineage.record("adapter", "style", ["a", "b", "a"], sealed_name="adapter-style")
    vault.sealed.write("adapter-style", b"weights", version=1)
    vault.lineage.record("summary", "week", ["c"])
    return vault


def test_artifacts_of_items(filled: Vault) -> None:
    assert [artifact.name for artifact in filled.lineage.artifacts_of(["a"])] == ["style"]
    assert [artifact.name for artifact in filled.lineage.artifacts_of(["b", "c"])] == ["style", "week"]
    assert filled.lineage.artifacts_of(["nothing"]) == []
    assert [artifact.kind for artifact in filled.lineage.list()] == ["adapter", "summary"]


def test_recording_again_replaces(filled: Vault) -> None:
    filled.lineage.record("adapter", "style", ["c"], sealed_name="adapter-style")
    assert filled.lineage.artifacts_of(["a"]) == []
    assert len(filled.lineage.artifacts_of(["c"])) == 2


def test_unknown_item_is_not_found(filled: Vault) -> None:
    with pytest.raises(NotFoundError, match="1 of 2"):
        filled.lineage.record("adapter", "style", ["a", "nothing"])
    assert [artifact.name for artifact in filled.lineage.artifacts_of(["a"])] == ["style"]


def test_drop_deletes_the_blob(filled: Vault) -> None:
    assert filled.lineage.drop("adapter", "style")
    assert not filled.lineage.drop("adapter", "style")
    assert filled.sealed.names() == []


def test_forget_drops_what_was_made_from_the_item(filled: Vault) -> None:
    receipt = filled.forget(["b"])
    assert ArtifactOutcome(kind="adapter", name="style", outcome="dropped", count=1) in receipt.artifacts
    assert ArtifactOutcome(kind="sealed blob", name="adapter-style", outcome="erased", count=1) in receipt.artifacts
    assert filled.sealed.names() == []
    assert [artifact.name for artifact in filled.lineage.list()] == ["week"]
