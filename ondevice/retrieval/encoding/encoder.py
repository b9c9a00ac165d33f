"""The encoder: texts in, unit vectors out, as the bundle's manifest says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from ondevice.bundle import Bundle, EncoderSpec
from ondevice.errors import ModelMismatchError
from ondevice.passages import ItemText, PassageVectors, Span, passage_vectors
from ondevice.retrieval.encoding.graph_model import TextModel, open_for_tokens
from ondevice.retrieval.encoding.pooling import normalize, pool
from ondevice.retrieval.encoding.session import Session
from ondevice.retrieval.encoding.splitting import passages_of
from ondevice.retrieval.encoding.tokenizing import TextTokenizer, Tokens, run_graph


class _Split(NamedTuple):
    """An item's first passage as tokens, where all its passages are, and what is read of those behind the first."""

    tokens: Tokens
    spans: list[Span]
    further: list[str]


class Encoder(TextModel[TextTokenizer]):
    """Turns queries and passages into vectors of L2 norm 1. Safe to use from several threads at once.

    :meth:`encode_passages` cuts a text that is longer than the bundle's ``max_tokens``; :meth:`encode_items` makes
    several passages of it.
    """

    _noun = "encoder"

    def __init__(self, *, bundle_id: str, spec: EncoderSpec, tokenizer: TextTokenizer, session: Session) -> None:
        """Take the parts as they are; use :meth:`open`."""
        super().__init__(bundle_id, tokenizer, session)
        self.dim = spec.dim
        self._spec = spec

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
            raise bundle.wrong_kind("encoder")
        tokenizer = TextTokenizer(bundle.file("tokenizer"), model=bundle.name, max_tokens=bundle.encoder.max_tokens)
        session = open_for_tokens(bundle, threads)
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

    def split(self, items: Sequence[ItemText]) -> list[list[Span]]:
        """Return where the passages of each item begin and end; one that is read as a whole has one.

        Raises:
            BundleError: If the tokenizer fails.
        """
        return [each.spans for each in self._split(items)]

    def encode_items(
        self, items: Sequence[ItemText], *, on_progress: Callable[[int, int], None] | None = None
    ) -> PassageVectors:
        """Encode what is searched of items, each as its passages: the first is the item's beginning.

        Shapes: n items → float32[m, dim] with m of n or more, each row of L2 norm 1.

        Args:
            items: The items.
            on_progress: Called with (done, total) in passages after each batch.

        Raises:
            BundleError: If the graph fails or gives a number that is not finite.
        """
        split = self._split(items)
        further = iter(self._tokenizer.tokenize([text for each in split for text in each.further]))
        tokens = [part for each in split for part in (each.tokens, *islice(further, len(each.further)))]
        out = np.empty((len(tokens), self.dim), dtype=np.float32)
        vectors = self._in_batches(tokens, out, batch=8, on_progress=on_progress)
        return passage_vectors([each.spans for each in split], vectors)

    def _split(self, items: Sequence[ItemText]) -> list[_Split]:
        prefix = self._spec.passage_prefix
        split: list[_Split] = []
        long = self._tokenizer.tokenize_long([prefix + item.text for item in items])
        for found, item in zip(long, items, strict=True):
            starts = [start - len(prefix) for start in found.starts if start >= len(prefix)]
            n_read = found.n_kept - (len(found.starts) - len(starts))
            spans, head = passages_of(item.text, starts, n_read, item.n_head)
            before = f"{prefix}{head}\n" if head else prefix
            split.append(_Split(found.tokens, spans, [before + item.text[start:end] for start, end in spans[1:]]))
        return split

    def __repr__(self) -> str:
        return f"Encoder({self.id!r}, dim={self.dim})"

    def _encode(
        self, texts: list[str], *, batch: int, on_progress: Callable[[int, int], None] | None
    ) -> NDArray[np.float32]:
        tokens = self._tokenizer.tokenize(texts)
        out = np.empty((len(texts), self.dim), dtype=np.float32)
        return self._in_batches(tokens, out, batch=batch, on_progress=on_progress)

    def _run(self, tokens: Sequence[Tokens]) -> NDArray[np.float32]:
        vectors = self._pool(*run_graph(self._session, tokens))
        if vectors.shape != (len(tokens), self.dim):
            raise ModelMismatchError(
                f"the encoder {self.id!r} gives vectors of {vectors.shape[-1]} numbers, its manifest says {self.dim}"
            )
        return normalize(self._finite(vectors))

    def _pool(self, states: NDArray[np.float32], mask: NDArray[Any]) -> NDArray[np.float32]:
        try:
            return pool(states, mask, self._spec.pooling)
        except ValueError as error:
            raise ModelMismatchError(f"the graph of {self.id!r} does not fit its manifest: {error}") from None
