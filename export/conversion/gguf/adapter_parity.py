"""How near llama.cpp with a converted adapter comes to PyTorch with the adapter as PEFT reads it."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from export.gate.candidate_groups import built_in_groups
from export.gate.cpu import cpu_class
from ondevice.bundle import GateResult
from ondevice.errors import ConversionError
from ondevice.generation.adapters import load_adapter
from ondevice.generation.cores import physical_cores
from ondevice.generation.handles import OUTPUTS_PER_BATCH, Batch, Context, Model
from ondevice.generation.vocabulary import Vocabulary

Logits = Callable[[Sequence[int]], NDArray[np.float32]]
"""From a row of tokens to the logits behind each of them, float32[n_tokens, n_vocabulary]."""

_MAX_TOKENS = 128
_N_TEXTS = 16


@dataclass(frozen=True, kw_only=True, slots=True)
class LogitsParity:
    """Cosines between two models' logits over ``n`` token positions."""

    mean: float
    worst: float
    n: int


def compare_logits(
    reference: Logits,
    candidate: Logits,
    rows: Sequence[Sequence[int]],
    *,
    on_progress: Callable[[int, int], None] | None = None,
) -> LogitsParity:
    """Return the cosines between the two models' logits, each position's logits taken as one vector."""
    cosines: list[NDArray[np.float64]] = []
    for done, row in enumerate(rows, 1):
        first, second = reference(row).astype(np.float64), candidate(row).astype(np.float64)
        norms = np.linalg.norm(first, axis=1) * np.linalg.norm(second, axis=1)
        cosines.append((first * second).sum(axis=1) / norms)
        if on_progress is not None:
            on_progress(done, len(rows))
    every = np.concatenate(cosines)
    return LogitsParity(mean=float(every.mean()), worst=float(every.min()), n=len(every))


def remembered(logits: Logits) -> Logits:
    """Return the same function, which computes each row once: a reference is compared with several candidates."""
    known: dict[tuple[int, ...], NDArray[np.float32]] = {}

    def look_up(tokens: Sequence[int]) -> NDArray[np.float32]:
        key = tuple(tokens)
        if key not in known:
            known[key] = logits(tokens)
        return known[key]

    return look_up


class LlamaLogits:
    """A GGUF model in llama.cpp, with an adapter or none; close it to free it."""

    def __init__(self, path: Path, *, adapter: bytes | None = None, max_tokens: int = _MAX_TOKENS) -> None:
        """Load the model and the adapter.

        Raises:
            BundleError: If llama.cpp cannot use the model or the adapter.
            ModelMismatchError: If the adapter does not fit the model.
        """
        with ExitStack() as resources:
            model = resources.enter_context(Model.load(path))
            self._context = resources.enter_context(
                Context.create(
                    model, context_tokens=max_tokens, batch_tokens=OUTPUTS_PER_BATCH, threads=physical_cores()
                )
            )
            if adapter is not None:
                self._context.set_adapter(load_adapter(model, adapter).pointer, 1.0)
            self._vocabulary, self._max_tokens = Vocabulary(model), max_tokens
            self._batch, self._resources = Batch(OUTPUTS_PER_BATCH), resources.pop_all()

    def rows_of(self, texts: Sequence[str]) -> list[list[int]]:
        """Return each text's tokens, cut to the context, without the texts that have none."""
        rows = [self._vocabulary.tokenize_text(text)[: self._max_tokens] for text in texts]
        return [list(row) for row in rows if row]

    def __call__(self, tokens: Sequence[int]) -> NDArray[np.float32]:
        """Return the logits behind each token.

        Raises:
            GenerationError: If the runtime fails, or the logits are not numbers.
        """
        self._context.clear()
        parts = []
        for start in range(0, len(tokens), OUTPUTS_PER_BATCH):
            part = tokens[start : start + OUTPUTS_PER_BATCH]
            self._context.evaluate(self._batch.fill(part, start=start, wanted=True))
            parts += [self._context.logits(index).copy() for index in range(len(part))]
        return np.stack(parts)

    def close(self) -> None:
        """Free the model; calling again has no effect."""
        self._resources.close()

    def __enter__(self) -> Self:
        """Return the model itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()


def measure_logits(
    measure: str, reference: Logits, path: Path, adapter: bytes | None, texts: Sequence[str] | None
) -> list[GateResult]:
    """Return the mean and the worst cosine of a GGUF model's logits to the reference's, as the gate keeps them.

    Args:
        measure: What to call the mean; the worst is ``…_worst``.
        reference: The original.
        path: The GGUF model.
        adapter: The adapter to put on it, or none.
        texts: What to read; by default the gate's own texts.

    Raises:
        ConversionError: If the texts have no tokens.
    """
    with LlamaLogits(path, adapter=adapter) as candidate:
        rows = candidate.rows_of(built_in_texts() if texts is None else texts)
        if not rows:
            raise ConversionError("there is no text to compare the logits on")
        parity = compare_logits(reference, candidate, rows)
    data = "built-in" if texts is None else "given"
    return [
        GateResult(measure=measure + suffix, value=value, bound=None, data=data, n=parity.n, cpu=cpu_class())
        for suffix, value in (("", parity.mean), ("_worst", parity.worst))
    ]


def built_in_texts() -> list[str]:
    """Return a few neutral texts of our own."""
    return [group[-1][0] for group in built_in_groups().groups[:_N_TEXTS]]


def peft_logits(base: Path, peft_folder: Path) -> Logits:
    """Return the logits of the base in PyTorch, float32, with the adapter that PEFT reads from its folder.

    Args:
        base: A GGUF file, whose weights are dequantized, or a Hugging Face folder.
        peft_folder: The adapter as PEFT saved it.

    Raises:
        ConversionError: If transformers cannot read the base, or PEFT the adapter.
    """
    try:
        import torch
        from peft import PeftModel
        from transformers import AutoModelForCausalLM
        from transformers.utils import logging
    except ImportError:
        raise ImportError("measuring adapters needs the extra: run: pip install 'ondevice-sdk[export]'") from None
    folder, gguf_file = (base, None) if base.is_dir() else (base.parent, base.name)
    had_bars = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model = AutoModelForCausalLM.from_pretrained(
                folder, gguf_file=gguf_file, dtype=torch.float32, local_files_only=True, use_safetensors=True
            )
            # The weights are plain floats by now; PEFT would still ask the quantizer for its own kind of layer.
            model.hf_quantizer, model.is_quantized = None, False
            if hasattr(model.config, "quantization_config"):
                del model.config.quantization_config
            adapted = PeftModel.from_pretrained(model, peft_folder, local_files_only=True).eval()
    except (OSError, ValueError, RuntimeError, KeyError, TypeError) as error:
        raise ConversionError(f"pytorch could not put the adapter on the base model ({type(error).__name__})") from None
    finally:
        if had_bars:
            logging.enable_progress_bar()

    def logits(tokens: Sequence[int]) -> NDArray[np.float32]:
        with torch.inference_mode():
            out: NDArray[np.float32] = adapted(input_ids=torch.tensor([list(tokens)])).logits[0].float().numpy()
        return out

    return logits
