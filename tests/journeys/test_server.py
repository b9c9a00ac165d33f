"""The example server, with a real client: many users at once, answers in pieces, clients that go away."""

from __future__ import annotations

import asyncio
import importlib.util
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import httpx
import pytest
import uvicorn

from ondevice import EngineConfig, ModelSet
from tests.tiny_generator import make_tiny_generator
from tests.tiny_models import make_tiny_encoder

pytestmark = pytest.mark.loopback
ROOT = Path(__file__).parent.parent.parent


def example() -> ModuleType:
    spec = importlib.util.spec_from_file_location("example_server", ROOT / "examples" / "server" / "app.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    folder = tmp_path / "models"
    make_tiny_encoder(folder / "tiny-encoder")
    make_tiny_generator(folder / "tiny-generator")
    models = ModelSet(folder, encoder="tiny-encoder", generator="tiny-generator", engine=EngineConfig(threads=1))
    (tmp_path / "profiles").mkdir()
    app = example().make_app(tmp_path / "profiles", b"s" * 32, models)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        free.listen()
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="on"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [free]})
        thread.start()
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.01)
        yield f"http://127.0.0.1:{free.getsockname()[1]}"
        server.should_exit = True
        thread.join()


def test_users_are_served_at_once_and_each_from_a_profile_of_their_own(address: str, tmp_path: Path) -> None:
    async def live(client: httpx.AsyncClient, user: str) -> int:
        added = await client.post(f"/users/{user}/items", json={"text": f"{user} has a secret rose"})
        assert added.status_code == 200
        async with client.stream("POST", f"/users/{user}/answers", json={"text": "who has a rose?"}) as answer:
            n_pieces = len([piece async for piece in answer.aiter_raw()])
        told = await client.delete(f"/users/{user}/items/{added.json()['id']}")
        assert told.json() == {"verified": True}
        again = await client.delete(f"/users/{user}/items/{added.json()['id']}")
        assert again.status_code == 404
        return n_pieces

    async def main() -> list[int]:
        async with httpx.AsyncClient(base_url=address, timeout=60) as client:
            return await asyncio.gather(*(live(client, user) for user in ("ann", "bob", "cat", "dan")))

    pieces = asyncio.run(main())
    assert min(pieces) > 1, "an answer arrives in pieces"
    assert sorted(path.name for path in (tmp_path / "profiles").iterdir()) == [
        f"{user}.profile" for user in ("ann", "bob", "cat", "dan")
    ]
    for path in (tmp_path / "profiles").rglob("*"):
        assert path.is_dir() or b"secret rose" not in path.read_bytes()


def test_a_client_that_goes_away_leaves_the_model_to_the_next(address: str) -> None:
    async def main() -> None:
        async with httpx.AsyncClient(base_url=address, timeout=60) as client:
            for _ in range(3):
                async with client.stream("POST", "/users/ann/answers", json={"text": "tell me all"}) as answer:
                    async for _piece in answer.aiter_raw():
                        break
            whole = await client.post("/users/bob/answers", json={"text": "tell me all"})
            assert whole.status_code == 200
            assert whole.text
        until = time.monotonic() + 30
        while any(thread.name == "ondevice-answer" for thread in threading.enumerate()):
            assert time.monotonic() < until
            await asyncio.sleep(0.01)

    asyncio.run(main())


def test_a_name_that_is_no_name_makes_no_folder(address: str, tmp_path: Path) -> None:
    with httpx.Client(base_url=address) as client:
        assert client.post("/users/..%2Fann/items", json={"text": "x"}).status_code in (404, 422)
        assert client.post("/users/Ann/items", json={"text": "x"}).status_code == 422
    assert list((tmp_path / "profiles").iterdir()) == []
