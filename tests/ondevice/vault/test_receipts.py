from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from ondevice.errors import InputError
from ondevice.records import ArtifactOutcome, Draft, Receipt
from ondevice.vault import Vault, receipt_from_json, receipt_to_json, verify_receipt


@pytest.fixture
def receipt(vault: Vault) -> Receipt:
    vault.items.put_many([Draft(text="a", id="a"), Draft(text="b", id="b")])
    return vault.forget(["a"])


def test_receipt_says_what_and_is_signed(vault: Vault, receipt: Receipt) -> None:
    assert receipt.item_ids == ("a",)
    assert receipt.profile_id == vault.profile_id
    assert receipt.verified
    assert receipt.public_key == vault.receipt_key
    assert verify_receipt(receipt)
    assert verify_receipt(receipt, public_key=vault.receipt_key)
    assert len(receipt.caveats) == 3


def test_every_changed_field_breaks_the_signature(receipt: Receipt) -> None:
    other = ArtifactOutcome(kind="items", name="items", outcome="erased", count=9)
    changes: list[dict[str, Any]] = [
        {"format": 2},
        {"profile_id": "0" * 32},
        {"at": receipt.at + timedelta(microseconds=1)},
        {"item_ids": ("b",)},
        {"item_ids": ()},
        {"artifacts": (*receipt.artifacts, other)},
        {"artifacts": receipt.artifacts[1:]},
        {"verified": False},
        {"caveats": ()},
        {"public_key": "0" * 64},
        {"public_key": "not hex"},
        {"signature": ""},
        {"signature": "00" * 64},
    ]
    for change in changes:
        assert not verify_receipt(replace(receipt, **change)), change


def test_foreign_key_is_not_this_profiles(receipt: Receipt) -> None:
    assert not verify_receipt(receipt, public_key="00" * 32)


def test_json_is_canonical_and_comes_back(receipt: Receipt) -> None:
    text = receipt_to_json(receipt)
    assert receipt_from_json(text) == receipt
    assert verify_receipt(receipt_from_json(text))
    document = json.loads(text)
    assert text == json.dumps(document, sort_keys=True, separators=(",", ":"))
    assert document["at"].endswith("Z")


@pytest.mark.parametrize(
    "change",
    [
        {"extra": 1},
        {"artifacts": [{"kind": "x"}]},
        {"artifacts": [{"kind": "x", "name": "y", "outcome": "perhaps", "count": 1}]},
        {"at": "yesterday"},
        {"item_ids": None},
    ],
    ids=["extra", "incomplete", "outcome", "time", "ids"],
)
def test_other_forms_are_refused(receipt: Receipt, change: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="not a receipt"):
        receipt_from_json(json.dumps(json.loads(receipt_to_json(receipt)) | change))


@pytest.mark.parametrize("text", ["", "[]", "{}", "null", "nonsense"])
def test_what_is_no_receipt(text: str) -> None:
    with pytest.raises(InputError, match="not a receipt"):
        receipt_from_json(text)
