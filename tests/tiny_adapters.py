"""Adapters in a profile without training: random LoRA matrices under PEFT's names, kept as a training's would be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ondevice import Filter, Personalizer
from ondevice.adaptation.lora.lora_gguf import adapter_bytes
from ondevice.adaptation.recipes.recipe import LoraRecipe, TrainingConfig, TrainingReport
from ondevice.learned.adapter_notes import AdapterInfo, AdapterNote, AdapterPlan, OnForget
from ondevice.learned.training import Learned
from tests.tiny_generator import EMBEDDING, HEAD, HEADS, KV_HEADS, LAYERS

RECIPE = LoraRecipe(rank=4, alpha=8.0)


def random_adapter(seed: int = 1, *, embedding: int = EMBEDDING) -> bytes:
    """Return the GGUF bytes of a random adapter for the tiny generator; another ``embedding`` fits none."""
    random = np.random.default_rng(seed)
    tensors: dict[str, NDArray[np.floating]] = {}
    for layer in range(LAYERS):
        for projection, n_out in (("q_proj", HEADS * HEAD), ("v_proj", KV_HEADS * HEAD)):
            name = f"base_model.model.model.layers.{layer}.self_attn.{projection}.lora"
            tensors[f"{name}_A.weight"] = random.normal(0, 0.3, (RECIPE.rank, embedding)).astype(np.float32)
            tensors[f"{name}_B.weight"] = random.normal(0, 0.3, (n_out, RECIPE.rank)).astype(np.float32)
    return adapter_bytes(
        tensors, architecture="llama", alpha=RECIPE.alpha, n_heads=HEADS, n_kv_heads=KV_HEADS, precision="f16"
    )


def keep_adapter(
    me: Personalizer,
    name: str,
    item_ids: Sequence[str],
    *,
    seed: int = 1,
    data: bytes | None = None,
    on_forget: OnForget = "drop",
    filter: Filter | None = None,
    stopped: Literal["done", "paused"] = "done",
) -> AdapterInfo:
    """Keep a random adapter (or a paused training) in the profile, as if it had learned from these items."""
    base = me.generator.bundle()
    plan = AdapterPlan(task="chat", filter=filter, recipe=RECIPE, config=TrainingConfig(), on_forget=on_forget)
    report = TrainingReport(
        n_examples=len(item_ids),
        n_held_out=1,
        n_steps=3,
        epochs_done=1,
        loss_before=3.0,
        loss_after=2.0,
        seconds=1.0,
        peak_bytes=1,
        stopped=stopped,
    )
    made = random_adapter(seed) if data is None else data
    learned = Learned(
        report=report,
        item_ids=tuple(item_ids),
        adapter=made if stopped == "done" else None,
        checkpoint=made if stopped == "paused" else None,
    )
    note = AdapterNote(base=base.files["model"].sha256, base_name=base.name, plan=plan, report=report)
    assert me.adapters._trainings.keep(name, learned, note)
    me.adapters._attachment.refresh(name)
    return next(info for info in me.adapters.list() if info.name == name)


def spoken(me: Personalizer) -> NDArray[np.float32]:
    """Return how likely the model finds a text now: other weights give other numbers."""
    return me.generator.engine().log_likelihood("the user likes", " roses in the rain")


def filled(me: Personalizer, n_items: int = 3) -> list[str]:
    """Add some notes and return their ids."""
    return [me.add(f"note {number} about roses").id for number in range(n_items)]
