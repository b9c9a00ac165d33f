"""Questions as numbers: tokens for the language model, and vectors of requests and items, made once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from export.training.candidates import passage_of
from export.training.persona.questions import Question
from ondevice.adaptation.lessons.examples import Example, TurnTokens, make_examples
from ondevice.retrieval.encoding.encoder import Encoder
from ondevice.signals import Progress

POPULATION_ITEMS = 1024
"""So many items stand for those of all users."""

Places = NDArray[np.int64]
"""Where the vectors of a history stand."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Asked:
    """A question as it is learned.

    Args:
        user: Whose it is.
        task: The place of its task among the tasks.
        example: Prompt and answer.
        query: The place of the request's vector.
        own: The places of the history's vectors.
        other: Those of another user's.
    """

    user: str
    task: int
    example: Example
    query: int
    own: Places = field(repr=False)
    other: Places = field(repr=False)


class HistoryVectors:
    """The vectors of requests and items, by the text that the encoder reads.

    Args:
        encoder: The device's own.
        questions: All whose texts are needed.
        on_progress: Told of texts encoded and texts in all.
    """

    def __init__(self, encoder: Encoder, questions: Sequence[Question], *, on_progress: Progress | None = None) -> None:
        passages = {passage_of(item): None for each in questions for item in (*each.own, *each.other)}
        queries = {each.query: None for each in questions}
        self._items = {text: place for place, text in enumerate(passages)}
        self._queries = {text: place for place, text in enumerate(queries)}
        self.encoder = encoder.id
        self.items: NDArray[np.float32] = encoder.encode_passages(list(passages), on_progress=on_progress)
        self.queries: NDArray[np.float32] = encoder.encode_queries(list(queries))

    def asked(self, question: Question, example: Example, tasks: Sequence[str]) -> Asked:
        """Return a question as it is learned."""
        own, other = (
            np.array([self._items[passage_of(item)] for item in items], dtype=np.int64)
            for items in (question.own, question.other)
        )
        return Asked(
            user=question.user,
            task=tasks.index(question.pair.task),
            example=example,
            query=self._queries[question.query],
            own=own,
            other=other,
        )

    def batch(self, histories: Iterable[tuple[int, Places]], device: torch.device) -> tuple[Tensor, Tensor, Tensor]:
        """Return queries, items and a mask of what is there: float32[n, n_in], float32[n, m, n_in], bool[n, m].

        Args:
            histories: The place of a request's vector and the places of items.
            device: Where they are needed.
        """
        found = list(histories)
        longest = max(1, *(len(places) for _, places in found)) if found else 1
        items = np.zeros((len(found), longest, self.items.shape[1]), dtype=np.float32)
        mask = np.zeros((len(found), longest), dtype=np.bool_)
        for row, (_, places) in enumerate(found):
            items[row, : len(places)] = self.items[places]
            mask[row, : len(places)] = True
        queries = self.queries[[query for query, _ in found]]
        tensor = torch.from_numpy
        return tensor(queries).to(device), tensor(items).to(device), tensor(mask).to(device)


def asked_of_all(
    questions: Sequence[Question], vectors: HistoryVectors, tokens: TurnTokens, tasks: Sequence[str], max_tokens: int
) -> list[Asked]:
    """Return questions as they are learned, in their order.

    Raises:
        ValueError: If the chat template alone leaves no room for a request.
    """
    examples = make_examples([question.pair for question in questions], tokens, max_tokens=max_tokens)
    return [vectors.asked(question, example, tasks) for question, example in zip(questions, examples, strict=True)]


def population_of(vectors: HistoryVectors, device: torch.device) -> Tensor:
    """Return the vectors of items of all users, evenly, float32[n, n_in]."""
    n_items = len(vectors.items)
    places = np.linspace(0, n_items, num=min(POPULATION_ITEMS, n_items), endpoint=False, dtype=np.int64)
    return torch.from_numpy(vectors.items[places]).to(device)
