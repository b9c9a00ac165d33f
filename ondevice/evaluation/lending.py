"""Models that evaluations lend to profile after profile, with an encoder that remembers: a user's history returns.

Nothing but time is saved: each profile keeps its own store and indexes, and what the encoder remembers is the vector
that it would compute again for the same text.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ondevice.bundle.model_set import ModelSet
from ondevice.config import EngineConfig
from ondevice.evaluation.plan import RunConfig
from ondevice.passages import ItemText, PassageVectors, joined
from ondevice.personalizer.shared_models import SharedModels
from ondevice.retrieval.encoding.encoder import Encoder
from ondevice.signals import Progress


class RememberingEncoder(Encoder):
    """An encoder that computes each item's vector once; the history of a user returns with each of their questions."""

    _known: dict[bytes, NDArray[np.float32]]
    _known_items: dict[bytes, PassageVectors]

    def forget(self) -> bool:
        """Remember nothing any more, whoever's texts they were; say whether there was anything."""
        had_any = bool(getattr(self, "_known", None) or getattr(self, "_known_items", None))
        self._known, self._known_items = {}, {}
        return super().forget() or had_any

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Encode texts that search anew each time: what a request takes is told of every cell that searches with it."""
        return super()._encode([self._spec.query_prefix + text for text in texts], batch=1, on_progress=None)

    def encode_items(self, items: Sequence[ItemText], *, on_progress: Progress | None = None) -> PassageVectors:
        """Encode what is searched of items, one at a time, and each once."""
        if not hasattr(self, "_known_items"):
            self._known_items = {}
        known = self._known_items
        keys = [hashlib.sha256(f"{item.n_head} {item.text}".encode("utf-8", "replace")).digest() for item in items]
        for done, (key, item) in enumerate(zip(keys, items, strict=True), 1):
            if key not in known:
                known[key] = super().encode_items([item])
            if on_progress is not None:
                on_progress(done, len(items))
        return joined([known[key] for key in keys]) if keys else super().encode_items([])

    def _encode(self, texts: list[str], *, batch: int, on_progress: Progress | None) -> NDArray[np.float32]:
        if not hasattr(self, "_known"):
            self._known = {}
        known = self._known
        keys = [hashlib.sha256(text.encode("utf-8", "replace")).digest() for text in texts]
        fresh = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
        if fresh:
            # One text at a time: a text's vector in a batch differs in its last bits, and the same text must rank
            # alike wherever it stands.
            vectors = super()._encode(list(fresh.values()), batch=1, on_progress=on_progress)
            known.update(zip(fresh, vectors, strict=True))
        return np.stack([known[key] for key in keys]) if keys else np.empty((0, self.dim), np.float32)


def lent_models(config: RunConfig, *, keeps_weights: bool = False) -> SharedModels:
    """Return the models of a run, which load at first use; close them in the end.

    Prompts reuse whole batches only, so that answers do not depend on their order.

    Args:
        config: Which models, and how they answer.
        keeps_weights: Whether the weights that trainings start from stay loaded.
    """
    models = ModelSet(
        config.models,
        encoder=config.encoder,
        generator=config.generator,
        adapter=config.adapter,
        selector=config.selector,
        persona=config.persona,
        publishers=config.publishers,
        engine=EngineConfig(
            context_tokens=config.context_tokens,
            prompt_tokens=config.prompt_tokens,
            threads=config.threads,
            reuse_whole_batches=True,
        ),
    )
    return SharedModels(models, keeps_weights=keeps_weights, open_encoder=RememberingEncoder.open)
