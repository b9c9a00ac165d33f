"""``ondevice audit``: what is shown, kept and returned; ``ondevice audit verify`` for whoever gets the evidence."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from ondevice import Personalizer
from ondevice.privacy import report_to_json
from ondevice.privacy.page import page_of
from ondevice.privacy.page_seal import sealed
from tests.command_line import Run, descriptor, on_terminal
from tests.made_up_checks import SIGNATORY, STRANGER, counting_files, failing, report, saying, use_checks

KEY = SIGNATORY.public_key


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """Return an audit's two files."""
    (tmp_path / "audit.json").write_text(report_to_json(report()) + "\n", "ascii")
    (tmp_path / "audit.html").write_bytes(sealed(page_of(report()), SIGNATORY))
    return tmp_path / "audit.json", tmp_path / "audit.html"


def test_the_evidence_goes_from_the_profile_to_the_auditor(
    with_models: Run, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_checks(monkeypatch, {"files": counting_files, "at-rest": saying("low")})
    with_models("add", "the xylograph")
    key = with_models("stats", "--json").document["stats"]["receipt_key"]
    ran = with_models("audit", "--out", str(tmp_path / "evidence"))
    assert ran.code == 0
    rows = [line.split() for line in ran.out.splitlines()[1:3]]
    assert [row[:3] for row in rows] == [["files", "passed", "0"], ["at-rest", "noted", "1"]]
    assert "low at-rest/mode: words" in ran.out
    assert "It cannot prove that nothing is. 2 things were not tested" in ran.out
    assert str(tmp_path / "evidence") in " ".join(ran.err.split())
    for name in ("audit.json", "audit.html"):
        checked = run("audit", "verify", str(tmp_path / "evidence" / name), "--key", key)
        assert checked.code == 0
        assert "it is genuine" in checked.out
        assert "xylograph" not in (tmp_path / "evidence" / name).read_text("utf-8")
    assert "xylograph" not in ran.out + ran.err


def test_the_document_is_evidence_too(
    with_models: Run, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_checks(monkeypatch, {"at-rest": saying(None)})
    ran = with_models("audit", "--json")
    assert ran.document["report"]["verdict"] == "passed"
    assert ran.document["files"] is None
    (tmp_path / "document.json").write_text(ran.out, "utf-8")
    checked = run("audit", "verify", str(tmp_path / "document.json"), "--json").document
    assert (checked["kind"], checked["signature_fits"], checked["is_genuine"]) == ("report", True, None)
    assert "anyone can make such evidence" in checked["note"]


@pytest.mark.parametrize(
    ("found", "options", "status"),
    [
        (None, (), 0),
        ("note", (), 0),
        ("low", (), 0),
        ("medium", (), 1),
        ("high", (), 1),
        ("high", ("--fail-on", "never"), 0),
        ("medium", ("--fail-on", "high"), 0),
        ("high", ("--fail-on", "high"), 1),
        ("low", ("--fail-on", "low"), 1),
        ("note", ("--fail-on", "low"), 0),
        ("note", ("--fail-on", "note"), 1),
        (None, ("--fail-on", "note"), 0),
    ],
)
def test_the_exit_code_is_for_build_servers(
    on_profile: Run, monkeypatch: pytest.MonkeyPatch, found: str | None, options: tuple[str, ...], status: int
) -> None:
    use_checks(monkeypatch, {"at-rest": saying(found)})  # type: ignore[arg-type]
    assert on_profile("audit", *options).code == status


def test_a_check_that_cannot_be_made_fails_the_command(on_profile: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    use_checks(monkeypatch, {"egress": failing(RuntimeError("xylograph")), "files": counting_files})
    ran = on_profile("audit")
    assert ran.code == 1
    assert "egress/ended-early" in ran.out
    assert "xylograph" not in ran.out + ran.err
    assert on_profile("audit", "--checks", " files ,").code == 0


def test_each_mistake_is_one_line(
    on_profile: Run, run: Run, profile: Path, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_checks(monkeypatch, {"files": counting_files})
    out = ("--out", str(tmp_path / "evidence"))
    unknown = on_profile("audit", "--checks", "files,nonsense", *out)
    assert (unknown.code, "no check 'nonsense': choose of files" in unknown.err) == (2, True)
    assert on_profile("audit", "--checks", "", *out).code == 2
    assert on_profile("audit", "--fail-on", "sometimes", *out).code == 2
    none = run("audit", "--profile", str(tmp_path / "none"), "--recovery-fd", descriptor(code), *out)
    assert (none.code, "there is no profile" in none.err) == (6, True)
    wrong = run("audit", "--profile", str(profile), "--passphrase-fd", descriptor("wrong words\n"), *out)
    assert (wrong.code, len(wrong.err.splitlines()) <= 2) == (3, True)
    with Personalizer.open(profile, recovery_code=code, encoder=None):
        busy = on_profile("audit", *out)
    assert busy.code == 11
    (tmp_path / "file").write_text("mine")
    for place in (tmp_path / "file", tmp_path / "file" / "below", profile / "evidence"):
        refused = on_profile("audit", "--out", str(place), "--json")
        assert (refused.code, refused.document["error"]["type"]) == (12, "StorageError")
    assert on_profile("audit", *out).code == 0
    again = on_profile("audit", *out)
    assert (again.code, "name a new folder" in again.err) == (12, True)


def test_changed_and_foreign_evidence_is_refused(run: Run, files: tuple[Path, Path]) -> None:
    for file in files:
        genuine = file.read_bytes()
        assert run("audit", "verify", str(file), "--key", KEY).code == 0
        file.write_bytes(genuine.replace(b"2026-11-30", b"2026-11-29"))
        changed = run("audit", "verify", str(file), "--key", KEY)
        assert (changed.code, "its signature does not fit" in changed.out) == (1, True)
        assert "profile" not in changed.out
        assert run("audit", "verify", str(file), "--json").document["is_genuine"] is False
        file.write_bytes(genuine)
        foreign = run("audit", "verify", str(file), "--key", STRANGER.public_key)
        assert (foreign.code, "not with the given key" in foreign.out) == (1, True)
        assert "anyone can make" in " ".join(run("audit", "verify", str(file)).out.split())


def test_standard_input_is_a_file_too(run: Run, files: tuple[Path, Path]) -> None:
    assert run("audit", "verify", "-", "--key", KEY, stdin=files[0].read_text("ascii")).code == 0


def test_what_is_no_evidence_is_refused(run: Run, tmp_path: Path, files: tuple[Path, Path]) -> None:
    text = files[0].read_text("ascii")
    file = tmp_path / "other"
    spaced = json.dumps(json.loads(text))
    for other in ("", "{}", "null", "<html>", "[" * 100_000, spaced, text + text, '{"report": {}, "files": null}'):
        file.write_text(other, "utf-8")
        assert run("audit", "verify", str(file)).code == 13, other[:80]
    file.write_bytes(b"\xff")
    assert run("audit", "verify", str(file)).code == 13
    newer = json.loads(text) | {"format": 2}
    file.write_text(json.dumps(newer, sort_keys=True, separators=(",", ":")), "ascii")
    assert run("audit", "verify", str(file)).code == 5
    assert run("audit", "verify", str(tmp_path / "gone")).code == 6
    assert run("audit", "verify", str(files[0]), "--key", "abc").code == 2


def test_each_check_is_shown_with_its_own_steps() -> None:
    code = (
        "from ondevice.cli.audit_progress import CheckProgress\n"
        "from ondevice.safety.consoles import CleanConsole\n"
        "with CheckProgress(CleanConsole(stderr=True)) as shown:\n"
        "    shown.on_progress(1, 1)\n"
        "    for name, steps in (('files', 3), ('egress', 70)):\n"
        "        shown.on_check(name)\n"
        "        shown.on_progress(2, steps)\n"
    )
    status, screen = on_terminal([sys.executable, "-c", code])
    assert status == 0
    files, egress = screen.index("check files"), screen.index("check egress")
    assert "2/3" in screen[files:egress]
    assert "2/70" in screen[egress:]
    assert "/3" not in screen[egress:]
