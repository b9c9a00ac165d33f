"""A model that refuses is made to name a note, and what it says then counts where it is likely enough right."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from ondevice import Completion, EngineConfig, ModelSet, Personalizer
from ondevice.bundle import SupportSpec
from ondevice.errors import NotFoundError
from ondevice.generation.prompts import refusal
from tests.scripted_generator import make_scripted_generator

ASKED = "who has the lamp"
SAID = "no idea."
"""What the models here refuse with: their bytes cannot say the sentence that real ones are taught."""
SPEC = SupportSpec(intercept=0.0, likelihood=0.0, overlap=1.0, least=0.1, insisted=0.2)
SCRIPTS = {
    "knows": ([SAID, "[2]Rub."], SPEC),
    "doubts": ([SAID, "[2]Rub."], replace(SPEC, insisted=0.999)),
    "invents": ([SAID, "[2]hm,Zyx."], SPEC),
    "goes-on": (["no idea,Zyx.", "[2]Rub."], SPEC),
    "obeys": ([SAID, "[2]Rub."], replace(SPEC, insisted=None)),
    "answers": (["[2]Rub.", SAID], SPEC),
}

Ask: TypeAlias = Callable[..., Completion]


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    for name, (scripts, spec) in SCRIPTS.items():
        make_scripted_generator(folder / name, scripts, support=spec)
    return folder


@pytest.fixture
def open_one(models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Personalizer]]:
    monkeypatch.setattr(refusal, "REFUSAL", SAID)
    opened: list[Personalizer] = []

    def open_one(name: str) -> Personalizer:
        given = ModelSet(models, encoder=None, generator=name, engine=EngineConfig(threads=1))
        opened.append(Personalizer.open(tmp_path / name, app_key=b"k" * 32, models=given))
        opened[-1].add("Rub has the lamp", time=datetime(2026, 3, 17, tzinfo=UTC))
        opened[-1].add("the lamp is green", time=datetime(2026, 3, 4, tzinfo=UTC))
        return opened[-1]

    yield open_one
    for me in opened:
        me.close()


def whole(me: Personalizer, **options: Any) -> Completion:
    return me.generate(ASKED, max_tokens=20, **options)


def streamed(me: Personalizer, **options: Any) -> Completion:
    with me.stream(ASKED, max_tokens=20, **options) as answer:
        pieces = list(answer)
    assert "".join(pieces) == answer.completion.text
    assert "" not in pieces
    return answer.completion


def poured(me: Personalizer, **options: Any) -> Completion:
    answer = me.stream(ASKED, max_tokens=20, **options)

    async def read() -> str:
        return "".join([piece async for piece in answer.pieces(asyncio.to_thread)])

    assert asyncio.run(read()) == answer.completion.text
    return answer.completion


WAYS = pytest.mark.parametrize("ask", [whole, streamed, poured])
WANTED = pytest.mark.parametrize("wanted", ["answer", "say"])


@WAYS
@WANTED
def test_what_it_says_when_it_must_name_a_note_takes_the_place_of_its_refusal(
    open_one: Callable[[str], Personalizer], ask: Ask, wanted: str
) -> None:
    answer = ask(open_one("knows"), on_unsupported=wanted)
    assert (answer.text, answer.is_supported, answer.finish_reason) == ("Rub.", True, "stop")
    assert [len(citation.item_ids) for citation in answer.citations] == [1]
    assert answer.n_tokens == len(SAID) + len("[2]Rub."), "both were asked for"
    assert answer.timings_ms["total"] >= answer.timings_ms["read"] + answer.timings_ms["generate"]


@WAYS
@WANTED
@pytest.mark.parametrize("name", ["doubts", "invents", "obeys"])
def test_a_refusal_stays_where_that_is_doubtful_made_up_or_not_asked_for(
    open_one: Callable[[str], Personalizer], ask: Ask, wanted: str, name: str
) -> None:
    answer = ask(open_one(name), on_unsupported=wanted)
    assert (answer.text, answer.support, answer.is_supported) == (SAID, 0.0, True)
    assert [citation.item_ids for citation in answer.citations] == [()]
    assert (answer.n_tokens == len(SAID)) is (name == "obeys")


@WAYS
def test_other_words_that_refuse_are_taken_at_their_word(open_one: Callable[[str], Personalizer], ask: Ask) -> None:
    """They were given as they came, so that nothing can take their place."""
    answer = ask(open_one("goes-on"), on_unsupported="answer")
    assert answer.text == "no idea,Zyx."


@WAYS
def test_stop_strings_forbid_a_form_that_an_answer_must_have(open_one: Callable[[str], Personalizer], ask: Ask) -> None:
    assert ask(open_one("knows"), on_unsupported="answer", stop=["xyz"]).text == SAID


def test_a_stream_holds_back_what_may_be_a_refusal_and_nothing_else(open_one: Callable[[str], Personalizer]) -> None:
    with open_one("answers").stream(ASKED, max_tokens=20) as answer:
        assert list(answer) == ["R", "u", "b", "."]
    with open_one("goes-on").stream(ASKED, max_tokens=20) as answer:
        assert list(answer)[:2] == ["no idea,", "Z"]
    with open_one("knows").stream(ASKED, max_tokens=20) as answer:
        assert list(answer) == ["Rub."]


@pytest.mark.parametrize("wanted", ["answer", "say"])
@pytest.mark.parametrize("ask", [whole, streamed])
def test_what_is_cancelled_meanwhile_says_nothing_of_the_notes(
    open_one: Callable[[str], Personalizer], ask: Ask, wanted: str
) -> None:
    me = open_one("knows")
    calls: list[None] = []
    n_calls = len(SAID) + 4  # in the second answer

    def cancel() -> bool:
        calls.append(None)
        return len(calls) > n_calls

    answer = ask(me, on_unsupported=wanted, cancel=cancel)
    assert (answer.text, answer.finish_reason, answer.citations) == ("", "cancelled", ())


def test_a_note_that_is_forgotten_between_the_two_has_no_part_in_the_second(
    open_one: Callable[[str], Personalizer],
) -> None:
    me = open_one("knows")
    answer = me.stream(ASKED, max_tokens=20)
    while answer._attempt.names_note is False:
        assert answer._take() == ""
    me.forget(answer.sources[0].item.id)
    with pytest.raises(NotFoundError):
        list(answer)
