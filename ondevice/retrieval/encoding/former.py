"""The default encoders of earlier releases: a profile keeps the one that its vectors are of until it is re-encoded."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ondevice.bundle.listing import kind_of
from ondevice.config import DEFAULT_ENCODER, FORMER_ENCODERS


def kept_encoder(asked: str | None, made: Mapping[str, int], models: Path) -> str | None:
    """Return the encoder that a profile works with, given the one that it was opened with.

    It is another one only where the default is asked for, a former default has made more of the vectors, and that is
    still in the models' folder. So a re-encoding that was interrupted changes nothing of how the profile is searched.

    Args:
        asked: What the profile was opened with.
        made: Encoder id → how many vectors the profile has of it.
        models: The models' folder.
    """
    if asked != DEFAULT_ENCODER:
        return asked
    counts = {name: _count(name, made) for name in (DEFAULT_ENCODER, *FORMER_ENCODERS)}
    most = max(counts, key=lambda name: counts[name])  # of equals the present default, which stands first
    return most if most == asked or kind_of(models, most) == "encoder" else asked


def _count(name: str, made: Mapping[str, int]) -> int:
    """Return how many vectors are of the bundle of this name: an id is the name, and a part of the manifest's hash."""
    return sum(count for encoder_id, count in made.items() if encoder_id.rpartition("-")[0] == name)
