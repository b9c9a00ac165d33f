"""How the next token is chosen: greedy or drawn, and held to a grammar where one is given."""

from __future__ import annotations

import codecs
import ctypes
import math
import time
from contextlib import ExitStack
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ondevice.config import MOST_SEED, Sampling
from ondevice.errors import GenerationError
from ondevice.generation.grammar import Grammar
from ondevice.generation.llama.handles import Handle
from ondevice.generation.llama.native import lib
from ondevice.generation.llama.vocabulary import Vocabulary

PENALTY_WINDOW_TOKENS = 64
MOST_STEP_S = 0.5
"""Computing time for one token of a grammar. Even with 10,000 ways to go on llama.cpp takes milliseconds; but some
grammars can be followed in twice as many ways with every character, and nothing could interrupt the step after next."""

_CANDIDATE = np.dtype([("id", np.int32), ("logit", np.float32), ("p", np.float32)])


def check_sampling(sampling: Sampling) -> None:
    """Refuse settings that have no meaning.

    Raises:
        ValueError: If a number is out of its range.
    """
    if not (math.isfinite(sampling.temperature) and sampling.temperature >= 0):
        raise ValueError(f"temperature must be 0 or more, not {sampling.temperature}")
    if sampling.top_k < 0:
        raise ValueError(f"top_k must be 0 (off) or more, not {sampling.top_k}")
    if not 0 < sampling.top_p <= 1:
        raise ValueError(f"top_p must be above 0 and at most 1, not {sampling.top_p}")
    if not 0 <= sampling.min_p <= 1:
        raise ValueError(f"min_p must be between 0 and 1, not {sampling.min_p}")
    if not (math.isfinite(sampling.repeat_penalty) and sampling.repeat_penalty > 0):
        raise ValueError(f"repeat_penalty must be above 0, not {sampling.repeat_penalty}")
    if not 0 <= sampling.seed <= MOST_SEED:
        raise ValueError(f"seed must be between 0 and {MOST_SEED}, not {sampling.seed}")


