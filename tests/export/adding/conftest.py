"""A hub that this machine serves to itself: its interface, and files that it sends from any byte on."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from http.server import ThreadingHTTPServer
from typing import Any

import pytest

from tests.tiny_host import Handler, Host, sha256

REPO, COMMIT = "some/model", "c" * 40


@pytest.fixture
def host() -> Iterator[Host]:
    served = Host()
    handler = type("Bound", (Handler,), {"host": served})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.handle_error = lambda *_: None  # type: ignore[method-assign] # who asks may go away midway
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    served.url = f"http://127.0.0.1:{server.server_address[1]}"
    yield served
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def publish(host: Host) -> Callable[..., None]:
    """Return what puts a repository on the hub, at one commit, as the hub's own interface tells of it."""

    def put(files: Mapping[str, bytes], *, revision: str = "main", license: str | None = "mit", **changed: Any) -> None:
        siblings = []
        for path, data in files.items():
            host.files[f"/{REPO}/resolve/{COMMIT}/{path}"] = data
            entry: dict[str, Any] = {"rfilename": path, "size": len(data), "blobId": "0" * 40}
            if path.endswith((".gguf", ".onnx")):
                entry["lfs"] = {"sha256": sha256(data), "size": len(data), "pointerSize": 134}
            siblings.append(entry)
        card = {} if license is None else {"license": license}
        told = {"id": REPO, "sha": COMMIT, "siblings": siblings, "cardData": card, **changed}
        host.files[f"/api/models/{REPO}/revision/{revision}?blobs=true"] = json.dumps(told).encode()

    return put
