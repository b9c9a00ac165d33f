"""A profile behind a real ``ondevice-serve`` on the loopback interface, for tests."""

from __future__ import annotations

import contextlib
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ondevice import ModelSet, Personalizer
from tests.mcp_hosts import CHEAP, PASSPHRASE, ROOT
from tests.scripted_generator import make_scripted_generator
from tests.tiny_models import make_tiny_encoder

GENERATOR, ENCODER = "tiny-says", "tiny-encoder"


@dataclass(frozen=True, kw_only=True)
class Served:
    """A server that runs, and what it told when it was started."""

    process: subprocess.Popen[str]
    base: str
    token: str
    page: str

    @property
    def root(self) -> str:
        return self.base.removesuffix("/v1")

    @property
    def port(self) -> int:
        return int(self.root.rpartition(":")[2])


def make_served_profile(folder: Path) -> Path:
    """Make a profile with two items, its models and the file of its passphrase beside it."""
    make_tiny_encoder(folder / "models" / ENCODER)
    make_scripted_generator(folder / "models" / GENERATOR, ["At 7."], reads_notes=False)
    secret = folder / "secret.txt"
    secret.touch(mode=0o600)
    secret.write_text(f"{PASSPHRASE}\n")
    profile = folder / "me.profile"
    with Personalizer.create(profile, passphrase=PASSPHRASE, models=models_in(folder), kdf=CHEAP) as me:
        me.add("The train to Paris leaves at seven.")
        item = me.add("<img src=x onerror=alert(1)> invoice of the dentist", kind="mail")
        me.items.update(item.id, text="<img src=x onerror=alert(2)> invoice of the dentist, paid")
    return folder


def models_in(folder: Path) -> ModelSet:
    return ModelSet(folder / "models", encoder=ENCODER, generator=GENERATOR)


def command(folder: Path, *options: str) -> list[str]:
    """Return what starts the server.

    The binding of llama.cpp leaves files on the null device open, of which Python would tell.
    """
    words = ["--profile", str(folder / "me.profile"), "--models", str(folder / "models"), "--encoder", ENCODER]
    words += ["--generator", GENERATOR, "--passphrase-fd", "3", "--port", "0", *options]
    secret = shlex.quote(str(folder / "secret.txt"))
    program = f"{sys.executable} -W error -W ignore::ResourceWarning -m ondevice_integrations.server"
    start = f"exec {program} {shlex.join(words)} 3<{secret}"
    return ["sh", "-c", start]


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT)}


@contextlib.contextmanager
def served(folder: Path, *options: str) -> Iterator[Served]:
    """Run the server for a block; it is gone afterwards whatever happens."""
    process = subprocess.Popen(
        command(folder, *options), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment()
    )
    try:
        assert process.stdout is not None
        told = {}
        while "page" not in told:
            line = process.stdout.readline()
            assert line, process.communicate()[1]
            name, value = line.split()[0], next(word for word in line.split()[1:] if word != "URL")
            told[name] = value
        yield Served(process=process, base=told["base"], token=told.get("token", ""), page=told["page"])
    finally:
        process.kill()
        process.communicate()
