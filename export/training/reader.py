"""The reading adapter: a LoRA that teaches a small model to answer from numbered notes, and to say when they do not.

It is trained by the device's own training code on the dequantized weights of the served file, on lessons with invented
people, and becomes an adapter bundle.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, permutations
from pathlib import Path
from typing import Any

from export.conversion.about import About
from export.conversion.gguf.adapter import convert_adapter
from export.conversion.gguf.peft_folder import read_peft
from export.drafting import check_place, drafting
from export.errors import ConversionError, DatasetError
from export.training.checkpoints import check_checkpoint, keep_checkpoint, read_checkpoint
from export.training.devices import check_device
from export.training.reading import Lesson, is_refused
from export.training.task_adapter import Stage, check_peft, write_peft, write_report
from ondevice.adaptation.lessons.joined import make_joined
from ondevice.adaptation.lora.lora import Tensors
from ondevice.adaptation.lora.training import Trained, train
from ondevice.adaptation.lora.weights import load_base
from ondevice.adaptation.recipes.recipe import PROJECTIONS, LoraRecipe, TrainingConfig, TrainingReport
from ondevice.bundle import Bundle
from ondevice.config import EngineConfig
from ondevice.generation.llama.engine import Engine
from ondevice.safety.temporary_folder import temporary_folder

READER_RECIPE = LoraRecipe(projections=PROJECTIONS, rank=16, alpha=32.0)
"""All projections: reading is nothing that the queries and values alone could learn."""

READER_TRAINING = TrainingConfig(
    learning_rate=1e-3, epochs=1, batch_tokens=2048, max_tokens=1280, warm_up=0.03, precision="float32"
)

CHECKPOINT_SECONDS = 600.0
CURVE_STEPS = 10
"""Steps that one point of the curve is the mean of."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadingAdapter:
    """What was trained.

    Args:
        recipe: Where matrices went.
        config: How it was trained.
        report: What came of it; the held-out examples are those of other people.
        base_sha256: The file it was trained on.
        n_people: People of whom was learned.
        n_requests: Their requests.
        refused: The part of these whose answer is that the notes do not say.
        n_tokens: Tokens that went through the model to learn.
        curve: Numbers of steps, and what was learned then cost on average over the steps since the one before, in nats
            per token; of a training that went on, the steps since.
    """

    recipe: LoraRecipe
    config: TrainingConfig
    report: TrainingReport
    base_sha256: str
    n_people: int
    n_requests: int
    refused: float
    n_tokens: int
    curve: tuple[tuple[int, float], ...] = ()

    @property
    def tokens_per_second(self) -> float:
        """How fast it was learned, evaluations included."""
        return self.n_tokens / self.report.seconds if self.report.seconds else 0.0

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {
            "recipe": self.recipe.to_json(),
            "config": self.config.to_json(),
            "report": self.report.to_json(),
            "base_sha256": self.base_sha256,
            "n_people": self.n_people,
            "n_requests": self.n_requests,
            "refused": self.refused,
            "n_tokens": self.n_tokens,
            "curve": [[step, round(loss, 4)] for step, loss in self.curve],
        }


def hold_out_people(lessons: Sequence[Lesson], part: float) -> tuple[list[Lesson], list[Lesson]]:
    """Split lessons into those of most people and those of the last ones, on whom the training is judged.

    Raises:
        DatasetError: If there are fewer than 2 people.
        ValueError: If the part is not between 0 and 1.
    """
    if not 0 < part < 1:
        raise ValueError(f"held_out must be between 0 and 1, not {part}")
    people = [list(of_one) for _, of_one in groupby(lessons, key=lambda lesson: lesson.person)]
    if len(people) < 2:
        raise DatasetError(f"a reader needs lessons with 2 people or more, but there are {len(people)}")
    n_held = min(len(people) - 1, max(1, round(part * len(people))))
    learned, held = people[:-n_held], people[-n_held:]
    return [lesson for of_one in learned for lesson in of_one], [lesson for of_one in held for lesson in of_one]


