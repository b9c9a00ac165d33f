"""A long item is found by any of its parts, and the part that was found is shown, prompted, and forgotten with it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from ondevice import Draft, ModelSet, Personalizer
from ondevice.passages import rows_of
from tests.scripted_generator import make_scripted_generator
from tests.tiny_models import make_tiny_encoder

KEY = b"k" * 32
FILLING = ["coffee", "train", "hotel", "meeting", "budget", "rose", "guitar", "museum", "cheese", "river"]
HIDDEN = "The dentist and the knee."


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    make_tiny_encoder(folder / "base", name="base", dim=16)
    make_tiny_encoder(folder / "other", name="other", dim=24, seed=3)
    make_scripted_generator(folder / "reads", ["[1] hm,Zed."])
    make_scripted_generator(folder / "plain", ["[1] hm,Zed."], reads_notes=False)
    return folder


def opened(path: Path, models: Path, encoder: str | None = "base", generator: str | None = None) -> Personalizer:
    return Personalizer.open(path, app_key=KEY, models=ModelSet(models, encoder=encoder, generator=generator))


@pytest.fixture
def me(profile_path: Path, models: Path) -> Iterator[Personalizer]:
    with opened(profile_path, models) as profile:
        yield profile


def talk(n_sentences: int, seed: int = 0) -> str:
    draw = random.Random(seed)
    return " ".join(f"The {' '.join(draw.choices(FILLING, k=8))}." for _ in range(n_sentences))


def long_text(seed: int = 0) -> str:
    return f"{talk(40, seed)} {HIDDEN} {talk(2, seed + 1)}"


def fill(me: Personalizer) -> str:
    """Add short items and one long one, and return its id."""
    me.add_many([Draft(text=talk(1, seed), kind="mail") for seed in range(100, 120)])
    return me.add(long_text(), fields={"title": "Rain"}, kind="page").id


@pytest.mark.parametrize("retriever", ["dense", "hybrid", "bm25"])
def test_the_passage_that_fits_is_found_with_its_item(me: Personalizer, retriever: str) -> None:
    page = fill(me)
    hit = me.search("knee dentist", k=1, retriever=retriever)[0]
    assert hit.item.id == page
    assert hit.passage is not None
    assert HIDDEN in hit.passage.text
    assert hit.item.text[hit.passage.start : hit.passage.end] == hit.passage.text
    assert len(hit.passage.text) < len(hit.item.text) / 2
    assert not any(each.passage for each in me.search("knee dentist", k=21, retriever=retriever)[1:])


def test_a_short_item_costs_one_vector_and_a_long_one_its_passages(me: Personalizer) -> None:
    fill(me)
    encoder = me.encoders.encoder()
    labels, _, _ = me.vault.vectors.passages(encoder.id)
    n_long = int((rows_of(labels) == 21).sum())
    assert n_long == len(labels) - 20 > 5
    assert me.stats().n_vectors_by_encoder == {encoder.id: 20 + n_long}
    first = me.vault.vectors.load(encoder.id)[1][20]
    assert first == pytest.approx(encoder.encode_passages([f"Rain\n{long_text()}"])[0], abs=1e-6)


def test_fields_alone_are_no_passage_of_the_text(me: Personalizer) -> None:
    item = me.add("short", fields={"title": talk(30, 9)})
    assert all(hit.passage is None for hit in me.search("hotel", retriever="dense") if hit.item.id == item.id)


def test_an_update_is_found_by_its_new_parts_alone(me: Personalizer) -> None:
    page = fill(me)
    before = me.search("knee dentist", k=1, retriever="dense")[0].score
    me.items.update(page, text=talk(30, 5))
    assert me.search("knee dentist", k=1, retriever="dense")[0].score < before - 0.05
    me.items.update(page, text="The knee.")
    hit = me.search("knee", k=1, retriever="dense")[0]
    assert (hit.item.id, hit.passage) == (page, None)


def test_forgetting_reaches_every_passage_wherever_it_is(profile_path: Path, models: Path) -> None:
    models_used = ModelSet(models, encoder="base", generator=None, retrievers=["other"])
    with Personalizer.open(profile_path, app_key=KEY, models=models_used) as me:
        page = fill(me)
        for retriever in ("dense", "other"):
            me.search("knee", retriever=retriever)
    with Personalizer.open(profile_path, app_key=KEY, models=models_used) as me:
        for retriever in ("dense", "other"):
            assert me.search("knee dentist", k=1, retriever=retriever)[0].item.id == page
        parts = [
            vector.tobytes()
            for encoder_id in me.vault.vectors.encoders()
            for label, vector in zip(*me.vault.vectors.passages(encoder_id)[:2], strict=True)
            if label >> 20 == 21
        ]
        receipt = me.forget(page)
        assert receipt.verified
        counts = {(each.kind, each.name): each.count for each in receipt.artifacts}
        for encoder_id in me.vault.vectors.encoders():
            assert counts["vectors", encoder_id] == counts["index", f"index-{encoder_id}"] > 5
            kept = me._searcher.index("other" if "other" in encoder_id else None)._matrix._vectors.tobytes()
            assert not any(part in kept for part in parts)
        assert me.vault.check() == []
        for retriever in ("dense", "other", "bm25"):
            assert page not in [hit.item.id for hit in me.search("knee dentist", k=30, retriever=retriever)]


@pytest.mark.parametrize("generator", ["reads", "plain"])
def test_the_prompt_holds_what_was_found_and_the_answer_says_what_was_shortened(
    profile_path: Path, models: Path, generator: str
) -> None:
    with opened(profile_path, models, generator=generator) as me:
        short = me.add("The knee.", kind="mail").id
        page = me.add(" ".join([talk(400, 1), HIDDEN, talk(400, 2)]), kind="page").id
        prepared = me.prepare("knee dentist", max_tokens=8, k=2, retriever="dense")
        assert {hit.item.id for hit in prepared.sources} == {short, page}
        assert HIDDEN in prepared.prompt
        assert me.generate("knee dentist", max_tokens=8, k=2, retriever="dense").shortened == (page,)
        with me.stream("knee dentist", max_tokens=8, k=1, retriever="recency") as stream:
            assert "".join(stream)
        assert stream.completion.shortened == (page,)
        assert me.generate("knee", k=2, filter=None, labels=["a", "b"]).shortened == (page,)
        me.forget(page)
        assert me.generate("knee dentist", max_tokens=8, k=2).shortened == ()


def test_a_profile_without_encoder_shows_where_the_words_stand(profile_path: Path, models: Path) -> None:
    with opened(profile_path, models, encoder=None) as me:
        fill(me)
        hit = me.search("knee dentist", k=1)[0]
        assert hit.passage is not None
        assert HIDDEN in hit.passage.text
        assert me.search("hotel nothing", k=1, retriever="recency")[0].passage is not None
        assert me.search("nothing", k=1, retriever="recency")[0].passage is None


def test_no_repr_shows_the_passage(me: Personalizer) -> None:
    fill(me)
    assert "dentist" not in repr(me.search("knee dentist", k=1))
