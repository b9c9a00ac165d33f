from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from ondevice.errors import InputError, VersionError
from ondevice.records import ArtifactOutcome, Draft, Receipt
from ondevice.vault import Vault, receipt_from_json, receipt_to_json, verify_receipt
from ondevice.vault.identity import Identity
from ondevice.vault.receipts import Notary


@pytest.fixture
def receipt(vault: Vault) -> Receipt:
    vault.items.put_many([Draft(text="a", id="a"), Draft(text="b", id="b")])
    return vault.forget(["a"])


@pytest.fixture
def notary() -> Notary:
    """One that signs with a key of its own."""
    return Notary(Identity(b"\1" * 32))


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


def canonical(document: object) -> str:
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


ARTIFACT = {"kind": "x", "name": "y", "outcome": "erased", "count": 1}


@pytest.mark.parametrize(
    "change",
    [
        {"extra": 1},
        {"format": True},
        {"format": 1.0},
        {"format": "1"},
        {"format": 0},
        {"format": 10**4000},
        {"profile_id": 5},
        {"profile_id": "A" * 32},
        {"at": "yesterday"},
        {"at": 5},
        {"at": "2026-01-01T00:00:00Z"},
        {"at": "0001-01-01T00:00:00.000000Z"},
        {"item_ids": None},
        {"item_ids": "ab"},
        {"item_ids": [1]},
        {"item_ids": {"a": "b"}},
        {"artifacts": [{"kind": "x"}]},
        {"artifacts": {"x": ARTIFACT}},
        {"artifacts": ["x"]},
        {"artifacts": [ARTIFACT | {"outcome": "perhaps"}]},
        {"artifacts": [ARTIFACT | {"outcome": ["erased"]}]},
        {"artifacts": [ARTIFACT | {"outcome": "found"}]},
        {"artifacts": [ARTIFACT | {"count": True}]},
        {"artifacts": [ARTIFACT | {"count": -1}]},
        {"artifacts": [ARTIFACT | {"count": 1.0}]},
        {"artifacts": [ARTIFACT | {"count": 10**4000}]},
        {"artifacts": [ARTIFACT | {"name": None}]},
        {"verified": 1},
        {"verified": "true"},
        {"verified": False},
        {"caveats": "none"},
        {"caveats": [None]},
        {"public_key": 5},
        {"public_key": None},
        {"public_key": "0" * 63},
        {"public_key": "F" * 64},
        {"public_key": "0 " * 32},
        {"signature": 5},
        {"signature": ""},
        {"signature": "0" * 126},
        {"signature": "\u0660" * 128},
    ],
    ids=str,
)
def test_other_forms_are_refused(receipt: Receipt, change: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="not a receipt"):
        receipt_from_json(canonical(json.loads(receipt_to_json(receipt)) | change))


def test_a_name_that_stands_twice_is_refused(receipt: Receipt) -> None:
    text = receipt_to_json(receipt)
    for doubled in ('"item_ids":["another"],', '"verified":true,', '"public_key":"00",'):
        for changed in (text.replace("{", "{" + doubled, 1), text[:-1] + "," + doubled[:-1] + "}"):
            with pytest.raises(InputError, match="not a receipt"):
                receipt_from_json(changed)


def test_the_same_values_written_otherwise_are_refused(receipt: Receipt) -> None:
    text = receipt_to_json(receipt)
    document = json.loads(text)
    others = [
        text + "\n",
        " " + text,
        "\ufeff" + text,
        json.dumps(document),
        json.dumps(document, sort_keys=True, indent=1),
        json.dumps(dict(reversed(document.items())), separators=(",", ":")),
        text.replace("verified", "ver\\u0069fied", 1),
    ]
    for other in others:
        assert json.loads(other.lstrip("\ufeff")) == document
        with pytest.raises(InputError, match="not a receipt"):
            receipt_from_json(other)
    no_texts: list[Any] = [None, 5, text.encode(), document]
    for no_text in no_texts:
        with pytest.raises(InputError, match="not a receipt"):
            receipt_from_json(no_text)


def test_a_newer_format_is_told_as_such(receipt: Receipt) -> None:
    with pytest.raises(VersionError, match="format 2, and this release reads up to 1"):
        receipt_from_json(canonical(json.loads(receipt_to_json(receipt)) | {"format": 2}))


@pytest.mark.parametrize(
    "change",
    [
        {"public_key": 5},
        {"public_key": b"0" * 64},
        {"public_key": None},
        {"signature": 5},
        {"signature": None},
        {"at": "now"},
        {"at": None},
        {"at": datetime(2026, 1, 1)},
        {"item_ids": None},
        {"item_ids": (object(),)},
        {"item_ids": "a"},
        {"artifacts": None},
        {"artifacts": ("x",)},
        {"artifacts": (ArtifactOutcome(kind="x", name="y", outcome="erased", count=True),)},
        {"verified": 1},
        {"caveats": ({},)},
        {"profile_id": b""},
        {"format": True},
        {"format": None},
    ],
    ids=lambda change: "-".join(f"{name} {type(value).__name__}" for name, value in change.items()),
)
def test_a_receipt_of_wrong_values_is_not_genuine_and_no_accident(receipt: Receipt, change: dict[str, Any]) -> None:
    assert not verify_receipt(replace(receipt, **change))
    assert not verify_receipt(replace(receipt, **change), public_key=receipt.public_key)


def test_what_is_no_receipt_at_all_is_not_genuine() -> None:
    others: list[Any] = [None, {}, "x"]
    assert not any(map(verify_receipt, others))


def test_a_receipt_of_another_profile_does_not_pass_for_this_ones(receipt: Receipt, notary: Notary) -> None:
    forged = notary.sign(receipt.profile_id, 0, receipt.item_ids, receipt.artifacts)
    assert verify_receipt(forged)
    assert not verify_receipt(forged, public_key=receipt.public_key)
    assert not verify_receipt(replace(forged, public_key=receipt.public_key), public_key=receipt.public_key)


@pytest.mark.parametrize("text", ["", "[]", "{}", "null", "nonsense"])
def test_what_is_no_receipt(text: str) -> None:
    with pytest.raises(InputError, match="not a receipt"):
        receipt_from_json(text)
