"""From a LoRA as PEFT saves it to an adapter bundle that names the base models it may be put on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from export.conversion.about import About
from export.conversion.gguf.adapter_parity import ReadLogits, measure_logits, peft_logits
from export.conversion.gguf.base_model import GgufBase, as_bundle, fit_adapter, licence_of, read_base, sources
from export.conversion.gguf.floating import write_floating
from export.conversion.gguf.generator_probes import make_generator_probes
from export.conversion.gguf.peft_folder import PeftAdapter, learned_fold, learned_tokens, read_peft
from export.conversion.steps import Steps
from export.drafting import drafting
from export.errors import ConversionError
from export.gate.bounds import ADAPTER_BOUNDS, Bounds, check
from ondevice.adaptation.lora.lora_gguf import LoraPair, Precision, pairs_bytes
from ondevice.bundle import AdapterSpec, FileEntry, GateResult, Manifest, write_manifest
from ondevice.bundle.probes import write_probes
from ondevice.errors import ModelMismatchError

_MODEL_NAME = "adapter.gguf"


def convert_adapter(
    peft_folder: Path,
    base: Path,
    out: Path,
    about: About,
    *,
    further_bases: Sequence[Path] = (),
    precision: Precision = "f16",
    texts: Sequence[str] | None = None,
    bounds: Bounds = ADAPTER_BOUNDS,
    is_base_name_checked: bool = True,
    on_progress: Callable[[int, int], None] | None = None,
) -> Manifest:
    """Write an adapter bundle to ``out``, or nothing.

    The gate compares llama.cpp's logits with PyTorch's, where PEFT itself applies the adapter: on the base with its
    weights as floats, which shows the conversion's own loss (``logits_cosine``), and on the base as it is
    (``logits_cosine_on_base``). ``logits_cosine_unadapted`` is what a conversion to nothing would have reached.

    Args:
        peft_folder: The adapter as PEFT saved it: ``adapter_config.json`` and ``adapter_model.safetensors``.
        base: The base model it was trained on: a generator bundle or a GGUF file.
        out: The bundle's folder, which must not exist.
        about: What its manifest says of it; the licence is by default that of the base's bundle.
        further_bases: Other quantizations of the base that it may be used with.
        precision: How its numbers are kept.
        texts: What the logits are compared on, the first 16; by default the gate's own texts.
        bounds: What the measures are held to.
        is_base_name_checked: Whether a model name in the adapter's configuration must be that of the base's bundle.
        on_progress: Told after each step.

    Raises:
        ConversionError: If the adapter or the base cannot be used, or there is something at ``out``.
        ModelMismatchError: If the adapter was trained on another model.
        ParityError: If the result is outside the bounds.
    """
    steps = Steps(4, on_progress)
    adapter, model = read_peft(peft_folder), read_base(base)
    pairs = fit_adapter(adapter, model, is_base_name_checked=is_base_name_checked)
    others = [read_base(other) for other in further_bases]
    for other in others:
        _require_same_shape(model, other)
        fit_adapter(adapter, other, is_base_name_checked=is_base_name_checked)
    terms = about.license or licence_of(model)
    steps.advance()
    with drafting(out) as folder:
        data = _encode(pairs, adapter, model, precision)
        (folder / _MODEL_NAME).write_bytes(data)
        reference = peft_logits(model.path, peft_folder)
        steps.advance()
        results = measure_adapter(reference, data, model, texts, scratch=folder)
        steps.advance()
        probes = write_probes(folder, make_generator_probes(as_bundle(model), adapter=data))
        manifest = about.manifest(
            "adapter",
            AdapterSpec(
                bases=tuple(dict.fromkeys(one.sha256 for one in (model, *others))),
                architecture=model.architecture,
                rank=adapter.rank,
                alpha=adapter.alpha,
                prompt_tokens=learned_tokens(peft_folder),
            ),
            license=terms,
            source=f"a LoRA adapter for {model.name or model.path.name}",
            files={"model": FileEntry.measure(folder, _MODEL_NAME), "probes": probes},
            gate=check(results, bounds),
            recipe=f"peft lora to gguf, {precision}",
            made_from=sources(adapter, model),
            learned_fold=learned_fold(peft_folder),
        )
        write_manifest(folder, manifest)
    steps.advance()
    return manifest


def measure_adapter(
    reference: ReadLogits, data: bytes, base: GgufBase, texts: Sequence[str] | None, *, scratch: Path
) -> list[GateResult]:
    """Return what the gate measures of an adapter, see :func:`convert_adapter`.

    Args:
        reference: The same adapter on the same base in PyTorch.
        data: The GGUF adapter.
        base: The model it is put on.
        texts: What the logits are compared on; by default the gate's own texts.
        scratch: A folder with room for the base's weights as float16, which are removed again.
    """
    if base.is_floating:
        return [
            *measure_logits("logits_cosine", reference, base.path, data, texts),
            *measure_logits("logits_cosine_unadapted", reference, base.path, None, texts),
        ]
    path = scratch / "floating.gguf"
    try:
        write_floating(base.path, path)
        results = measure_logits("logits_cosine", reference, path, data, texts)
    finally:
        path.unlink(missing_ok=True)
    return [
        *results,
        *measure_logits("logits_cosine_on_base", reference, base.path, data, texts),
        *measure_logits("logits_cosine_unadapted", reference, base.path, None, texts),
    ]


def _encode(pairs: Mapping[str, LoraPair], adapter: PeftAdapter, base: GgufBase, precision: Precision) -> bytes:
    try:
        return pairs_bytes(pairs, architecture=base.architecture, alpha=adapter.alpha, precision=precision)
    except ValueError as error:  # names of tensors and their largest number
        raise ConversionError(str(error), hint="keep it in f32") from None


def _require_same_shape(base: GgufBase, other: GgufBase) -> None:
    if (other.architecture, other.n_layers) != (base.architecture, base.n_layers):
        raise ModelMismatchError(
            f"the further base is a {other.architecture} of {other.n_layers} layers, "
            f"the base a {base.architecture} of {base.n_layers}"
        )
    for weight in sorted(base.shapes.keys() | other.shapes.keys()):  # a missing output layer is tied to the embeddings
        if other.shapes.get(weight) != base.shapes.get(weight):
            raise ModelMismatchError(f"the further base has another shape of {weight!r} than the base")
