"""The models and settings that a profile is opened with, checked before the profile is touched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ondevice.config import EngineConfig, IndexConfig, RetrievalConfig
from ondevice.encoders import Encoders
from ondevice.models import Models

if TYPE_CHECKING:
    import os

    from ondevice.bundle import PublisherKey


@dataclass(frozen=True, slots=True)
class Equipment:
    """What a personalizer is made of besides its vault."""

    models: Models
    retrieval: RetrievalConfig
    index: IndexConfig


def equip(
    *,
    models: str | os.PathLike[str] | None,
    encoder: str | None,
    generator: str | None,
    adapter: str | None,
    retrieval: RetrievalConfig | None,
    index: IndexConfig | None,
    engine: EngineConfig | None,
    retrievers: Sequence[str],
    selector: str | None,
    publishers: Sequence[PublisherKey] | None,
) -> Equipment:
    """Name the models, which load at first use, and check the default retriever against them.

    Raises:
        ValueError: If the default retriever is unknown or needs an encoder that is not there.
    """
    named = Models(
        given_folder=None if models is None else Path(models),
        encoder_name=encoder,
        generator_name=generator,
        config=engine or EngineConfig(),
        adapter_name=adapter,
        publishers=publishers,
        retriever_names=tuple(retrievers),
        selector_name=selector,
    )
    settings = retrieval or RetrievalConfig(retriever="bm25" if encoder is None else RetrievalConfig().retriever)
    Encoders(named).require_retriever(settings.retriever)
    return Equipment(named, settings, index or IndexConfig())
