"""Files that others have published are told from what was written since, however they are named."""

from __future__ import annotations

import base64
import hashlib
import subprocess
from pathlib import Path

import pytest

from ondevice.privacy.at_rest.published import is_published
from tests.ondevice.privacy.at_rest.conftest import TEXTS, Home

CONTENT = "\n".join(TEXTS)
GIT = ("git", "-c", "user.name=me", "-c", "user.email=me@example.invalid", "-c", "core.autocrlf=false")


def git(folder: Path, *arguments: str) -> None:
    subprocess.run([*GIT, "-C", folder, *arguments], check=True, capture_output=True)


@pytest.fixture
def checkout(home: Home) -> Path:
    """Return a checkout in the temporary folder with a file that holds the user's text."""
    folder = home.temporary / "checkout"
    (folder / "docs").mkdir(parents=True)
    (folder / "docs" / "notes.md").write_text(CONTENT)
    (folder / "a.py").write_text("")
    git(folder, "init", "--quiet")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message", "x")
    return folder


def test_what_git_tracks_is_noted_and_what_was_written_since_is_found(home: Home, checkout: Path) -> None:
    found = home.found()
    assert "user-text" not in found
    assert found["published-text"].level == "note"
    (checkout / "docs" / "notes.md").write_text(CONTENT + "\n")
    (checkout / "docs" / "a.log").write_text(CONTENT)
    found = home.found()
    assert "published-text" not in found
    assert found["user-text"].level == "high"
    assert "in 2 files" in found["user-text"].text


def test_a_further_working_tree_is_read_as_well(home: Home, checkout: Path) -> None:
    git(checkout, "worktree", "add", "--quiet", str(home.root / "further"))
    assert is_published(home.root / "further" / "docs" / "notes.md")
    (home.root / "further" / ".git").write_text("gitdir: /nowhere")
    assert not is_published(home.root / "further" / "docs" / "notes.md")


def test_the_same_content_under_another_name_is_not_tracked(checkout: Path) -> None:
    (checkout / "docs" / "notes.txt").write_text(CONTENT)
    (checkout / "notes.md").write_text(CONTENT)
    assert not is_published(checkout / "docs" / "notes.txt")
    assert not is_published(checkout / "notes.md")


def test_what_a_package_recorded_is_told(tmp_path: Path) -> None:
    file, record = tmp_path / "pkg" / "history.jsonl", tmp_path / "pkg-1.dist-info" / "RECORD"
    for path in (file, record):
        path.parent.mkdir()
    file.write_text(CONTENT)
    assert not is_published(file)
    digest = base64.urlsafe_b64encode(hashlib.sha256(file.read_bytes()).digest()).rstrip(b"=").decode()
    record.write_text(f"pkg/history.jsonl,sha256={digest},{len(CONTENT)}\n")
    assert is_published(file)
    file.write_text(CONTENT + " ")
    assert not is_published(file)
