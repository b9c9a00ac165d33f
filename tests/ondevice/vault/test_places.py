"""Where a profile lies: by a relative path, behind a link, below what cannot be read, and where several want it."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from ondevice.config import KdfConfig
from ondevice.errors import ProfileBusyError, ProfileExistsError, StorageError
from ondevice.records import Draft
from ondevice.vault import AppKey, Passphrase, Vault

NOBODY = 65534
MAKERS = {"create": Vault.create, "open_or_create": Vault.open_or_create}
Maker = Callable[[Path, AppKey], Vault]


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def use_everything(vault: Vault, key: AppKey, tmp_path: Path) -> None:
    vault.items.put_many([Draft(text="one thing", id="a"), Draft(text="another thing", id="b")])
    vault.sealed.write("cache-x", b"cached", version=1)
    vault.derived.put("summary", "s", b"summed up", item_ids=["b"])
    assert vault.forget(["a"]).verified
    vault.add_slot(AppKey(b"2" * 32))
    vault.rekey(key)
    vault.sealed.write("cache-y", b"cached", version=1)
    vault.backup(tmp_path / "backup")
    assert (vault.items.count(), vault.derived.read("summary", "s"), vault.check()) == (1, b"summed up", [])


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_a_relative_path_means_the_folder_of_then(
    make: Maker, tmp_path: Path, app_key: AppKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, other = tmp_path / "here", tmp_path / "there"
    place.mkdir()
    other.mkdir()
    monkeypatch.chdir(place)
    with make(Path("me"), app_key) as vault:
        monkeypatch.chdir(other)
        use_everything(vault, app_key, tmp_path)
    monkeypatch.chdir(place)
    with Vault.open(Path("me"), app_key) as vault:
        monkeypatch.chdir(other)
        vault.items.put_many([Draft(text="a third thing", id="c")])
        vault.rekey(app_key)
        assert (vault.items.count(), vault.check()) == (2, [])
    assert list(other.iterdir()) == []
    assert sorted(path.name for path in (place / "me").iterdir()) == ["epoch-3", "keys.json", "lock"]


def test_a_profile_behind_a_link_is_made_private(vault: Vault, tmp_path: Path, app_key: AppKey) -> None:
    vault.close()
    link = tmp_path / "link"
    link.symlink_to(vault.path)
    vault.path.chmod(0o755)
    (vault.path / "keys.json").chmod(0o644)
    (vault.path / "epoch-1" / "profile.db").chmod(0o666)
    with Vault.open(link, app_key) as opened:
        assert opened.check() == []
        use_everything(opened, app_key, tmp_path)
    assert (mode_of(vault.path), mode_of(vault.path / "keys.json")) == (0o700, 0o600)
    assert link.is_symlink()


def test_a_profile_made_through_a_link_is_private(tmp_path: Path, app_key: AppKey) -> None:
    real, link = tmp_path / "real", tmp_path / "link"
    real.mkdir(mode=0o755)
    link.symlink_to(real)
    with Vault.create(link, app_key) as vault:
        assert mode_of(real) == 0o700
        use_everything(vault, app_key, tmp_path)


def test_a_backup_into_the_profile_through_a_link_is_misuse(vault: Vault, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(vault.path)
    (tmp_path / "deep").symlink_to(vault.path / "epoch-1")
    before = sorted(vault.path.rglob("*"))
    for to in (tmp_path / "link" / "b", tmp_path / "deep" / "b", tmp_path / "link" / "new" / "b"):
        with pytest.raises(ValueError, match="inside the profile"):
            vault.backup(to)
    assert sorted(vault.path.rglob("*")) == before
    assert vault.check() == []


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_a_name_that_the_system_refuses_is_an_error_of_ours(make: Maker, tmp_path: Path, app_key: AppKey) -> None:
    for place in (tmp_path / ("n" * 300), tmp_path / ("n" * 300) / "p", tmp_path / "new" / ("n" * 300)):
        with pytest.raises(StorageError):
            make(place, app_key)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_a_place_below_what_cannot_be_read_is_an_error_of_ours(make: Maker, app_key: AppKey) -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        closed = Path(folder) / "closed"
        closed.mkdir()
        closed.chmod(0)
        is_root = os.geteuid() == 0
        if is_root:
            os.seteuid(NOBODY)
        try:
            for place in (closed, closed / "p", closed / "a" / "p"):
                with pytest.raises(StorageError):
                    make(place, app_key)
        finally:
            if is_root:
                os.seteuid(0)
        closed.chmod(0o700)
        assert list(closed.iterdir()) == []


REFUSED: dict[str, Callable[[Path], object]] = {
    "no secret": lambda path: Vault.create(path, []),
    "too many": lambda path: Vault.create(path, [AppKey(bytes(32))] * 9),
    "a cost out of its limits": lambda path: Vault.create(
        path, Passphrase("correct horse battery staple"), kdf=KdfConfig(memory_kib=1)
    ),
}


@pytest.mark.parametrize("make", REFUSED.values(), ids=REFUSED)
def test_a_creation_that_is_misuse_touches_nothing(make: Callable[[Path], object], tmp_path: Path) -> None:
    place = tmp_path / "p"
    place.mkdir()
    place.chmod(0o751)
    for folder in (place, tmp_path):
        os.utime(folder, ns=(1, 1))
    with pytest.raises(ValueError):  # noqa: PT011 - three kinds of misuse, three sentences
        make(place)
    with pytest.raises(ValueError):  # noqa: PT011
        make(tmp_path / "new")
    assert (mode_of(place), list(tmp_path.iterdir()), list(place.iterdir())) == (0o751, [place], [])
    assert (place.stat().st_mtime_ns, tmp_path.stat().st_mtime_ns) == (1, 1)


def at_once(n_threads: int, work: Callable[[], object]) -> tuple[list[object], list[BaseException]]:
    """Let so many threads do it at one moment; return what they got and what refused the others."""
    barrier, got, refused = threading.Barrier(n_threads), list[object](), list[BaseException]()

    def run() -> None:
        barrier.wait()
        try:
            got.append(work())
        except BaseException as error:
            refused.append(error)

    threads = [threading.Thread(target=run) for _ in range(n_threads)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return got, refused


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
@pytest.mark.parametrize("has_folder", [False, True], ids=["no folder", "an empty folder"])
def test_of_first_starts_at_once_one_gets_the_place(
    make: Maker, has_folder: bool, tmp_path: Path, app_key: AppKey
) -> None:
    # Whoever comes when it is made already finds a profile, and would not make it again.
    expected = {ProfileBusyError, ProfileExistsError} if make == Vault.create else {ProfileBusyError}
    for n in range(20):
        place = tmp_path / f"p{n}"
        if has_folder:
            place.mkdir()
        got, refused = at_once(6, lambda place=place: make(place, app_key))  # type: ignore[misc]
        for vault in got:
            assert isinstance(vault, Vault)
            vault.close()
        assert (len(got), {type(error) for error in refused} - expected) == (1, set()), refused
        with Vault.open(place, app_key) as vault:
            assert vault.check() == []
        assert sorted(path.name for path in place.iterdir()) == ["epoch-1", "keys.json", "lock"]


RACERS = """
import os, sys
from pathlib import Path
from ondevice.vault import AppKey, Vault

