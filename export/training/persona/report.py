"""What came of a persona's training: what others' answers cost under each condition, and what the rows are like."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from export.training.persona.learner import PersonaLearner
from export.training.persona.questions import Questions
from export.training.persona.replicas import CONDITIONS, Condition, Replica, judged
from export.training.persona.run import PersonaRun, Stop
from export.training.persona.vectors import Asked
from ondevice.adaptation.lora.memory import peak_bytes

COLLAPSED = 0.95
"""From this cosine on, different users' rows are as good as one."""

CURVE_STEPS = 10
"""Steps that one point of the curve is the mean of."""

_MOST_USERS = 8
_ALL = "all"
_COMPARED: tuple[Condition, ...] = tuple(each for each in CONDITIONS if each != "none")


@dataclass(frozen=True, kw_only=True, slots=True)
class PersonaReport:
    """What came of it.

    Args:
        n_questions: Questions learned.
        n_held_out: Questions of the users who judged.
        n_users: Users of both.
        n_items: Different texts of items that were encoded.
        n_steps: Steps of the optimizer.
        stopped: Why it ended.
        judged: What held-out answers cost before the training and after each epoch, with their own histories and with
            the task's rows alone (nats per token).
        best_epoch: The place in ``judged`` that was kept.
        losses: By task, and for all, what held-out answers cost under each condition (nats per token). Another
            user's history is left out where nobody has one.
        n_tokens: By task, and for all, tokens of the held-out answers.
        likeness: The mean cosine between the rows of different held-out users for the same request, or ``None`` where
            fewer than two have a history: near 1 they are one row for everybody.
        null_share: How much nothing counts, on average over the held-out questions with a history.
        lengths: The mean length of the task's rows, of the persona's, of those for nothing, and of the base's
            embeddings.
        temperature: What scores are divided by.
        null_score: The score of nothing.
        gain: The length that a persona's rows have.
        seconds: Time spent training.
        peak_bytes: The process's largest memory.
        curve: Numbers of steps, and what was learned then cost on average since the point before (nats per token).
    """

    n_questions: int
    n_held_out: int
    n_users: int
    n_items: int
    n_steps: int
    stopped: str
    judged: tuple[tuple[float, float], ...]
    best_epoch: int
    losses: dict[str, dict[str, float]]
    n_tokens: dict[str, int]
    likeness: float | None
    null_share: float | None
    lengths: dict[str, float]
    temperature: float
    null_score: float
    gain: float
    seconds: float
    peak_bytes: int
    curve: tuple[tuple[int, float], ...] = field(default=())

    @property
    def has_collapsed(self) -> bool:
        """Whether different users get as good as the same rows."""
        return self.likeness is not None and self.likeness > COLLAPSED

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return asdict(self)

    def lines(self) -> tuple[str, ...]:
        """Say it in lines for people."""
        lines = [
            f"{task}: "
            + ", ".join(f"{condition} {loss:.3f}" for condition, loss in losses.items())
            + f" nats per token, over {self.n_tokens[task]:,}"
            for task, losses in self.losses.items()
        ]
        if self.likeness is not None:
            alike = "; they have become one" if self.has_collapsed else ""
            lines.append(f"different users' rows for one request have a cosine of {self.likeness:.3f}{alike}")
        return tuple(lines)


def report_of(
    run: PersonaRun,
    stopped: Stop,
    learner: PersonaLearner,
    held_out: Sequence[Asked],
    questions: Questions,
    none: NDArray[np.float64],
    embedding: float,
) -> PersonaReport:
    """Measure on held-out users what was trained, and say how.

    Args:
        run: The training.
        stopped: Why it ended.
        learner: What was trained.
        held_out: Questions of users who were not learned from.
        questions: Where all questions come from.
        none: What each held-out answer costs without rows (nats, summed over its tokens).
        embedding: The mean length of the base's embeddings.
    """
    losses, n_tokens = _losses_by_task(held_out, questions.tasks, none, learner)
    net = learner.net
    return PersonaReport(
        n_questions=len(questions.train),
        n_held_out=len(held_out),
        n_users=questions.n_users,
        n_items=len(learner.vectors.items),
        n_steps=run.progress.step,
        stopped=stopped,
        judged=run.progress.judged,
        best_epoch=run.progress.best,
        losses=losses,
        n_tokens=n_tokens,
        likeness=likeness(held_out, learner),
        null_share=_null_share(held_out, learner),
        lengths=_lengths(held_out, learner, embedding),
        temperature=net.temperature,
        null_score=float(net.null_score.detach()),
        gain=float(net.gain.detach()),
        seconds=run.seconds,
        peak_bytes=peak_bytes(),
        curve=_curve(run.progress.losses),
    )


