"""A LoRA merged into its base model: one quantized generator bundle that needs no adapter at run time."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from export.conversion.about import About
from export.conversion.gguf.adapter_parity import measure_logits, peft_logits
from export.conversion.gguf.base_model import (
    GgufBase,
    fit_adapter,
    is_model_folder,
    licence_of,
    read_base,
    read_gguf,
    sources,
)
from export.conversion.gguf.floating import dequantized, write_floating
from export.conversion.gguf.generator_probes import make_generator_probes
from export.conversion.gguf.peft_folder import PeftAdapter, learned_fold, learned_tokens, read_peft
from export.conversion.gguf.write import write_gguf
from export.conversion.onnx.checkpoint import weight_files
from export.conversion.steps import Steps
from export.drafting import drafting
from export.errors import ConversionError
from export.gate.bounds import MERGE_BOUNDS, Bounds, check
from export.gate.cpu import cpu_class
from export.quantization import Importance, Quantization, quantize_gguf
from ondevice.adaptation.lora.merging import wide_q8_0
from ondevice.bundle import Bundle, FileEntry, FoldSpec, GateResult, GeneratorSpec, Manifest, write_manifest
from ondevice.bundle.probes import write_probes

_MODEL_NAME, _FLOATING_NAME, _BASE_NAME = "model.gguf", "floating.gguf", "base.gguf"


def merge_adapter(
    peft_folder: Path,
    base: Path,
    out: Path,
    about: About,
    *,
    quantization: Quantization | str,
    importance: Importance | None = None,
    texts: Sequence[str] | None = None,
    bounds: Bounds = MERGE_BOUNDS,
    is_base_name_checked: bool = True,
    on_progress: Callable[[int, int], None] | None = None,
) -> Manifest:
    """Write a generator bundle with the adapter inside to ``out``, or nothing.

    The base's weights are brought to floats, changed, and only then quantized. The gate compares llama.cpp's logits
    with PyTorch's, where PEFT itself applies the adapter: those of the merged floats, which show the merge's own loss
    (``logits_cosine``), and those of the file that is shipped (``logits_cosine_quantized``). ``adapter_kept`` is the
    part of the adapter's change that the shipped weights still hold: a base that lies on the grid of the very type it
    is quantized to again loses nearly all of it to rounding.

    Args:
        peft_folder: The adapter as PEFT saved it.
        base: The base model it was trained on: a generator bundle, a GGUF file, or a Hugging Face folder.
        out: The bundle's folder, which must not exist.
        about: What its manifest says of it; the licence is by default that of the base's bundle.
        quantization: The tensor types of the result, or one of llama.cpp's mixtures by name, such as ``Q4_0``.
        importance: How much each input column counts when quantizing.
        texts: What the logits are compared on, the first 16; by default the gate's own texts.
        bounds: What the measures are held to.
        is_base_name_checked: Whether a model name in the adapter's configuration must be that of the base's bundle.
        on_progress: Told after each step.

    Raises:
        ConversionError: If the adapter or the base cannot be used, or there is something at ``out``.
        ModelMismatchError: If the adapter was trained on another model.
        ParityError: If the result is outside the bounds.
    """
    if isinstance(quantization, str):
        quantization = Quantization(name=quantization.lower(), mixture=quantization.upper())
    steps = Steps(5, on_progress)
    adapter = read_peft(peft_folder)
    with drafting(out) as folder:
        model = read_base(_as_gguf(base, folder))
        terms = about.license or licence_of(model)
        fold = _fold_of(peft_folder, model)
        floating, shipped = folder / _FLOATING_NAME, folder / _MODEL_NAME
        write_merged(adapter, model, floating, is_base_name_checked=is_base_name_checked)
        steps.advance()
        quantize_gguf(floating, shipped, quantization, importance=importance)
        keep_changes(shipped, floating, set(fit_adapter(adapter, model, is_base_name_checked=is_base_name_checked)))
        steps.advance()
        reference = peft_logits(base if is_model_folder(base) else model.path, peft_folder)
        steps.advance()
        results = [
            *measure_logits("logits_cosine", reference, floating, None, texts),
            *measure_logits("logits_cosine_quantized", reference, shipped, None, texts),
            _kept(adapter, model, shipped, is_base_name_checked=is_base_name_checked),
            *measure_logits("logits_cosine_unadapted", reference, model.path, None, texts),
        ]
        floating.unlink()
        (folder / _BASE_NAME).unlink(missing_ok=True)
        steps.advance()
        spec = model.bundle.generator if model.bundle is not None else None
        context_tokens = model.context_tokens if spec is None else spec.context_tokens
        learned = learned_tokens(peft_folder)
        manifest = about.manifest(
            "generator",
            GeneratorSpec(
                context_tokens=context_tokens,
                base=model.name or about.name,
                prompt_tokens=None if learned is None else min(learned, context_tokens),
            ),
            license=terms,
            source=f"{model.name or base.name} with a LoRA adapter merged into it",
            files={"model": FileEntry.measure(folder, _MODEL_NAME)},
            gate=check(results, bounds),
            recipe=f"peft lora merged in float16, then {quantization.name}",
            made_from=_sources(adapter, model, base),
            learned_fold=fold,
        )
        probes = make_generator_probes(Bundle(folder=folder, manifest=manifest))
        manifest = replace(manifest, files={**manifest.files, "probes": write_probes(folder, probes)})
        write_manifest(folder, manifest)
    steps.advance()
    return manifest


def _fold_of(peft_folder: Path, base: GgufBase) -> FoldSpec | None:
    """Return whom the adapter and its base have learned from, where these were one of two folds of users."""
    own, earlier = learned_fold(peft_folder), None if base.bundle is None else base.bundle.manifest.learned_fold
    if own is None or earlier is None:
        return own or earlier
    if own.fold != earlier.fold or any(own.digests.get(task, each) != each for task, each in earlier.digests.items()):
        raise ConversionError(
            f"the adapter has learned from fold {own.fold} and its base from other users of fold {earlier.fold}",
            hint="train it on a base that has learned from the same users",
        )
    return replace(own, digests={**earlier.digests, **own.digests})


def write_merged(adapter: PeftAdapter, base: GgufBase, out: Path, *, is_base_name_checked: bool = True) -> None:
    """Write the base with its weights as float16 and the adapter added to them."""
    pairs = fit_adapter(adapter, base, is_base_name_checked=is_base_name_checked)

    def merged(name: str, weight: NDArray[np.float32]) -> NDArray[np.float32]:
        pair = pairs.get(name)
        if pair is None:
            return weight
        with np.errstate(over="ignore", invalid="ignore"):  # what is not finite afterwards is refused by name
            return weight + np.float32(adapter.alpha / pair.rank) * (pair.b @ pair.a)

    write_floating(base.path, out, change=merged)


def keep_changes(shipped: Path, floating: Path, names: Collection[str]) -> None:
    """Write these tensors of a quantized model anew where they are Q8_0, on a grid that lies between the usual one.

    A base that was Q8_0 before lies on the usual grid exactly, and a change smaller than half a step is rounded away.
    """
    values = {tensor.name: tensor for tensor in read_gguf(floating).tensors if tensor.name in names}
    wanted = [tensor for tensor in read_gguf(shipped).tensors if tensor.name in values and _is_q8_0(tensor)]
    places = {tensor.name: int(tensor.data_offset) for tensor in wanted}
    del wanted  # they are views of the file that is written to
    with shipped.open("r+b") as file:
        for name, place in places.items():
            file.seek(place)
            file.write(wide_q8_0(dequantized(values[name])).tobytes())


def _is_q8_0(tensor: Any) -> bool:  # noqa: ANN401 - a gguf.ReaderTensor
    return bool(tensor.tensor_type.name == "Q8_0")


def _kept(adapter: PeftAdapter, base: GgufBase, shipped: Path, *, is_base_name_checked: bool) -> GateResult:
    """Project what changed between the base's weights and the shipped ones onto what should have: 1 is all of it."""
    pairs = fit_adapter(adapter, base, is_base_name_checked=is_base_name_checked)
    before = {tensor.name: tensor for tensor in read_gguf(base.path).tensors}
    found = wanted = 0.0
    for tensor in read_gguf(shipped).tensors:
        pair = pairs.get(tensor.name)
        if pair is not None:
            change = np.float32(adapter.alpha / pair.rank) * (pair.b @ pair.a)
            difference = dequantized(tensor) - dequantized(before[tensor.name])
            found += float(np.vdot(difference, change))
            wanted += float(np.vdot(change, change))
    value = found / wanted if wanted > 0 else 1.0  # an adapter that changes nothing is kept whole
    return GateResult(measure="adapter_kept", value=value, bound=None, data="weights", n=len(pairs), cpu=cpu_class())


def _as_gguf(base: Path, folder: Path) -> Path:
    if not is_model_folder(base):
        return base
    write_gguf(base, folder / _BASE_NAME)
    return folder / _BASE_NAME


def _sources(adapter: PeftAdapter, model: GgufBase, base: Path) -> Mapping[str, str]:
    if not is_model_folder(base):
        return sources(adapter, model)
    names = ("config.json", *weight_files(base))
    return {**adapter.made_from, **{name: FileEntry.measure(base, name).sha256 for name in names}}
