"""From a trained language model, or a GGUF file, to a quantized bundle that the gate has measured."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from export.conversion.about import About
from export.conversion.gguf.base_model import read_gguf
from export.conversion.gguf.generator_probes import make_generator_probes
from export.conversion.gguf.importance import importance_of
from export.conversion.gguf.quantize import RECIPES, named_quantization
from export.conversion.gguf.search import GgufTrial, row_of, smallest_within, time_trials, try_quantization
from export.conversion.gguf.write import write_gguf
from export.conversion.onnx.checkpoint import weight_files
from export.conversion.steps import Steps
from export.drafting import drafting
from export.errors import ConversionError, ParityError
from export.gate.bounds import GENERATOR_BOUNDS, Bounds, check
from export.gate.cpu import cpu_class
from export.gate.logits import LogitsReader, compare_logits
from export.gate.perplexity import measure_perplexity
from export.gate.texts import NAME, built_in_texts
from export.quantization import Quantization
from ondevice.bundle import Bundle, FileEntry, GateResult, GeneratorSpec, Manifest, write_manifest
from ondevice.bundle.manifest import digest_file
from ondevice.bundle.probes import write_probes
from ondevice.errors import BundleError, GenerationError

_MODEL_NAME, _FLOATING_NAME, _SCRATCH_NAME = "model.gguf", "floating.gguf", ".trials"
_TOKENIZER_FILES = (
    "config.json",
    "generation_config.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "chat_template.jinja",
)
_PARITY_TEXTS = 8
_PARITY_TOKENS = 128
_LOGITS_COSINE_MIN = 0.9999
_SPEED_WORDS = 600
_SPEED_CONTEXT = 2048


@dataclass(frozen=True, kw_only=True, slots=True)
class _Source:
    """A model on its way: the file to quantize, and what is known of it."""

    gguf: Path
    made_from: Mapping[str, str]
    context_tokens: int
    results: tuple[GateResult, ...]


def convert_llm(
    source: Path,
    out: Path,
    about: About,
    *,
    quantization: Quantization | str = "auto",
    base: str | None = None,
    texts: Sequence[str] | None = None,
    calibration: Sequence[str] | None = None,
    data: str = "given",
    bounds: Bounds = GENERATOR_BOUNDS,
    report: Path | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> Manifest:
    """Write a generator bundle to ``out``, or nothing.

    A model folder is first written as float16 and its logits compared with PyTorch's in float32. What is quantized is
    then measured against the file it was quantized from.

    Args:
        source: A folder with safetensors, as transformers saves it, or a GGUF file.
        out: The bundle's folder, which must not exist.
        about: What its manifest says of it.
        quantization: A recipe, its name or one of llama.cpp's mixtures by name; ``auto`` tries all recipes and takes
            the smallest within the bounds.
        base: The base model as people know it; the bundle's name where it is not given.
        texts: What perplexity is measured on; by default the gate's own texts.
        calibration: What importance is measured on, better other texts than ``texts``; without them the recipes
            that need an importance matrix are not tried.
        data: What to call the given ``texts`` in the manifest.
        bounds: What the measures are held to.
        report: A folder for the table and the plots of what ``auto`` tried.
        on_progress: Told after each step.

    Raises:
        ConversionError: If the model cannot be converted, or there is something at ``out``.
        ParityError: If nothing stays within the bounds.
        ImportError: If the extra is not installed.
    """
    candidates = list(RECIPES.values()) if quantization == "auto" else [_chosen(quantization)]
    if not calibration and quantization == "auto":
        candidates = [each for each in candidates if not each.needs_importance]
    terms, steps = about.terms(), Steps(4 + len(candidates), on_progress)
    if not texts:
        texts, data = built_in_texts(), NAME
    with drafting(out) as folder:
        scratch = folder / _SCRATCH_NAME
        scratch.mkdir()
        try:
            original = _prepare(source, scratch, texts)
            steps.advance()
            reference = measure_perplexity(original.gguf, texts)
            importance = importance_of(original.gguf, calibration) if calibration else None
            steps.advance()
            trials = []
            for number, candidate in enumerate(candidates):
                trial = try_quantization(
                    original.gguf,
                    scratch / f"{number}.gguf",
                    candidate,
                    original=reference,
                    texts=texts,
                    data=data,
                    bounds=bounds,
                    importance=importance,
                )
                trials.append(trial)
                steps.advance()
            if quantization == "auto":
                trials = _timed(original, trials, texts)
            chosen = smallest_within(trials, bounds)
        except (GenerationError, BundleError) as error:
            raise ConversionError(f"the model cannot be run by llama.cpp: {error.message}") from None
        steps.advance()
        if report is not None:
            _report(report, trials, bounds, title=about.name)
        chosen.path.replace(folder / _MODEL_NAME)
        shutil.rmtree(scratch)
        speed = () if chosen.speed is None else chosen.speed.results(data=data)
        manifest = about.manifest(
            "generator",
            GeneratorSpec(context_tokens=original.context_tokens, base=base or about.name),
            license=terms,
            source=base or source.name,
            files={"model": FileEntry.measure(folder, _MODEL_NAME)},
            gate=check([*original.results, *chosen.results, *speed], bounds),
            recipe=chosen.recipe.name,
            made_from=original.made_from,
        )
        probes = make_generator_probes(Bundle(folder=folder, manifest=manifest))
        manifest = replace(manifest, files={**manifest.files, "probes": write_probes(folder, probes)})
        write_manifest(folder, manifest)
    steps.advance()
    return manifest


def _report(folder: Path, trials: Sequence[GgufTrial], bounds: Bounds, *, title: str) -> None:
    from export.gate.report import report  # draws plots, so it loads matplotlib

    report(folder, [row_of(trial) for trial in trials], title, bounds=bounds)


def _chosen(quantization: Quantization | str) -> Quantization:
    return quantization if isinstance(quantization, Quantization) else named_quantization(quantization)


def _prepare(source: Path, scratch: Path, texts: Sequence[str]) -> _Source:
    if source.is_dir():
        floating = scratch / _FLOATING_NAME
        architecture = write_gguf(source, floating)
        names = [name for name in (*_TOKENIZER_FILES, *weight_files(source)) if (source / name).is_file()]
        return _Source(
            gguf=floating,
            made_from={name: digest_file(source / name)[0] for name in names},
            context_tokens=architecture.context_tokens,
            results=compare_with_torch(source, floating, texts),
        )
    reader = read_gguf(source)
    family = reader.get_field("general.architecture")
    context = reader.get_field(f"{family.contents()}.context_length") if family is not None else None
    if context is None:
        raise ConversionError(f"the file {source.name!r} does not state how long its context is")
    return _Source(
        gguf=source,
        made_from={source.name: digest_file(source)[0]},
        context_tokens=int(context.contents()),
        results=(),
    )


def compare_with_torch(folder: Path, gguf: Path, texts: Sequence[str]) -> tuple[GateResult, ...]:
    """Compare a GGUF file's logits with PyTorch's, float32, of the folder it was written from.

    Raises:
        ParityError: If a cosine is below 0.9999 in the mean, or the likeliest tokens differ by more than rounding.
    """
    import torch
    from transformers import AutoModelForCausalLM

    from export.conversion.onnx.quiet import quiet_transformers

    with quiet_transformers():
        model = AutoModelForCausalLM.from_pretrained(str(folder), local_files_only=True, dtype=torch.float32).eval()
    with LogitsReader(gguf, context_tokens=_PARITY_TOKENS) as reader, torch.no_grad():
        rows = [reader.vocabulary.tokenize_text(text)[: reader.context_tokens] for text in texts[:_PARITY_TEXTS]]
        parity = compare_logits(
            (np.asarray(model(torch.tensor([row])).logits[0], dtype=np.float32), reader.read(row))
            for row in rows
            if row
        )
    if parity.cosine_mean < _LOGITS_COSINE_MIN:
        raise ParityError(
            f"llama.cpp's logits are at a cosine of {parity.cosine_mean:.6f} to pytorch's, "
            f"at least {_LOGITS_COSINE_MIN} is needed"
        )
    values = {
        "logits_cosine": parity.cosine_mean,
        "logits_cosine_worst": parity.cosine_min,
        "logits_same_top": parity.same_top,
    }
    return tuple(
        GateResult(measure=name, value=value, bound=None, data="float16 to pytorch", n=parity.n, cpu=cpu_class())
        for name, value in values.items()
    )


def _timed(original: _Source, trials: Sequence[GgufTrial], texts: Sequence[str]) -> list[GgufTrial]:
    words = " ".join(texts).split()[:_SPEED_WORDS]
    with LogitsReader(original.gguf, context_tokens=1) as reader:
        longest = min(_SPEED_CONTEXT, original.context_tokens)
        while len(reader.vocabulary.tokenize_text(" ".join(words))) > longest // 2:
            words = words[: len(words) // 2]
    return time_trials(original.gguf, trials, prompt=" ".join(words), context_tokens=longest)
