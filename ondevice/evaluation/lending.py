"""One pair of models lent to many profiles, because an evaluation opens a profile for every question.

Nothing but time is saved: each profile keeps its own store and index, and what the lent encoder remembers is the
vector that it would compute again for the same text.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from ondevice.adaptation.weights import BaseModel
from ondevice.bundle import Bundle
from ondevice.generation.engine import Engine
from ondevice.models import Models
from ondevice.records import ArtifactOutcome
from ondevice.retrieval.encoder import Encoder


class RememberingEncoder(Encoder):
    """An encoder that computes each text's vector once; the history of a user returns with each of their questions."""

    _known: dict[bytes, NDArray[np.float32]]

    def _encode(
        self, texts: list[str], *, batch: int, on_progress: Callable[[int, int], None] | None
    ) -> NDArray[np.float32]:
        if not hasattr(self, "_known"):
            self._known = {}
        keys = [hashlib.sha256(text.encode("utf-8", "replace")).digest() for text in texts]
        fresh = {key: text for key, text in zip(keys, texts, strict=True) if key not in self._known}
        if fresh:
            # One text at a time: a text's vector in a batch differs in its last bits, and the same text must rank
            # alike wherever it stands.
            vectors = super()._encode(list(fresh.values()), batch=1, on_progress=on_progress)
            self._known.update(zip(fresh, vectors, strict=True))
        return np.stack([self._known[key] for key in keys]) if keys else np.empty((0, self.dim), np.float32)


class LentModels(Models):
    """Models that outlive the profiles they are lent to: ``close`` does nothing, ``take_back`` frees them.

    One profile at a time may let the language model wear its adapters.
    """

    _trainable: BaseModel

    @property
    def adapter_id(self) -> str | None:
        """The content-derived id of the adapter in use, if there is one."""
        return None if self.adapter_name is None else self._open(self.adapter_name, "adapter").id

    def encoder(self) -> Encoder:
        """Return the remembering encoder, loading it at the first call."""
        with self._lock:
            if self._encoder is None:
                self._encoder = RememberingEncoder.open(self.encoder_bundle())
            return self._encoder

    def trainable(self) -> BaseModel:
        """Return the language model's weights as floats, the same for every training: it leaves them as they were."""
        with self._lock:
            if not hasattr(self, "_trainable"):
                self._trainable = super().trainable()
            return self._trainable

    def close(self) -> None:
        """Leave the models open for the next profile."""

    def take_back(self) -> None:
        """Free the models for good."""
        super().close()
        if hasattr(self, "_trainable"):
            del self._trainable

    def without_encoder(self) -> Models:
        """Return a view that lends the language model alone, for profiles that need no vectors."""
        view = _EngineOnly(
            folder=self.folder, encoder_name=None, generator_name=self.generator_name, config=self.config
        )
        view.lender = self
        return view


class _EngineOnly(Models):
    lender: LentModels

    def engine(self) -> Engine:
        """Return the lender's language model."""
        return self.lender.engine()

    def generator_bundle(self) -> Bundle:
        """Return the lender's, which is verified."""
        return self.lender.generator_bundle()

    def trainable(self) -> BaseModel:
        """Return the lender's weights."""
        return self.lender.trainable()

    def erase(self, rows: Sequence[int]) -> ArtifactOutcome:
        """Drop the prompt state of the lender's language model."""
        return self.lender.erase(rows)

    def close(self) -> None:
        """Leave the lender's model open."""
