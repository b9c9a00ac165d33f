"""``ondevice receipt verify``: what a receipt proves, to someone who has no profile."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from ondevice import Receipt, receipt_from_json, receipt_to_json
from ondevice.records import ArtifactOutcome
from ondevice.vault.identity import Identity
from ondevice.vault.receipts import Notary
from tests.command_line import Run, descriptor

DONE = ArtifactOutcome(kind="items", name="items", outcome="erased", count=1)
LEFT = ArtifactOutcome(kind="database", name="profile.db", outcome="found", count=1)


def signed(*artifacts: ArtifactOutcome, ids: tuple[str, ...] = ("a",), seed: int = 1) -> Receipt:
    return Notary(Identity(bytes([seed]) * 32)).sign("0" * 32, 0, ids, artifacts or (DONE,))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "receipt.json"


def test_a_receipt_goes_from_the_profile_to_the_auditor(with_models: Run, run: Run, file: Path, tmp_path: Path) -> None:
    key = with_models("stats", "--json").document["stats"]["receipt_key"]
    item_id = with_models("add", "the cat").out.strip()
    document = with_models("forget", item_id, "--json", "--receipt", str(file)).document
    (tmp_path / "document.json").write_text(json.dumps(document, indent=2), "utf-8")
    for place in (file, tmp_path / "document.json"):
        ran = run("receipt", "verify", str(place), "--key", key)
        assert ran.code == 0
        assert "it is genuine" in ran.out
        assert item_id in ran.out
    assert run("receipt", "verify", "-", "--key", f" {key.upper()} ", stdin=file.read_text("ascii")).code == 0
    assert key in with_models("stats").out
    assert receipt_from_json(file.read_text("ascii").rstrip("\n")).item_ids == (item_id,)
    assert file.stat().st_mode & 0o777 == 0o600


def test_the_key_is_told_when_the_profile_is_made(run: Run, tmp_path: Path) -> None:
    made = run("init", "--json", "--profile", str(tmp_path / "p"), "--passphrase-fd", descriptor("words\n")).document
    unlocking = ("--profile", str(tmp_path / "p"), "--passphrase-fd")
    stats = run("stats", "--json", "--encoder", "none", *unlocking, descriptor("words\n")).document["stats"]
    assert made["receipt_key"] == stats["receipt_key"]


def test_without_a_key_it_says_what_that_is_worth(run: Run, file: Path) -> None:
    file.write_text(receipt_to_json(signed()), "ascii")
    ran = run("receipt", "verify", str(file))
    assert ran.code == 0
    assert "anyone can make such a receipt with a key of their own" in " ".join(ran.out.split())
    document = run("receipt", "verify", str(file), "--json").document
    assert (document["signature_fits"], document["is_genuine"], document["says_verified"]) == (True, None, True)
    assert "anyone" in document["note"]


def test_a_genuine_receipt_that_says_that_something_is_left_is_no_success(run: Run, file: Path) -> None:
    receipt = signed(DONE, LEFT)
    file.write_text(receipt_to_json(receipt), "ascii")
    ran = run("receipt", "verify", str(file), "--key", receipt.public_key)
    assert ran.code == 1
    assert "the erasure was not complete" in ran.out
    document = run("receipt", "verify", str(file), "--key", receipt.public_key, "--json").document
    assert (document["is_genuine"], document["says_verified"]) == (True, False)


def test_a_receipt_of_nothing_is_no_proof(run: Run, file: Path) -> None:
    file.write_text(receipt_to_json(signed(ids=())), "ascii")
    ran = run("receipt", "verify", str(file))
    assert ran.code == 1
    assert "it names no item" in ran.out


def test_a_changed_or_foreign_receipt_is_refused(run: Run, file: Path) -> None:
    receipt = signed()
    file.write_text(receipt_to_json(replace(receipt, item_ids=("b",))), "ascii")
    changed = run("receipt", "verify", str(file), "--json")
    assert (changed.code, changed.document["error"]["type"]) == (4, "CorruptError")
    file.write_text(receipt_to_json(signed(seed=2)), "ascii")
    assert run("receipt", "verify", str(file)).code == 0
    foreign = run("receipt", "verify", str(file), "--key", receipt.public_key)
    assert foreign.code == 4
    assert "not with the given key" in foreign.err


def test_what_is_no_receipt_is_refused(run: Run, file: Path, tmp_path: Path) -> None:
    text = receipt_to_json(signed())
    doubled = text.replace("{", '{"item_ids":["x"],', 1)
    wrapped = '{"receipt": ' + doubled + "}"
    twice = '{"receipt": {}, "receipt": ' + text + "}"
    spaced = json.dumps(json.loads(text))
    number = text.replace(f'"{signed().public_key}"', "5")
    for other in ("", "{}", "null", doubled, wrapped, twice, spaced, number, text + text, "[" * 100_000):
        file.write_text(other, "utf-8")
        assert run("receipt", "verify", str(file)).code == 13, other[:80]
    file.write_bytes(b"\xff")
    assert run("receipt", "verify", str(file)).code == 13
    assert run("receipt", "verify", str(tmp_path / "gone")).code == 6
    assert run("receipt", "verify", "/dev/zero").code == 13


@pytest.mark.parametrize("key", ["", "abc", "0" * 63, "g" * 64])
def test_a_key_of_another_form_is_a_usage_error(run: Run, file: Path, key: str) -> None:
    file.write_text(receipt_to_json(signed()), "ascii")
    assert run("receipt", "verify", str(file), "--key", key).code == 2


def test_a_receipts_file_must_be_new_and_appears_only_with_a_receipt(
    with_models: Run, file: Path, tmp_path: Path
) -> None:
    item_id = with_models("add", "the cat").out.strip()
    file.write_text("mine", "ascii")
    ran = with_models("forget", item_id, "--receipt", str(file))
    assert ran.code == 12
    assert "name a new file" in ran.err
    assert file.read_text("ascii") == "mine"
    assert [hit["item"]["id"] for hit in with_models("search", "cat", "--json").document["hits"]] == [item_id]
    new = tmp_path / "new.json"
    assert with_models("forget", "0123456789", "--receipt", str(new)).code == 6
    assert with_models("prune", "--receipt", str(new)).out == "nothing has expired\n"
    assert not new.exists()
