"""Key derivation: published test vectors, limits, and the profile key's manners."""

from __future__ import annotations

import subprocess
import sys

import pytest
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from ondevice.config import KdfConfig
from ondevice.vault.kdf import ProfileKey, argon2id, check_kdf, expand_key, purpose_key

CHEAPEST = KdfConfig(passes=2, memory_kib=19 * 1024, lanes=1)
KEY = bytes(range(32))


def test_hkdf_gives_rfc_5869_test_case_1() -> None:
    made = expand_key(bytes([0x0B] * 22), salt=bytes(range(13)), info=bytes(range(0xF0, 0xFA)))
    assert made.hex() == "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"


def test_argon2id_gives_rfc_9106_answer_and_ours_is_the_same_function() -> None:
    rfc = Argon2id(
        salt=b"\x02" * 16, length=32, iterations=3, lanes=4, memory_cost=32, ad=b"\x04" * 12, secret=b"\x03" * 8
    )
    assert rfc.derive(b"\x01" * 32).hex() == "0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659"
    plain = Argon2id(salt=KEY, length=32, iterations=2, lanes=1, memory_cost=19 * 1024)
    assert argon2id(b"words", KEY, CHEAPEST) == plain.derive(b"words")


def test_argon2id_depends_on_every_input() -> None:
    made = {
        argon2id(b"words", KEY, CHEAPEST),
        argon2id(b"word", KEY, CHEAPEST),
        argon2id(b"words", KEY[::-1], CHEAPEST),
        argon2id(b"words", KEY, KdfConfig(passes=3, memory_kib=19 * 1024, lanes=1)),
        argon2id(b"words", KEY, KdfConfig(passes=2, memory_kib=20 * 1024, lanes=1)),
        argon2id(b"words", KEY, KdfConfig(passes=2, memory_kib=19 * 1024, lanes=2)),
    }
    assert len(made) == 6


@pytest.mark.parametrize(
    ("field", "low", "high"), [("passes", 2, 16), ("memory_kib", 19456, 1048576), ("lanes", 1, 16)]
)
def test_cost_outside_its_limits_is_refused_before_anything_is_derived(field: str, low: int, high: int) -> None:
    good = {"passes": 3, "memory_kib": 65536, "lanes": 4}
    for value in (low, high):
        check_kdf(KdfConfig(**(good | {field: value})))
    for value in (low - 1, high + 1, -1, 2**40):
        with pytest.raises(ValueError, match=f"{field} is {value}, and must lie between {low} and {high}"):
            argon2id(b"words", KEY, KdfConfig(**(good | {field: value})))
    for wrong in (2.0, True, "3", None):
        with pytest.raises(TypeError, match=f"{field} is an int"):
            check_kdf(KdfConfig(**(good | {field: wrong})))  # type: ignore[arg-type]


def test_default_cost_is_rfc_9106_second_recommendation() -> None:
    assert KdfConfig() == KdfConfig(passes=3, memory_kib=65536, lanes=4)
    check_kdf(KdfConfig())


STARVED = """
import resource
from ondevice.config import KdfConfig
from ondevice.errors import LockedError
from ondevice.vault.kdf import argon2id
limit = 600 * 2**20
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
try:
    argon2id(b"words", bytes(32), KdfConfig(passes=2, memory_kib=2**20, lanes=1))
except LockedError as error:
    print(error)
"""


def test_memory_the_system_does_not_give_is_a_locked_error() -> None:
    starved = subprocess.run([sys.executable, "-c", STARVED], capture_output=True, text=True, check=True)
    assert starved.stdout == "the system does not give the 1048576 KiB that this passphrase needs\n"


def test_keys_of_different_purposes_and_salts_differ() -> None:
    made = {
        purpose_key(KEY, "db"),
        purpose_key(KEY, "seal"),
        purpose_key(KEY, "db", b"s"),
        purpose_key(KEY[::-1], "db"),
    }
    assert len(made) == 4
    assert {len(key) for key in made} == {32}


def test_profile_key_derives_hides_and_forgets() -> None:
    key = ProfileKey(KEY)
    assert key.derive("db") == purpose_key(KEY, "db")
    assert key == ProfileKey(KEY)
    assert key != ProfileKey.generate()
    assert repr(key) == "ProfileKey()"
    key.wipe()
    for use in (key.reveal, lambda: key.derive("db")):
        with pytest.raises(ValueError, match="wiped"):
            use()


@pytest.mark.parametrize("n_bytes", [0, 16, 33])
def test_profile_key_of_another_length_is_refused(n_bytes: int) -> None:
    with pytest.raises(ValueError, match=f"32 bytes, and this one has {n_bytes}"):
        ProfileKey(bytes(n_bytes))
