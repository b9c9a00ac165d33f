"""A model that reads numbered notes names its sources, and what it makes up is told, asked again, or withheld."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ondevice import Completion, EngineConfig, Message, ModelSet, Personalizer, Sampling
from ondevice.bundle import SupportSpec
from ondevice.cli.views import resting_lines
from ondevice.errors import NotFoundError
from ondevice.generation.prompts.refusal import REFUSAL
from tests.scripted_generator import make_scripted_generator

KEY = b"k" * 32
ASKED = "who has the lamp"
HELPED, LOST = Sampling(seed=0), Sampling(seed=1)
"""The second answer is drawn with the next seed: with one the true script, with the other the false one again."""


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    make_scripted_generator(folder / "invents", ["[1] hm,Zed.", "[1] hm,Rub."])
    make_scripted_generator(folder / "knows", ["[2] Rub."])
    make_scripted_generator(folder / "refuses", ["[1]no idea."])
    make_scripted_generator(folder / "guesses", ["[1]no idea,Zyx."])
    make_scripted_generator(folder / "plain", ["[1] hm,Zed."], reads_notes=False)
    for name, least in (("sure", 0.1), ("doubts", 0.9)):
        spec = SupportSpec(intercept=0.0, likelihood=0.0, overlap=1.0, least=least)
        make_scripted_generator(folder / name, ["[2] Rub."], support=spec)
    return folder


@pytest.fixture
def open_one(models: Path, tmp_path: Path) -> Iterator[Callable[[str], Personalizer]]:
    opened: list[Personalizer] = []

    def open_one(name: str) -> Personalizer:
        given = ModelSet(models, encoder=None, generator=name, engine=EngineConfig(threads=1))
        me = Personalizer.open(tmp_path / name, app_key=KEY, models=given)
        opened.append(me)
        me.add("Rub has the lamp", time=datetime(2026, 3, 17, tzinfo=UTC))
        me.add("the lamp is green", time=datetime(2026, 3, 4, tzinfo=UTC))
        return me

    yield open_one
    for me in opened:
        me.close()


def generate(me: Personalizer, **options: Any) -> Completion:
    return me.generate(ASKED, max_tokens=20, **options)


def stream(me: Personalizer, **options: Any) -> Completion:
    with me.stream(ASKED, max_tokens=20, **options) as answer:
        pieces = list(answer)
    assert "".join(pieces) == answer.completion.text
    assert "" not in pieces
    return answer.completion


def pour(me: Personalizer, **options: Any) -> Completion:
    answer = me.stream(ASKED, max_tokens=20, **options)

    async def read() -> str:
        return "".join([piece async for piece in answer.pieces(asyncio.to_thread)])

    assert asyncio.run(read()) == answer.completion.text
    return answer.completion


WAYS = pytest.mark.parametrize("ask", [generate, stream, pour])
Ask = Callable[..., Completion]


@WAYS
def test_an_answer_names_the_notes_it_rests_on(open_one: Callable[[str], Personalizer], ask: Ask) -> None:
    me = open_one("knows")
    answer = ask(me)
    assert answer.text == "Rub."
    (citation,) = answer.citations
    assert (citation.start, citation.end, citation.made_up) == (0, 4, ())
    assert [me.items.get(item_id).text for item_id in citation.item_ids] == ["Rub has the lamp"]
    assert answer.support == 1.0
    assert set(citation.item_ids) <= {hit.item.id for hit in answer.sources}


@WAYS
def test_what_is_made_up_is_told(open_one: Callable[[str], Personalizer], ask: Ask) -> None:
    answer = ask(open_one("invents"), on_unsupported="answer")
    assert answer.text == "hm,Zed."
    assert [citation.made_up for citation in answer.citations] == [("Zed",)]
    assert (answer.support, answer.is_supported) == (0.0, False)
    assert "Zed" not in repr(answer)


@WAYS
def test_what_stands_in_another_note_is_cited_from_there_and_in_several_others_it_is_withheld(
    open_one: Callable[[str], Personalizer], ask: Ask
) -> None:
    me = open_one("invents")
    wanted = {"on_unsupported": "say", "sampling": LOST, "k": 4}
    assert ask(me, **wanted).text == REFUSAL
    has_it = me.add("Zed has the lamp", time=datetime(2026, 3, 18, tzinfo=UTC))
    answer = ask(me, **wanted)
    assert (answer.text, answer.is_supported) == ("hm,Zed.", True)
    assert [(each.item_ids, each.elsewhere) for each in answer.citations] == [((has_it.id,), ())]
    me.add("Zed broke the lamp", time=datetime(2026, 3, 19, tzinfo=UTC))
    told = ask(me, on_unsupported="answer", sampling=LOST, k=4)
    assert [(each.made_up, each.elsewhere) for each in told.citations] == [((), ("Zed",))]
    assert told.is_supported is False
    assert resting_lines(told)[-1] == "in other notes only: Zed"
    withheld = ask(me, **wanted)
    assert (withheld.text, withheld.citations) == (REFUSAL, ())
    assert withheld.n_tokens > told.n_tokens, "it was asked once more"


@pytest.mark.parametrize(("n_words", "made_up"), [(100, ()), (200, ("Zed",))])
def test_what_stands_at_the_unseen_end_of_a_long_note_is_made_up(
    open_one: Callable[[str], Personalizer], n_words: int, made_up: tuple[str, ...]
) -> None:
    me = open_one("invents")
    filler = "It was warm, and nothing else was said. " * (n_words // 8)
    long = me.add(f"the lamp was bought. {filler}In the end it went to Zed.", time=datetime(2026, 3, 1, tzinfo=UTC))
    prepared = me.prepare(ASKED, max_tokens=20, on_unsupported="answer")
    assert ("Zed" in prepared.prompt) is not bool(made_up)
    answer = me.answer(prepared)
    assert answer.text == "hm,Zed."
    assert [(each.item_ids, each.made_up) for each in answer.citations] == [((long.id,), made_up)]


@WAYS
def test_the_support_is_as_the_models_bundle_says_and_an_answer_with_less_than_the_least_is_withheld(
    open_one: Callable[[str], Personalizer], ask: Ask
) -> None:
    sure = ask(open_one("sure"), on_unsupported="say")
    assert (sure.text, sure.is_supported) == ("Rub.", True)
    me = open_one("doubts")
    told = ask(me, on_unsupported="answer")
    assert told.text == "Rub."
    assert told.support == pytest.approx(1 / (1 + math.exp(-1)))
    assert told.is_supported is False
    assert resting_lines(told)[-1] == "little support: 0.73"
    withheld = ask(me, on_unsupported="say")
    assert (withheld.text, withheld.support, withheld.citations) == (REFUSAL, 0.0, ())
    assert ask(me, on_unsupported="empty").text == ""
    assert withheld.n_tokens == 2 * told.n_tokens, "it was asked once more"


@WAYS
def test_nothing_is_asked_twice_where_there_are_no_notes(open_one: Callable[[str], Personalizer], ask: Ask) -> None:
    me = open_one("doubts")
    once = ask(me, retriever="none", on_unsupported="answer")
    withheld = ask(me, retriever="none", on_unsupported="say")
    assert (withheld.text, withheld.n_tokens) == (REFUSAL, once.n_tokens)


def test_by_default_a_whole_answer_is_checked_and_a_stream_is_not_held_back(
    open_one: Callable[[str], Personalizer],
) -> None:
    me = open_one("invents")
    assert generate(me).text == "hm,Rub.", "asked once more"
    assert stream(me).text == pour(me).text == "hm,Zed."
    assert stream(me, on_unsupported=None).text == "hm,Zed."
    assert generate(me, labels=("Rub", "Zed")).text in ("Rub", "Zed")


@WAYS
@pytest.mark.parametrize("wanted", ["say", "empty"])
def test_it_is_asked_once_more_where_that_is_wanted(
    open_one: Callable[[str], Personalizer], ask: Ask, wanted: str
) -> None:
    me = open_one("invents")
    once = ask(me, on_unsupported="answer")
    answer = ask(me, on_unsupported=wanted, sampling=HELPED)
    assert answer.text == "hm,Rub."
    assert [citation.made_up for citation in answer.citations] == [()]
    assert answer.n_tokens == 2 * once.n_tokens


@WAYS
@pytest.mark.parametrize(("wanted", "text"), [("say", REFUSAL), ("empty", "")])
def test_it_is_withheld_where_it_is_made_up_again(
    open_one: Callable[[str], Personalizer], ask: Ask, wanted: str, text: str
) -> None:
    answer = ask(open_one("invents"), on_unsupported=wanted, sampling=LOST)
    assert (answer.text, answer.citations, answer.support, answer.finish_reason) == (text, (), 0.0, "stop")
    assert len(answer.sources) == 2


@WAYS
def test_a_refusal_needs_no_support_but_may_not_make_things_up(
    open_one: Callable[[str], Personalizer], ask: Ask
) -> None:
    honest = ask(open_one("refuses"), on_unsupported="say")
    assert (honest.text, honest.support, honest.is_supported) == ("no idea.", 0.0, True)
    me = open_one("guesses")
    told = ask(me, on_unsupported="answer")
    assert [citation.made_up for citation in told.citations] == [("Zyx",)]
    assert (told.text, told.support, told.is_supported) == ("no idea,Zyx.", 0.0, False)
    assert ask(me, on_unsupported="say").text == REFUSAL


@WAYS
def test_what_the_request_or_the_conversation_says_is_not_made_up(
    open_one: Callable[[str], Personalizer], ask: Ask
) -> None:
    me = open_one("invents")
    earlier = [Message(role="user", content="I met Zed."), Message(role="assistant", content="Good.")]
    assert ask(me, earlier=earlier, on_unsupported="say").text == "hm,Zed."
    assert ask(me, system="You are Zed.", on_unsupported="say").text == "hm,Zed."
    invented = [Message(role="user", content="I met her."), Message(role="assistant", content="Zed?")]
    assert ask(me, earlier=invented, on_unsupported="say", sampling=LOST).text == REFUSAL


@WAYS
def test_a_model_in_the_plain_form_cites_nothing(open_one: Callable[[str], Personalizer], ask: Ask) -> None:
    me = open_one("plain")
    answer = ask(me)
    assert (answer.text, answer.citations, answer.support) == ("[1] hm,Zed.", (), None)
    with pytest.raises(ValueError, match="needs a language model that reads numbered notes"):
        ask(me, on_unsupported="say")


def test_answers_of_a_given_form_cite_nothing(open_one: Callable[[str], Personalizer]) -> None:
    me = open_one("invents")
    for options in ({"labels": ["[1]", "no"]}, {"grammar": 'root ::= "[1] " "Zed"'}):
        answer = generate(me, **options)
        assert (answer.citations, answer.support) == ((), None)
        with pytest.raises(ValueError, match="checks free text: leave out labels, json_schema and grammar"):
            generate(me, on_unsupported="empty", **options)
    with pytest.raises(ValueError, match="on_unsupported is one of answer, say, empty, not 'shout'"):
        generate(me, on_unsupported="shout")


def test_a_stream_that_is_held_back_gives_nothing_before_it_is_checked(open_one: Callable[[str], Personalizer]) -> None:
    me = open_one("invents")
    held = me.stream(ASKED, max_tokens=20, on_unsupported="say", sampling=LOST)
    assert not held.has_begun
    assert list(held) == [REFUSAL]
    assert held.has_begun
    closed = me.stream(ASKED, max_tokens=20, on_unsupported="say")
    closed.close()
    assert (closed.completion.text, closed.completion.finish_reason) == ("", "cancelled")


@pytest.mark.parametrize("n_asked", [6, 11])
def test_a_held_answer_that_is_cancelled_gives_nothing_unchecked(
    open_one: Callable[[str], Personalizer], n_asked: int
) -> None:
    me = open_one("invents")
    for ask in (generate, stream):
        asked = 0

        def cancel() -> bool:
            nonlocal asked
            asked += 1
            return asked > n_asked

        answer = ask(me, on_unsupported="say", sampling=LOST, cancel=cancel)
        assert answer.finish_reason == "cancelled"
        assert "Z" not in answer.text


@WAYS
@pytest.mark.parametrize("n_asked", [0, 6, 9])
def test_a_cancelled_answer_does_not_claim_that_the_notes_do_not_say(
    open_one: Callable[[str], Personalizer], ask: Ask, n_asked: int
) -> None:
    me = open_one("doubts")
    asked = 0

    def cancel() -> bool:
        nonlocal asked
        asked += 1
        return asked > n_asked

    answer = ask(me, on_unsupported="say", cancel=cancel)
    assert (answer.text, answer.finish_reason, answer.citations) == ("", "cancelled", ())


def test_a_stream_closed_midway_says_what_it_gave(open_one: Callable[[str], Personalizer]) -> None:
    answer = open_one("knows").stream(ASKED, max_tokens=20)
    first = next(iter(answer))
    answer.close()
    assert (first, answer.completion.text) == ("R", "R")
    assert [len(citation.item_ids) for citation in answer.completion.citations] == [1]


def test_an_answer_whose_notes_are_forgotten_is_not_asked_again(open_one: Callable[[str], Personalizer]) -> None:
    me = open_one("invents")
    held = me.stream(ASKED, max_tokens=20, on_unsupported="say")
    me.forget(held.sources[0].item.id)
    with pytest.raises(NotFoundError):
        list(held)
