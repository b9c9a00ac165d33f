"""A report is read in one form only, and is genuine only as its profile signed it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from ondevice.errors import InputError, VersionError
from ondevice.privacy import Report, report_from_json, report_to_json, verify_report
from ondevice.privacy.findings import Fact, Section
from ondevice.privacy.system import System
from ondevice.vault.receipts import Notary
from tests.made_up_checks import SIGNATORY, STRANGER, finding, report, section


def canonical(document: Any) -> str:
    return json.dumps(document, sort_keys=True, separators=(",", ":"))


def is_taken(text: str) -> bool:
    """Say whether a text is read and counts as genuine."""
    try:
        return verify_report(report_from_json(text), public_key=SIGNATORY.public_key)
    except (InputError, VersionError):
        return False


def test_a_report_comes_back_as_it_was_written() -> None:
    written = report()
    text = report_to_json(written)
    again = report_from_json(text)
    assert again == written
    assert report_to_json(again) == text
    assert verify_report(again, public_key=SIGNATORY.public_key)


def test_a_changed_byte_anywhere_is_noticed() -> None:
    text = report_to_json(report(section("at-rest", finding())))
    assert is_taken(text)
    for place, letter in enumerate(text):
        for other in ("0", "1", "f", " ", '"', chr(ord(letter) ^ 1)):
            if other != letter:
                assert not is_taken(text[:place] + other + text[place + 1 :]), place
        assert not is_taken(text[:place] + text[place + 1 :]), place
        assert not is_taken(text[:place]), place


def test_every_changed_field_breaks_the_signature() -> None:
    genuine = report()
    changes: list[dict[str, Any]] = [
        {"format": 2},
        {"profile_id": "1f" * 16},
        {"made_at": genuine.made_at + timedelta(microseconds=1)},
        {"sdk": "0.1.1"},
        {"system": replace(genuine.system, os="Linux")},
        {"deep": True},
        {"sections": genuine.sections[:1]},
        {"sections": (section("at-rest"), genuine.sections[1])},
        {"sections": "not sections"},
        {"public_key": STRANGER.public_key},
        {"public_key": "no key"},
        {"signature": "00" * 64},
        {"signature": ""},
        {"system": None},
    ]
    for change in changes:
        assert not verify_report(replace(genuine, **change)), change
    assert not verify_report(None)  # type: ignore[arg-type]


def test_somebody_else_s_key_is_noticed_only_by_who_knows_the_right_one() -> None:
    forged = report(signatory=STRANGER)
    assert verify_report(forged)
    assert not verify_report(forged, public_key=SIGNATORY.public_key)


def test_a_receipt_s_signature_is_none_of_a_report() -> None:
    """The key is the same: what tells them apart is what is signed before them."""
    unsigned = replace(report(), signature="")
    document = json.loads(report_to_json(unsigned))
    del document["signature"]
    identity = SIGNATORY._identity
    bare = Notary(identity)._signatory._key().sign(canonical(document).encode()).hex()
    assert not verify_report(replace(unsigned, signature=bare))


def test_a_verdict_that_does_not_follow_is_refused() -> None:
    document = json.loads(report_to_json(report(section("at-rest", finding("high")))))
    assert (document["verdict"], document["worst"], document["sections"][0]["verdict"]) == ("failed", "high", "failed")
    for path in (("verdict",), ("sections", 0, "verdict")):
        changed: Any = json.loads(json.dumps(document))
        inner = changed
        for step in path[:-1]:
            inner = inner[step]
        inner[path[-1]] = "passed"
        with pytest.raises(InputError):
            report_from_json(canonical(changed))


def test_a_newer_format_and_other_texts_are_refused() -> None:
    text = report_to_json(report())
    document = json.loads(text)
    with pytest.raises(VersionError, match="format 2"):
        report_from_json(canonical(document | {"format": 2}))
    others = [
        "",
        "null",
        "{}",
        "[" * 100_000,
        text + " ",
        json.dumps(document),
        canonical(document | {"more": 1}),
        text.replace("{", '{"deep":true,', 1),
        canonical(document | {"format": True}),
        canonical(document | {"made_at": "2026-11-30"}),
        canonical(document | {"sections": [1]}),
        canonical(document | {"sections": {}}),
        canonical(document | {"system": {"python": "3"}}),
        text.replace("0.25", "1e999"),
        text.replace("0.25", "NaN"),
    ]
    for other in others:
        with pytest.raises(InputError):
            report_from_json(other)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 2**64, b"bytes", ["list"], System])
def test_what_no_report_can_hold_is_not_written(value: Any) -> None:
    broken = replace(section(), facts=(Fact(name="x", value=value),))
    with pytest.raises((ValueError, TypeError)):
        report(broken)


def test_the_verdict_is_the_worst_of_what_was_run() -> None:
    def verdict(*sections: Section) -> str:
        found: Report = report(*sections)
        return found.verdict

    passed, left_out = section("a"), section("b", was_run=False)
    assert verdict(passed, left_out) == "passed"
    assert verdict(left_out) == "not run"
    assert verdict(passed, section("c", finding("note"))) == "noted"
    assert verdict(section("c", finding("low")), section("d", finding("medium")), passed) == "failed"
    assert report(section("c", finding("low")), section("d", finding("medium"))).worst == "medium"
