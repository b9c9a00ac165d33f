"""Write the known-answer vectors beside this script.

Run it as ``python tests/vectors/generate.py``. It is a second implementation of ``docs/reference/format.md``,
written from that text and sharing no code with the package, so that a vector shows what the document
says and not merely what the package does. It draws nothing at random: every byte comes from a label,
and the same vectors come out each time. Vectors of a released format are never changed, only added.

A vector is a text file: ``key: value`` lines, an empty line, and a body. ``expect`` is ``success`` or
the error a reader must raise. For ``kind: sealed`` the body is the blob in base64, or ``from`` names
the vector whose blob is meant and ``edit`` lines change it; for ``kind: keys`` it is ``keys.json``.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import sys
import unicodedata
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

COST = {"passes": 2, "memory_kib": 19456, "lanes": 1}
CHUNK = 65536
SEALED_CHUNK = CHUNK + 16
HEADER = 44
TIME = "2026-11-21T12:00:00Z"
PASSPHRASE = "caf\u00e9 in the \u00e5ngstr\u00f6m"
CODE_CHARS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def fixed(label: str, n_bytes: int = 32) -> bytes:
    """Return bytes that look random and follow from the label alone."""
    return hashlib.shake_256(b"ondevice vectors/" + label.encode()).digest(n_bytes)


def hkdf(material: bytes, salt: bytes, info: str) -> bytes:
    """Do RFC 5869 by hand for one block of output."""
    extracted = hmac.digest(salt or bytes(32), material, "sha256")
    return hmac.digest(extracted, info.encode() + b"\x01", "sha256")


PROFILE_KEY = fixed("profile key")
PROFILE_ID = fixed("profile id", 16).hex()
OTHER_KEY = fixed("other profile key")
OTHER_ID = fixed("other profile id", 16).hex()


def seal(plain: bytes, salt: bytes, name: str = "index", version: int = 1) -> bytes:
    """Seal as the section "Sealed blobs" says."""
    info = "\0".join(["ondevice/v1/sealed-blob", PROFILE_ID, name, str(version)])
    cipher = ChaCha20Poly1305(hkdf(hkdf(PROFILE_KEY, b"", "ondevice/v1/seal"), salt, info))
    blob = b"ODSEAL\n" + b"\x01" + version.to_bytes(4, "big") + salt
    chunks = [plain[i : i + CHUNK] for i in range(0, len(plain), CHUNK)] or [b""]
    for i, chunk in enumerate(chunks):
        is_last = i == len(chunks) - 1
        blob += cipher.encrypt(i.to_bytes(11, "big") + bytes([is_last]), chunk, None)
    return blob


def canonical(document: dict[str, Any]) -> bytes:
    """Write canonical JSON."""
    return json.dumps(document, sort_keys=True, separators=(",", ":")).encode("ascii")


def b64(data: bytes) -> str:
    """Write base64."""
    return base64.b64encode(data).decode("ascii")


def make_slot(kind: str, material: bytes | None, label: str, **extra: Any) -> dict[str, Any]:
    """Wrap the profile key as the section "keys.json" says; without material, the passphrase's is derived."""
    salt = fixed(f"salt {label}")
    if material is None:
        function = Argon2id(salt=salt, length=32, iterations=2, lanes=1, memory_cost=19456)
        material = function.derive(unicodedata.normalize("NFC", PASSPHRASE).encode())
    slot = {"id": fixed(f"id {label}", 4).hex(), "kind": kind, "created_at": TIME, **extra, "salt": b64(salt)}
    bound = canonical({"format": 1, "profile_id": PROFILE_ID, "epoch": 1, "slot": slot})
    cipher = ChaCha20Poly1305(hkdf(material, salt, f"ondevice/v1/slot/{kind}"))
    return slot | {"wrapped_key": b64(cipher.encrypt(bytes(12), PROFILE_KEY, bound))}


