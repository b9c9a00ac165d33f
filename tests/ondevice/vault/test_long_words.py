"""A word of any length and script is found, forgotten and copied like any other."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ondevice.records import Draft
from ondevice.vault import AppKey, Vault

Decrypted = Callable[[Vault], bytes]

WORDS = {
    "letters of two bytes": "a" + "ж" * 20_000,
    "letters of three bytes": "あ" * 20_000,
    "letters of four bytes": "b" + "𐐷" * 10_000,
    "of all kinds": "aжあ𐐷" * 5_000,
}


@pytest.fixture
def filled(vault: Vault) -> Vault:
    vault.items.put_many([Draft(text=f"item {i} about garden{i:04d} and roses", id=f"id{i}") for i in range(300)])
    return vault


@pytest.mark.parametrize("word", WORDS.values(), ids=WORDS)
def test_it_can_be_forgotten_and_so_can_what_is_beside_it(
    word: str, filled: Vault, app_key: AppKey, decrypted: Decrypted
) -> None:
    filled.items.put_many([Draft(text=f"hello {word}", id="long"), Draft(text=f"{word}x {word}y again", id="longer")])
    assert filled.check() == []
    assert filled.forget(["id5"]).verified
    assert filled.forget([f"id{i}" for i in range(10, 50)]).verified
    assert filled.forget(["long"]).verified
    assert filled.check() == []
    filled.rekey(app_key)
    assert filled.forget(["longer", "id7"]).verified
    assert (filled.check(), filled.items.count()) == ([], 258)
    assert word[:400].encode() not in decrypted(filled)
    filled.close()
    with Vault.open(filled.path, app_key) as again:
        assert again.check() == []


@pytest.mark.parametrize("word", [WORDS["letters of two bytes"], WORDS["of all kinds"]], ids=["two bytes", "all kinds"])
def test_a_profile_that_holds_it_is_rekeyed_backed_up_and_restored(
    word: str, filled: Vault, app_key: AppKey, tmp_path: Path
) -> None:
    filled.items.put_many([Draft(text=f"hello {word}", id="long")])
    filled.rekey(app_key)
    filled.backup(tmp_path / "backup")
    Vault.restore(tmp_path / "backup", tmp_path / "restored", app_key)
    with Vault.open(tmp_path / "restored", app_key) as vault:
        assert vault.items.get("long").text == f"hello {word}"
        assert vault.check() == []
        assert vault.forget(["id1"]).verified
        assert vault.check() == []


def test_words_that_begin_alike_for_long_go_one_by_one(filled: Vault, decrypted: Decrypted) -> None:
    start = "a" + "ж" * 3_000
    filled.items.put_many([Draft(text=f"{start}{chr(0x410 + i)}ю{i} said", id=f"w{i}") for i in range(10)])
    for i in range(9):
        assert filled.forget([f"w{i}"]).verified, i
        assert filled.check() == []
    row = filled.items.row_of("w9")
    found = filled.lexical.match([f"{start}{chr(0x410 + 9)}ю9"], filter=None, limit=3)
    assert [ranked.row for ranked in found] == [row]
    assert filled.forget(["w9"]).verified
    assert start[:200].encode() not in decrypted(filled)


def test_one_that_was_changed_away_is_forgotten_with_its_item(filled: Vault, decrypted: Decrypted) -> None:
    word = WORDS["letters of two bytes"]
    filled.items.put_many([Draft(text=f"hello {word}", id="long")])
    filled.items.update("long", text="a short one")
    assert filled.check() == []
    assert filled.forget(["id3"]).verified
    assert filled.forget(["long"]).verified
    assert word[:400].encode() not in decrypted(filled)
    assert filled.check() == []
