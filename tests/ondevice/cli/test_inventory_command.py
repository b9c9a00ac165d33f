"""``ondevice inventory``: for people, for programs, and as a page."""

from __future__ import annotations

import stat
from pathlib import Path

from ondevice.cli.app import COMMANDS
from ondevice.privacy.inventory.articles import ARTICLES
from tests.command_line import Run


def test_it_shows_counts_and_no_text(on_profile: Run) -> None:
    on_profile("add", "--encoder", "none", "the heliotrope blooms", "--kind", "garden")
    shown = on_profile("inventory")
    assert shown.code == 0
    for part in ("garden", "recovery code", "the event log is intact", "persona"):
        assert part in shown.out
    assert "heliotrope" not in shown.out + shown.err


def test_for_programs(on_profile: Run) -> None:
    on_profile("add", "--encoder", "none", "the heliotrope blooms")
    document = on_profile("inventory", "--json").document
    assert document["inventory"]["items"]["n_items"] == 1
    assert document["inventory"]["event_flaw"] is None
    assert [each["number"] for each in document["rights"]] == [15, 16, 17, 20, 30, 35]
    assert document["page"] is None
    assert "heliotrope" not in str(document)


def test_a_page_without_texts(on_profile: Run, tmp_path: Path) -> None:
    on_profile("add", "--encoder", "none", "the heliotrope blooms")
    page = tmp_path / "page.html"
    shown = on_profile("inventory", "--page", str(page))
    assert (shown.code, "not encrypted" in shown.err) == (0, False)
    assert "heliotrope" not in page.read_text("utf-8")
    assert on_profile("inventory", "--json").document["inventory"]["events"][0]["kind"] == "created"


def test_a_page_with_texts_is_told_to_be_plaintext(on_profile: Run, tmp_path: Path) -> None:
    for number in range(3):
        on_profile("add", "--encoder", "none", f"heliotrope {number}")
    page = tmp_path / "page.html"
    shown = on_profile("inventory", "--page", str(page), "--with-texts")
    assert "this page is not encrypted" in shown.err
    text = page.read_text("utf-8")
    assert "This page is not encrypted." in text
    assert all(f"heliotrope {number}" in text for number in range(3))
    assert stat.S_IMODE(page.stat().st_mode) == 0o600
    log = {each["kind"]: each["n_events"] for each in on_profile("inventory", "--json").document["inventory"]["events"]}
    assert log["exported"] == 1


def test_nothing_is_overwritten(on_profile: Run, tmp_path: Path) -> None:
    (tmp_path / "mine.html").write_text("mine")
    (tmp_path / "link.html").symlink_to(tmp_path / "nowhere.html")
    for name in ("mine.html", "link.html"):
        refused = on_profile("inventory", "--page", str(tmp_path / name))
        assert refused.code != 0
        assert "choose a new file" in refused.err
    assert (tmp_path / "mine.html").read_text() == "mine"
    assert not (tmp_path / "nowhere.html").exists()


def test_texts_need_a_page(on_profile: Run) -> None:
    refused = on_profile("inventory", "--with-texts")
    assert (refused.code, "--page" in refused.err) == (2, True)


def test_the_articles_name_commands_that_there_are() -> None:
    named = {command.split()[1] for article in ARTICLES for command in article.commands}
    assert named <= {*COMMANDS, "audit"}
