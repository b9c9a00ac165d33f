"""What is minimized: the mean negative log-likelihood of the answers behind the rows, and perhaps a contrast.

Source: Liu et al. 2024, arXiv:2409.11901 for the loss and the histories with parts left out. Deviations: some readings
have no item, or the task's rows alone; another user's history may be made to do worse by a margin.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from export.conversion.onnx.persona_net import PersonaNet
from export.training.persona.config import PersonaConfig
from export.training.persona.reading import FrozenReader
from export.training.persona.replicas import Condition, Replica, judged, replicas
from export.training.persona.vectors import Asked, HistoryVectors
from ondevice.adaptation.lessons.examples import bucket
from ondevice.adaptation.lora.memory import MOST_PART_TOKENS
from ondevice.config import PersonaWeights


class PersonaLearner:
    """The rows of questions, what the frozen model makes of them, and their gradients.

    Args:
        net: What learns.
        reader: The language model.
        vectors: Those of requests and items.
        config: How it is trained.
    """

    def __init__(self, net: PersonaNet, reader: FrozenReader, vectors: HistoryVectors, config: PersonaConfig) -> None:
        self.net, self.vectors = net, vectors
        self._reader, self._config = reader, config

    def add_gradients(self, batch: Sequence[tuple[int, Asked]], epoch: int) -> float:
        """Add the gradients of a batch's loss, and return the loss (nats per token of the answers).

        Args:
            batch: Questions, each with the number that decides with the seed what of its history is left out.
            epoch: Likewise.
        """
        n_tokens = self._config.replicas * sum(asked.example.n_answer for _, asked in batch)
        total = 0.0
        for part in self._parts([asked for _, asked in batch], self._config.replicas + 1):
            readings = [
                replica
                for place, chosen in enumerate(part)
                for replica in replicas(place, batch[chosen][1], self._config, self._random(epoch, batch[chosen][0]))
            ]
            questions = [batch[chosen][1] for chosen in part]
            losses = self._losses(questions, readings)
            is_own = torch.tensor([reading.part != "other" for reading in readings], device=losses.device)
            loss = losses[is_own].sum() / n_tokens
            total += float(loss.detach())
            if self._config.contrast:
                loss = loss + self._config.contrast * self._contrast(questions, readings, losses) / len(batch)
            loss.backward()
        return total

    def losses(self, questions: Sequence[Asked], conditions: Sequence[Condition]) -> dict[str, NDArray[np.float64]]:
        """Return each answer's negative log-likelihood by condition (nats, summed over its tokens)."""
        found: dict[str, NDArray[np.float64]] = {each: np.zeros(len(questions)) for each in conditions}
        with torch.no_grad():
            for part in self._parts(questions, len(conditions)):
                chosen = [questions[place] for place in part]
                for weights in ("attention", "mean"):
                    wanted = [each for each in conditions if (each == "mean") == (weights == "mean")]
                    if not wanted:
                        continue
                    readings = [judged(place, asked, each) for each in wanted for place, asked in enumerate(chosen)]
                    losses = self._losses(chosen, readings, weights).double().cpu().numpy()
                    for number, each in enumerate(wanted):
                        found[each][part] = losses[number * len(part) : (number + 1) * len(part)]
        return found

    def rows(self, questions: Sequence[Asked], readings: Sequence[Replica], weights: PersonaWeights) -> list[Tensor]:
        """Return what stands behind each reading's prompt, float32[n_rows, n_out]: the task's rows, then the persona's.

        Args:
            questions: Those that the readings are of.
            readings: Any.
            weights: How their items count.
        """
        with_persona = [reading for reading in readings if reading.part != "task"]
        if with_persona:
            histories = ((questions[reading.asked].query, reading.items) for reading in with_persona)
            made = iter(self.net(*self.vectors.batch(histories, self._reader.device), weights))
        out = []
        for reading in readings:
            own = self.net.rows_of_task(questions[reading.asked].task)
            out.append(own if reading.part == "task" else torch.cat([own, next(made)]))
        return out

    def _losses(
        self, questions: Sequence[Asked], readings: Sequence[Replica], weights: PersonaWeights = "attention"
    ) -> Tensor:
        examples = [asked.example for asked in questions]
        rows = self.rows(questions, readings, weights)
        prompts = self._reader.read(examples)
        return self._reader.losses(prompts, examples, [reading.asked for reading in readings], rows)

    def _contrast(self, questions: Sequence[Asked], readings: Sequence[Replica], losses: Tensor) -> Tensor:
        """Return by how much another user's history falls short of doing worse by the margin, summed over questions."""
        short = losses.new_zeros(())
        for place, asked in enumerate(questions):
            own, other = (
                [number for number, each in enumerate(readings) if each.asked == place and each.part == part]
                for part in ("own", "other")
            )
            if own and other:
                gap = (losses[other].mean() - losses[own].mean()) / asked.example.n_answer
                short = short + torch.relu(self._config.margin - gap)
        return short

    def _parts(self, questions: Sequence[Asked], n_readings: int) -> Iterator[list[int]]:
        """Yield groups of questions, of like length, that go through the model at once."""
        sizes = self.net.sizes
        n_rows = sizes.n_rows + sizes.n_task_rows
        lengths = [len(asked.example.prompt) + n_readings * (n_rows + asked.example.n_answer) for asked in questions]
        yield from bucket(lengths, limit=MOST_PART_TOKENS)

    def _random(self, epoch: int, number: int) -> np.random.Generator:
        return np.random.default_rng([self._config.seed, epoch, number])