def key_document(*slots: dict[str, Any], **changed: Any) -> dict[str, Any]:
    """Put a genuine tag on a key file, whatever it says."""
    document = {"format": 1, "profile_id": PROFILE_ID, "epoch": 1, "slots": list(slots)} | changed
    key = hkdf(PROFILE_KEY, b"", "ondevice/v1/header")
    return document | {"tag": b64(hmac.digest(key, canonical(document), "sha256"))}


def key_text(document: dict[str, Any]) -> str:
    """Write a key file's text."""
    return json.dumps(document, indent=2) + "\n"


def recovery_code() -> str:
    """Return a recovery code with its check."""
    chars = "".join(CODE_CHARS[byte % 32] for byte in fixed("recovery code", 28))
    bits = "".join(f"{byte:08b}" for byte in hashlib.sha256(b"ondevice/v1/recovery-code/" + chars.encode()).digest())
    chars += "".join(CODE_CHARS[int(bits[i : i + 5], 2)] for i in range(0, 20, 5))
    return "-".join(chars[i : i + 4] for i in range(0, 32, 4))


def sealed_vectors() -> dict[str, str]:
    """Return the vectors of sealed blobs by file name."""
    vectors: dict[str, str] = {}

    def add(file: str, comment: str, expect: str, body: bytes | None = None, **fields: str | int) -> None:
        place = {"profile_key": PROFILE_KEY.hex(), "profile_id": PROFILE_ID, "name": "index", "version": 1} | fields
        lines = [f"comment: {comment}", f"expect: {expect}", "kind: sealed"]
        edits = str(place.pop("edit", "")).split(";")
        lines += [f"{key}: {value}" for key, value in place.items()] + [f"edit: {edit}" for edit in edits if edit]
        encoded = b64(body) if body is not None else ""
        folded = [encoded[i : i + 120] for i in range(0, len(encoded), 120)]
        vectors[f"sealed-{file}.txt"] = "\n".join([*lines, "", *folded]) + "\n"

    def success(file: str, comment: str, plain: bytes, **fields: str | int) -> None:
        digest = hashlib.sha256(plain).hexdigest()
        blob = seal(plain, fixed(f"blob salt {file}"))
        add(file, comment, "success", blob, plain_bytes=len(plain), plain_sha256=digest, **fields)

    hello = b"hello, sealed world\n"
    success("one-chunk", "a few bytes", hello)
    success("empty", "empty content is one empty chunk", b"")
    success("full-chunk", "exactly one full chunk, which is the last", fixed("full", CHUNK))
    success("three-chunks", "two full chunks and one byte", fixed("three", 2 * CHUNK + 1))

    small = len(seal(hello, bytes(32)))
    changes: list[tuple[str, str, str, dict[str, str | int]]] = [
        ("wrong-name", "asked for under another name", "CorruptError", {"name": "adapter"}),
        ("wrong-profile", "asked for in another profile", "CorruptError", {"profile_id": OTHER_ID}),
        ("wrong-key", "another profile's or epoch's key", "CorruptError", {"profile_key": OTHER_KEY.hex()}),
        ("older-layout", "its layout is older than asked for", "CorruptError", {"version": 2}),
        ("newer-layout", "its layout is newer than asked for", "VersionError", {"version": 0}),
        (
            "layout-edited",
            "the header's version edited to the one asked for",
            "CorruptError",
            {"version": 2, "edit": "set 11 02"},
        ),
        ("newer-format", "a format this release does not know", "VersionError", {"edit": "set 7 02"}),
        ("format-zero", "there is no format 0", "CorruptError", {"edit": "set 7 00"}),
        ("bad-magic", "another first byte", "CorruptError", {"edit": "set 0 6f"}),
        ("salt-flipped", "one bit of the salt", "CorruptError", {"edit": "flip 12"}),
        ("payload-flipped", "one bit of the content", "CorruptError", {"edit": f"flip {HEADER}"}),
        ("tag-flipped", "the last bit of the tag", "CorruptError", {"edit": f"flip {small - 1}"}),
        ("no-bytes", "an empty file", "CorruptError", {"edit": "cut 0"}),
        ("header-cut", "the header lacks its last byte", "CorruptError", {"edit": f"cut {HEADER - 1}"}),
        ("header-only", "no chunk at all", "CorruptError", {"edit": f"cut {HEADER}"}),
        ("tag-cut", "the tag lacks its last byte", "CorruptError", {"edit": f"cut {small - 1}"}),
        ("byte-appended", "one byte more", "CorruptError", {"edit": "append 00"}),
    ]
    for file, comment, expect, fields in changes:
        add(file, comment, expect, None, **{"from": "sealed-one-chunk.txt"}, **fields)

    first, second, third = HEADER, HEADER + SEALED_CHUNK, HEADER + 2 * SEALED_CHUNK
    moves = [
        ("cut-at-chunk", "the last chunk is missing", f"cut {third}"),
        ("chunks-swapped", "the first two chunks in the other order", f"swap {first} {second} {SEALED_CHUNK}"),
        ("chunk-dropped", "the middle chunk is missing", f"drop {second} {SEALED_CHUNK}"),
        ("chunk-repeated", "the first chunk stands in the second's place too", f"copy {first} {second} {SEALED_CHUNK}"),
        ("chunk-appended", "the last chunk stands twice", f"again {third} 17"),
    ]
    for file, comment, edit in moves:
        add(file, comment, "CorruptError", None, **{"from": "sealed-three-chunks.txt", "edit": edit})

    info = "\0".join(["ondevice/v1/sealed-blob", PROFILE_ID, "index", "1"])
    salt = fixed("blob salt two-ways")
    cipher = ChaCha20Poly1305(hkdf(hkdf(PROFILE_KEY, b"", "ondevice/v1/seal"), salt, info))
    two_ways = b"ODSEAL\n\x01\x00\x00\x00\x01" + salt
    two_ways += cipher.encrypt(bytes(12), fixed("full", CHUNK), None)
    two_ways += cipher.encrypt((1).to_bytes(11, "big") + b"\x01", b"", None)
    add("empty-last-chunk", "authentic, but an empty chunk ends content that is not empty", "CorruptError", two_ways)
    return vectors


