"""Invented users whose answers follow from their histories, and a persona trained on them in seconds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from export.training.persona.config import PersonaConfig
from export.training.persona.questions import QuestionConfig, Questions, read_questions
from export.training.persona.training import train_persona
from export.training.persona.vectors import HistoryVectors
from ondevice.bundle import Bundle
from ondevice.retrieval.encoding.encoder import Encoder
from tests.export.training.lamp_files import HEADLINE, write_split
from tests.tiny_llm import make_model, write_base
from tests.tiny_models import make_tiny_encoder

KINDS = (
    (("coffee", "tea", "cake", "lunch", "bread", "cheese"), "aa"),
    (("train", "plane", "beach", "mountain", "lake", "river"), "zz"),
)
CONFIG = PersonaConfig(
    n_rows=2, rank=4, hidden=24, learning_rate=3e-2, projector_rate=1e-2, epochs=6, batch=8, max_tokens=256, threads=1
)


def write_people(folder: Path, *, n_users: int = 24, n_items: int = 4, split: str = "train") -> Path:
    """Write users who eat, or travel, and say one thing or another to the same request."""
    questions: list[dict[str, Any]] = []
    golds = []
    for user in range(n_users):
        words, answer = KINDS[user % 2]
        profile = [
            {
                "id": f"{user}-{number}",
                "text": f"{words[(user + number) % len(words)]} {words[(user + 2 * number + 1) % len(words)]} {number}",
                "title": f"{words[(user + number) % len(words)]} {user}",
            }
            for number in range(n_items)
        ]
        questions.append({"id": f"q{user}", "user_id": str(user), "profile": profile, "input": f"{HEADLINE} a book"})
        golds.append(answer)
    write_split(folder / "LaMP_4", questions, golds, split=split)
    return folder


def people(folder: Path, **settings: Any) -> Questions:
    """Return their questions, divided."""
    known: dict[str, Any] = {"history_pairs": 0, "held_out": 0.25, "with_items": 0.0}
    return read_questions(folder, QuestionConfig(**known | settings))


def tiny_bundles(folder: Path) -> tuple[Bundle, Bundle]:
    """Return a tiny language model and a tiny encoder."""
    base = write_base(make_model("llama"), folder / "base")
    return base, make_tiny_encoder(folder / "encoder", dim=16)


def learn(bundles: tuple[Bundle, Bundle], questions: Questions, out: Path, **settings: Any) -> Any:
    """Encode and train on them."""
    base, encoder = bundles
    with Encoder.open(encoder, threads=1) as opened:
        vectors = HistoryVectors(opened, questions.all)
    return train_persona(base, vectors, questions, out, **{"config": CONFIG} | settings)
