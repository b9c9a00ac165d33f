"""What unlocks a profile: forms accepted, forms refused, nothing shown."""

from __future__ import annotations

import hashlib

import pytest

from ondevice.errors import InputError
from ondevice.vault.secrets import AppKey, Keystore, Passphrase, RecoveryCode

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def test_passphrase_composed_and_decomposed_is_the_same_material() -> None:
    assert Passphrase("caf\u00e9").material() == Passphrase("cafe\u0301").material() == "caf\u00e9".encode()


@pytest.mark.parametrize("text", ["", "\ud800"], ids=["empty", "lone surrogate"])
def test_passphrase_nobody_could_type_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="a passphrase must") as caught:
        Passphrase(text)
    assert type(caught.value) is ValueError


def test_passphrase_of_bytes_is_a_type_error() -> None:
    with pytest.raises(TypeError, match="not bytes"):
        Passphrase(b"words")  # type: ignore[arg-type]


def test_recovery_code_has_eight_groups_and_140_random_bits() -> None:
    codes = {RecoveryCode.generate() for _ in range(50)}
    assert len(codes) == 50
    for code in codes:
        groups = code.text.split("-")
        assert [len(group) for group in groups] == [4] * 8
        assert set("".join(groups)) <= set(ALPHABET)
        assert len(code.material()) == 28


def test_recovery_code_is_read_however_it_is_typed() -> None:
    code = RecoveryCode.generate()
    sloppy = "  " + code.text.lower().replace("-", " ").replace("0", "o").replace("1", "i") + "\n"
    assert RecoveryCode(sloppy) == code
    assert RecoveryCode(code.text.replace("-", "").replace("1", "L")).material() == code.material()


def test_recovery_code_catches_every_single_wrong_character() -> None:
    code = _with_check("0" * 28)
    for position, right in enumerate(code):
        for other in set(ALPHABET) - {right}:
            with pytest.raises(InputError, match="typing error"):
                RecoveryCode(code[:position] + other + code[position + 1 :])


def _with_check(chars: str) -> str:
    digest = hashlib.sha256(b"ondevice/v1/recovery-code/" + chars.encode()).digest()
    bits = "".join(f"{byte:08b}" for byte in digest)[:20]
    return chars + "".join(ALPHABET[int(bits[i : i + 5], 2)] for i in range(0, 20, 5))


@pytest.mark.parametrize(
    ("text", "message"),
    [("", "has 32 characters, and this one has 0"), ("A" * 31, "has 31"), ("U" * 32, "a character that none has")],
)
def test_recovery_code_of_another_form_is_an_input_error(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        RecoveryCode(text)


@pytest.mark.parametrize("n_bytes", [0, 16, 31, 33, 64])
def test_app_key_of_another_length_is_refused(n_bytes: int) -> None:
    with pytest.raises(ValueError, match=f"32 bytes, and this one has {n_bytes}"):
        AppKey(bytes(n_bytes))


def test_app_key_of_text_is_a_type_error() -> None:
    with pytest.raises(TypeError, match="not str"):
        AppKey("k" * 32)  # type: ignore[arg-type]


@pytest.mark.parametrize("service", ["", "x" * 65, "caf\u00e9", "two\nlines"])
def test_keystore_service_that_could_be_written_two_ways_is_refused(service: str) -> None:
    with pytest.raises(ValueError, match="printable ASCII"):
        Keystore(service)


def test_no_secret_shows_itself() -> None:
    code = RecoveryCode.generate()
    shown = f"{Passphrase('open sesame')!r} {code!r} {AppKey(b'k' * 32)!r}"
    assert shown == "Passphrase() RecoveryCode() AppKey()"


def test_no_message_quotes_the_secret() -> None:
    for make in (lambda: RecoveryCode("SESAME" * 6), lambda: AppKey(b"sesame"), lambda: Passphrase("sesame\udfff")):
        with pytest.raises((InputError, ValueError)) as caught:
            make()
        assert "sesame" not in f"{caught.value!r} {caught.value.__cause__!r}".lower()
