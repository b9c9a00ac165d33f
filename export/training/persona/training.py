"""Training a persona on a population: the served language model and the device's encoder stay as they are.

Source: Liu et al. 2024, arXiv:2409.11901 (Persona-Plug). Deviations: one model for all tasks, with rows of each task's
own; items of histories are questions too; the rows stand behind the prompt, before the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import asdict
from pathlib import Path

import torch

from export.conversion.onnx.persona_folder import TrainedPersona, check_trained, write_trained
from export.conversion.onnx.persona_net import PersonaNet, PersonaSizes
from export.drafting import drafting
from export.training.checkpoints import keep_checkpoint, read_checkpoint
from export.training.devices import check_device
from export.training.persona.checkpoint import PersonaCheckpoint, mark_of
from export.training.persona.config import PersonaConfig
from export.training.persona.learner import PersonaLearner
from export.training.persona.questions import Questions
from export.training.persona.reading import FrozenReader
from export.training.persona.report import PersonaReport, report_of
from export.training.persona.run import PersonaRun
from export.training.persona.vectors import HistoryVectors, asked_of_all, population_of
from export.training.task_adapter import Stage
from ondevice.adaptation.lora.losses import answer_losses
from ondevice.adaptation.lora.passes import few_passes
from ondevice.adaptation.lora.precision import computed_in, computing
from ondevice.adaptation.lora.session import torch_threads
from ondevice.adaptation.lora.weights import BaseModel, load_base
from ondevice.bundle import Bundle
from ondevice.config import EngineConfig
from ondevice.generation.llama.engine import Engine
from ondevice.signals import Progress


def train_persona(
    base: Bundle,
    vectors: HistoryVectors,
    questions: Questions,
    out: Path,
    config: PersonaConfig,
    *,
    device: str = "cpu",
    checkpoint: Path | None = None,
    on_stage: Callable[[Stage], None] | None = None,
    on_progress: Progress | None = None,
) -> PersonaReport:
    """Train on a population and write the persona's folder, which appears complete or not at all.

    Deterministic in all arguments, on one machine with one number of threads; a training that stopped and went on
    gives what one without a stop gives.

    Args:
        base: The generator's bundle, as it is served.
        vectors: Those of the questions' requests and items, from the encoder that devices have.
        questions: What is learned.
        out: The folder to write; must be new.
        config: How it is trained.
        device: Where PyTorch computes, such as ``cuda``.
        checkpoint: Where the training is kept after each epoch and every ten minutes, and goes on from; readable.
        on_stage: Told what begins.
        on_progress: Told the steps done and all steps.

    Raises:
        AdaptationError: If the training diverges, the checkpoint belongs to another training, or nothing can be
            computed on the device.
        BundleError: If the bundle's model cannot be used.
        ConversionError: If there is something at ``out`` already.
        CorruptError: If the checkpoint is damaged.
        VersionError: If a newer release made it.
        ModelMismatchError: If the language model's architecture cannot be trained.
        StorageError: If the disk refuses.
    """
    begin = on_stage or _untold
    check_device(device)
    kept = None if checkpoint is None else read_checkpoint(checkpoint)
    resume = None if kept is None else PersonaCheckpoint.from_bytes(kept)
    with drafting(out, check=check_trained) as folder, torch_threads(config.threads):
        begin("tokenizing")
        with Engine.open(base, config=EngineConfig(threads=config.threads)) as engine:
            train, held_out = (
                asked_of_all(part, vectors, engine, questions.tasks, config.max_tokens)
                for part in (questions.train, questions.held_out)
            )
        begin("loading")
        weights = load_base(base.file("model"))
        weights.model.to(device)
        reader = FrozenReader(weights, config.precision)
        embedding = float(reader.embeddings.norm(dim=1).mean())
        net = PersonaNet(
            PersonaSizes(
                n_in=vectors.items.shape[1],
                n_out=weights.shape.dim,
                n_rows=config.n_rows,
                n_task_rows=config.n_task_rows,
                rank=config.rank,
                hidden=config.hidden or weights.shape.dim,
            ),
            len(questions.tasks),
            length=embedding,
            temperature=config.temperature,
            seed=config.seed,
        ).to(device)
        if config.centred:
            net.centre(population_of(vectors, reader.device))
        learner = PersonaLearner(net, reader, vectors, config)
        sha256 = base.manifest.files["model"].sha256
        run = PersonaRun(learner, train, held_out, config, mark_of(sha256, config, vectors, (train, held_out)))
        if resume is not None:
            resume.check(run.mark)
        with _fast(weights, config):
            begin("evaluating" if resume is None else "training")  # a checkpoint knows how it was before
            run.begin(resume)
            stopped = run.go(
                _beginning(begin, on_progress),
                None if checkpoint is None else lambda data: keep_checkpoint(checkpoint, data),
            )
            net.settle()
            with computing(config.precision, reader.device.type):
                none = answer_losses(weights.model, [asked.example for asked in held_out])
            report = report_of(run, stopped, learner, held_out, questions, none, embedding)
        trained = TrainedPersona(
            net=net,
            tasks=questions.tasks,
            base_sha256=sha256,
            encoder=vectors.encoder,
            max_history=config.max_history,
            learned_fold=questions.learned_fold,
        )
        about = {"config": asdict(config), "n_apart": questions.n_apart, "report": report.to_json()}
        write_trained(folder, trained, about)
    if checkpoint is not None:
        checkpoint.unlink(missing_ok=True)
    return report


@contextmanager
def _fast(base: BaseModel, config: PersonaConfig) -> Iterator[None]:
    """Let the model compute in fewer passes over memory; the numbers that come out are the same.

    In float32 on a processor several are made one. In bfloat16 its matrices are rounded once: they are frozen.
    """
    kind = base.model.device.type
    is_half = computed_in(config.precision, kind) == "bfloat16"
    if is_half:
        for module in base.model.model.modules():
            if isinstance(module, torch.nn.Linear):
                module.weight.data = module.weight.data.to(torch.bfloat16)
    with few_passes(base.model) if kind == "cpu" and not is_half else nullcontext():
        yield


def _beginning(begin: Callable[[Stage], None], on_progress: Progress | None) -> Progress:
    """Return what tells of the first step that the training begins."""

    def on_step(done: int, total: int) -> None:
        if done == 1:
            begin("training")
        if on_progress is not None:
            on_progress(done, total)

    return on_step


def _untold(_: Stage) -> None:
    pass
