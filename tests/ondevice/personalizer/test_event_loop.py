"""Apps with an event loop: calls in threads, answers in pieces, many users at once, and clients that go away."""

from __future__ import annotations

import asyncio
import gc
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from itertools import count
from pathlib import Path
from typing import TypeVar

import pytest

from ondevice import EngineConfig, ModelSet, Personalizer, SharedModels, Stream
from ondevice.errors import NotFoundError

T = TypeVar("T")
KEY = b"k" * 32
REQUEST = "where is the cat"


@pytest.fixture
def shared(app_models: Path) -> Iterator[SharedModels]:
    engine = EngineConfig(threads=1, reuse_whole_batches=True)
    with SharedModels(ModelSet(app_models, encoder=None, generator="tiny-generator", engine=engine)) as models:
        yield models


@pytest.fixture
def me(shared: SharedModels, tmp_path: Path) -> Iterator[Personalizer]:
    with Personalizer.open(tmp_path / "me", app_key=KEY, models=shared) as opened:
        opened.add("The cat sleeps in Lyon.")
        yield opened


def n_answering() -> int:
    return sum(thread.name == "ondevice-answer" for thread in threading.enumerate())


async def gone(deadline: float = 30.0) -> None:
    until = time.monotonic() + deadline
    while n_answering():
        assert time.monotonic() < until
        await asyncio.sleep(0.01)


def test_a_stream_gives_a_coroutine_what_it_gives_a_thread(me: Personalizer) -> None:
    with me.stream(REQUEST, max_tokens=8) as stream:
        expected = list(stream)

    async def read() -> list[str]:
        answer = me.stream(REQUEST, max_tokens=8)
        pieces = [piece async for piece in answer.pieces(asyncio.to_thread)]
        assert answer.completion.text == "".join(pieces)
        return pieces

    assert asyncio.run(read()) == expected


def test_the_loop_goes_on_while_the_model_works(me: Personalizer) -> None:
    async def main() -> int:
        n_beats = 0

        async def beat() -> None:
            nonlocal n_beats
            while True:
                n_beats += 1
                await asyncio.sleep(0)

        heart = asyncio.create_task(beat())
        await asyncio.to_thread(me.generate, REQUEST, max_tokens=16)
        heart.cancel()
        return n_beats

    assert asyncio.run(main()) > 10


def test_a_client_that_goes_away_stops_the_model_and_frees_it_for_the_next(me: Personalizer) -> None:
    async def main() -> None:
        answer = me.stream(REQUEST, max_tokens=400)

        async def serve() -> None:
            async for _ in answer.pieces(asyncio.to_thread):
                await asyncio.sleep(0)

        task = asyncio.create_task(serve())
        while not answer.has_begun:
            await asyncio.sleep(0.001)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await gone()
        assert answer.completion.finish_reason == "cancelled"
        assert (await asyncio.to_thread(me.generate, REQUEST, max_tokens=1)).n_tokens > 0

    asyncio.run(main())


def test_leaving_the_loop_early_stops_the_model(me: Personalizer) -> None:
    async def main() -> None:
        answer = me.stream(REQUEST, max_tokens=400)
        pieces: AsyncIterator[str] = answer.pieces(asyncio.to_thread)
        async with aclosing(pieces) as reading:  # type: ignore[type-var]
            async for _ in reading:
                break
        await gone()
        assert answer.completion.finish_reason == "cancelled"

    asyncio.run(main())


def test_an_error_reaches_the_coroutine(me: Personalizer) -> None:
    async def main() -> None:
        answer = me.stream(REQUEST, max_tokens=4)
        await asyncio.to_thread(me.forget, answer.sources[0].item.id)
        with pytest.raises(NotFoundError, match="were forgotten"):
            async for _ in answer.pieces(asyncio.to_thread):
                pass

    asyncio.run(main())


def test_many_users_of_one_process_share_one_model(shared: SharedModels, tmp_path: Path) -> None:
    names = ("ann", "bob", "cat", "dan", "eve")

    async def live(name: str) -> tuple[str, set[str]]:
        with Personalizer.open(tmp_path / name, app_key=KEY, models=shared) as me:
            await asyncio.to_thread(me.add, f"{name} saw the roses")
            answer = me.stream("who saw the roses?", max_tokens=6)
            text = "".join([piece async for piece in answer.pieces(asyncio.to_thread)])
            assert text == answer.completion.text
            return name, {hit.item.text.split()[0] for hit in answer.sources}

    async def main() -> list[tuple[str, set[str]]]:
        return await asyncio.gather(*(live(name) for name in names))

    assert asyncio.run(main()) == [(name, {name}) for name in names]


