"""Texts and pairs of texts into token ids, and token ids into what a graph takes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ondevice.errors import BundleError
from ondevice.generation.prompts.candidates import Part, parts_of
from ondevice.retrieval.encoding.parts import PartTokens, cut_evenly
from ondevice.retrieval.encoding.session import Session

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer

    from ondevice.bundle import Cut

KNOWN_INPUTS = ("input_ids", "attention_mask", "token_type_ids")
_PROBE_TOKENS = 64


class Tokens(NamedTuple):
    """The ids of one text or pair with its special tokens, and which of the two texts each belongs to."""

    ids: list[int]
    types: list[int]


class LongTokens(NamedTuple):
    """The ids of a text, cut where a model stops reading, and where each token of the whole text begins in it."""

    tokens: Tokens
    starts: list[int]
    n_kept: int  # tokens of the text that are among the ids

    @property
    def is_whole(self) -> bool:
        """Whether the model reads all of the text."""
        return self.n_kept == len(self.starts)


class _Piece(NamedTuple):
    """One part of a joined pair: a special token, or the place where one of the two texts stands."""

    text: int | None  # 0 or 1; None for a special token
    id: int  # of the special token
    type: int


class TextTokenizer:
    """Tokenizes single texts as a ``tokenizer.json`` says. Safe to use from several threads at once."""

    def __init__(self, path: Path, *, model: str, max_tokens: int) -> None:
        """Load a tokenizer.

        Args:
            path: The ``tokenizer.json``.
            model: The model's name, for errors.
            max_tokens: Longer texts are cut there, special tokens included.

        Raises:
            BundleError: If the tokenizer cannot be loaded.
        """
        self._tokenizer = _load(path, model, max_tokens)

    def tokenize(self, texts: Sequence[str]) -> list[Tokens]:
        """Tokenize texts, in their order.

        Raises:
            BundleError: If the tokenizer fails.
        """
        return _encode(self._tokenizer, texts, special=True)

    def tokenize_long(self, texts: Sequence[str]) -> list[LongTokens]:
        """Tokenize texts as :meth:`tokenize` does, and say where the tokens begin, those that are cut off too.

        Raises:
            BundleError: If the tokenizer fails.
        """
        return [
            LongTokens(Tokens(found.ids, found.type_ids), _starts([found, *found.overflowing]), len(_starts([found])))
            for found in _encodings(self._tokenizer, texts, special=True)
        ]

    def forget(self) -> bool:
        """Drop the words of earlier texts, where this kind of tokenizer keeps them; say whether it may."""
        return _forget(self._tokenizer)


class PairTokenizer:
    """Joins two texts into one input and cuts the first before it cuts the second. Safe for several threads at once.

    What a selector judges stands in the second text, and all candidates of a request are told apart by it; so the
    second text is kept whole while the first, if it needs it, still gets a quarter of the room. Both lose their ends,
    or the first, where its parts are cut evenly, of each part its share.
    (The published code of RSPG, arXiv:2404.05970, appends what is judged at the very end and cuts there.)
    An empty second text is none: the first stands alone, without the separator that a second would bring.
    """

    def __init__(self, path: Path, *, model: str, max_tokens: int, cut: Cut = "end") -> None:
        """Load a tokenizer and learn how it frames one text and joins two.

        Args:
            path: The ``tokenizer.json``.
            model: The model's name, for errors.
            max_tokens: Longer inputs are cut to this, special tokens included.
            cut: What a first text loses that is too long: its end, or its parts their shares
                (:func:`~ondevice.generation.prompts.candidates.parts_of`), which are tokenized one by one.

        Raises:
            BundleError: If the tokenizer cannot be loaded, or does not join two texts.
        """
        probing = _load(path, model, _PROBE_TOKENS)
        self._alone = _frame(probing, model, n_texts=1)
        self._joined = _frame(probing, model, n_texts=2)
        self._max_tokens = max_tokens
        self._is_even = cut == "evenly"
        self._tokenizer = _load(path, model, max_tokens)
        if self._room(self._joined) < 2:
            raise BundleError(f"the model {model!r} has max_tokens {max_tokens}, too few for a pair of texts")

    def tokenize(self, pairs: Sequence[tuple[str, str]]) -> list[Tokens]:
        """Tokenize pairs of texts, in their order.

        Raises:
            BundleError: If the tokenizer fails.
        """
        seconds = _encode(self._tokenizer, [second for _, second in pairs], special=False)
        return [
            self._framed(self._joined if pair[1] else self._alone, first, second.ids)
            for pair, first, second in zip(pairs, self._firsts([first for first, _ in pairs]), seconds, strict=True)
        ]

    def forget(self) -> bool:
        """Drop the words of earlier texts, where this kind of tokenizer keeps them; say whether it may."""
        return _forget(self._tokenizer)

    def _room(self, frame: list[_Piece]) -> int:
        return self._max_tokens - sum(piece.text is None for piece in frame)

    def _firsts(self, texts: Sequence[str]) -> Iterator[list[PartTokens]]:
        """Yield each text's parts; a text that is cut at its end is a single one."""
        texts_parts = [parts_of(text) if self._is_even else [Part("", text, "")] for text in texts]
        flat = [piece for parts in texts_parts for part in parts for piece in part]
        ids = iter([tokens.ids for tokens in _encode(self._tokenizer, flat, special=False)])
        for parts in texts_parts:
            yield [PartTokens(next(ids), next(ids), next(ids)) for _ in parts]

    def _framed(self, frame: list[_Piece], first: Sequence[PartTokens], second: list[int]) -> Tokens:
        room = self._room(frame)
        kept = second[: room - min(sum(part.n_tokens for part in first), max(1, room // 4))]
        texts = (cut_evenly(first, room - len(kept)), kept)
        out = Tokens([], [])
        for piece in frame:
            ids = [piece.id] if piece.text is None else texts[piece.text]
            out.ids.extend(ids)
            out.types.extend([piece.type] * len(ids))
        return out


def padded(tokens: Sequence[Tokens]) -> dict[str, NDArray[np.int64]]:
    """Return a batch by the name of each known input, padded on the right to its own longest.

    The padding's id is 0 whatever the tokenizer says: the attention mask hides it.

    Shapes: int64[n, longest] each.
    """
    longest = max(1, *(len(one.ids) for one in tokens))
    feed = {name: np.zeros((len(tokens), longest), np.int64) for name in KNOWN_INPUTS}
    for row, one in enumerate(tokens):
        count = len(one.ids)
        feed["input_ids"][row, :count] = one.ids
        feed["token_type_ids"][row, :count] = one.types
        feed["attention_mask"][row, :count] = 1
    return feed


def run_graph(session: Session, tokens: Sequence[Tokens]) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Run a batch through a graph.

    Returns:
        The graph's first output, and the attention mask int64[n, longest].

    Raises:
        BundleError: If the graph fails.
    """
    feed = padded(tokens)
    return session.run({name: feed[name] for name in session.inputs}), feed["attention_mask"]


def batches(tokens: Sequence[Tokens], *, batch: int) -> Iterator[list[int]]:
    """Yield the positions of a batch each, shortest inputs first, so that little is padded.

    Raises:
        ValueError: If batch is below 1.
    """
    if batch < 1:
        raise ValueError(f"batch must be 1 or more, not {batch}")
    order = sorted(range(len(tokens)), key=lambda index: len(tokens[index].ids))
    for start in range(0, len(order), batch):
        yield order[start : start + batch]


def _load(path: Path, model: str, max_tokens: int) -> Tokenizer:
    from tokenizers import Tokenizer

    try:
        tokenizer = Tokenizer.from_file(str(path))
        tokenizer.no_padding()  # batches are padded here, to their own longest input
        tokenizer.enable_truncation(max_length=max_tokens)
    except Exception as error:  # the library raises plain Exception
        raise BundleError(f"the tokenizer of {model!r} cannot be loaded: {type(error).__name__}") from error
    return tokenizer


def _encode(tokenizer: Tokenizer, texts: Sequence[str], *, special: bool) -> list[Tokens]:
    return [Tokens(encoding.ids, encoding.type_ids) for encoding in _encodings(tokenizer, texts, special=special)]


def _encodings(tokenizer: Tokenizer, texts: Sequence[str], *, special: bool) -> list[Encoding]:
    try:
        # A lone surrogate (a broken file name, half an emoji) has no UTF-8 form; it becomes a question mark.
        clean = [text.encode("utf-8", "replace").decode() for text in texts]
        encodings: list[Encoding] = tokenizer.encode_batch(clean, add_special_tokens=special)
    except Exception as error:  # the library raises plain Exception, with the text in it
        raise BundleError(f"the tokenizer failed: {type(error).__name__}") from None
    return encodings


def _starts(encodings: Sequence[Encoding]) -> list[int]:
    """Return where the tokens of the text begin, special ones left out."""
    return [
        start
        for encoding in encodings
        for (start, _), is_special in zip(encoding.offsets, encoding.special_tokens_mask, strict=True)
        if not is_special
    ]


def _forget(tokenizer: Tokenizer) -> bool:
    # Byte pairs and unigrams are looked up in a cache of whole words, which stays as long as the tokenizer does.
    clear = getattr(tokenizer.model, "_clear_cache", None)
    if clear is not None:
        clear()
    return clear is not None


def _frame(tokenizer: Tokenizer, model: str, *, n_texts: Literal[1, 2]) -> list[_Piece]:
    try:
        found = tokenizer.encode("a", "b" if n_texts == 2 else None)
    except Exception as error:  # as above
        raise BundleError(f"the tokenizer of {model!r} failed on a pair: {type(error).__name__}") from None
    frame: list[_Piece] = []
    for token, kind, text in zip(found.ids, found.type_ids, found.sequence_ids, strict=True):
        if text is None or not frame or frame[-1].text != text:
            frame.append(_Piece(text, token, kind))
    if [piece.text for piece in frame if piece.text is not None] != list(range(n_texts)):
        raise BundleError(f"the tokenizer of {model!r} does not join two texts")
    return frame
