"""Apps with an event loop: calls in threads, answers in pieces, many users at once, and clients that go away."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from pathlib import Path

import pytest

from ondevice import EngineConfig, ModelSet, Personalizer, SharedModels
from ondevice.errors import NotFoundError

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
