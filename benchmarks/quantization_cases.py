"""The default generator's tensor types against the file it is made from: perplexity on LaMP text, reading, writing.

The same table says what other types would cost.
"""

from __future__ import annotations

import gzip
import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

from benchmarks.lamp_answers import DATA
from benchmarks.measure import Row
from export.gate.perplexity import measure_perplexity, perplexity_rise
from export.gate.token_speed import TokenSpeed, measure_token_speed
from export.models import load_registry
from export.quantization import Quantization, quantize_gguf
from ondevice.bundle import Bundle, FileEntry, GeneratorSpec, Manifest, write_manifest
from ondevice.config import EngineConfig
from ondevice.generation.llama.engine import Engine

PUBLISHED = "smollm2-135m-instruct-q4_1"
SERVED = "smollm2-135m-instruct"
_TYPES = ("F16", "Q8_0", "Q4_0", "IQ4_NL", "Q4_K_M")
_N_TEXTS = 120
_N_WORDS = 110
_PROMPT_WORDS = 420
_ROUNDS = 7


def run(models: Path) -> Iterator[Row]:
    """Yield perplexity, size and speed of the published file, the served one, and llama.cpp's plain types."""
    for name in (PUBLISHED, SERVED):
        if not (models / name).is_dir():
            raise SystemExit(f"the model {name} is missing; run: ondevice-models fetch {name}")
    texts = _articles()
    published = models / PUBLISHED / "model.gguf"
    with tempfile.TemporaryDirectory(prefix="ondevice-bench-") as scratch, ExitStack() as stack:
        files = {"Q4_1, published": published, _served_name(): models / SERVED / "model.gguf"}
        for kind in _TYPES:
            files[kind] = Path(scratch) / f"{kind}.gguf"
            quantize_gguf(published, files[kind], Quantization(name=kind, mixture=kind))
        reference = measure_perplexity(published, texts)
        for name, file in files.items():
            rise = perplexity_rise(reference, measure_perplexity(file, texts))
            aim = 1.0 if name == _served_name() else None
            spread = 100 * rise.standard_error
            yield _row("size", name, "MB", file.stat().st_size / 1e6)
            yield _row("perplexity over the published file", name, "%", 100 * rise.value, spread, n=rise.n, aim=aim)
        engines = {
            name: stack.enter_context(Engine.open(_bundle(Path(scratch) / f"b{index}", file), config=EngineConfig()))
            for index, (name, file) in enumerate(files.items())
        }
        prompt = " ".join(" ".join(texts).split()[:_PROMPT_WORDS])
        for speed in measure_token_speed(engines, prompt, baseline="Q4_1, published", n_rounds=_ROUNDS):
            yield from _speed_rows(speed)


def _speed_rows(speed: TokenSpeed) -> Iterator[Row]:
    is_served = speed.name == _served_name()
    n = speed.n_rounds
    yield _row("prompt tokens read", speed.name, "tokens/s", speed.read_per_s, n=n)
    yield _row("answer tokens written", speed.name, "tokens/s", speed.write_per_s, n=n)
    yield _row(
        "reads times as fast", speed.name, "x", speed.read_ratio, n=n, aim=2.0 if is_served else None, least=True
    )
    yield _row("writes times as fast", speed.name, "x", speed.write_ratio, n=n)


def _served_name() -> str:
    derivation = load_registry().get(SERVED).files[0].derivation
    assert derivation is not None
    return f"{derivation.quantization.name}, served"


def _articles() -> Sequence[str]:
    """Return the beginnings of news articles and reviews that users of LaMP's dev questions wrote."""
    texts = []
    for task in ("LaMP_4", "LaMP_3_amazon_loo"):
        with gzip.open(DATA / "lamp" / task / "dev_questions.json.gz", "rt", encoding="utf-8") as file:
            texts += [entry["text"] for question in json.load(file) for entry in question["profile"][:2]]
    chosen = [texts[index * len(texts) // _N_TEXTS] for index in range(_N_TEXTS)]
    return [" ".join(text.split()[:_N_WORDS]) for text in chosen]


def _bundle(folder: Path, file: Path) -> Bundle:
    folder.mkdir()
    (folder / "model.gguf").symlink_to(file)
    manifest = Manifest(
        kind="generator",
        name="measured",
        version="1",
        license="Apache-2.0",
        source="made by the benchmark",
        files={"model": FileEntry.measure(folder, "model.gguf")},
        generator=GeneratorSpec(context_tokens=2048, base="SmolLM2-135M-Instruct"),
    )
    write_manifest(folder, manifest)
    return Bundle.open(folder, kind="generator")


def _row(
    case: str,
    condition: str,
    unit: str,
    value: float,
    spread: float = 0.0,
    *,
    n: int = 1,
    aim: float | None = None,
    least: bool = False,
) -> Row:
    return Row(
        case=case,
        condition=condition,
        unit=unit,
        median=value,
        low=value - spread,
        high=value + spread,
        n=n,
        aim=aim,
        aim_is_minimum=least,
    )
