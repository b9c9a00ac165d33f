"""A training set's prompts hold what the device would retrieve: the same items of a profile, in the same order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from export.training.lexical import lexical_order
from ondevice.records import Draft, Item
from ondevice.retrieval.lexical import LexicalRetriever
from ondevice.vault.secrets import AppKey
from ondevice.vault.vault import Vault

WORDS = [f"{stem}{ending}" for stem in ("rain", "walk", "paint", "train", "light") for ending in ("", "ing", "ed", "s")]
RARE = [f"place{number}" for number in range(60)]
TITLES = ["Ñandú in the café", "東京都の天気", "a walk", ""]
START = datetime(2024, 1, 1, tzinfo=UTC)


def drafts(n: int) -> list[Draft]:
    random = np.random.default_rng(n)
    out = []
    for number in range(n):
        text = " ".join([*random.choice(WORDS, size=12), *random.choice(RARE, size=3)])
        fields: dict[str, str | int] = {"title": TITLES[number % len(TITLES)], "score": number % 5}
        out.append(Draft(text=text, fields=fields, time=START + timedelta(hours=number)))
    return out


def items_of(made: list[Draft]) -> list[Item]:
    return [
        Item(id=str(place), text=draft.text, kind=draft.kind, fields=draft.fields, time=START, added_at=START)
        for place, draft in enumerate(made)
    ]


def queries() -> list[str]:
    random = np.random.default_rng(7)
    long = [" ".join([*random.choice(WORDS, size=15), *random.choice(RARE, size=15)]) for _ in range(8)]
    return [
        *long,
        "raining PLACE3",
        "nandu at the cafe",
        "京都",
        "東京都の天気予報",
        "rain rain; walk!",
        "unheard of",
        "?!",
        "",
    ]


@pytest.mark.parametrize("n", [1, 12, 80])
def test_the_order_is_the_devices(profile_path: Path, n: int) -> None:
    made = drafts(n)
    with Vault.create(profile_path, AppKey(key=bytes(range(32)))) as vault:
        rows = [stored.row for stored in vault.items.put_many(made)]
        retriever = LexicalRetriever(vault.lexical, vault.items)
        expected = [[rows.index(hit.row) for hit in retriever.retrieve(query, k=n)] for query in queries()]
    assert [lexical_order(query, items_of(made)) for query in queries()] == expected
    if n > 1:
        assert sum(map(bool, expected)) > len(expected) / 2


def test_common_words_decide_nothing_where_there_are_rarer_ones() -> None:
    items = items_of([Draft(text=f"the same words again {number}") for number in range(60)])
    assert lexical_order("the same words again 31", items) == [31]
    assert len(lexical_order("the same words", items)) == 60


def test_nothing_is_found_in_nothing() -> None:
    assert lexical_order("rain", []) == []
