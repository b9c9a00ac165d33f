"""What a selector's choice costs on the device: one candidate, by its length, as int8 against floats and PyTorch.

Speed does not depend on what a selector learned, so one with a new head on the default encoder's floats is measured.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from benchmarks import corpus
from benchmarks.measure import Row, summarize, time_ms
from export.conversion.onnx.classifier import read_classifier
from export.conversion.onnx.quiet import quiet_transformers
from export.conversion.onnx.recipes import recipe_named
from export.conversion.onnx.search import try_recipe
from export.conversion.onnx.selector_bench import SelectorBench, set_up_selector
from export.gate.bounds import Bounds
from export.gate.candidate_groups import built_in_groups
from export.training.judge import Judge, SelectorConfig
from ondevice.retrieval.encoding.selector import CrossEncoder

ENCODER = "minilm-l6-fp32"
LENGTHS = (64, 128, 256, 384)
RECIPES = ("int8-dynamic", "int8-smooth", "fp32")
_AIM_MS = 40.0
_N_ROUNDS = 40
_POOL = 6


def run(models: Path) -> Iterator[Row]:
    """Time one candidate of each length in turns over the recipes, then a whole pool of six."""
    with tempfile.TemporaryDirectory() as folder:
        trained, scratch = Path(folder) / "selector", Path(folder) / "bench"
        trained.mkdir()
        scratch.mkdir()
        judge = Judge.begin(models / ENCODER, trained, SelectorConfig(max_tokens=max(LENGTHS)))
        with quiet_transformers():
            judge.model.save_pretrained(str(trained), safe_serialization=True)
        bench = set_up_selector(read_classifier(trained), scratch, [built_in_groups()])
        opened = {name: _opened(bench, name) for name in RECIPES}
        try:
            yield from _lengths(bench, opened)
            yield from _pool(opened["int8-dynamic"])
        finally:
            for selector in opened.values():
                selector.close()


def _opened(bench: SelectorBench, name: str) -> CrossEncoder:
    trial = try_recipe(bench, recipe_named(name), Bounds())
    return bench.open(trial.path)


def _lengths(bench: SelectorBench, opened: dict[str, CrossEncoder]) -> Iterator[Row]:
    for length in LENGTHS:
        pair = (_text(length), "an answer of a few words")
        calls: dict[str, Callable[[], object]] = {
            name: partial(selector.score, [pair]) for name, selector in opened.items()
        }
        calls["PyTorch"] = partial(bench.torch.score, [pair])
        for call in calls.values():
            call()
        samples: dict[str, list[float]] = {name: [] for name in calls}
        for _ in range(_N_ROUNDS):
            for name, call in calls.items():
                samples[name].append(time_ms(call))
        for name, found in samples.items():
            is_aimed_at = name.startswith("int8") and length == max(LENGTHS)
            yield summarize(
                found, case=f"score one candidate, {name}", condition=f"{length} tokens",
                aim=_AIM_MS if is_aimed_at else None,
            )  # fmt: skip


def _pool(selector: CrossEncoder) -> Iterator[Row]:
    pairs = [(_text(max(LENGTHS), start), "") for start in range(_POOL)]
    selector.score(pairs)
    samples = [time_ms(selector.score, pairs) for _ in range(_N_ROUNDS // 2)]
    yield summarize(
        samples, case="score a pool, int8-dynamic", condition=f"{_POOL} candidates of {max(LENGTHS)} tokens"
    )


def _text(n_tokens: int, start: int = 0) -> str:
    """Return more words than so many tokens: the tokenizer cuts the first text to what is left of its limit."""
    words = " ".join(draft.text for draft in corpus.drafts(40 + start)[start:]).split(" ")
    return " ".join(words[: 2 * n_tokens if n_tokens == max(LENGTHS) else n_tokens - 16])
