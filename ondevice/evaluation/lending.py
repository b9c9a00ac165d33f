"""Models lent to many profiles, because an evaluation opens a profile for every question.

Nothing but time is saved: each profile keeps its own store and indexes, and what a lent encoder remembers is the vector
that it would compute again for the same text.
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
from ondevice.retrieval.selector import CrossEncoder


class RememberingEncoder(Encoder):
    """An encoder that computes each text's vector once; the history of a user returns with each of their questions."""

    _known: dict[bytes, NDArray[np.float32]]

    def forget(self) -> bool:
        """Remember nothing any more, whoever's texts they were; say whether there was anything."""
        had_any = bool(getattr(self, "_known", None))
        self._known = {}
        return super().forget() or had_any

    def _encode(
        self, texts: list[str], *, batch: int, on_progress: Callable[[int, int], None] | None
    ) -> NDArray[np.float32]:
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


class LentModels(Models):
    """Models that outlive the profiles they are lent to: ``close`` does nothing, ``take_back`` frees them.

    One profile at a time may let the language model wear its adapters; when it is closed, they are freed. What changes
    one of the profiles keeps the others from changing, because they share the language model.
    """

    _trainable: BaseModel

    @property
    def adapter_id(self) -> str | None:
        """The content-derived id of the adapter in use, if there is one."""
        return None if self.adapter_name is None else self._open(self.adapter_name, "adapter").id

    def trainable(self) -> BaseModel:
        """Return the language model's weights as floats, the same for every training: it leaves them as they were."""
        with self._generator:
            if not hasattr(self, "_trainable"):
                self._trainable = super().trainable()
            return self._trainable

    def require_replaceable(self) -> None:
        """Refuse, since others use it too.

        Raises:
            ValueError: Always.
        """
        raise ValueError("the language model is lent to several profiles: a merged model cannot take its place")

    def close(self) -> None:
        """Leave the models open for the next profile."""

    def take_back(self) -> None:
        """Free the models for good."""
        super().close()
        if hasattr(self, "_trainable"):
            del self._trainable

    def lend(self, *, encodes: bool, retrievers: Sequence[str] = (), selects: bool = False) -> Models:
        """Return a view for one profile that holds the models it needs; its ``close`` frees nothing.

        Args:
            encodes: Whether the profile's items need vectors of the encoder.
            retrievers: Names of further encoders, whose vectors they need too.
            selects: Whether the selector chooses, so that they need vectors of the encoders in its pool.
        """
        view = _Lent(
            given_folder=self.folder,
            encoder_name=self.encoder_name if encodes else None,
            generator_name=self.generator_name,
            config=self.config,
            retriever_names=tuple(retrievers),
            selector_name=self.selector_name if selects else None,
        )
        view.lender, view.changing = self, self.changing
        return view

    def _load_encoder(self, bundle: Bundle) -> Encoder:
        return RememberingEncoder.open(bundle)


class _Lent(Models):
    lender: LentModels

    def encoder_bundle(self, name: str | None = None) -> Bundle:
        """Return the lender's, which is verified."""
        if name is None and self.encoder_name is None:
            return super().encoder_bundle()  # says that there is none
        return self.lender.encoder_bundle(name)

    def encoder(self, name: str | None = None) -> Encoder:
        """Return the lender's, which remembers."""
        return self.lender.encoder(self.encoder_name if name is None else name)

    def selector_bundle(self) -> Bundle:
        """Return the lender's, which is verified."""
        return super().selector_bundle() if self.selector_name is None else self.lender.selector_bundle()

    def selector(self) -> CrossEncoder:
        """Return the lender's selector."""
        return self.lender.selector()

    def engine(self) -> Engine:
        """Return the lender's language model, with this profile's adapter if one is in use."""
        engine = self.lender.engine()
        if engine is not self._told:
            self._tell_of(engine)
        return engine

    @property
    def loaded_engine(self) -> Engine | None:
        """The lender's language model, if something has loaded it."""
        return self.lender.loaded_engine

    def require_replaceable(self) -> None:
        """Refuse, as the lender does."""
        self.lender.require_replaceable()

    def unload(self, why: str = "") -> bool:
        """Leave the lender's language model loaded."""
        return False

    def generator_bundle(self) -> Bundle:
        """Return the lender's, which is verified."""
        return self.lender.generator_bundle()

    def trainable(self) -> BaseModel:
        """Return the lender's weights."""
        return self.lender.trainable()

    def erase(self, rows: Sequence[int]) -> tuple[ArtifactOutcome, ...]:
        """Drop what the lender's models remember."""
        return self.lender.erase(rows)

    def close(self) -> None:
        """Leave the lender's models open."""
