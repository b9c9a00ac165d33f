"""What is refused before harm is done: a process without the lock, a reason that is no word, a key none can have."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ondevice.errors import StorageError
from ondevice.records import Condition, Draft, Filter
from ondevice.vault import AppKey, Vault
from tests.ondevice.vault.memory_keystore import KEYSTORE, Memory


def counts(vault: Vault) -> tuple[int, int]:
    """Return the last commit as the record tells it, and as the database does."""
    assert vault.database.record is not None
    with vault.database.reading() as connection:
        return vault.database.record.read().number, connection.execute("SELECT number FROM commits").fetchone()[0]


FORKED = """
import os, sys
from pathlib import Path
from ondevice.errors import OndeviceError
from ondevice.records import Draft
from ondevice.vault import AppKey, Vault

vault = Vault.create(Path(sys.argv[1]), AppKey(bytes(32)))
vault.items.put_many([Draft(text="of both", id="a")])
vault.sealed.write("adapter-a", b"of the parent", version=1)
vault.derived.put("summary", "mine", b"weights", item_ids=["a"])
uses = {
    "write": lambda: vault.sealed.write("adapter-a", b"of the child", version=1),
    "new": lambda: vault.sealed.write("adapter-b", b"of the child", version=1),
    "delete": lambda: vault.sealed.delete("adapter-a"),
    "put": lambda: vault.derived.put("summary", "mine", b"other", item_ids=["a"]),
    "drop": lambda: vault.derived.drop("summary", "mine"),
}
child = os.fork()
if child == 0:
    for name, use in uses.items():
        try:
            use()
            print(name, "done", flush=True)
        except BaseException as error:
            print(name, type(error).__name__, flush=True)
    os._exit(0)
os.waitpid(child, 0)
print(vault.sealed.read("adapter-a", version=1), vault.derived.read("summary", "mine"), vault.check())
print(len(vault.sealed.names()))
vault.sealed.write("adapter-a", b"of the parent again", version=1)
vault.close()
"""


def test_a_forked_child_changes_no_sealed_blob(tmp_path: Path) -> None:
    command = [sys.executable, "-c", FORKED, str(tmp_path / "p")]
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    assert said.stdout.splitlines() == [
        *(f"{name} ProfileBusyError" for name in ("write", "new", "delete", "put", "drop")),
        "b'of the parent' b'weights' []",
        "2",
    ]


def test_without_the_lock_no_sealed_blob_is_changed(vault: Vault, app_key: AppKey) -> None:
    vault.sealed.write("adapter-a", b"before", version=1)
    (vault.path / "lock").unlink()
    changes: list[Callable[[], object]] = [
        lambda: vault.sealed.write("adapter-a", b"after", version=1),
        lambda: vault.sealed.write("cache-x", b"after", version=1),
        lambda: vault.sealed.delete("adapter-a"),
    ]
    for change in changes:
        with pytest.raises(StorageError, match="removed or replaced while the profile was open"):
            change()
    assert (vault.sealed.names(), vault.sealed.read("adapter-a", version=1)) == (["adapter-a"], b"before")
    vault.close()
    with Vault.open(vault.path, app_key) as again:
        assert again.sealed.delete("adapter-a")


@pytest.mark.parametrize("reason", ["gdpr request", "Anna asked", "a\0b", "x" * 1000, "expired\n"], ids=range(5))
def test_a_reason_that_is_no_word_is_refused_before_anything_is_erased(vault: Vault, reason: str) -> None:
    vault.items.put_many([Draft(text="about roses", id="a"), Draft(text="about tulips", id="b")])
    n_commits, n_events = counts(vault), vault.events.count()
    with pytest.raises(ValueError):  # noqa: PT011 - whatever it says, nothing has happened
        vault.forget(["a"], reason=reason)
    with pytest.raises(ValueError):  # noqa: PT011
        vault.forget(Filter(ids=("b",)), reason=reason)
    assert (vault.items.count(), counts(vault), vault.events.count()) == (2, n_commits, n_events)
    assert vault.check() == []
    assert vault.forget(["a"], reason="gdpr-request").verified


def test_a_filter_by_a_key_that_none_can_have_is_misuse(vault: Vault) -> None:
    """SQLite would end the key at its NUL, and the filter would let others pass."""
    vault.items.put_many([Draft(text="about roses", metadata={"a": 1})])
    conditions: list[Condition] = [1, None, [1, 2], {"gt": 0}, {"ne": 2}]
    for condition in conditions:
        for use in (vault.items.count, vault.forget):
            with pytest.raises(ValueError, match="metadata"):
                use(Filter(metadata={"a\0": condition}))
    assert vault.items.count() == 1


LIMITED = """
import resource
from ondevice.vault.process import protect_process

protect_process()
print(resource.getrlimit(resource.RLIMIT_CORE))
"""


def test_what_a_protected_process_starts_cannot_allow_core_files_again() -> None:
    done = subprocess.run([sys.executable, "-c", LIMITED], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "(0, 0)"


@pytest.mark.parametrize("said", ["", "x", "-1", "1e9", "٣", "9" * 5000, "1" + "0" * 30, " 7"], ids=range(8))
def test_nonsense_in_the_keystore_witnesses_nothing(
    said: str, memory: Memory, profile_path: Path, app_key: AppKey
) -> None:
    Vault.create(profile_path, [KEYSTORE, app_key]).close()
    witnessed = [entry for entry in memory.entries if "/commits/" in entry[1]]
    assert len(witnessed) == 1
    for secret in (app_key, KEYSTORE):
        memory.entries[witnessed[0]] = said
        with Vault.open(profile_path, secret) as vault:
            vault.settings.set("a", 1)
            assert vault.check() == []
    assert memory.entries[witnessed[0]].isdecimal()
    assert len(memory.entries[witnessed[0]]) < 5
