"""What ``ondevice doctor`` checks of the models: every byte, and a trial run of each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from ondevice.bundle import Bundle
from ondevice.bundle.specs import READER_ROLE
from ondevice.cli.access import ModelChoice
from ondevice.cli.findings import Finding, attempt
from ondevice.cli.note_figures import figures_of
from ondevice.config import EngineConfig
from ondevice.errors import ModelMismatchError
from ondevice.generation.measured import speed_of

INSTALL = "run: ondevice bundle install FILE"
FETCH = "run: ondevice-models fetch"
TRIAL_CONTEXT_TOKENS = 256

_Kind = Literal["encoder", "generator", "persona"]


def check_models(use: ModelChoice) -> Iterator[Finding]:
    """Compare every file of the models with its manifest."""
    yield Finding(name="models' folder", state="ok", detail=str(use.models))
    if use.encoder is not None:
        yield attempt(f"encoder {use.encoder}", lambda: _verify(use, "encoder"), hint=FETCH)
    yield attempt(f"language model {use.generator}", lambda: _verify(use, "generator"), hint=FETCH)
    if use.persona is not None:
        yield attempt(f"persona {use.persona}", lambda: _verify(use, "persona"), hint=INSTALL)


def check_model_runs(use: ModelChoice) -> Iterator[Finding]:
    """Encode a word and write a token."""
    if use.encoder is not None:
        yield attempt("encoding", lambda: _encode(use), hint=FETCH)
    yield attempt("answering", lambda: _answer(use), hint=FETCH)
    if use.persona is not None:
        yield attempt("rows of the user", lambda: _make_rows(use), hint=INSTALL)


def _verify(use: ModelChoice, kind: _Kind) -> str:
    bundle = _open(use, kind)
    size = sum(entry.bytes for entry in bundle.manifest.files.values())
    is_reader = READER_ROLE in bundle.files or (bundle.generator is not None and bundle.generator.reads_notes)
    said = [f"{size / 1e6:.0f} MB verified", bundle.license, *(["reads notes"] if is_reader else [])]
    if figures := figures_of(bundle):
        said.append(
            f"invented people's questions: {figures.right:.0%} right, {figures.refused:.0%} of unanswerable refused"
        )
    if kind == "generator" and (speed := speed_of(use.models, use.generator)) is not None:
        said.append(f"reads {speed.read_tokens_s:,.0f} and writes {speed.write_tokens_s:,.0f} tokens/s here")
    return ", ".join(said)


def _open(use: ModelChoice, kind: _Kind) -> Bundle:
    name = {"encoder": use.encoder, "generator": use.generator, "persona": use.persona}[kind]
    return Bundle.open(use.models / str(name), kind=kind, publishers=use.publishers)


def _encode(use: ModelChoice) -> str:
    from ondevice.retrieval.encoding.encoder import Encoder
    from ondevice.trial import trial

    bundle = _open(use, "encoder")
    # In a process of its own first: what is looked for may be a model that ends the process.
    trial(use.models)(bundle)
    encoder = Encoder.open(bundle)
    try:
        return f"a vector of {encoder.encode_queries(['one'])[0].size} numbers"
    finally:
        encoder.close()


def _answer(use: ModelChoice) -> str:
    from ondevice.generation.llama.engine import Engine
    from ondevice.generation.llama.reading import Reading
    from ondevice.generation.prompts.chat import Message
    from ondevice.trial import trial

    bundle = _open(use, "generator")
    trial(use.models)(bundle)
    config = EngineConfig(context_tokens=TRIAL_CONTEXT_TOKENS)
    with Engine.open(bundle, config=config) as engine:
        prompt = engine.render([Message(role="user", content="one")])
        answer = engine.generate(prompt, max_tokens=1, reading=Reading(by_reader=engine.wears_reader))
    return f"{answer.n_prompt_tokens} tokens read in {answer.timings_ms['read']:.0f} ms"


def _make_rows(use: ModelChoice) -> str:
    from ondevice.trial import trial

    bundle = _open(use, "persona")
    spec = bundle.persona
    if spec is None:
        raise bundle.wrong_kind("persona")
    bundle.check_base(_open(use, "generator"))
    encoder = None if use.encoder is None else _open(use, "encoder")
    if encoder is None or encoder.id != spec.encoder:
        raise ModelMismatchError(f"it reads vectors of the encoder {spec.encoder!r}: name that with --encoder")
    trial(use.models)(bundle)
    return f"{spec.n_task_rows + spec.n_rows} rows, for {', '.join(spec.tasks)}"
