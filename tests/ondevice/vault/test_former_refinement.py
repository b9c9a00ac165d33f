"""What searches learned in earlier releases: the profile opens, and nothing of it stays."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from ondevice import ModelSet, Personalizer
from ondevice.errors import StorageError
from ondevice.records import ArtifactOutcome, Draft
from ondevice.vault import AppKey, Vault
from ondevice.vault.derived import FORMER
from ondevice.vault.settings import Json

QUERY_MAP = b"ODQM" + bytes(1044)


@pytest.fixture
def old(vault: Vault) -> Vault:
    """Hold a refinement as releases that learned one kept it: a blob, its lineage, its note, and that it is in use."""
    vault.items.put_many([Draft(text=f"text {name}", id=name) for name in "abc"])
    report: dict[str, Json] = {"task": "chat", "n_pairs": 10, "loss_before": 0.5, "loss_after": 0.4, "is_cut": False}
    note: dict[str, Json] = {
        "format": 1,
        "encoder": "minilm",
        "base": "0" * 64,
        "base_name": "smollm2",
        "report": report,
    }
    vault.derived.put("refinement", "queries", QUERY_MAP, item_ids=["a", "b"], note=note)
    vault.settings.set("refinement/in-use", True)
    vault.events.append("refinement-learned", items=2)
    assert traces(vault) == {"refinement/in-use", "derived/refinement", "queries@1", *vault.sealed.names()}
    assert len(traces(vault)) == 4
    return vault


def traces(vault: Vault) -> set[str]:
    """Return every place that speaks of a refinement."""
    return {
        *(key for key in FORMER if vault.settings.get(key) is not None),
        *(artifact.name for artifact in vault.lineage.list()),
        *(name for name in vault.sealed.names() if name.startswith("refinement-")),
    }


def dropped(vault: Vault) -> int:
    return sum(event.kind == "refinement-dropped" for event in vault.events.list())


def test_opening_leaves_nothing_of_it(old: Vault, app_key: AppKey) -> None:
    old.derived.put("adapter", "style", b"weights", item_ids=["a"])
    old.close()
    with Vault.open(old.path, app_key) as vault:
        assert traces(vault) == {"style@1"}
        assert (dropped(vault), vault.check()) == (1, [])
        assert vault.derived.read("adapter", "style") == b"weights"
        assert vault.items.count() == 3
        assert vault.forget(["a"]).verified
    with Vault.open(old.path, app_key) as vault:
        assert dropped(vault) == 1


def test_an_app_s_profile_opens_and_answers(old: Vault, app_models: Path) -> None:
    old.close()
    models = ModelSet(app_models, encoder="tiny-encoder", generator="tiny-generator")
    with Personalizer.open(old.path, app_key=b"\x07" * 32, models=models) as me:
        assert traces(me.vault) == set()
        me.items.reencode()
        assert len(me.search("text", retriever="dense")) == 3
        with pytest.raises(
            ValueError, match=r"'refined' is unknown: choose one of none, recency, bm25, dense, hybrid$"
        ):
            me.search("text", retriever="refined")
        assert me.forget("a").verified


def test_an_interruption_leaves_the_rest_to_the_next_opening(
    old: Vault, app_key: AppKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    old.close()

    def die(name: str) -> bool:
        raise StorageError("made up")

    with monkeypatch.context() as patched:
        patched.setattr("ondevice.vault.blobs.SealedFolder.delete", lambda _, name: die(name))
        with pytest.raises(StorageError):
            Vault.open(old.path, app_key)
    with Vault.open(old.path, app_key) as vault:
        assert (traces(vault), dropped(vault), vault.check()) == (set(), 1, [])


def test_a_note_whose_bytes_an_erasure_took_goes_too(old: Vault, app_key: AppKey) -> None:
    old.forget(["b"])
    assert traces(old) == set(FORMER)
    old.close()
    with Vault.open(old.path, app_key) as vault:
        assert (traces(vault), vault.check()) == (set(), [])


def test_forgetting_an_item_that_it_saw_takes_it(old: Vault) -> None:
    receipt = old.forget(["a"])
    assert receipt.verified
    assert ArtifactOutcome(kind="refinement", name="queries@1", outcome="dropped", count=1) in receipt.artifacts
    assert not [name for name in old.sealed.names() if name.startswith("refinement-")]


def test_a_backup_that_holds_one_is_restored_without_it(old: Vault, app_key: AppKey, tmp_path: Path) -> None:
    old.backup(tmp_path / "backup")
    Vault.restore(tmp_path / "backup", tmp_path / "back", app_key)
    with Vault.open(tmp_path / "back", app_key) as vault:
        assert (traces(vault), vault.check()) == (set(), [])


def test_it_is_destroyed_with_the_profile(old: Vault, tmp_path: Path) -> None:
    old.close()
    shutil.copytree(old.path, tmp_path / "copy")
    Vault.destroy(tmp_path / "copy")
    assert not (tmp_path / "copy").exists()
