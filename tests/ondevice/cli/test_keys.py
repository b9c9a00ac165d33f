"""``ondevice init``, ``passwd``, ``slots`` and ``rekey``."""

from __future__ import annotations

from pathlib import Path

from tests.command_line import Run, descriptor


def test_init_with_passphrase_and_recovery_code(run: Run, profile_path: Path) -> None:
    where = ("--profile", str(profile_path))
    made = run("init", *where, "--passphrase-fd", descriptor("open sesame"), "--recovery", "--json").document
    assert made["slots"] == ["passphrase", "recovery"]
    for unlock in (
        ("--passphrase-fd", descriptor("open sesame")),
        ("--recovery-fd", descriptor(made["recovery_code"])),
    ):
        assert run("list", *where, *unlock).code == 0
    again = run("init", *where, "--passphrase-fd", descriptor("x"), "--json")
    assert (again.code, again.document["error"]["type"]) == (12, "ProfileExistsError")


def test_the_passphrase_changes_and_the_old_one_is_refused(run: Run, profile_path: Path) -> None:
    where = ("--profile", str(profile_path))
    run("init", *where, "--passphrase-fd", descriptor("old words"))
    changed = run(
        "passwd", *where, "--passphrase-fd", descriptor("old words"), "--new-passphrase-fd", descriptor("new words")
    )
    assert changed.code == 0
    refused = run("list", *where, "--passphrase-fd", descriptor("old words"))
    assert refused.code == 3
    assert refused.err.startswith("error: ")
    assert "words" not in refused.err
    assert run("list", *where, "--passphrase-fd", descriptor("new words")).code == 0


def test_slots_come_and_go_but_never_the_last(on_profile: Run) -> None:
    before = on_profile("slots", "list", "--json").document["slots"]
    added = on_profile("slots", "add", "recovery", "--json").document
    assert added["recovery_code"].count("-") == 7
    assert len(on_profile("slots", "list", "--json").document["slots"]) == 2
    left = on_profile("slots", "remove", added["added"]["id"], "--json").document["slots"]
    assert left == before
    last = on_profile("slots", "remove", before[0]["id"], "--json")
    assert last.code == 13
    assert on_profile("passwd", "--new-passphrase-fd", descriptor("x")).code == 2


def test_rekey_keeps_only_the_secret_at_hand(run: Run, on_profile: Run, profile: Path) -> None:
    added = on_profile("slots", "add", "recovery", "--json").document
    done = on_profile("rekey", "--json").document
    assert done["epoch"] == 2
    assert [slot["kind"] for slot in done["dropped"]] == ["recovery"]
    where = ("--profile", str(profile))
    assert run("list", *where, "--recovery-fd", descriptor(added["recovery_code"])).code == 3
    assert on_profile("list").code == 0
