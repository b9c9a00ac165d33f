"""Feedback on single items and sets: by the real language model, the same whenever and in whichever order."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from export.errors import DatasetError
from export.training.asking import AskConfig, Asker, FeedbackStore, RequestFeedback
from export.training.candidates import Vectors, passage_of
from export.training.documents import (
    DocumentConfig,
    DocumentFeedback,
    collect_document_feedback,
    read_document_feedback,
)
from export.training.feedback_files import write_records
from export.training.requests import Asked, read_asked
from export.training.rewards import reward
from ondevice.bundle import Bundle
from ondevice.errors import InputError, NotFoundError
from ondevice.retrieval.encoding.encoder import Encoder
from tests.export.training.lamp_files import MOVIE, headlines, write_split
from tests.tiny_generator import make_tiny_generator
from tests.tiny_models import make_tiny_encoder

CONFIG = AskConfig(max_tokens=6, threads=1)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return make_tiny_generator(tmp_path_factory.mktemp("models") / "base", context_tokens=1024)


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Encoder]:
    with Encoder.open(make_tiny_encoder(tmp_path_factory.mktemp("models") / "encoder")) as encoder:
        yield encoder


@pytest.fixture(scope="module")
def questions(tmp_path_factory: pytest.TempPathFactory) -> list[Asked]:
    folder = tmp_path_factory.mktemp("lamp")
    write_split(folder / "LaMP_4", *headlines(4, n_items=5))
    return list(read_asked(folder, limit=None, history=1, seed=0))


def collect(
    questions: list[Asked], base: Bundle, encoder: Encoder, store: FeedbackStore | None = None, **settings: Any
) -> list[DocumentFeedback]:
    with Asker(base, CONFIG, FeedbackStore(None) if store is None else store) as asker:
        return collect_document_feedback(
            questions, Vectors(encoder), asker, DocumentConfig(**settings), encoder=encoder.id
        )


@pytest.fixture(scope="module")
def records(questions: list[Asked], base: Bundle, encoder: Encoder) -> list[DocumentFeedback]:
    return collect(questions, base, encoder)


def test_each_item_is_tried_alone_the_nearest_first(questions, base, encoder, records) -> None:
    choices = [asked for asked in questions if len(asked.items) > 1]
    assert len(records) == len(choices) >= 4
    vectors = Vectors(encoder)
    with Asker(base, CONFIG, FeedbackStore(None)) as asker:
        for asked, record in zip(choices, records, strict=True):
            assert record.tried == tuple((place,) for place in range(len(asked.items)))
            assert sorted(record.documents) == sorted(map(passage_of, asked.items))
            nearest = vectors.nearest(asked.query, asked.items, 1)[0]
            assert record.documents[0] == passage_of(asked.items[nearest])
            shown = asker.ask(asked.pair, [asked.items[nearest]])
            assert (record.rewards[0], record.log_likelihoods[0]) == (shown.reward, shown.log_likelihood)
            assert shown.reward == reward("LaMP_4", shown.text, asked.pair.answer)
            assert shown.log_likelihood < 0
            assert record.plain_reward == asker.ask(asked.pair).reward


def test_feedback_does_not_depend_on_the_order_of_the_questions(questions, base, encoder, records) -> None:
    assert collect(list(reversed(questions)), base, encoder) == list(reversed(records))


def test_what_is_known_is_not_asked_again(questions, base, encoder, records, tmp_path, monkeypatch) -> None:
    path = tmp_path / "cache.jsonl"
    with FeedbackStore(path) as store:
        assert collect(questions, base, encoder, store) == records
    monkeypatch.setattr(Asker, "_answered", lambda *_: pytest.fail("asked again"))
    with FeedbackStore(path) as store:
        assert collect(questions, base, encoder, store) == records


def test_another_answer_wanted_is_another_question(questions, base) -> None:
    with Asker(base, CONFIG, FeedbackStore(None)) as asker:
        pair = questions[0].pair
        first = asker.ask(pair)
        assert asker.ask(replace(pair, answer="something else entirely")) != first
        assert asker.ask(pair) == first


def test_sets_are_distinct_and_begin_with_what_would_be_served(questions, base, encoder) -> None:
    records = collect(questions, base, encoder, set_size=3, n_sets=6)
    for record in records:
        size = min(3, len(record.documents))
        assert record.tried[0] == tuple(range(size))
        assert all(len(set(places)) == size for places in record.tried)
        assert len(set(record.tried)) == len(record.tried) <= 6
    assert max(len(record.tried) for record in records) == 6


def test_profiles_without_a_choice_are_left_out(questions, base, encoder) -> None:
    lonely = replace(questions[0], items=questions[0].items[:1])
    assert len(collect([lonely, questions[0]], base, encoder)) == 1
    with pytest.raises(DatasetError, match="two items or more"):
        collect([lonely], base, encoder)


def test_labels_are_weighed_against_each_other(base, encoder, tmp_path) -> None:
    questions, _ = headlines(2)
    for question in questions:
        question["input"] = f"{MOVIE} a film about a river"
        question["profile"] = [
            {"id": str(n), "description": f"film {n} on a river", "tag": tag}
            for n, tag in enumerate(("comedy", "action", "classic"))
        ]
    write_split(tmp_path / "LaMP_2", questions, ["comedy", "action"])
    records = collect(list(read_asked(tmp_path, limit=None, history=0, seed=0)), base, encoder)
    assert all(each in (0.0, 1.0) for record in records for each in record.rewards)
    assert all(each < 0 for record in records for each in record.log_likelihoods)


def test_an_answer_that_is_no_label_is_refused(base, encoder, tmp_path) -> None:
    questions, _ = headlines(2)
    for question in questions:
        question["input"] = f"{MOVIE} a film"
        question["profile"] = [{"id": str(n), "description": f"film {n}", "tag": "no such tag"} for n in range(4)]
    write_split(tmp_path / "LaMP_2", questions, ["comedy", "comedy"])
    with pytest.raises(DatasetError, match="none of the task's labels"):
        collect(list(read_asked(tmp_path, limit=None, history=4, seed=0)), base, encoder)


def test_a_file_gives_back_what_was_written(records, tmp_path) -> None:
    write_records(tmp_path / "feedback.jsonl", records)
    assert read_document_feedback(tmp_path / "feedback.jsonl") == records
    assert [path.name for path in tmp_path.iterdir()] == ["feedback.jsonl"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"rewards": [1.0]}, "line 2: it is no feedback"),
        ({"tried": [[99]]}, "line 2: it is no feedback"),
        ({"encoder": "another"}, "line 2: another encoder"),
        ({"extra": 1}, "line 2: it is no feedback"),
    ],
)
def test_a_wrong_line_is_named(records, tmp_path, change: dict[str, Any], message: str) -> None:
    path = tmp_path / "feedback.jsonl"
    write_records(path, records[:2])
    first, second = path.read_text().splitlines()
    path.write_text(f"{first}\n{json.dumps(json.loads(second) | change)}\n")
    with pytest.raises(DatasetError, match=message):
        read_document_feedback(path)


def test_what_is_no_feedback_file_is_refused(tmp_path) -> None:
    with pytest.raises(NotFoundError):
        read_document_feedback(tmp_path / "none.jsonl")
    (tmp_path / "empty.jsonl").write_text("")
    (tmp_path / "words.jsonl").write_text("words\n")
    for name in ("empty.jsonl", "words.jsonl"):
        with pytest.raises(DatasetError, match="one JSON object a line"):
            read_document_feedback(tmp_path / name)
    (tmp_path / "null.jsonl").write_text('{"key": "a", "text": "x", "reward": null, "log_likelihood": -1.0}\n')
    for name in ("words.jsonl", "null.jsonl"):
        with pytest.raises(InputError, match="line 1: it is not feedback"):
            FeedbackStore(tmp_path / name)


@pytest.mark.parametrize("settings", [{"candidates": 1}, {"set_size": 0}, {"set_size": 16}, {"n_sets": 1}])
def test_numbers_without_a_choice_are_refused(settings: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="or more"):
        DocumentConfig(**settings)


def test_feedback_shows_no_text(records) -> None:
    assert records[0].documents[0] not in repr(records[0])
    assert "secret" not in repr(RequestFeedback(text="secret", reward=0.0, log_likelihood=-1.0))
