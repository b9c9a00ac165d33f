"""The check looks where the SDK works, and stays out of what is everybody's or somebody else's."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ondevice.bundle.model_set import ModelSet
from ondevice.privacy.at_rest.places import Located, count_closed, files_in, places_of
from ondevice.privacy.at_rest.reading import PART_BYTES, Budget
from ondevice.privacy.subject import subject_of
from tests.ondevice.privacy.at_rest.conftest import KEY, Home
from tests.tiny_models import make_tiny_encoder


def located(home: Home, models: ModelSet) -> dict[str, Located]:
    with subject_of(home.profile, KEY, models) as subject:
        found = list(files_in(places_of(subject), without=[subject.profile, subject.scratch.parent]))
    return {str(file.path.relative_to(home.root)): file for file in found}


def test_models_links_and_foreign_files_of_the_home_are_left_out(home: Home) -> None:
    models = home.cache / "models"
    make_tiny_encoder(models / "tiny-encoder")
    (models / "tiny-encoder" / "extra.txt").write_text("card")
    (home.root / "home" / "diary.txt").write_text("mine")
    (home.temporary / "linked").symlink_to(home.root / "home" / "diary.txt")
    (home.temporary / "ondevice-work-x").mkdir()
    (home.temporary / "ondevice-work-x" / "owner").write_text("")
    found = located(home, ModelSet(models))
    assert set(found) == {"home/.cache/ondevice/models/tiny-encoder/extra.txt", "tmp/ondevice-work-x/owner"}
    assert found["home/.cache/ondevice/models/tiny-encoder/extra.txt"].is_of_model
    assert found["tmp/ondevice-work-x/owner"].bears_name


def test_a_folder_that_the_environment_names_is_looked_into(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "log").write_text("x")
    monkeypatch.setenv("ONDEVICE_MODELS", str(tmp_path / "elsewhere"))
    assert "elsewhere/log" in located(home, ModelSet())


def test_folders_that_may_not_be_listed_are_counted(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("open", "closed"):
        (home.temporary / name).mkdir()
    may = os.access  # root may list every folder
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path).name != "closed" and may(path, mode))
    with subject_of(home.profile, KEY, ModelSet()) as subject:
        assert count_closed(places_of(subject)) == 1


def test_a_large_file_is_read_at_both_ends(tmp_path: Path) -> None:
    path = tmp_path / "large"
    path.write_bytes(b"begin" + bytes(3 * PART_BYTES) + b"end")
    budget = Budget(n_bytes=PART_BYTES)
    data = b"".join(budget.parts(path, overlap=0))
    assert data.startswith(b"begin")
    assert data.endswith(b"end")
    assert (budget.n_left_out, budget.n_files_read) == (1, 1)
    assert list(budget.parts(path, overlap=0)) == []
    assert budget.n_left_out == 2


def test_a_string_across_two_parts_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "large"
    path.write_bytes(bytes(PART_BYTES - 3) + b"across" + bytes(100))
    parts = list(Budget(n_bytes=1 << 30).parts(path, overlap=5))
    assert sum(b"across" in part for part in parts) == 1


def test_what_cannot_be_read_is_counted(tmp_path: Path) -> None:
    budget = Budget(n_bytes=100)
    assert list(budget.parts(tmp_path / "none", overlap=0)) == []
    assert (budget.n_unreadable, budget.n_files_read) == (1, 0)
