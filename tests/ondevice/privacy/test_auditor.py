"""An audit runs every check, goes on when one ends early, signs what came of it, and leaves the profile as it is."""

from __future__ import annotations

import getpass
import os
import platform
import socket
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import cast

import numpy
import pytest

from ondevice import ModelSet
from ondevice.errors import CorruptError, LockedError, NotFoundError, ProfileBusyError, StorageError
from ondevice.privacy import Fact, Section, audit, report_from_json, seal_of, verify_page, verify_report
from ondevice.privacy.evidence import EvidenceFolder
from ondevice.privacy.report import digest_of, report_to_json
from ondevice.privacy.subject import Subject
from ondevice.records import Draft
from ondevice.vault.secrets import AppKey
from ondevice.vault.vault import Vault
from tests.made_up_checks import counting_files, failing, saying, section, use_checks

KEY = b"k" * 32
MARKER = "xylograph"


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    """Return a closed profile that is full of one word."""
    with Vault.create(tmp_path / f"{MARKER}.profile", AppKey(KEY)) as vault:
        vault.items.put_many(
            [Draft(text=f"{MARKER} {n}", fields={"title": MARKER}, metadata={MARKER: MARKER}) for n in range(3)]
        )
    return tmp_path / f"{MARKER}.profile"


@pytest.fixture
def receipt_key(profile: Path) -> str:
    with Vault.open(profile, AppKey(KEY)) as vault:
        return vault.receipt_key


@pytest.fixture(autouse=True)
def checks(monkeypatch: pytest.MonkeyPatch) -> None:
    use_checks(monkeypatch, {"files": counting_files, "egress": saying("low", "egress")})


