"""``ondevice export``, ``import``, ``backup`` and ``restore``."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from tests.command_line import Run, descriptor

ROWS = [{"text": "the cat and the rain", "kind": "email", "title": "garden"}, {"text": "a train ticket"}]


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    path = tmp_path / "rows.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in ROWS), "utf-8")
    return path


def test_importing_twice_adds_once(with_models: Run, rows: Path) -> None:
    first = with_models("import", "jsonl", str(rows), "--json").document
    assert (first["n_added"], first["n_known"]) == (2, 0)
    second = with_models("import", "jsonl", str(rows)).out
    assert "0 added, 2 known already" in second
    assert with_models("search", "--json", "cat", "-k", "1").document["hits"][0]["item"]["fields"] == {
        "title": "garden"
    }


def test_a_kind_for_all(with_models: Run, on_profile: Run, rows: Path) -> None:
    with_models("import", "jsonl", str(rows), "--kind", "mail")
    assert {item["kind"] for item in on_profile("list", "--json").document["items"]} == {"mail"}


def test_a_faulty_line_is_named_and_all_or_nothing_taken(with_models: Run, on_profile: Run, rows: Path) -> None:
    rows.write_text(rows.read_text("utf-8") + '\n{"text": 5}\n', "utf-8")
    ran = with_models("import", "jsonl", str(rows), "--no-skip-broken", "--json")
    assert (ran.code, ran.document["error"]["type"]) == (13, "InputError")
    assert "3" in ran.document["error"]["message"]
    assert on_profile("list", "--json").document["n_items"] == 0


def test_export_and_import_are_inverse(with_models: Run, on_profile: Run, run: Run, rows: Path, tmp_path: Path) -> None:
    with_models("import", "jsonl", str(rows))
    out = tmp_path / "out.jsonl"
    done = on_profile("export", str(out), "--json")
    assert done.document["n_items"] == 2
    assert "not encrypted" in done.err
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert on_profile("export", str(out)).code == 12
    where = ("--profile", str(tmp_path / "other.profile"))
    run("init", *where, "--passphrase-fd", descriptor("words"))
    unlock = ("--passphrase-fd", descriptor("words"))
    taken = run("import", "ondevice", str(out), *where, *unlock, "--encoder", "none", "--json").document
    assert taken["n_added"] == 2
    unlock = ("--passphrase-fd", descriptor("words"))
    items = run("list", *where, *unlock, "--json").document["items"]
    assert {item["text"] for item in items} == {row["text"] for row in ROWS}


def test_backup_and_restore(on_profile: Run, run: Run, code: str, tmp_path: Path) -> None:
    on_profile("add", "--encoder", "none", "the cat")
    copy = tmp_path / "copy.profile"
    assert on_profile("backup", str(copy), "--json").document["backup"] == str(copy)
    new = ("--profile", str(tmp_path / "new.profile"))
    assert run("restore", str(copy), *new, "--recovery-fd", descriptor(code)).code == 0
    assert run("list", *new, "--recovery-fd", descriptor(code), "--json").document["n_items"] == 1
