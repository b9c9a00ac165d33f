"""``ondevice forget``, ``prune`` and ``destroy``."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from ondevice import verify_receipt
from ondevice.vault.receipts import receipt_from_json
from tests.command_line import Run


def test_forgetting_by_id_shows_a_receipt_that_verifies(with_models: Run, on_profile: Run) -> None:
    item_id = with_models("add", "the cat").out.strip()
    document = with_models("forget", item_id, "--json").document["receipt"]
    receipt = receipt_from_json(json.dumps(document, separators=(",", ":")))
    assert verify_receipt(receipt)
    assert receipt.verified
    assert on_profile("show", item_id).code == 6


def test_forgetting_by_filter_asks_first(with_models: Run, on_profile: Run) -> None:
    with_models("add", "the cat", "--kind", "pet")
    with_models("add", "the dog", "--kind", "pet")
    kept = with_models("forget", "--kind", "pet", stdin="n\n")
    assert kept.code == 1
    assert on_profile("list", "--json").document["n_items"] == 2
    people = with_models("forget", "--kind", "pet", stdin="y\n")
    assert people.code == 0
    assert "2 forgotten" in people.out
    assert "verified" in people.out
    assert on_profile("list", "--json").document["n_items"] == 0


def test_saying_nothing_or_both_is_a_usage_error(with_models: Run) -> None:
    assert with_models("forget").code == 2
    assert with_models("forget", "abc", "--kind", "pet").code == 2
    assert with_models("forget", "0123456789").code == 6


def test_a_choice_that_nothing_fits_is_no_erasure(with_models: Run, on_profile: Run) -> None:
    item_id = with_models("add", "the cat", "--kind", "pet").out.strip()
    for options in (["--kind", "pets"], ["--where", "place=oslo"], ["--until", "2001-01-01"], ["--since", "0h"]):
        for yes in ([], ["--yes"]):
            ran = with_models("forget", *options, *yes, "--json")
            assert (ran.code, ran.document["error"]["type"]) == (6, "NotFoundError")
            assert "no item" in ran.document["error"]["message"]
            assert "receipt" not in ran.document
    assert "no item" in with_models("forget", "--kind", "pets").err
    assert on_profile("show", item_id).code == 0


def test_a_choice_of_what_has_expired_is_erased_unasked(with_models: Run) -> None:
    with_models("add", "the cat", "--kind", "pet", "--expires", datetime.now(UTC).isoformat())
    assert len(with_models("forget", "--kind", "pet", "--json").document["receipt"]["item_ids"]) == 1


def test_prune(with_models: Run) -> None:
    assert with_models("prune", "--json").document == {"receipt": None}
    soon = datetime.now(UTC).isoformat()
    with_models("add", "the cat", "--expires", soon)
    assert len(with_models("prune", "--json").document["receipt"]["item_ids"]) == 1


def test_destroy_asks_and_then_leaves_nothing(run: Run, profile: Path) -> None:
    where = ("--profile", str(profile))
    assert run("destroy", *where, stdin="n\n").code == 1
    assert profile.is_dir()
    assert run("destroy", *where, "--yes", "--json").document == {"destroyed": str(profile)}
    assert not profile.exists()
    assert run("destroy", *where, "--yes").code == 6
