"""Asking the past: who is a candidate, in which order, and what a candidate is worth."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from ondevice.adaptation.lessons.feedback import REQUEST_TOKENS, Feedback, Question, ask, questions, reward
from ondevice.adaptation.lessons.pairs import Pair, item_pairs
from ondevice.bundle import Bundle
from ondevice.config import EngineConfig
from ondevice.generation.llama.engine import Engine
from ondevice.generation.prompts.prompt import build_prompt
from ondevice.records import Item
from tests.tiny_generator import make_tiny_generator

START = datetime(2026, 1, 1, tzinfo=UTC)


def mail(day: int, text: str, title: str, id: str | None = None) -> Item:
    at = START + timedelta(days=day)
    fields = {"title": title} if title else {}
    return Item(id=id or f"m{day}", text=text, kind="email", fields=fields, time=at, added_at=at)


MAILS = [mail(day, f"mail {day} about rain", f"Rain {day}") for day in range(5)]


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    folder: Path = tmp_path_factory.mktemp("bundles") / "tiny-generator"
    make_tiny_generator(folder)
    config = EngineConfig(threads=1, reuse_whole_batches=True)
    with Engine.open(Bundle.open(folder, kind="generator"), config=config) as opened:
        yield opened


def asked(items: list[Item], *, most: int = 16) -> list[Question]:
    """Ask with vectors in which a later day is further from every request."""
    angles = {item.id: 0.1 * place for place, item in enumerate(items)}
    return list(
        questions(
            item_pairs(items, task="LaMP_6"),
            items,
            encode=lambda texts: np.tile(np.array([1.0, 0.0], np.float32), (len(texts), 1)),
            vectors=lambda ids: np.array([[np.cos(angles[i]), np.sin(angles[i])] for i in ids], np.float32),
            count_tokens=lambda text: len(text.split()),
            max_candidates=most,
        )
    )


def shown(question: Question) -> list[str]:
    return [item.id for item in question.candidates]


def test_only_what_came_before_is_a_candidate_and_the_newest_are_asked_first() -> None:
    found = asked(MAILS)
    assert [question.pair.item_ids for question in found] == [("m4",), ("m3",), ("m2",)]
    assert [shown(question) for question in found] == [["m0", "m1", "m2", "m3"], ["m0", "m1", "m2"], ["m0", "m1"]]
    assert found[2].item_ids == ("m2", "m0", "m1")
    assert [shown(question) for question in asked(MAILS, most=2)] == [["m0", "m1"]] * 3


def test_what_gives_the_answer_away_or_makes_no_entry_is_no_candidate() -> None:
    told = [
        *MAILS[:3],
        mail(3, "the answer was Storm", "storm ", "leak"),
        mail(3, "a note", "", "untitled"),
        mail(4, "it blows", "Storm", "target"),
    ]
    newest = asked(told)[0]
    assert newest.pair.item_ids == ("target",)
    assert shown(newest) == ["m0", "m1", "m2"]


def test_a_long_request_is_passed_over() -> None:
    long = mail(9, "rain " * REQUEST_TOKENS, "Long", "long")
    assert [question.pair.item_ids[0] for question in asked([*MAILS, long])] == ["m4", "m3", "m2"]


def test_a_reward_is_the_mean_likelihood_of_the_answer_behind_serving_s_prompt(engine: Engine) -> None:
    pair = Pair(
        request="Generate a subject for the following email: rain", answer="Wet", task="LaMP_6", item_ids=("x",)
    )
    built = build_prompt(pair.request, MAILS[:1], task="LaMP_6", budget_tokens=900, count_tokens=engine.count_tokens)
    assert built.used == (0,)
    expected = engine.log_likelihood(engine.render(built.messages), "Wet").mean()
    shaped = engine.shape(None)
    assert reward(engine, pair, MAILS[0], shaped=shaped) == pytest.approx(float(expected), abs=1e-5)
    assert reward(engine, pair, MAILS[3], shaped=shaped) != pytest.approx(float(expected), abs=1e-5)


def test_every_candidate_is_read_once_and_the_rest_not_once_it_is_ended(engine: Engine) -> None:
    question = asked(MAILS)[0]
    calls: list[int] = []

    def count(until: int) -> bool:
        calls.append(1)
        return len(calls) == until

    feedback = ask(engine, question, after_each=lambda: count(0))
    assert isinstance(feedback, Feedback)
    assert len(calls) == len(feedback.rewards) == 4
    assert np.isfinite(feedback.rewards).all()
    assert np.ptp(feedback.rewards) > 0
    calls.clear()
    assert ask(engine, question, after_each=lambda: count(2)) is None
    assert len(calls) == 2


def test_what_does_not_fit_the_context_has_no_feedback(tmp_path: Path) -> None:
    make_tiny_generator(tmp_path / "tiny", context_tokens=128)
    bundle = Bundle.open(tmp_path / "tiny", kind="generator")
    with Engine.open(bundle, config=EngineConfig(threads=1)) as small:
        long = mail(9, "rain " * 60, "Long")
        assert ask(small, asked([*MAILS, long])[0], after_each=lambda: False) is None


def test_no_text_shows_in_a_repr() -> None:
    text = repr(asked(MAILS)[0])
    assert "rain" not in text.lower()
    assert "array" not in text
