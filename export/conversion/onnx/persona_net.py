"""What makes a persona of a history, in PyTorch: an attention over item vectors, and a projector into embeddings.

Source: Liu et al. 2024, arXiv:2409.11901 (Persona-Plug). Deviations: the encoder is the device's and stays as it is, a
low-rank map turns the request's vector; the temperature is learned; a learned row stands for what no item fits;
several rows may be made of one history (as in PERSOMA, Hebert et al. 2024, arXiv:2408.00960).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor

from ondevice.config import PersonaWeights

LEAST_LENGTH = 1e-6
"""A shorter sum of projected items has no direction."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PersonaSizes:
    """The sizes of a persona.

    Args:
        n_in: Numbers in an item's vector.
        n_out: Numbers in a token's embedding.
        n_rows: Rows made of a history.
        n_task_rows: Rows learned for each task, which stand before them.
        rank: Of the map that turns a request's vector; 0 leaves it as it is.
        hidden: Numbers between the projector's two layers.
    """

    n_in: int
    n_out: int
    n_rows: int
    n_task_rows: int
    rank: int
    hidden: int


class PersonaNet(torch.nn.Module):  # type: ignore[misc]
    """From a request's vector and a history's to rows as long as a token's embedding.

    Args:
        sizes: Of its parts.
        n_tasks: Tasks that get rows of their own.
        length: The length that rows begin with, that of the base's embeddings: rows of 0 have no gradient.
        temperature: The first one.
        seed: Decides the first numbers.
    """

    def __init__(self, sizes: PersonaSizes, n_tasks: int, *, length: float, temperature: float, seed: int) -> None:
        super().__init__()
        self.sizes = sizes
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.projector = torch.nn.Sequential(
                torch.nn.Linear(sizes.n_in, sizes.hidden),
                torch.nn.GELU(),
                torch.nn.Linear(sizes.hidden, sizes.n_rows * sizes.n_out),
            )
            self.up = torch.nn.Parameter(torch.zeros(sizes.n_in, sizes.rank))
            self.down = torch.nn.Parameter(torch.randn(sizes.n_in, sizes.rank) / math.sqrt(sizes.n_in))
            self.task_rows = torch.nn.Parameter(_rows(n_tasks * sizes.n_task_rows, sizes.n_out, length))
            self.null = torch.nn.Parameter(_rows(sizes.n_rows, sizes.n_out, length))
        self.log_temperature = torch.nn.Parameter(torch.tensor(math.log(temperature)))
        self.null_score = torch.nn.Parameter(torch.tensor(0.0))
        self.gain = torch.nn.Parameter(torch.tensor(length))
        self._population: Tensor | None = None

    def centre(self, items: Tensor) -> None:
        """Let the projector say only in what a history differs: what these items have in common gives 0, always.

        The second layer's bias then follows from the weights, and is no number that learns, until :meth:`settle`.

        Args:
            items: Vectors of many users' items, float32[n, n_in].
        """
        self._population = items
        self.projector[2].bias.requires_grad_(False)

    def settle(self) -> None:
        """Keep the bias that follows from the weights as a number, as devices have it; nothing where there is none."""
        if self._population is not None:
            with torch.no_grad():
                self.projector[2].bias.copy_(self._bias())
            self._population = None

    def _bias(self) -> Tensor:
        first, activation, second = self.projector
        if self._population is None:
            return cast("Tensor", second.bias)
        return cast("Tensor", -(activation(first(self._population)).mean(dim=0) @ second.weight.T))

    @property
    def temperature(self) -> float:
        """What scores are divided by."""
        return math.exp(float(self.log_temperature.detach()))

    def shares(self, queries: Tensor, items: Tensor, mask: Tensor, weights: PersonaWeights = "attention") -> Tensor:
        """Return how much nothing, and then each item, counts: they sum to 1.

        Shapes: queries float32[n, n_in], items float32[n, m, n_in], mask bool[n, m] → float32[n, 1 + m].
        """
        if weights == "mean":
            counts = mask.sum(dim=1, keepdim=True)
            return torch.cat([(counts == 0).float(), mask.float() / counts.clamp_min(1)], dim=1)
        turned = queries + (queries @ self.down) @ self.up.T if self.sizes.rank else queries
        turned = torch.nn.functional.normalize(turned, dim=1)
        scores = torch.cat([self.null_score.expand(len(queries), 1), torch.einsum("nmd,nd->nm", items, turned)], dim=1)
        there = torch.nn.functional.pad(mask, (1, 0), value=True)
        # Masked behind the division: the temperature's gradient would multiply infinity by 0.
        return torch.softmax((scores / self.log_temperature.exp()).masked_fill(~there, -math.inf), dim=1)

    def forward(self, queries: Tensor, items: Tensor, mask: Tensor, weights: PersonaWeights = "attention") -> Tensor:
        """Return each history's rows for its request, float32[n, n_rows, n_out]; shapes as in :meth:`shares`.

        The second layer is linear, so that the items' sum goes through it, and not each item.
        """
        shares = self.shares(queries, items, mask, weights)
        of_null, of_items = shares[:, :1], shares[:, 1:]
        first, activation, second = self.projector
        hidden = torch.einsum("nm,nmh->nh", of_items, activation(first(items)))
        summed = hidden @ second.weight.T + (1 - of_null) * self._bias()
        summed = summed.view(len(queries), self.sizes.n_rows, self.sizes.n_out)
        lengths = torch.linalg.vector_norm(summed, dim=2, keepdim=True).clamp_min(LEAST_LENGTH)
        share = of_null.unsqueeze(2)
        return cast("Tensor", share * self.null + (1 - share) * self.gain * summed / lengths)

    def rows_of_task(self, task: int) -> Tensor:
        """Return the rows that stand before a persona, float32[n_task_rows, n_out]."""
        n_rows = self.sizes.n_task_rows
        return self.task_rows[task * n_rows : (task + 1) * n_rows]


def _rows(n_rows: int, n_out: int, length: float) -> Tensor:
    """Return random rows of one length."""
    return torch.nn.functional.normalize(torch.randn(n_rows, n_out), dim=1) * length