def state_of(folder: Path) -> dict[str, tuple[bytes, int, int]]:
    return {
        str(path.relative_to(folder)): (path.read_bytes(), path.stat().st_mode, path.stat().st_mtime_ns)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_an_audit_is_signed_by_the_profile_and_changes_nothing(profile: Path, receipt_key: str, tmp_path: Path) -> None:
    before = state_of(profile)
    told: list[str] = []
    steps: list[tuple[int, int]] = []
    report = audit(
        profile,
        app_key=KEY,
        models=tmp_path,
        out=tmp_path / "evidence" / "first",
        on_check=told.append,
        on_progress=lambda done, total: steps.append((done, total)),
    )
    assert state_of(profile) == before
    assert verify_report(report, public_key=receipt_key)
    assert [(each.name, each.verdict) for each in report.sections] == [("files", "passed"), ("egress", "noted")]
    assert Fact(name="items", value=3) in report.sections[0].facts
    assert told == ["files", "egress"]
    assert steps[-1] == (len(before), len(before))
    written = tmp_path / "evidence" / "first"
    assert {path.name for path in written.iterdir()} == {"audit.json", "audit.html"}
    assert report_from_json((written / "audit.json").read_text("ascii").removesuffix("\n")) == report
    page = (written / "audit.html").read_bytes()
    assert verify_page(page, public_key=receipt_key)
    assert seal_of(page).report_sha256 == digest_of(report)
    for place in (written, written.parent, *written.iterdir()):
        assert stat.S_IMODE(place.stat().st_mode) & 0o077 == 0


def test_nothing_of_the_user_stands_in_the_evidence(
    profile: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not the texts, not the place of the profile, whose name may tell as much, not the machine's."""

    def quoting(subject: Subject) -> Section:
        return section(text=f"cannot read {subject.profile / 'keys.json'} from {subject.scratch} or {Path.home()}/x")

    use_checks(
        monkeypatch,
        {
            "quoting": quoting,
            "ended": failing(ValueError(f"{MARKER} is no vector")),
            "refused": failing(StorageError(f"cannot read {MARKER}", hint=MARKER)),
        },
    )
    audit(profile, app_key=KEY, out=tmp_path / "evidence")
    evidence = b"".join(path.read_bytes() for path in (tmp_path / "evidence").iterdir()).decode()
    assert "cannot read (profile)/keys.json from (scratch) or ~/x" in evidence
    for private in (MARKER, str(tmp_path), str(Path.home()) + "/", socket.gethostname() + " ", platform.release()):
        assert private not in evidence, private
    assert f"/{getpass.getuser()}" not in evidence


def test_a_check_that_ends_early_fails_the_audit_and_not_the_others(
    profile: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unwritable = replace(section("inversion"), facts=(Fact(name="x", value=float("nan")),))
    use_checks(
        monkeypatch,
        {"egress": failing(ZeroDivisionError()), "inversion": lambda _: unwritable, "files": counting_files},
    )
    report = audit(profile, app_key=KEY)
    assert [finding.code for finding in report.findings] == ["egress/ended-early", "inversion/ended-early"]
    assert "with ZeroDivisionError at ondevice/privacy/auditor.py:" in report.findings[0].text
    assert "with ValueError at ondevice/privacy/section_documents.py:" in report.findings[1].text
    assert [each.verdict for each in report.sections] == ["failed", "failed", "passed"]
    assert all(each.not_tested for each in report.sections)
    assert verify_report(report)


def test_an_interruption_leaves_no_evidence(profile: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: Subject) -> Section:
        raise KeyboardInterrupt

    use_checks(monkeypatch, {"egress": interrupted})
    with pytest.raises(KeyboardInterrupt):
        audit(profile, app_key=KEY, out=tmp_path / "new" / "evidence")
    assert not (tmp_path / "new").exists()


def test_what_was_not_chosen_says_so(profile: Path) -> None:
    report = audit(profile, app_key=KEY, checks=["files"])
    assert [(each.name, each.verdict) for each in report.sections] == [("files", "passed"), ("egress", "not run")]
    assert report.sections[1].not_tested == ("this check was not chosen",)
    assert report.verdict == "passed"


def test_wrong_calls_are_told_before_anything_is_done(profile: Path, tmp_path: Path) -> None:
    out = tmp_path / "evidence"
    with pytest.raises(ValueError, match="no check 'nonsense': choose of files, egress"):
        audit(profile, app_key=KEY, checks=["nonsense"], out=out)
    with pytest.raises(ValueError, match="no check is chosen"):
        audit(profile, app_key=KEY, checks=[], out=out)
    with pytest.raises(TypeError, match=r"write \[name\]"):
        audit(profile, app_key=KEY, checks="files", out=out)
    with pytest.raises(ValueError, match="exactly one secret to audit a profile, not 2"):
        audit(profile, app_key=KEY, passphrase="words", out=out)
    with pytest.raises(TypeError, match="did you mean passphrase"):
        audit(profile, pasphrase="words", out=out)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="folder is a path"):
        audit(profile, app_key=KEY, models=5, out=out)  # type: ignore[arg-type]
    assert not out.exists()


def test_a_profile_that_cannot_be_audited_is_told_and_leaves_no_evidence(profile: Path, tmp_path: Path) -> None:
    out = tmp_path / "evidence"
    with pytest.raises(NotFoundError):
        audit(tmp_path / "none", app_key=KEY, out=out)
    with pytest.raises(LockedError):
        audit(profile, app_key=b"x" * 32, out=out)
    with Vault.open(profile, AppKey(KEY)), pytest.raises(ProfileBusyError):
        audit(profile, app_key=KEY, out=out)
    database = profile / "epoch-1" / "profile.db"
    database.write_bytes(database.read_bytes()[:-4096] + bytes(4096))
    with pytest.raises(CorruptError):
        audit(profile, app_key=KEY, out=out)
    assert not out.exists()


def test_evidence_is_never_overwritten_nor_put_into_the_profile(profile: Path, tmp_path: Path) -> None:
    out = tmp_path / "evidence"
    out.mkdir()
    (out / "audit.html").write_text("mine")
    with pytest.raises(StorageError, match="File exists") as raised:
        audit(profile, app_key=KEY, out=out)
    assert raised.value.hint == "name a new folder for each audit"
    assert {path.name: path.read_text() for path in out.iterdir()} == {"audit.html": "mine"}
    (tmp_path / "link").symlink_to(profile)
    for inside in (profile, profile / "evidence", tmp_path / "link" / "evidence"):
        with pytest.raises(StorageError, match="not kept in the profile itself"):
            audit(profile, app_key=KEY, out=inside)
    (tmp_path / "file").write_text("a file")
    with pytest.raises(StorageError):
        audit(profile, app_key=KEY, out=tmp_path / "file")


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_a_folder_that_was_there_keeps_its_mode(profile: Path, tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o1777)
    with EvidenceFolder(shared, profile=profile):
        pass
    assert stat.S_IMODE(shared.stat().st_mode) == 0o1777
    assert list(shared.iterdir()) == []


def test_a_disk_that_refuses_leaves_no_evidence(profile: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    def fills_up(_: str) -> None:
        monkeypatch.setattr("os.fsync", full)

    out = tmp_path / "evidence"
    out.mkdir()
    with pytest.raises(StorageError, match="evidence cannot be written into evidence: No space left"):
        audit(profile, app_key=KEY, models=ModelSet(tmp_path), checks=["egress"], out=out, on_check=fills_up)
    assert list(out.iterdir()) == []


def test_the_door_loads_nothing_before_it_is_used() -> None:
    code = (
        "import sys, ondevice, ondevice.cli, ondevice.privacy.findings\n"
        "print([name for name in sys.modules if name.startswith('ondevice.privacy.')])\n"
        "import ondevice.privacy.auditor\n"
        "from ondevice.privacy import audit\n"
        "print(callable(audit))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines() == ["['ondevice.privacy.findings']", "True"]


def test_a_report_has_one_form_whatever_a_check_counts_with(profile: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    counted = replace(
        section(),
        facts=(
            Fact(name="n", value=cast("int", numpy.int64(3))),
            Fact(name="x", value=cast("float", numpy.float32(0.5))),
        ),
    )
    use_checks(monkeypatch, {"at-rest": lambda _: counted})
    report = audit(profile, app_key=KEY)
    assert [fact.value for fact in report.sections[0].facts] == [3, 0.5]
    assert report_from_json(report_to_json(report)) == report


def test_where_no_fault_was_ever_planted_each_check_says_so(profile: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ondevice.privacy.auditor.TRIED_ON", ("some-system",))
    for found in audit(profile, app_key=KEY, models=ModelSet(encoder=None, generator=None)).sections:
        assert any("on Linux" in line for line in found.not_tested)
