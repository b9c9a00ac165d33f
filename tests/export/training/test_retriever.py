"""ROPG on a tiny BERT: it learns a preference that was planted, in both shapes and by each objective."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from export.conversion.about import About
from export.conversion.onnx.encoder import convert_encoder
from export.conversion.onnx.reference import TorchEncoder
from export.errors import ConversionError, DatasetError
from export.training.choices import OBJECTIVES, SHAPES
from export.training.documents import DocumentFeedback
from export.training.fitting import FitConfig
from export.training.notes import read_retriever_note
from export.training.retriever import RetrieverConfig, train_retriever
from ondevice.errors import AdaptationError
from tests.tiny_checkpoints import make_tiny_checkpoint

FIT = FitConfig(learning_rate=3e-3, epochs=6, batch=8, at_once=8, held_out=0.25)
TOPICS = ("coffee", "train", "report", "dog", "piano", "doctor")
FILLERS = ("bread", "hotel", "garden", "novel", "yoga", "rain")
LEARNED = (("kd", "query"), ("rl", "full"), ("rl-sampled", "full"))
"""Each objective and each shape: the one is about scores, the other about which texts are encoded."""


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_checkpoint(tmp_path_factory.mktemp("encoder") / "bert")


def planted(n: int = 24) -> list[DocumentFeedback]:
    """Whatever is asked, the document with the word "ten" helps; the nearest one, which repeats the query, does not."""
    records = []
    for number in range(n):
        random = np.random.default_rng(number)
        topic, other = TOPICS[number % 6], FILLERS[random.integers(6)]
        documents: tuple[str, ...] = (
            f"{topic} {topic}",
            f"{other} one",
            f"{other} ten",
            f"{topic} two",
            f"{other} {other}",
        )
        helps = 2 if number % 5 else 1
        documents = tuple(
            text.replace("ten", "one") if place != helps else text.replace("one", "ten")
            for place, text in enumerate(documents)
        )
        rewards = tuple(1.0 if place == helps else 0.1 for place in range(5))
        records.append(
            DocumentFeedback(
                name=f"q{number}",
                user=f"task/{number % 12}",
                task="LaMP_4",
                query=f"{topic} we",
                documents=documents,
                tried=tuple((place,) for place in range(5)),
                rewards=rewards,
                log_likelihoods=tuple(4 * each - 5 for each in rewards),
                plain_reward=0.2,
                encoder="tiny-1",
                model="llm-1",
            )
        )
    return records


def learn(source: Path, out: Path, records: list[DocumentFeedback] | None = None, **settings: Any) -> Any:
    return train_retriever(
        planted() if records is None else records, source, out, RetrieverConfig(**{"fit": FIT, **settings})
    )


@pytest.mark.parametrize(("objective", "shape"), LEARNED)
def test_a_planted_preference_is_learned(source, tmp_path, objective, shape) -> None:
    slow = shape == "query" or objective == "rl-sampled"
    fit = replace(FIT, learning_rate=6e-3, epochs=14, patience=10) if slow else FIT
    made = learn(source, tmp_path / "out", objective=objective, shape=shape, fit=fit)
    assert made.reward_first == pytest.approx(0.1)
    assert made.reward_trained > 0.7
    assert made.fit.judged[made.fit.best_epoch] == min(made.fit.judged) < made.fit.judged[0]
    assert (made.reward_best, made.reward_none) == (1.0, pytest.approx(0.2))


def test_every_objective_and_every_shape_is_learned() -> None:
    assert [{pair[place] for pair in LEARNED} for place in (0, 1)] == [set(OBJECTIVES), set(SHAPES)]


def test_likelihoods_teach_it_too(source, tmp_path) -> None:
    made = learn(source, tmp_path / "out", signal="likelihood", temperature=1.0)
    assert made.reward_trained > 0.7


def test_sets_teach_single_documents(source, tmp_path) -> None:
    pairs = [
        replace(
            record,
            tried=((0, 1), (0, 2), (1, 3), (2, 4), (3, 4)),
            rewards=tuple(
                max(record.rewards[place] for place in places) for places in ((0, 1), (0, 2), (1, 3), (2, 4), (3, 4))
            ),
        )
        for record in planted()
    ]
    made = learn(source, tmp_path / "out", pairs)
    assert made.reward_trained > made.reward_first


def test_the_folder_becomes_a_bundle_that_computes_the_trained_weights(source, tmp_path) -> None:
    made = learn(source, tmp_path / "out", shape="query", fit=replace(FIT, epochs=1))
    note = read_retriever_note(tmp_path / "out")
    assert note is not None
    assert note.passages == "tiny-1"
    assert json.loads((tmp_path / "out" / "ropg.json").read_text()) == json.loads(json.dumps(made.to_json()))
    manifest = convert_encoder(
        tmp_path / "out",
        tmp_path / "bundle",
        About(name="ropg", version="1", license="CC0-1.0"),
        recipe="fp32",
        passages=note.passages,
    )
    assert manifest.encoder is not None
    assert manifest.encoder.passages == "tiny-1"
    plain = convert_encoder(
        tmp_path / "out", tmp_path / "full", About(name="ropg", version="1", license="MIT"), recipe="fp32"
    )
    assert plain.id != manifest.id  # its vectors are searched otherwise, so it is another encoder


def test_full_training_moves_passages_and_query_training_does_not_need_them(source, tmp_path) -> None:
    from export.conversion.onnx.checkpoint import read_checkpoint

    learn(source, tmp_path / "out", fit=replace(FIT, epochs=1))
    before, after = (
        TorchEncoder.open(read_checkpoint(folder), source / "tokenizer.json").encode_passages(["bread one"])
        for folder in (source, tmp_path / "out")
    )
    assert 0 < np.abs(before - after).max() < 1.5


def test_chance_is_the_seeds(source, tmp_path) -> None:
    first, again = (learn(source, tmp_path / name, fit=replace(FIT, epochs=1)) for name in ("a", "b"))
    assert first.fit.judged == again.fit.judged
    weights = [(tmp_path / name / "model.safetensors").read_bytes() for name in ("a", "b")]
    assert weights[0] == weights[1]


def test_gradients_in_parts_are_the_gradients_of_the_whole(source, tmp_path) -> None:
    judged = [
        learn(source, tmp_path / str(at_once), fit=replace(FIT, epochs=1, at_once=at_once)).fit.judged
        for at_once in (1, 8)
    ]
    assert judged[0] == pytest.approx(judged[1], abs=1e-4)


def test_what_teaches_nothing_is_dropped_and_counted(source, tmp_path) -> None:
    tied = [replace(each, rewards=(0.3,) * 5) for each in planted(6)]
    lonely = [
        replace(each, documents=each.documents[:1], tried=((0,),), rewards=(0.3,), log_likelihoods=(-1.0,))
        for each in planted(3)
    ]
    made = learn(source, tmp_path / "out", [*planted(), *tied, *lonely], fit=replace(FIT, epochs=1))
    assert made.n_dropped == 9
    with pytest.raises(DatasetError, match="0 tell items apart"):
        learn(source, tmp_path / "none", [*tied, *lonely])
    assert not (tmp_path / "none").exists()


def test_profiles_of_different_sizes_share_a_batch(source, tmp_path) -> None:
    short = [
        replace(
            each,
            documents=each.documents[:3],
            tried=each.tried[:3],
            rewards=each.rewards[:3],
            log_likelihoods=each.log_likelihoods[:3],
        )
        if number % 2
        else each
        for number, each in enumerate(planted())
    ]
    assert learn(source, tmp_path / "out", short).reward_trained > 0.7


def test_a_training_that_helps_nobody_leaves_the_encoder_as_it_was(source, tmp_path) -> None:
    random = np.random.default_rng(0)
    noise = [
        replace(each, rewards=tuple(random.permutation(each.rewards).tolist()), query="we our my")
        for each in planted(24)
    ]
    made = learn(source, tmp_path / "out", noise, fit=replace(FIT, learning_rate=5e-2, epochs=2, patience=2))
    assert made.fit.best_epoch == 0
    assert made.reward_trained == pytest.approx(made.reward_trained)
    before, after = (TorchEncoderOf(folder).encode_queries(["bread one"]) for folder in (source, tmp_path / "out"))
    assert np.array_equal(before, after)


def TorchEncoderOf(folder: Path) -> TorchEncoder:  # noqa: N802
    from export.conversion.onnx.checkpoint import read_checkpoint

    return TorchEncoder.open(read_checkpoint(folder), folder / "tokenizer.json")


def test_a_diverging_training_says_so_and_leaves_nothing(source, tmp_path) -> None:
    broken = [replace(each, rewards=(0.1, float("nan"), *each.rewards[2:])) for each in planted()]
    with pytest.raises(AdaptationError, match="diverged"):
        learn(source, tmp_path / "out", broken)
    assert list(tmp_path.iterdir()) == []


def test_feedback_of_two_kinds_is_refused(source, tmp_path) -> None:
    changes: list[dict[str, Any]] = [{"encoder": "tiny-2"}, {"model": "llm-2"}]
    for change in changes:
        mixed = [*planted(8), *(replace(record, **change) for record in planted(8))]
        with pytest.raises(DatasetError, match="different encoders or language models"):
            learn(source, tmp_path / "out", mixed)


def test_nothing_is_overwritten(source, tmp_path) -> None:
    (tmp_path / "out").mkdir()
    with pytest.raises(ConversionError, match="something at 'out'"):
        learn(source, tmp_path / "out")


@pytest.mark.parametrize(
    "settings",
    [{"objective": "ppo"}, {"shape": "half"}, {"signal": "none"}, {"temperature": 0.0}, {"scale": -1.0}],
)
def test_what_is_no_choice_is_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"there is no|above 0"):
        RetrieverConfig(**settings)


@pytest.mark.parametrize("settings", [{"learning_rate": 0.0}, {"epochs": 0}, {"held_out": 1.0}, {"warm_up": 1.0}])
def test_numbers_that_train_nothing_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"must be|above 0"):
        FitConfig(**settings)