def key_vectors() -> dict[str, str]:
    """Return the vectors of key files by file name."""
    vectors: dict[str, str] = {}
    app_key, other_app_key = fixed("app key"), fixed("other app key")
    app = f"app {app_key.hex()}"
    code = recovery_code()
    app_slot = make_slot("app", app_key, "app")
    passphrase_slot = make_slot("passphrase", None, "passphrase", kdf=COST)
    recovery_slot = make_slot("recovery", code.replace("-", "")[:28].encode(), "recovery")

    def add(file: str, comment: str, expect: str, secret: str, text: str) -> None:
        lines = [f"comment: {comment}", f"expect: {expect}", "kind: keys", f"secret: {secret}"]
        if expect == "success":
            lines.append(f"profile_key: {PROFILE_KEY.hex()}")
        vectors[f"keys-{file}.txt"] = "\n".join([*lines, "", ""]) + text

    genuine = key_document(passphrase_slot, recovery_slot, app_slot)
    text = key_text(genuine)
    add(
        "passphrase",
        "a passphrase of letters outside ASCII",
        "success",
        f"passphrase {PASSPHRASE.encode().hex()}",
        text,
    )
    decomposed = unicodedata.normalize("NFD", PASSPHRASE).encode().hex()
    add("passphrase-nfd", "the same passphrase typed as other code points", "success", f"passphrase {decomposed}", text)
    add("recovery", "the recovery code as it is shown", "success", f"recovery {code}", text)
    sloppy = code.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    add("recovery-typed", "the recovery code as a person types it", "success", f"recovery {sloppy}", text)
    add("app", "the app's own key", "success", app, text)

    wrong = b"cafe in the angstrom".hex()
    add("wrong-passphrase", "the same words without accents", "LockedError", f"passphrase {wrong}", text)
    add("wrong-app-key", "another app's key", "LockedError", f"app {other_app_key.hex()}", text)
    add("no-such-kind", "no slot of this kind", "LockedError", app, key_text(key_document(recovery_slot)))

    add("tag-flipped", "a changed tag", "CorruptError", app, key_text(genuine | {"tag": b64(fixed("tag"))}))
    removed = genuine | {"slots": [recovery_slot, app_slot]}
    add("slot-removed", "a slot taken out, the tag left", "CorruptError", app, key_text(removed))
    add(
        "epoch-changed",
        "another epoch, the tag made anew",
        "LockedError",
        app,
        key_text(key_document(app_slot, epoch=2)),
    )
    moved = key_document(app_slot, profile_id=OTHER_ID)
    add("slot-moved", "a slot in another profile's file", "LockedError", app, key_text(moved))
    renamed = key_document(app_slot | {"created_at": "2026-11-21T12:00:01Z"})
    add("slot-edited", "a slot's time changed, the tag made anew", "LockedError", app, key_text(renamed))

    for file, comment, kdf in (
        ("kdf-absurd", "a cost of 4 TiB", COST | {"memory_kib": 2**32}),
        ("kdf-weak", "a cost below the floor", COST | {"memory_kib": 8}),
        ("kdf-one-pass", "one pass only", COST | {"passes": 1}),
        ("kdf-many-lanes", "more lanes than the cap", COST | {"lanes": 17}),
        ("kdf-float", "a cost that is no integer", COST | {"passes": 2.0}),
        ("kdf-unknown-field", "a cost with a field more", COST | {"secret": 1}),
    ):
        document = key_document(passphrase_slot | {"kdf": kdf}, app_slot)
        add(file, comment, "CorruptError", app, key_text(document))

    add("newer-format", "a format this release does not know", "VersionError", app, key_text(genuine | {"format": 2}))
    add("newer-format-unknown", "all of it is new", "VersionError", app, '{"format": 7, "vault": {}}\n')
    add("format-zero", "there is no format 0", "CorruptError", app, key_text(genuine | {"format": 0}))
    add("format-true", "a format that is no number", "CorruptError", app, key_text(genuine | {"format": True}))
    add(
        "unknown-field",
        "a field more, the tag made anew",
        "CorruptError",
        app,
        key_text(key_document(app_slot, note="")),
    )
    extra = key_document(app_slot | {"note": ""})
    add("slot-unknown-field", "a field more in a slot, the tag made anew", "CorruptError", app, key_text(extra))
    unknown = key_document(app_slot | {"kind": "fingerprint"})
    add("slot-unknown-kind", "a kind of slot that does not exist", "CorruptError", app, key_text(unknown))
    add("slot-twice", "one slot stands twice", "CorruptError", app, key_text(key_document(app_slot, app_slot)))
    add("no-slots", "no slot at all", "CorruptError", app, key_text(key_document()))
    add("nine-slots", "one slot more than the most", "CorruptError", app, key_text(key_document(*[app_slot] * 9)))
    repeated = text.replace('  "epoch": 1,\n', '  "epoch": 1,\n  "epoch": 1,\n')
    add("repeated-field", "one field stands twice", "CorruptError", app, repeated)
    add("other-spacing", "the same values without indentation", "CorruptError", app, json.dumps(genuine) + "\n")
    add("other-escape", "a letter written as an escape", "CorruptError", app, text.replace('"app"', '"\\u0061pp"'))
    add("cut", "the last bytes are missing", "CorruptError", app, text[:-4])
    add("empty", "an empty file", "CorruptError", app, "")
    add("too-large", "larger than any key file", "CorruptError", app, text + "\n" * 16384)
    add("deep", "thousands of brackets", "CorruptError", app, "[" * 8000 + "\n")
    return vectors


def all_vectors() -> dict[str, str]:
    """Return every vector's text by file name."""
    return sealed_vectors() | key_vectors()


def main() -> int:
    """Write all vectors."""
    folder = Path(__file__).resolve().parent
    for file, text in all_vectors().items():
        (folder / file).write_bytes(text.encode("utf-8"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
