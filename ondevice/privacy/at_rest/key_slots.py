"""How well the key slots withstand guessing, as ``keys.json`` says without any secret."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ondevice.config import KdfConfig
from ondevice.errors import OndeviceError
from ondevice.privacy.findings import Fact, Finding
from ondevice.vault.files import read_bounded
from ondevice.vault.header import MAX_FILE_BYTES
from ondevice.vault.kdf import argon2id
from ondevice.vault.keyfile import KeyFile
from ondevice.vault.layout import KEYS_FILE

# Stated here and not taken from the vault, so that whoever lowers the vault's limits is found out.
OWASP_FLOORS = ((46 * 1024, 1), (19 * 1024, 2), (12 * 1024, 3), (9 * 1024, 4), (7 * 1024, 5))
"""Argon2id settings that OWASP's password storage cheat sheet holds equal: memory in KiB, passes."""
RFC_9106 = ((2 * 1024 * 1024, 1), (64 * 1024, 3))
"""The two settings that RFC 9106 recommends: memory in KiB, passes."""

_MIN_SALT_VALUES = 16
"""Of 32 random bytes fewer than 16 different ones do not come."""
_KNOWN_INPUT = (b"a known passphrase", bytes(range(32)), KdfConfig(passes=2, memory_kib=19 * 1024, lanes=1))
_KNOWN_KEY = "02352c02bdef8580e5c39d2df5104d4831b9401227344abd84a7a3f5e4726a4a"
_RENEW = "set the passphrase anew: ondevice passwd"


@dataclass(frozen=True, kw_only=True, slots=True)
class Claimed:
    """What a slot says of itself, whether or not the vault would accept it."""

    kind: str
    salt: str
    kdf: Mapping[str, object] | None

    def number(self, name: str) -> int:
        """Return one of the derivation's numbers; 0 where it is none."""
        value = (self.kdf or {}).get(name)
        return value if type(value) is int else 0


def check_slots(profile: Path) -> tuple[list[Finding], list[Fact]]:
    """Judge every slot; a file that the vault refuses is judged as far as it can be read."""
    slots = claimed_slots(profile)
    findings = [*_check_file(profile), *_check_derivations(slots), *_check_salts(slots), *_check_argon2()]
    kinds = sorted(slot.kind for slot in slots)
    facts = [Fact(name="key slots", value=len(slots)), Fact(name="kinds of key slots", value=", ".join(kinds))]
    for slot in slots:
        if slot.kdf is not None:
            says = f"{slot.number('passes')} passes over {slot.number('memory_kib')} KiB, {slot.number('lanes')} lanes"
            facts.append(Fact(name="Argon2id of a passphrase", value=says))
    return findings, facts


def claimed_slots(profile: Path) -> tuple[Claimed, ...]:
    """Return what the slots in ``keys.json`` say, read as leniently as possible."""
    try:
        document = json.loads(read_bounded(profile / KEYS_FILE, MAX_FILE_BYTES))
        found = [slot for slot in document["slots"] if isinstance(slot, dict)]
    except (OndeviceError, ValueError, KeyError, TypeError, RecursionError):
        return ()
    kinds = ("passphrase", "recovery", "app", "keystore")
    return tuple(
        Claimed(
            kind=slot["kind"] if slot.get("kind") in kinds else "unknown",
            salt=str(slot.get("salt", "")),
            kdf=slot["kdf"] if isinstance(slot.get("kdf"), dict) else {} if slot.get("kind") == "passphrase" else None,
        )
        for slot in found
    )


def _check_file(profile: Path) -> Iterator[Finding]:
    try:
        KeyFile.load(profile / KEYS_FILE)
    except OndeviceError as error:
        yield Finding(
            code="at-rest/key-file-refused",
            level="high",
            text=f"the SDK refuses the key file: {type(error).__name__}",
            hint="put back a copy of it, or restore a backup: ondevice restore",
        )


def _check_derivations(slots: Sequence[Claimed]) -> Iterator[Finding]:
    for slot in slots:
        if slot.kdf is None:
            continue
        cost = slot.number("memory_kib"), slot.number("passes")
        says = f"{cost[1]} passes over {cost[0]} KiB"
        if not _meets(cost, OWASP_FLOORS) or slot.number("lanes") < 1:
            yield Finding(
                code="at-rest/key-derivation",
                level="high",
                text=f"a passphrase slot derives its key too cheaply to withstand guessing: {says}",
                hint=_RENEW,
            )
        elif not _meets(cost, RFC_9106):
            yield Finding(
                code="at-rest/key-derivation-low",
                level="note",
                text=f"a passphrase slot meets OWASP's floor, but not what RFC 9106 recommends: {says}",
                hint=_RENEW,
            )


def _meets(cost: tuple[int, int], floors: Sequence[tuple[int, int]]) -> bool:
    return any(cost[0] >= memory_kib and cost[1] >= passes for memory_kib, passes in floors)


def _check_salts(slots: Sequence[Claimed]) -> Iterator[Finding]:
    import base64
    import binascii

    salts = []
    for slot in slots:
        try:
            salts.append(base64.b64decode(slot.salt, validate=True))
        except (binascii.Error, ValueError):
            salts.append(b"")
    if len(set(salts)) < len(salts) or any(len(set(salt)) < _MIN_SALT_VALUES for salt in salts):
        yield Finding(
            code="at-rest/salt",
            level="high",
            text="salts of key slots are not random, or not each slot's own",
            hint="give the profile a new key: ondevice rekey",
        )


def _check_argon2() -> Iterator[Finding]:
    """Derive a key that is known: the numbers in the file say nothing if something else is computed."""
    try:
        is_right = argon2id(*_KNOWN_INPUT).hex() == _KNOWN_KEY
    except OndeviceError:
        is_right = False
    if not is_right:
        yield Finding(
            code="at-rest/argon2id",
            level="high",
            text="this installation does not compute Argon2id as RFC 9106 defines it",
            hint="install the cryptography library anew from the package index",
        )
