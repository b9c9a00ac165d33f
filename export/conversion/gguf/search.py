"""Trying quantizations of one language model on the same texts, and taking the smallest within the bounds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from export.conversion.gguf.quantize import PARTS, mixed
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


@dataclass(frozen=True, kw_only=True, slots=True)
class GgufTrial:
    """One quantization, tried.

    Args:
        quantization: What was tried.
        gguf: The file.
        n_bytes: Its size.
        perplexity: On the texts.
        rise: By which part perplexity is above the original's.
        rise_error: The standard error of that.
        speed: Beside the original, where it was measured.
    """

    quantization: Quantization
    gguf: Path
    n_bytes: int
    perplexity: float
    rise: float
    rise_error: float
    n_tokens: int
    speed: TokenSpeed | None = None

    def results(self, *, data: str) -> tuple[GateResult, ...]:
        """Return what was measured as a manifest holds it."""
        values = {"perplexity": self.perplexity, "perplexity_rise": self.rise}
        measured = tuple(
            GateResult(measure=name, value=value, bound=None, data=data, n=self.n_tokens, cpu=cpu_class())
            for name, value in values.items()
        )
        size = GateResult(
            measure="file_bytes", value=float(self.n_bytes), bound=None, data="model", n=1, cpu=cpu_class()
        )
        return (*measured, size, *(self.speed.results(data=data) if self.speed is not None else ()))

    def row(self, bounds: Bounds) -> dict[str, str | float | None]:
        """Return the trial as a row of a report."""
        limit = bounds.perplexity_rise_max
        fits = limit is None or self.rise <= limit
        return {
            "recipe": self.quantization.name,
            "perplexity": self.perplexity,
            "perplexity_rise": self.rise,
            "read_tokens_per_s": self.speed.read_per_s if self.speed else None,
            "write_tokens_per_s": self.speed.write_per_s if self.speed else None,
            "read_ratio": self.speed.read_ratio if self.speed else None,
            "MB": self.n_bytes / 1e6,
            "fault": None if fits else f"perplexity rises by {self.rise:.2%}, at most {limit:.2%} is allowed",
        }


def try_quantization(
    source: Path,
    out: Path,
    quantization: Quantization,
    *,
    original: Perplexity,
    texts: Sequence[str],
    importance: Importance | None = None,
) -> GgufTrial:
    """Quantize ``source`` into ``out`` and measure how well the result predicts ``texts``.

    Raises:
        ConversionError: If llama.cpp cannot quantize it.
        GenerationError: If the result's logits are not numbers.
    """
    quantize_gguf(source, out, quantization, importance=importance)
    measured = measure_perplexity(out, texts)
    rise = perplexity_rise(original, measured)
    return GgufTrial(
        quantization=quantization,
        gguf=out,
        n_bytes=out.stat().st_size,
        perplexity=measured.value,
        rise=rise.value,
        rise_error=rise.standard_error,
        n_tokens=measured.n,
    )


def time_trials(
    original: Path, trials: Sequence[GgufTrial], *, prompt: str, context_tokens: int, n_rounds: int = 5
) -> dict[str, TokenSpeed]:
    """Measure how fast the original and every trial read ``prompt`` and write, in interleaved rounds; by name.

    Raises:
        ContextOverflowError: If the prompt does not fit the context.
    """
    files = {BASELINE: original, **{trial.quantization.name: trial.gguf for trial in trials}}
    with ExitStack() as stack:
        engines = {
            name: stack.enter_context(Engine.open(_served(path), config=EngineConfig(context_tokens=context_tokens)))
            for name, path in files.items()
        }
        speeds = measure_token_speed(engines, prompt, baseline=BASELINE, n_rounds=n_rounds)
    return {speed.name: speed for speed in speeds}


def smallest_within(trials: Sequence[GgufTrial], bounds: Bounds) -> GgufTrial:
    """Return the smallest trial whose perplexity and speed stay within the bounds.

    Raises:
        ParityError: If none does; it names the nearest.
    """
    limit = bounds.perplexity_rise_max
    fitting = [trial for trial in trials if limit is None or trial.rise <= limit]
    if not fitting:
        best = min(trials, key=lambda trial: trial.rise)
        raise ParityError(
            f"no quantization keeps perplexity within {limit:.2%}: the nearest, {best.quantization.name!r}, "
            f"is at {best.rise:+.2%}",
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
    steps = [(), *((part,) for part in PARTS)]
    found: dict[str, float] = {}
    with LogitsReader(source, context_tokens=CONTEXT_TOKENS) as reader:
        rows = [reader.vocabulary.tokenize_text(text)[: reader.context_tokens] for text in texts]
        rows = [row for row in rows if row]
        reference = [reader.read(row) for row in rows]
    for done, parts in enumerate(steps, 1):
        out = scratch / "part.gguf"
        quantize_gguf(source, out, mixed(parts, kind), importance=importance)
        with LogitsReader(out, context_tokens=CONTEXT_TOKENS) as reader:
            pairs = zip(reference, map(reader.read, rows), strict=True)
            found[parts[0] if parts else ""] = compare_logits(pairs).divergence
        out.unlink()
        if on_progress is not None:
            on_progress(done, len(steps))
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
