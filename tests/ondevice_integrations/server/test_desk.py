"""What becomes of an answer whose client has gone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import anyio
import pytest
from starlette.requests import Request
from starlette.types import Message

from ondevice_integrations.profiles import HeldProfile, ProfileChoice
from ondevice_integrations.secrets_in import SecretSource
from ondevice_integrations.server.desk import MAX_ANSWERS, Desk
from ondevice_integrations.server.refusals import Refusal
from tests.served_profiles import GENERATOR, make_served_profile, models_in


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HeldProfile]:
    folder = make_served_profile(tmp_path_factory.mktemp("desk"))
    with Path(folder / "secret.txt").open() as secret:
        source = SecretSource(passphrase_fd=secret.fileno())
        choice = ProfileChoice(profile=folder / "me.profile", secret=source, models=models_in(folder))
        profile = HeldProfile(choice)
        yield profile
        profile.close()


def request_of(kind: str) -> Request:
    async def receive() -> Message:
        if kind == "stays":
            await anyio.sleep_forever()
        return {"type": "http.disconnect"}

    return Request({"type": "http", "method": "POST", "path": "/", "headers": []}, receive)


def test_the_model_stops_when_the_client_has_gone(held: HeldProfile) -> None:
    async def ask() -> None:
        desk = Desk(held, generator=GENERATOR, encoder=None)
        done = await desk.answer(request_of("stays"), "When?", {"retriever": "none"})
        assert (done.text, done.finish_reason) == ("At 7.", "stop")
        with held.use() as me:
            stream = me.stream("When?", retriever="none")
            first = next(iter(stream))  # the model's turn is taken, so that the client is gone before its own
            async with anyio.create_task_group() as group:
                group.start_soon(leave, desk)
                await anyio.sleep(0.1)
                stream.close()
        assert first

    async def leave(desk: Desk) -> None:
        left = await desk.answer(request_of("goes"), "When?", {"retriever": "none"})
        assert left.finish_reason == "cancelled"

    anyio.run(ask)


def test_a_stream_that_nobody_reads_lets_go_of_everything(held: HeldProfile) -> None:
    async def ask() -> None:
        desk = Desk(held, generator=GENERATOR, encoder=None)
        opened = [await desk.open_stream("When?", {"retriever": "none"}) for _ in range(MAX_ANSWERS)]
        with pytest.raises(Refusal, match="answers are under way"):
            await desk.open_stream("When?", {})
        for each in opened:
            await each.close()
            assert each.stream.completion.finish_reason == "cancelled"
        with pytest.raises(Refusal, match="chooses among complete answers"):
            await desk.open_stream("When?", {"labels": ["a", "b"]})
        await (await desk.open_stream("When?", {})).close()

    anyio.run(ask)
