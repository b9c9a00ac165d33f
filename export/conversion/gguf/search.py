"""Trying quantizations of one language model on the same texts, and taking the smallest within the bounds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from export.conversion.gguf.quantize import PARTS, mixed
from export.conversion.steps import Steps
from export.conversion.trials import Trial
from export.errors import ParityError
from export.gate.bounds import Bounds
from export.gate.cpu import cpu_class
from export.gate.logits import LogitsReader, compare_logits
from export.gate.perplexity import CONTEXT_TOKENS, Perplexity, measure_perplexity, perplexity_rise
from export.gate.token_speed import TokenSpeed, measure_token_speed
from export.quantization import Importance, Quantization, quantize_gguf
from ondevice.bundle import Bundle, FileEntry, GateResult, GeneratorSpec, Manifest
from ondevice.config import EngineConfig
from ondevice.generation.llama.engine import Engine

BASELINE = "original"


GgufTrial = Trial[Quantization, TokenSpeed]

# A report's columns, and the measures and the numbers of speed that stand in them.
_MEASURES = {"perplexity": "perplexity", "perplexity_rise": "perplexity_rise"}
_SPEEDS = {"read_tokens_per_s": "read_per_s", "write_tokens_per_s": "write_per_s", "read_ratio": "read_ratio"}


def row_of(trial: GgufTrial) -> dict[str, str | float | None]:
    """Return a trial as a row of a report."""
    return trial.row(_MEASURES, _SPEEDS)


def try_quantization(
    source: Path,
    out: Path,
    quantization: Quantization,
    *,
    original: Perplexity,
    texts: Sequence[str],
    data: str,
    bounds: Bounds,
    importance: Importance | None = None,
) -> GgufTrial:
    """Quantize ``source`` into ``out`` and measure how well the result predicts ``texts``, called ``data``."""
    quantize_gguf(source, out, quantization, importance=importance)
    measured = measure_perplexity(out, texts)
    n_bytes, rise, limit = out.stat().st_size, perplexity_rise(original, measured).value, bounds.perplexity_rise_max
    is_within = limit is None or rise <= limit
    return GgufTrial(
        recipe=quantization,
        path=out,
        n_bytes=n_bytes,
        results=tuple(
            GateResult(measure=measure, value=value, bound=None, data=of, n=n, cpu=cpu_class())
            for measure, value, of, n in (
                ("perplexity", measured.value, data, measured.n),
                ("perplexity_rise", rise, data, measured.n),
                ("file_bytes", float(n_bytes), "model", 1),
            )
        ),
        fault=None if is_within else f"perplexity rises by {rise:.2%}, at most {limit:.2%} is allowed",
    )


def time_trials(
    original: Path, trials: Sequence[GgufTrial], *, prompt: str, context_tokens: int, n_rounds: int = 5
) -> list[GgufTrial]:
    """Return the trials with how fast they read ``prompt`` and write, beside the original in interleaved rounds."""
    files = {BASELINE: original, **{trial.recipe.name: trial.path for trial in trials}}
    with ExitStack() as stack:
        engines = {
            name: stack.enter_context(Engine.open(_served(path), config=EngineConfig(context_tokens=context_tokens)))
            for name, path in files.items()
        }
        speeds = measure_token_speed(engines, prompt, baseline=BASELINE, n_rounds=n_rounds)
    by_name = {speed.name: speed for speed in speeds}
    return [replace(trial, speed=by_name[trial.recipe.name]) for trial in trials]


def smallest_within(trials: Sequence[GgufTrial], bounds: Bounds) -> GgufTrial:
    """Return the smallest trial whose perplexity stays within the bounds.

    Raises:
        ParityError: If none does; it names the nearest.
    """
    fitting = [trial for trial in trials if trial.fault is None]
    if not fitting:
        rise, best = min(((trial.value("perplexity_rise") or 0.0, trial) for trial in trials), key=lambda pair: pair[0])
        raise ParityError(
            f"no quantization keeps perplexity within {bounds.perplexity_rise_max:.2%}: the nearest, "
            f"{best.recipe.name!r}, is at {rise:+.2%}",
            hint="allow more, or name a quantization",
        )
    return min(fitting, key=lambda trial: trial.n_bytes)


def damage_by_part(
    source: Path,
    scratch: Path,
    texts: Sequence[str],
    *,
    kind: str = "IQ4_NL",
    importance: Importance | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> dict[str, float]:
    """Quantize one kind of matrix at a time and return the divergence it causes beyond that of Q8_0 alone (nats).

    The divergence needs far fewer tokens than perplexity for the same certainty. Least harmful first.
    """
    tried = [(), *((part,) for part in PARTS)]
    steps = Steps(len(tried), on_progress)
    found: dict[str, float] = {}
    with LogitsReader(source, context_tokens=CONTEXT_TOKENS) as reader:
        rows = [reader.vocabulary.tokenize_text(text)[: reader.context_tokens] for text in texts]
        rows = [row for row in rows if row]
        reference = [reader.read(row) for row in rows]
    for parts in tried:
        out = scratch / "part.gguf"
        quantize_gguf(source, out, mixed(parts, kind), importance=importance)
        with LogitsReader(out, context_tokens=CONTEXT_TOKENS) as reader:
            pairs = zip(reference, map(reader.read, rows), strict=True)
            found[parts[0] if parts else ""] = compare_logits(pairs).divergence
        out.unlink()
        steps.advance()
    rest = found.pop("")
    return dict(sorted(((part, value - rest) for part, value in found.items()), key=lambda pair: pair[1]))


def ladder(damage: dict[str, float], *, kind: str = "IQ4_NL") -> list[Quantization]:
    """Return mixtures in which one more kind of matrix gets four bits each time, the least harmful first."""
    parts = list(damage)
    return [mixed(tuple(parts[: n + 1]), kind) for n in range(len(parts))]


def _served(gguf: Path) -> Bundle:
    """Describe a file as a bundle of its own, in memory only."""
    entry = FileEntry.measure(gguf.parent, gguf.name)
    manifest = Manifest(
        kind="generator",
        name="trial",
        version="0",
        license="unknown",
        source="a trial",
        files={"model": entry},
        generator=GeneratorSpec(context_tokens=1 << 20, base="trial"),
    )
    return Bundle(folder=gguf.parent, manifest=manifest)
