"""An app's first start is like every later one, whatever went wrong before it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ondevice import EngineConfig, KdfConfig, ModelSet, Personalizer, RetrievalConfig
from ondevice.errors import CorruptError, KeystoreError, NotFoundError, ProfileExistsError

KEY = b"k" * 32
PLAIN: dict[str, Any] = {"app_key": KEY, "models": ModelSet(encoder=None, generator=None)}
CHEAP = KdfConfig(passes=2, memory_kib=19 * 1024, lanes=1)

WRONG: dict[str, tuple[dict[str, Any], type[Exception]]] = {
    "a retriever that needs an encoder": (
        {"retrieval": RetrievalConfig(retriever="dense"), "models": ModelSet(encoder=None)},
        ValueError,
    ),
    "a retriever that nobody knows": ({"retrieval": RetrievalConfig(retriever="psychic")}, ValueError),
    "a folder that is no path": ({"models": 12345}, TypeError),
    "two secrets": ({"passphrase": "pw"}, ValueError),
}


@pytest.mark.parametrize(("options", "error"), WRONG.values(), ids=WRONG)
def test_a_wrong_option_makes_and_locks_nothing(
    options: dict[str, Any], error: type[Exception], profile_path: Path
) -> None:
    for start in (Personalizer.open, Personalizer.create):
        if start == Personalizer.create and "passphrase" in options:
            continue
        with pytest.raises(error):
            start(profile_path, app_key=KEY, **options)
        assert not profile_path.exists()
    with Personalizer.open(profile_path, **PLAIN) as me:
        me.add("there")
    with pytest.raises(error) as caught:  # the error, and with it the frames, live on: the lock must not
        Personalizer.open(profile_path, app_key=KEY, **options)
    with Personalizer.open(profile_path, **PLAIN) as me:
        assert len(me.items.list()) == 1
    del caught


def make_nothing(place: Path) -> None:
    pass


def make_empty_folder(place: Path) -> None:
    place.mkdir()


def fail_at_the_keystore(place: Path) -> None:
    with pytest.raises(KeystoreError):
        Personalizer.open(place, keystore=True, models=ModelSet(encoder=None, generator=None))


@pytest.mark.parametrize("before", [make_nothing, make_empty_folder, fail_at_the_keystore])
def test_a_first_start_makes_the_profile(before: Callable[[Path], None], profile_path: Path) -> None:
    before(profile_path)
    with Personalizer.open(
        profile_path, passphrase="pw", models=ModelSet(encoder=None, generator=None), kdf=CHEAP
    ) as me:
        me.add("kept")
    with Personalizer.open(profile_path, passphrase="pw", models=ModelSet(encoder=None, generator=None)) as me:
        assert [item.text for item in me.items.list()] == ["kept"]


def test_a_folder_of_somebody_elses_is_refused(profile_path: Path) -> None:
    profile_path.mkdir()
    (profile_path / "mine.txt").write_text("x")
    with pytest.raises(ProfileExistsError, match="is not empty"):
        Personalizer.open(profile_path, **PLAIN)
    assert [path.name for path in profile_path.iterdir()] == ["mine.txt"]


def test_nothing_is_made_where_that_is_not_wanted(profile_path: Path) -> None:
    wishes: list[dict[str, Any]] = [{"create_missing": False}, {"accept_loss": True}]
    for options in wishes:
        with pytest.raises(NotFoundError):
            Personalizer.open(profile_path, **PLAIN, **options)
    assert not profile_path.exists()


def test_a_loss_is_told_and_can_be_accepted(profile_path: Path, tmp_path: Path) -> None:
    with Personalizer.open(profile_path, **PLAIN) as me:
        me.add("in the file")
        me.vault.database.checkpoint()
        me.add("in the log")
        shutil.copytree(profile_path, tmp_path / "copy")
    for part in ("wal", "shm"):
        (tmp_path / "copy" / "epoch-1" / f"profile.db-{part}").unlink()
    with pytest.raises(CorruptError, match="missing") as caught:
        Personalizer.open(tmp_path / "copy", **PLAIN)
    assert "accept_loss=True" in str(caught.value.hint)
    with Personalizer.open(tmp_path / "copy", **PLAIN, accept_loss=True) as me:
        assert [item.text for item in me.items.list()] == ["in the file"]


def test_an_engine_is_configured_before_the_profile_is_opened(profile_path: Path) -> None:
    with Personalizer.open(
        profile_path, app_key=KEY, models=ModelSet(encoder=None, engine=EngineConfig(context_tokens=512))
    ) as me:
        assert me.stats().n_items == 0
