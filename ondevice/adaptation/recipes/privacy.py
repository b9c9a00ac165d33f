"""How much a training may tell of any one pair that it learned from, and how much it told, in ε and δ.

Whoever sees the adapter, and knows all pairs but one, may bet on whether that one was learned. ε bounds how much
better than chance they can bet: the odds change by a factor of e^ε at most, but for a chance of δ.
Source: Abadi et al. 2016, arXiv:1607.00133 (DP-SGD).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from ondevice.adaptation.recipes.stored import Stored


@dataclass(frozen=True, kw_only=True, slots=True)
class Privacy(Stored):
    """The bound that a training has to keep.

    The unit is one pair: an item, or the items that say the same. Such a training draws pairs for each step by chance,
    cuts each pair's gradient down to ``clip``, and adds noise. It learns the matrices B alone, keeps those of the last
    step, and neither stops early nor takes the best epoch, because that would tell of the held-out pairs. Its chance
    comes from the system, so that no seed repeats it.

    Not covered: that there is a training, its settings, how many pairs and tokens there are, the losses in its report,
    and whatever chose items, recipe or this adapter by looking at the data. Several trainings on the same items add up.

    Args:
        epsilon: ε: 1 is strict, 8 is usual for language models, and more than 10 says little.
        delta: δ; it must be well below one in the number of pairs.
        clip: The largest norm that one pair's gradient may have, of its mean loss per token.
        pairs_per_step: So many pairs a step draws, on average.
    """

    epsilon: float = 8.0
    delta: float = 1e-5
    clip: float = 0.3
    pairs_per_step: int = 16

    def __post_init__(self) -> None:
        """Refuse numbers with which there is no bound, or no training."""
        for name in ("epsilon", "clip", "pairs_per_step"):
            value = getattr(self, name)
            if not (math.isfinite(value) and value > 0):
                raise ValueError(f"{name} must be more than 0, not {value}")
        if not 0 < self.delta < 1:
            raise ValueError(f"delta must be between 0 and 1, not {self.delta}")

    def rate(self, n_pairs: int) -> float:
        """Return how likely a step draws one of so many pairs."""
        return min(1.0, self.pairs_per_step / n_pairs)

    def steps_per_epoch(self, n_pairs: int) -> int:
        """Return in how many steps a pair is drawn once, on average."""
        return max(1, round(n_pairs / self.pairs_per_step))


@dataclass(frozen=True, kw_only=True, slots=True)
class PrivacySpent(Stored):
    """What a training gave away of any one pair, at most.

    Args:
        epsilon: ε, by the accountant, for the steps that were taken.
        delta: δ.
        noise: The noise's standard deviation, as a multiple of ``clip``.
        clip: The largest norm of one pair's gradient.
        rate: How likely a step drew a pair.
        n_steps: How many steps were taken.
    """

    epsilon: float
    delta: float
    noise: float
    clip: float
    rate: float
    n_steps: int