def check_reader(
    base: Bundle,
    out: Path,
    *,
    peft: Path | None = None,
    start: Path | None = None,
    recipe: LoraRecipe = READER_RECIPE,
    config: TrainingConfig = READER_TRAINING,
    device: str = "cpu",
    checkpoint: Path | None = None,
) -> None:
    """Refuse what would end :func:`train_reader`, as far as that is known before there are lessons.

    Lessons take minutes, and the training takes hours. Whether the checkpoint belongs to the same lessons is known
    only when they are made.

    Raises:
        AdaptationError: If the checkpoint belongs to a training with another recipe, other settings or another base,
            or nothing can be computed on the device.
        BundleError, ModelMismatchError: If the bundle's model cannot be trained.
        ConversionError: If there is something at ``out`` or ``peft`` already, two of the places lie in each other, or
            ``start`` is no adapter of this recipe.
        CorruptError, VersionError: If the checkpoint cannot be used.
        StorageError: If it cannot be read, none could be kept there, or one of the folders could not be written.
    """
    for place in filter(None, (out, peft)):
        check_place(place)
    for one, other in permutations([place.absolute() for place in (out, peft, checkpoint) if place is not None], 2):
        if one.is_relative_to(other):
            raise ConversionError(
                f"{one.name!r} lies in {other.name!r}, which is written as a whole",
                hint="name places beside each other with --out, --peft and --checkpoint",
            )
    check_device(device)
    if start is not None:
        _start(start, recipe)
    if checkpoint is not None:
        check_checkpoint(checkpoint, base.file("model"), recipe, config)


def train_reader(
    base: Bundle,
    lessons: Sequence[Lesson],
    held_out: Sequence[Lesson],
    out: Path,
    about: About,
    *,
    peft: Path | None = None,
    start: Path | None = None,
    recipe: LoraRecipe = READER_RECIPE,
    config: TrainingConfig = READER_TRAINING,
    device: str = "cpu",
    checkpoint: Path | None = None,
    on_stage: Callable[[Stage], None] | None = None,
    on_progress: Callable[[int, int], None] | None = None,
    on_curve: Callable[[int, float], None] | None = None,
) -> ReadingAdapter:
    """Train on lessons and write the adapter's bundle, which appears complete or not at all.

    The base reads numbered notes while it is trained, whatever its bundle says of it.

    Args:
        base: The generator's bundle, as it is served.
        lessons: What is learned.
        held_out: Lessons with other people, on which the training is judged.
        out: The bundle's folder; must be new.
        about: What its manifest says of it.
        peft: Keep the matrices in this new folder too, as PEFT saves them, to merge them into a model.
        start: The folder of an adapter of the same recipe that the training goes on from, as ``peft`` keeps it.
        recipe: Where matrices go.
        config: How it is trained.
        device: Where PyTorch computes, such as ``cuda``.
        checkpoint: Where the training is kept every ten minutes, and goes on from if it is there.
        on_stage: Told what begins.
        on_progress: Told the steps done and all steps.
        on_curve: Told each point of the curve.

    Raises:
        AdaptationError: If the training diverges, or the checkpoint belongs to another training.
        BundleError: If the bundle's model cannot be used.
        ConversionError: If there is something at ``out`` or ``peft`` already, or ``start`` is no adapter of this
            recipe.
        ModelMismatchError: If the model's architecture cannot be trained.
        ParityError: If llama.cpp computes something else with the adapter than what was trained.
        StorageError: If the disk refuses.
    """
    check_reader(base, out, peft=peft, start=start, recipe=recipe, config=config, device=device, checkpoint=checkpoint)
    losses: dict[int, float] = {}

    def on_loss(step: int, loss: float) -> None:
        losses[step] = loss
        if on_curve is not None and step % CURVE_STEPS == 0:
            on_curve(*_curve(losses)[-1])

    trained, n_tokens = _train(
        base, lessons, held_out, start, recipe, config, device, checkpoint, on_stage, on_progress, on_loss
    )
    pairs = [pair for lesson in lessons for pair in lesson.pairs]
    made = ReadingAdapter(
        recipe=recipe,
        config=config,
        report=trained.report,
        base_sha256=base.manifest.files["model"].sha256,
        n_people=sum(1 for _ in groupby(lessons, key=lambda lesson: lesson.person)),  # two may have one name
        n_requests=len(pairs),
        refused=sum(map(is_refused, pairs)) / len(pairs),
        n_tokens=n_tokens,
        curve=_curve(losses),
    )
    if on_stage is not None:
        on_stage("converting")
    with temporary_folder() as scratch:
        folder = scratch / "peft" if peft is None else peft
        with drafting(folder, check=check_peft) as draft:
            name = base.generator.base if base.generator is not None else base.name
            write_peft(draft, trained.tensors, recipe, base_name=name)
            write_report(draft, made.to_json())
        convert_adapter(folder, base.folder, out, about)
    if checkpoint is not None:
        checkpoint.unlink(missing_ok=True)
    return made


