"""Hosts of ``ondevice-mcp`` for tests: the protocol's own client, and one that sends what it likes."""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mcp import StdioServerParameters

from ondevice import KdfConfig, ModelSet, Personalizer
from ondevice.errors import ProfileBusyError
from tests.tiny_models import make_tiny_encoder

ROOT = Path(__file__).parent.parent
PASSPHRASE = "correct horse battery staple"
CHEAP = KdfConfig(passes=2, memory_kib=19 * 1024, lanes=1)
PROGRAM = "-m ondevice_integrations.mcp"


@dataclass(frozen=True, kw_only=True)
class Place:
    """A profile for hosts, with its models and the file of its passphrase."""

    profile: Path
    models: ModelSet
    secret: Path

    def open(self) -> Personalizer:
        return Personalizer.open(self.profile, create_missing=False, passphrase=PASSPHRASE, models=self.models)

    def open_when_free(self) -> Personalizer:
        """Open the profile as soon as no other process has it open."""
        until = time.monotonic() + 60
        while True:
            try:
                return self.open()
            except ProfileBusyError:
                assert time.monotonic() < until
                time.sleep(0.05)

    def command(self, *options: str, program: str = PROGRAM) -> str:
        """Return the line for a shell that starts the server, as a host's settings would have it."""
        models = ["--models", str(self.models.folder), "--encoder", str(self.models.encoder)]
        words = ["--profile", str(self.profile), *models, "--passphrase-fd", "3", *options]
        return f"exec {sys.executable} -W error {program} {shlex.join(words)} 3<{shlex.quote(str(self.secret))}"

    def parameters(self, *options: str) -> StdioServerParameters:
        """Return how the protocol's own client starts the server."""
        return StdioServerParameters(
            command="sh", args=["-c", self.command(*options)], env={"PYTHONPATH": str(ROOT), "HOME": os.environ["HOME"]}
        )


def make_place(folder: Path) -> Place:
    """Make a profile that holds nothing yet."""
    make_tiny_encoder(folder / "models" / "tiny-encoder")
    place = Place(
        profile=folder / "me.profile",
        models=ModelSet(folder / "models", encoder="tiny-encoder", generator=None),
        secret=folder / "secret.txt",
    )
    place.secret.write_text(f"{PASSPHRASE}\n")
    Personalizer.create(place.profile, passphrase=PASSPHRASE, models=place.models, kdf=CHEAP).close()
    return place


class RawHost:
    """A host that writes lines and reads lines, whatever they are."""

    def __init__(self, command: str) -> None:
        """Start the server and shake hands with it."""
        self.is_over = False
        self.process = subprocess.Popen(
            ["sh", "-c", command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        about = {"name": "raw host", "version": "1"}
        params = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": about}
        self.ask("initialize", params)
        self.say({"jsonrpc": "2.0", "method": "notifications/initialized"})

    def say(self, message: Any) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write((message if isinstance(message, bytes) else json.dumps(message).encode()) + b"\n")
        self.process.stdin.flush()

    def ask(self, method: str, params: Any, number: int = 1) -> Any:
        """Send a request, and return the next line that comes back."""
        self.say({"jsonrpc": "2.0", "id": number, "method": method, "params": params})
        return self.hear()

    def hear(self) -> Any:
        assert self.process.stdout is not None
        return json.loads(self.process.stdout.readline())

    def call(self, tool: str, **arguments: Any) -> str:
        """Call a tool, and return the text of what it says."""
        text: str = self.ask("tools/call", {"name": tool, "arguments": arguments})["result"]["content"][0]["text"]
        return text

    def end(self) -> tuple[int, bytes, bytes]:
        """Wait for the server's end, and return its exit code and the rest of what it wrote."""
        assert self.process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        self.process.stdin, self.is_over = None, True
        out, err = self.process.communicate(timeout=60)
        return self.process.returncode, out, err


@contextlib.contextmanager
def raw_host(command: str) -> Iterator[RawHost]:
    """Start the server for a block; it is gone afterwards whatever happens."""
    host = RawHost(command)
    try:
        yield host
    finally:
        host.process.kill()
        if not host.is_over:
            host.end()
