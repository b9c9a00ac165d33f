"""The encoder: texts in, unit vectors out, as the bundle's manifest says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from ondevice.bundle import Bundle, EncoderSpec
from ondevice.errors import BundleError, ModelMismatchError
from ondevice.retrieval.pooling import normalize, pool
from ondevice.retrieval.session import Session

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer

KNOWN_INPUTS = ("input_ids", "attention_mask", "token_type_ids")


class Encoder:
    """Turns queries and passages into vectors of L2 norm 1. Safe to use from several threads at once.

    A text longer than the bundle's ``max_tokens`` is cut there: what comes later does not reach its vector
    (the words remain findable by the lexical retriever).
    """

    def __init__(self, *, bundle_id: str, spec: EncoderSpec, tokenizer: Tokenizer, session: Session) -> None:
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
        tokenizer = _load_tokenizer(bundle, bundle.encoder.max_tokens)
        session = Session(bundle.file("model"), threads=threads)
        unknown = sorted(set(session.inputs) - set(KNOWN_INPUTS))
        if unknown:
            raise BundleError(f"the graph of {bundle.name!r} wants the input {unknown[0]!r}, which no tokenizer gives")
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
        if batch < 1:
            raise ValueError(f"batch must be 1 or more, not {batch}")
        out = np.empty((len(texts), self.dim), dtype=np.float32)
        encodings = self._tokenize(texts)
        order = sorted(range(len(texts)), key=lambda index: len(encodings[index].ids))
        for start in range(0, len(order), batch):
            chosen = order[start : start + batch]
            out[chosen] = self._run([encodings[index] for index in chosen])
            if on_progress is not None:
                on_progress(start + len(chosen), len(order))
        return out

    def _tokenize(self, texts: list[str]) -> list[Encoding]:
        try:
            # A lone surrogate (a broken file name, half an emoji) has no UTF-8 form; it becomes a question mark.
            return self._tokenizer.encode_batch([text.encode("utf-8", "replace").decode() for text in texts])
        except Exception as error:  # the library raises plain Exception, with the text in it
            raise BundleError(f"the tokenizer failed: {type(error).__name__}") from None

    def _run(self, encodings: Sequence[Encoding]) -> NDArray[np.float32]:
        length = max(1, *(len(encoding.ids) for encoding in encodings))
        feed: dict[str, NDArray[np.int64]] = {
            name: np.zeros((len(encodings), length), np.int64) for name in KNOWN_INPUTS
        }
        for row, encoding in enumerate(encodings):
            count = len(encoding.ids)
            feed["input_ids"][row, :count] = encoding.ids
            feed["attention_mask"][row, :count] = 1
        states = self._session.run({name: feed[name] for name in self._session.inputs})
        vectors = self._pool(states, feed["attention_mask"])
        if vectors.shape != (len(encodings), self.dim):
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


def _load_tokenizer(bundle: Bundle, max_tokens: int) -> Tokenizer:
    from tokenizers import Tokenizer

    try:
        tokenizer = Tokenizer.from_file(str(bundle.file("tokenizer")))
        tokenizer.no_padding()  # batches are padded here, to their own longest text
        tokenizer.enable_truncation(max_length=max_tokens)
    except Exception as error:  # the library raises plain Exception
        raise BundleError(f"the tokenizer of {bundle.name!r} cannot be loaded: {type(error).__name__}") from error
    return tokenizer
