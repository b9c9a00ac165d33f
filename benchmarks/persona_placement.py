"""Where a persona's rows should stand: behind the prompt, before the request in its turn, or before everything.

Each place gets a training of its own, with the same questions, first numbers and steps.

    python -m benchmarks.persona_placement LAMP MODELS --generator NAME --encoder NAME --tasks LaMP_2N …

LAMP is the data's folder, MODELS the bundles'. Writes results/persona-placement.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from time import process_time
from typing import Literal, get_args

import torch
from torch import Tensor

from benchmarks import machine
from benchmarks.study import RESULTS, read_study, write_study
from export.conversion.onnx.persona_net import PersonaNet, PersonaSizes
from export.training.persona.config import PersonaConfig
from export.training.persona.learner import PersonaLearner
from export.training.persona.questions import QuestionConfig, read_questions
from export.training.persona.reading import FrozenReader, ReadPrompts
from export.training.persona.replicas import Condition
from export.training.persona.run import PersonaRun
from export.training.persona.vectors import Asked, HistoryVectors, asked_of_all
from ondevice.adaptation.lessons.examples import Example
from ondevice.adaptation.lora.precision import Precision, computing
from ondevice.adaptation.lora.session import torch_threads
from ondevice.adaptation.lora.weights import BaseModel, load_base
from ondevice.bundle import Bundle
from ondevice.config import EngineConfig
from ondevice.generation.llama.engine import Engine
from ondevice.generation.prompts.chat import Message
from ondevice.retrieval.encoding.encoder import Encoder

RESULT = RESULTS / "persona-placement.json"
Place = Literal["behind the prompt", "in the turn", "before everything"]
CONDITIONS: tuple[Condition, ...] = ("task", "own", "other")


class PlacedReader(FrozenReader):
    """Reads rows inside a prompt or before it, so that nothing of the prompt can be kept: each reading is a whole one.

    Args:
        base: The model.
        precision: What it computes in.
        n_before: Tokens of a prompt that stand before the rows.
    """

    def __init__(self, base: BaseModel, precision: Precision, n_before: int) -> None:
        super().__init__(base, precision)
        self._n_before = n_before

    def read(self, examples: Sequence[Example]) -> ReadPrompts:
        """Read nothing yet."""
        return ReadPrompts(layers=(), lengths=tuple(len(example.prompt) for example in examples))

    def losses(
        self, prompts: ReadPrompts, examples: Sequence[Example], places: Sequence[int], rows: Sequence[Tensor]
    ) -> Tensor:
        """Return each answer's negative log-likelihood, as :meth:`FrozenReader.losses` does."""
        wholes, told = [], []
        for place, own in zip(places, rows, strict=True):
            prompt, answer = (torch.from_numpy(part.astype("int64")).to(self.device) for part in examples[place].parts)
            tokens = torch.nn.functional.embedding(torch.cat([prompt, answer[:-1]]), self.embeddings)
            wholes.append(torch.cat([tokens[: self._n_before], own, tokens[self._n_before :]]))
            told.append(answer)
        embedded = torch.nn.utils.rnn.pad_sequence(wholes, batch_first=True)  # attention looks back only
        with computing(self._precision, self.device.type):
            states = self._model.model(inputs_embeds=embedded, use_cache=False).last_hidden_state
            behind = [
                states[number, len(whole) - len(answer) : len(whole)]
                for number, (whole, answer) in enumerate(zip(wholes, told, strict=True))
            ]
            logits = torch.nn.functional.linear(torch.cat(behind), self._model.lm_head.weight)
        losses = torch.nn.functional.cross_entropy(logits.float(), torch.cat(told), reduction="none")
        return torch.stack([each.sum() for each in losses.split([len(answer) for answer in told])])


