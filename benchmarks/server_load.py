"""What a flood does to ``ondevice-serve``: a thousand answers by several clients, and what they leave behind.

``python -m benchmarks.server_load [N]`` prints requests, p50 and p95, and the server's handles and memory before and
after. Models are tiny, so that it is the server that is measured. Linux alone tells handles and memory.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import numpy as np

from tests.served_profiles import GENERATOR, Served, make_served_profile, served

CLIENTS, WARM_UP = 8, 100


def ask(client: httpx.Client, number: int) -> tuple[int, float]:
    """Ask once, every other time as a stream, and return the status and the seconds."""
    message = {"role": "user", "content": f"When does train {number} leave?"}
    began = time.perf_counter()
    body = {"model": GENERATOR, "messages": [message], "max_tokens": 16, "stream": bool(number % 2)}
    status = client.post("chat/completions", json=body).status_code
    return status, time.perf_counter() - began


def flood(server: Served, n_requests: int) -> list[tuple[int, float]]:
    """Send requests by several clients at once."""
    headers = {"Authorization": f"Bearer {server.token}"}
    with (
        httpx.Client(base_url=server.base, headers=headers, timeout=120, trust_env=False) as client,
        ThreadPoolExecutor(CLIENTS) as clients,
    ):
        return list(clients.map(lambda number: ask(client, number), range(n_requests)))


def holdings(server: Served) -> dict[str, int]:
    """Return the server's open handles, threads and resident memory in KiB."""
    place = Path(f"/proc/{server.process.pid}")
    status = dict(line.split(":", 1) for line in (place / "status").read_text().splitlines())
    return {
        "handles": len(list((place / "fd").iterdir())),
        "threads": int(status["Threads"]),
        "resident_kib": int(status["VmRSS"].split()[0]),
    }


def main(n_requests: int) -> None:
    """Flood a server, and print what was measured."""
    with tempfile.TemporaryDirectory() as folder, served(make_served_profile(Path(folder))) as server:
        flood(server, WARM_UP)
        before = holdings(server)
        told = flood(server, n_requests)
        time.sleep(6)  # connections that are kept open for the next request are closed after five seconds
        after = holdings(server)
    seconds = np.array([each for status, each in told if status == 200])
    p50, p95 = (np.percentile(seconds, (50, 95)) * 1000).round(1)
    statuses = {str(kind): sum(status == kind for status, _ in told) for kind in {status for status, _ in told}}
    print(json.dumps({"statuses": statuses, "p50_ms": p50, "p95_ms": p95, "before": before, "after": after}, indent=1))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
