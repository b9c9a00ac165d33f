from __future__ import annotations

import pytest

from ondevice.records import Draft, Filter
from ondevice.vault import Vault


def found(vault: Vault, *terms: str) -> list[int]:
    return [ranked.row for ranked in vault.lexical.match(list(terms), filter=None, limit=10)]


def put(vault: Vault, *texts: str) -> None:
    vault.items.put_many([Draft(text=text) for text in texts])


def test_best_match_comes_first_with_the_higher_score(vault: Vault) -> None:
    put(vault, "the garden", "the landlord and the garden", "the sea", "landlord landlord")
    ranked = vault.lexical.match(["landlord", "garden"], filter=None, limit=10)
    assert ranked[0].row == 2
    assert {each.row for each in ranked} == {1, 2, 4}
    assert [each.score for each in ranked] == sorted((each.score for each in ranked), reverse=True)
    assert all(each.score > 0 for each in ranked)
    assert len(vault.lexical.match(["landlord", "garden"], filter=None, limit=2)) == 2


def test_fields_count_too(vault: Vault) -> None:
    vault.items.put_many([Draft(text="body", fields={"title": "Heading", "score": 5})])
    assert found(vault, "heading") == [1]
    assert found(vault, "5") == []


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("running water", "run"),
        ("Der Café am Fluß", "cafe"),
        ("Ein Fluß", "fluß"),
        ("ПРИВЕТ мир", "привет"),
        ("Ωραία μέρα", "ωραια"),
        ("tiếng Việt", "viet"),
        ("昨日は東京に行きました", "東京"),
        ("我们去北京吃饭", "北京"),
        ("서울에서 만나요", "서울"),
        ("ฉันไปกรุงเทพ", "กรุงเทพ"),
        ("שלום עולם", "שלום"),
    ],
)
def test_languages(vault: Vault, text: str, term: str) -> None:
    put(vault, "something else entirely", text)
    assert found(vault, term) == [2]
    assert vault.lexical.document_frequency([term]) == {term: 1}


def test_characters_without_spaces_match_in_order(vault: Vault) -> None:
    put(vault, "東京", "京東")
    assert found(vault, "東京") == [1]


@pytest.mark.parametrize(
    "term", ['"', "a AND b", "NEAR(a b)", "text:a", "a*", "^a", "-a", "(a", "a\x00b", "'; DROP", ""]
)
def test_no_character_is_an_operator(vault: Vault, term: str) -> None:
    put(vault, "unrelated")
    assert found(vault, term) == []
    assert vault.lexical.document_frequency([term]) == {term: 0}


def test_no_terms_match_nothing(vault: Vault) -> None:
    put(vault, "a")
    assert found(vault) == []
    assert found(vault, "...") == []


def test_metadata_narrows_the_match(vault: Vault) -> None:
    vault.items.put_many([Draft(text=f"same words {n}", metadata={"n": n}) for n in range(4)])
    chosen = Filter(metadata={"n": {"gte": 2}})
    assert [ranked.row for ranked in vault.lexical.match(["words"], filter=chosen, limit=9)] == [3, 4]


def test_secure_delete_is_kept_in_the_file(vault: Vault) -> None:
    with vault.database.reading() as connection:
        kept = connection.execute("SELECT v FROM items_fts_config WHERE k = 'secure-delete'").fetchone()
    assert kept == (1,)