def _losses_by_task(
    asked: Sequence[Asked], tasks: Sequence[str], none: NDArray[np.float64], learner: PersonaLearner
) -> tuple[dict[str, dict[str, float]], dict[str, int]]:
    """Return what the answers cost by task and condition, and their tokens.

    Args:
        asked: Held-out questions.
        tasks: The tasks' names.
        none: What each answer costs without rows (nats, summed over its tokens).
        learner: What was trained.
    """
    found = {"none": none, **learner.losses(asked, _COMPARED)}
    has_other = np.array([bool(len(each.other)) for each in asked])
    tokens = np.array([each.example.n_answer for each in asked])
    of_task = np.array([each.task for each in asked])
    losses: dict[str, dict[str, float]] = {}
    n_tokens: dict[str, int] = {}
    for name, chosen in (
        (_ALL, np.ones(len(asked), dtype=np.bool_)),
        *((task, of_task == number) for number, task in enumerate(tasks)),
    ):
        if not chosen.any():
            continue
        n_tokens[name] = int(tokens[chosen].sum())
        losses[name] = {
            condition: float(costs[chosen].sum() / n_tokens[name])
            for condition, costs in found.items()
            if condition != "other" or has_other[chosen].any()
        }
    return losses, n_tokens


def likeness(asked: Sequence[Asked], learner: PersonaLearner) -> float | None:
    """Return the mean cosine between different users' rows for one request: each task's first, and up to 8 users."""
    cosines: list[float] = []
    for task in dict.fromkeys(each.task for each in asked):
        first = {each.user: each for each in reversed(asked) if each.task == task and len(each.own)}
        users = list(first.values())[:_MOST_USERS]
        if len(users) < 2:
            continue
        readings = [Replica(asked=0, part="own", items=each.own) for each in users]
        with torch.no_grad():
            rows = torch.stack(learner.rows(users[:1], readings, "attention"))[:, learner.net.sizes.n_task_rows :]
        unit = torch.nn.functional.normalize(rows, dim=2).transpose(0, 1)
        every = unit @ unit.transpose(1, 2)
        places = torch.triu_indices(len(users), len(users), offset=1)
        cosines += every[:, places[0], places[1]].flatten().tolist()
    return float(np.mean(cosines)) if cosines else None


def _null_share(asked: Sequence[Asked], learner: PersonaLearner) -> float | None:
    """Return how much nothing counts, on average over the questions with a history."""
    with_history = [each for each in asked if len(each.own)]
    device = next(learner.net.parameters()).device
    shares = []
    with torch.no_grad():
        for each in with_history:
            batch = learner.vectors.batch([(each.query, each.own)], device)
            shares.append(float(learner.net.shares(*batch)[0, 0]))
    return float(np.mean(shares)) if shares else None


def _lengths(asked: Sequence[Asked], learner: PersonaLearner, embedding: float) -> dict[str, float]:
    """Return the mean length of each kind of row; over-long ones would outshout the prompt."""
    n_task_rows = learner.net.sizes.n_task_rows
    with torch.no_grad():
        rows = (learner.rows([each], [judged(0, each, "own")], "attention")[0] for each in asked)
        persona = torch.cat([each[n_task_rows:] for each in rows])
        return {
            "task": float(learner.net.task_rows.norm(dim=1).mean()),
            "persona": float(persona.norm(dim=1).mean()),
            "null": float(learner.net.null.norm(dim=1).mean()),
            "embeddings": embedding,
        }


def _curve(losses: Sequence[float]) -> tuple[tuple[int, float], ...]:
    """Return the mean loss of every so many steps, and of those that are left in the end."""
    parts = [losses[first : first + CURVE_STEPS] for first in range(0, len(losses), CURVE_STEPS)]
    ends = (min(len(losses), (number + 1) * CURVE_STEPS) for number in range(len(parts)))
    return tuple((end, round(sum(part) / len(part), 4)) for end, part in zip(ends, parts, strict=True))
