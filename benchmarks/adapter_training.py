"""A LoRA adapter trained for a few minutes, so that what is measured on it means something."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import astuple
from pathlib import Path
from typing import Any

from benchmarks.lamp_answers import Question

PROJECTIONS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
_RANK = 16
_BATCH = 8
_MAX_TOKENS = 256
_PEAK_RATE = 6e-4


def trained_adapter(gguf: Path, questions: Sequence[Question], *, steps: int, cache: Path) -> tuple[Path, float | None]:
    """Return the adapter's folder and the seconds its training took; ``None`` where an earlier run has trained it.

    The folder's name holds a hash of everything that shapes the adapter, so a change trains another one.
    """
    shape = [gguf.stat().st_size, steps, _RANK, _BATCH, _MAX_TOKENS, _PEAK_RATE, PROJECTIONS]
    digest = hashlib.sha256(json.dumps([shape, [astuple(question) for question in questions]]).encode())
    folder = cache / f"lora-{digest.hexdigest()[:12]}"
    if (folder / "adapter_model.safetensors").exists():
        return folder, None
    model, tokenizer = load_reference(gguf)
    return folder, train_adapter(model, tokenizer, questions, folder, steps=steps)


def load_reference(gguf: Path) -> tuple[Any, Any]:
    """Return the GGUF model with its weights dequantized to float32 in transformers, and its tokenizer."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    torch.manual_seed(0)
    tokenizer = AutoTokenizer.from_pretrained(gguf.parent, gguf_file=gguf.name, local_files_only=True)
    model = AutoModelForCausalLM.from_pretrained(
        gguf.parent, gguf_file=gguf.name, dtype=torch.float32, local_files_only=True
    )
    model.hf_quantizer, model.is_quantized = None, False
    if hasattr(model.config, "quantization_config"):
        del model.config.quantization_config
    return model.eval(), tokenizer


def train_adapter(
    model: Any,  # noqa: ANN401 - a transformers model
    tokenizer: Any,  # noqa: ANN401 - a transformers tokenizer
    questions: Sequence[Question],
    folder: Path,
    *,
    steps: int,
    on_progress: Callable[[int, int], None] | None = None,
) -> float:
    """Train a LoRA on all projections, save it to ``folder`` as PEFT does, and return the seconds it took."""
    import torch
    from peft import LoraConfig, get_peft_model

    torch.manual_seed(0)
    config = LoraConfig(r=_RANK, lora_alpha=2 * _RANK, target_modules=PROJECTIONS, task_type="CAUSAL_LM")
    adapted = get_peft_model(model, config)
    parameters = [parameter for parameter in adapted.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(parameters, lr=_PEAK_RATE, weight_decay=0.01)
    batches = _batches(tokenizer, questions)
    started = time.perf_counter()
    adapted.train()
    for step in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = _PEAK_RATE * min(1.0, (step + 1) / 5) * max(0.05, 1 - step / steps)
        ids, mask, wanted = _pad(batches[step % len(batches)])
        states = adapted.base_model.model.model(input_ids=ids, attention_mask=mask, use_cache=False).last_hidden_state
        scored = wanted[:, 1:] != -100  # the head is applied to the answers alone: it is the widest layer
        logits = adapted.base_model.model.lm_head(states[:, :-1][scored])
        torch.nn.functional.cross_entropy(logits, wanted[:, 1:][scored]).backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        optimizer.zero_grad()
        if on_progress is not None:
            on_progress(step + 1, steps)
    seconds = time.perf_counter() - started
    adapted.save_pretrained(folder)
    return seconds


def prompt_tokens(tokenizer: Any, request: str) -> list[int]:  # noqa: ANN401 - a transformers tokenizer
    """Return the tokens of the request in the model's chat template, up to where the answer begins."""
    ids: list[int] = tokenizer.apply_chat_template(
        [{"role": "user", "content": request}], add_generation_prompt=True, tokenize=True, return_dict=False
    )
    return ids


def _batches(tokenizer: Any, questions: Sequence[Question]) -> list[list[tuple[list[int], list[int]]]]:  # noqa: ANN401
    examples = []
    for question in questions:
        prompt = prompt_tokens(tokenizer, question.request)
        answer = tokenizer(question.answer + "<|im_end|>", add_special_tokens=False)["input_ids"]
        if len(prompt) + len(answer) <= _MAX_TOKENS:
            examples.append((prompt, answer))
    return [examples[start : start + _BATCH] for start in range(0, len(examples) - _BATCH + 1, _BATCH)]


def _pad(batch: Sequence[tuple[list[int], list[int]]]) -> tuple[Any, Any, Any]:
    """Return input ids, attention mask and the ids to predict (-100: none), each int64[batch, longest]."""
    import torch

    longest = max(len(prompt) + len(answer) for prompt, answer in batch)
    ids = torch.zeros((len(batch), longest), dtype=torch.long)
    mask, wanted = torch.zeros_like(ids), torch.full_like(ids, -100)
    for row, (prompt, answer) in enumerate(batch):
        end = len(prompt) + len(answer)
        ids[row, :end] = torch.tensor(prompt + answer)
        mask[row, :end] = 1
        wanted[row, len(prompt) : end] = torch.tensor(answer)
    return ids, mask, wanted
