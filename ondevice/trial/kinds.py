"""What a trial is: a bundle of each kind is opened with its runtime, and its probes are run where it has any."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from ondevice.bundle import Bundle, Kind
from ondevice.bundle.probes import (
    EncoderProbes,
    GeneratorProbes,
    Probes,
    ProjectorProbes,
    SelectorProbes,
    read_probes,
)
from ondevice.config import EngineConfig
from ondevice.errors import BundleError

if TYPE_CHECKING:
    from ondevice.generation.llama.engine import Engine

TRIAL_CONTEXT_TOKENS = 512


def try_bundle(bundle: Bundle, base: Path | None) -> None:
    """Use a bundle once in this process, which it may end; one that was made for a language model on it, in ``base``.

    Raises:
        OndeviceError: If it cannot be used here.
    """
    _TRIALS[bundle.kind](bundle, base, read_probes(bundle))


def _try_encoder(bundle: Bundle, _: Path | None, probes: Probes | None) -> None:
    from ondevice.retrieval.encoding.encoder import Encoder
    from ondevice.retrieval.encoding.probing import probe_encoder

    with Encoder.open(bundle) as encoder:
        if isinstance(probes, EncoderProbes):
            probe_encoder(encoder, probes)


def _try_selector(bundle: Bundle, _: Path | None, probes: Probes | None) -> None:
    from ondevice.retrieval.encoding.probing import probe_selector
    from ondevice.retrieval.encoding.selector import CrossEncoder

    with CrossEncoder.open(bundle) as selector:
        if isinstance(probes, SelectorProbes):
            probe_selector(selector, probes)


def _try_projector(bundle: Bundle, _: Path | None, probes: Probes | None) -> None:
    from ondevice.retrieval.encoding.probing import probe_projector
    from ondevice.retrieval.encoding.projector import Projector

    with Projector.open(bundle) as projector:
        if isinstance(probes, ProjectorProbes):
            probe_projector(projector, probes)


def _try_generator(bundle: Bundle, _: Path | None, probes: Probes | None) -> None:
    with _open_engine(bundle) as engine:
        _probe(engine, probes)


def _try_adapter(bundle: Bundle, base_folder: Path | None, probes: Probes | None) -> None:
    from ondevice.generation.llama.adapter_bundle import use_adapter_bundle

    if base_folder is None:
        raise ValueError("an adapter is tried on a base")
    base = Bundle.open(base_folder, kind="generator")
    with _open_engine(base) as engine:
        use_adapter_bundle(engine, bundle, base)
        is_measured = bundle.adapter is not None and base.files["model"].sha256 == bundle.adapter.bases[0]
        # What it was measured on says nothing about another base.
        _probe(engine, probes if is_measured else None)


def _try_persona(bundle: Bundle, base_folder: Path | None, probes: Probes | None) -> None:
    import numpy as np

    from ondevice.retrieval.encoding.persona_model import PersonaModel
    from ondevice.retrieval.encoding.probing import probe_projector

    if base_folder is None:
        raise ValueError("a persona is tried on a base")
    base = Bundle.open(base_folder, kind="generator")
    with PersonaModel.open(bundle) as persona, _open_engine(base) as engine:
        if isinstance(probes, ProjectorProbes):
            probe_projector(persona.projector, probes)
        alike = np.full((1, persona.spec.n_in), persona.spec.n_in**-0.5, np.float32)
        rows = persona.rows(alike[0], alike, persona.spec.tasks[0]).rows
        if not math.isfinite(engine.log_likelihood("a", "b", suffix=rows)[0]):
            raise BundleError(f"the language model gives no numbers behind the rows of {bundle.name!r}")


_TRIALS: dict[Kind, Callable[[Bundle, Path | None, Probes | None], None]] = {
    "encoder": _try_encoder,
    "selector": _try_selector,
    "projector": _try_projector,
    "generator": _try_generator,
    "adapter": _try_adapter,
    "persona": _try_persona,
}


def _open_engine(bundle: Bundle) -> Engine:
    from ondevice.generation.llama.engine import Engine

    longest = TRIAL_CONTEXT_TOKENS if bundle.generator is None else bundle.generator.context_tokens
    return Engine.open(bundle, config=EngineConfig(context_tokens=min(TRIAL_CONTEXT_TOKENS, longest)))


def _probe(engine: Engine, probes: Probes | None) -> None:
    from ondevice.generation.llama.probing import probe_generator

    if isinstance(probes, GeneratorProbes):
        probe_generator(engine, probes)
    elif not math.isfinite(engine.log_likelihood("a", "b")[0]):
        raise BundleError(f"the language model {engine.model_id!r} gives no numbers on this machine")
