"""The objectives of retrievers and selectors that learn from feedback, over padded batches.

Source: Salemi et al. 2024, arXiv:2404.05970 (ROPG-RL, ROPG-KD, RSPG). Deviations from the released code: padding is
masked there nowhere and here always, the temperature stands inside the softmax of the rewards, and the expectation over
the candidates is computed exactly unless sampling is asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Generator, Tensor


def distillation_loss(scores: Tensor, rewards: Tensor, mask: Tensor, *, temperature: float) -> Tensor:
    """Return the mean over requests of KL(p || q), p = softmax(rewards / temperature), q = softmax(scores).

    ROPG-KD where the choices are documents, RSPG where they are retrievers' candidates.

    Shapes: scores, rewards float[n, c], mask bool[n, c] → float[] (nats).

    Args:
        scores: What the model gives each choice.
        rewards: What each choice was worth.
        mask: False where a row has no such choice; every row needs one that is there.
        temperature: Above 0; small ones leave the best choices alone.

    Raises:
        ValueError: If the temperature is not above 0.
    """
    if not temperature > 0:
        raise ValueError(f"the temperature must be above 0, not {temperature:g}")
    wanted = masked_log_softmax(rewards / temperature, mask)
    found = masked_log_softmax(scores, mask)
    each = (wanted.exp() * (wanted - found)).masked_fill(~mask, 0.0)
    return each.sum(dim=1).mean()


def expected_gain_loss(scores: Tensor, rewards: Tensor, mask: Tensor) -> Tensor:
    """Return minus the mean expected reward beyond the first choice's: ROPG-RL without the noise of sampling.

    The first choice of each row is the initial retriever's, the paper's baseline. It shifts the loss and leaves its
    gradient as it is, because the expectation is exact.

    Shapes: scores, rewards float[n, c], mask bool[n, c] → float[].
    """
    policy = masked_log_softmax(scores, mask).exp().masked_fill(~mask, 0.0)
    return -(policy * (rewards - rewards[:, :1])).sum(dim=1).mean()


def reinforce_loss(scores: Tensor, rewards: Tensor, mask: Tensor, *, generator: Generator | None = None) -> Tensor:
    """Return minus (reward - baseline) * ln policy of one choice drawn for each row: ROPG-RL as in the paper.

    Its gradient is, in expectation, that of :func:`expected_gain_loss`.

    Shapes: scores, rewards float[n, c], mask bool[n, c] → float[].
    """
    log_policy = masked_log_softmax(scores, mask)
    drawn = log_policy.detach().exp().masked_fill(~mask, 0.0).multinomial(1, generator=generator)
    gain = (rewards - rewards[:, :1]).gather(1, drawn)
    return -(gain * log_policy.gather(1, drawn)).mean()


def masked_log_softmax(values: Tensor, mask: Tensor) -> Tensor:
    """Return ln softmax over the choices that are there; where the mask is false it means nothing.

    Shapes: float[n, c], bool[n, c] → float[n, c].
    """
    # The smallest finite number, not minus infinity, whose gradient is none.
    return values.masked_fill(~mask, -1e30).log_softmax(dim=1).masked_fill(~mask, -1e30)
