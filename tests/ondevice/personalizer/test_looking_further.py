"""A question that is refused from the first notes is asked with more of them, and what is said then is checked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from ondevice import Completion, EngineConfig, ModelSet, Personalizer
from ondevice.errors import NotFoundError
from ondevice.generation.attempts import Attempt, answered
from ondevice.generation.prepared import Prepared
from ondevice.generation.prompts.refusal import REFUSAL
from tests.scripted_generator import make_scripted_generator

ASKED = "who has the lamp"
SAID = "no idea."
"""What the model refuses with; its bytes cannot say the sentence that real ones are taught."""

Ask: TypeAlias = Callable[..., Completion]


@pytest.fixture
def me(tmp_path: Path) -> Iterator[Personalizer]:
    make_scripted_generator(tmp_path / "models" / "refuses", [SAID])
    given = ModelSet(tmp_path / "models", encoder=None, generator="refuses", engine=EngineConfig(threads=1))
    with Personalizer.open(tmp_path / "me", app_key=b"k" * 32, models=given) as me:
        for number in range(1, 5):
            me.add(f"the lamp is number {number}", time=datetime(2026, 3, number, tzinfo=UTC))
        yield me


def whole(me: Personalizer, **options: Any) -> Completion:
    return me.generate(ASKED, max_tokens=20, **options)


def streamed(me: Personalizer, **options: Any) -> Completion:
    with me.stream(ASKED, max_tokens=20, **options) as answer:
        pieces = list(answer)
    assert "".join(pieces) == answer.completion.text
    return answer.completion


def poured(me: Personalizer, **options: Any) -> Completion:
    answer = me.stream(ASKED, max_tokens=20, **options)

    async def read() -> str:
        return "".join([piece async for piece in answer.pieces(asyncio.to_thread)])

    assert asyncio.run(read()) == answer.completion.text
    return answer.completion


WAYS = pytest.mark.parametrize("ask", [whole, streamed, poured])


@WAYS
@pytest.mark.parametrize(
    ("options", "times"),
    [
        ({"on_unsupported": "say", "k": 2}, 2),
        ({"on_unsupported": "empty", "k": 1}, 2),
        ({"on_unsupported": "answer", "k": 2}, 1),  # it is given as it comes
        ({"on_unsupported": "say", "k": 4}, 1),  # there are no more notes
        ({"on_unsupported": "say", "retriever": "none"}, 1),
    ],
)
def test_a_refusal_that_is_confirmed_is_the_answer_to_the_first_notes(
    me: Personalizer, ask: Ask, options: dict[str, Any], times: int
) -> None:
    answer = ask(me, **options)
    assert (answer.text, answer.finish_reason) == (SAID, "stop")
    assert answer.n_tokens == times * len(SAID)
    assert len(answer.sources) == (0 if "retriever" in options else options["k"])


def asked_of(me: Personalizer, further: Callable[[Completion], Completion]) -> Completion:
    """Answer as the model does from the first notes, and from more of them with what ``further`` makes of that."""
    prepared = me.prepare(ASKED, max_tokens=20, k=2, on_unsupported="say")

    def ask(attempt: Attempt) -> Completion:
        said = attempt.generate(me.generator.engine(), None)
        return further(said) if attempt.is_further else said

    return answered(prepared, ask)


def test_what_is_said_to_more_notes_is_the_answer_where_it_is_supported(me: Personalizer) -> None:
    answer = asked_of(me, lambda said: replace(said, text="Number 4.", support=0.9, is_supported=True))
    assert (answer.text, len(answer.sources)) == ("Number 4.", 4)
    assert answer.n_tokens == 2 * len(SAID)
    assert answer.timings_ms["total"] >= answer.timings_ms["read"] + answer.timings_ms["generate"]


@pytest.mark.parametrize(
    "further",
    [
        {"text": "Number 9.", "support": 0.1, "is_supported": False},
        {"text": "Number 9.", "support": None, "is_supported": None},  # another model has come, which is not checked
        {"text": REFUSAL, "support": 0.0, "is_supported": True},
    ],
)
def test_otherwise_the_refusal_stays(me: Personalizer, further: dict[str, Any]) -> None:
    answer = asked_of(me, lambda said: replace(said, **further))
    assert (answer.text, len(answer.sources), answer.n_tokens) == (SAID, 2, 2 * len(SAID))
    assert answer.timings_ms["total"] >= answer.timings_ms["read"] + answer.timings_ms["generate"]


def test_what_is_cancelled_meanwhile_says_nothing_of_the_notes(me: Personalizer) -> None:
    answer = asked_of(me, lambda said: replace(said, text="Num", finish_reason="cancelled"))
    assert (answer.text, answer.finish_reason, answer.citations) == ("", "cancelled", ())


def test_one_of_more_notes_is_forgotten_before_they_are_read_and_others_take_its_place(me: Personalizer) -> None:
    first = me.prepare(ASKED, max_tokens=20, k=2, on_unsupported="say")
    further = first.further
    assert further is not None

    def forgets() -> Prepared:
        more = further()
        shown = {hit.item.id for hit in first.sources}
        me.forget(next(hit.item.id for hit in more.sources if hit.item.id not in shown))
        return more

    once = replace(first, further=forgets)
    answer = me.answer(once)
    assert (answer.text, answer.n_tokens) == (SAID, 2 * len(SAID))
    stream = me._responder.stream(lambda: replace(first, further=forgets))
    assert "".join(stream) == SAID


def test_one_of_the_first_notes_is_forgotten(me: Personalizer) -> None:
    first = me.prepare(ASKED, max_tokens=20, k=2, on_unsupported="say")
    me.forget(first.sources[0].item.id)
    with pytest.raises(NotFoundError):
        me.answer(first)