def test_a_loop_that_is_closed_midway_stops_the_model(me: Personalizer) -> None:
    asked, may_go_on = count(), threading.Event()
    answer = me.stream(REQUEST, max_tokens=80, cancel=lambda: next(asked) > 10 and not may_go_on.wait(60))
    pieces = answer.pieces(asyncio.to_thread)
    loop = asyncio.new_event_loop()
    loop.run_until_complete(anext(pieces))
    loop.close()
    del pieces
    gc.collect()
    may_go_on.set()
    asyncio.run(gone())
    assert answer.completion.finish_reason == "cancelled"


def test_whoever_waits_for_a_turn_leaves_the_loop_s_threads_to_others(me: Personalizer) -> None:
    may_go_on = threading.Event()

    async def main() -> None:
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(2))
        first = me.stream(REQUEST, max_tokens=2, cancel=lambda: not may_go_on.wait(60))
        answers = [first, *(me.stream(REQUEST, max_tokens=2) for _ in range(4))]

        async def read(answer: Stream) -> int:
            return len([piece async for piece in answer.pieces(asyncio.to_thread)])

        reading = [asyncio.create_task(read(answer)) for answer in answers]
        await asyncio.sleep(0)
        assert await asyncio.to_thread(me.items.list)
        may_go_on.set()
        assert min(await asyncio.gather(*reading)) > 0

    asyncio.run(main())


def test_a_loop_that_cannot_abandon_a_thread_is_let_go_all_the_same(me: Personalizer) -> None:
    """As trio and anyio await a thread: a cancelled task waits until the call has returned."""

    async def shielded(call: Callable[[], T]) -> T:
        inside = asyncio.create_task(asyncio.to_thread(call))
        try:
            return await asyncio.shield(inside)
        except asyncio.CancelledError:
            await inside
            raise

    async def main() -> None:
        with me.stream(REQUEST, max_tokens=2) as open_elsewhere:
            next(iter(open_elsewhere))
            answer = me.stream(REQUEST, max_tokens=2)

            async def read() -> None:
                async for _ in answer.pieces(shielded):
                    pass

            task = asyncio.create_task(read())
            await asyncio.sleep(0.01)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            await gone()
            assert answer.completion.finish_reason == "cancelled"

    asyncio.run(main())


def test_pieces_are_given_to_one_reader(me: Personalizer) -> None:
    async def main() -> None:
        answer = me.stream(REQUEST, max_tokens=16)

        async def read() -> str:
            return "".join([piece async for piece in answer.pieces(asyncio.to_thread)])

        first, second = await asyncio.gather(read(), read(), return_exceptions=True)
        assert first == answer.completion.text
        assert isinstance(second, ValueError)
        assert "once" in str(second)

    asyncio.run(main())


def test_a_way_to_threads_that_fails_stops_the_model(me: Personalizer) -> None:
    async def no_thread(call: Callable[[], T]) -> T:
        raise RuntimeError("no thread left")

    async def main() -> None:
        answer = me.stream(REQUEST, max_tokens=400)
        with pytest.raises(RuntimeError, match="no thread left"):
            await anext(answer.pieces(no_thread))
        await gone()
        assert answer.completion.finish_reason == "cancelled"

    asyncio.run(main())


def test_a_thread_may_close_what_another_reads(me: Personalizer) -> None:
    def reading() -> bool:
        begun.set()
        return not closed.wait(60)

    begun, closed = threading.Event(), threading.Event()
    answer = me.stream(REQUEST, max_tokens=80, cancel=reading)
    texts: list[str] = []
    thread = threading.Thread(target=lambda: texts.append("".join(answer)))
    thread.start()
    assert begun.wait(60)
    with pytest.raises(ValueError, match="one reader"):
        next(iter(answer))
    answer.close()
    closed.set()
    thread.join()
    assert (answer.completion.finish_reason, [answer.completion.text]) == ("cancelled", texts)
    assert me.generate(REQUEST, max_tokens=1).n_tokens == 1
