"""Further encoders beside a profile's own: each a retriever of its own name, none in the way of another."""

from __future__ import annotations

from pathlib import Path

import pytest

from ondevice import Draft, ModelSet, Personalizer, RetrievalConfig
from ondevice.bundle import read_manifest
from ondevice.errors import ModelMismatchError, NotFoundError, SignatureError
from tests.ondevice.bundle.signed import OURS, THEIRS
from tests.tiny_models import make_tiny_encoder

KEY = b"k" * 32
TEXTS = ("the cat and the rain", "a train ticket to rome", "coffee and cake in paris", "the dog in the garden")


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A base, a full encoder, and two of queries alone: one like the base, one that was trained on."""
    folder = tmp_path_factory.mktemp("encoders")
    base = make_tiny_encoder(folder / "base", name="base")
    make_tiny_encoder(folder / "full", name="full", dim=16, seed=11)
    make_tiny_encoder(folder / "twin", name="twin", passages=base.id)
    make_tiny_encoder(folder / "query", name="query", seed=13, passages=base.id)
    make_tiny_encoder(folder / "short", name="short", dim=16, passages=base.id)
    make_tiny_encoder(folder / "lost", name="lost", passages="elsewhere-0123456789ab")
    return folder


def opened(profile: Path, models: Path, *names: str, encoder: str | None = "base") -> Personalizer:
    return Personalizer.open(
        profile, app_key=KEY, models=ModelSet(models, encoder=encoder, generator=None, retrievers=names)
    )


def id_of(models: Path, name: str) -> str:
    return read_manifest(models / name).id


def texts(me: Personalizer, query: str, retriever: str) -> list[str]:
    return [hit.item.text for hit in me.search(query, k=4, retriever=retriever)]


def test_each_encoder_searches_its_own_vectors(profile_path: Path, models: Path) -> None:
    with opened(profile_path, models, "full") as me:
        me.add_many([Draft(text=text) for text in TEXTS])
        encoder = me.encoders.encoder("full")
        cosines = encoder.encode_passages(TEXTS) @ encoder.encode_queries(["cat in the rain"])[0]
        hits = me.search("cat in the rain", k=4, retriever="full")
        assert [hit.score for hit in hits] == pytest.approx(sorted(cosines.tolist(), reverse=True), abs=1e-6)
        dense = me.search("cat in the rain", k=4, retriever="dense")
        assert [hit.score for hit in hits] != [hit.score for hit in dense]
        assert me.stats().n_vectors_by_encoder == {id_of(models, "base"): 4, id_of(models, "full"): 4}
        item = me.items.list()[0]
        me.items.update(item.id, text="piano concert")
        assert texts(me, "piano concert", "full")[0] == texts(me, "piano concert", "dense")[0] == "piano concert"
    names = {f"index-{id_of(models, name)}" for name in ("base", "full")}
    with opened(profile_path, models, "full") as me:
        assert set(me.vault.sealed.names()) == names


def test_a_further_encoder_can_be_the_default_and_needs_no_base(profile_path: Path, models: Path) -> None:
    with Personalizer.create(
        profile_path,
        app_key=KEY,
        models=ModelSet(models, encoder=None, generator=None, retrievers=["full"]),
        retrieval=RetrievalConfig(retriever="full"),
    ) as me:
        me.add_many([Draft(text=text) for text in TEXTS])
        assert me.search("cat rain")[0].item.text == TEXTS[0]
        assert list(me.stats().n_vectors_by_encoder) == [id_of(models, "full")]
        with pytest.raises(ValueError, match="'dense' needs an encoder: choose one of none, recency, bm25, full"):
            me.search("cat", retriever="dense")


def test_an_encoder_of_queries_shares_index_and_vectors_with_its_base(profile_path: Path, models: Path) -> None:
    with opened(profile_path, models, "twin", "query") as me:
        me.add_many([Draft(text=text) for text in TEXTS])
        for query in ("cat in the rain", "coffee", "garden"):
            assert me.search(query, retriever="twin") == me.search(query, retriever="dense")
        assert me.search("cat in the rain", retriever="query") != me.search("cat in the rain", retriever="dense")
        assert me.stats().n_vectors_by_encoder == {id_of(models, "base"): 4}
        assert len(me._searcher.loaded_indexes()) == 1
    with opened(profile_path, models, "twin") as me:
        assert me.vault.sealed.names() == [f"index-{id_of(models, 'base')}"]


def test_the_base_may_be_an_encoder_of_queries_where_another_makes_its_vectors(
    profile_path: Path, models: Path
) -> None:
    with opened(profile_path, models, "base", encoder="twin") as me:
        me.add_many([Draft(text=text) for text in TEXTS])
        assert me.search("cat", retriever="dense") == me.search("cat", retriever="base")
        assert list(me.stats().n_vectors_by_encoder) == [id_of(models, "base")]
        assert me.stats().index is not None


@pytest.mark.parametrize(
    ("name", "encoder", "message"),
    [
        ("lost", "base", "'lost' searches the vectors of 'elsewhere-0123456789ab', which no encoder"),
        ("twin", "full", "'twin' searches the vectors of 'base-"),
        ("twin", None, "'twin' searches the vectors of 'base-"),
        ("short", "base", "'short' gives 16 numbers, but searches vectors of 32"),
    ],
)
def test_vectors_that_nobody_makes_are_refused(
    profile_path: Path, models: Path, name: str, encoder: str | None, message: str
) -> None:
    with opened(profile_path, models, name, encoder=encoder) as me:
        for use in (lambda: me.add("the cat"), lambda: me.search("cat", retriever=name)):
            with pytest.raises(ModelMismatchError, match=message) as caught:
                use()
            assert caught.value.hint
        assert me.items.list() == []


def test_names_that_cannot_be(profile_path: Path, models: Path) -> None:
    with pytest.raises(ValueError, match="'bm25' is a built-in retriever"):
        opened(profile_path, models, "bm25")
    with opened(profile_path, models, "full") as me:
        with pytest.raises(ValueError, match=r"'query' is unknown: choose one of none, .*, hybrid, full$"):
            me.search("cat", retriever="query")
        with pytest.raises(ValueError, match="'query' is no further encoder of this profile: full"):
            me.items.reencode("query")
    with opened(profile_path, models, "nowhere") as me, pytest.raises(NotFoundError, match="nowhere"):
        me.add("the cat")


def test_a_profile_from_before_is_encoded_for_one_encoder_more(profile_path: Path, models: Path) -> None:
    with opened(profile_path, models) as me:
        me.add_many([Draft(text=text) for text in TEXTS])
    with opened(profile_path, models, "full", "twin") as me:
        with pytest.raises(ModelMismatchError, match="4 of 4 items have no vector") as caught:
            me.search("cat", retriever="full")
        assert caught.value.hint == "run: ondevice reencode --retriever full"
        seen: list[tuple[int, int]] = []
        report = me.items.reencode("full", batch=3, on_progress=lambda done, total: seen.append((done, total)))
        assert (report.encoder_id, report.n_encoded, report.n_dropped) == (id_of(models, "full"), 4, 0)
        assert seen == [(3, 4), (4, 4)]
        assert texts(me, "cat rain", "full")[0] == texts(me, "cat rain", "dense")[0] == TEXTS[0]
        assert me.items.reencode("twin").encoder_id == id_of(models, "base")
        assert me.items.reencode().n_dropped == 0
        assert len(me.stats().n_vectors_by_encoder) == 2
    with opened(profile_path, models) as me:
        assert me.items.reencode().n_dropped == 4
        assert list(me.stats().n_vectors_by_encoder) == [id_of(models, "base")]


def test_imported_items_get_vectors_of_every_encoder(profile_path: Path, models: Path, tmp_path: Path) -> None:
    with opened(profile_path, models) as me:
        me.add("the cat and the rain")
        me.items.export(tmp_path / "items.jsonl", with_vectors=True)
    with opened(tmp_path / "new.profile", models, "full") as me:
        me.items.load(tmp_path / "items.jsonl")
        assert texts(me, "cat", "full") == texts(me, "cat", "dense") == ["the cat and the rain"]


@pytest.mark.parametrize("is_open", [True, False])
def test_forgetting_reaches_every_encoder_s_vectors_and_snapshots(
    profile_path: Path, models: Path, is_open: bool
) -> None:
    with opened(profile_path, models, "full", "twin") as me:
        me.add_many([Draft(text=text) for text in TEXTS])
        for name in ("dense", "full", "twin"):
            me.search("cat", retriever=name)
    ids = [id_of(models, name) for name in ("base", "full")]
    with opened(profile_path, models, "full", "twin") as me:
        indexes = [me._searcher.index(name) for name in (None, "full")] if is_open else []
        if is_open:
            assert texts(me, "cat rain", "full")[0] == texts(me, "cat rain", "dense")[0] == TEXTS[0]
        cat = next(item for item in me.items.list() if "cat" in item.text)
        row = me.vault.items.row_of(cat.id)
        vectors = [me.vault.vectors.load(each)[1][0].tobytes() for each in ids]
        receipt = me.forget(cat.id)
        assert receipt.verified
        outcomes = {(each.kind, each.name): each.outcome for each in receipt.artifacts}
        for encoder_id in ids:
            assert outcomes["vectors", encoder_id] == "erased"
            if is_open:
                assert outcomes["index", f"index-{encoder_id}"] == "erased"
        assert me.vault.sealed.names() == []
        for index, vector in zip(indexes, vectors, strict=is_open):
            assert row not in index._matrix.rows
            assert vector not in index._matrix.vectors.tobytes()
        for name in ("dense", "full", "twin"):
            assert all("cat" not in text for text in texts(me, "cat rain", name))


def test_every_further_encoder_must_be_the_pinned_publisher_s(profile_path: Path, tmp_path: Path) -> None:
    models = tmp_path / "signed"
    for name in ("base", "full"):
        make_tiny_encoder(models / name, name=name)
        OURS.sign(models / name)
    with Personalizer.create(
        profile_path,
        app_key=KEY,
        models=ModelSet(models, encoder="base", generator=None, retrievers=["full"], publishers=[OURS.key]),
    ) as me:
        me.add("the cat")
        assert me.search("cat", retriever="full")
    THEIRS.sign(models / "full")
    with (
        Personalizer.open(
            profile_path,
            app_key=KEY,
            models=ModelSet(models, encoder="base", retrievers=["full"], publishers=[OURS.key]),
        ) as me,
        pytest.raises(SignatureError, match="'full' is signed by"),
    ):
        me.add("the dog")


def test_closing_frees_every_encoder(profile_path: Path, models: Path) -> None:
    with opened(profile_path, models, "full", "query") as me:
        me.add("the cat")
        me.search("cat", retriever="query")
        loaded = [me.encoders.encoder(name) for name in ("base", "full", "query")]
    for encoder in loaded:
        with pytest.raises(ValueError, match="closed"):
            encoder.encode_queries(["cat"])
    with pytest.raises(ValueError, match="closed"):
        me.search("cat", retriever="full")
