"""The sections of a manifest: what a device must know of each kind of model, and what the gate measured."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, NoReturn, get_args

from ondevice.bundle.gains import WayGains, check_gains
from ondevice.errors import ManifestError
from ondevice.safety.printable import one_line

Kind = Literal["encoder", "selector", "projector", "generator", "adapter", "persona"]
Pooling = Literal["mean", "cls", "none"]

REQUIRED_ROLES: Mapping[Kind, tuple[str, ...]] = {
    "encoder": ("model", "tokenizer"),
    "selector": ("model", "tokenizer"),
    "projector": ("model",),
    "generator": ("model",),
    "adapter": ("model",),
    "persona": ("model", "rows"),
}
READER_ROLE = "reader"
"""A generator's adapter for reading numbered notes; a bundle may bring one."""
UNUSABLE = "the manifest cannot be used: "
"""How the error of every manifest begins."""
_REASON_CHARS = 300
_MOST_ODDS = 30.0
_LARGEST_SIZE = 1 << 20
_LEAST_TEMPERATURE = 1e-6
_TASK = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
SHA256 = re.compile(r"[0-9a-f]{64}")
_FOLD_DIGEST = re.compile(r"[0-9a-f]{16}")


def refuse(reason: str) -> NoReturn:
    """Raise the one error of a manifest that cannot be used."""
    raise unusable(reason)


def unusable(reason: str) -> ManifestError:
    """Return that error."""
    return ManifestError(f"{UNUSABLE}{one_line(reason[:_REASON_CHARS])}")


@dataclass(frozen=True, kw_only=True, slots=True)
class EncoderSpec:
    """How texts become vectors.

    Args:
        dim: Numbers in a vector.
        pooling: ``mean`` over the tokens, ``cls`` (the first token), or ``none`` where the graph pools itself.
        is_normalized: Whether the graph's own output has L2 norm 1; the encoder normalizes in any case.
        max_tokens: Longer texts are cut here, special tokens included.
        query_prefix: Put before a text that searches.
        passage_prefix: Put before a text that is searched.
        passages: The id of another encoder: this one encodes queries alone, and searches the vectors that the other
            made of the passages. ``None`` means that it encodes both.
        unrelated: The cosine of two texts that have nothing to do with each other, for an encoder whose cosines are all
            high; how near a text is to a question is reckoned from there.
    """

    dim: int
    pooling: Pooling
    is_normalized: bool
    max_tokens: int
    query_prefix: str = ""
    passage_prefix: str = ""
    passages: str | None = None
    unrelated: float = 0.0

    def __post_init__(self) -> None:
        """Refuse sizes that no model has, an encoder of passages without a name, and a cosine that leaves no room."""
        if self.dim < 1 or self.max_tokens < 3:
            refuse(f"dim {self.dim} must be 1 or more, max_tokens {self.max_tokens} 3 or more")
        if self.passages == "":
            refuse("passages must be the id of an encoder")
        if not 0 <= self.unrelated < 1:
            refuse(f"unrelated {self.unrelated} must be 0 or more and less than 1")

    def nearness(self, cosine: float) -> float:
        """Return how near two texts of this cosine are: 1 where they point one way, 0 where they are unrelated."""
        return (cosine - self.unrelated) / (1 - self.unrelated)