def main(arguments: Sequence[str] | None = None) -> None:
    """Train once for each place, and write what the held-out answers cost."""
    given = _parsed(arguments)
    config = PersonaConfig(
        n_rows=given.rows,
        n_task_rows=given.rows,
        projector_rate=given.projector_rate,
        epochs=given.epochs,
        batch=given.batch,
        replicas=1,
        precision=given.precision,
        threads=given.threads,
    )
    base = Bundle.open(given.models / given.generator, kind="generator")
    questions = read_questions(
        given.data,
        QuestionConfig(
            tasks=tuple(given.tasks.split(",")),
            learn_from_fold=given.learn_from_fold,
            history_pairs=given.history_pairs,
            limit=given.limit,
            held_out=given.held_out,
            with_items=0.0,
        ),
    )
    with Encoder.open(Bundle.open(given.models / given.encoder, kind="encoder"), threads=given.threads) as encoder:
        vectors = HistoryVectors(encoder, questions.all)
    with Engine.open(base, config=EngineConfig(threads=given.threads)) as engine:
        train, held_out = (
            asked_of_all(part, vectors, engine, questions.tasks, config.max_tokens)
            for part in (questions.train, questions.held_out)
        )
        n_frame = _frame(engine)
    rows = []
    with torch_threads(config.threads):
        model = load_base(base.file("model"))
        for place in get_args(Place):
            reader = FrozenReader(model, config.precision)
            if place != "behind the prompt":
                reader = PlacedReader(model, config.precision, n_frame if place == "in the turn" else 0)
            rows.append({"place": place, **_trained(reader, vectors, train, held_out, questions.tasks, config)})
    document = {
        "machine": machine.describe(),
        "settings": " ".join(f"--{name.replace('_', '-')} {value}" for name, value in _told(given)),
        "n_learned": len(train),
        "n_held_out": len(held_out),
        "n_tokens": sum(each.example.n_answer for each in held_out),
        "places": rows,
    }
    write_study(RESULT, document)
    RESULT.with_suffix(".md").write_text(markdown_of(RESULT), "utf-8")


def markdown_of(path: Path) -> str:
    """Return the table of a kept file."""
    found = read_study(path)
    lines = [
        f"# {path.stem}",
        "",
        f"Reproduce: `python -m benchmarks.persona_placement LAMP MODELS {found['settings']}` "
        "([results](lamp/README.md) has the commands that make the generator)",
        "",
        f"What {found['n_held_out']} answers of held-out users cost (nats a token, {found['n_tokens']} tokens) after a "
        f"training on {found['n_learned']} questions for each place of the rows; processor seconds are the training's "
        "and its judgements'.",
        "",
        "| rows | the task's alone | own history | another's | own better by | processor seconds |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    for row in found["places"]:
        task, own, other = (row[condition] for condition in CONDITIONS)
        lines.append(
            f"| {row['place']} | {task:.3f} | {own:.3f} | {other:.3f} | {other - own:+.3f} | {row['seconds']:.0f} |"
        )
    return "\n".join(lines) + "\n"


def _parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("models", type=Path)
    parser.add_argument("--generator", required=True)
    parser.add_argument("--encoder", required=True)
    parser.add_argument("--tasks", required=True)
    parser.add_argument("--learn-from-fold", type=int)
    parser.add_argument("--limit", type=int)
    parser.add_argument("--history-pairs", type=int, default=3)
    parser.add_argument("--held-out", type=float, default=0.2)
    parser.add_argument("--rows", type=int, default=2)
    parser.add_argument("--projector-rate", type=float, default=1e-3)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--precision", default="float32")
    parser.add_argument("--threads", type=int, default=1)
    return parser.parse_args(arguments)


def _told(given: argparse.Namespace) -> list[tuple[str, object]]:
    return [
        (name, value) for name, value in vars(given).items() if name not in ("data", "models") and value is not None
    ]


def _frame(engine: Engine) -> int:
    """Return how many tokens every prompt begins with, before what is asked."""
    first, second = (engine.tokenize_turn([Message(role="user", content=text)], "")[0] for text in ("x", "7"))
    return next(place for place, (one, other) in enumerate(zip(first, second, strict=True)) if one != other)


def _trained(
    reader: FrozenReader,
    vectors: HistoryVectors,
    train: Sequence[Asked],
    held_out: Sequence[Asked],
    tasks: Sequence[str],
    config: PersonaConfig,
) -> dict[str, float]:
    """Train with the rows where the reader puts them; return what held-out answers cost then, and the time."""
    began, n_out = process_time(), reader.embeddings.shape[1]
    sizes = PersonaSizes(
        n_in=vectors.items.shape[1],
        n_out=n_out,
        n_rows=config.n_rows,
        n_task_rows=config.n_task_rows,
        rank=config.rank,
        hidden=n_out,
    )
    length = float(reader.embeddings.norm(dim=1).mean())
    net = PersonaNet(sizes, len(tasks), length=length, temperature=config.temperature, seed=config.seed)
    learner = PersonaLearner(net, reader, vectors, config)
    run = PersonaRun(learner, train, held_out, config, "")
    run.begin(None)
    run.go(None, None)
    n_tokens = sum(each.example.n_answer for each in held_out)
    found = {name: float(costs.sum()) / n_tokens for name, costs in learner.losses(held_out, CONDITIONS).items()}
    return {**found, "seconds": process_time() - began}


if __name__ == "__main__":
    main()