class TokenChooser:
    """Chooses the tokens of one answer. The same settings, seed and logits give the same tokens."""

    def __init__(
        self, vocabulary: Vocabulary, sampling: Sampling, grammar: Grammar | None, *, is_measured: bool = False
    ) -> None:
        """Prepare the samplers.

        Args:
            vocabulary: The model's.
            sampling: How a token is chosen.
            grammar: What the tokens must follow.
            is_measured: Whether :attr:`log_likelihood` is wanted.

        Raises:
            ValueError: If a setting is out of range or the grammar cannot be parsed.
        """
        check_sampling(sampling)
        self._is_measured = is_measured
        self._log_likelihoods: list[float] = []
        self._handles = ExitStack()
        self._vocabulary = vocabulary
        self._chain = self._own(_chain(vocabulary, sampling)) if sampling.temperature > 0 else None
        self._grammar = self._own(_grammar_sampler(vocabulary, grammar)) if grammar is not None else None
        self._decoder = codecs.getincrementaldecoder("utf-8")("strict")
        self._ids = np.arange(vocabulary.size, dtype=np.int32)
        self._candidates = np.zeros(vocabulary.size, dtype=_CANDIDATE)
        # A control token has a written form that a grammar might take for text, but adds no text.
        silent = vocabulary.control_tokens if grammar is not None else ()
        self._mute = [token for token in silent if not vocabulary.ends_turn(token)]

    def _own(self, handle: Handle) -> Handle:
        return self._handles.enter_context(handle)

    def choose(self, logits: NDArray[np.float32]) -> int:
        """Return the next token for ``logits``, float32[n_vocabulary], and remember it.

        Raises:
            GenerationError: If the grammar lets no token of this model follow, or can be followed in too many ways.
        """
        if self._mute:
            logits = logits.copy()
            logits[self._mute] = -np.inf
        token = self._draw(logits)
        if self._grammar is not None:
            began = time.thread_time()
            # Checking the one token that the model wants is cheap; filtering all of them is not, and seldom needed.
            if not self._allows(token) or not self._makes_text(token):
                token = self._draw_allowed(self._filtered(logits))
                began = time.thread_time()
            lib.llama_sampler_accept(self._grammar.pointer, token)
            if time.thread_time() - began > MOST_STEP_S:
                raise GenerationError(
                    "the grammar can be followed in too many ways at once",
                    hint="let fewer of its alternatives begin alike",
                )
            self._decoder.decode(self._bytes_of(token))
        if self._chain is not None:
            lib.llama_sampler_accept(self._chain.pointer, token)
        if self._is_measured:
            self._log_likelihoods.append(_log_likelihood(logits, token))
        return token

    @property
    def follows_grammar(self) -> bool:
        """Whether a grammar says which tokens may come."""
        return self._grammar is not None

    def forget_likelihoods(self) -> None:
        """Begin to measure anew: what was chosen so far is no part of the answer."""
        self._log_likelihoods.clear()

    @property
    def log_likelihood(self) -> float | None:
        """The mean ln p of the tokens so far, as the model gives it, however they were drawn (nats).

        ``None`` where nothing was chosen, or nothing measured.
        """
        return sum(self._log_likelihoods) / len(self._log_likelihoods) if self._log_likelihoods else None

    def _draw(self, logits: NDArray[np.float32]) -> int:
        if self._chain is None:
            return int(logits.argmax())
        self._fill(logits)
        array = self._native(self._candidates)
        lib.llama_sampler_apply(self._chain.pointer, ctypes.byref(array))
        if array.selected < 0:
            raise GenerationError("llama.cpp chose no token")
        return int(array.data[array.selected].id)

    def _draw_allowed(self, logits: NDArray[np.float32]) -> int:
        while np.isfinite(logits.max()):
            token = self._draw(logits)
            if self._makes_text(token):
                return token
            logits[token] = -np.inf
        raise GenerationError("the grammar lets no token of this model follow")

    def _bytes_of(self, token: int) -> bytes:
        return b"" if self._vocabulary.ends_turn(token) else self._vocabulary.piece(token)

    def _makes_text(self, token: int) -> bool:
        """Whether the answer stays UTF-8: llama.cpp's grammars take half a character, and bytes that are none."""
        state = self._decoder.getstate()
        try:
            self._decoder.decode(self._bytes_of(token), final=self._vocabulary.ends_turn(token))
            pending = self._decoder.getstate()[0]
        except UnicodeDecodeError:
            return False
        finally:
            self._decoder.setstate(state)
        # The decoder waits for the end of half a surrogate pair, only to refuse it.
        return not (pending.startswith(b"\xed") and pending[1:] >= b"\xa0")

    def _allows(self, token: int) -> bool:
        one = np.array([(token, 1.0, 0.0)], dtype=_CANDIDATE)
        self._apply_grammar(one)
        return bool(np.isfinite(one["logit"][0]))

    def _filtered(self, logits: NDArray[np.float32]) -> NDArray[np.float32]:
        self._fill(logits)
        self._apply_grammar(self._candidates)
        filtered: NDArray[np.float32] = self._candidates["logit"].copy()
        return filtered

    def _apply_grammar(self, candidates: NDArray[Any]) -> None:
        assert self._grammar is not None  # noqa: S101 - only called with a grammar
        lib.llama_sampler_apply(self._grammar.pointer, ctypes.byref(self._native(candidates)))

    def _fill(self, logits: NDArray[np.float32]) -> None:
        self._candidates["id"] = self._ids
        self._candidates["logit"] = logits
        self._candidates["p"] = 0.0

    @staticmethod
    def _native(candidates: NDArray[Any]) -> Any:  # noqa: ANN401 - a C structure
        data = ctypes.cast(candidates.ctypes.data, ctypes.POINTER(lib.llama_token_data))
        return lib.llama_token_data_array(data=data, size=len(candidates), selected=-1, sorted=False)

    def close(self) -> None:
        """Free the samplers; calling again has no effect."""
        self._handles.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _log_likelihood(logits: NDArray[np.float32], token: int) -> float:
    most = float(logits.max())
    return float(logits[token]) - most - math.log(float(np.exp(logits - most).sum()))


def _chain(vocabulary: Vocabulary, sampling: Sampling) -> Handle:
    chain = Handle(lib.llama_sampler_chain_init(lib.llama_sampler_chain_default_params()), lib.llama_sampler_free)
    if sampling.repeat_penalty != 1.0:
        penalties = lib.llama_sampler_init_penalties(
            vocabulary.size, PENALTY_WINDOW_TOKENS, sampling.repeat_penalty, 0.0, 0.0
        )
        lib.llama_sampler_chain_add(chain.pointer, penalties)
    for sampler in (
        lib.llama_sampler_init_top_k(sampling.top_k),
        lib.llama_sampler_init_top_p(sampling.top_p, 1),
        lib.llama_sampler_init_min_p(sampling.min_p, 1),
        lib.llama_sampler_init_temp(sampling.temperature),
        lib.llama_sampler_init_dist(sampling.seed),
    ):
        lib.llama_sampler_chain_add(chain.pointer, sampler)
    return chain


def _grammar_sampler(vocabulary: Vocabulary, grammar: Grammar) -> Handle:
    pointer = lib.llama_sampler_init_grammar(vocabulary.pointer, grammar.text.encode(), b"root")
    if not pointer:
        raise ValueError("llama.cpp cannot use the grammar")
    return Handle(pointer, lib.llama_sampler_free)
