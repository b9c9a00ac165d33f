"""Measuring a bundle that exists already against its original, on this machine's class of CPU."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from export.errors import ConversionError
from export.gate.candidate_groups import CandidateGroups
from export.gate.retrieval_data import RetrievalData
from ondevice.bundle import Bundle, GateResult, Kind, Manifest, write_manifest
from ondevice.bundle.manifest import digest_file
from ondevice.bundle.signature import SIGNATURE_NAME
from ondevice.errors import ModelMismatchError
from ondevice.safety.temporary_folder import temporary_folder
from ondevice.signals import Progress

N_TEXTS, N_EMULATED = 256, 32


@dataclass(frozen=True, kw_only=True, slots=True)
class ParityData:
    """What to measure on; what is empty means the neutral texts that come with the package.

    Args:
        retrieval: Tasks for an encoder.
        groups: Candidates for a selector.
        texts: Texts for an encoder, a language model or an adapter.
        texts_name: What to call them in the results of a language model.
        base: The base model of an adapter: a generator bundle or a GGUF file.
        activation: What stands between a projector's layers, where it has two or more.
        emulate: Run an encoder on this emulated CPU (:data:`export.gate.emulation.EMULATED`) instead of on this
            one; only the vectors of a few texts are compared then.
    """

    retrieval: Sequence[RetrievalData] = ()
    groups: Sequence[CandidateGroups] = ()
    texts: Sequence[str] = ()
    texts_name: str = "built-in"
    base: Path | None = None
    activation: str | None = None
    emulate: str | None = None


def measure_bundle(
    folder: Path, reference: Path, *, data: ParityData, on_progress: Progress | None = None
) -> tuple[GateResult, ...]:
    """Compare a bundle with the model it was made from; the results have no bounds yet.

    Args:
        folder: The bundle.
        reference: The original: the folder (or, for a language model, also the GGUF file) it was converted from.
        data: What to measure on.
        on_progress: Called with steps done and in total.

    Raises:
        NotFoundError: If one of the two is missing.
        CorruptError: If a file of the bundle is not what its manifest says.
        ConversionError: If the reference cannot be read, or what the kind needs to be measured is not given.
        ModelMismatchError: If the bundle was made from other files than the reference has.
    """
    bundle = Bundle.open_any(folder)
    if data.emulate is not None and bundle.kind != "encoder":
        raise ConversionError(f"other CPUs are emulated for encoders only, not for a {bundle.kind}")
    return tuple(_MEASURES[bundle.kind](bundle, reference, data, on_progress or _no_progress))


def record(folder: Path, results: Sequence[GateResult]) -> Manifest:
    """Write results into a bundle's manifest, in place of those of the same measure, data and class of CPU.

    Raises:
        ConversionError: If the bundle is signed: its signature would no longer fit.
    """
    bundle = Bundle.open_any(folder)
    if (bundle.folder / SIGNATURE_NAME).exists():
        raise ConversionError(
            f"the bundle {bundle.name!r} is signed, so its manifest stays as it is",
            hint="measure the bundle it was published from",
        )
    measured = {_place(result) for result in results}
    kept = [result for result in bundle.manifest.gate if _place(result) not in measured]
    manifest = replace(bundle.manifest, gate=(*kept, *results))
    write_manifest(bundle.folder, manifest)
    return manifest


def _place(result: GateResult) -> tuple[str, str, str]:
    return result.measure, result.data, result.cpu


def _no_progress(done: int, total: int) -> None:
    """Tell nobody."""


def _check_origin(bundle: Bundle, files: Mapping[str, str]) -> None:
    """Refuse a reference that shares a file's name with what the bundle was made from, and not its content."""
    made_from = bundle.manifest.made_from
    other = sorted(name for name in files.keys() & made_from.keys() if files[name] != made_from[name])
    if other or (made_from and not files.keys() & made_from.keys()):
        what = f"has another {other[0]!r}" if other else "shares no file"
        raise ModelMismatchError(
            f"the reference {what} than the model that {bundle.name!r} was made from",
            hint="name the original's folder with --reference",
        )


def _measure_encoder(bundle: Bundle, reference: Path, data: ParityData, on_progress: Progress) -> list[GateResult]:
    from export.conversion.onnx.checkpoint import read_checkpoint
    from export.conversion.onnx.reference import TorchEncoder
    from export.gate.emulation import measure_emulated
    from export.gate.ranking import measure_ranking
    from export.gate.vectors import RememberedEncoder, measure_vectors
    from ondevice.retrieval.encoding.encoder import Encoder

    checkpoint = read_checkpoint(reference)
    _check_origin(bundle, checkpoint.files)
    original = RememberedEncoder(TorchEncoder.open(checkpoint, bundle.file("tokenizer")))
    texts, name, tasks = _encoder_data(data)
    if data.emulate is not None:
        few = evenly(texts, N_EMULATED)
        return list(measure_emulated(original, bundle.folder, few, emulate=data.emulate, data=name).results())
    with Encoder.open(bundle) as converted:
        results = list(measure_vectors(original, converted, texts, data=name).results())
        on_progress(1, 1 + len(tasks))
        for number, each in enumerate(tasks, start=2):
            results += measure_ranking(original, converted, each).results()
            on_progress(number, 1 + len(tasks))
    return results


