"""An adapter beside a quantized base, or merged into the floats and then quantized: quality, size and speed of both.

The adapter is trained here, for a few minutes and once for all runs, on other users' questions than those it is
measured on.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.adapter_training import trained_adapter
from benchmarks.lamp_answers import Question, read_questions
from benchmarks.measure import Row, summarize, time_ms
from export.conversion.gguf.adapter_parity import AdaptedReader, ReadLogits, peft_logits
from export.conversion.gguf.base_model import fit_adapter, read_base
from export.conversion.gguf.floating import write_floating
from export.conversion.gguf.merge import write_merged
from export.conversion.gguf.peft_folder import read_peft
from export.gate.logits import compare_logits
from export.quantization import Quantization, quantize_gguf
from ondevice.adaptation.lora.lora_gguf import pairs_bytes
from ondevice.bundle import Bundle, FileEntry, GeneratorSpec, Manifest, write_manifest
from ondevice.config import EngineConfig
from ondevice.generation.llama.engine import Engine
from ondevice.generation.prompts.chat import Message

_TYPES = ("F16", "Q8_0", "Q4_1", "Q4_0", "Q4_K_M")
_STEPS = 60
_N_ANSWERS = 42
_N_LOGITS_TEXTS = 6
_ROUNDS = 5
_PROMPT_REPEATS = 16
_N_GENERATED = 32
_CONTEXT_TOKENS = 1024
_THREADS = 1  # the comparison is between models: one thread waits for no other, whatever else the machine does
_DRAWS = 1000


@dataclass(frozen=True, kw_only=True)
class Condition:
    """A model file, and the adapter that is put on it, or none."""

    name: str
    bundle: Bundle
    adapter: bytes | None

    @property
    def n_bytes(self) -> int:
        """What the two take on the disk."""
        return self.bundle.files["model"].bytes + len(self.adapter or b"")


@dataclass(frozen=True, kw_only=True)
class Losses:
    """By answer: the sum of -ln p over its tokens (nats), and their number."""

    sums: NDArray[np.float64]
    counts: NDArray[np.float64]

    def perplexity(self, rows: NDArray[np.int64] | None = None) -> float:
        """Return exp of the mean loss per token over all answers, or those drawn."""
        chosen = slice(None) if rows is None else rows
        return math.exp(self.sums[chosen].sum() / self.counts[chosen].sum())


def run(models: Path) -> Iterator[Row]:
    """Train an adapter, then measure it beside and inside the base in every quantization."""
    base = models / "smollm2-135m-instruct" / "model.gguf"
    held_out = read_questions("dev", per_task=_N_ANSWERS // 3)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        lora, seconds = trained_adapter(
            base, read_questions("train", per_task=200), steps=_STEPS, cache=models.parent / "benchmarks"
        )
        if seconds is not None:
            yield _point("training", f"LoRA r=16, {_STEPS} steps of 8 answers", "s", seconds)
        reference = peft_logits(base, lora)
        plain, conditions = _conditions(base, lora, folder)
        losses = {}
        for condition in (plain, *conditions):
            yield _point("size", condition.name, "MB", condition.n_bytes / 1e6)
            yield from _logits(condition, reference, held_out)
            losses[condition.name] = _losses(condition, held_out)
            yield _perplexity(condition.name, losses[condition.name])
        yield from _rises(losses)
        yield from _speed(conditions)


def _conditions(base: Path, lora: Path, folder: Path) -> tuple[Condition, list[Condition]]:
    """Return the base alone, and for every type the adapter beside the base and merged into it."""
    adapter, model = read_peft(lora), read_base(base)
    data = pairs_bytes(
        fit_adapter(adapter, model), architecture=model.architecture, alpha=adapter.alpha, precision="f16"
    )
    write_floating(base, folder / "base.gguf")
    write_merged(adapter, model, folder / "merged.gguf")
    out = []
    for kind in _TYPES:
        for source, beside in (("base", data), ("merged", None)):
            path = folder / f"{source}-{kind}" / "model.gguf"
            path.parent.mkdir()
            quantize_gguf(folder / f"{source}.gguf", path, Quantization(name=kind.lower(), mixture=kind))
            out.append(
                Condition(
                    name=f"{kind}, adapter {'beside' if beside else 'merged'}",
                    bundle=_bundle(path, model.context_tokens),
                    adapter=beside,
                )
            )
    return Condition(name="F16, no adapter", bundle=out[0].bundle, adapter=None), out


def _bundle(path: Path, context_tokens: int) -> Bundle:
    manifest = Manifest(
        kind="generator",
        name=path.parent.name.lower(),
        version="1",
        license="Apache-2.0",
        source="made for the benchmark",
        files={"model": FileEntry.measure(path.parent, path.name)},
        generator=GeneratorSpec(context_tokens=context_tokens, base="SmolLM2-135M-Instruct"),
    )
    write_manifest(path.parent, manifest)
    return Bundle.open(path.parent, kind="generator")


def _engine(condition: Condition) -> Engine:
    engine = Engine.open(condition.bundle, config=EngineConfig(context_tokens=_CONTEXT_TOKENS, threads=_THREADS))
    if condition.adapter is not None:
        engine.use_adapter(engine.load_adapter(condition.adapter))
    return engine


def _logits(condition: Condition, reference: ReadLogits, questions: Sequence[Question]) -> Iterator[Row]:
    texts = [f"{question.request} {question.answer}" for question in questions[:_N_LOGITS_TEXTS]]
    with AdaptedReader(condition.bundle.file("model"), adapter=condition.adapter, threads=_THREADS) as reader:
        parity = compare_logits((reference(row), reader.read(row)) for row in reader.rows_of(texts))
    yield Row(
        case="cosine of logits to PyTorch with PEFT (low: worst position)",
        condition=condition.name,
        unit="",
        median=parity.cosine_mean,
        low=parity.cosine_min,
        high=1.0,
        n=parity.n,
        aim=0.999 if condition.name.startswith("F16, adapter") else None,
        aim_is_minimum=True,
    )
    yield _point("divergence from PyTorch with PEFT", condition.name, "nats", parity.divergence, n=parity.n)


def _losses(condition: Condition, questions: Sequence[Question]) -> Losses:
    sums, counts = [], []
    with _engine(condition) as engine:
        for question in questions:
            scores = engine.log_likelihood(_prompt(engine, question.request), question.answer)
            sums.append(-float(scores.sum()))
            counts.append(float(len(scores)))
    return Losses(sums=np.array(sums), counts=np.array(counts))


def _perplexity(name: str, losses: Losses) -> Row:
    draws = sorted(losses.perplexity(rows) for rows in _draws(len(losses.sums)))
    return _interval("perplexity of held-out answers", name, "", losses.perplexity(), draws, n=len(losses.sums))


def _rises(losses: dict[str, Losses]) -> Iterator[Row]:
    for kind in _TYPES:
        beside, merged = losses[f"{kind}, adapter beside"], losses[f"{kind}, adapter merged"]

        def rise(rows: NDArray[np.int64] | None, beside: Losses = beside, merged: Losses = merged) -> float:
            return 100 * (merged.perplexity(rows) / beside.perplexity(rows) - 1)

        draws = sorted(rise(rows) for rows in _draws(len(beside.sums)))
        yield _interval("perplexity, merged over beside", kind, "%", rise(None), draws, n=len(beside.sums))


def _draws(n: int) -> Iterator[NDArray[np.int64]]:
    random = np.random.default_rng(0)
    return (random.integers(0, n, n) for _ in range(_DRAWS))


def _speed(conditions: Sequence[Condition]) -> Iterator[Row]:
    """Let the conditions take turns, so that the machine's moods fall on all alike."""
    request = "a long letter to a friend about the garden, the concert and the journey " * _PROMPT_REPEATS
    read: dict[str, list[float]] = {condition.name: [] for condition in conditions}
    made: dict[str, list[float]] = {condition.name: [] for condition in conditions}
    with ExitStack() as stack:
        engines = [(condition.name, stack.enter_context(_engine(condition))) for condition in conditions]
        for round_number in range(_ROUNDS + 1):
            for name, engine in engines:
                reading, making = _rates(engine, request)
                if round_number:  # the first round warms up
                    read[name].append(reading)
                    made[name].append(making)
    for name in read:
        yield summarize(read[name], case="prompt speed, one thread", condition=name, unit="tokens/s")
    for name in made:
        yield summarize(made[name], case="generation speed, one thread", condition=name, unit="tokens/s")


def _rates(engine: Engine, request: str) -> tuple[float, float]:
    """Return tokens read and tokens generated per second; always the same ones, whatever the model would say."""
    desk, conditioning = engine._desk, engine._conditioning
    tokens = desk.tokens_of(_prompt(engine, request), conditioning, _N_GENERATED)
    engine.forget_cache()
    reading = time_ms(desk.state.read, tokens, conditioning, lambda: False)
    making = sum(time_ms(desk.state.extend, [token]) for token in tokens[:_N_GENERATED])
    return 1000 * len(tokens) / reading, 1000 * _N_GENERATED / making


def _prompt(engine: Engine, request: str) -> str:
    return engine.render([Message(role="user", content=request)])


def _point(case: str, condition: str, unit: str, value: float, *, n: int = 1) -> Row:
    return Row(case=case, condition=condition, unit=unit, median=value, low=value, high=value, n=n)


def _interval(case: str, condition: str, unit: str, value: float, draws: Sequence[float], *, n: int) -> Row:
    low, high = draws[len(draws) // 10], draws[-len(draws) // 10]
    return Row(case=case, condition=condition, unit=unit, median=value, low=low, high=high, n=n)
