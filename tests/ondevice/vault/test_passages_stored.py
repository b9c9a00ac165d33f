"""Several vectors of one item: stored and replaced together, gone together, and carried to wherever items go."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ondevice.errors import InputError
from ondevice.passages import PassageVectors, Span, label_of, passage_vectors
from ondevice.records import Draft
from ondevice.vault import AppKey, Vault
from ondevice.vault.portable import export_items, import_items
from ondevice.vault.secrets import Secret
from tests.ondevice.vault.earlier_schema import without_passages

DIM = 384
TEXTS = ["short and sweet", "a long one of three passages", "a long one of two"]
SPANS = [[Span(0, 15)], [Span(0, 20), Span(0, 12), Span(9, 28)], [Span(0, 10), Span(6, 17)]]


def numbers(n: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((n, DIM)).astype(np.float32)


def of_all(seed: int = 0) -> PassageVectors:
    return passage_vectors(SPANS, numbers(6, seed))


@pytest.fixture
def filled(vault: Vault) -> Vault:
    vault.items.put_many([Draft(text=text, id=f"i{n}") for n, text in enumerate(TEXTS)], vectors={"e": of_all()})
    return vault


def state(vault: Vault) -> list[Any]:
    with vault.database.reading() as connection:
        sql = "SELECT row, passage, starts, ends, vector FROM vectors ORDER BY row, passage"
        return connection.execute(sql).fetchall()


def test_each_passage_has_its_place_and_the_first_stands_for_its_item(filled: Vault) -> None:
    labels, matrix, revision = filled.vectors.passages("e")
    wanted = [(1, 0), (2, 0), (2, 1), (2, 2), (3, 0), (3, 1)]
    assert labels.tolist() == [label_of(*each) for each in wanted]
    assert matrix.tobytes() == numbers(6).tobytes()
    rows, firsts, _ = filled.vectors.load("e")
    assert rows.tolist() == filled.vectors.newest("e", 9)[0].tolist() == [1, 2, 3]
    assert firsts.tobytes() == numbers(6)[[0, 1, 4]].tobytes() == filled.vectors.newest("e", 9)[1].tobytes()
    assert (filled.vectors.count("e"), filled.vectors.count_items("e"), revision) == (6, 3, 1)
    asked = [label_of(2, 2), label_of(2, 3), label_of(9, 0)]
    assert filled.vectors.spans("e", asked) == {label_of(2, 2): (9, 28)}
    assert filled.vectors.unsplit("e", 9).tolist() == filled.vectors.missing("e", 9).tolist() == []


def test_an_update_takes_the_passages_that_it_has_no_more(filled: Vault) -> None:
    filled.items.update("i1", text="short now", vectors={"e": passage_vectors([[Span(0, 9)]], numbers(1, 5))})
    assert [row[:4] for row in state(filled) if row[0] == 2] == [(2, 0, 0, 9)]
    filled.items.update("i2", text="not encoded yet")
    assert [row[:2] for row in state(filled)] == [(1, 0), (2, 0)]
    assert filled.vectors.missing("e", 9).tolist() == [3]


def test_what_is_known_already_keeps_its_passages(filled: Vault) -> None:
    before = state(filled)
    drafts = [Draft(text="new"), Draft(text=TEXTS[1])]
    given = passage_vectors([[Span(0, 3)], [Span(0, 1), Span(1, 2)]], numbers(3, 7))
    assert [each.is_new for each in filled.items.put_many(drafts, vectors={"e": given})] == [True, False]
    assert state(filled) == [*before, (4, 0, 0, 3, numbers(3, 7)[0].tobytes())]


def test_passages_of_another_number_of_items_are_refused(filled: Vault) -> None:
    with pytest.raises(ValueError, match="2 drafts came with 3 vectors"):
        filled.items.put_many([Draft(text="a"), Draft(text="b")], vectors={"e": of_all()})
    with pytest.raises(ValueError, match="1 items came with the passages of 3"):
        filled.vectors.put("e", [1], of_all())


def test_forgetting_leaves_no_passage_in_any_page(filled: Vault, decrypted: Callable[[Vault], bytes]) -> None:
    gone = numbers(6)[1:4]
    assert all(vector.tobytes()[:160] in decrypted(filled) for vector in gone)
    receipt = filled.forget(["i1"])
    assert receipt.verified
    assert {(each.kind, each.count) for each in receipt.artifacts} >= {("vectors", 3), ("items", 1)}
    assert not any(vector.tobytes()[:160] in decrypted(filled) for vector in gone)
    assert filled.vectors.count("e") == 3
    assert filled.check() == []


def test_a_passage_that_a_careless_program_leaves_is_found(filled: Vault) -> None:
    from ondevice.vault.identity import load_identity
    from ondevice.vault.readback import read_back
    from ondevice.vault.traces import take_traces

    with filled.database.exclusive() as connection:
        traces = take_traces(connection, [2])
        connection.execute("DELETE FROM vectors WHERE row = 2 AND passage < 2")
    assert len(traces.vectors) == 3
    assert filled.database.checkpoint()
    # The third of them lives on in a row: what lives is no finding, until the item is gone and it is not.
    with filled.database.exclusive() as connection:
        connection.execute("PRAGMA secure_delete = OFF")
        connection.execute("DELETE FROM vectors WHERE row = 2")
        connection.execute("PRAGMA secure_delete = ON")
    filled.database.checkpoint()
    assert read_back(filled.database, traces, load_identity(filled.database).secret).n_vectors > 0


@pytest.fixture
def other(tmp_path: Path, app_key: AppKey) -> Iterator[Vault]:
    with Vault.create(tmp_path / "other.profile", app_key) as opened:
        yield opened


def test_an_export_carries_passages_and_their_places(filled: Vault, other: Vault, tmp_path: Path) -> None:
    filled.items.put_many([Draft(text="of an earlier release")], vectors={"e": numbers(1, 3)})
    export_items(filled, tmp_path / "out.jsonl", with_vectors=True)
    import_items(other, tmp_path / "out.jsonl")
    assert state(other) == state(filled)
    assert other.vectors.unsplit("e", 9).tolist() == [4]


@pytest.mark.parametrize(
    ("passages", "said"),
    [
        (3, "field passages"),
        ({"e": [[0, 1]]}, "field vectors: 4608 bytes, and 384 float32"),
        ({"e": [[2, 1]] * 3}, "field passages"),
        ({"e": [[0, True]] * 3}, "field passages"),
        ({"e": []}, "field passages"),
        ({"e": [[0, 1]] * 3, "f": [[0, 1]]}, "field passages: an encoder"),
    ],
)
def test_places_that_are_none_are_refused(
    filled: Vault, other: Vault, tmp_path: Path, passages: object, said: str
) -> None:
    export_items(filled, tmp_path / "out.jsonl", with_vectors=True)
    header, _, line, _ = (tmp_path / "out.jsonl").read_bytes().splitlines()
    changed = json.dumps({**json.loads(line), "passages": passages}).encode()
    (tmp_path / "out.jsonl").write_bytes(b"\n".join([header, changed]))
    with pytest.raises(InputError, match=f"line 2, {said}"):
        import_items(other, tmp_path / "out.jsonl")
    assert other.items.count() == 0


def test_a_new_key_and_a_backup_carry_passages(filled: Vault, tmp_path: Path, app_key: AppKey) -> None:
    before = state(filled)
    secret: Secret = AppKey(b"\x09" * 32)
    filled.rekey([secret])
    assert state(filled) == before
    Vault.restore(filled.backup(tmp_path / "copy").path, tmp_path / "back", secret)
    with Vault.open(tmp_path / "back", secret) as restored:
        assert state(restored) == before


def test_a_profile_of_the_schema_before_has_the_same_vectors_not_split_yet(profile_path: Path, app_key: AppKey) -> None:
    with Vault.create(profile_path, app_key) as vault:
        vault.items.put_many([Draft(text=text) for text in TEXTS], vectors={"e": numbers(3)})
        without_passages(vault)
    with Vault.open(profile_path, app_key) as vault:
        assert vault.vectors.load("e")[1].tobytes() == numbers(3).tobytes()
        assert vault.vectors.unsplit("e", 9).tolist() == [1, 2, 3]
        assert vault.check() == []
        vault.vectors.settle("e", {1: 15})
        revision = vault.vectors.revision("e")
        vault.vectors.put("e", [2, 3], of_all().of([1, 2]))
        assert (vault.vectors.unsplit("e", 9).tolist(), vault.vectors.revision("e")) == ([], revision + 1)
        assert vault.vectors.spans("e", [label_of(1, 0), label_of(3, 1)]) == {
            label_of(1, 0): (0, 15),
            label_of(3, 1): (6, 17),
        }
