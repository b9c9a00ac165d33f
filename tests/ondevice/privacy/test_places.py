"""A report names no folder of this machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from ondevice.privacy.places import Places


@pytest.fixture
def places(monkeypatch: pytest.MonkeyPatch) -> Places:
    monkeypatch.setattr(Path, "home", lambda: Path("/home/al"))
    return Places(Path("/home/al/me.profile"), Path("/scratch/work"))


def test_paths_become_words_wherever_they_stand(places: Places) -> None:
    document = {
        "text": "cannot read /home/al/me.profile/keys.json: denied; see '/home/al' and /scratch/work/x",
        "rows": [["/home/al/notes", 1, None, True]],
    }
    assert places.hidden_in(document) == {
        "text": "cannot read (profile)/keys.json: denied; see '~' and (scratch)/x",
        "rows": [["~/notes", 1, None, True]],
    }


def test_a_longer_name_is_another_folder(places: Places) -> None:
    assert places.hidden_in("/home/alice/x /home/al-2") == "/home/alice/x /home/al-2"


def test_a_home_that_is_the_root_takes_nothing_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "home", lambda: Path("/"))
    assert Places(Path("/p/me"), Path("/s/x")).hidden_in("1/2 of /p/me/a") == "1/2 of (profile)/a"


def test_an_account_without_a_home_has_none_to_hide(monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> Path:
        raise RuntimeError

    monkeypatch.setattr(Path, "home", none)
    assert Places(Path("/p/me"), Path("/s/x")).hidden_in("/p/me") == "(profile)"
