"""What was made from items: kept sealed, replaced whole, and gone with any item it was made from."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from ondevice.errors import CorruptError, NotFoundError, StorageError
from ondevice.records import ArtifactOutcome, Draft
from ondevice.vault import AppKey, Vault

WEIGHTS = b"quokka weights " * 5000


@pytest.fixture
def filled(vault: Vault) -> Vault:
    vault.items.put_many([Draft(text=f"text {name}", id=name) for name in "abc"])
    vault.derived.put("adapter", "style", WEIGHTS, item_ids=["a", "b", "a"], note={"rank": 4})
    return vault


def blobs(vault: Vault) -> list[str]:
    return [name for name in vault.sealed.names() if name.startswith("adapter-")]


def test_what_is_kept_is_read_back(filled: Vault) -> None:
    kept = filled.derived.get("adapter", "style")
    assert (kept.number, kept.n_items, kept.n_bytes, kept.is_there) == (1, 2, len(WEIGHTS), True)
    assert kept.note == {"rank": 4}
    assert "rank" not in repr(kept)
    assert filled.derived.read("adapter", "style") == WEIGHTS
    assert filled.derived.item_ids("adapter", "style") == ["a", "b"]
    assert filled.derived.list("checkpoint") == []


def test_the_file_shows_neither_name_nor_bytes(filled: Vault, profile_path: Path) -> None:
    for path in profile_path.rglob("*"):
        assert "style" not in path.name
        assert path.is_dir() or b"quokka" not in path.read_bytes()


def test_keeping_again_replaces(filled: Vault) -> None:
    again = filled.derived.put("adapter", "style", b"new", item_ids=["c"])
    assert (again.number, again.artifact) == (2, "style@2")
    assert filled.derived.read("adapter", "style") == b"new"
    assert len(blobs(filled)) == 1
    assert filled.lineage.artifacts_of(["a"]) == []


def test_forgetting_an_item_takes_the_bytes_and_leaves_the_note(filled: Vault) -> None:
    receipt = filled.forget(["b"])
    assert ArtifactOutcome(kind="adapter", name="style@1", outcome="dropped", count=1) in receipt.artifacts
    kept = filled.derived.get("adapter", "style")
    assert (kept.is_there, kept.note) == (False, {"rank": 4})
    assert blobs(filled) == []
    assert filled.derived.item_ids("adapter", "style") == []
    with pytest.raises(NotFoundError, match="dropped with an item"):
        filled.derived.read("adapter", "style")
    assert filled.derived.put("adapter", "style", b"new", item_ids=["a"]).number == 2


def test_forgetting_another_item_leaves_it(filled: Vault) -> None:
    filled.forget(["c"])
    assert filled.derived.read("adapter", "style") == WEIGHTS


def test_drop_takes_everything(filled: Vault) -> None:
    assert filled.derived.drop("adapter", "style")
    assert not filled.derived.drop("adapter", "style")
    assert blobs(filled) == []
    assert filled.lineage.list() == []
    with pytest.raises(NotFoundError, match="no adapter 'style'"):
        filled.derived.get("adapter", "style")


def test_an_item_that_is_gone_keeps_nothing(filled: Vault) -> None:
    with pytest.raises(NotFoundError, match="1 of 2 items"):
        filled.derived.put("adapter", "style", b"new", item_ids=["a", "gone"])
    assert filled.derived.read("adapter", "style") == WEIGHTS
    assert len(blobs(filled)) == 1


def test_a_full_disk_leaves_what_was_there(
    filled: Vault, file_limit: Callable[[int], AbstractContextManager[None]]
) -> None:
    with file_limit(500_000), pytest.raises(StorageError):
        filled.derived.put("adapter", "style", bytes(1_000_000), item_ids=["c"])
    assert filled.derived.read("adapter", "style") == WEIGHTS
    assert len(blobs(filled)) == 1
    assert [each.name for each in filled.lineage.list()] == ["style@1"]


def test_what_an_interruption_left_is_dropped(filled: Vault) -> None:
    filled.lineage.record("adapter", "style@2", ["c"], sealed_name="adapter-0123")
    filled.sealed.write("adapter-0123", b"half", version=1)
    filled.sealed.write("adapter-4567", b"no origin", version=1)
    assert filled.derived.tidy("adapter") == 2
    assert filled.derived.read("adapter", "style") == WEIGHTS
    assert len(blobs(filled)) == 1


def test_it_outlives_closing_and_a_new_key(filled: Vault, profile_path: Path) -> None:
    other = AppKey(b"\x08" * 32)
    filled.rekey(other)
    filled.close()
    with Vault.open(profile_path, other) as again:
        assert again.derived.read("adapter", "style") == WEIGHTS


@pytest.mark.parametrize("name", ["", "Style", "a b", "../x", "x" * 41, "-x"])
def test_names_are_plain(filled: Vault, name: str) -> None:
    with pytest.raises(ValueError, match="a name 1 to 40"):
        filled.derived.put("adapter", name, b"", item_ids=["a"])


def test_an_origin_is_required(filled: Vault) -> None:
    with pytest.raises(ValueError, match="must name the items"):
        filled.derived.put("adapter", "style", b"", item_ids=[])


def test_damaged_notes_are_corrupt(filled: Vault) -> None:
    filled.settings.set("derived/adapter", {"style": {"number": 1}})
    with pytest.raises(CorruptError, match="noted of each adapter"):
        filled.derived.list("adapter")


def test_the_file_of_something_dropped_is_seen_and_cleared(filled: Vault, app_key: AppKey) -> None:
    """Whoever kept a copy of the file puts it back, with what was learned from forgotten items."""
    (name,) = blobs(filled)
    file = filled.path / "epoch-1" / "sealed" / f"{name}.sealed"
    content = file.read_bytes()
    filled.forget(["a"])
    file.write_bytes(content)
    file.chmod(0o600)
    assert [str(flaw) for flaw in filled.check()] == [f"sealed blob {name}: nothing speaks of it"]
    filled.close()
    with Vault.open(filled.path, app_key) as vault:
        assert (blobs(vault), vault.check()) == ([], [])


@pytest.mark.parametrize("dropped", ["by its name", "by another in its place"])
def test_a_note_never_outlives_its_bytes(filled: Vault, monkeypatch: pytest.MonkeyPatch, dropped: str) -> None:
    """The process ends between the two: then a blob is left over, which the next opening clears."""
    (before,) = blobs(filled)

    def die(name: str) -> bool:
        raise StorageError("made up")

    def drop() -> object:
        if dropped == "by its name":
            return filled.derived.drop("adapter", "style")
        return filled.derived.put("adapter", "style", b"newer", item_ids=["c"])

    with monkeypatch.context() as patched:
        patched.setattr(filled.sealed, "delete", die)
        with pytest.raises(StorageError):
            drop()
    assert [kept.is_there for kept in filled.derived.list("adapter")] == [True] * (dropped != "by its name")
    assert before in filled.derived.loose()
    assert filled.derived.clear_loose() == 1
    assert filled.check() == []


def test_a_blob_that_is_being_kept_is_not_loose(filled: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[list[str]] = []
    real = filled.sealed.write

    def write(name: str, data: bytes, *, version: int) -> int:
        n_bytes = real(name, data, version=version)
        seen.append(filled.derived.loose())
        return n_bytes

    monkeypatch.setattr(filled.sealed, "write", write)
    filled.derived.put("adapter", "other", b"x", item_ids=["c"])
    assert seen == [[]]


def test_bytes_that_somebody_removed_are_missed(filled: Vault) -> None:
    (name,) = blobs(filled)
    filled.sealed.delete(name)
    assert [str(flaw) for flaw in filled.check()] == [f"sealed blob {name}: it is gone"]


@pytest.mark.parametrize("step", ["before the bytes", "before the note"])
def test_what_an_interrupted_keeping_leaves_is_no_flaw_and_goes_at_the_next_opening(
    filled: Vault, app_key: AppKey, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    class Killed(BaseException):
        pass

    def die(*_: object, **__: object) -> None:
        raise Killed

    def undo_nothing(*_: object) -> bool:
        return False

    with monkeypatch.context() as patched:
        place, name = (filled.sealed, "write") if step == "before the bytes" else (filled.derived, "_set")
        patched.setattr(place, name, die)
        patched.setattr(filled.lineage, "drop", undo_nothing)
        patched.setattr(filled.sealed, "delete", undo_nothing)
        with pytest.raises(Killed):
            filled.derived.put("adapter", "other", b"bytes", item_ids=["c"])
    assert len(filled.lineage.list()) == 2
    assert filled.check() == []
    filled.close()
    with Vault.open(filled.path, app_key) as vault:
        assert [kept.name for kept in vault.derived.list("adapter")] == ["style"]
        assert (len(vault.lineage.list()), len(blobs(vault)), vault.check()) == (1, 1, [])
