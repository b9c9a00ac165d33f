"""Feedback on a pool: the device's own retrievals, each different prompt asked once, by Ray as by one process."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from export.errors import DatasetError
from export.training.asking import AskConfig, Asker, FeedbackStore
from export.training.candidates import Vectors, found_by
from export.training.feedback_files import write_records
from export.training.pool_vectors import open_vectors
from export.training.pools import PoolFeedback, collect_pool_feedback, read_pool_feedback
from export.training.requests import Asked, read_asked
from export.training.spread_asking import SpreadAsker
from ondevice import ModelSet, Personalizer
from ondevice.bundle import Bundle, write_manifest
from ondevice.config import RetrievalConfig
from ondevice.errors import ModelMismatchError, NotFoundError
from ondevice.evaluation.histories import as_items
from ondevice.generation.prompts.candidates import candidate_text
from ondevice.records import Draft, Item
from ondevice.retrieval.encoding.encoder import Encoder
from tests.export.training.lamp_files import headlines, write_split
from tests.tiny_generator import make_tiny_generator
from tests.tiny_models import WORDS, make_tiny_encoder

POOL = ("none", "recency", "bm25", "dense", "other")
CONFIG = AskConfig(max_tokens=6, threads=1)


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    make_tiny_generator(folder / "base", context_tokens=1024)
    make_tiny_encoder(folder / "encoder")
    make_tiny_encoder(folder / "other", name="other", seed=8)
    return folder


@pytest.fixture(scope="module")
def questions(tmp_path_factory: pytest.TempPathFactory) -> list[Asked]:
    folder = tmp_path_factory.mktemp("lamp")
    write_split(folder / "LaMP_4", *headlines(4, n_items=6))
    return list(read_asked(folder, limit=None, history=0, seed=0))


@pytest.fixture(scope="module")
def records(models: Path, questions: list[Asked]) -> list[PoolFeedback]:
    base = Bundle.open(models / "base", kind="generator")
    with (
        open_vectors(models / "encoder", {"other": models / "other"}) as vectors,
        Asker(base, CONFIG, FeedbackStore(None)) as asker,
    ):
        return collect_pool_feedback(questions, POOL, vectors, asker, k=2)


def test_every_retriever_leads_to_one_candidate(questions, models, records) -> None:
    base = Bundle.open(models / "base", kind="generator")
    with (
        open_vectors(models / "encoder", {"other": models / "other"}) as vectors,
        Asker(base, CONFIG, FeedbackStore(None)) as asker,
    ):
        for asked, record in zip(questions, records, strict=True):
            assert [name for each in record.candidates for name in each.names if name == each.names[0]]
            for candidate in record.candidates:
                for name in candidate.names:
                    items = found_by(name, asked.query, asked.items, 2, vectors.get(name))
                    feedback = asker.ask(asked.pair, items)
                    assert candidate.text == candidate_text("LaMP_4", asked.pair.request, items, cut="evenly")
                    assert (candidate.output, candidate.reward) == (feedback.text, feedback.reward)
    assert any(len(candidate.names) > 1 for record in records for candidate in record.candidates)


def test_features_are_about_what_they_say(records) -> None:
    for record in records:
        plain = next(each for each in record.candidates if "none" in each.names).features
        dense = next(each for each in record.candidates if "dense" in each.names).features
        others = [each.features["similarity"] for each in record.candidates]
        assert (plain["items"], plain["overlap"], plain["similarity"]) == (0, 0, 0)
        assert dense["similarity"] == max(others)
        assert 0 < dense["overlap"] <= 1
        assert all(-1 <= value <= 1 for value in dense.values())


def test_a_file_gives_back_what_was_written(records, tmp_path) -> None:
    write_records(tmp_path / "pool.jsonl", records)
    assert read_pool_feedback(tmp_path / "pool.jsonl") == records
    assert records[0].candidates[0].text not in repr(records[0])


def test_files_from_before_have_candidates_in_brief(records, tmp_path) -> None:
    path = tmp_path / "pool.jsonl"
    write_records(path, records[:1])
    value = json.loads(path.read_text())
    assert (value.pop("cut"), value.pop("asked_fold")) == ("evenly", None)
    path.write_text(json.dumps(value))
    assert read_pool_feedback(path) == [replace(records[0], cut="end")]


def test_a_wrong_line_is_named(records, tmp_path) -> None:
    path = tmp_path / "pool.jsonl"
    write_records(path, records[:2])
    first, second = path.read_text().splitlines()
    for change, message in (
        ({"pool": ["none"]}, "no feedback on a pool"),
        ({"cut": "middle"}, "no feedback on a pool"),
        ({"k": 7}, "another pool"),
    ):
        path.write_text(f"{first}\n{json.dumps(json.loads(second) | change)}\n")
        with pytest.raises(DatasetError, match=f"line 2: it .*{message}"):
            read_pool_feedback(path)


def test_what_is_no_pool_is_refused(models, questions) -> None:
    base = Bundle.open(models / "base", kind="generator")
    with Asker(base, CONFIG, FeedbackStore(None)) as asker:
        for pool in (("none",), ("bm25", "bm25")):
            with pytest.raises(ValueError, match="two retrievers or more"):
                collect_pool_feedback(questions, pool, {}, asker)
        with pytest.raises(ValueError, match="'dense' needs an encoder"):
            collect_pool_feedback(questions, ("none", "dense"), {}, asker)
        with pytest.raises(DatasetError, match="no question has items"):
            collect_pool_feedback([replace(questions[0], items=())], ("none", "bm25"), {}, asker)


@pytest.mark.parametrize("name", ["none", "recency", "bm25", "dense", "hybrid"])
def test_a_profile_finds_what_is_found_here(models: Path, tmp_path: Path, name: str) -> None:
    start = datetime(2024, 1, 1, tzinfo=UTC)
    drafts = [
        Draft(
            text=" ".join(WORDS[(place * 7 + step * 3) % len(WORDS)] for step in range(6)),
            fields={"title": f"{WORDS[place]} {WORDS[place + 9]}"},
            time=start + timedelta(days=(place * 5) % 17),
        )
        for place in range(17)
    ]
    items: list[Item] = as_items(drafts)
    with (
        Encoder.open(Bundle.open(models / "encoder", kind="encoder")) as encoder,
        Personalizer.create(
            tmp_path / "me.profile",
            app_key=bytes(32),
            models=ModelSet(models, encoder="encoder", generator=None),
            retrieval=RetrievalConfig(),
        ) as me,
    ):
        me.add_many(drafts)
        vectors = Vectors(encoder)
        for place in range(0, 40, 5):
            query = " ".join(WORDS[place : place + 3])
            here = [item.text for item in found_by(name, query, items, 4, vectors)]
            assert here == [hit.item.text for hit in me.search(query, k=4, retriever=name)]


def test_a_query_side_encoder_searches_the_vectors_it_was_trained_for(models: Path, tmp_path: Path) -> None:
    base = Bundle.open(models / "encoder", kind="encoder")
    copied = make_tiny_encoder(tmp_path / "query", name="query", seed=9)
    spec = copied.manifest.encoder
    assert spec is not None

    def searching(passages: str) -> None:
        write_manifest(tmp_path / "query", replace(copied.manifest, encoder=replace(spec, passages=passages)))

    searching(base.id)
    with open_vectors(models / "encoder", {"query": tmp_path / "query"}) as vectors:
        items = as_items([Draft(text=word) for word in WORDS[:9]])
        with Encoder.open(base) as passages, Encoder.open(Bundle.open(tmp_path / "query", kind="encoder")) as queries:
            wanted = passages.encode_passages([item.text for item in items]) @ queries.encode_queries(["tea"])[0]
        assert vectors["query"].similarities("tea", items) == pytest.approx(wanted.tolist(), abs=1e-6)
    searching("somebody-else")
    with (
        pytest.raises(ModelMismatchError, match="'somebody-else', which is not among"),
        open_vectors(models / "encoder", {"query": tmp_path / "query"}),
    ):
        pass


@pytest.fixture(scope="module")
def spread(models: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, SpreadAsker]]:
    """Yield a folder with a model of its own, and two workers that ask it: Ray starts once."""
    folder = tmp_path_factory.mktemp("spread")
    base = Bundle.open(shutil.copytree(models / "base", folder / "base"), kind="generator")
    with (
        FeedbackStore(folder / "cache.jsonl") as store,
        SpreadAsker(base, CONFIG, store, workers=2) as asker,
    ):
        yield folder, asker


@pytest.mark.loopback
def test_workers_give_the_feedback_of_one_process(models, questions, records, spread) -> None:
    folder, asker = spread
    seen: list[tuple[int, int]] = []
    with open_vectors(models / "encoder", {"other": models / "other"}) as vectors:
        found = collect_pool_feedback(
            questions, POOL, vectors, asker, k=2, on_progress=lambda done, total: seen.append((done, total))
        )
    assert found == records
    assert seen[-1][0] == seen[-1][1] == sum(len(record.candidates) for record in records)
    kept = shutil.copy(folder / "cache.jsonl", folder / "kept.jsonl")  # the asker has the other open still
    with FeedbackStore(kept) as store:
        assert len(store) == len({(record.name, each.text) for record in records for each in record.candidates}) > 0


@pytest.mark.loopback
def test_what_fails_in_a_worker_arrives_as_it_is(questions, spread) -> None:
    """The last test of these workers: those that replace them find no model."""
    folder, asker = spread
    for worker in asker._crew._workers:
        asker._crew._ray.kill(worker)
    (folder / "base" / "model.gguf").unlink()
    with pytest.raises(NotFoundError):
        collect_pool_feedback(questions, ("none", "bm25"), {}, asker)


def test_workers_need_a_fixed_number_of_threads(models) -> None:
    with pytest.raises(ValueError, match="fixed number of threads"):
        SpreadAsker(Bundle.open(models / "base", kind="generator"), AskConfig(), FeedbackStore(None), workers=1)
