"""The encoder: texts in, unit vectors out, as the bundle's manifest says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ondevice.bundle import Bundle, EncoderSpec
from ondevice.errors import BundleError, ModelMismatchError
from ondevice.retrieval.encoding.pooling import normalize, pool
from ondevice.retrieval.encoding.session import Session
from ondevice.retrieval.encoding.tokenizing import TextTokenizer, Tokens, batches, check_inputs, run_graph


class Encoder:
    """Turns queries and passages into vectors of L2 norm 1. Safe to use from several threads at once.

    A text longer than the bundle's ``max_tokens`` is cut there: what comes later does not reach its vector
    (the words remain findable by the lexical retriever).
    """

    def __init__(self, *, bundle_id: str, spec: EncoderSpec, tokenizer: TextTokenizer, session: Session) -> None:
        """Take the parts as they are; use :meth:`open`."""
        self.id = bundle_id
        self.dim = spec.dim
        self._spec = spec
        self._tokenizer = tokenizer
        self._session = session

    @classmethod
    def open(cls, bundle: Bundle, *, threads: int | None = None) -> Self:
        """Load the tokenizer and the graph of a verified bundle. The caller closes.

        Args:
            bundle: A bundle of kind ``encoder``; its id becomes the encoder's.
            threads: CPU threads; ``None`` takes the physical cores.

        Raises:
            BundleError: If the tokenizer or the graph cannot be used.
            ModelMismatchError: If the graph's vectors do not have the manifest's dimension.
        """
        if bundle.encoder is None:
            raise BundleError(f"the model {bundle.name!r} is of kind {bundle.kind!r}, but 'encoder' is needed")
        tokenizer = TextTokenizer(bundle.file("tokenizer"), model=bundle.name, max_tokens=bundle.encoder.max_tokens)
        session = Session(bundle.file("model"), threads=threads)
        check_inputs(session, bundle.name)
        encoder = cls(bundle_id=bundle.id, spec=bundle.encoder, tokenizer=tokenizer, session=session)
        encoder._encode(["a"], batch=1, on_progress=None)  # a wrong dimension shows now, not at the first item
        return encoder

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Encode texts that search.

        Shapes: n texts → float32[n, dim], each row of L2 norm 1.

        Raises:
            BundleError: If the graph fails or gives a number that is not finite.
        """
        return self._encode([self._spec.query_prefix + text for text in texts], batch=8, on_progress=None)

    def encode_passages(
        self, texts: Sequence[str], *, batch: int = 8, on_progress: Callable[[int, int], None] | None = None
    ) -> NDArray[np.float32]:
        """Encode texts that are searched, in batches of like length; the order of the result is the texts'.

        Shapes: n texts → float32[n, dim], each row of L2 norm 1.

        Args:
            texts: The passages; each is cut at the bundle's ``max_tokens``.
            batch: Texts run through the graph at once; on a CPU more than a few gain nothing.
            on_progress: Called with (done, total) after each batch.

        Raises:
            BundleError: If the graph fails or gives a number that is not finite.
        """
        return self._encode([self._spec.passage_prefix + text for text in texts], batch=batch, on_progress=on_progress)

    def forget(self) -> bool:
        """Drop what is kept of texts that were encoded; say whether anything may have been."""
        return self._tokenizer.forget()

    def close(self) -> None:
        """Give the graph's memory back."""
        self._session.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Encoder({self.id!r}, dim={self.dim})"

    def _encode(
        self, texts: list[str], *, batch: int, on_progress: Callable[[int, int], None] | None
    ) -> NDArray[np.float32]:
        tokens = self._tokenizer.tokenize(texts)
        out = np.empty((len(texts), self.dim), dtype=np.float32)
        done = 0
        for chosen in batches(tokens, batch=batch):
            out[chosen] = self._run([tokens[index] for index in chosen])
            done += len(chosen)
            if on_progress is not None:
                on_progress(done, len(texts))
        return out

    def _run(self, tokens: Sequence[Tokens]) -> NDArray[np.float32]:
        vectors = self._pool(*run_graph(self._session, tokens))
        if vectors.shape != (len(tokens), self.dim):
            raise ModelMismatchError(
                f"the encoder {self.id!r} gives vectors of {vectors.shape[-1]} numbers, its manifest says {self.dim}"
            )
        if not np.isfinite(vectors).all():
            raise BundleError(f"the encoder {self.id!r} gave a number that is not finite")
        return normalize(vectors)

    def _pool(self, states: NDArray[np.float32], mask: NDArray[Any]) -> NDArray[np.float32]:
        try:
            return pool(states, mask, self._spec.pooling)
        except ValueError as error:
            raise ModelMismatchError(f"the graph of {self.id!r} does not fit its manifest: {error}") from None