def _train(
    base: Bundle,
    lessons: Sequence[Lesson],
    held_out: Sequence[Lesson],
    start: Path | None,
    recipe: LoraRecipe,
    config: TrainingConfig,
    device: str,
    checkpoint: Path | None,
    on_stage: Callable[[Stage], None] | None,
    on_progress: Callable[[int, int], None] | None,
    on_loss: Callable[[int, float], None],
) -> tuple[Trained, int]:
    """Return what was trained, and how many tokens were learned from."""

    def begin(stage: Stage) -> None:
        if on_stage is not None:
            on_stage(stage)

    begin("loading")
    weights = load_base(base.file("model"))
    weights.model.to(device)
    begin("tokenizing")
    with Engine.open(base, config=EngineConfig(threads=config.threads)) as engine:
        learned, judged = (
            make_joined([lesson.pairs for lesson in part], engine, max_tokens=config.max_tokens, form="numbered")
            for part in (lessons, held_out)
        )
    resume = None if checkpoint is None else read_checkpoint(checkpoint)
    begin("evaluating" if resume is None else "training")  # a checkpoint knows how the base does
    n_of_all = (0, 1)

    def on_step(done: int, total: int) -> None:
        nonlocal n_of_all
        n_of_all = done, total
        if done == 1:
            begin("training")
        if on_progress is not None:
            on_progress(done, total)

    trained = train(
        weights,
        learned,
        judged,
        recipe,
        config,
        start=None if start is None else _start(start, recipe),
        resume=resume,
        on_progress=on_step,
        on_checkpoint=None if checkpoint is None else lambda data: keep_checkpoint(checkpoint, data),
        checkpoint_seconds=CHECKPOINT_SECONDS,
        has_few_passes=True,
        on_loss=on_loss,
    )
    return trained, sum(map(len, learned)) * config.epochs * n_of_all[0] // n_of_all[1]


def _start(folder: Path, recipe: LoraRecipe) -> Tensors:
    """Return the matrices that a training goes on from.

    Raises:
        ConversionError: If they are no adapter of this recipe.
    """
    found = read_peft(folder)
    projections = {projection for projection in PROJECTIONS if any(f".{projection}." in name for name in found.tensors)}
    if (found.rank, found.alpha, projections) != (recipe.rank, recipe.alpha, set(recipe.projections)):
        raise ConversionError(
            f"the adapter in {folder.name!r} has rank {found.rank}, alpha {found.alpha:g} and the projections "
            f"{', '.join(sorted(projections))}",
            hint="say the same with --rank, --alpha and --projections",
        )
    return found.tensors


def _curve(losses: Mapping[int, float]) -> tuple[tuple[int, float], ...]:
    """Return the mean loss of every so many steps, and of those that are left in the end."""
    steps = sorted(losses)
    parts = [steps[first : first + CURVE_STEPS] for first in range(0, len(steps), CURVE_STEPS)]
    return tuple((part[-1], sum(losses[step] for step in part) / len(part)) for part in parts)
