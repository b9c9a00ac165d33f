"""The search index's separator keys never keep a word that no item has."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ondevice.records import Draft, Filter
from ondevice.vault import AppKey, Vault
from ondevice.vault.separators import dead_keys, replace_dead_keys
from ondevice.words import query_words

Decrypted = Callable[[Vault], bytes]

KEY = AppKey(b"\x07" * 32)
ALPHABETS = {"ascii": "abcdefghij0123456789", "many scripts": "ab0é日本ñя\U0001f600"}


def keys(vault: Vault) -> list[bytes]:
    with vault.database.reading() as connection:
        found = connection.execute("SELECT term FROM items_fts_idx").fetchall()
    return [term.encode("utf-8") if isinstance(term, str) else bytes(term) for (term,) in found]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("made") / "tickets"
    drafts = [Draft(text=f"call about ticket{100_000 + n}", id=f"i{n}") for n in range(6000)]
    with Vault.create(path, KEY) as vault:
        for start in range(0, len(drafts), 1000):
            vault.items.put_many(drafts[start : start + 1000])
    return path


@pytest.fixture
def tickets(made: Path, profile_path: Path) -> Iterator[Vault]:
    with Vault.open(shutil.copytree(made, profile_path), KEY) as opened:
        yield opened


def whole_words(vault: Vault) -> list[str]:
    """Return the tickets of which a separator key holds the whole number."""
    found = [key.removeprefix(b"0").decode("utf-8", "replace") for key in keys(vault)]
    return sorted({word for word in found if word.startswith("ticket") and len(word) == len("ticket100000")})


def id_of(word: str) -> str:
    return f"i{int(word.removeprefix('ticket')) - 100_000}"


def test_a_forgotten_word_is_in_no_key_nor_in_the_file(tickets: Vault, decrypted: Decrypted) -> None:
    words = whole_words(tickets)[:5]
    assert len(words) == 5
    receipt = tickets.forget([id_of(word) for word in words])
    assert receipt.verified
    assert not [word for word in words if word.encode() in decrypted(tickets)]
    tickets.rekey(KEY)
    assert not [word for word in words if word.encode() in decrypted(tickets)]
    assert tickets.check() == []
    assert tickets.lexical.match([words[0]], filter=None, limit=3) == []
    assert len(tickets.lexical.match(["ticket100001"], filter=None, limit=3)) == 1


def test_a_word_of_an_earlier_version_goes_too(tickets: Vault, decrypted: Decrypted) -> None:
    word = whole_words(tickets)[0]
    tickets.items.update(id_of(word), text="something else")
    assert tickets.forget([id_of(word)]).verified
    assert word.encode() not in decrypted(tickets)


def test_a_key_that_stays_makes_the_receipt_unverified(tickets: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ondevice.vault.erasure.replace_dead_keys", lambda *_: 0)
    receipt = tickets.forget([id_of(whole_words(tickets)[0])])
    assert not receipt.verified
    assert {(each.kind, each.outcome) for each in receipt.artifacts} >= {("search terms", "found")}


def test_an_interrupted_erasure_is_finished_without_knowing_the_words(
    tickets: Vault, decrypted: Decrypted, monkeypatch: pytest.MonkeyPatch
) -> None:
    word = whole_words(tickets)[0]
    with monkeypatch.context() as patched:
        patched.setattr("ondevice.vault.erasure.replace_dead_keys", lambda *_: 0)
        tickets.forget([id_of(word)])
    tickets.close()
    with Vault.open(tickets.path, KEY) as vault:
        assert word.encode() not in decrypted(vault)
        assert vault.check() == []


@pytest.mark.parametrize("alphabet", ALPHABETS.values(), ids=ALPHABETS)
@pytest.mark.parametrize("seed", range(3))
def test_the_index_stays_whole_whatever_is_forgotten(vault: Vault, alphabet: str, seed: int) -> None:
    chance = random.Random(seed)
    words: dict[str, list[str]] = {}
    for step in range(6):
        drafts = []
        for n in range(400):
            said = ["".join(chance.choice(alphabet) for _ in range(chance.randrange(1, 12))) for _ in range(5)]
            drafts.append(Draft(text=" ".join(said), id=f"s{step}-{n}"))
        for stored in vault.items.put_many(drafts):
            words[stored.item.id] = stored.item.text.split()
        gone = chance.sample(sorted(words), chance.choice([1, 20, len(words) // 2]))
        assert vault.forget(gone).verified
        for item_id in gone:
            del words[item_id]
        with vault.database.writing() as connection:
            assert dead_keys(connection) == 0
        assert vault.check() == []
    for item_id in chance.sample(sorted(words), 20):
        row = vault.items.row_of(item_id)
        for word in words[item_id]:
            forms = query_words(word, vault.lexical.languages())  # chance makes words that make a text seem Catalan
            found = vault.lexical.match(forms, filter=None, limit=len(words))
            assert row in [ranked.row for ranked in found] or not word.isalnum()
    if words:
        vault.forget(Filter(), everything=True)
    with vault.database.writing() as connection:
        assert replace_dead_keys(connection) == 0
    assert vault.check() == []
