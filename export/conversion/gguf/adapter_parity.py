"""How near llama.cpp with a converted adapter comes to PyTorch with the adapter as PEFT reads it."""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from export.conversion.onnx.quiet import quiet_transformers
from export.errors import ConversionError
from export.gate.candidate_groups import built_in_groups
from export.gate.cpu import cpu_class
from export.gate.logits import Logits, LogitsReader, compare_logits
from ondevice.bundle import GateResult
from ondevice.generation.llama.adapters import load_adapter

ReadLogits = Callable[[Sequence[int]], Logits]
"""From a row of tokens to the logits behind each of them, float32[n_tokens, n_vocabulary]."""

_MAX_TOKENS = 96
MAX_TEXTS = 16
"""More texts say no more about two programs that should compute the same, and all their logits are in memory."""


class AdaptedReader(LogitsReader):
    """A GGUF model with an adapter, or none, that tells every position's logits; close it to free its memory."""

    def __init__(
        self,
        gguf: Path,
        *,
        adapter: bytes | None = None,
        context_tokens: int = _MAX_TOKENS,
        threads: int | None = None,
    ) -> None:
        """Load the model and put the adapter on it."""
        super().__init__(gguf, context_tokens=context_tokens, threads=threads)
        if adapter is None:
            return
        try:
            self._context.set_adapter(load_adapter(self._model, adapter).pointer, 1.0)
        except BaseException:
            self.close()
            raise

    def rows_of(self, texts: Sequence[str]) -> list[list[int]]:
        """Return each text's tokens, cut to the context, without the texts that have none."""
        rows = [self.vocabulary.tokenize_text(text)[: self.context_tokens] for text in texts]
        return [list(row) for row in rows if row]


def measure_logits(
    measure: str, reference: ReadLogits, gguf: Path, adapter: bytes | None, texts: Sequence[str] | None
) -> list[GateResult]:
    """Return the mean and the worst cosine of a GGUF model's logits to the reference's, as the gate keeps them.

    Args:
        measure: What to call the mean; the worst is ``…_worst``.
        reference: The original.
        gguf: The model.
        adapter: The adapter to put on it, or none.
        texts: What to read, the first :data:`MAX_TEXTS`; by default neutral texts of our own.
    """
    with AdaptedReader(gguf, adapter=adapter) as candidate:
        rows = candidate.rows_of((_built_in_texts() if texts is None else texts)[:MAX_TEXTS])
        if not rows:
            raise ConversionError("there is no text to compare the logits on")
        parity = compare_logits((reference(row), candidate.read(row)) for row in rows)
    data = "built-in" if texts is None else "given"
    return [
        GateResult(measure=measure + suffix, value=value, bound=None, data=data, n=parity.n, cpu=cpu_class())
        for suffix, value in (("", parity.cosine_mean), ("_worst", parity.cosine_min))
    ]


def peft_logits(base: Path, peft_folder: Path) -> ReadLogits:
    """Return the logits of the base in PyTorch, float32, with the adapter that PEFT reads from its folder.

    Each row is computed once and remembered: a reference is compared with several candidates.

    Args:
        base: A GGUF file, whose weights are dequantized, or a Hugging Face folder.
        peft_folder: The adapter as PEFT saved it.
    """
    try:
        import torch
        from peft import PeftModel
        from transformers import AutoModelForCausalLM
    except ImportError:
        raise ImportError("measuring adapters needs the extra: run: pip install 'ondevice-export[train]'") from None
    folder, gguf_file = (base, None) if base.is_dir() else (base.parent, base.name)
    try:
        # One bar of the GGUF reader answers to no setting: it goes where nobody reads it.
        with quiet_transformers(), warnings.catch_warnings(), contextlib.redirect_stderr(io.StringIO()):
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
    known: dict[tuple[int, ...], Logits] = {}

    def logits(tokens: Sequence[int]) -> Logits:
        row = tuple(tokens)
        if row not in known:
            with torch.inference_mode():
                known[row] = np.asarray(adapted(input_ids=torch.tensor([row])).logits[0].float())
        return known[row]

    return logits


def _built_in_texts() -> list[str]:
    return [group[-1][0] for group in built_in_groups().groups]
