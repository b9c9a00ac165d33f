"""A user's adapter inside the model instead of beside it: what it takes to make, keep and load, and what it saves.

The adapter is random: none of this depends on what it has learned.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks import corpus
from benchmarks.measure import Row, alternate, summarize, time_ms
from benchmarks.profiles import KEY
from ondevice import EngineConfig, ModelSet, Personalizer
from ondevice.adaptation.lora.lora_gguf import adapter_bytes
from ondevice.adaptation.lora.weights import read_shape
from ondevice.adaptation.recipes.recipe import ModelShape
from ondevice.bundle import Bundle
from ondevice.generation.llama.desk import open_desk
from ondevice.generation.llama.engine import Engine
from ondevice.generation.llama.model_file import model_file
from ondevice.generation.prompts.chat import Message
from ondevice.learned import LoraRecipe, TrainingConfig
from ondevice.learned.adapter_notes import AdapterNote, AdapterPlan
from ondevice.learned.adapter_shelf import AdapterShelf
from ondevice.learned.merged_notes import MERGED

_NAME = "mine"
_PROMPT = "Write a long letter to a friend about the garden, the concert and the journey."


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """How much is measured."""

    generator: str = "smollm2-135m-instruct"
    rank: int = 8
    n_loads: int = 15
    n_answers: int = 15
    answer_tokens: int = 64
    threads: int | None = None


def run(models: Path, sizes: Sizes | None = None) -> Iterator[Row]:
    """Merge an adapter, load the sum, and answer with it and with the two side by side in turns."""
    sizes = sizes or Sizes()
    config = EngineConfig(threads=sizes.threads)
    bundle = Bundle.open(models / sizes.generator, kind="generator")
    with (
        tempfile.TemporaryDirectory() as folder,
        Personalizer.create(
            Path(folder) / "me.profile",
            app_key=KEY.key,
            models=ModelSet(models, encoder=None, generator=sizes.generator, engine=config),
        ) as me,
    ):
        n_adapter_bytes = _keep_adapter(me, bundle, sizes.rank)
        condition = f"rank {sizes.rank} on q and v"
        yield _point("merge and seal", condition, "s", time_ms(me.merged.make, _NAME) / 1e3)
        (info,) = me.merged.list()
        yield _point("size", "adapter", "MB", n_adapter_bytes / 1e6)
        yield _point("size", "merged model", "MB", info.n_bytes / 1e6)
        yield from _changes(me, sizes)
        yield from _answers(me, bundle, config, sizes)


def _keep_adapter(me: Personalizer, bundle: Bundle, rank: int) -> int:
    me.add_many(corpus.drafts(10))
    recipe = LoraRecipe(rank=rank, projections=("q_proj", "v_proj"))
    data = _random_adapter(read_shape(bundle.file("model")), recipe)
    plan = AdapterPlan(task="chat", filter=None, recipe=recipe, config=TrainingConfig(), on_forget="drop")
    note = AdapterNote(base=bundle.files["model"].sha256, base_name=bundle.name, plan=plan, report=None)
    AdapterShelf(me.vault).put_adapter(_NAME, data, [item.id for item in me.items.list()], note)
    return len(data)


def _random_adapter(shape: ModelShape, recipe: LoraRecipe) -> bytes:
    random = np.random.default_rng(0)
    sizes = {"q_proj": shape.n_heads * shape.head_dim, "v_proj": shape.n_kv_heads * shape.head_dim}
    tensors = {}
    for block in range(shape.n_blocks):
        for projection, n_out in sizes.items():
            name = f"base_model.model.model.layers.{block}.self_attn.{projection}.lora"
            tensors[f"{name}_A.weight"] = random.normal(0, 0.02, (recipe.rank, shape.dim)).astype(np.float32)
            tensors[f"{name}_B.weight"] = random.normal(0, 0.02, (n_out, recipe.rank)).astype(np.float32)
    return adapter_bytes(
        tensors,
        architecture=shape.architecture,
        alpha=recipe.alpha,
        n_heads=shape.n_heads,
        n_kv_heads=shape.n_kv_heads,
        precision="f16",
    )


def _changes(me: Personalizer, sizes: Sizes) -> Iterator[Row]:
    """Measure until the next prompt can be read."""

    def change(name: str | None) -> float:
        me.generator.engine()

        def until_ready() -> None:
            me.merged.use(name)
            me.generator.engine()

        return time_ms(until_ready)

    to_it, back = alternate(lambda: change(_NAME), lambda: change(None), n=sizes.n_loads)
    yield summarize(to_it, case="change of model", condition="to the merged one, from the sealed file")
    yield summarize(back, case="change of model", condition="back to the base")
    me.adapters.use(_NAME)
    swaps = [time_ms(me.adapters.use, name) for _ in range(sizes.n_loads) for name in (None, _NAME)]
    yield summarize(swaps, case="change of model", condition="adapter beside the base, in use or not")


def _answers(me: Personalizer, bundle: Bundle, config: EngineConfig, sizes: Sizes) -> Iterator[Row]:
    """Let both take turns, so that the machine's moods fall on both alike."""
    me.adapters.use(_NAME)
    beside = me.generator.engine()
    with model_file(me.vault.derived.pieces(MERGED, _NAME)) as file:
        merged = Engine("merged", open_desk(bundle, config, file=file))
    prompt = beside.render([Message(role="user", content=f"{' '.join(corpus.queries(20))}\n{_PROMPT}")])
    reading: dict[str, list[float]] = {"adapter beside": [], "merged": []}
    writing: dict[str, list[float]] = {"adapter beside": [], "merged": []}
    with merged:
        for turn in range(sizes.n_answers + 1):
            for way, engine in (("adapter beside", beside), ("merged", merged)):
                engine.forget_cache()
                answer = engine.generate(prompt, max_tokens=sizes.answer_tokens)
                if turn:  # the first is a warm-up
                    reading[way].append(answer.n_prompt_tokens / answer.timings_ms["read"] * 1e3)
                    writing[way].append(answer.n_tokens / answer.timings_ms["generate"] * 1e3)
    for case, rates in (("read a prompt", reading), ("write an answer", writing)):
        for way, samples in rates.items():
            yield summarize(samples, case=case, condition=way, unit="tokens/s")
        shares = [one / other for one, other in zip(rates["merged"], rates["adapter beside"], strict=True)]
        yield summarize(shares, case=case, condition="merged ÷ adapter beside", unit="ratio")


def _point(case: str, condition: str, unit: str, value: float) -> Row:
    return Row(case=case, condition=condition, unit=unit, median=value, low=value, high=value, n=1)
