"""The settings, as frozen values with their units in their names."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

MODELS_VARIABLE = "ONDEVICE_MODELS"
"""Environment variable: the folder of the models."""

DEFAULT_ENCODER = "bge-small-en-int8"
FORMER_ENCODERS = ("minilm-l6-int8",)
"""Defaults of earlier releases: profiles whose vectors are of one keep it until they are re-encoded."""
DEFAULT_GENERATOR = "smollm2-135m-instruct"

WITHOUT_ENCODER = ("none", "recency", "bm25")
"""The retrievers that need no vectors."""
RETRIEVERS = (*WITHOUT_ENCODER, "dense", "hybrid")
"""The retrievers that every profile with an encoder has; every other name is an encoder's."""

PersonaWeights = Literal["attention", "mean", "task"]
"""How a persona weighs a user's items: by the request, all alike, or not at all, where the task's rows stand alone."""

MOST_SEED = 2**32 - 2
"""llama.cpp reads the next one as "take any"."""

MOST_THREADS = 512
"""Native code ends the process where it is asked for more threads than there is memory for; this many helps nobody."""


@dataclass(frozen=True, kw_only=True, slots=True)
class KdfConfig:
    """Cost of turning a passphrase into a key (Argon2id, RFC 9106's second recommendation)."""

    passes: int = 3
    memory_kib: int = 64 * 1024
    lanes: int = 4


@dataclass(frozen=True, kw_only=True, slots=True)
class IndexConfig:
    """When and how vectors are searched approximately.

    Args:
        exact_up_to: Up to this many vectors every one is compared (measured in ``benchmarks/``).
        links: HNSW's M, neighbours per node.
        build_effort: HNSW's ef_construction.
        search_effort: HNSW's ef, at least k.
        min_recall: Recall@10 against exact search below which the index raises its effort.
    """

    exact_up_to: int = 20_000
    links: int = 16
    build_effort: int = 200
    search_effort: int = 100
    min_recall: float = 0.99


CacheType = Literal["f32", "f16", "bf16", "q8_0", "q4_0"]
"""How llama.cpp keeps a number of the key-value memory."""


@dataclass(frozen=True, kw_only=True, slots=True)
class EngineConfig:
    """How the language model is loaded.

    Args:
        context_tokens: Context length; ``None`` takes the model's own, at most 4096. It changes no number.
        threads: CPU threads; ``None`` takes the physical cores. Another number changes the last bits of some logits.
        batch_tokens: Tokens evaluated in one call. Another number changes last bits.
        reuse_whole_batches: Reuse of an earlier prompt only whole batches, so that an answer is the same bit for bit
            whatever was asked before; otherwise every common token is reused, and logits differ by noise.
        prompt_tokens: Longest prompt with items in it; ``None`` takes what the model's bundle says that it learned to
            use, and the context where it says nothing. A request that is longer is asked without items.
        gpu_layers: Layers that a graphics processor computes, -1 for all; ``None`` takes all where llama.cpp's build
            and the machine have one, and 0 elsewhere. It rounds otherwise than a processor, and each kind in its way.
        cache_type: How the keys and values of what was read are kept. ``q8_0`` takes about half of the memory and
            ``q4_0`` a quarter; both round each of them, which may change answers. ``f16`` is what models are made for.
        flash_attention: Whether attention is computed in one pass, without a table of every pair of tokens. Without it
            the sums have another order, which changes last bits; the rounded cache types need it.
    """

    context_tokens: int | None = None
    threads: int | None = None
    batch_tokens: int = 128
    reuse_whole_batches: bool = False
    prompt_tokens: int | None = None
    gpu_layers: int | None = None
    cache_type: CacheType = "f16"
    flash_attention: bool = True

    def __post_init__(self) -> None:
        """Refuse what is no whole number: to Python ``True`` is 1, and native code takes no fraction.

        Raises:
            TypeError: Then.
        """
        for name in ("context_tokens", "threads", "batch_tokens", "prompt_tokens", "gpu_layers"):
            value = getattr(self, name)
            if type(value) is not int and (value is not None or name == "batch_tokens"):
                raise TypeError(f"{name} must be a whole number, not of type {type(value).__name__}")
        if type(self.flash_attention) is not bool:
            raise TypeError(f"flash_attention must be True or False, not of type {type(self.flash_attention).__name__}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Sampling:
    """How the next token is chosen. A temperature of 0 is greedy; the rest then has no effect."""

    temperature: float = 0.0
    top_k: int = 40
    top_p: float = 0.95
    min_p: float = 0.05
    repeat_penalty: float = 1.0
    seed: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Contrast:
    """How strongly answers keep away from what the model would say without the user's adapter.

    Bu et al. 2025, arXiv:2506.12109, whose values these are.

    Args:
        alpha: Weight of the plain model's log-probabilities; 0 changes nothing.
        threshold: Only tokens at least this likely, relative to the adapted model's likeliest, are weighed.
    """

    alpha: float = 0.1
    threshold: float = 0.1


@dataclass(frozen=True, kw_only=True, slots=True)
class RetrievalConfig:
    """Defaults of a search: which retriever, how many hits, and how hybrid fusion mixes.

    Args:
        retriever: ``none``, ``recency``, ``bm25``, ``dense``, ``hybrid``, or the name of a further encoder.
        k: Hits asked for.
        fusion_depth: Hits that words and vectors each contribute to ``hybrid``.
        fusion_constant: The constant of reciprocal rank fusion (Cormack et al. 2009 use 60), by which the rankings of
            several queries for one request become one.
    """

    retriever: str = "hybrid"
    k: int = 3
    fusion_depth: int = 100
    fusion_constant: int = 60


def default_profile_dir() -> Path:
    """Return the platform's place for a user's data, where the command line keeps its profile."""
    from platformdirs import user_data_path

    return user_data_path("ondevice", appauthor=False) / "me.profile"


def default_models_dir() -> Path:
    """Return where ``ondevice-models`` puts what it fetches: ``$ONDEVICE_MODELS``, or the platform's cache folder."""
    if named := os.environ.get(MODELS_VARIABLE):
        return Path(named)
    from platformdirs import user_cache_path

    return user_cache_path("ondevice", appauthor=False) / "models"
