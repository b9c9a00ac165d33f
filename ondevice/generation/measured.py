"""How fast language models are on this machine: measured once each, and kept beside them."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path

from ondevice.bundle import Bundle, read_manifest
from ondevice.bundle.places import resolve
from ondevice.config import EngineConfig
from ondevice.errors import OndeviceError, StorageError
from ondevice.generation.speed import SECONDS, Speed, measure_speed
from ondevice.safety.regular_files import read_regular
from ondevice.safety.strict_json import Section, parse_json

MEASURED_NAME = ".measured.json"
CONTEXT_TOKENS = 1024
_MOST_BYTES = 1 << 20


def measure(models: Path, bundle: Bundle, *, seconds: float = SECONDS) -> Speed:
    """Measure a language model that was tried here, and keep what was measured in the folder of models.

    Raises:
        OndeviceError: If it cannot be used.
        StorageError: If the result cannot be kept.
    """
    from ondevice.generation.llama.engine import Engine

    longest = CONTEXT_TOKENS if bundle.generator is None else bundle.generator.context_tokens
    with Engine.open(bundle, config=EngineConfig(context_tokens=min(CONTEXT_TOKENS, longest))) as engine:
        speed = measure_speed(engine, seconds=seconds)
    _keep(models, {**_kept(models), bundle.id: speed})
    return speed


def speed_of(models: Path, name: str) -> Speed | None:
    """Return what was measured of the model that lies there now, if it was."""
    try:
        return _kept(models).get(read_manifest(resolve(models / name)).id)
    except OndeviceError:
        return None


def _kept(models: Path) -> dict[str, Speed]:
    try:
        read = parse_json(read_regular(models / MEASURED_NAME, limit_bytes=_MOST_BYTES), has_fractions=True)
        top = Section(read, "the speeds")
        return {name: _speed(top.take(name, dict)) for name in top.names()}
    except (OSError, ValueError):  # a note for people, and made again in ten seconds
        return {}


def _speed(value: object) -> Speed:
    section = Section(value, "a speed")
    speed = Speed(**{name: section.take_number(name) for name in ("read_tokens_s", "write_tokens_s", "seconds")})
    section.end()
    if speed.read_tokens_s <= 0 or speed.write_tokens_s <= 0:
        raise ValueError("a speed is more than nothing")
    return speed


def _keep(models: Path, speeds: dict[str, Speed]) -> None:
    document = {
        name: {
            "read_tokens_s": round(speed.read_tokens_s, 2),
            "write_tokens_s": round(speed.write_tokens_s, 2),
            "seconds": round(speed.seconds, 2),
        }
        for name, speed in sorted(speeds.items())
    }
    try:
        handle, temporary = tempfile.mkstemp(prefix=".measured-", dir=models)
        with os.fdopen(handle, "wb") as file:
            file.write(json.dumps(document, indent=1).encode() + b"\n")
        Path(temporary).replace(models / MEASURED_NAME)
    except OSError as error:
        raise StorageError(f"the speeds of models cannot be kept: {error.strerror}") from None
