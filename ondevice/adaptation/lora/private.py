"""Steps of a training that tell little of any one pair: drawn by chance, each gradient cut, noise on their sum.

One pair goes through the model at a time. On a processor that costs little, because a pair fills it; and what is cut
is then that pair's gradient whatever layers the model has, which hooks on single layers do not promise.
Source: Abadi et al. 2016, arXiv:1607.00133 (DP-SGD); Sun et al. 2024, arXiv:2403.12313 (B alone is learned: noise on
both matrices would be multiplied, and half of it falls on A, which learns nothing at first).
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ondevice.adaptation.lessons.examples import Example
from ondevice.adaptation.lessons.joined import Joined
from ondevice.adaptation.lora.accounting import epsilon_of, noise_for
from ondevice.adaptation.lora.losses import add_gradients
from ondevice.adaptation.recipes.privacy import Privacy, PrivacySpent

Normal = Callable[[int], NDArray[np.float64]]
"""Gives so many numbers of a normal distribution with mean 0 and deviation 1."""

_UNIT = 2.0**-53


def uniform(n: int) -> NDArray[np.float64]:
    """Return n numbers between 0 and 1, 0 left out, of the system's own randomness: no seed leads back to them."""
    drawn = np.frombuffer(os.urandom(8 * n), dtype="<u8") >> np.uint64(11)
    return (drawn.astype(np.float64) + 1.0) * _UNIT


def normal(n: int) -> NDArray[np.float64]:
    """Return n numbers of a normal distribution, of the system's own randomness (Box & Muller 1958)."""
    half = (n + 1) // 2
    radius, angle = np.sqrt(-2.0 * np.log(uniform(half))), 2.0 * np.pi * uniform(half)
    return np.concatenate([radius * np.cos(angle), radius * np.sin(angle)])[:n]


class PrivateSteps:
    """Gradients of one training's steps, within a bound on what they tell of any one pair.

    Args:
        privacy: The bound.
        n_pairs: How many pairs there are to draw from.
        n_steps: How many steps are meant to be taken.
        draw: Where the noise comes from.
    """

    def __init__(self, privacy: Privacy, *, n_pairs: int, n_steps: int, draw: Normal = normal) -> None:
        self._privacy, self._n_pairs, self._draw = privacy, n_pairs, draw
        self._rate = privacy.rate(n_pairs)
        self._noise = noise_for(privacy, n_pairs=n_pairs, n_steps=n_steps)

    @staticmethod
    def learned(parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Return the matrices that such a training changes, and let the others be."""
        chosen = {name: each for name, each in parameters.items() if name.endswith("lora_B.weight")}
        for name, each in parameters.items():
            each.requires_grad_(name in chosen)
        return chosen

    def chosen(self) -> list[int]:
        """Draw the pairs of a step, each by itself; it may be none."""
        return np.flatnonzero(uniform(self._n_pairs) <= self._rate).tolist()

    def add_gradients(self, model: Any, parameters: Mapping[str, Any], examples: Sequence[Example | Joined]) -> float:  # noqa: ANN401 - torch
        """Give the parameters this step's gradient, with its noise; return the examples' mean loss, 0 without any.

        A loss that is no number is returned at once: the training ends there.
        """
        import torch

        sums = {name: torch.zeros_like(each) for name, each in parameters.items()}
        total = 0.0
        for example in examples:
            loss = self._add_clipped(model, parameters, example, sums)
            if not math.isfinite(loss):
                return loss
            total += loss
        scale = self._noise * self._privacy.clip
        for name, each in parameters.items():
            noise = torch.from_numpy(self._draw(each.numel()) * scale).reshape(each.shape)
            # By the number that is drawn on average: how many were drawn this time, nobody is told.
            each.grad = (sums[name] + noise.to(each)) / (self._rate * self._n_pairs)
        return total / max(1, len(examples))

    def _add_clipped(
        self,
        model: Any,  # noqa: ANN401 - torch
        parameters: Mapping[str, Any],
        example: Example | Joined,
        sums: dict[str, Any],
    ) -> float:
        import torch

        for each in parameters.values():
            each.grad = None
        loss = add_gradients(model, [example], example.n_answer)
        norm = float(torch.linalg.vector_norm(torch.stack([each.grad.norm() for each in parameters.values()])))
        if not math.isfinite(norm):
            return norm
        for name, each in parameters.items():
            sums[name] += each.grad * min(1.0, self._privacy.clip / max(norm, 1e-30))
        return loss

    def spent(self, n_steps: int) -> PrivacySpent:
        """Return what so many steps gave away, at most."""
        privacy = self._privacy
        return PrivacySpent(
            epsilon=epsilon_of(noise=self._noise, rate=self._rate, n_steps=n_steps, delta=privacy.delta),
            delta=privacy.delta,
            noise=self._noise,
            clip=privacy.clip,
            rate=self._rate,
            n_steps=n_steps,
        )
