"""Items and vectors of any number, made on the spot and always the same.

The vectors have the shape of real sentence embeddings: a few dozen latent directions and some noise, unit length.
Uniformly random vectors would make approximate search look worse, well-separated clusters better, than it is.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from ondevice.records import Draft

DIM = 384
_LATENT = 24
_TOPICS = {
    "garden": "tomatoes seedlings compost roses pruning greenhouse watering hedge soil tulips",
    "work": "deadline budget meeting review roadmap invoice contract quarter hiring release",
    "travel": "train ticket hotel Lyon passport luggage museum harbour flight itinerary",
    "kitchen": "risotto lemon oven sourdough basil saucepan broth cinnamon recipe dinner",
    "music": "cello rehearsal concert quartet score bow tempo encore practice chamber",
    "health": "dentist running knee stretch appointment sleep prescription allergy marathon physio",
    "house": "boiler landlord lease plumber balcony paint neighbour noise keys insurance",
    "family": "birthday sister school cousin anniversary grandmother visit present weekend picnic",
}
_GLUE = [
    "the",
    "a",
    "of",
    "to",
    "and",
    "in",
    "that",
    "it",
    "was",
    "for",
    "with",
    "on",
    "my",
    "we",
    "had",
    "not",
    "this",
    "after",
    "before",
    "very",
    "because",
    "when",
    "about",
    "could",
]
_KINDS = ("note", "email", "message", "task")


def drafts(n: int, *, seed: int = 0) -> list[Draft]:
    """Return ``n`` items of 12 to 60 words, one an hour, over eight topics and four kinds."""
    rng = np.random.default_rng(seed)
    topics = list(_TOPICS)
    start = datetime(2024, 1, 1, tzinfo=UTC)
    made = []
    for i in range(n):
        topic = topics[int(rng.integers(len(topics)))]
        words = _TOPICS[topic].split()
        length = int(rng.integers(12, 60))
        pick = [
            words[int(rng.integers(len(words)))] if rng.random() < 0.35 else _GLUE[int(rng.integers(len(_GLUE)))]
            for _ in range(length)
        ]
        made.append(
            Draft(
                text=f"{' '.join(pick)} n{i}",
                kind=_KINDS[i % len(_KINDS)],
                fields={"title": f"{topic} {words[i % len(words)]}"},
                time=start + timedelta(hours=i),
                metadata={"topic": topic, "year": (start + timedelta(hours=i)).year},
            )
        )
    return made


def vectors(n: int, *, dim: int = DIM, seed: int = 0) -> NDArray[np.float32]:
    """Return float32[n, dim], L2 norm 1."""
    basis = np.random.default_rng(12345).standard_normal((_LATENT, dim)).astype(np.float32)
    rng = np.random.default_rng(seed)
    rows = rng.standard_normal((n, _LATENT)).astype(np.float32) @ basis
    rows += 0.5 * rng.standard_normal((n, dim)).astype(np.float32)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


def queries(n: int, *, seed: int = 7) -> list[str]:
    """Return ``n`` questions of five to nine words over the topics."""
    rng = np.random.default_rng(seed)
    topics = [words.split() for words in _TOPICS.values()]
    made = []
    for _ in range(n):
        words = topics[int(rng.integers(len(topics)))]
        picked = [words[int(j)] for j in rng.choice(len(words), size=int(rng.integers(3, 6)), replace=False)]
        made.append("what about the " + " and ".join(picked))
    return made
