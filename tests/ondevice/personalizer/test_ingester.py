"""Items on their way in: what changes while they are encoded, and what is no item at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ondevice import Draft, ModelSet, Personalizer

KEY = b"k" * 32


@pytest.fixture
def me(tmp_path: Path, app_models: Path) -> Iterator[Personalizer]:
    with Personalizer.open(
        tmp_path / "me", app_key=KEY, models=ModelSet(app_models, encoder="tiny-encoder", generator=None)
    ) as opened:
        yield opened


def end_while_encoding(me: Personalizer, texts: list[str]) -> None:
    """Let the items of these texts expire, one whenever a batch is encoded."""
    encoder = me.encoders.encoder()
    encode = encoder.encode_items
    ids = {item.text: item.id for item in me.items.list()}

    def encode_late(*given: Any, **named: Any) -> Any:
        if texts:
            me.vault.items.update(ids[texts.pop(0)], expires_at=datetime.now(UTC) - timedelta(seconds=1))
        return encode(*given, **named)

    encoder.encode_items = encode_late  # type: ignore[method-assign]


def test_what_expires_while_its_batch_is_encoded_is_stored_anew_with_its_vector(me: Personalizer) -> None:
    later = datetime.now(UTC) + timedelta(days=1)
    before = [me.add(text, expires_at=later).id for text in ("the sale ends", "the fair ends")]
    end_while_encoding(me, ["the sale ends", "the fair ends"])
    drafts = [Draft(text=text, expires_at=later) for text in ("the sale ends", "something new", "the fair ends")]
    version = me.vault.database.version
    report = me.add_many([*drafts, drafts[0]])
    assert (report.n_added, report.n_known) == (3, 1)
    assert not set(before) & set(report.item_ids)
    assert [me.items.get(item_id).text for item_id in report.item_ids] == [draft.text for draft in (*drafts, drafts[0])]
    assert {hit.item.id for hit in me.search("sale", retriever="dense")} == set(report.item_ids)
    assert me.vault.vectors.count(me.encoders.encoder().id) == 5, "the expired ones keep theirs until they are pruned"
    assert me.vault.database.version > version


def test_what_is_stored_anew_by_itself_has_its_vector_too(me: Personalizer) -> None:
    me.add("the sale ends", expires_at=datetime.now(UTC) + timedelta(days=1))
    end_while_encoding(me, ["the sale ends"])
    me.add_many([Draft(text="new"), Draft(text="the sale ends")])
    assert len(me.search("sale", retriever="dense")) == 2


@pytest.mark.parametrize(
    ("drafts", "said"),
    [
        (["x"], "is a Draft, not a str"),
        ([Draft(text="first"), {"text": "x"}], "is a Draft, not a dict"),
        ([None], "is a Draft, not a NoneType"),
        ("xyz", "not as one str"),
        (Draft(text="x"), "not as one Draft"),
        ({"text": "x"}, "not as one dict"),
    ],
)
def test_what_is_no_draft_is_refused_by_name(me: Personalizer, drafts: Any, said: str) -> None:
    with pytest.raises(TypeError, match=said):
        me.add_many(drafts)
    assert me.items.list() == []


@pytest.mark.parametrize(
    "ask",
    [
        lambda me: me.search("x", k=2**63),
        lambda me: me.search("x", k=2**31),
        lambda me: me.items.list(limit=2**63),
        lambda me: me.items.list(offset=2**63),
        lambda me: me.add_many([Draft(text="x")], batch=2**63),
        lambda me: me.items.reencode(batch=2**63),
        lambda me: me.items.reencode(batch=0),
    ],
)
@pytest.mark.parametrize("is_empty", [True, False])
def test_numbers_beyond_counting_are_refused(
    me: Personalizer, ask: Callable[[Personalizer], object], *, is_empty: bool
) -> None:
    if not is_empty:
        me.add("x")
    with pytest.raises(ValueError, match="must"):
        ask(me)


def test_as_many_hits_as_can_be_counted_are_all_there_are(me: Personalizer) -> None:
    me.add("the cat")
    for retriever in ("recency", "bm25", "dense", "hybrid"):
        assert len(me.search("cat", k=2**31 - 1, retriever=retriever)) == 1


def test_a_query_is_a_text_and_a_number_of_hits_a_whole_number(me: Personalizer) -> None:
    with pytest.raises(TypeError, match="a query is a str, not int"):
        me.search(5)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="integer"):
        me.search("x", k=1.5)  # type: ignore[arg-type]
