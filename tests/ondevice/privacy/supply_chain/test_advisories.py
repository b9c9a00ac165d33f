"""A known vulnerability is found where the installed version has it, and nowhere else."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from ondevice.privacy.supply_chain.advisories import read_advisories
from tests.ondevice.privacy.supply_chain.conftest import Look, codes


def advisory(
    *events: dict[str, str],
    name: str = "near",
    versions: tuple[str, ...] = (),
    ecosystem: str = "PyPI",
    kind: str = "ECOSYSTEM",
    **fields: Any,
) -> dict[str, Any]:
    affected = {
        "package": {"ecosystem": ecosystem, "name": name},
        "versions": list(versions),
        "ranges": [{"type": kind, "events": list(events)}] if events else [],
    }
    return {"id": "PYSEC-2026-1", "modified": "2026-03-01T00:00:00Z", "affected": [affected], **fields}


def write(folder: Path, value: object) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "PYSEC-2026-1.json").write_text(json.dumps(value))
    return folder


FROM_THE_FIRST = {"introduced": "0"}


def test_a_known_vulnerability_of_what_is_installed_is_found(look: Look, tmp_path: Path) -> None:
    place = write(tmp_path / "osv", advisory(FROM_THE_FIRST, {"fixed": "1.1"}, aliases=["CVE-2026-1"]))
    section = look(advisories=place)
    (finding,) = section.findings
    assert (finding.code, finding.level) == ("supply-chain/vulnerable", "medium")
    assert finding.text == "near 1.0 has a known vulnerability: PYSEC-2026-1, CVE-2026-1; mended in 1.1"
    assert {fact.name: fact.value for fact in section.facts}["newest advisory"] == "2026-03-01"


@pytest.mark.parametrize(
    "value",
    [
        advisory(FROM_THE_FIRST, {"fixed": "1.0"}),
        advisory(FROM_THE_FIRST, {"last_affected": "0.9"}),
        advisory({"introduced": "1.1"}),
        advisory(versions=("0.9", "1.1")),
        advisory(FROM_THE_FIRST, name="nearby"),
        advisory(FROM_THE_FIRST, name="stranger"),
        advisory(FROM_THE_FIRST, ecosystem="npm"),
        advisory(FROM_THE_FIRST, kind="GIT"),
        advisory(FROM_THE_FIRST, withdrawn="2026-04-01T00:00:00Z"),
    ],
)
def test_what_does_not_concern_the_installed_version_is_not_found(look: Look, tmp_path: Path, value: object) -> None:
    section = look(advisories=write(tmp_path / "osv", value))
    assert codes(section) == {}
    assert {fact.name: fact.value for fact in section.facts}["advisories read"] == 1


@pytest.mark.parametrize(
    "value",
    [
        advisory(FROM_THE_FIRST),
        advisory(FROM_THE_FIRST, {"last_affected": "1.0"}),
        advisory({"fixed": "1.5"}, {"introduced": "1.0"}, {"introduced": "0.1"}, {"fixed": "0.5"}),
        advisory(versions=("0.9", "1.0.0")),
        advisory(FROM_THE_FIRST, name="Near"),
        [advisory({"introduced": "1.1"}), advisory(versions=("1.0",), id="PYSEC-2026-2")],
    ],
)
def test_versions_and_ranges_are_read_as_they_are_meant(look: Look, tmp_path: Path, value: object) -> None:
    assert codes(look(advisories=write(tmp_path / "osv", value))) == {"vulnerable": "medium"}


def test_a_malicious_package_is_graver(look: Look, tmp_path: Path) -> None:
    place = write(tmp_path / "osv", advisory(versions=("1.0",), id="MAL-2026-1"))
    assert codes(look(advisories=place)) == {"malicious": "high"}


def test_what_is_published_as_one_zip_file_is_read(look: Look, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("PYSEC-2026-1.json", json.dumps(advisory(FROM_THE_FIRST)))
        archive.writestr("PYSEC-2026-2.json", "{")
    assert codes(look(advisories=tmp_path / "all.zip")) == {"vulnerable": "medium", "advisories-unreadable": "note"}


@pytest.mark.parametrize("content", ["", "[1]", "{}", '{"id": 1}', '{"id": "A", "affected": 3}', "[" * 5000])
def test_what_is_no_advisory_is_counted(tmp_path: Path, content: str) -> None:
    write(tmp_path / "osv", advisory(FROM_THE_FIRST))
    (tmp_path / "osv" / "other.json").write_text(content)
    known = read_advisories(tmp_path / "osv")
    assert (known.n_read, known.n_unreadable) == (1, 1)


def test_advisories_that_are_not_there_do_not_pass_for_none(look: Look, tmp_path: Path) -> None:
    assert codes(look(advisories=tmp_path / "none")) == {"advisories-unreadable": "note"}
    (tmp_path / "empty").mkdir()
    assert codes(look(advisories=tmp_path / "empty")) == {"advisories-unreadable": "note"}


def test_without_advisories_it_is_said_that_none_were_looked_at(look: Look) -> None:
    assert any("known vulnerabilities" in sentence for sentence in look().not_tested)