Cut = Literal["end", "evenly"]
"""What a candidate loses that is too long: the end of a text in brief, or of each part of a whole one its share."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SelectorSpec:
    """How a pair of texts becomes a score.

    Shapes: the graph takes ``input_ids``, ``attention_mask`` and, where it has it, ``token_type_ids``, each
        int64[n, length], and gives ``scores``, float32[n] or float32[n, 1].

    Args:
        max_tokens: Longer pairs are cut here, special tokens included.
        pool: The retrievers it was trained to choose among: built-in names and names of encoders. Empty means that it
            scores pairs for an app of its own.
        k: So many items each of them puts into the prompt.
        margin: Outputs are generated and judged only where the best prompt's share of the choice leads the second by
            less than this (0 to 1): 0 never judges outputs, 1 always.
        default: The retriever of the pool that is best where one must do for all, or ``None``. Another is chosen only
            for a lead over it.
        lead_pre: By how much another prompt's share must lead the default's (0 to 1); 1 never leaves it.
        lead_post: The same, where outputs are judged.
        cut: What a candidate of the pool loses that is too long, and so how its text is written. Bundles from before
            this was said read candidates in brief, and lose their end.
    """

    max_tokens: int
    pool: tuple[str, ...] = ()
    k: int = 4
    margin: float = 1.0
    default: str | None = None
    lead_pre: float = 0.0
    lead_post: float = 0.0
    cut: Cut = "end"

    def __post_init__(self) -> None:
        """Refuse a length that leaves no room for a pair and its special tokens, and a pool that is no choice."""
        if self.max_tokens < 5:
            refuse(f"max_tokens {self.max_tokens} must be 5 or more")
        if len(self.pool) == 1 or len(set(self.pool)) != len(self.pool) or not all(self.pool):
            refuse("pool must hold two retrievers or more, each once")
        if self.k < 1 or not all(0 <= number <= 1 for number in (self.margin, self.lead_pre, self.lead_post)):
            refuse(
                f"k {self.k} must be 1 or more, margin {self.margin}, lead_pre {self.lead_pre} and "
                f"lead_post {self.lead_post} between 0 and 1"
            )
        if self.default is not None and self.default not in self.pool:
            refuse("default must be a retriever of the pool")
        if self.cut not in get_args(Cut) or (self.cut != "end" and not self.pool):
            refuse(f"cut must be one of {', '.join(get_args(Cut))}, and 'evenly' needs a pool")


@dataclass(frozen=True, kw_only=True, slots=True)
class ProjectorSpec:
    """A map from vectors to vectors: graph float32[n, ``n_in``] → float32[n, ``n_out``]."""

    n_in: int
    n_out: int

    def __post_init__(self) -> None:
        """Refuse sizes that no model has."""
        if self.n_in < 1 or self.n_out < 1:
            refuse(f"n_in {self.n_in} and n_out {self.n_out} must be 1 or more")


@dataclass(frozen=True, kw_only=True, slots=True)
class SupportSpec:
    """How far a model's answers from notes may be relied on, fitted on answers that were graded.

    Args:
        intercept: The log-odds of a right answer before anything is known of it.
        likelihood: What is added for each nat of the mean ln p of the answer's tokens.
        overlap: What is added where all that the answer says stands in the notes that it names.
        least: An answer with less support is treated as one that says what stands in no note.
    """

    intercept: float
    likelihood: float
    overlap: float
    least: float

    def __post_init__(self) -> None:
        """Refuse weights that are no numbers, and a least support that every answer has, or none."""
        if not all(math.isfinite(weight) for weight in (self.intercept, self.likelihood, self.overlap)):
            refuse("the weights of the support must be finite numbers")
        if not 0 <= self.least < 1:
            refuse(f"the least support {self.least} must be 0 or more and less than 1")

    def of(self, log_likelihood: float, overlap: float) -> float:
        """Return how likely an answer is right, 0 to 1.

        Args:
            log_likelihood: The mean ln p of its tokens (nats).
            overlap: The part of what it says that the notes hold which it names, 0 to 1.
        """
        odds = self.intercept + self.likelihood * log_likelihood + self.overlap * overlap
        # In this order, because what is no number (weights that overflow) must come out as little, not as much.
        return 1 / (1 + math.exp(-min(_MOST_ODDS, max(-_MOST_ODDS, odds))))


def check_task_gains(gains: Mapping[str, WayGains]) -> None:
    """Refuse gains of no task or way.

    Raises:
        ManifestError: Then.
    """
    if not gains or not all(map(_TASK.fullmatch, gains)):
        refuse("gains must name a task or more, each of 1 to 64 letters, digits, dots, dashes or underscores")
    for task, ways in gains.items():
        try:
            check_gains(ways)
        except ValueError as error:
            refuse(f"the gains of {task!r}: {error}")


@dataclass(frozen=True, kw_only=True, slots=True)
class GeneratorSpec:
    """What the prompt builder must know of a language model.

    Args:
        context_tokens: The longest context the model was made for.
        base: The name of the base model, as people know it.
        reads_notes: Whether its own weights learned to answer from numbered notes and to name the ones it used; every
            prompt of a chat then has them. A bundle whose weights did not may bring a reader, for questions alone.
        support: How far the answers may be relied on that it, or its reader, gives from numbered notes.
        prompt_tokens: The longest prompt that it learned to use, where that is shorter than its context; what stands
            in a prompt beside the request is shortened to it.
        gains: By task, what each way of answering gained other users of it; the planner begins there.
    """

    context_tokens: int
    base: str
    reads_notes: bool = False
    support: SupportSpec | None = None
    prompt_tokens: int | None = None
    gains: Mapping[str, WayGains] | None = None

    def __post_init__(self) -> None:
        """Refuse a context that holds nothing, a longest prompt that it does not hold, and gains of no task or way."""
        if self.context_tokens < 1:
            refuse(f"context_tokens {self.context_tokens} must be 1 or more")
        if self.prompt_tokens is not None and not 1 <= self.prompt_tokens <= self.context_tokens:
            refuse(f"prompt_tokens {self.prompt_tokens} must be between 1 and context_tokens {self.context_tokens}")
        if self.gains is not None:
            check_task_gains(self.gains)


@dataclass(frozen=True, kw_only=True, slots=True)
class AdapterSpec:
    """What a LoRA adapter may be put on.

    Args:
        bases: SHA-256 of every GGUF file it may be used with (64 lowercase hex digits each).
        architecture: The base's ``general.architecture``, such as ``llama``.
        rank: The largest rank among its matrices.
        alpha: The scale of the low-rank update before division by the rank.
        prompt_tokens: The longest prompt that the model learned to use with it, as a generator's.
    """

    bases: tuple[str, ...]
    architecture: str
    rank: int
    alpha: float
    prompt_tokens: int | None = None

    def __post_init__(self) -> None:
        """Refuse an adapter that fits no base or changes nothing."""
        _check_bases(self.bases)
        if self.rank < 1 or not math.isfinite(self.alpha) or self.alpha <= 0:
            refuse(f"rank {self.rank} must be 1 or more, alpha {self.alpha} more than 0")
        if self.prompt_tokens is not None and self.prompt_tokens < 1:
            refuse(f"prompt_tokens {self.prompt_tokens} must be 1 or more")


@dataclass(frozen=True, kw_only=True, slots=True)
class PersonaSpec:
    """How a user's items become rows that a language model reads behind its prompt.

    Shapes: the graph (role ``model``) maps float32[n, ``n_in``] → float32[n, ``n_rows`` · ``n_out``]. ``rows`` holds
        float32[tasks · ``n_task_rows`` + ``n_rows``, ``n_out``]: each task's rows, then those of nobody. ``map`` holds
        float32[2, ``n_in``, ``rank``]; there is no such file where the rank is 0. Both are raw, little-endian.

    Args:
        n_in: Numbers in an item's vector.
        n_out: Numbers in an embedding of the language model.
        n_rows: Rows that tell of the user.
        n_task_rows: Rows that tell of the task, before them.
        rank: Rank of the map of the request's vector; 0 leaves the vector as it is.
        encoder: The id of the encoder of the items.
        bases: SHA-256 of every GGUF file it may be used with (64 lowercase hex digits each).
        tasks: The tasks it learned.
        temperature: What scores are divided by before the softmax.
        null_score: The score of nobody's rows.
        gain: The length of a row that is made of items alone.
        max_items: So many of the newest items have a part.
    """

    n_in: int
    n_out: int
    n_rows: int
    n_task_rows: int
    rank: int
    encoder: str
    bases: tuple[str, ...]
    tasks: tuple[str, ...]
    temperature: float
    null_score: float
    gain: float
    max_items: int = 512

    def __post_init__(self) -> None:
        """Refuse sizes that no model has, a persona that fits no base or task, and numbers that nothing scores by."""
        sizes = (self.n_in, self.n_out, self.n_rows, self.n_task_rows, self.max_items)
        if min(sizes) < 1 or max(*sizes, self.rank) > _LARGEST_SIZE or self.rank < 0:
            refuse(
                f"n_in {self.n_in}, n_out {self.n_out}, n_rows {self.n_rows}, n_task_rows {self.n_task_rows} and "
                f"max_items {self.max_items} must be 1 or more, rank {self.rank} 0 or more, all up to {_LARGEST_SIZE}"
            )
        if not self.encoder:
            refuse("encoder must be the id of an encoder")
        _check_bases(self.bases)
        if not self.tasks or len(set(self.tasks)) != len(self.tasks) or not all(map(_TASK.fullmatch, self.tasks)):
            refuse("tasks must name a task or more, each once, of letters, digits, dots, dashes or underscores")
        numbers = (self.temperature, self.null_score, self.gain)
        if not all(map(math.isfinite, numbers)) or self.temperature < _LEAST_TEMPERATURE or self.gain <= 0:
            refuse(
                f"temperature {self.temperature} must be {_LEAST_TEMPERATURE:g} or more, gain {self.gain} more than 0, "
                f"null_score {self.null_score} a number"
            )


@dataclass(frozen=True, kw_only=True, slots=True)
class FoldSpec:
    """From which of two folds of a data set's users a model has learned, so that nobody asks it about them.

    Args:
        fold: 1 or 2.
        digests: Each task that it learned → the hash of who is in which fold (16 lowercase hex digits).
    """

    fold: int
    digests: Mapping[str, str]

    def __post_init__(self) -> None:
        """Refuse a third fold, and folds of nothing."""
        if self.fold not in (1, 2):
            refuse(f"fold {self.fold} must be 1 or 2")
        if not self.digests or not all(_FOLD_DIGEST.fullmatch(digest) for digest in self.digests.values()):
            refuse("digests must give one task or more, each with 16 lowercase hex digits")


_UNSAID = (("default", None), ("cut", "end"))
"""Fields of a selector with a pool that came later, and what they are where they are left out."""
_UNSAID_OF_ENCODERS = (("passages", None), ("unrelated", 0.0))

Section = EncoderSpec | SelectorSpec | ProjectorSpec | GeneratorSpec | AdapterSpec | PersonaSpec


def _check_bases(bases: tuple[str, ...]) -> None:
    if not bases or not all(SHA256.fullmatch(base) for base in bases):
        refuse("bases must hold one sha-256 or more, each of 64 lowercase hex digits")


def section_json(section: Section) -> dict[str, Any]:
    """Return a section's JSON object; fields that came later are left out where they say nothing, so ids stay."""
    values = asdict(section)
    if isinstance(section, EncoderSpec):
        values = {name: value for name, value in values.items() if (name, value) not in _UNSAID_OF_ENCODERS}
    if isinstance(section, GeneratorSpec):
        values = {name: value for name, value in values.items() if value not in (None, False)}
    if isinstance(section, AdapterSpec) and section.prompt_tokens is None:
        del values["prompt_tokens"]
    if isinstance(section, SelectorSpec) and not section.pool:
        values = {"max_tokens": section.max_tokens}
    elif isinstance(section, SelectorSpec):
        values = {name: value for name, value in values.items() if (name, value) not in _UNSAID}
    return values


@dataclass(frozen=True, kw_only=True, slots=True)
class GateResult:
    """One number that the export gate measured, and the bound it was held to.

    Args:
        measure: What was measured, such as ``cosine_min`` or ``ndcg@10_drop``.
        value: The number.
        bound: What the number was compared with, or ``None`` where it is only reported.
        data: The texts it was measured on, by name.
        n: How many texts, queries or tokens.
        cpu: The class of CPU it was measured on, such as ``x86-64 avx512-vnni``.
    """

    measure: str
    value: float
    bound: float | None
    data: str
    n: int
    cpu: str

    def __post_init__(self) -> None:
        """Refuse numbers that JSON cannot hold."""
        if not math.isfinite(self.value) or not math.isfinite(self.bound or 0.0) or self.n < 0:
            refuse(f"the gate result {self.measure!r} must have finite numbers and a count of 0 or more")
