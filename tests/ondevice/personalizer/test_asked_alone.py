"""A question that is asked without notes first, while others cancel, close, forget and change the model."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeAlias

import pytest

from ondevice import Completion, EngineConfig, ModelSet, Personalizer, Stream
from ondevice.config import Sampling
from ondevice.errors import ModelMismatchError, NotFoundError
from ondevice.generation import checking
from ondevice.generation.attempts import Attempt
from ondevice.generation.preparation import prepare
from ondevice.generation.prepared import Prepared
from ondevice.generation.request import Request
from tests.tiny_adapters import keep_adapter
from tests.tiny_generator import make_tiny_adapter, make_tiny_generator

NOW = datetime(2026, 3, 18, 9, tzinfo=UTC)
GENERAL = "which planet is large"
NEVER, ALWAYS = 1.1, 0.0
"""So sure the model must be of an answer without notes: it never is, or always."""

Cancel: TypeAlias = Callable[[], bool]
Asks: TypeAlias = Callable[[Personalizer, Callable[[], Prepared]], Completion]


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    make_tiny_generator(folder / "reader", name="reader", reader=make_tiny_adapter(seed=5))
    return folder


@pytest.fixture
def me(models: Path, tmp_path: Path) -> Iterator[Personalizer]:
    given = ModelSet(models, encoder=None, generator="reader", engine=EngineConfig(threads=1))
    with Personalizer.open(tmp_path / "me", app_key=b"k" * 32, models=given) as me:
        me.add("the dentist is on friday", time=NOW)
        yield me


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Keep of each attempt that is begun whether it is one without notes."""
    begun: list[bool] = []
    options = Attempt._options

    def kept(self: Attempt, *given: object) -> object:
        begun.append(not self.prepared.sources)
        return options(self, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(Attempt, "_options", kept)
    return begun


def prepared(me: Personalizer, cancel: Cancel | None = None) -> Prepared:
    """Prepare the question as a profile does whose items are far from it."""
    request = Request(
        text=GENERAL,
        task="chat",
        retriever="hybrid",
        max_tokens=12,
        sampling=Sampling(),
        stop=(),
        cancel=cancel,
        now=NOW,
        on_unsupported="answer",
    )
    hits = me.search("dentist", retriever="bm25")
    return prepare(request, lambda _: hits, me.generator.engine(), nearest=lambda _: 0.1)


def whole(me: Personalizer, prepare: Callable[[], Prepared]) -> Completion:
    return me._responder.generate(prepare)


def streamed(me: Personalizer, prepare: Callable[[], Prepared]) -> Completion:
    with me._responder.stream(prepare) as stream:
        assert "".join(stream) == stream.completion.text
    assert list(stream) == []
    return stream.completion


def poured(me: Personalizer, prepare: Callable[[], Prepared]) -> Completion:
    stream = me._responder.stream(prepare)

    async def read() -> str:
        return "".join([piece async for piece in stream.pieces(asyncio.to_thread)])

    assert asyncio.run(read()) == stream.completion.text
    return stream.completion


WAYS = pytest.mark.parametrize("ask", [whole, streamed, poured])
LEAST = pytest.mark.parametrize("least", [ALWAYS, NEVER])


def beside(me: Personalizer, work: Callable[[], object], *, n_before: int = 4) -> tuple[Cancel, list[threading.Thread]]:
    """Return a ``cancel`` in which another thread does something once, and waits for the answer's end."""
    threads: list[threading.Thread] = []
    n_asked = 0

    def cancel() -> bool:
        nonlocal n_asked
        n_asked += 1
        if n_asked > n_before and not threads:
            threads.append(threading.Thread(target=work))
            threads[0].start()
            while threads[0].is_alive() and not me.generator.engine()._desk.turn.is_claimed():
                threads[0].join(0.001)
        return False

    return cancel, threads


@WAYS
def test_what_is_cancelled_without_notes_is_not_asked_from_them(
    me: Personalizer, ask: Asks, asked: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even where the signal comes and goes, as that of a key does."""
    monkeypatch.setattr(checking, "LEAST_SURE", NEVER)
    signals = iter([False] * 6 + [True])
    answer = ask(me, lambda: prepared(me, lambda: next(signals, False)))
    assert (answer.text, answer.finish_reason, answer.citations) == ("", "cancelled", ())
    assert asked == [True]


@LEAST
def test_another_thread_closes_it_before_anybody_knows_whether_it_is_the_answer(
    me: Personalizer, asked: list[bool], least: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checking, "LEAST_SURE", least)
    begun, closed = threading.Event(), threading.Event()

    def cancel() -> bool:
        begun.set()
        return not closed.wait(60)

    answer = me._responder.stream(lambda: prepared(me, cancel))
    texts: list[str] = []
    reading = threading.Thread(target=lambda: texts.extend(answer))
    reading.start()
    assert begun.wait(60)
    answer.close()
    closed.set()
    reading.join()
    assert (answer.completion.text, answer.completion.finish_reason, texts) == ("", "cancelled", [])
    assert asked == [True]
    assert me.generate("roses", max_tokens=1).n_tokens == 1


def test_it_is_closed_before_anything_is_read(me: Personalizer, asked: list[bool]) -> None:
    with me._responder.stream(lambda: prepared(me)) as answer:
        assert len(answer.sources) == 1
    assert (answer.completion.text, answer.completion.finish_reason, list(answer)) == ("", "cancelled", [])
    assert asked == [True]


def test_a_coroutine_that_goes_away_stops_it(
    me: Personalizer, asked: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checking, "LEAST_SURE", NEVER)
    begun, gone = threading.Event(), threading.Event()

    def cancel() -> bool:
        begun.set()
        return not gone.wait(60)

    async def main() -> Stream:
        answer = me._responder.stream(lambda: prepared(me, cancel))

        async def read() -> None:
            async for _ in answer.pieces(asyncio.to_thread):
                raise AssertionError("nothing is given before it is settled")

        task = asyncio.create_task(read())
        await asyncio.to_thread(begun.wait, 60)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        gone.set()
        while not answer.has_begun:
            await asyncio.sleep(0.001)
        return answer

    assert asyncio.run(main()).completion.finish_reason == "cancelled"
    assert asked == [True]


@WAYS
@LEAST
def test_another_item_is_forgotten_midway_and_it_begins_again(
    me: Personalizer, ask: Asks, least: float, asked: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checking, "LEAST_SURE", least)
    other = me.add("a letter from rome", time=NOW).id
    expected = ask(me, lambda: prepared(me))
    n_asked = len(asked)
    assert asked == ([True] if least == ALWAYS else [True, False])
    cancel, threads = beside(me, lambda: me.forget(other))
    answer = ask(me, lambda: prepared(me, cancel))
    threads[0].join()
    assert (answer.text, answer.finish_reason) == (expected.text, "length")
    assert len(answer.sources) == (0 if least == ALWAYS else 1)
    assert asked[n_asked] is True


@WAYS
@LEAST
def test_its_own_note_is_forgotten_midway(
    me: Personalizer, ask: Asks, least: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checking, "LEAST_SURE", least)
    plain = me.generate(GENERAL, retriever="none", now=NOW, max_tokens=12).text
    (hit,) = me.search("dentist", retriever="bm25")
    cancel, threads = beside(me, lambda: me.forget(hit.item.id))
    once = prepared(me, cancel)
    if least == ALWAYS:
        assert ask(me, lambda: once).text == plain, "no note has a part in it"
    elif ask is whole:
        others = iter([once])
        answer = ask(me, lambda: next(others, None) or prepared(me))
        assert (answer.text, answer.sources) == (plain, ()), "it was prepared again, and no note is left"
    else:
        with pytest.raises(NotFoundError, match="1 of 1 items in the prompt were forgotten"):
            ask(me, lambda: once)
    threads[0].join()


@WAYS
@LEAST
@pytest.mark.parametrize("n_before", [0, 6])
def test_a_model_that_comes_midway_is_asked_as_if_it_had_been_there(
    me: Personalizer, ask: Asks, least: float, n_before: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checking, "LEAST_SURE", least)
    keep_adapter(me, "style", [me.items.list()[0].id])
    me.merged.make("style")
    cancel, threads = beside(me, lambda: me.merged.use("style"), n_before=n_before)
    once = prepared(me, cancel)
    answer = ask(me, lambda: once if me.merged.in_use() is None else prepared(me))
    threads[0].join()
    assert prepared(me).alone is None, "how sure it is was not measured of a merged model"
    assert answer.text == me.answer(prepared(me)).text
    assert (len(answer.sources), answer.support, answer.finish_reason) == (1, None, "length")
    with pytest.raises(ModelMismatchError, match="prepare the request again"):
        me.answer(once)