for number in range(12):
    wait, start = os.pipe()
    children = []
    for _ in range(4):
        children.append(os.fork())
        if children[-1] == 0:
            os.close(start)
            os.read(wait, 1)
            try:
                Vault.open_or_create(Path(sys.argv[1]) / str(number), AppKey(bytes(32))).close()
                said = "opened"
            except BaseException as error:
                said = type(error).__name__
            os.write(1, f"{number} {said}\\n".encode())
            os._exit(0)
    os.close(wait)
    os.close(start)
    for child in children:
        os.waitpid(child, 0)
"""


def test_of_first_starts_of_several_processes_none_spoils_the_place(tmp_path: Path) -> None:
    command = [sys.executable, "-c", RACERS, str(tmp_path)]
    said = Counter(subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines())
    assert said.total() == 48
    assert {line.split()[1] for line in said} <= {"opened", "ProfileBusyError"}, said
    for n in range(12):
        assert said[f"{n} opened"] >= 1
        with Vault.open(tmp_path / str(n), AppKey(bytes(32))) as vault:
            assert vault.check() == []


def test_of_two_restores_to_one_place_one_wins(vault: Vault, tmp_path: Path, app_key: AppKey) -> None:
    vault.items.put_many([Draft(text="kept")])
    vault.backup(tmp_path / "backup")
    for n in range(5):
        to = tmp_path / "to" / f"p{n}"
        got, refused = at_once(3, lambda to=to: Vault.restore(tmp_path / "backup", to, app_key))  # type: ignore[misc]
        assert (len(got), {type(error) for error in refused}) == (1, {ProfileExistsError}), refused
        with Vault.open(to, app_key) as restored:
            assert (restored.items.count(), restored.check()) == (1, [])
    assert sorted(path.name for path in (tmp_path / "to").iterdir()) == [f"p{n}" for n in range(5)]
