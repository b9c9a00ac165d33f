"""Changes of a copy's files are noticed, crashes lose nothing, and a vault that lets either pass is found out."""

from __future__ import annotations

from pathlib import Path

import pytest

from ondevice.bundle.model_set import ModelSet
from ondevice.privacy import robustness
from ondevice.privacy.findings import Section
from ondevice.privacy.robustness import crashing, examination, tampering
from ondevice.privacy.robustness.chain import BREAKS
from ondevice.privacy.robustness.crashing import Crashes, crash
from ondevice.privacy.subject import Copy, subject_of
from ondevice.records import Draft
from ondevice.vault import AppKey, Vault
from ondevice.vault.events import EventLog

KEY = b"\x07" * 32
MARKER = "quokkamarker"


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    """Return a closed profile with a sealed file and a cache."""
    with Vault.create(tmp_path / "p", AppKey(KEY)) as vault:
        vault.items.put_many([Draft(text=f"{MARKER} {n}", id=f"i{n}") for n in range(20)])
        vault.derived.put("summary", "chat", MARKER.encode() * 500, item_ids=["i1"])
        vault.forget(["i9"])
        vault.sealed.write(f"index-{MARKER}", b"c" * 500, version=1)
    return tmp_path / "p"


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Kill no process, and make each change once."""
    monkeypatch.setattr(examination, "crash", lambda *_, **__: Crashes())
    monkeypatch.setattr(tampering, "_RANDOM_FLIPS", 0)


def audited(profile: Path) -> Section:
    with subject_of(profile, AppKey(KEY), ModelSet(encoder=None, generator=None)) as subject:
        section = robustness.check(subject)
    assert MARKER not in repr(section)
    return section


def codes(section: Section) -> set[str]:
    return {finding.code.removeprefix("robustness/") for finding in section.findings}


def test_a_sound_profile_passes(profile: Path) -> None:
    section = audited(profile)
    assert (codes(section), section.verdict) == (set(), "passed")
    told = {fact.name: fact.value for fact in section.facts}
    assert told["kills"] == crashing.ROUNDS
    assert told["the profile has a keystore slot, which notices an older copy of everything"] is False
    assert told["ways to break the event log that were found"] == len(BREAKS) == 5
    assert int(str(told["items that were said to be kept, and were there"])) > 6
    assert int(str(told["items that were said to be forgotten, and were gone"])) > 0
    changes, rollbacks = section.tables
    assert {row[0] for row in changes.rows} == {
        *("keys.json", "profile.db", "profile.commits", "sealed summary", "sealed index"),
    }
    assert {row[0] for row in changes.rows if row[2] == "not seen"} == {"sealed index"}
    assert [row[1] for row in rollbacks.rows if row[2]] == ["refused at opening"] * 3
    assert any("older copy of the whole profile" in line for line in section.not_tested)


def test_a_check_that_ignores_changes(profile: Path, short: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Vault, "check", lambda _: [])
    section = audited(profile)
    assert codes(section) == {"change-unseen"}
    assert "sealed summary" in section.findings[0].text


def test_an_opening_that_ignores_older_files(profile: Path, short: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ondevice.vault.losses.loss_in_number", lambda *_: None)
    monkeypatch.setattr("ondevice.vault.checking._check_commits", lambda _: None)
    section = audited(profile)
    assert "rollback-unseen" in codes(section)
    assert any("profile.db alone" in finding.text for finding in section.findings)


def test_a_restoring_that_looks_at_nothing(profile: Path, short: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ondevice.vault.vault.restore", lambda *_: None)
    assert codes(audited(profile)) == {"restore-unseen"}


def test_an_error_that_no_app_expects(profile: Path, short: None, monkeypatch: pytest.MonkeyPatch) -> None:
    right = Vault.check

    def check(self: Vault) -> object:
        if right(self):
            raise RuntimeError(MARKER)
        return []

    monkeypatch.setattr(Vault, "check", check)
    assert codes(audited(profile)) == {"change-crashes"}


def test_a_broken_event_chain(profile: Path) -> None:
    with Vault.open(profile, AppKey(KEY)) as vault, vault.database.writing() as connection:
        connection.execute("UPDATE events SET details = '{\"items\": 2}' WHERE kind = 'forgot'")
    section = audited(profile)
    assert codes(section) == {"event-chain"}
    assert section.verdict == "failed"
    assert "Nothing was tried" in section.not_tested[0]


def test_a_chain_that_nobody_follows(profile: Path, short: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(EventLog, "verify", lambda _: 0)
    section = audited(profile)
    assert codes(section) == {"chain-unseen"}
    assert all(name in section.findings[0].text for name in BREAKS)


def test_a_damaged_profile_is_told_and_nothing_is_tried(profile: Path) -> None:
    file = next((profile / "epoch-1" / "sealed").glob("summary-*"))
    data = bytearray(file.read_bytes())
    data[-1] ^= 1
    file.write_bytes(data)
    section = audited(profile)
    assert codes(section) == {"damaged"}
    assert section.tables == ()


@pytest.mark.parametrize(
    ("said", "lost", "undead"),
    [
        (b"open\nadded 1\nadded 2\nforgetting 2\nadd", 1, 0),
        (b"open\nadded 3\nforgetting 3\nforgotten 3\n", 0, 1),
        (b"open\nadded 3\n", 1, 0),
    ],
)
def test_what_a_kill_loses_or_brings_back(
    profile: Path, monkeypatch: pytest.MonkeyPatch, said: bytes, lost: int, undead: int
) -> None:
    with Vault.open(profile, AppKey(KEY)) as vault:
        vault.items.put_many([Draft(text="another text", id="crashdrill-3", kind="crashdrill")])
    monkeypatch.setattr(crashing, "_killed", lambda *_, **__: said)
    found = crash(Copy(profile, KEY), rounds=1)
    assert (found.n_lost, found.n_undead, found.n_damaged) == (lost, undead, 0)
    assert {finding.code.rpartition("/")[2] for finding in examination._of_crashes(found)} == {
        *(["crash-lost"] if lost else []),
        *(["crash-undead"] if undead else []),
    }


def test_a_drill_that_cannot_start_is_told(profile: Path, short: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examination, "crash", crash)
    monkeypatch.setattr("sys.executable", "")
    section = audited(profile)
    assert codes(section) == {"crash-not-run"}
    assert section.verdict == "noted"
    assert section.not_tested[0].startswith("The crash drill ended early")


def test_what_there_is_no_time_for_is_told(profile: Path, short: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tampering, "_LIMIT_S", 0.0)
    section = audited(profile)
    assert "left out for lack of time" in section.not_tested[0]