def _encoder_data(data: ParityData) -> tuple[Sequence[str], str, Sequence[RetrievalData]]:
    """Return the texts whose vectors are compared, what they are called, and the tasks to rank on."""
    from export.gate.texts import built_in_retrieval_data

    if data.texts:
        return data.texts, data.texts_name, data.retrieval
    tasks = data.retrieval or (built_in_retrieval_data(),)
    passages = list(dict.fromkeys(text for each in tasks for text in each.passages if text.strip()))
    return evenly(passages, N_TEXTS), "+".join(each.name for each in tasks), tasks


def evenly(texts: Sequence[str], n: int) -> Sequence[str]:
    """Return at most ``n`` of the texts, evenly taken."""
    n = min(n, len(texts))
    return [texts[index * len(texts) // n] for index in range(n)]


def _measure_selector(bundle: Bundle, reference: Path, data: ParityData, on_progress: Progress) -> list[GateResult]:
    from export.conversion.onnx.classifier import read_classifier
    from export.conversion.onnx.classifier_reference import TorchClassifier, open_tokenizer
    from export.gate.agreement import measure_agreement
    from export.gate.candidate_groups import built_in_groups
    from ondevice.retrieval.encoding.selector import CrossEncoder

    spec = bundle.selector
    checkpoint = read_classifier(reference, max_tokens=spec.max_tokens if spec else None)
    _check_origin(bundle, checkpoint.files)
    original = TorchClassifier.open(checkpoint, open_tokenizer(checkpoint, bundle.file("tokenizer")))
    results: list[GateResult] = []
    groups = tuple(data.groups) or (built_in_groups(),)
    with CrossEncoder.open(bundle) as converted:
        for number, each in enumerate(groups, start=1):
            results += measure_agreement(original, converted, each).results()
            on_progress(number, len(groups))
    return results


def _measure_projector(bundle: Bundle, reference: Path, data: ParityData, on_progress: Progress) -> list[GateResult]:
    from export.conversion.onnx.linear_layers import find_weights, read_layers
    from export.conversion.onnx.projector import measure_projector

    weights = find_weights(reference)
    _check_origin(bundle, {weights.name: digest_file(weights)[0]})
    results = list(measure_projector(bundle, read_layers(weights, activation=data.activation)))
    on_progress(1, 1)
    return results


def _measure_persona(bundle: Bundle, reference: Path, data: ParityData, on_progress: Progress) -> list[GateResult]:
    from export.conversion.onnx.persona import measure_persona
    from export.conversion.onnx.persona_folder import PROJECTOR_NAME, read_trained

    read_trained(reference)
    _check_origin(bundle, {PROJECTOR_NAME: digest_file(reference / PROJECTOR_NAME)[0]})
    results = list(measure_persona(bundle, reference))
    on_progress(1, 1)
    return results


def _measure_generator(bundle: Bundle, reference: Path, data: ParityData, on_progress: Progress) -> list[GateResult]:
    from export.conversion.gguf.write import write_gguf
    from export.gate.cpu import cpu_class
    from export.gate.perplexity import measure_perplexity, perplexity_rise
    from export.gate.texts import built_in_texts

    folder = reference if reference.is_dir() else reference.parent
    names = bundle.manifest.made_from if reference.is_dir() else (reference.name,)
    _check_origin(bundle, {name: digest_file(folder / name)[0] for name in names if (folder / name).is_file()})
    texts = data.texts or built_in_texts()
    with temporary_folder() as scratch:
        original = reference
        if reference.is_dir():
            original = scratch / "floating.gguf"
            write_gguf(reference, original)
        before = measure_perplexity(original, texts)
    on_progress(1, 2)
    after = measure_perplexity(bundle.file("model"), texts)
    on_progress(2, 2)
    values = {"perplexity": after.value, "perplexity_rise": perplexity_rise(before, after).value}
    return [
        GateResult(measure=measure, value=value, bound=None, data=data.texts_name, n=after.n, cpu=cpu_class())
        for measure, value in values.items()
    ]


def _measure_adapter(bundle: Bundle, reference: Path, data: ParityData, on_progress: Progress) -> list[GateResult]:
    from export.conversion.gguf.adapter import measure_adapter
    from export.conversion.gguf.adapter_parity import peft_logits
    from export.conversion.gguf.base_model import read_base

    if data.base is None:
        raise ConversionError("an adapter is measured on its base", hint="name it with --base")
    base = read_base(data.base)
    if bundle.adapter is None or base.sha256 not in bundle.adapter.bases:
        raise ModelMismatchError(f"the base is none of those that the adapter {bundle.name!r} was made for")
    original = peft_logits(base.path, reference)
    on_progress(1, 2)
    adapter = bundle.file("model").read_bytes()
    with temporary_folder() as scratch:
        results = measure_adapter(original, adapter, base, data.texts or None, scratch=scratch)
    on_progress(2, 2)
    return results


_MEASURES: Mapping[Kind, Callable[[Bundle, Path, ParityData, Progress], list[GateResult]]] = {
    "encoder": _measure_encoder,
    "selector": _measure_selector,
    "projector": _measure_projector,
    "generator": _measure_generator,
    "adapter": _measure_adapter,
    "persona": _measure_persona,
}
