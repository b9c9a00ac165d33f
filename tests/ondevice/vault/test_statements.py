"""A signature holds for one statement, one key and one purpose."""

from __future__ import annotations

from itertools import permutations

import pytest

from ondevice.vault import Vault
from ondevice.vault.identity import Identity
from ondevice.vault.statements import Purpose, Signatory, is_signed, signatory_of

SIGNATORY = Signatory(Identity(b"\1" * 32))


@pytest.mark.parametrize("purpose", Purpose)
def test_what_is_signed_for_one_purpose_holds_for_no_other(purpose: Purpose) -> None:
    signature, key = SIGNATORY.sign(purpose, b"{}"), SIGNATORY.public_key
    held = {each for each in Purpose if is_signed(each, b"{}", signature=signature, public_key=key)}
    assert held == {purpose}


def test_no_prefix_begins_another() -> None:
    prefixes = [purpose.value for purpose in Purpose if purpose is not Purpose.RECEIPT]
    assert not any(longer.startswith(shorter) for longer, shorter in permutations(prefixes, 2))
    # A receipt has none, and begins with a brace.
    assert not any(prefix.startswith(b"{") for prefix in prefixes)


def test_another_statement_key_or_signature_does_not_fit() -> None:
    signature, key = SIGNATORY.sign(Purpose.AUDIT_PAGE, b"page"), SIGNATORY.public_key
    assert is_signed(Purpose.AUDIT_PAGE, b"page", signature=signature, public_key=key)
    other = Signatory(Identity(b"\2" * 32)).public_key
    for statement, given, by in (
        (b"Page", signature, key),
        (b"page", signature, other),
        (b"page", "00" * 64, key),
        (b"page", "", key),
        (b"page", "no hex", key),
        (b"page", signature, ""),
    ):
        assert not is_signed(Purpose.AUDIT_PAGE, statement, signature=given, public_key=by)


def test_a_profile_signs_with_the_key_of_its_receipts(vault: Vault) -> None:
    signatory = signatory_of(vault.database)
    assert signatory.public_key == vault.receipt_key
    with pytest.raises(TypeError, match="neither pickled nor copied"):
        signatory.__reduce__()
